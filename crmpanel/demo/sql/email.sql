-- E-mail: threads of two to five mails, and mass mail.
CREATE OR REPLACE TEMP TABLE e_raw AS
WITH counted AS (
    SELECT *, least(4000, count_of(5.6 * pow(rel, 0.88), 'threads', organisation_id)) AS total FROM o_brief
), listed AS (
    SELECT *, key_of(organisation_id, n) AS g FROM counted, unnest(range(total)) AS u(n)
), dated AS (
    SELECT l.*, affinity_of(organisation_id, n) AS family, greatest(c.day, since::DATE + 1) AS day
    FROM listed AS l JOIN day_of AS c ON c.profile = 'past'
        AND c.bucket = bucket_of(past_lo, until_share, n, total, rnd('email.day', g))
)
SELECT d.*, q.number, q.description AS quote, q.person_id AS asker, q.thing AS quote_thing,
    q.the_thing AS quote_the_thing,
    CASE WHEN q.id IS NOT NULL AND d.day BETWEEN q.created::DATE AND q.day + 20 AND rnd('email.quote', d.g) < 0.45
        THEN 'quotation'
         WHEN org_type IN ('Customer', 'Former customer') THEN 'customer'
             WHEN org_type = 'Prospect' THEN 'prospect' ELSE 'other' END AS topic
FROM dated AS d
ASOF LEFT JOIN (SELECT organisation_id, created, day, id, number, description, person_id, thing, the_thing
    FROM t_quotation) AS q
    ON q.organisation_id = d.organisation_id AND q.created <= d.day;

CREATE OR REPLACE TEMP TABLE e_thread AS
WITH worded AS (
    SELECT t.*, x.n AS scenario, x.subject AS subject0, x.mails, ph.a AS place,
        CASE t.topic WHEN 'quotation' THEN quote_thing ELSE i.thing END AS thing,
        CASE t.topic WHEN 'quotation' THEN quote_the_thing ELSE i.the_thing END AS the_thing,
        CASE t.topic WHEN 'quotation' THEN asker
             ELSE contact_of(person0, persons, early, since, t.day, rnd('email.person', g)) END AS person_id,
        contact_of(person0, persons, early, since, t.day, rnd('email.person2', g)) AS candidate,
        CASE WHEN day < switch0() AND former_id IS NOT NULL THEN former_id WHEN rnd('email.rep', g) < 0.62 THEN rep_id
             WHEN rnd('email.rep', g) < 0.78 THEN coalesce(second_id, rep_id) ELSE inside_id END AS responsible_id
    FROM e_raw AS t
    JOIN thread AS x ON x.key = hash(t.lang, t.topic, slot(walk('email.text', organisation_id, t.n)))
    JOIN item AS i ON i.key = hash(t.lang, t.family, 'main', slot256(rnd('email.thing', g)))
    JOIN phrase AS ph ON ph.key = hash('place', t.lang, slot(walk('email.place', organisation_id, t.n)))
)
SELECT w.*, p.first_name, p.name AS person, p.email AS person_email, p.title AS person_title,
    CASE WHEN p2.id = p.id THEN someone(w.lang) ELSE p2.name END AS person2,
    CASE WHEN p2.id <> p.id THEN p2.email END AS person2_email,
    u.name AS user_name, split_part(u.name, ' ', 1) AS me, u.title AS user_title,
        mail_of(u.name, u.domain) AS user_email,
    split_part(u2.name, ' ', 1) AS colleague
FROM worded AS w JOIN t_person AS p ON p.id = w.person_id
JOIN t_person AS p2 ON p2.id = other_of(w.person_id, candidate, w.person0, w.early)
JOIN staff AS u ON u.id = w.responsible_id JOIN staff AS u2 ON u2.id = w.service_id;

CREATE OR REPLACE TEMP TABLE e_step AS
WITH steps AS (
    SELECT t.*, m.step, m.way, m.body AS text, t.g * 8 + m.step AS mk,
        weekday(t.day + floor(m.step * (0.2 + 1.4 * rnd('pace', t.g)))::INTEGER)::TIMESTAMP
        + to_seconds((26100 + 34200 * (m.step + 0.9 * rnd('mail.time', t.g * 8 + m.step)) / t.mails)::BIGINT) AS planned
    FROM e_thread AS t JOIN mail AS m ON m.lang = t.lang AND m.n = t.scenario
)
SELECT *, greatest(planned, since + to_minutes(30 + step)) AS sent FROM steps WHERE planned < day0();

