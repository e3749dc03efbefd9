-- The log. Every record has a row 'insert'; the changes of its fields end at the values it has now.
-- x_change collects all that could be told; t_change keeps as much of it as the size asked for allows.
CREATE OR REPLACE TEMP TABLE x_change (organisation_id BIGINT, moment TIMESTAMP, user_id BIGINT, action VARCHAR,
    entity VARCHAR, record_id BIGINT, subject VARCHAR, field VARCHAR, old_value VARCHAR, new_value VARCHAR, source VARCHAR);
CREATE OR REPLACE TEMP MACRO chosen(purpose, k, share) AS rnd('log.' || purpose, k) < share;
-- A moment of a working day not before a and not after yesterday.
CREATE OR REPLACE TEMP MACRO soon_after(a, day, r) AS
    least(greatest(a + INTERVAL 5 MINUTE, at_work(day, r)), greatest(a + INTERVAL 1 MINUTE, last_moment()));

INSERT INTO x_change
SELECT organisation_id, created, user_id, 'insert', entity, id, title, 'id', NULL, id, source FROM (
    SELECT 'organisation' AS entity, id AS organisation_id, id, rep_id AS user_id, created, name AS title,
        CASE WHEN imported THEN 'import' ELSE 'web' END AS source FROM o_row
    UNION ALL BY NAME SELECT 'person' AS entity, organisation_id, id, rep_id AS user_id, created, name AS title,
        CASE WHEN is_early AND since::DATE = start0() THEN 'import' ELSE 'web' END AS source FROM t_person
    UNION ALL BY NAME SELECT 'quotation' AS entity, organisation_id, id, responsible_id AS user_id, created,
        description AS title, 'web' AS source FROM t_quotation
    UNION ALL BY NAME SELECT 'order' AS entity, organisation_id, id, responsible_id AS user_id, created,
        description AS title, CASE WHEN direct THEN 'ERP' ELSE 'web' END AS source FROM t_order
    UNION ALL BY NAME SELECT 'ticket' AS entity, organisation_id, id, responsible_id AS user_id, created,
        subject AS title, 'web' AS source FROM t_ticket
    UNION ALL BY NAME SELECT 'meeting' AS entity, organisation_id, id, responsible_id AS user_id, created,
        subject AS title, 'web' AS source FROM t_meeting
    UNION ALL BY NAME SELECT 'product' AS entity, organisation_id, id, responsible_id AS user_id, created,
        name AS title, 'ERP' AS source FROM t_product
    UNION ALL BY NAME SELECT 'document' AS entity, organisation_id, id, responsible_id AS user_id, uploaded AS created,
        description AS title, 'web' AS source FROM t_document
    UNION ALL BY NAME SELECT 'activity' AS entity, organisation_id, id, responsible_id AS user_id, created,
        subject AS title, 'web' AS source FROM t_activity
    -- As in the application, a pin is told in nobody's log.
    UNION ALL BY NAME SELECT 'pin' AS entity, NULL AS organisation_id, id, user_id, created,
        entity AS title, 'web' AS source FROM t_pin
);

-- Activities: done, postponed, handed over.
CREATE OR REPLACE TEMP TABLE x_activity AS
SELECT a.*, old_id,
    CASE WHEN status = 'Completed'
         THEN least(date + to_minutes((5 + 400 * pow(rnd('done', g), 4))::BIGINT), last_moment())
         ELSE least(date, last_moment()) END AS ended,
    chosen('activity.status', g, 0.42) AND status <> 'Planned' AS stated,
    chosen('activity.active', g, 0.04) AND status = 'Completed' AS twice
FROM t_activity AS a
JOIN (SELECT id AS old_id FROM staff) ON old_id = 1 + (responsible_id + 2 + (g % 9)) % 13
WHERE date > created + INTERVAL 1 HOUR AND created < last_moment() - INTERVAL 2 HOUR;

