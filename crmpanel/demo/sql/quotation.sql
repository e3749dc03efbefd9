-- Deals: a quotation, or an order that came without one (direct). Each has one main article.
CREATE OR REPLACE TEMP TABLE d_raw AS
SELECT o.id AS organisation_id, n, key_of(o.id, n) AS g, o.type AS org_type, o.country, o.lang, o.currency, o.rate, o.vat,
    o.created AS since, o.rep_id, o.second_id, o.inside_id, o.former_id, p.* EXCLUDE (organisation_id), o.city, affinity_of(o.id, n) AS family,
    quotation_lo + floor(rnd('deal.day', key_of(o.id, n)) * (65536 * until_share - quotation_lo * until_share))::INTEGER AS bucket,
    CASE WHEN o.type = 'Prospect' THEN false ELSE rnd('direct', key_of(o.id, n)) < 0.2 END AS direct,
    rnd('deal.kind', key_of(o.id, n)) AS rk, rnd('outcome', key_of(o.id, n)) AS ro
FROM t_organisation AS o JOIN o_person AS p ON p.organisation_id = o.id,
    unnest(range(CASE WHEN o.type = 'Supplier' THEN 0
        ELSE least(3000, count_of(10.6 * pow(o.rel, 0.88) + CASE o.type WHEN 'Prospect' THEN 0.5 ELSE 0.8 END, 'deals', o.id)) END)) AS u(n);

CREATE OR REPLACE TEMP TABLE d_deal AS
WITH dated AS (
    SELECT d.*, greatest(weekday(c.day), since::DATE) AS day,
        CASE WHEN rk < 0.42 THEN 'New equipment' WHEN rk < 0.68 THEN 'Spare parts'
             WHEN rk < 0.84 THEN 'Service agreement' ELSE 'Upgrade' END AS type
    FROM d_raw AS d JOIN day_of AS c ON c.profile = 'quotation' AND c.bucket = least(65535, d.bucket)
), judged AS (
    SELECT *,
        CASE WHEN day >= day0() OR (day > day0() - 45 AND ro < 0.22) OR (day > day0() - 200 AND ro < 0.02) THEN 'open'
             WHEN ro > 0.95 THEN 'Cancelled' WHEN org_type = 'Prospect' THEN 'Lost'
             WHEN ro < 0.56 THEN 'Won' ELSE 'Lost' END AS outcome,
        least(at_work(weekday(day - 4 - floor(rnd('lag', g) * rnd('lag2', g) * 130)::INTEGER), rnd('deal.time', g)),
              at_work(weekday(day0() - 2 - floor(rnd('fresh', g) * 25)::INTEGER), rnd('deal.time', g))) AS made
    FROM dated WHERE NOT (direct AND day >= day0())
)
SELECT j.*, i.thing, i.the_thing, i.number AS article, i.name AS article_name,
    greatest(made, since + INTERVAL 1 HOUR) AS created,
    contact_of(person0, persons, early, since, greatest(made, since), rnd('deal.person', g)) AS person_id,
    CASE WHEN day < switch0() AND former_id IS NOT NULL AND rnd('deal.rep', g) < 0.8 THEN former_id
         WHEN rnd('deal.rep', g) < 0.78 THEN rep_id WHEN rnd('deal.rep', g) < 0.88 THEN coalesce(second_id, rep_id)
         ELSE inside_id END AS responsible_id,
    pl.a AS place
FROM judged AS j
JOIN item AS i ON i.key = hash(j.lang, j.family, 'main', slot256(walk('article', organisation_id, n)))
JOIN phrase AS pl ON pl.key = hash('place', j.lang, slot(rnd('deal.place', g)));

