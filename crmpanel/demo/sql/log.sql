-- The log. Every record has a row 'created'; the changes of its fields end at the values it has now.
-- x_change collects all that could be told; t_change keeps as much of it as the size asked for allows.
CREATE OR REPLACE TEMP TABLE x_change (organisation_id BIGINT, moment TIMESTAMP, user_id BIGINT, action VARCHAR, entity VARCHAR,
    record_id BIGINT, subject VARCHAR, field VARCHAR, old_value VARCHAR, new_value VARCHAR, source VARCHAR);
CREATE OR REPLACE TEMP MACRO chosen(purpose, k, share) AS rnd('log.' || purpose, k) < share;
CREATE OR REPLACE TEMP MACRO last_moment() AS day0()::TIMESTAMP - INTERVAL 7 HOUR;
-- A moment of a working day not before a and not after yesterday.
CREATE OR REPLACE TEMP MACRO soon_after(a, day, r) AS
    least(greatest(a + INTERVAL 5 MINUTE, at_work(day, r)), greatest(a + INTERVAL 1 MINUTE, last_moment()));

INSERT INTO x_change
SELECT id, created, rep_id, 'created', 'organisation', id, name, NULL, NULL, NULL, CASE WHEN imported THEN 'import' ELSE 'web' END FROM o_row
UNION ALL SELECT organisation_id, created, rep_id, 'created', 'person', id, name, NULL, NULL, NULL,
    CASE WHEN created < since + INTERVAL 4 HOUR AND since::DATE = start0() THEN 'import' ELSE 'web' END FROM t_person
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'quotation', id, description, NULL, NULL, NULL, 'web' FROM t_quotation
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'order', id, description, NULL, NULL, NULL,
    CASE WHEN direct THEN 'ERP' ELSE 'web' END FROM t_order
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'ticket', id, subject, NULL, NULL, NULL, 'web' FROM t_ticket
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'meeting', id, subject, NULL, NULL, NULL, 'web' FROM t_meeting
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'product', id, name, NULL, NULL, NULL, 'ERP' FROM t_product
UNION ALL SELECT organisation_id, uploaded, responsible_id, 'created', 'document', id, description, NULL, NULL, NULL, 'web' FROM t_document
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'activity', id, subject, NULL, NULL, NULL, 'web' FROM t_activity;

-- Activities: done, postponed, handed over.
CREATE OR REPLACE TEMP TABLE x_activity AS
SELECT a.*, created AS begun, old_name,
    CASE WHEN status = 'Completed' THEN least(date + to_minutes((5 + 400 * pow(rnd('done', g), 4))::BIGINT), last_moment())
         ELSE least(date, last_moment()) END AS ended,
    chosen('activity.status', g, 0.42) AND status <> 'Planned' AS stated,
    chosen('activity.active', g, 0.04) AND status = 'Completed' AS through
FROM t_activity AS a
JOIN (SELECT id AS old_id, name AS old_name FROM staff) ON old_id = 1 + (responsible_id + 2 + (g % 9)) % 13
WHERE date > created + INTERVAL 1 HOUR AND created < last_moment() - INTERVAL 2 HOUR;

INSERT INTO x_change
SELECT organisation_id, ended, responsible_id, 'changed', 'activity', id, subject, 'status',
    CASE WHEN through THEN 'Active' ELSE 'Planned' END, status, 'web' FROM x_activity WHERE stated
UNION ALL SELECT organisation_id, between_times(begun, ended, 0.5), responsible_id, 'changed', 'activity', id, subject, 'status', 'Planned', 'Active', 'web'
FROM x_activity WHERE stated AND through
UNION ALL SELECT organisation_id, between_times(begun, ended, 0.7), responsible_id, 'changed', 'activity', id, subject, 'date',
    (date - to_days(one_of('postponed', g, 12)))::VARCHAR, date::VARCHAR, 'web' FROM x_activity WHERE chosen('activity.date', g, 0.09)
