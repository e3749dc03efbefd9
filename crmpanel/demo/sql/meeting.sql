-- Meetings: held ones and planned ones.
CREATE OR REPLACE TEMP TABLE m_raw AS
SELECT o.id AS organisation_id, n, key_of(o.id, n) AS g, o.lang, o.created AS since, o.rep_id, o.second_id, o.former_id, o.city, o.type AS org_type, p.* EXCLUDE (organisation_id),
    affinity_of(o.id, n) AS family,
    least(65535, activity_lo + floor(rnd('meeting.day', key_of(o.id, n)) * (65536 - activity_lo) * until_share))::INTEGER AS bucket
FROM t_organisation AS o JOIN o_person AS p ON p.organisation_id = o.id,
    unnest(range(least(3000, count_of(9.4 * pow(o.rel, 0.85), 'meetings', o.id)))) AS u(n);

CREATE OR REPLACE TEMP TABLE t_meeting AS
WITH dated AS (
    SELECT m.*, greatest(weekday(c.day), since::DATE + 1)::TIMESTAMP
            + to_minutes((480 + 30 * floor(rnd('meeting.time', g) * 15))::BIGINT) AS "start",
        30 * (1 + floor(rnd('length', g) * rnd('length2', g) * 6)) AS minutes,
        x.a AS subject0, dn.a AS done, pl.a AS plan, l.a AS location0, ph.a AS place, i.thing, i.the_thing
    FROM m_raw AS m JOIN day_of AS c ON c.profile = 'activity' AND c.bucket = m.bucket
    JOIN phrase AS x ON x.key = hash('meeting.subjects', m.lang, slot(walk('meeting.text', organisation_id, m.n)))
    JOIN phrase AS dn ON dn.key = hash('meeting.done', m.lang, slot(walk('meeting.done', organisation_id * 3, m.n * 3)))
    JOIN phrase AS pl ON pl.key = hash('meeting.plan', m.lang, slot(rnd('meeting.plan', g)))
    JOIN phrase AS l ON l.key = hash('meeting.locations', m.lang, slot(rnd('location', g)))
    JOIN phrase AS ph ON ph.key = hash('place', m.lang, slot(rnd('meeting.place', g)))
    JOIN item AS i ON i.key = hash(m.lang, m.family, 'main', slot256(rnd('meeting.thing', g)))
), judged AS (
    SELECT d.*, rnd('all.day', g) < 0.02 AS all_day,
        CASE WHEN "start" < day0() THEN CASE WHEN rnd('held', g) < 0.905 THEN 'Held' WHEN rnd('held', g) < 0.98 OR "start" < day0() - 120 THEN 'Cancelled' ELSE 'Confirmed' END
             WHEN rnd('held', g) < 0.72 THEN 'Confirmed' WHEN rnd('held', g) < 0.95 THEN 'Draft' ELSE 'Cancelled' END AS status,
        least(at_work(weekday("start"::DATE - 1 - floor(28 * pow(rnd('invited', g), 1.5))::INTEGER), rnd('invited.time', g)),
              at_work(weekday(day0() - 1 - floor(9 * rnd('invited.late', g))::INTEGER), rnd('invited.time', g))) AS made,
        contact_of(person0, persons, early, since, least("start", day0()::TIMESTAMP), rnd('meeting.person', g)) AS person_id,
        contact_of(person0, persons, early, since, least("start", day0()::TIMESTAMP), rnd('meeting.person2', g)) AS person2_id,
        CASE WHEN "start" < switch0() AND former_id IS NOT NULL AND rnd('meeting.rep', g) < 0.8 THEN former_id
             WHEN rnd('meeting.rep', g) < 0.85 THEN rep_id ELSE coalesce(second_id, rep_id) END AS responsible_id
    FROM dated AS d
)
SELECT row_number() OVER (ORDER BY j.organisation_id, "start", j.g) + $meeting AS id, j.*, p.first_name, p.name AS person, p2.name AS person2,
    u.name AS user_name, u2.name AS user2, greatest(made, j.since + INTERVAL 1 HOUR) AS created,
    fill_names(fill_things(fill_facts(subject0, j.lang, j.g), thing, the_thing, place, j.city), p.first_name, p.name, p2.name, u.name, u2.name, NULL, capital(thing)) AS subject
FROM judged AS j JOIN t_person AS p ON p.id = person_id JOIN t_person AS p2 ON p2.id = person2_id
JOIN staff AS u ON u.id = responsible_id JOIN staff AS u2 ON u2.id = 1 + (j.g % 13)
ORDER BY 1;

INSERT INTO meeting BY NAME
SELECT id, organisation_id, subject, all_day, status, responsible_id, person_id, created,
    CASE WHEN all_day THEN "start"::DATE::TIMESTAMP ELSE "start" END AS "start",
    CASE WHEN all_day THEN "start"::DATE::TIMESTAMP + INTERVAL 1 DAY ELSE "start" + to_minutes(minutes::BIGINT) END AS "end",
    fill_things(location0, thing, the_thing, place, city) AS location,
    concat_ws('; ', user_name, person, CASE WHEN person2 <> person AND rnd('two', g) < 0.6 THEN person2 END,
              CASE WHEN user2 <> user_name AND rnd('three', g) < 0.25 THEN user2 END) AS participants,
    CASE WHEN status <> 'Cancelled' AND rnd('meeting.noted', g) < 0.65
         THEN fill_names(fill_things(fill_facts(CASE WHEN status = 'Held' THEN done ELSE plan END, lang, g + 3), thing, the_thing, place, city),
                         first_name, person, person2, user_name, user2, NULL, capital(thing)) END AS note
FROM t_meeting ORDER BY id;