-- Lines of the deals, still without prices rounded to the currency.
CREATE OR REPLACE TEMP TABLE d_line AS
WITH counted AS (
    SELECT *, CASE type WHEN 'New equipment' THEN 2 + floor(5.6 * rnd('lines', g) * rnd('lines2', g) + rnd('lines', g) * 2)
              WHEN 'Spare parts' THEN 1 + floor(5 * rnd('lines', g))
              WHEN 'Service agreement' THEN 1 + floor(2.2 * rnd('lines', g))
              ELSE 2 + floor(4.5 * rnd('lines', g)) END::INTEGER AS lines
    FROM d_deal
), placed AS (
    SELECT g, organisation_id, lang, family, article, article_name, day, currency, rate, vat, lines, pos, g * 16 + pos AS lk, type,
        CASE WHEN type = 'New equipment' AND pos = 0 THEN 'own'
             WHEN type = 'Service agreement' THEN CASE pos WHEN 0 THEN 'agreement' WHEN 1 THEN 'agreement' ELSE 'service' END
             WHEN type = 'Spare parts' THEN 'extra'
             WHEN pos = lines - 1 OR (pos = lines - 2 AND lines > 4) THEN 'service'
             ELSE 'extra' END AS part
    FROM counted, unnest(range(lines)) AS u(pos)
), priced AS (
    SELECT p.*, coalesce(m.number, i.number) AS number, coalesce(m.name, i.name) AS name,
        coalesce(m.price, i.price) AS price0, coalesce(m.cost, i.cost) AS cost0, coalesce(i.hours, false) AS hours,
        CASE WHEN rnd('discounted', g) < 0.4 THEN 0.0
             ELSE ([0, 5, 5, 8, 10, 10, 12.5, 15, 20, 25]::DOUBLE[])[1 + floor(rnd('discount', lk // 4) * 10)::INTEGER] END AS discount
    FROM placed AS p
    LEFT JOIN (SELECT DISTINCT lang, number, name, price, cost FROM item WHERE kind = 'main') AS m
        ON p.part = 'own' AND m.lang = p.lang AND m.number = p.article AND m.name = p.article_name
    LEFT JOIN item AS i ON p.part <> 'own' AND i.key = hash(p.lang, p.family, p.part, slot256(walk('line', g, pos)))
), counted_out AS (
    SELECT *,
        CASE WHEN hours THEN 2 + floor(rnd('quantity', lk) * 60) / 2.0
             WHEN part = 'own' THEN CASE WHEN rnd('quantity', lk) < 0.78 THEN 1 ELSE 2 + floor(rnd('quantity2', lk) * 3) END
             WHEN part = 'extra' THEN 1 + floor(pow(rnd('quantity', lk), 2.4) * 12) ELSE 1 END::DOUBLE AS quantity,
        round(price0 * rate * (1 + 0.035 * (day - start0()) / 365.0))::DECIMAL(18, 2) AS list_price
    FROM priced
), costed AS (
    SELECT *, round(list_price * (1 - discount / 100), 2)::DECIMAL(18, 2) AS price,
        round(list_price * cost0 * (0.95 + 0.1 * rnd('cost', lk)), 1)::DECIMAL(18, 2) AS cost_price
    FROM counted_out
)
SELECT g, organisation_id, pos, lk, part, number, name, quantity, list_price, price, cost_price, discount, vat, currency,
    round(quantity::DECIMAL(12, 2) * price, 2)::DECIMAL(18, 2) AS line_total,
    (quantity::DECIMAL(12, 2) * cost_price)::DECIMAL(18, 2) AS line_cost
FROM costed;

CREATE OR REPLACE TEMP TABLE d_sum AS
SELECT g, sum(line_total)::DECIMAL(18, 2) AS value, sum(line_total - line_cost)::DECIMAL(18, 2) AS gross_margin,
    round(100 * (1 - sum(line_total) / sum(quantity * list_price)), 1)::DOUBLE AS discount
FROM d_line GROUP BY g;

CREATE OR REPLACE TEMP TABLE t_quotation AS
WITH worded AS (
    SELECT d.*, s.value, s.gross_margin, s.discount,
        fill_things(fill_facts(t.a, d.lang, d.g), d.thing, d.the_thing, d.place, d.city) AS description,
        nt.a AS note, p.first_name,
        CASE WHEN outcome <> 'open' THEN outcome WHEN rnd('level', d.g) < 0.25 THEN 'A - Hot'
             WHEN rnd('level', d.g) < 0.65 THEN 'B - Warm' ELSE 'C - Cold' END AS level
    FROM d_deal AS d JOIN d_sum AS s USING (g) JOIN t_person AS p ON p.id = d.person_id
    JOIN phrase AS t ON t.key = hash('quotation.' || d.type, d.lang, slot(walk('deal.text', d.organisation_id, d.n)))
    JOIN phrase AS nt ON nt.key = hash('quotation.notes', d.lang, slot(walk('deal.note', d.organisation_id * 3, d.n)))
    WHERE NOT d.direct
), numbered AS (
    SELECT *, row_number() OVER (ORDER BY organisation_id, day, g) + $quotation AS id FROM worded
)
SELECT *, 'Q' || strftime(created, '%y%m') || '-' || lpad(((id * 7919) % 1000000)::VARCHAR, 6, '0') AS number,
    CASE level WHEN 'Won' THEN 100 WHEN 'A - Hot' THEN 70 + 10 * floor(3 * rnd('probability', g))
        WHEN 'B - Warm' THEN 40 + 10 * floor(3 * rnd('probability', g))
        WHEN 'C - Cold' THEN 10 + 10 * floor(3 * rnd('probability', g)) ELSE 0 END::DOUBLE AS probability,
    CASE WHEN outcome = 'open' THEN weekday(day0() - 8 + floor(rnd('follow', g) * 40)::INTEGER) END AS next_follow_up,
    CASE WHEN outcome = 'Lost' THEN day END AS lost_date,
    CASE WHEN outcome = 'Lost' THEN (['Price', 'Price', 'Competitor', 'Competitor', 'Postponed', 'No budget', 'Delivery time',
        'Technical solution', 'No decision'])[1 + floor(9 * rnd('lost', g))::INTEGER] END AS lost_reason
FROM numbered ORDER BY id;

INSERT INTO quotation BY NAME
SELECT id, organisation_id, number, description, level, type, day AS date, next_follow_up, responsible_id, person_id,
    value, gross_margin, currency, probability, discount, capital(thing) AS product, lost_date, lost_reason, created,
    CASE WHEN rnd('deal.second', g) < 0.2 AND second_id <> responsible_id THEN second_id END AS responsible2_id,
    CASE WHEN rnd('deal.noted', g) < 0.6
         THEN fill_names(fill_things(fill_facts(note, lang, g + 1), thing, the_thing, place, city), first_name, '', '', '', '', number, description)
         END AS note,
    CASE WHEN outcome = 'Won' THEN 'SO' || lpad((id + 40000)::VARCHAR, 7, '0') END AS erp_id,
    CASE WHEN outcome = 'Won' THEN CASE WHEN day > day0() - 40 THEN 'Released' ELSE 'Invoiced' END END AS erp_status
FROM t_quotation ORDER BY id;