INSERT INTO x_change
SELECT organisation_id, moment, responsible_id, 'update', 'activity', id, subject, field, old, new, source FROM (
    SELECT *, 'status' AS field, ended AS moment, CASE WHEN twice THEN 'Active' ELSE 'Planned' END AS old,
        status AS new, 'web' AS source FROM x_activity WHERE stated
    UNION ALL BY NAME SELECT *, 'status' AS field, between_times(created, ended, 0.5) AS moment, 'Planned' AS old,
        'Active' AS new, 'web' AS source FROM x_activity WHERE stated AND twice
    UNION ALL BY NAME SELECT *, 'date' AS field, between_times(created, ended, 0.7) AS moment,
        (date - to_days(one_of('postponed', g, 12)))::VARCHAR AS old, date::VARCHAR AS new, 'web' AS source
        FROM x_activity WHERE chosen('activity.date', g, 0.09)
    UNION ALL BY NAME SELECT *, 'responsible_id' AS field, between_times(created, ended, 0.3) AS moment,
        old_id::VARCHAR AS old, responsible_id::VARCHAR AS new,
        CASE WHEN rnd('mass.edit', g) < 0.4 THEN 'mass edit' ELSE 'web' END AS source
        FROM x_activity WHERE chosen('activity.responsible', g, 0.05) AND old_id <> responsible_id
    UNION ALL BY NAME SELECT *, 'priority' AS field, between_times(created, ended, 0.4) AS moment,
        CASE priority WHEN 'Normal' THEN 'Low' ELSE 'Normal' END AS old, priority AS new, 'web' AS source
        FROM x_activity WHERE chosen('activity.priority', g, 0.03)
);

-- Quotations: level and probability together, in one step or two; value as lines are added.
CREATE OR REPLACE TEMP TABLE x_quotation AS
WITH timed AS (
    SELECT *, CASE outcome WHEN 'open'
            THEN greatest(created + INTERVAL 10 MINUTE, between_times(created, last_moment(), 0.2 + 0.75 * rnd('warmed', g)))
            ELSE soon_after(created, day, rnd('closed', g)) END AS ended,
        CASE WHEN outcome <> 'open' THEN (['A - Hot', 'A - Hot', 'B - Warm', 'B - Warm', 'C - Cold'])[one_of('was', g, 5)]
             WHEN level = 'B - Warm' THEN 'C - Cold' ELSE 'B - Warm' END AS was
    FROM t_quotation
), stepped AS (
    SELECT *, CASE was WHEN 'B - Warm' THEN 'C - Cold' ELSE 'B - Warm' END AS first,
        chosen('quotation.level', g, 0.85) AS moved, rnd('step', g) < 0.4 AS twice
    FROM timed
)
SELECT *, CASE was WHEN 'A - Hot' THEN '80.0' WHEN 'B - Warm' THEN '50.0' ELSE '20.0' END AS chance,
    CASE first WHEN 'B - Warm' THEN '50.0' ELSE '20.0' END AS first_chance, between_times(created, ended, 0.4) AS midway
FROM stepped;

INSERT INTO x_change
SELECT organisation_id, moment, responsible_id, 'update', 'quotation', id, description, field, old, new, 'web' FROM (
    SELECT *, 'level' AS field, ended AS moment, was AS old, level AS new FROM x_quotation WHERE moved
    UNION ALL BY NAME SELECT *, 'level' AS field, midway AS moment, first AS old, was AS new
        FROM x_quotation WHERE moved AND twice
    UNION ALL BY NAME SELECT *, 'probability' AS field, ended AS moment, chance AS old, probability::VARCHAR AS new
        FROM x_quotation WHERE moved AND chance <> probability::VARCHAR
    UNION ALL BY NAME SELECT *, 'probability' AS field, midway AS moment, first_chance AS old, chance AS new
        FROM x_quotation WHERE moved AND twice AND chance <> probability::VARCHAR
    UNION ALL BY NAME SELECT *, 'lost_reason' AS field, ended AS moment, NULL AS old, lost_reason AS new
        FROM x_quotation WHERE moved AND lost_reason IS NOT NULL
    UNION ALL BY NAME SELECT *, 'value' AS field, between_times(created, ended, 0.25) AS moment,
        (round(value * (0.7 + 0.5 * rnd('before', g)))::DECIMAL(18, 2))::VARCHAR AS old, value::VARCHAR AS new
        FROM x_quotation WHERE chosen('quotation.value', g, 0.35)
);

-- Orders: what the ERP reports.
CREATE OR REPLACE TEMP TABLE x_order AS
SELECT *, soon_after(created, coalesce(shipped_date, day + 4), rnd('shipped.time', g)) AS ended FROM t_order;

INSERT INTO x_change
SELECT organisation_id, moment, responsible_id, 'update', 'order', id, description, field, old, new, 'ERP' FROM (
    SELECT *, 'status' AS field, ended AS moment, status AS new,
        CASE status WHEN 'Completed' THEN 'OnGoing' WHEN 'OnGoing' THEN 'Planned' ELSE 'New' END AS old
        FROM x_order WHERE status <> 'New' AND chosen('order.status', g, 0.8)
    UNION ALL BY NAME SELECT *, 'delivery_date' AS field, between_times(created, ended, 0.5) AS moment,
        (delivery_date - 1 - one_of('moved', g, 9))::DATE::VARCHAR AS old, delivery_date::VARCHAR AS new
        FROM x_order WHERE chosen('order.moved', g, 0.2)
);

