-- Documents: metadata here, contents in the table content.
CREATE OR REPLACE TEMP TABLE f_raw AS
SELECT o.id AS organisation_id, n, key_of(o.id, n) AS g, o.lang, o.created AS since, o.rep_id, o.service_id, o.inside_id, o.former_id, o.city, p.* EXCLUDE (organisation_id),
    affinity_of(o.id, n) AS family,
    least(65535, past_lo + floor(rnd('document.day', key_of(o.id, n)) * (65536 - past_lo) * until_share))::INTEGER AS bucket
FROM t_organisation AS o JOIN o_person AS p ON p.organisation_id = o.id,
    unnest(range(least(2000, count_of(7.6 * pow(o.rel, 0.8), 'documents', o.id)))) AS u(n);

CREATE OR REPLACE TEMP TABLE t_document AS
WITH dated AS (
    SELECT f.*, greatest(at_work(c.day, rnd('document.time', g)), since + INTERVAL 3 HOUR) AS uploaded
    FROM f_raw AS f JOIN day_of AS c ON c.profile = 'past' AND c.bucket = f.bucket
), tied AS (
    SELECT d.*, q.id AS quotation_id, q.number, q.description AS quote
    FROM dated AS d ASOF LEFT JOIN (SELECT organisation_id, created, id, number, description FROM t_quotation) AS q
        ON q.organisation_id = d.organisation_id AND q.created <= d.uploaded
), worded AS (
    SELECT t.*, x.a AS kind, x.b AS folder0, x.c AS text, i.thing, i.the_thing, ph.a AS place, contains(x.c, '{number}') OR contains(x.c, '{quote}') AS about_quote
    FROM tied AS t
    JOIN phrase AS x ON x.key = hash(CASE WHEN quotation_id IS NULL THEN 'document.plain' ELSE 'document.quotation' END, t.lang, slot(walk('document.text', organisation_id, t.n)))
    JOIN item AS i ON i.key = hash(t.lang, t.family, 'main', slot256(rnd('document.thing', g)))
    JOIN phrase AS ph ON ph.key = hash('place', t.lang, slot(rnd('document.place', g)))
)
SELECT row_number() OVER (ORDER BY w.organisation_id, uploaded, w.g) + $document AS id, w.*, c.hash, c.extension, c.size,
    replace(folder0, '{year}', year(uploaded)::VARCHAR) AS folder,
    fill_names(fill_things(replace(replace(text, '{year}', year(uploaded)::VARCHAR), '{month}', months_of(w.lang, month(uploaded)::INTEGER)),
        thing, the_thing, place, w.city), '', '', '', '', '', number, quote) AS description,
    CASE WHEN folder0 LIKE 'Service%' THEN service_id WHEN folder0 LIKE 'Invoices%' OR folder0 = 'Orders' THEN inside_id
         WHEN uploaded < switch0() AND former_id IS NOT NULL THEN former_id ELSE rep_id END AS responsible_id,
    contact_of(person0, persons, early, since, uploaded, rnd('document.person', w.g)) AS person_id
FROM worded AS w
JOIN content_of AS c ON c.key = hash(w.kind, w.lang, floor(4 * rnd('variant', w.g))::INTEGER)
ORDER BY 1;

INSERT INTO document BY NAME
SELECT id, organisation_id, capital(description) AS description, folder, ascii_of(description) || '.' || extension AS file_name, extension, size,
    uploaded, responsible_id, hash, rnd('public', g) < 0.3 AS public, uploaded AS created,
    CASE WHEN rnd('document.for', g) < 0.35 THEN person_id END AS person_id, CASE WHEN about_quote THEN quotation_id END AS quotation_id
FROM t_document ORDER BY id;
