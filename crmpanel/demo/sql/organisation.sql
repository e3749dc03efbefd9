-- Organisations $first to $last of the build: who they are, how big, and where they are.
CREATE OR REPLACE TEMP TABLE o_base AS
SELECT k, 1001 + k AS id, k // 40 * 40 AS head, type_of(k) AS type, weight_of(k) AS weight,
    CASE WHEN k > 0 AND k % 40 > 0 AND rnd('child', k) < 0.11 AND (k < 40 OR rnd('group', k // 40) < 0.7)
         THEN k // 40 * 40 END AS parent_k,
    CASE WHEN k = 0 THEN 'NO' ELSE s.country END AS own_country,
    (k // 100) * c.share + s.position AS rank
FROM range($first, $last + 1) AS r(k)
JOIN country_slot AS s ON s.slot = (k * 37 + 11) % 100
JOIN country AS c ON c.code = s.country;

CREATE OR REPLACE TEMP TABLE o_name AS
SELECT o.*, CASE WHEN parent_k IS NULL OR rnd('abroad', k) < 0.4 THEN own_country
                 WHEN parent_k = 0 THEN 'NO' ELSE h.country END AS country
FROM o_base AS o LEFT JOIN (SELECT k AS head_k, own_country AS country FROM o_base) AS h ON h.head_k = o.parent_k;

-- The brand: every pair of stem and trade of a country is used once before any repeats.
CREATE OR REPLACE TEMP TABLE o_brand AS
SELECT o.*, CASE WHEN k = 0 THEN 'Nordlys' ELSE st.text END AS stem,
    CASE WHEN k = 0 THEN 'Manufacturing' ELSE tr.industry END AS industry, tr.text AS trade,
    CASE WHEN k = 0 THEN 'Nordlys' ELSE st.text || ' ' || tr.text END AS brand
FROM o_name AS o
JOIN naming AS n ON n.country = o.own_country
JOIN stem AS st ON st.key = hash(o.own_country, (((rank * 48271 + $seed * 7) // n.trades) % n.stems)::INTEGER)
JOIN trade AS tr ON tr.key = hash(o.own_country, ((rank * 48271 + $seed * 7) % n.trades)::INTEGER);

CREATE OR REPLACE TEMP TABLE t_organisation AS
WITH placed AS (
    SELECT o.*, c.name AS country_name, c.own, c.currency, c.rate, c.lang, c.dial, c.vat,
        c.forms[1 + floor(rnd('form', k) * len(c.forms))::INTEGER] AS form,
        h.head_stem, h.head_brand, h.head_country,
        t.region, t.territory, t.area, t.postcodes[1 + floor(rnd('postcode', k) * len(t.postcodes))::INTEGER] AS postcode,
        CASE WHEN k = 0 THEN 'Trondheim' ELSE t.town END AS city,
        CASE WHEN o.country = 'GB' THEN (1 + floor(140 * rnd('house', k)))::INTEGER || ' ' || s.a
             ELSE s.a || ' ' || (1 + floor(140 * rnd('house', k)))::INTEGER END AS street,
        least(1, greatest(0, ln(weight + 1) / 6)) AS standing
    FROM o_brand AS o
    JOIN country AS c ON c.code = o.country
    JOIN town AS t ON t.key = hash(o.country, CASE WHEN k = 0 THEN slot(0.84) ELSE slot(rnd('town', k)) END)
    JOIN phrase AS s ON s.key = hash('street', o.country, slot(rnd('street', k)))
    LEFT JOIN (SELECT k AS head_k, stem AS head_stem, brand AS head_brand, country AS head_country FROM o_brand) AS h ON h.head_k = o.parent_k
), named AS (
    SELECT p.*,
        CASE WHEN k = 0 THEN 'Nordlys AS'
             WHEN parent_k IS NULL THEN brand || ' ' || form
             WHEN country <> head_country THEN head_stem || ' ' || own || ' ' || form
             WHEN rnd('branch', k) < 0.5 THEN head_brand || ' ' || form
             ELSE head_stem || ' ' || trade || ' ' || form END AS name,
        CASE WHEN parent_k IS NULL THEN NULL
             ELSE CASE lang WHEN 'da' THEN 'Afd. ' WHEN 'en' THEN '' ELSE 'Avd. ' END || city
                  || CASE WHEN k % 3 = 0 THEN ' ' || CASE WHEN k % 2 = 0 THEN 'Nord' ELSE 'Service' END ELSE '' END
        END AS division,
        ascii_of(coalesce(head_stem, '') || CASE WHEN parent_k IS NULL THEN brand
            WHEN country <> head_country THEN ' ' || own ELSE ' ' || trade END) || '.example' AS domain
    FROM placed AS p
), dated AS (
    SELECT n.*,
        CASE WHEN k = 0 OR rnd('imported', k) < 0.25 + 0.45 * standing THEN start0()
             ELSE start0() + floor(pow(rnd('since', k), 0.8) * (day0() - start0() - 45))::INTEGER END AS since
    FROM named AS n
)
SELECT d.*, since = start0() AS imported,
    CASE WHEN since = start0() THEN start0()::TIMESTAMP + INTERVAL 6 HOUR
         ELSE at_work(weekday(since), rnd('since.time', k)) END AS created,
    weight * $organisations / $weight AS rel,
    least(1.0, CASE WHEN type = 'Former customer' THEN 0.45 + 0.3 * rnd('left', k) ELSE 1 END) AS until_share,
    CASE WHEN rnd('sloppy', k) < 0.18 OR k = 0 THEN 3.2 ELSE 0.55 END AS sloppy,
    r1.user_id AS rep_id,
    CASE WHEN rnd('second', k) < 0.35 AND r2.user_id <> r1.user_id THEN r2.user_id END AS second_id,
    r3.user_id AS service_id, r4.user_id AS inside_id,
    CASE WHEN d.country = 'NO' AND rnd('former', k) < 0.14 AND since < switch0() - 60 THEN rf.user_id END AS former_id,
    ca.first_bucket AS activity_lo, cq.first_bucket AS quotation_lo, cp.first_bucket AS past_lo
FROM dated AS d
JOIN rep AS r1 ON r1.key = hash('sales', d.country, slot64(rnd('rep', k)))
JOIN rep AS r2 ON r2.key = hash('sales', d.country, slot64(rnd('rep2', k)))
JOIN rep AS r3 ON r3.key = hash('service', d.country, slot64(rnd('rep3', k)))
JOIN rep AS r4 ON r4.key = hash('inside', d.country, slot64(rnd('rep4', k)))
LEFT JOIN rep AS rf ON rf.key = hash('former', d.country, 0)
JOIN calendar AS ca ON ca.profile = 'activity' AND ca.day = since + 1
JOIN calendar AS cq ON cq.profile = 'quotation' AND cq.day = since + 1
JOIN calendar AS cp ON cp.profile = 'past' AND cp.day = since + 1
ORDER BY id;
