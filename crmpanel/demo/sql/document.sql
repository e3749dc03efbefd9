-- Documents: metadata here, contents in the table content.
CREATE OR REPLACE TEMP TABLE f_raw AS
WITH counted AS (
    SELECT *, least(2000, count_of(7.4 * pow(rel, 0.8), 'documents', organisation_id)) AS total FROM o_brief
), listed AS (
    SELECT *, key_of(organisation_id, n) AS g FROM counted, unnest(range(total)) AS u(n)
)
SELECT l.*, affinity_of(organisation_id, n) AS family,
    greatest(at_work(c.day, rnd('document.time', g)), since + INTERVAL 3 HOUR) AS uploaded
FROM listed AS l JOIN day_of AS c ON c.profile = 'past'
    AND c.bucket = bucket_of(past_lo, until_share, n, total, rnd('document.day', g));

CREATE OR REPLACE TEMP TABLE f_worded AS
WITH tied AS (
    SELECT f.*, q.id AS quotation_id, q.number, q.description AS quote,
        CASE WHEN org_type IN ('Customer', 'Former customer') THEN 'customer'
            WHEN org_type = 'Prospect' THEN 'prospect' ELSE 'other' END
        || CASE WHEN q.id IS NULL THEN '' WHEN q.outcome = 'Won' AND q.day < f.uploaded THEN '.won' ELSE '.quoted'
            END AS topic
    FROM f_raw AS f ASOF LEFT JOIN (SELECT organisation_id, created, id, number, description, outcome, day
        FROM t_quotation) AS q
        ON q.organisation_id = f.organisation_id AND q.created <= f.uploaded
)
SELECT t.*, x.a AS kind, x.b AS folder0, x.c AS text, i.thing, i.the_thing, ph.a AS place,
    contains(x.c, '{number}') OR contains(x.c, '{quote}') AS about_quote
FROM tied AS t
JOIN phrase AS x ON x.key = hash('document.' || topic, t.lang, slot(walk('document.text', organisation_id, t.n)))
JOIN item AS i ON i.key = hash(t.lang, t.family, 'main', slot256(rnd('document.thing', g)))
JOIN phrase AS ph ON ph.key = hash('place', t.lang, slot(walk('document.place', organisation_id, t.n)));

CREATE OR REPLACE TEMP TABLE t_document AS
SELECT row_number() OVER (ORDER BY organisation_id, uploaded, g) + $document AS id, w.*, c.hash, c.extension, c.size,
    replace(folder0, '{year}', year(uploaded)::VARCHAR) AS folder,
    capital(fill_names(fill_things(fill_facts(replace(text, '{month}', '{month_now}'), w.lang, g, uploaded),
        thing, the_thing, place, city, org), '', '', '', '', '', number, quote)) AS description,
    CASE WHEN folder0 LIKE 'Service%' THEN service_id WHEN folder0 LIKE 'Invoices%' OR folder0 = 'Orders' THEN inside_id
         WHEN uploaded < switch0() AND former_id IS NOT NULL THEN former_id ELSE rep_id END AS responsible_id,
    contact_of(person0, persons, early, since, uploaded, rnd('document.person', g)) AS person_id
FROM f_worded AS w
JOIN content_of AS c ON c.key = hash(w.kind, w.lang, one_of('variant', g, 4) - 1)
ORDER BY 1;

INSERT INTO document BY NAME
SELECT id, organisation_id, description, folder, ascii_of(description) || '.' || extension AS file_name, extension,
    size,
    uploaded, responsible_id, hash, rnd('public', g) < 0.3 AS public, uploaded AS created,
    CASE WHEN rnd('document.for', g) < 0.35 THEN person_id END AS person_id,
    CASE WHEN about_quote THEN quotation_id END AS quotation_id
FROM t_document;
