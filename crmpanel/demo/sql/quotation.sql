-- Deals: a quotation, or an order that came without one (direct). Each has one main article.
CREATE OR REPLACE TEMP TABLE d_raw AS
WITH counted AS (
    SELECT *, CASE WHEN org_type = 'Supplier' THEN 0
        ELSE least(3000, count_of(CASE org_type WHEN 'Prospect' THEN 6 ELSE 13.4 END * pow(rel, 0.88), 'deals',
            organisation_id)) END AS total FROM o_brief
)
SELECT *, key_of(organisation_id, n) AS g, affinity_of(organisation_id, n) AS family,
    bucket_of(quotation_lo, until_share, n, total, rnd('deal.day', key_of(organisation_id, n))) AS bucket,
    org_type <> 'Prospect' AND rnd('direct', key_of(organisation_id, n)) < 0.2 AS direct
FROM counted, unnest(range(total)) AS u(n);

CREATE OR REPLACE TEMP TABLE d_deal AS
WITH dated AS (
    SELECT d.*, greatest(weekday(c.day), since::DATE) AS day, rnd('outcome', g) AS luck,
        CASE WHEN rnd('deal.kind', g) < CASE org_type WHEN 'Prospect' THEN 0.84 ELSE 0.42 END THEN 'New equipment'
             WHEN org_type = 'Prospect' THEN 'Upgrade'
             WHEN rnd('deal.kind', g) < 0.68 THEN 'Spare parts'
             WHEN rnd('deal.kind', g) < 0.84 THEN 'Service agreement' ELSE 'Upgrade' END AS type
    FROM d_raw AS d JOIN day_of AS c ON c.profile = 'quotation' AND c.bucket = d.bucket
), judged AS (
    SELECT *,
        CASE WHEN day >= day0() OR (day > day0() - 45 AND luck < 0.22) OR (day > day0() - 200 AND luck < 0.02)
            THEN 'open'
             WHEN luck > 0.95 THEN 'Cancelled' WHEN org_type = 'Prospect' THEN 'Lost' WHEN luck < 0.56 THEN 'Won'
             ELSE 'Lost' END AS outcome,
        least(weekday(day - 4 - floor(rnd('lag', g) * rnd('lag2', g) * 130)::INTEGER),
              weekday(day0() - 2 - floor(rnd('fresh', g) * 25)::INTEGER)) AS made
    FROM dated WHERE NOT (direct AND day >= day0())
)
SELECT j.*, i.thing, i.the_thing, i.number AS article, i.name AS article_name, pl.a AS place,
    -- Seconds keep two quotations of one organisation apart.
    greatest(at_work(made, rnd('deal.time', g)), since + INTERVAL 1 HOUR) + to_seconds(n % 300) AS created,
    contact_of(person0, persons, early, since, greatest(made, since::DATE), rnd('deal.person', g)) AS person_id,
    CASE WHEN day < switch0() AND former_id IS NOT NULL AND rnd('deal.rep', g) < 0.8 THEN former_id
         WHEN rnd('deal.rep', g) < 0.78 THEN rep_id WHEN rnd('deal.rep', g) < 0.88 THEN coalesce(second_id, rep_id)
         ELSE inside_id END AS responsible_id
FROM judged AS j
JOIN item AS i ON i.key = hash(j.lang, j.family, 'main', slot256(walk('article', organisation_id, n)))
JOIN phrase AS pl ON pl.key = hash('place', j.lang, slot(walk('deal.place', organisation_id * 7, n * 3)));