-- Support tickets: taken, closed, given another priority.
CREATE OR REPLACE TEMP TABLE x_ticket AS
SELECT *, coalesce(closed, soon_after(created, created::DATE + 1, rnd('taken', g))) AS ended,
    chosen('ticket.status', g, 0.8) AS moved
FROM t_ticket;

INSERT INTO x_change
SELECT organisation_id, moment, responsible_id, 'update', 'ticket', id, subject, field, old, new, 'web' FROM (
    SELECT *, 'status' AS field, ended AS moment, 'Ongoing' AS old, 'Closed' AS new
        FROM x_ticket WHERE status = 'Closed' AND moved
    UNION ALL BY NAME SELECT *, 'status' AS field, between_times(created, ended, 0.3) AS moment, 'Created' AS old,
        'Ongoing' AS new FROM x_ticket WHERE status = 'Closed' AND moved
    UNION ALL BY NAME SELECT *, 'status' AS field, ended AS moment, 'Created' AS old, status AS new
        FROM x_ticket WHERE status IN ('Ongoing', 'Waiting for customer') AND moved
    UNION ALL BY NAME SELECT *, 'priority' AS field, between_times(created, ended, 0.2) AS moment,
        CASE priority WHEN 'Normal' THEN 'High' ELSE 'Normal' END AS old, priority AS new
        FROM x_ticket WHERE chosen('ticket.priority', g, 0.14)
);

-- Meetings: confirmed, held, cancelled.
CREATE OR REPLACE TEMP TABLE x_meeting AS
SELECT *, CASE status
    WHEN 'Held' THEN least("start" + to_minutes(minutes::BIGINT), day0()::TIMESTAMP - INTERVAL 1 MINUTE)
    ELSE between_times(created, least("start", last_moment()), 0.8) END AS ended
FROM t_meeting WHERE created < last_moment() - INTERVAL 1 HOUR;

INSERT INTO x_change
SELECT organisation_id, ended, responsible_id, 'update', 'meeting', id, subject, 'status', old, status, 'web' FROM (
    SELECT *, 'Confirmed' AS old FROM x_meeting WHERE status IN ('Held', 'Cancelled') AND chosen('meeting.status', g, 0.5)
    UNION ALL BY NAME
    SELECT *, 'Draft' AS old FROM x_meeting WHERE status = 'Confirmed' AND chosen('meeting.status', g, 0.4)
);

-- Organisations and persons: always kept.
CREATE OR REPLACE TEMP TABLE x_organisation AS
SELECT o.*, created + INTERVAL 1 DAY AS begun, last_moment() AS ended,
    CASE country WHEN 'GB' THEN (1 + k % 88) || ' ' || s.a ELSE s.a || ' ' || (1 + k % 88) END AS old_street
FROM o_row AS o
JOIN phrase AS s ON s.key = hash('street', o.country, slot(rnd('old.street', o.k)));

