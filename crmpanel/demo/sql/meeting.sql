-- Meetings: held ones and planned ones.
CREATE OR REPLACE TEMP TABLE m_raw AS
WITH counted AS (
    SELECT *, least(3000, count_of(9.6 * pow(rel, 0.85), 'meetings', organisation_id)) AS total FROM o_brief
), listed AS (
    SELECT *, key_of(organisation_id, n) AS g FROM counted, unnest(range(total)) AS u(n)
)
SELECT *, affinity_of(organisation_id, n) AS family, bucket_of(activity_lo, until_share, n, total,
    rnd('meeting.day', g)) AS bucket,
    CASE WHEN org_type IN ('Customer', 'Former customer') THEN 'customer'
        WHEN org_type = 'Prospect' THEN 'prospect' ELSE 'other' END AS topic
FROM listed;

CREATE OR REPLACE TEMP TABLE m_judged AS
WITH dated AS (
    SELECT m.*, rnd('all.day', g) < 0.02 AS all_day, greatest(weekday(c.day), since::DATE + 1)::TIMESTAMP
            + CASE WHEN rnd('all.day', g) < 0.02 THEN INTERVAL 0 DAY
                   ELSE to_minutes((480 + 30 * floor(rnd('meeting.time', g) * 15))::BIGINT) END AS "start",
        30 * (1 + floor(rnd('length', g) * rnd('length2', g) * 6)) AS minutes
    FROM m_raw AS m JOIN day_of AS c ON c.profile = 'activity' AND c.bucket = m.bucket
)
SELECT *, CASE WHEN "start" < day0() THEN CASE WHEN rnd('held', g) < 0.905 THEN 'Held'
              WHEN rnd('held', g) < 0.98 OR "start" < day0() - 120 THEN 'Cancelled' ELSE 'Confirmed' END
         WHEN rnd('held', g) < 0.72 THEN 'Confirmed' WHEN rnd('held', g) < 0.95 THEN 'Draft' ELSE 'Cancelled'
             END AS status,
    least(at_work(weekday("start"::DATE - 1 - floor(28 * pow(rnd('invited', g), 1.5))::INTEGER),
        rnd('invited.time', g)),
          at_work(weekday(day0() - 1 - floor(9 * rnd('invited.late', g))::INTEGER), rnd('invited.time', g))) AS made,
    contact_of(person0, persons, early, since, least("start", day0()::TIMESTAMP),
        rnd('meeting.person', g)) AS person_id,
    contact_of(person0, persons, early, since, least("start", day0()::TIMESTAMP),
        rnd('meeting.person2', g)) AS candidate,
    CASE WHEN "start" < switch0() AND former_id IS NOT NULL AND rnd('meeting.rep', g) < 0.8 THEN former_id
         WHEN rnd('meeting.rep', g) < 0.85 THEN rep_id ELSE coalesce(second_id, rep_id) END AS responsible_id
FROM dated;

CREATE OR REPLACE TEMP TABLE t_meeting AS
WITH worded AS (
    SELECT j.*, i.thing, i.the_thing, ph.a AS place, x.subject AS subject0, x.n AS scenario, p.first_name,
        p.name AS person,
        p2.id <> p.id AS accompanied, CASE WHEN p2.id = p.id THEN someone(j.lang) ELSE p2.name END AS person2,
        u.name AS user_name, u2.name AS user2
    FROM m_judged AS j
    JOIN item AS i ON i.key = hash(j.lang, j.family, 'main', slot256(rnd('meeting.thing', j.g)))
    JOIN phrase AS ph ON ph.key = hash('place', j.lang, slot(walk('meeting.place', j.organisation_id, j.n)))
    JOIN meet AS x ON x.key = hash(j.lang, j.topic, slot(walk('meeting.text', j.organisation_id, j.n)))
    JOIN t_person AS p ON p.id = j.person_id
    JOIN t_person AS p2 ON p2.id = other_of(j.person_id, candidate, person0, j.early)
    JOIN staff AS u ON u.id = j.responsible_id JOIN staff AS u2 ON u2.id = j.service_id
)
SELECT row_number() OVER (ORDER BY organisation_id, "start", g) + $meeting AS id, w.*,
    greatest(made, since + INTERVAL 1 HOUR) AS created, l.text AS location0, t.text AS note0,
    fill_names(fill_things(fill_facts(subject0, w.lang, g, "start"), thing, the_thing, place, city, org),
               first_name, person, person2, user_name, user2, '', '') AS subject
FROM worded AS w
JOIN meet_text AS l ON l.key = hash(w.lang, scenario, 'locations', slot64(rnd('location', g)))
JOIN meet_text AS t ON t.key = hash(w.lang, scenario, CASE status
    WHEN 'Held' THEN 'done' ELSE 'plan' END, slot64(rnd('meeting.note', g)))
ORDER BY 1;

INSERT INTO meeting BY NAME
SELECT id, organisation_id, subject, all_day, status, responsible_id, person_id, created,
    "start", CASE WHEN all_day THEN "start" + INTERVAL 1 DAY ELSE "start" + to_minutes(minutes::BIGINT) END AS "end",
    fill_things(location0, thing, the_thing, place, city, org) AS location,
    concat_ws('; ', user_name, person, CASE WHEN accompanied
        AND (contains(subject0, '{name2}') OR rnd('two', g) < 0.5) THEN person2 END,
              CASE WHEN rnd('three', g) < 0.25 THEN user2 END) AS participants,
    CASE WHEN status <> 'Cancelled' AND rnd('meeting.noted', g) < 0.65
         THEN fill_names(fill_things(fill_facts(note0, lang, g, "start"), thing, the_thing, place, city, org),
                         first_name, person, person2, user_name, user2, '', '') END AS note
FROM t_meeting;
