-- Products held: the equipment and agreements of delivered orders.
CREATE OR REPLACE TEMP TABLE t_product AS
SELECT row_number() OVER (ORDER BY l.organisation_id, o.shipped_date, l.lk) + $product AS id, l.organisation_id,
    l.lk AS g,
    l.number, l.name, l.quantity, l.price, l.currency, o.shipped_date AS purchased, o.responsible_id, o.person_id,
    d.thing, d.the_thing, d.place, greatest(o.created, at_work(o.shipped_date, rnd('product.time', l.lk))) AS created,
    CASE l.part WHEN 'agreement' THEN 'Agreement' WHEN 'own' THEN 'Equipment' ELSE 'Spare part' END AS type,
    CASE WHEN l.part = 'own' AND l.quantity = 1
         THEN l.number || '-' || strftime(o.shipped_date, '%y%m') || '-' || digits('serial', l.lk, 4) END AS serial,
    CASE WHEN l.part = 'agreement' THEN CASE WHEN o.shipped_date < day0() - 760 THEN 'Expired' ELSE 'Active' END
         WHEN o.shipped_date < day0() - 1400 AND rnd('retired', l.lk) < 0.3 THEN 'Replaced'
         WHEN rnd('retired', l.lk) < 0.04 THEN 'Scrapped'
         WHEN o.shipped_date > day0() - 21 THEN 'Being installed' ELSE 'In operation' END AS stock_status
FROM t_line AS l JOIN t_order AS o USING (g) JOIN d_deal AS d USING (g)
WHERE o.status = 'Completed' AND o.shipped_date < day0()
  AND (l.part IN ('own', 'agreement') OR (d.type = 'Upgrade' AND l.part = 'extra' AND l.list_price > 1500 * d.rate))
ORDER BY 1;

INSERT INTO product BY NAME
SELECT id, organisation_id, name, number, serial, type, quantity, price, currency, year(purchased) AS year, purchased,
    stock_status, responsible_id, person_id, created
FROM t_product;

CREATE OR REPLACE TEMP TABLE o_product AS
SELECT organisation_id, min(id) AS product0, count(*) AS products FROM t_product GROUP BY organisation_id;
