-- Activities: the bulk. About a quotation while one is open, else about what the kind of organisation calls for.
CREATE OR REPLACE TEMP TABLE a_raw AS
SELECT o.id AS organisation_id, n, key_of(o.id, n) AS g,
    least(65535, activity_lo + floor(rnd('activity.day', key_of(o.id, n)) * (65536 - activity_lo) * until_share))::INTEGER AS bucket
FROM t_organisation AS o,
    unnest(range(count_of(o.weight * $activities / $weight, 'activities', o.id))) AS u(n);

CREATE OR REPLACE TEMP TABLE a_dated AS
WITH dated AS (
    SELECT a.organisation_id, a.n, a.g,
        greatest(c.day::TIMESTAMP + to_minutes((420 + 15 * floor(rnd('activity.time', g) * 39))::BIGINT), o.created + INTERVAL 90 MINUTE) AS date
    FROM a_raw AS a JOIN day_of AS c ON c.profile = 'activity' AND c.bucket = a.bucket
    JOIN t_organisation AS o ON o.id = a.organisation_id
)
SELECT d.*, q.id AS quotation_id, q.number, q.description AS quote, q.person_id AS asker
FROM dated AS d ASOF LEFT JOIN (SELECT organisation_id, created, day, id, number, description, person_id FROM t_quotation) AS q
    ON q.organisation_id = d.organisation_id AND q.created <= d.date;

CREATE OR REPLACE TEMP TABLE t_activity AS
WITH judged AS (
    SELECT a.*, o.lang, o.city, o.created AS since, o.rep_id, o.second_id, o.inside_id, o.service_id, o.former_id, p.* EXCLUDE (organisation_id),
        affinity_of(o.id, a.n) AS family,
        CASE WHEN a.quotation_id IS NOT NULL AND q.day + 14 >= a.date::DATE AND rnd('activity.quote', a.g) < 0.55 THEN 'quotation'
             WHEN o.type IN ('Customer', 'Former customer') THEN 'customer' WHEN o.type = 'Prospect' THEN 'prospect' ELSE 'other' END AS topic,
        CASE WHEN a.date >= day0() THEN CASE WHEN a.date < day0() + 7 AND rnd('state', a.g) < 0.25 THEN 'Active' ELSE 'Planned' END
             WHEN rnd('state', a.g) < o.sloppy * CASE WHEN a.date > day0() - 180 THEN 0.05 WHEN a.date > day0() - 500 THEN 0.004 ELSE 0.0005 END
             THEN CASE WHEN rnd('begun', a.g) < 0.25 THEN 'Active' ELSE 'Planned' END
             ELSE 'Completed' END AS status,
        least(at_work(weekday(a.date::DATE - floor(24 * pow(rnd('ahead', a.g), 2.2))::INTEGER), 0.5 * rnd('ahead.time', a.g)),
              at_work(weekday(day0() - 1 - floor(20 * rnd('ahead.late', a.g))::INTEGER), rnd('ahead.time', a.g))) AS made
    FROM a_dated AS a JOIN t_organisation AS o ON o.id = a.organisation_id JOIN o_person AS p ON p.organisation_id = o.id
    LEFT JOIN (SELECT id AS qid, day FROM t_quotation) AS q ON q.qid = a.quotation_id
), staffed AS (
    SELECT *, CASE WHEN topic = 'quotation' THEN asker ELSE contact_of(person0, persons, early, since, least(date, day0()::TIMESTAMP), rnd('activity.person', g)) END AS person_id,
        contact_of(person0, persons, early, since, least(date, day0()::TIMESTAMP), rnd('activity.person2', g)) AS person2_id,
        least(greatest(made, since + INTERVAL 1 HOUR), date) AS created
    FROM judged
), worded AS (
    SELECT s.*, x.n AS scenario, x.type, x.action, x.subject AS subject0,
        CASE WHEN date < switch0() AND former_id IS NOT NULL AND rnd('activity.rep', g) < 0.85 THEN former_id
             WHEN x.type = 'Service' THEN service_id WHEN x.action IN ('Invoice', 'Order follow-up') AND rnd('activity.rep', g) < 0.6 THEN inside_id
             WHEN rnd('activity.rep', g) < 0.8 THEN rep_id WHEN rnd('activity.rep', g) < 0.92 THEN coalesce(second_id, rep_id) ELSE inside_id END AS responsible_id,
        nt.note AS note0, i.thing, i.the_thing, ph.a AS place, tl.a AS tail
    FROM staffed AS s
    JOIN act AS x ON x.key = hash(s.lang, s.topic, slot(walk('activity.text', organisation_id, s.n)))
    JOIN act_note AS nt ON nt.key = hash(s.lang, x.n, CASE s.status WHEN 'Completed' THEN 'done' ELSE 'plan' END, slot64(rnd('activity.note', g)))
    JOIN item AS i ON i.key = hash(s.lang, s.family, 'main', slot256(rnd('activity.thing', g)))
    JOIN phrase AS ph ON ph.key = hash('place', s.lang, slot(rnd('activity.place', g)))
    JOIN phrase AS tl ON tl.key = hash('tail', s.lang, slot(walk('activity.tail', organisation_id * 5, s.n)))
)
SELECT row_number() OVER (ORDER BY w.organisation_id, date, w.g) + $activity AS id, w.organisation_id, w.g, date, w.type, action, status, w.created, w.responsible_id, w.person_id,
    CASE WHEN topic = 'quotation' THEN quotation_id END AS quotation_id, w.since,
    CASE WHEN rnd('urgent', w.g) < 0.75 THEN 'Normal' WHEN rnd('urgent', w.g) < 0.9 THEN 'High' ELSE 'Low' END AS priority,
    fill_names(fill_things(fill_facts(subject0, w.lang, w.g), thing, the_thing, place, w.city),
        p.first_name, p.name, p2.name, split_part(u.name, ' ', 1), split_part(u2.name, ' ', 1), number, quote) AS subject,
    CASE WHEN rnd('noted', w.g) < CASE status WHEN 'Completed' THEN 0.72 ELSE 0.5 END THEN
        fill_names(fill_things(fill_facts(CASE WHEN status = 'Completed' AND rnd('tailed', w.g) < 0.4 THEN note0 || ' ' || tail ELSE note0 END, w.lang, w.g),
            thing, the_thing, place, w.city),
            p.first_name, p.name, p2.name, split_part(u.name, ' ', 1), split_part(u2.name, ' ', 1), number, quote) END AS note,
    p.name AS person, u.name AS user_name
FROM worded AS w JOIN t_person AS p ON p.id = w.person_id JOIN t_person AS p2 ON p2.id = w.person2_id
JOIN staff AS u ON u.id = w.responsible_id JOIN staff AS u2 ON u2.id = 1 + (w.g % 13)
ORDER BY 1;

INSERT INTO activity BY NAME
SELECT id, organisation_id, subject, date, type, action, status, priority, responsible_id, quotation_id, note, created,
    CASE WHEN rnd('nobody', g) < 0.06 THEN NULL ELSE person_id END AS person_id
FROM t_activity ORDER BY id;