INSERT INTO x_change
SELECT id, moment, who, 'update', 'organisation', id, name, field, old, new, source FROM (
    SELECT *, 'responsible_id' AS field, switch0()::TIMESTAMP + INTERVAL 9 HOUR AS moment, 1 AS who, former_id::VARCHAR AS old,
        rep_id::VARCHAR AS new, 'mass edit' AS source FROM x_organisation WHERE former_id IS NOT NULL
    UNION ALL BY NAME SELECT *, 'phone' AS field, between_times(begun, ended, 0.1 + 0.8 * rnd('org.phone', k)) AS moment,
        rep_id AS who, phone_of(country, dial, area, 'old.phone', k) AS old, phone AS new, 'web' AS source
        FROM x_organisation WHERE rnd('has.old.phone', k) < 0.3
    UNION ALL BY NAME SELECT *, 'erp_credit_limit' AS field,
        between_times(begun, ended, 0.1 + 0.8 * rnd('org.limit', k)) AS moment, 1 AS who,
        (erp_credit_limit / 2)::DECIMAL(18, 2)::VARCHAR AS old, erp_credit_limit::VARCHAR AS new, 'ERP' AS source
        FROM x_organisation WHERE erp_credit_limit > 0 AND rnd('has.old.limit', k) < 0.4
    UNION ALL BY NAME SELECT *, 'alert' AS field, between_times(begun, ended, 0.5 + 0.4 * rnd('org.alert', k)) AS moment,
        rep_id AS who, NULL AS old, alert AS new, 'web' AS source FROM x_organisation WHERE alert IS NOT NULL
    UNION ALL BY NAME SELECT *, 'type' AS field, between_times(begun, ended, 0.02 + 0.2 * rnd('org.type', k)) AS moment,
        rep_id AS who, 'Prospect' AS old, type AS new, 'web' AS source
        FROM x_organisation WHERE type = 'Customer' AND NOT imported
    UNION ALL BY NAME SELECT *, 'type' AS field, between_times(begun, ended, until_share) AS moment, rep_id AS who,
        'Customer' AS old, type AS new, 'web' AS source FROM x_organisation WHERE type = 'Former customer'
    UNION ALL BY NAME SELECT *, 'status' AS field, between_times(begun, ended, least(0.95, until_share)) AS moment,
        rep_id AS who, 'Active' AS old, status AS new, 'web' AS source FROM x_organisation WHERE status <> 'Active'
    UNION ALL BY NAME SELECT *, 'address' AS field, between_times(begun, ended, 0.2 + 0.7 * rnd('org.street', k)) AS moment,
        rep_id AS who, old_street AS old, street AS new, 'web' AS source
        FROM x_organisation WHERE rnd('moved', k) < 0.12 AND old_street <> street
);

CREATE OR REPLACE TEMP TABLE x_person AS
SELECT p.*, old.a AS old_title FROM t_person AS p
JOIN phrase AS old ON old.key = hash('title', p.lang, slot(rnd('old.title', p.g)))
WHERE created < last_moment() - INTERVAL 3 DAY;

INSERT INTO x_change
SELECT organisation_id, moment, rep_id, 'update', 'person', id, name, field, old, new, 'web' FROM (
    SELECT *, 'status' AS field, between_times(created, last_moment(), 0.3 + 0.6 * rnd('gone', g)) AS moment,
        'Active' AS old, 'Resigned' AS new FROM x_person WHERE resigned
    UNION ALL BY NAME
    SELECT *, 'title' AS field, between_times(created, last_moment(), 0.2 + 0.6 * rnd('renamed', g)) AS moment,
        old_title AS old, title AS new FROM x_person WHERE rnd('promoted', g) < 0.1 AND old_title <> title
);

-- Two rows per activity: of the changes that may be left out, whole chains of a field are kept by lot.
CREATE OR REPLACE TEMP TABLE t_change AS
WITH room AS (
    SELECT (2 * (SELECT count(*) FROM t_activity) - count(*) FILTER (NOT optional))
           / greatest(1, count(*) FILTER (optional)) AS share
    FROM (SELECT action = 'update' AND entity NOT IN ('organisation', 'person') AS optional FROM x_change)
)
SELECT x.* FROM x_change AS x, room
WHERE action = 'insert' OR entity IN ('organisation', 'person') OR rnd('kept' || field, record_id) < greatest(0.35, share)
ORDER BY organisation_id, moment, user_id, entity, record_id, action, field;

-- Rows of one moment, user and source were saved together: a changeset. (Windows without an order follow the rows.)
CREATE OR REPLACE TEMP TABLE t_saved AS
WITH marked AS (
    SELECT *, row_number() OVER () + $change AS id,
        moment = lag(moment) OVER () AND user_id = lag(user_id) OVER () AND source = lag(source) OVER ()
        AND organisation_id = lag(organisation_id) OVER () AS together
    FROM t_change
)
SELECT *, sum(CASE WHEN together THEN 0 ELSE 1 END) OVER (ROWS UNBOUNDED PRECEDING)::BIGINT + $changeset AS changeset
FROM marked;

INSERT INTO change BY NAME
SELECT id, organisation_id, changeset, moment AS "at", user_id AS responsible_id, action, entity, record_id, subject,
    field, old_value, new_value, source, moment AS created
FROM t_saved;

INSERT INTO changeset BY NAME
SELECT changeset AS id, moment AS "at", user_id, source,
    CASE source WHEN 'import' THEN 'Import from the previous system' WHEN 'ERP' THEN 'Synchronised from the ERP'
        WHEN 'mass edit' THEN 'Mass edit' ELSE 'Saved on the card' END AS why
FROM t_saved WHERE together IS NOT TRUE;
