-- E-mail: threads of one to five mails, and mass mail.
CREATE OR REPLACE TEMP TABLE e_raw AS
SELECT o.id AS organisation_id, n, key_of(o.id, n) AS g, o.lang, o.created AS since, o.rep_id, o.second_id, o.service_id, o.inside_id, o.former_id, o.city, o.type AS org_type,
    p.* EXCLUDE (organisation_id), affinity_of(o.id, n) AS family,
    least(65535, past_lo + floor(rnd('email.day', key_of(o.id, n)) * (65536 - past_lo) * until_share))::INTEGER AS bucket
FROM t_organisation AS o JOIN o_person AS p ON p.organisation_id = o.id,
    unnest(range(least(4000, count_of(5.5 * pow(o.rel, 0.88), 'threads', o.id)))) AS u(n);

CREATE OR REPLACE TEMP TABLE e_thread AS
WITH dated AS (
    SELECT e.*, greatest(c.day, since::DATE + 1) AS day FROM e_raw AS e JOIN day_of AS c ON c.profile = 'past' AND c.bucket = e.bucket
), tied AS (
    SELECT d.*, q.number, q.description AS quote, q.person_id AS asker,
        CASE WHEN q.id IS NOT NULL AND d.day BETWEEN q.created::DATE AND q.day + 20 AND rnd('email.quote', d.g) < 0.45 THEN 'quotation'
             WHEN org_type IN ('Customer', 'Former customer') THEN 'customer' WHEN org_type = 'Prospect' THEN 'prospect' ELSE 'other' END AS topic
    FROM dated AS d ASOF LEFT JOIN (SELECT organisation_id, created, day, id, number, description, person_id FROM t_quotation) AS q
        ON q.organisation_id = d.organisation_id AND q.created <= d.day
), worded AS (
    SELECT t.*, x.n AS scenario, x.subject AS subject0, x.mails, i.thing, i.the_thing, ph.a AS place,
        CASE WHEN t.topic = 'quotation' THEN asker ELSE contact_of(person0, persons, early, since, t.day, rnd('email.person', g)) END AS person_id,
        CASE WHEN day < switch0() AND former_id IS NOT NULL THEN former_id WHEN rnd('email.rep', g) < 0.62 THEN rep_id
             WHEN rnd('email.rep', g) < 0.74 THEN coalesce(second_id, rep_id) WHEN rnd('email.rep', g) < 0.88 THEN inside_id ELSE service_id END AS responsible_id
    FROM tied AS t
    JOIN thread AS x ON x.key = hash(t.lang, t.topic, slot(walk('email.text', organisation_id, t.n)))
    JOIN item AS i ON i.key = hash(t.lang, t.family, 'main', slot256(rnd('email.thing', g)))
    JOIN phrase AS ph ON ph.key = hash('place', t.lang, slot(rnd('email.place', g)))
)
SELECT w.*, p.first_name, p.name AS person, p.email AS person_email, p.title AS person_title, p2.name AS person2, p2.email AS person2_email,
    u.name AS user_name, split_part(u.name, ' ', 1) AS me, u.title AS user_title, mail_of(u.name, u.domain) AS user_email,
    split_part(u2.name, ' ', 1) AS colleague
FROM worded AS w JOIN t_person AS p ON p.id = w.person_id
JOIN t_person AS p2 ON p2.id = contact_of(w.person0, w.persons, w.early, w.since, w.day, rnd('email.person2', w.g))
JOIN staff AS u ON u.id = responsible_id JOIN staff AS u2 ON u2.id = 1 + (w.g % 13);

