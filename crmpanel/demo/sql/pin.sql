-- Pins: what somebody put on top of a timeline, the largest open quotation or what comes next.
CREATE OR REPLACE TEMP TABLE p_candidate AS
SELECT organisation_id, entity, record_id, created, user_id FROM (
    SELECT 'quotation' AS entity, organisation_id, id AS record_id, created, responsible_id AS user_id,
        row_number() OVER (PARTITION BY organisation_id ORDER BY value DESC, id) AS place
        FROM t_quotation WHERE outcome = 'open'
    UNION ALL BY NAME SELECT 'meeting' AS entity, organisation_id, id AS record_id, created, responsible_id AS user_id,
        row_number() OVER (PARTITION BY organisation_id ORDER BY "start", id) AS place
        FROM t_meeting WHERE "start" >= day0() AND status = 'Confirmed'
    UNION ALL BY NAME SELECT 'ticket' AS entity, organisation_id, id AS record_id, created, responsible_id AS user_id,
        row_number() OVER (PARTITION BY organisation_id ORDER BY created DESC, id) AS place
        FROM t_ticket WHERE status IN ('Ongoing', 'Waiting for customer')
) WHERE place = 1 AND created < last_moment() - INTERVAL 1 DAY;

-- Nordlys AS has all of them, of the others some have some.
CREATE OR REPLACE TEMP TABLE t_pin AS
SELECT row_number() OVER (ORDER BY organisation_id, pinned, entity) + $pin AS id, organisation_id, entity, record_id,
    user_id, pinned AS created
FROM (
    SELECT p.*, between_times(p.created, last_moment(), rnd('pin.' || p.entity, k)) AS pinned
    FROM p_candidate AS p JOIN t_organisation AS o ON o.id = p.organisation_id
    WHERE k = 0 OR (rnd('pins', k) < 0.4 AND rnd('pin.this.' || p.entity, k) < 0.7)
)
ORDER BY 1;

INSERT INTO pin BY NAME SELECT * FROM t_pin;
