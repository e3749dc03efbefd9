-- Organisations $first to $last of the build: who they are, how big, and where they are.
-- A group lies within a block of forty; its head is the first of the block.
CREATE OR REPLACE TEMP TABLE o_base AS
SELECT k, 1001 + k AS id, type_of(k) AS type, weight_of(k) AS weight, since_of(k) AS since_share,
    CASE WHEN child(k) THEN k // 40 * 40 END AS parent_k,
    CASE WHEN k = 0 THEN 'NO' ELSE s.country END AS own_country, (k // 100) * c.share + s.position AS rank
FROM range($first, $last + 1) AS r(k)
JOIN country_slot AS s ON s.slot = (k * 37 + 11) % 100
JOIN country AS c ON c.code = s.country;

CREATE OR REPLACE TEMP MACRO trade_kind(type) AS CASE
    WHEN type IN ('Supplier', 'Partner') THEN 'supply' ELSE 'trade' END;

-- The brand: every pair of stem and trade of a country is used once before any repeats.
CREATE OR REPLACE TEMP TABLE o_brand AS
WITH placed AS (
    SELECT o.*, CASE WHEN o.parent_k IS NULL OR rnd('abroad', o.k) < 0.4 THEN o.own_country ELSE h.own_country
        END AS country,
        n.stems, n.trades, (o.rank * n.hop + $seed * 7919) % (n.stems * n.trades) AS place
    FROM o_base AS o JOIN naming AS n ON n.country = o.own_country LEFT JOIN o_base AS h ON h.k = o.parent_k
)
SELECT p.*, CASE WHEN k = 0 THEN 'Nordlys' ELSE st.text END AS stem,
    CASE WHEN k = 0 THEN 'Manufacturing' ELSE tr.industry END AS industry, tr.text AS trade,
    CASE WHEN k = 0 THEN 'Nordlys' ELSE st.text || ' ' || tr.text END AS brand
FROM placed AS p
JOIN naming AS m ON m.country = p.country
JOIN stem AS st ON st.key = hash(p.own_country, (place // p.trades)::INTEGER)
JOIN trade AS tr ON tr.key = hash(p.country, trade_kind(p.type),
    (place % CASE trade_kind(p.type) WHEN 'supply' THEN m.supplies ELSE m.trades END)::INTEGER);

CREATE OR REPLACE TEMP TABLE o_placed AS
SELECT o.*, c.name AS country_name, c.own, c.currency, c.rate, c.lang, c.dial, c.vat,
    c.forms[one_of('form', o.k, len(c.forms))] AS form, t.region, t.territory, t.area, t.town AS city,
    t.postcodes[one_of('postcode', o.k, len(t.postcodes))] AS postcode,
    CASE WHEN o.country = 'GB' THEN one_of('house', o.k, 140) || ' ' || s.a
        ELSE s.a || ' ' || one_of('house', o.k, 140) END AS street,
    h.stem AS head_stem, h.brand AS head_brand, h.country AS head_country, h.industry AS head_industry,
    CASE WHEN o.parent_k IS NULL THEN 'head' WHEN o.country <> h.country THEN 'abroad'
         WHEN rnd('branch', o.k) < 0.4 THEN 'branch' ELSE 'sister' END AS kinship
FROM o_brand AS o
JOIN country AS c ON c.code = o.country
JOIN town AS t ON t.key = hash(o.country, slot(CASE WHEN o.k = 0 THEN 0.84
    WHEN o.parent_k IS NULL THEN rnd('town', o.k) ELSE walk('town', o.parent_k, o.k % 40) END))
JOIN phrase AS s ON s.key = hash('street', o.country, slot(rnd('street', o.k)))
LEFT JOIN o_brand AS h ON h.k = o.parent_k;

CREATE OR REPLACE TEMP TABLE o_named AS
SELECT * REPLACE (CASE kinship WHEN 'branch' THEN head_industry ELSE industry END AS industry),
    CASE WHEN k = 0 THEN 'Nordlys AS' ELSE CASE kinship WHEN 'head' THEN brand
        WHEN 'abroad' THEN head_stem || ' ' || own
         WHEN 'branch' THEN head_brand ELSE head_stem || ' ' || trade END || ' ' || form END AS name,
    CASE kinship WHEN 'branch' THEN CASE lang WHEN 'da' THEN 'Afd. ' WHEN 'en' THEN '' ELSE 'Avd. ' END || city
         WHEN 'abroad' THEN city END AS division,
    ascii_of(CASE kinship WHEN 'head' THEN brand WHEN 'abroad' THEN head_stem || ' ' || own
             WHEN 'branch' THEN head_brand ELSE head_stem || ' ' || trade END) || '.example' AS domain,
    CASE WHEN since_share = 0 THEN start0()
         ELSE weekday(start0() + 3 + floor(since_share * (day0() - start0() - 45))::INTEGER) END AS since
FROM o_placed;

CREATE OR REPLACE TEMP TABLE t_organisation AS
SELECT d.*, since_share = 0 AS imported, weight * $organisations / $weight AS rel,
    CASE WHEN since_share = 0 THEN start0()::TIMESTAMP + INTERVAL 6 HOUR ELSE at_work(since, rnd('since.time', k))
        END AS created,
    CASE WHEN type = 'Former customer' THEN 0.45 + 0.3 * rnd('left', k) ELSE 1.0 END AS until_share,
    CASE WHEN rnd('sloppy', k) < 0.18 OR k = 0 THEN 2.8 ELSE 0.6 END AS sloppy,
    r1.user_id AS rep_id, CASE WHEN rnd('second', k) < 0.35 AND r2.user_id <> r1.user_id THEN r2.user_id
        END AS second_id,
    r3.user_id AS service_id, r4.user_id AS inside_id,
    CASE WHEN rnd('former', k) < 0.14 AND since < switch0() - 60 THEN rf.user_id END AS former_id,
    ca.first_bucket AS activity_lo, cq.first_bucket AS quotation_lo, cp.first_bucket AS past_lo
FROM o_named AS d
JOIN rep AS r1 ON r1.key = hash('sales', d.country, slot64(rnd('rep', k)))
JOIN rep AS r2 ON r2.key = hash('sales', d.country, slot64(rnd('rep2', k)))
JOIN rep AS r3 ON r3.key = hash('service', d.country, slot64(rnd('rep3', k)))
JOIN rep AS r4 ON r4.key = hash('inside', d.country, slot64(rnd('rep4', k)))
LEFT JOIN rep AS rf ON rf.key = hash('former', d.country, 0)
JOIN calendar AS ca ON ca.profile = 'activity' AND ca.day = since + 1
JOIN calendar AS cq ON cq.profile = 'quotation' AND cq.day = since + 1
JOIN calendar AS cp ON cp.profile = 'past' AND cp.day = since + 1
ORDER BY id;