-- Their lines. The kind of deal says what stands at each position.
CREATE OR REPLACE TEMP TABLE d_line AS
WITH counted AS (
    SELECT *, CASE type WHEN 'New equipment' THEN 2 + floor(5.6 * rnd('lines', g) * rnd('lines2', g) + rnd('lines',
        g) * 2)
              WHEN 'Spare parts' THEN 1 + floor(5 * rnd('lines', g))
              WHEN 'Service agreement' THEN 1 + floor(2.2 * rnd('lines', g))
              ELSE 2 + floor(4.5 * rnd('lines', g)) END::INTEGER AS lines
    FROM d_deal
), placed AS (
    SELECT g, organisation_id, lang, family, article, article_name, day, currency, rate, vat, pos, g * 16 + pos AS lk,
        CASE WHEN type = 'New equipment' AND pos = 0 THEN 'own'
             WHEN type = 'Service agreement' THEN CASE WHEN pos < 2 THEN 'agreement' ELSE 'service' END
             WHEN type = 'Spare parts' THEN 'extra'
             WHEN pos = lines - 1 OR (pos = lines - 2 AND lines > 4) THEN 'service' ELSE 'extra' END AS part
    FROM counted, unnest(range(lines)) AS u(pos)
), named AS (
    SELECT p.*, coalesce(m.number, i.number) AS number, coalesce(m.name, i.name) AS name,
        coalesce(m.price, i.price) AS price0, coalesce(m.cost, i.cost) AS cost0, coalesce(i.hours, false) AS hours,
        CASE WHEN rnd('discounted', g) < 0.4 THEN 0.0
             ELSE ([0, 5, 5, 8, 10, 10, 12.5, 15, 20, 25]::DOUBLE[])[one_of('discount', lk // 4, 10)] END AS discount
    FROM placed AS p
    LEFT JOIN main_item AS m ON p.part = 'own' AND m.key = hash(p.lang, p.article_name)
    LEFT JOIN item AS i ON p.part <> 'own' AND i.key = hash(p.lang, p.family, p.part, slot256(walk('line', g, pos)))
), counted_out AS (
    SELECT *,
        CASE WHEN hours THEN 2 + floor(rnd('quantity', lk) * 60) / 2.0
             WHEN part = 'own' THEN CASE WHEN rnd('quantity', lk) < 0.78 THEN 1 ELSE 1 + one_of('quantity2', lk, 3) END
             WHEN part = 'extra' THEN 1 + floor(pow(rnd('quantity', lk), 2.4) * 12) ELSE 1 END::DOUBLE AS quantity,
        round(price0 * rate * (1 + 0.035 * (day - start0()) / 365.0))::DECIMAL(18, 2) AS list_price
    FROM named
), costed AS (
    SELECT *, round(list_price * (1 - discount / 100), 2)::DECIMAL(18, 2) AS price,
        round(list_price * cost0 * (0.95 + 0.1 * rnd('cost', lk)), 1)::DECIMAL(18, 2) AS cost_price
    FROM counted_out
)
SELECT g, organisation_id, pos, lk, part, number, name, quantity, list_price, price, cost_price, discount, vat,
    currency,
    round(quantity::DECIMAL(12, 2) * price, 2)::DECIMAL(18, 2) AS line_total,
    (quantity::DECIMAL(12, 2) * cost_price)::DECIMAL(18, 2) AS line_cost
FROM costed;

CREATE OR REPLACE TEMP TABLE d_sum AS
SELECT g, sum(line_total)::DECIMAL(18, 2) AS value, sum(line_total - line_cost)::DECIMAL(18, 2) AS gross_margin,
    round(100 * (1 - sum(line_total) / sum(quantity::DECIMAL(12, 2) * list_price)), 1)::DOUBLE AS discount
FROM d_line GROUP BY g;

CREATE OR REPLACE TEMP TABLE t_quotation AS
WITH worded AS (
    SELECT d.*, s.value, s.gross_margin, s.discount, nt.a AS note, p.first_name,
        fill_things(fill_facts(t.a, d.lang, d.g, d.created), d.thing, d.the_thing, d.place, d.city, org) AS description,
        CASE WHEN outcome <> 'open' THEN outcome WHEN rnd('level', d.g) < 0.25 THEN 'A - Hot'
             WHEN rnd('level', d.g) < 0.65 THEN 'B - Warm' ELSE 'C - Cold' END AS level
    FROM d_deal AS d JOIN d_sum AS s USING (g) JOIN t_person AS p ON p.id = d.person_id
    JOIN phrase AS t ON t.key = hash('quotation.' || d.type, d.lang, slot(walk('deal.text', d.organisation_id, d.n)))
    JOIN phrase AS nt ON nt.key = hash(CASE org_type WHEN 'Prospect' THEN 'quotation.notes'
        ELSE 'quotation.notes_known' END, d.lang, slot(walk('deal.note', d.organisation_id * 3, d.n)))
    WHERE NOT d.direct
), numbered AS (
    SELECT *, row_number() OVER (ORDER BY organisation_id, day, g) + $quotation AS id FROM worded
)
SELECT *, 'Q' || strftime(created, '%y%m') || '-' || lpad(((id * 7919) % 1000000)::VARCHAR, 6, '0') AS number,
    CASE level WHEN 'Won' THEN 100 WHEN 'A - Hot' THEN 60 + 10 * one_of('probability', g, 3)
        WHEN 'B - Warm' THEN 30 + 10 * one_of('probability', g, 3)
        WHEN 'C - Cold' THEN 10 * one_of('probability', g, 3) ELSE 0 END::DOUBLE AS probability,
    CASE WHEN outcome = 'open' THEN weekday(day0() - 8 + floor(rnd('follow', g) * 40)::INTEGER) END AS next_follow_up,
    CASE WHEN outcome = 'Lost' THEN day END AS lost_date,
    CASE WHEN outcome = 'Lost' THEN (['Price', 'Price', 'Competitor', 'Competitor', 'Postponed', 'No budget',
        'Delivery time',
        'Technical solution', 'No decision'])[one_of('lost', g, 9)] END AS lost_reason
FROM numbered ORDER BY id;

INSERT INTO quotation BY NAME
SELECT id, organisation_id, number, description, level, type, day AS date, next_follow_up, responsible_id, person_id,
    value, gross_margin, currency, probability, discount, capital(thing) AS product, lost_date, lost_reason, created,
    CASE WHEN rnd('deal.second', g) < 0.2 AND second_id <> responsible_id THEN second_id END AS responsible2_id,
    CASE WHEN rnd('deal.noted', g) < 0.6
         THEN fill_names(fill_things(fill_facts(note, lang, g + 1, created), thing, the_thing, place, city, org),
                         first_name, '', '', '', '', number, description) END AS note,
    CASE WHEN outcome = 'Won' THEN 'SO' || lpad((id + 40000)::VARCHAR, 7, '0') END AS erp_id,
    CASE WHEN outcome = 'Won' THEN CASE WHEN day > day0() - 40 THEN 'Released' ELSE 'Invoiced' END END AS erp_status
FROM t_quotation;
