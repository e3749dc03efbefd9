-- The log. Every record has a row 'created'; the changes of its fields end at the values it has now.
-- x_change collects them: share is how likely a change of that sort is logged at all.
CREATE OR REPLACE TEMP TABLE x_change (organisation_id BIGINT, moment TIMESTAMP, user_id BIGINT, action VARCHAR, entity VARCHAR,
    record_id BIGINT, subject VARCHAR, field VARCHAR, old_value VARCHAR, new_value VARCHAR, source VARCHAR);
CREATE OR REPLACE TEMP MACRO chosen(purpose, k, share) AS rnd('log.' || purpose, k) < share * $factor;
CREATE OR REPLACE TEMP MACRO other_user(id, k) AS 1 + (id + 2 + (k % 9)) % 13;

INSERT INTO x_change
SELECT id, created, rep_id, 'created', 'organisation', id, name, NULL, NULL, NULL, CASE WHEN imported THEN 'import' ELSE 'web' END FROM o_row
UNION ALL SELECT organisation_id, created, coalesce(rep_id, 1), 'created', 'person', id, name, NULL, NULL, NULL, CASE WHEN created < since + INTERVAL 1 HOUR THEN 'import' ELSE 'web' END FROM t_person
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'quotation', id, description, NULL, NULL, NULL, 'web' FROM t_quotation
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'order', id, description, NULL, NULL, NULL, CASE WHEN direct THEN 'web' ELSE 'ERP' END FROM t_order
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'ticket', id, subject, NULL, NULL, NULL, 'web' FROM t_ticket
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'meeting', id, subject, NULL, NULL, NULL, 'web' FROM t_meeting
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'product', id, name, NULL, NULL, NULL, 'ERP' FROM t_product
UNION ALL SELECT organisation_id, uploaded, responsible_id, 'created', 'document', id, capital(description), NULL, NULL, NULL, 'web' FROM t_document
UNION ALL SELECT organisation_id, created, responsible_id, 'created', 'activity', id, subject, NULL, NULL, NULL, 'web' FROM t_activity;

-- Activities: done, postponed, handed over.
INSERT INTO x_change
WITH a AS (
    SELECT *, CASE WHEN status = 'Completed' THEN least(greatest(date, created + INTERVAL 3 MINUTE) + to_minutes((5 + 400 * pow(rnd('done', g), 4))::BIGINT), day0() - INTERVAL 1 SECOND)
              ELSE day0() - INTERVAL 1 SECOND END AS ended,
        chosen('activity.status', g, 0.34) AND status <> 'Planned' AS stated, chosen('activity.active', g, 0.03) AND status = 'Completed' AS through
    FROM t_activity
    WHERE date > created + INTERVAL 1 HOUR
)
SELECT organisation_id, ended, responsible_id, 'changed', 'activity', id, subject, 'status', CASE WHEN through THEN 'Active' ELSE 'Planned' END, status, 'web'
FROM a WHERE stated
UNION ALL
SELECT organisation_id, between_safe(created, ended, 0.5), responsible_id, 'changed', 'activity', id, subject, 'status', 'Planned', 'Active', 'web'
FROM a WHERE stated AND through
UNION ALL
SELECT organisation_id, between_safe(created, least(ended, date), 0.7), responsible_id, 'changed', 'activity', id, subject, 'date',
    (date - to_days(1 + floor(12 * rnd('postponed', g))::INTEGER))::VARCHAR, date::VARCHAR, 'web'
FROM a WHERE chosen('activity.date', g, 0.055)
UNION ALL
SELECT organisation_id, between_safe(created, least(ended, date), 0.3), responsible_id, 'changed', 'activity', id, subject, 'responsible_id', old_name, user_name,
    CASE WHEN rnd('mass.edit', g) < 0.4 THEN 'mass edit' ELSE 'web' END
FROM a JOIN (SELECT id AS old_id, name AS old_name FROM staff) ON old_id = other_user(responsible_id, g) WHERE chosen('activity.responsible', g, 0.03) AND old_name <> user_name
UNION ALL
SELECT organisation_id, between_safe(created, least(ended, date), 0.4), responsible_id, 'changed', 'activity', id, subject, 'priority', CASE priority WHEN 'Normal' THEN 'Low' ELSE 'Normal' END, priority, 'web'
FROM a WHERE chosen('activity.priority', g, 0.02);

