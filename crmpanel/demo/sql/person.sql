-- Persons: about five to an organisation; the first ones are as old as the organisation.
CREATE OR REPLACE TEMP TABLE p_raw AS
WITH counted AS (
    SELECT *, least(160, 1 + count_of(4.9 * pow(rel, 0.38), 'persons', id)) AS total FROM t_organisation
), listed AS (
    SELECT id AS organisation_id, n, key_of(id, n) AS g, country, country_name, lang, domain, dial, area, city,
        postcode,
        created AS since, rep_id, total, 1 + (total - 1) // 2 AS early
    FROM counted, unnest(range(total)) AS u(n)
)
SELECT *, CASE WHEN rnd('sex', g) < 0.55 THEN 'male' ELSE 'female' END AS sex, n < early AS is_early,
    CASE WHEN n < early THEN since + to_minutes(n)
         ELSE between_times(since, day0() - 3, (n - early + rnd('person.since', g)) / (total - early)) END AS created
FROM listed;

CREATE OR REPLACE TEMP TABLE t_person AS
WITH named AS (
    SELECT p.*, f.a AS first_name, l.a AS last_name,
    CASE WHEN rnd('middle', g) < 0.09 AND m.a <> f.a THEN m.a END AS middle_name,
        t.a AS title, t.b AS department, t.c AS role, c.a AS remark
    FROM p_raw AS p
    JOIN phrase AS f ON f.key = hash(p.sex, p.country, slot(walk('first', organisation_id, p.n)))
    JOIN phrase AS m ON m.key = hash(p.sex, p.country, slot(rnd('first2', g)))
    JOIN phrase AS l ON l.key = hash('last', p.country, slot(walk('last', organisation_id * 3, p.n * 5)))
    JOIN phrase AS t ON t.key = hash('title', p.lang,
        slot(CASE WHEN p.n = 0 THEN 0.13 * rnd('boss', g) ELSE walk('title', organisation_id, p.n) END))
    JOIN phrase AS c ON c.key = hash('person.comments', p.lang, slot(rnd('remark', g)))
)
SELECT row_number() OVER (ORDER BY organisation_id, created, n) + $person AS id, *,
    concat_ws(' ', first_name, middle_name, last_name) AS name, n > 0 AND rnd('resigned', g) < 0.07 AS resigned,
    ascii_of(first_name) || '.' || ascii_of(last_name) || '@' || domain AS email
FROM named ORDER BY id;

INSERT INTO person BY NAME
SELECT id, organisation_id, name, first_name, middle_name, last_name, title, department, role, email,
    country_name AS country, created,
    CASE country WHEN 'DE' THEN CASE sex WHEN 'male' THEN 'Herr' ELSE 'Frau' END
                 WHEN 'GB' THEN CASE sex WHEN 'male' THEN 'Mr' ELSE 'Ms' END END AS salutation,
    CASE WHEN resigned THEN 'Resigned' WHEN rnd('leave', g) < 0.02 THEN 'Other' ELSE 'Active' END AS status,
    CASE WHEN rnd('person.rep', g) < 0.6 THEN rep_id END AS responsible_id,
    CASE WHEN rnd('remarked', g) < 0.12 THEN remark END AS comment,
    CASE WHEN rnd('has.phone', g) < 0.7 THEN phone_of(country, dial, area, 'direct', g) END AS phone,
    CASE WHEN rnd('has.mobile', g) < 0.85 THEN mobile_of(country, dial, g) END AS mobile,
    CASE WHEN rnd('linkedin', g) < 0.3
         THEN 'https://www.linkedin.com/in/' || split_part(email, '@', 1) || '-' || digits('linkedin', g, 5)
             END AS linkedin,
    CASE WHEN rnd('has.city', g) < 0.2 THEN postcode END AS postcode,
    CASE WHEN rnd('has.city', g) < 0.2 THEN city END AS city,
    CASE WHEN rnd('birthday', g) < 0.15 THEN DATE '1960-01-01' + floor(rnd('born', g) * 14000)::INTEGER END AS birthday,
    rnd('block', g) < 0.12 AS block_mass_email
FROM t_person;

-- Per organisation: the first person's id, how many there were at first, and how many there are now.
CREATE OR REPLACE TEMP TABLE o_person AS
SELECT organisation_id, min(id) AS person0, count(*) AS persons, count(*) FILTER (is_early) AS early,
    arg_min(first_name, id) AS boss
FROM t_person GROUP BY organisation_id;

-- What the records of an organisation need to know of it.
CREATE OR REPLACE TEMP TABLE o_brief AS
SELECT o.id AS organisation_id, o.type AS org_type, stem AS org, country, lang, currency, rate, vat, city,
    created AS since, rel,
    weight, sloppy, until_share, rep_id, second_id, inside_id, service_id, former_id, activity_lo, quotation_lo,
        past_lo,
    person0, persons, early
FROM t_organisation AS o JOIN o_person AS p ON p.organisation_id = o.id;
