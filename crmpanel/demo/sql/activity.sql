-- Activities: the bulk. About a quotation while one is open, else about what the kind of organisation calls for.
CREATE OR REPLACE TEMP TABLE a_dated AS
WITH counted AS (
    SELECT organisation_id, since, until_share, activity_lo,
        count_of(weight * $activities / $weight, 'activities', organisation_id) AS total
    FROM o_brief
), listed AS (
    SELECT *, key_of(organisation_id, n) AS g FROM counted, unnest(range(total)) AS u(n)
), dated AS (
    SELECT organisation_id, n, g,
        greatest(c.day::TIMESTAMP + to_minutes((420 + 15 * floor(rnd('activity.time', g) * 39))::BIGINT),
            since + INTERVAL 90 MINUTE) AS date
    FROM listed AS a JOIN day_of AS c ON c.profile = 'activity'
        AND c.bucket = bucket_of(activity_lo, until_share, n, total, rnd('activity.day', g))
)
SELECT d.*, q.id AS quotation_id, q.day AS quote_day, q.number, q.description AS quote, q.person_id AS asker,
    q.thing AS quote_thing, q.the_thing AS quote_the_thing, q.place AS quote_place, q.type AS quote_type
FROM dated AS d
ASOF LEFT JOIN (SELECT organisation_id, created, day, id, number, description, person_id, thing, the_thing, place,
    type FROM t_quotation) AS q
    ON q.organisation_id = d.organisation_id AND q.created <= d.date;

CREATE OR REPLACE TEMP TABLE a_staffed AS
WITH judged AS (
    SELECT a.*, o.* EXCLUDE (organisation_id),
        CASE WHEN quotation_id IS NOT NULL AND quote_day + 10 >= date::DATE AND rnd('activity.quote', g) < 0.5
             THEN CASE quote_type WHEN 'Spare parts' THEN 'parts'
                 WHEN 'Service agreement' THEN 'agreement' ELSE 'equipment' END
             WHEN org_type IN ('Customer', 'Former customer') THEN 'customer'
                 WHEN org_type = 'Prospect' THEN 'prospect' ELSE 'other' END AS topic,
        CASE WHEN date >= day0() THEN CASE WHEN date < day0() + 7 AND rnd('state', g) < 0.25 THEN 'Active'
            ELSE 'Planned' END
             WHEN rnd('state', g) < sloppy * CASE WHEN date > day0() - 180 THEN 0.048
                 WHEN date > day0() - 500 THEN 0.004 ELSE 0.0005 END
             THEN CASE WHEN rnd('begun', g) < 0.25 THEN 'Active' ELSE 'Planned' END ELSE 'Completed' END AS status,
        least(at_work(weekday(date::DATE - floor(24 * pow(rnd('ahead', g), 2.2))::INTEGER), rnd('ahead.time', g)),
              at_work(weekday(day0() - 1 - floor(20 * rnd('ahead.late', g))::INTEGER), rnd('ahead.time', g))) AS made
    FROM a_dated AS a JOIN o_brief AS o ON o.organisation_id = a.organisation_id
)
SELECT *, topic IN ('equipment', 'parts', 'agreement') AS quoted, affinity_of(organisation_id, n) AS family,
    least(greatest(made, since + INTERVAL 1 HOUR), date) AS created,
    CASE WHEN topic IN ('equipment', 'parts', 'agreement') THEN asker
         ELSE contact_of(person0, persons, early, since, least(date, day0()::TIMESTAMP), rnd('activity.person', g))
             END AS person_id,
    contact_of(person0, persons, early, since, least(date, day0()::TIMESTAMP), rnd('activity.person2', g)) AS candidate
FROM judged;