UNION ALL SELECT organisation_id, between_times(begun, ended, 0.3), responsible_id, 'changed', 'activity', id, subject, 'responsible_id', old_name, user_name,
    CASE WHEN rnd('mass.edit', g) < 0.4 THEN 'mass edit' ELSE 'web' END
FROM x_activity WHERE chosen('activity.responsible', g, 0.05) AND old_name <> user_name
UNION ALL SELECT organisation_id, between_times(begun, ended, 0.4), responsible_id, 'changed', 'activity', id, subject, 'priority',
    CASE priority WHEN 'Normal' THEN 'Low' ELSE 'Normal' END, priority, 'web' FROM x_activity WHERE chosen('activity.priority', g, 0.03);

-- Quotations: level and probability together, value as lines are added.
CREATE OR REPLACE TEMP TABLE x_quotation AS
WITH timed AS (
    SELECT *, CASE outcome WHEN 'open' THEN between_times(created, last_moment(), 0.2 + 0.75 * rnd('warmed', g))
                  ELSE soon_after(created, day, rnd('closed', g)) END AS ended,
        CASE WHEN outcome <> 'open' THEN (['A - Hot', 'A - Hot', 'B - Warm', 'B - Warm', 'C - Cold'])[one_of('was', g, 5)]
             WHEN level = 'B - Warm' THEN 'C - Cold' ELSE 'B - Warm' END AS was
    FROM t_quotation
), stepped AS (
    SELECT *, CASE was WHEN 'A - Hot' THEN 'B - Warm' WHEN 'B - Warm' THEN 'C - Cold' ELSE 'B - Warm' END AS first_level,
        chosen('quotation.level', g, 0.85) AS moved, rnd('step', g) < 0.4 AS twice
    FROM timed
)
SELECT *, CASE was WHEN 'A - Hot' THEN '80.0' WHEN 'B - Warm' THEN '50.0' ELSE '20.0' END AS chance,
    CASE first_level WHEN 'B - Warm' THEN '50.0' ELSE '20.0' END AS first_chance, between_times(created, ended, 0.4) AS midway
FROM stepped;

INSERT INTO x_change
SELECT organisation_id, ended, responsible_id, 'changed', 'quotation', id, description, 'level', was, level, 'web' FROM x_quotation WHERE moved
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'quotation', id, description, 'probability', chance, probability::VARCHAR, 'web'
FROM x_quotation WHERE moved AND chance <> probability::VARCHAR
UNION ALL SELECT organisation_id, midway, responsible_id, 'changed', 'quotation', id, description, 'level', first_level, was, 'web'
FROM x_quotation WHERE moved AND twice
UNION ALL SELECT organisation_id, midway, responsible_id, 'changed', 'quotation', id, description, 'probability', first_chance, chance, 'web'
FROM x_quotation WHERE moved AND twice AND chance <> probability::VARCHAR
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'quotation', id, description, 'lost_reason', NULL, lost_reason, 'web'
FROM x_quotation WHERE moved AND lost_reason IS NOT NULL
UNION ALL SELECT organisation_id, between_times(created, ended, 0.25), responsible_id, 'changed', 'quotation', id, description, 'value',
    (round(value * (0.7 + 0.5 * rnd('before', g)))::DECIMAL(18, 2))::VARCHAR, value::VARCHAR, 'web' FROM x_quotation WHERE chosen('quotation.value', g, 0.35);

-- Orders, tickets, meetings.
CREATE OR REPLACE TEMP TABLE x_order AS
SELECT *, soon_after(created, coalesce(shipped_date, day + 4), rnd('shipped.time', g)) AS ended FROM t_order;
CREATE OR REPLACE TEMP TABLE x_ticket AS
SELECT *, coalesce(closed, soon_after(created, created::DATE + 1, rnd('taken', g))) AS ended FROM t_ticket;
CREATE OR REPLACE TEMP TABLE x_meeting AS
SELECT *, CASE status WHEN 'Held' THEN least("start" + to_minutes(minutes::BIGINT), day0()::TIMESTAMP - INTERVAL 1 MINUTE)
    ELSE between_times(created, least("start", last_moment()), 0.8) END AS ended