CREATE OR REPLACE TEMP TABLE e_own AS
SELECT t.*,
    fill_names(fill_things(fill_facts(subject0, t.lang, t.g, day), thing, the_thing, place, city, org),
               first_name, person, person2, me, colleague, number, quote) AS subject,
    fill_names(fill_things(fill_facts(CASE WHEN gr.a = '' THEN '' ELSE gr.a || E'\n\n' END || text || E'\n\n',
        t.lang, t.g, day),
                           thing, the_thing, place, city, org), first_name, person, person2, me, colleague, number,
                               quote)
    || cl.a || E'\n' || CASE way WHEN 'in' THEN person ||
        CASE WHEN rnd('signed', person_id) < 0.6 THEN E'\n' || person_title ELSE '' END
                                 ELSE user_name || E'\n' || user_title || ', Polarvent' END AS own
FROM e_step AS t
JOIN phrase AS gr ON gr.key = hash(CASE way WHEN 'in' THEN 'email.greetings_in' ELSE 'email.greetings' END, t.lang,
    slot(rnd('greeting', mk)))
JOIN phrase AS cl ON cl.key = hash('email.closings', t.lang,
    slot(rnd('closing', CASE way WHEN 'in' THEN person_id ELSE responsible_id END)));

CREATE OR REPLACE TEMP TABLE e_mail AS
WITH quoted AS (
    SELECT *, lag(own) OVER w AS before, lag(sent) OVER w AS before_at,
        lag(CASE way WHEN 'in' THEN person ELSE user_name END) OVER w AS before_by
    FROM e_own WINDOW w AS (PARTITION BY g ORDER BY step)
)
SELECT g, mk, organisation_id, sent, CASE WHEN step > 0 THEN 'Re: ' ELSE '' END || subject AS subject,
    CASE way WHEN 'in' THEN 'Incoming' ELSE 'Outgoing' END AS direction,
    CASE way WHEN 'in' THEN person || ' <' || person_email || '>' ELSE user_name || ' <' || user_email || '>'
        END AS sender,
    CASE way WHEN 'in' THEN user_name || ' <' || user_email || '>' ELSE person || ' <' || person_email || '>'
        END AS recipients,
    CASE WHEN contains(text, '{Name2}') OR rnd('cc', g) < 0.15 THEN person2 || ' <' || person2_email || '>' END AS cc,
    responsible_id, person_id, 'thread-' || organisation_id || '-' || lpad((g % 1048576)::VARCHAR, 5, '0') AS thread,
    CASE WHEN regexp_matches(text, '(?i)vedl|bifog|bilag|vedhæft|attach|enclos') THEN one_of('attached', mk, 2)
        ELSE 0 END AS attachments,
    own || CASE WHEN before IS NULL OR rnd('quoting', g) < 0.15 THEN ''
        ELSE E'\n\n' || strftime(before_at, '%d.%m.%Y %H:%M') || ' ' || before_by || ' ' || wr.a || E':\n> '
             || replace(before, E'\n', E'\n> ') END AS body
FROM quoted JOIN phrase AS wr ON wr.key = hash('email.wrote', quoted.lang, 0);

-- Mass mail: a campaign about every ten weeks, to the persons who have not declined it.
INSERT INTO e_mail
WITH campaign AS (
    SELECT c::INTEGER AS c, weekday(day0() - 12 - 71 * c::INTEGER)::TIMESTAMP + INTERVAL 10 HOUR AS moment
        FROM range(25) AS r(c)
), sent AS (
    SELECT p.*, c.c, moment, p.g * 32 + c.c AS mk FROM t_person AS p JOIN campaign AS c ON p.created < c.moment
    WHERE rnd('mass', p.g * 32 + c.c) < CASE WHEN p.n = 0 THEN 0.26 ELSE 0.06 END AND rnd('block', p.g) >= 0.12
)
SELECT p.mk, p.mk, p.organisation_id, moment + to_seconds(p.id % 900), x.a, 'Mass e-mail',
    'Polarvent <news@' || s.domain || '>',
    p.name || ' <' || p.email || '>', NULL, p.rep_id, p.id, 'campaign-' || strftime(moment, '%Y%m%d'), 0,
    replace(gr.a, '{first}', p.first_name) || E'\n\n' || x.b || E'\n\n' || cl.a || E'\nPolarvent'
FROM sent AS p
JOIN staff AS s ON s.id = 1
JOIN phrase AS x ON x.key = hash('email.mass', p.lang, (p.c * 128 + 64) % 1024)
JOIN phrase AS gr ON gr.key = hash('email.greetings', p.lang, 0)
JOIN phrase AS cl ON cl.key = hash('email.closings', p.lang, 0);

INSERT INTO email BY NAME
SELECT row_number() OVER (ORDER BY organisation_id, sent, mk) + $email AS id,
    organisation_id, subject, direction, sent, sender, recipients, cc, responsible_id, person_id, thread,
        attachments, body, sent AS created,
    CASE WHEN direction = 'Mass e-mail' OR rnd('html', g) < 0.3
         THEN '<p>' || replace(replace(replace(replace(replace(body, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
             E'\n\n', '</p><p>'), E'\n', '<br>') || '</p>'
         END AS body_html
FROM e_mail ORDER BY 1;
