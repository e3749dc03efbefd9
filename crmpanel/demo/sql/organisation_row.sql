-- The rows of the organisations, once it is known what happened to them.
CREATE OR REPLACE TEMP TABLE o_noted AS
WITH last AS (
    SELECT organisation_id, max(date) AS last_activity FROM t_activity WHERE date < day0() GROUP BY organisation_id
)
SELECT o.*, l.last_activity, b.boss, al.a AS alert0, co.a AS comment0, v.vat_number,
    1 + floor(6 * exp(0.75 * ln(weight + 1) + 0.8 * normal('staff', o.k)))::BIGINT AS employees,
    type IN ('Customer', 'Former customer') AS bought
FROM t_organisation AS o LEFT JOIN last AS l ON l.organisation_id = o.id JOIN o_person AS b ON b.organisation_id = o.id
JOIN o_vat AS v ON v.k = o.k
JOIN phrase AS al ON al.key = hash('organisation.alerts', o.lang, slot(rnd('alert', o.k)))
JOIN phrase AS co ON co.key = hash('organisation.comments', o.lang, slot(rnd('comment', o.k)));

CREATE OR REPLACE TEMP TABLE o_row AS
SELECT *, 1001 + parent_k AS parent_id, phone_of(country, dial, area, 'phone', k) AS phone,
    CASE WHEN type = 'Former customer' OR (rnd('status', k) < 0.04 AND k > 0) THEN 'Dormant'
         WHEN rnd('status', k) > 0.985 THEN 'Closed' ELSE 'Active' END AS status,
    CASE WHEN k = 0 OR (rnd('alerted', k) < 0.05 AND bought)
         THEN fill_names(fill_things(fill_facts(alert0, lang, k, day0()), '', '', '', city, stem), boss, '', '', '',
             '', '', '') END AS alert,
    CASE WHEN k = 0 OR rnd('commented', k) < 0.3
         THEN fill_names(fill_things(fill_facts(comment0, lang, k, day0()), '', '', '', city, stem), boss, '', '',
             '', '', '', '') END AS comment,
    CASE WHEN bought THEN (100000 + k * 3)::VARCHAR END AS erp_id,
    CASE WHEN bought THEN (round(greatest(20000, 12000 * weight) / 5000) * CASE
        WHEN rate > 0.5 THEN 5000 ELSE 500 END)::DECIMAL(18, 2) END AS erp_credit_limit,
    CASE WHEN bought THEN (['30 days net', '30 days net', '14 days net', '45 days net', '30 days net', 'Prepayment',
        '60 days net'])
         [one_of('terms', k, 7)] END AS erp_payment_terms,
    (round(employees * 1.7 * rate * (0.5 + rnd('revenue', k)) * 10) * 100000)::DECIMAL(18, 2) AS revenue
FROM o_noted ORDER BY id;

INSERT INTO organisation BY NAME
SELECT id, name, division, type, status, industry, territory, rep_id AS responsible_id,
    second_id AS responsible2_id, parent_id, alert, comment,
    street AS address, postcode, city, region AS state, country_name AS country, phone, domain, vat_number,
        employees, revenue, currency,
    erp_id, erp_credit_limit, erp_payment_terms, last_activity, created,
    CASE WHEN rnd('box', k) < 0.15 THEN CASE country WHEN 'GB' THEN 'Unit ' || (1 + k % 30)
        WHEN 'DE' THEN 'Gebäude ' || (1 + k % 9)
        WHEN 'FI' THEN 'PL ' || (10 + k % 900) WHEN 'SE' THEN 'Box ' || (100 + k % 900)
            ELSE 'Postboks ' || (100 + k % 900) END END AS address2,
    CASE lang WHEN 'nb' THEN 'post@' ELSE 'info@' END || domain AS email, 'https://www.' || domain AS website,
    CASE WHEN imported THEN 'OLD-' || lpad((10000 + k * 7)::VARCHAR, 7, '0') END AS source_key
FROM o_row;