FROM t_meeting WHERE created < last_moment() - INTERVAL 1 HOUR;

INSERT INTO x_change
SELECT organisation_id, ended, responsible_id, 'changed', 'order', id, description, 'status',
    CASE status WHEN 'Completed' THEN 'OnGoing' WHEN 'OnGoing' THEN 'Planned' ELSE 'New' END, status, 'ERP'
FROM x_order WHERE status <> 'New' AND chosen('order.status', g, 0.8)
UNION ALL SELECT organisation_id, between_times(created, ended, 0.5), responsible_id, 'changed', 'order', id, description, 'delivery_date',
    (delivery_date - 1 - one_of('moved', g, 9))::DATE::VARCHAR, delivery_date::VARCHAR, 'ERP' FROM x_order WHERE chosen('order.moved', g, 0.2)
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'ticket', id, subject, 'status', 'Ongoing', 'Closed', 'web'
FROM x_ticket WHERE status = 'Closed' AND chosen('ticket.status', g, 0.8)
UNION ALL SELECT organisation_id, between_times(created, ended, 0.3), responsible_id, 'changed', 'ticket', id, subject, 'status', 'Created', 'Ongoing', 'web'
FROM x_ticket WHERE status = 'Closed' AND chosen('ticket.status', g, 0.8)
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'ticket', id, subject, 'status', 'Created', status, 'web'
FROM x_ticket WHERE status IN ('Ongoing', 'Waiting for customer') AND chosen('ticket.status', g, 0.8)
UNION ALL SELECT organisation_id, between_times(created, ended, 0.2), responsible_id, 'changed', 'ticket', id, subject, 'priority',
    CASE priority WHEN 'Normal' THEN 'High' ELSE 'Normal' END, priority, 'web' FROM x_ticket WHERE chosen('ticket.priority', g, 0.14)
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'meeting', id, subject, 'status', 'Confirmed', status, 'web'
FROM x_meeting WHERE status IN ('Held', 'Cancelled') AND chosen('meeting.status', g, 0.5)
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'meeting', id, subject, 'status', 'Draft', status, 'web'
FROM x_meeting WHERE status = 'Confirmed' AND chosen('meeting.status', g, 0.4);

-- Organisations and persons: always kept.
CREATE OR REPLACE TEMP TABLE x_organisation AS
SELECT o.*, f.name AS former_name, u.name AS rep_name, s.a AS old_street, created + INTERVAL 1 DAY AS begun, last_moment() AS ended
FROM o_row AS o LEFT JOIN staff AS f ON f.id = former_id JOIN staff AS u ON u.id = rep_id
JOIN phrase AS s ON s.key = hash('street', o.country, slot(rnd('old.street', o.k)));
CREATE OR REPLACE TEMP TABLE x_person AS
SELECT p.*, old.a AS old_title FROM t_person AS p JOIN phrase AS old ON old.key = hash('title', p.lang, slot(rnd('old.title', p.g)))
WHERE created < last_moment() - INTERVAL 3 DAY;

INSERT INTO x_change
SELECT id, switch0()::TIMESTAMP + INTERVAL 9 HOUR, 1, 'changed', 'organisation', id, name, 'responsible_id', former_name, rep_name, 'mass edit'
FROM x_organisation WHERE former_id IS NOT NULL
UNION ALL SELECT id, between_times(begun, ended, 0.1 + 0.8 * rnd('org.phone', k)), rep_id, 'changed', 'organisation', id, name, 'phone',
    phone_of(country, dial, area, 'old.phone', k), phone, 'web' FROM x_organisation WHERE rnd('has.old.phone', k) < 0.3
UNION ALL SELECT id, between_times(begun, ended, 0.1 + 0.8 * rnd('org.limit', k)), 1, 'changed', 'organisation', id, name, 'erp_credit_limit',
    (erp_credit_limit / 2)::DECIMAL(18, 2)::VARCHAR, erp_credit_limit::VARCHAR, 'ERP' FROM x_organisation WHERE erp_credit_limit > 0 AND rnd('has.old.limit', k) < 0.4
