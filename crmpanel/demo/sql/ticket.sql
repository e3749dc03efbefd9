-- Support tickets of those who have bought something.
CREATE OR REPLACE TEMP TABLE k_raw AS
SELECT o.id AS organisation_id, n, key_of(o.id, n) AS g, o.lang, o.created AS since, o.rep_id, o.service_id, o.inside_id, o.city, p.* EXCLUDE (organisation_id),
    h.product0, h.products, affinity_of(o.id, n) AS family,
    least(65535, past_lo + floor(rnd('ticket.day', key_of(o.id, n)) * (65536 - past_lo) * until_share))::INTEGER AS bucket
FROM t_organisation AS o JOIN o_person AS p ON p.organisation_id = o.id LEFT JOIN o_product AS h ON h.organisation_id = o.id,
    unnest(range(CASE WHEN o.type IN ('Prospect', 'Supplier') THEN 0
        ELSE least(3000, count_of(8.6 * pow(o.rel, 0.85), 'tickets', o.id)) END)) AS u(n);

CREATE OR REPLACE TEMP TABLE t_ticket AS
WITH dated AS (
    SELECT k.*, greatest(at_work(c.day, rnd('ticket.time', g)), since + INTERVAL 2 HOUR) AS created, x.a AS type, x.b AS subject0, x.c AS text, x.d AS answer,
        CASE WHEN rnd('priority', g) < 0.2 THEN 'Low' WHEN rnd('priority', g) < 0.76 THEN 'Normal'
             WHEN rnd('priority', g) < 0.95 THEN 'High' ELSE 'Critical' END AS priority,
        product0 + floor(rnd('ticket.product', g) * products)::INTEGER AS candidate
    FROM k_raw AS k JOIN day_of AS c ON c.profile = 'past' AND c.bucket = k.bucket
    JOIN phrase AS x ON x.key = hash('ticket', k.lang, slot(walk('ticket.text', organisation_id, k.n)))
), tied AS (
    SELECT d.*, pr.id AS product_id, coalesce(pr.thing, i.thing) AS thing, coalesce(pr.the_thing, i.the_thing) AS the_thing,
        coalesce(pr.place, pl.a) AS place,
        contact_of(person0, persons, early, since, d.created, rnd('ticket.person', d.g)) AS person_id,
        d.created + CASE priority WHEN 'Low' THEN INTERVAL 14 DAY WHEN 'Normal' THEN INTERVAL 7 DAY WHEN 'High' THEN INTERVAL 2 DAY ELSE INTERVAL 4 HOUR END AS deadline,
        d.created + to_minutes((30 + CASE priority WHEN 'Low' THEN 9000 WHEN 'Normal' THEN 4500 WHEN 'High' THEN 1500 ELSE 240 END
                   * -ln(1 - rnd('solve', d.g)))::BIGINT) AS solved
    FROM dated AS d
    LEFT JOIN t_product AS pr ON pr.id = d.candidate AND pr.created < d.created AND pr.type <> 'Agreement'
    JOIN item AS i ON i.key = hash(d.lang, d.family, 'main', slot256(rnd('ticket.thing', d.g)))
    JOIN phrase AS pl ON pl.key = hash('place', d.lang, slot(rnd('ticket.place', d.g)))
), solved AS (
    SELECT *, CASE WHEN at_work(weekday(solved), rnd('solved', g)) > solved THEN at_work(weekday(solved), rnd('solved', g)) ELSE solved END AS ready
    FROM tied
), judged AS (
    SELECT *, CASE WHEN ready < day0() AND (solved > day0() - 90 OR true) AND rnd('stuck', g) > CASE WHEN created > day0() - 120 THEN 0.08 ELSE 0.001 END THEN 'Closed'
        WHEN created > day0() - 3 THEN 'Created' WHEN rnd('waiting', g) < 0.3 THEN 'Waiting for customer' ELSE 'Ongoing' END AS status
    FROM solved
)
SELECT row_number() OVER (ORDER BY organisation_id, created, g) + $ticket AS id, *,
    fill_names(fill_things(fill_facts(subject0, lang, g), thing, the_thing, place, city), '', '', '', '', '', '', '') AS subject,
    CASE WHEN status = 'Closed' THEN ready END AS closed,
    CASE WHEN rnd('ticket.rep', g) < 0.8 THEN service_id WHEN rnd('ticket.rep', g) < 0.93 THEN inside_id ELSE rep_id END AS responsible_id
FROM judged ORDER BY 1;

INSERT INTO ticket BY NAME
SELECT id, organisation_id, 'T' || (200000 + id * 7)::VARCHAR AS number, subject, status, priority, type, deadline, created, closed,
    responsible_id, person_id, product_id,
    (['Phone', 'Phone', 'E-mail', 'E-mail', 'E-mail', 'Website', 'Monitoring'])[1 + floor(7 * rnd('channel', g))::INTEGER] AS channel,
    (['Service desk', 'Service desk', 'Sales', 'Fitter'])[1 + floor(4 * rnd('source', g))::INTEGER] AS source,
    CASE WHEN status = 'Closed' OR rnd('begun', g) < 0.4 THEN 0.25 * (1 + floor(pow(rnd('hours', g), 3) * 38)) END AS time_spent,
    fill_things(fill_facts(text, lang, g), thing, the_thing, place, city) AS description,
    CASE WHEN status = 'Closed' THEN fill_things(fill_facts(answer, lang, g), thing, the_thing, place, city) END AS solution
FROM t_ticket ORDER BY id;
