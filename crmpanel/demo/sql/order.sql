-- Orders: every won quotation has one, and some come without a quotation.
CREATE OR REPLACE TEMP TABLE t_order AS
WITH bought AS (
    SELECT d.g, d.organisation_id, d.lang, d.type, d.direct, d.person_id, d.responsible_id, d.currency, d.thing,
        d.the_thing,
        d.place, d.city, d.org, d.since, s.value, q.id AS quotation_id, coalesce(q.description, t.a) AS text,
            q.created AS quoted,
        CASE WHEN d.direct THEN d.day
             ELSE least(day0() - 1, d.day + floor(4 * pow(rnd('order.day', g), 2))::INTEGER) END AS day
    FROM d_deal AS d JOIN d_sum AS s USING (g)
    LEFT JOIN t_quotation AS q USING (g)
    JOIN phrase AS t ON t.key = hash('quotation.' || d.type, d.lang, slot(walk('direct.text', d.organisation_id, d.n)))
    WHERE d.direct OR d.outcome = 'Won'
), planned AS (
    SELECT *, greatest(day + 1, weekday(day + 3 + CASE type WHEN 'Spare parts' THEN floor(rnd('delivery', g) * 14)
        WHEN 'Service agreement' THEN floor(rnd('delivery', g) * 30)
        ELSE 18 + floor(rnd('delivery', g) * 75) END::INTEGER)) AS delivery_date
    FROM bought
), judged AS (
    SELECT *, CASE WHEN direct AND rnd('order.cancelled', g) < 0.03 THEN 'Cancelled'
        WHEN delivery_date < day0() - 30 AND rnd('order.late', g) < 0.997 THEN 'Completed'
        WHEN delivery_date < day0() AND rnd('order.late', g) < 0.85 THEN 'Completed'
        WHEN delivery_date < day0() + 10 THEN 'OnGoing' WHEN day > day0() - 6 THEN 'New'
        WHEN rnd('order.state', g) < 0.7 THEN 'Planned' ELSE 'OnGoing' END AS status
    FROM planned
)
SELECT row_number() OVER (ORDER BY organisation_id, day, g) + $order AS id, *,
    fill_things(fill_facts(text, lang, g, day), thing, the_thing, place, city, org) AS description,
    CASE WHEN status = 'Completed'
         THEN greatest(day, weekday(delivery_date - floor(3 * rnd('shipped', g))::INTEGER)) END AS shipped_date,
    greatest(coalesce(quoted, since) + INTERVAL 30 MINUTE, at_work(day, rnd('order.time', g))) AS created
FROM judged ORDER BY 1;

INSERT INTO "order" BY NAME
SELECT o.id, organisation_id, description, o.status, day AS date, delivery_date, shipped_date, responsible_id,
    person_id,
    quotation_id, value, o.currency, o.created,
    'O' || strftime(o.created, '%y%m') || '-' || lpad(((o.id * 6971) % 1000000)::VARCHAR, 6, '0') AS number,
    CASE WHEN rnd('freight', o.g) < 0.5
         THEN round(900 * h.rate * (0.3 + 4 * rnd('freight2', o.g)))::DECIMAL(18, 2) END AS freight,
    CASE WHEN rnd('risk', o.g) < 0.8 THEN 'Low' WHEN rnd('risk', o.g) < 0.95 THEN 'Medium' ELSE 'High' END AS risk,
    h.street || ', ' || h.postcode || ' ' || h.city AS delivery_address
FROM t_order AS o JOIN t_organisation AS h ON h.id = o.organisation_id;

-- Lines: those of a won quotation are the lines of its order too.
CREATE OR REPLACE TEMP TABLE t_line AS
SELECT row_number() OVER (ORDER BY l.organisation_id, coalesce(q.day, o.day), l.g, pos) + $quotation_line AS id,
    l.*, q.id AS quotation_id, o.id AS order_id, coalesce(q.day, o.day) AS day,
        coalesce(q.created, o.created) AS created,
    coalesce(q.responsible_id, o.responsible_id) AS responsible_id,
    CASE WHEN o.status = 'Completed' THEN 'Delivered' WHEN o.status = 'Cancelled' THEN NULL
         WHEN o.id IS NOT NULL THEN (['Ordered', 'Ordered', 'Ordered', 'In stock', 'Back order'])[one_of('stock',
             lk, 5)]
         WHEN part IN ('service', 'agreement') THEN NULL
         WHEN rnd('stock', lk) < 0.55 THEN 'In stock' ELSE 'To order' END AS stock_status
FROM d_line AS l LEFT JOIN t_quotation AS q USING (g) LEFT JOIN t_order AS o USING (g)
ORDER BY 1;

INSERT INTO quotation_line BY NAME
SELECT id, organisation_id, quotation_id, order_id, day AS date, responsible_id, number AS item_number, name, quantity,
    list_price, price, cost_price, discount, vat, line_total, currency, stock_status, 10 * (pos + 1) AS sort_order,
        created
FROM t_line;
