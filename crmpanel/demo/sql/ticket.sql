-- Support tickets of those who have bought something.
CREATE OR REPLACE TEMP TABLE k_raw AS
WITH counted AS (
    SELECT o.*, product0, products, CASE WHEN org_type IN ('Prospect', 'Supplier') THEN 0
        ELSE least(3000, count_of(9.4 * pow(rel, 0.85), 'tickets', organisation_id)) END AS total
    FROM o_brief AS o LEFT JOIN o_product AS h USING (organisation_id)
)
SELECT *, key_of(organisation_id, n) AS g, affinity_of(organisation_id, n) AS family,
    bucket_of(past_lo, until_share, n, total, rnd('ticket.day', key_of(organisation_id, n))) AS bucket
FROM counted, unnest(range(total)) AS u(n);

CREATE OR REPLACE TEMP TABLE k_dated AS
SELECT k.*, greatest(at_work(c.day, rnd('ticket.time', g)), since + INTERVAL 2 HOUR) AS created,
    x.a AS type, x.b AS subject0, x.c AS text, x.d AS answer,
    CASE WHEN rnd('priority', g) < 0.2 THEN 'Low' WHEN rnd('priority', g) < 0.76 THEN 'Normal'
         WHEN rnd('priority', g) < 0.95 THEN 'High' ELSE 'Critical' END AS priority,
    product0 + floor(rnd('ticket.product', g) * products)::INTEGER AS candidate
FROM k_raw AS k JOIN day_of AS c ON c.profile = 'past' AND c.bucket = k.bucket
JOIN phrase AS x ON x.key = hash('ticket', k.lang, slot(walk('ticket.text', organisation_id, k.n)));

CREATE OR REPLACE TEMP TABLE k_tied AS
WITH tied AS (
    SELECT d.*, pr.id AS product_id, coalesce(pr.thing, i.thing) AS thing,
        coalesce(pr.the_thing, i.the_thing) AS the_thing,
        coalesce(pr.place, pl.a) AS place,
        contact_of(person0, persons, early, since, d.created, rnd('ticket.person', d.g)) AS person_id,
        contact_of(person0, persons, early, since, d.created, rnd('ticket.person2', d.g)) AS candidate2,
        d.created + CASE priority WHEN 'Low' THEN INTERVAL 14 DAY WHEN 'Normal' THEN INTERVAL 7 DAY
                    WHEN 'High' THEN INTERVAL 2 DAY ELSE INTERVAL 4 HOUR END AS deadline,
        d.created + to_minutes((30 + -ln(1 - rnd('solve', d.g)) * CASE priority WHEN 'Low' THEN 9000
                    WHEN 'Normal' THEN 4500 WHEN 'High' THEN 1500 ELSE 240 END)::BIGINT) AS solved
    FROM k_dated AS d
    LEFT JOIN t_product AS pr ON pr.id = d.candidate AND pr.created < d.created AND pr.type <> 'Agreement'
    JOIN item AS i ON i.key = hash(d.lang, d.family, 'main', slot256(rnd('ticket.thing', d.g)))
    JOIN phrase AS pl ON pl.key = hash('place', d.lang, slot(rnd('ticket.place', d.g)))
)
SELECT *, greatest(solved, at_work(weekday(solved), rnd('solved', g))) AS ready FROM tied;

CREATE OR REPLACE TEMP TABLE t_ticket AS
WITH judged AS (
    SELECT *, CASE WHEN ready < day0() AND rnd('stuck', g) > CASE
        WHEN created > day0() - 120 THEN 0.08 ELSE 0.002 END THEN 'Closed'
        WHEN created > day0() - 3 THEN 'Created' WHEN rnd('waiting', g) < 0.3 THEN 'Waiting for customer'
            ELSE 'Ongoing' END AS status
    FROM k_tied
)
SELECT row_number() OVER (ORDER BY j.organisation_id, deadline, j.g) + $ticket AS id, j.*,
    fill_names(fill_things(fill_facts(subject0, j.lang, j.g, j.created), thing, the_thing, place, j.city, org),
               '', '', '', '', '', '', '') AS subject,
    CASE WHEN status = 'Closed' THEN ready END AS closed, p.first_name,
    CASE WHEN p2.id = j.person_id THEN someone(j.lang) ELSE p2.name END AS name2,
    CASE WHEN rnd('ticket.rep', j.g) < 0.8 THEN service_id WHEN rnd('ticket.rep', j.g) < 0.93 THEN inside_id
         ELSE j.rep_id END AS responsible_id
FROM judged AS j JOIN t_person AS p ON p.id = j.person_id
JOIN t_person AS p2 ON p2.id = other_of(j.person_id, candidate2, person0, j.early)
ORDER BY 1;

INSERT INTO ticket BY NAME
SELECT id, organisation_id, 'T' || (200000 + id * 7)::VARCHAR AS number, subject, status, priority, type, deadline,
    created,
    closed, responsible_id, person_id, product_id,
    (['Phone', 'Phone', 'E-mail', 'E-mail', 'E-mail', 'Website', 'Monitoring'])[one_of('channel', g, 7)] AS channel,
    (['Service desk', 'Service desk', 'Sales', 'Fitter'])[one_of('source', g, 4)] AS source,
    CASE WHEN status = 'Closed' OR rnd('begun', g) < 0.4 
         THEN CASE WHEN contains(answer, '{n}') THEN 1 + one_of('n', g, 7)
                   ELSE 0.25 * (1 + floor(pow(rnd('hours', g), 2) * 24)) END END AS time_spent,
    fill_names(fill_things(fill_facts(text, lang, g, created), thing, the_thing, place, city, org),
               first_name, '', name2, '', '', '', '') AS description,
    CASE WHEN status = 'Closed' THEN fill_names(fill_things(fill_facts(answer, lang, g, created), thing, the_thing,
        place, city, org),
               first_name, '', name2, '', '', '', '') END AS solution
FROM t_ticket;