CREATE OR REPLACE TEMP TABLE t_activity AS
WITH worded AS (
    SELECT s.organisation_id, s.g, s.n, date, status, s.lang, s.city, s.org, s.since, s.created, s.person_id,
        s.number, quote, service_id,
        other_of(s.person_id, candidate, person0, early) AS person2_id,
        CASE WHEN quoted THEN quotation_id END AS quotation_id,
        x.type, x.action, x.subject AS subject0, nt.note AS note0, tl.a AS tail,
        CASE WHEN quoted THEN quote_thing ELSE i.thing END AS thing,
        CASE WHEN quoted THEN quote_the_thing ELSE i.the_thing END AS the_thing,
        CASE WHEN quoted THEN quote_place ELSE ph.a END AS place,
        CASE WHEN date < switch0() AND former_id IS NOT NULL AND rnd('activity.rep', g) < 0.85 THEN former_id
             WHEN x.type = 'Service' THEN service_id
             WHEN x.action IN ('Invoice', 'Order follow-up') AND rnd('activity.rep', g) < 0.6 THEN inside_id
             WHEN rnd('activity.rep', g) < 0.8 THEN rep_id
                 WHEN rnd('activity.rep', g) < 0.92 THEN coalesce(second_id, rep_id)
             ELSE inside_id END AS responsible_id
    FROM a_staffed AS s
    JOIN act AS x ON x.key = hash(s.lang, s.topic || CASE s.status
        WHEN 'Completed' THEN '' ELSE '.plan' END, slot(walk('activity.text', organisation_id, s.n)))
    JOIN act_note AS nt ON nt.key = hash(s.lang, x.n, CASE s.status
        WHEN 'Completed' THEN 'done' ELSE 'plan' END, slot64(walk('activity.note', organisation_id, s.n * 13)))
    JOIN item AS i ON i.key = hash(s.lang, s.family, 'main', slot256(rnd('activity.thing', g)))
    JOIN phrase AS ph ON ph.key = hash('place', s.lang, slot(walk('activity.place', organisation_id, s.n * 7)))
    JOIN phrase AS tl ON tl.key = hash('tail', s.lang, slot(walk('activity.tail', organisation_id, s.n * 3)))
), peopled AS (
    SELECT w.*, p.first_name, p.name, u.name AS user_name, split_part(u.name, ' ', 1) AS me,
        split_part(u2.name, ' ', 1) AS colleague,
        CASE WHEN p2.id = p.id THEN someone(w.lang) ELSE p2.name END AS name2,
        CASE WHEN rnd('noted', w.g) < CASE status WHEN 'Completed' THEN 0.72 ELSE 0.5 END
             THEN note0 || CASE WHEN status = 'Completed' AND rnd('tailed', w.g) < 0.4 THEN ' ' || tail ELSE '' END
                 END AS note1
    FROM worded AS w JOIN t_person AS p ON p.id = w.person_id JOIN t_person AS p2 ON p2.id = w.person2_id
    JOIN staff AS u ON u.id = w.responsible_id JOIN staff AS u2 ON u2.id = w.service_id
)
SELECT row_number() OVER (ORDER BY organisation_id, date, g) + $activity AS id, organisation_id, g, date, type,
    action, status, created,
    responsible_id, person_id, quotation_id, since, user_name,
    CASE WHEN rnd('urgent', g) < 0.75 THEN 'Normal' WHEN rnd('urgent', g) < 0.9 THEN 'High' ELSE 'Low' END AS priority,
    fill_names(fill_things(fill_facts(subject0, lang, g, date), thing, the_thing, place, city, org),
               first_name, name, name2, me, colleague, number, quote) AS subject,
    fill_names(fill_things(fill_facts(note1, lang, g, date), thing, the_thing, place, city, org),
               first_name, name, name2, me, colleague, number, quote) AS note
FROM peopled ORDER BY 1;

INSERT INTO activity BY NAME
SELECT id, organisation_id, subject, date, type, action, status, priority, responsible_id, quotation_id, note, created,
    CASE WHEN rnd('nobody', g) < 0.06 AND quotation_id IS NULL THEN NULL ELSE person_id END AS person_id
FROM t_activity;