UNION ALL SELECT id, between_times(begun, ended, 0.5 + 0.4 * rnd('org.alert', k)), rep_id, 'changed', 'organisation', id, name, 'alert', NULL, alert, 'web'
FROM x_organisation WHERE alert IS NOT NULL
UNION ALL SELECT id, between_times(begun, ended, 0.02 + 0.2 * rnd('org.type', k)), rep_id, 'changed', 'organisation', id, name, 'type', 'Prospect', type, 'web'
FROM x_organisation WHERE type = 'Customer' AND NOT imported
UNION ALL SELECT id, between_times(begun, ended, until_share), rep_id, 'changed', 'organisation', id, name, 'type', 'Customer', type, 'web'
FROM x_organisation WHERE type = 'Former customer'
UNION ALL SELECT id, between_times(begun, ended, least(0.95, until_share)), rep_id, 'changed', 'organisation', id, name, 'status', 'Active', status, 'web'
FROM x_organisation WHERE status <> 'Active'
UNION ALL SELECT id, between_times(begun, ended, 0.2 + 0.7 * rnd('org.street', k)), rep_id, 'changed', 'organisation', id, name, 'address',
    CASE country WHEN 'GB' THEN (1 + k % 88) || ' ' || old_street ELSE old_street || ' ' || (1 + k % 88) END, street, 'web'
FROM x_organisation WHERE rnd('moved', k) < 0.12
UNION ALL SELECT organisation_id, between_times(created, last_moment(), 0.3 + 0.6 * rnd('gone', g)), rep_id, 'changed', 'person', id, name, 'status', 'Active', 'Resigned', 'web'
FROM x_person WHERE resigned
UNION ALL SELECT organisation_id, between_times(created, last_moment(), 0.2 + 0.6 * rnd('renamed', g)), rep_id, 'changed', 'person', id, name, 'title', old_title, title, 'web'
FROM x_person WHERE rnd('promoted', g) < 0.1 AND old_title <> title;

-- Two rows per activity: of the changes that may be left out, whole chains of a field are kept by lot.
CREATE OR REPLACE TEMP TABLE t_change AS
WITH room AS (
    SELECT (2 * (SELECT count(*) FROM t_activity) - count(*) FILTER (NOT optional)) / greatest(1, count(*) FILTER (optional)) AS share
    FROM (SELECT action = 'changed' AND entity NOT IN ('organisation', 'person') AS optional FROM x_change)
)
SELECT x.* FROM x_change AS x, room
WHERE action = 'created' OR entity IN ('organisation', 'person') OR rnd('kept' || field, record_id) < greatest(0.35, share)
ORDER BY organisation_id, moment, user_id, entity, record_id, action DESC, field;

-- Rows of one moment, user and source were saved together: a changeset. (Windows without order follow the rows.)
CREATE OR REPLACE TEMP TABLE t_saved AS
WITH marked AS (
    SELECT *, row_number() OVER () + $change AS id,
        moment = lag(moment) OVER () AND user_id = lag(user_id) OVER () AND source = lag(source) OVER ()
        AND organisation_id = lag(organisation_id) OVER () AS together
    FROM t_change
)
SELECT *, sum(CASE WHEN together THEN 0 ELSE 1 END) OVER (ROWS UNBOUNDED PRECEDING)::BIGINT + $changeset AS changeset FROM marked;

INSERT INTO change BY NAME
SELECT id, organisation_id, changeset, moment AS "at", user_id AS responsible_id, action, entity, record_id, subject, field, old_value, new_value,
    source, moment AS created
FROM t_saved;

INSERT INTO changeset BY NAME
SELECT changeset AS id, moment AS "at", user_id, source,
    CASE source WHEN 'import' THEN 'Import from the previous system' WHEN 'ERP' THEN 'Synchronised from the ERP'
        WHEN 'mass edit' THEN 'Mass edit' ELSE 'Saved on the card' END AS why
FROM t_saved WHERE together IS NOT TRUE;