-- Quotations: level and probability together, value as lines are added.
INSERT INTO x_change
WITH q AS (
    SELECT *, least(greatest(created + INTERVAL 10 MINUTE, at_work(day, rnd('closed', g))), day0() - INTERVAL 1 SECOND) AS ended,
        CASE WHEN level IN ('Won', 'Lost', 'Cancelled') THEN CASE WHEN rnd('was', g) < 0.3 THEN 'A - Hot' WHEN rnd('was', g) < 0.75 THEN 'B - Warm' ELSE 'C - Cold' END
             WHEN level = 'C - Cold' THEN 'B - Warm' WHEN level = 'B - Warm' THEN 'C - Cold' ELSE 'B - Warm' END AS was
    FROM t_quotation
), moved AS (
    SELECT *, CASE was WHEN 'A - Hot' THEN '80.0' WHEN 'B - Warm' THEN '50.0' ELSE '20.0' END AS chance FROM q WHERE chosen('quotation.level', g, 0.75)
)
SELECT organisation_id, ended, responsible_id, 'changed', 'quotation', id, description, 'level', was, level, 'web' FROM moved
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'quotation', id, description, 'probability', chance, probability::VARCHAR, 'web'
FROM moved WHERE chance <> probability::VARCHAR
UNION ALL SELECT organisation_id, between_safe(created, ended, 0.4), responsible_id, 'changed', 'quotation', id, description, 'level',
    CASE was WHEN 'A - Hot' THEN 'B - Warm' WHEN 'B - Warm' THEN 'C - Cold' ELSE 'B - Warm' END, was, 'web' FROM moved WHERE rnd('step', g) < 0.4
UNION ALL SELECT organisation_id, between_safe(created, ended, 0.4), responsible_id, 'changed', 'quotation', id, description, 'probability',
    CASE was WHEN 'A - Hot' THEN '50.0' WHEN 'B - Warm' THEN '20.0' ELSE '50.0' END, chance, 'web' FROM moved WHERE rnd('step', g) < 0.4 AND chance <> probability::VARCHAR
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'quotation', id, description, 'lost_reason', NULL, lost_reason, 'web' FROM moved WHERE lost_reason IS NOT NULL
UNION ALL SELECT organisation_id, between_safe(created, ended, 0.25), responsible_id, 'changed', 'quotation', id, description, 'value',
    (round(value * (0.7 + 0.5 * rnd('before', g)))::DECIMAL(18, 2))::VARCHAR, value::VARCHAR, 'web' FROM q WHERE chosen('quotation.value', g, 0.3);

-- Orders, tickets, meetings.
INSERT INTO x_change
WITH o AS (
    SELECT *, least(greatest(created + INTERVAL 20 MINUTE, at_work(coalesce(shipped_date, day + 4), rnd('shipped', g))), day0() - INTERVAL 1 SECOND) AS ended FROM t_order
), k AS (
    SELECT *, coalesce(closed, least(created + INTERVAL 90 MINUTE, day0() - INTERVAL 1 SECOND)) AS ended FROM t_ticket
), m AS (
    SELECT *, least(greatest(created + INTERVAL 10 MINUTE, "start" + to_minutes(minutes::BIGINT)), day0() - INTERVAL 1 SECOND) AS ended FROM t_meeting
)
SELECT organisation_id, ended, responsible_id, 'changed', 'order', id, description, 'status', CASE status WHEN 'Completed' THEN 'OnGoing' WHEN 'OnGoing' THEN 'Planned' ELSE 'New' END, status, 'ERP'
FROM o WHERE status <> 'New' AND chosen('order.status', g, 0.7)
UNION ALL SELECT organisation_id, between_safe(created, ended, 0.5), responsible_id, 'changed', 'order', id, description, 'delivery_date',
    (delivery_date - 2 - floor(9 * rnd('moved', g))::INTEGER)::DATE::VARCHAR, delivery_date::VARCHAR, 'ERP' FROM o WHERE chosen('order.moved', g, 0.15)
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'ticket', id, subject, 'status', 'Ongoing', 'Closed', 'web' FROM k WHERE status = 'Closed' AND chosen('ticket.status', g, 0.7)
UNION ALL SELECT organisation_id, between_safe(created, ended, 0.3), responsible_id, 'changed', 'ticket', id, subject, 'status', 'Created', 'Ongoing', 'web' FROM k WHERE status = 'Closed' AND chosen('ticket.status', g, 0.7)
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'ticket', id, subject, 'status', 'Created', status, 'web' FROM k WHERE status IN ('Ongoing', 'Waiting for customer') AND chosen('ticket.status', g, 0.7)
UNION ALL SELECT organisation_id, between_safe(created, ended, 0.2), responsible_id, 'changed', 'ticket', id, subject, 'priority', CASE priority WHEN 'Normal' THEN 'High' ELSE 'Normal' END, priority, 'web' FROM k WHERE chosen('ticket.priority', g, 0.12)
UNION ALL SELECT organisation_id, ended, responsible_id, 'changed', 'meeting', id, subject, 'status', 'Confirmed', status, 'web' FROM m WHERE status IN ('Held', 'Cancelled') AND chosen('meeting.status', g, 0.4)
UNION ALL SELECT organisation_id, between_safe(created, ended, 0.5), responsible_id, 'changed', 'meeting', id, subject, 'status', 'Draft', status, 'web' FROM m WHERE status = 'Confirmed' AND chosen('meeting.status', g, 0.3);