CREATE OR REPLACE TEMP TABLE e_mail AS
WITH steps AS (
    SELECT t.*, m.step, m.way, m.body AS text, t.g * 8 + m.step AS mk,
        weekday(t.day + floor(m.step * (0.2 + 1.4 * rnd('pace', t.g)))::INTEGER)::TIMESTAMP
        + to_minutes((435 + 570 * (m.step + 0.9 * rnd('mail.time', t.g * 8 + m.step)) / t.mails)::BIGINT) AS at0
    FROM e_thread AS t JOIN mail AS m ON m.lang = t.lang AND m.n = t.scenario
), timed AS (
    SELECT *, greatest(at0, since + to_minutes(30 + step)) AS sent FROM steps
), filled AS (
    SELECT t.*,
        fill_names(fill_things(fill_facts(subject0, t.lang, t.g), thing, the_thing, place, city), first_name, person, person2, me, colleague, number, quote) AS subject,
        fill_names(fill_things(fill_facts(concat(CASE WHEN gr.a = '' THEN '' ELSE gr.a || E'\n\n' END, text), t.lang, t.g), thing, the_thing, place, city), first_name, person, person2, me, colleague, number, quote)
        || E'\n\n' || cl.a || E'\n' || CASE way WHEN 'in' THEN person || CASE WHEN rnd('signed', person_id) < 0.6 THEN E'\n' || person_title ELSE '' END
                                       ELSE user_name || E'\n' || user_title || ', Polarvent' END AS own
    FROM timed AS t
    JOIN phrase AS gr ON gr.key = hash(CASE way WHEN 'in' THEN 'email.greetings_in' ELSE 'email.greetings' END, t.lang, slot(rnd('greeting', mk)))
    JOIN phrase AS cl ON cl.key = hash('email.closings', t.lang, slot(CASE way WHEN 'in' THEN rnd('closing', person_id) ELSE rnd('closing', responsible_id) END))
    WHERE sent < day0()
), quoted AS (
    SELECT f.*, lag(own) OVER w AS before, lag(sent) OVER w AS before_at, lag(CASE way WHEN 'in' THEN person ELSE user_name END) OVER w AS before_by
    FROM filled AS f WINDOW w AS (PARTITION BY g ORDER BY step)
)
SELECT g, mk, organisation_id, sent, CASE WHEN step > 0 THEN 'Re: ' ELSE '' END || subject AS subject,
    CASE way WHEN 'in' THEN 'Incoming' ELSE 'Outgoing' END AS direction,
    CASE way WHEN 'in' THEN person || ' <' || person_email || '>' ELSE user_name || ' <' || user_email || '>' END AS sender,
    CASE way WHEN 'in' THEN user_name || ' <' || user_email || '>' ELSE person || ' <' || person_email || '>' END AS recipients,
    CASE WHEN contains(text, '{Name2}') OR rnd('cc', g) < 0.15 THEN CASE WHEN person2 <> person THEN person2 || ' <' || person2_email || '>' END END AS cc,
    responsible_id, person_id, 'thread-' || organisation_id || '-' || lpad((g % 1048576)::VARCHAR, 5, '0') AS thread,
    CASE WHEN regexp_matches(lower(text), 'vedl|bifog|bilag|vedhæft|attach|enclos') THEN 1 + floor(2 * rnd('attached', mk))::INTEGER ELSE 0 END AS attachments,
    own || CASE WHEN before IS NULL OR rnd('quoting', g) < 0.15 THEN ''
        ELSE E'\n\n' || strftime(before_at, '%d.%m.%Y %H:%M') || ' ' || before_by || ' ' || wr.a || E':\n> ' || replace(before, E'\n', E'\n> ') END AS body
FROM quoted JOIN phrase AS wr ON wr.key = hash('email.wrote', quoted.lang, 0);

-- Mass mail: a campaign about every ten weeks, to the persons who have not declined it.
INSERT INTO e_mail
WITH campaign AS (
    SELECT c::INTEGER AS number, weekday(day0() - 12 - 71 * c::INTEGER)::TIMESTAMP + INTERVAL 10 HOUR AS moment FROM range(25) AS r(c)
)
SELECT p.g * 32 + c.number, p.g * 32 + c.number, p.organisation_id, c.moment + to_seconds(p.id % 900), x.a, 'Mass e-mail', 'Polarvent <news@' || s.domain || '>',
    p.name || ' <' || p.email || '>', NULL, p.rep_id, p.id, 'campaign-' || strftime(c.moment, '%Y%m%d'), 0,
    replace(replace(gr.a, '{first}', p.first_name), '{me}', '') || E'\n\n' || x.b || E'\n\n' || cl.a || E'\nPolarvent'
FROM t_person AS p JOIN campaign AS c ON p.created < c.moment
JOIN staff AS s ON s.id = 1
JOIN phrase_line AS x ON x.kind = 'email.mass' AND x.lang = p.lang AND x.n = c.number % x.lines
JOIN phrase AS gr ON gr.key = hash('email.greetings', p.lang, 0)
JOIN phrase AS cl ON cl.key = hash('email.closings', p.lang, 0)
WHERE rnd('mass', p.g * 32 + c.number) < 0.09 + 0.25 * (p.n = 0)::INTEGER AND rnd('block', p.g) >= 0.12;

CREATE OR REPLACE TEMP TABLE t_email AS
SELECT row_number() OVER (ORDER BY organisation_id, sent, mk) + $email AS id, * FROM e_mail ORDER BY 1;

INSERT INTO email BY NAME
SELECT id, organisation_id, subject, direction, sent, sender, recipients, cc, responsible_id, person_id, thread, attachments, body, sent AS created,
    CASE WHEN direction = 'Mass e-mail' OR rnd('html', g) < 0.3
         THEN '<p>' || replace(replace(replace(replace(replace(body, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), E'\n\n', '</p><p>'), E'\n', '<br>') || '</p>'
         END AS body_html
FROM t_email ORDER BY id;