-- Organisations and persons.
INSERT INTO x_change
WITH o AS (
    SELECT *, created + INTERVAL 1 DAY AS begun, day0() - INTERVAL 2 HOUR AS ended FROM o_row
), p AS (
    SELECT *, day0() - INTERVAL 1 HOUR AS ended FROM t_person
)
SELECT o.id, switch0()::TIMESTAMP + INTERVAL 9 HOUR, 1, 'changed', 'organisation', o.id, o.name, 'responsible_id', f.name, u.name, 'mass edit'
FROM o JOIN staff AS f ON f.id = former_id JOIN staff AS u ON u.id = rep_id
UNION ALL SELECT id, between_safe(begun, ended, 0.1 + 0.8 * rnd('org.phone', k)), rep_id, 'changed', 'organisation', id, name, 'phone', phone_of(country, dial, area, 'old.phone', k), phone, 'web' FROM o WHERE rnd('has.old.phone', k) < 0.3
UNION ALL SELECT id, between_safe(begun, ended, 0.1 + 0.8 * rnd('org.limit', k)), 1, 'changed', 'organisation', id, name, 'erp_credit_limit', round(erp_credit_limit / 2)::DECIMAL(18, 2)::VARCHAR, erp_credit_limit::VARCHAR, 'ERP' FROM o WHERE erp_credit_limit > 0 AND rnd('has.old.limit', k) < 0.4
UNION ALL SELECT id, between_safe(begun, ended, 0.5 + 0.4 * rnd('org.alert', k)), rep_id, 'changed', 'organisation', id, name, 'alert', NULL, alert, 'web' FROM o WHERE alert IS NOT NULL
UNION ALL SELECT id, between_safe(begun, ended, 0.02 + 0.2 * rnd('org.type', k)), rep_id, 'changed', 'organisation', id, name, 'type', 'Prospect', type, 'web' FROM o WHERE type = 'Customer' AND NOT imported
UNION ALL SELECT id, between_safe(begun, ended, 0.6 + 0.3 * rnd('org.type', k)), rep_id, 'changed', 'organisation', id, name, 'type', 'Customer', type, 'web' FROM o WHERE type = 'Former customer'
UNION ALL SELECT id, between_safe(begun, ended, 0.6 + 0.3 * rnd('org.type', k)), rep_id, 'changed', 'organisation', id, name, 'status', 'Active', status, 'web' FROM o WHERE status <> 'Active'
UNION ALL SELECT id, between_safe(begun, ended, 0.2 + 0.7 * rnd('org.street', k)), rep_id, 'changed', 'organisation', id, name, 'address', (1 + k % 88) || ' ' || s.a, street, 'web' FROM o
    JOIN phrase AS s ON s.key = hash('street', o.country, slot(rnd('old.street', k))) WHERE rnd('moved', k) < 0.12
UNION ALL SELECT organisation_id, between_safe(created, ended, 0.3 + 0.6 * rnd('gone', g)), rep_id, 'changed', 'person', id, name, 'status', 'Active', 'Resigned', 'web' FROM p WHERE resigned AND created < ended - INTERVAL 3 DAY
UNION ALL SELECT organisation_id, between_safe(created, ended, 0.2 + 0.6 * rnd('renamed', g)), rep_id, 'changed', 'person', id, name, 'title', old.a, title, 'web' FROM p
    JOIN phrase AS old ON old.key = hash('title', p.lang, slot(rnd('old.title', g))) WHERE rnd('promoted', g) < 0.1 AND old.a <> title AND created < ended - INTERVAL 3 DAY;

CREATE OR REPLACE TEMP TABLE t_change AS
WITH ordered AS (
    SELECT *, row_number() OVER w AS row_no,
        CASE WHEN moment = lag(moment) OVER w AND user_id = lag(user_id) OVER w AND organisation_id = lag(organisation_id) OVER w THEN 0 ELSE 1 END AS first
    FROM x_change WINDOW w AS (ORDER BY organisation_id, moment, user_id, entity, record_id, action DESC, field)
)
SELECT *, row_no + $change AS id, sum(first) OVER (ORDER BY row_no ROWS UNBOUNDED PRECEDING) + $changeset AS changeset FROM ordered ORDER BY row_no;

INSERT INTO change BY NAME
SELECT id, organisation_id, changeset, moment AS "at", user_id AS responsible_id, action, entity, record_id, subject, field, old_value, new_value,
    source, moment AS created
FROM t_change ORDER BY id;

INSERT INTO changeset BY NAME
SELECT changeset AS id, min(moment) AS "at", min(user_id) AS user_id, min(source) AS source,
    CASE min(source) WHEN 'import' THEN 'Import from the previous system' WHEN 'ERP' THEN 'Synchronised from the ERP'
        WHEN 'mass edit' THEN 'Mass edit' ELSE 'Saved on the card' END AS why
FROM t_change GROUP BY changeset ORDER BY changeset;
