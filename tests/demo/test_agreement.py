"""The numbers, references, dates and log rows of the demo data agree with each other."""

import pytest

from crmpanel.entities import REGISTRY

LISTS = [entity for entity in REGISTRY if entity.organisation and entity.name != "organisation"]
LOGGED = (
    "organisation",
    "person",
    "quotation",
    "order",
    "ticket",
    "meeting",
    "product",
    "document",
    "activity",
)
TODAY = "DATE '2026-06-15'"


def quoted(name):
    return f'"{name}"'


def none(rows, sql):
    found = rows(sql)
    assert not found, found[:3]


# ---------------------------------------------------------------- money


def test_a_line_adds_up(rows):
    none(
        rows,
        """SELECT id FROM quotation_line
        WHERE line_total <> round(quantity::DECIMAL(12, 2) * price, 2)
           OR price <> round(list_price * (1 - discount / 100), 2) OR cost_price >= list_price
               OR quantity <= 0""",
    )


def test_a_quotation_is_the_sum_of_its_lines(rows):
    none(
        rows,
        """SELECT q.id FROM quotation AS q LEFT JOIN quotation_line AS l ON l.quotation_id = q.id
        GROUP BY ALL HAVING q.value IS DISTINCT FROM sum(l.line_total)
        OR q.gross_margin IS DISTINCT FROM sum(l.line_total) - sum(l.quantity::DECIMAL(12,
            2) * l.cost_price)
        OR any_value(q.currency) <> any_value(l.currency)""".replace(
            "GROUP BY ALL", "GROUP BY q.id, q.value, q.gross_margin"
        ),
    )


def test_an_order_is_the_sum_of_its_lines(rows):
    none(
        rows,
        """SELECT o.id FROM "order" AS o LEFT JOIN quotation_line AS l ON l.order_id = o.id
        GROUP BY o.id, o.value HAVING o.value IS DISTINCT FROM sum(l.line_total)""",
    )


def test_every_won_quotation_has_one_order_of_the_same_value_and_lines(rows, value):
    none(
        rows,
        """SELECT q.id FROM quotation AS q LEFT JOIN "order" AS o ON o.quotation_id = q.id
        WHERE q.level = 'Won' GROUP BY q.id, q.value HAVING count(o.id) <> 1
            OR min(o.value) <> q.value""",
    )
    none(
        rows,
        """SELECT o.id FROM "order" AS o JOIN quotation AS q ON q.id = o.quotation_id
        WHERE q.level <> 'Won' OR o.date < q.date OR o.organisation_id <> q.organisation_id""",
    )
    none(
        rows,
        """SELECT l.id FROM quotation_line AS l LEFT
            JOIN "order" AS o ON o.quotation_id = l.quotation_id
        WHERE l.quotation_id IS NOT NULL AND l.order_id IS DISTINCT FROM o.id""",
    )
    assert value('SELECT count(*) FROM "order" WHERE quotation_id IS NULL') > 0


def test_the_currency_is_that_of_the_country(rows):
    assert set(rows("SELECT DISTINCT country, currency FROM organisation")) == {
        ("Norway", "NOK"),
        ("Sweden", "SEK"),
        ("Denmark", "DKK"),
        ("Finland", "EUR"),
        ("Germany", "EUR"),
        ("United Kingdom", "GBP"),
    }
    for table in ("quotation", "order", "quotation_line", "product"):
        none(
            rows,
            f"""SELECT t.id FROM "{table}" AS t JOIN organisation AS o ON o.id = t.organisation_id
            WHERE t.currency <> o.currency""",
        )


def test_products_held_were_bought(rows):
    none(
        rows,
        """SELECT p.id FROM product AS p LEFT
            JOIN quotation_line AS l ON l.organisation_id = p.organisation_id
        AND l.item_number = p.number AND l.price = p.price AND l.quantity = p.quantity
            AND l.stock_status = 'Delivered'
        GROUP BY p.id HAVING count(l.id) = 0""",
    )
    none(rows, "SELECT id FROM product WHERE year <> year(purchased)")


# ---------------------------------------------------------------- references


@pytest.mark.parametrize(
    ("entity", "field"),
    [(e, f) for e in REGISTRY for f in e.references if f.name != e.organisation],
    ids=lambda part: part.name,
)
def test_references_resolve_within_the_organisation(rows, entity, field):
    target = REGISTRY[field.target]
    inside = target.organisation == "organisation_id" and entity.organisation == "organisation_id"
    none(
        rows,
        f"""SELECT s.id FROM {quoted(entity.name)} AS s
        LEFT JOIN {quoted(target.name)} AS t ON t.id = s.{quoted(field.name)}
        WHERE s.{quoted(field.name)} IS NOT NULL
          AND (t.id IS NULL {"OR t.organisation_id <> s.organisation_id" if inside else ""})""",
    )


@pytest.mark.parametrize("entity", LISTS, ids=lambda e: e.name)
def test_every_record_belongs_to_an_organisation(rows, entity):
    none(
        rows,
        f"""SELECT id FROM {quoted(entity.name)}
            WHERE organisation_id NOT IN (SELECT id FROM organisation)""",
    )


def test_a_parent_is_another_organisation_without_a_parent(rows, value):
    none(
        rows,
        """SELECT c.id FROM organisation AS c JOIN organisation AS p ON p.id = c.parent_id
        WHERE p.parent_id IS NOT NULL OR p.id = c.id""",
    )
    assert value("SELECT count(*) FROM organisation WHERE parent_id = 1001") > 1


def test_pins_are_on_open_records_of_their_organisation(rows, value):
    meant = (
        ("quotation", "probability BETWEEN 1 AND 99"),
        ("meeting", f""""start" >= {TODAY}"""),
        ("ticket", "status <> 'Closed'"),
    )
    found = 0
    for name, condition in meant:
        sql = f"""SELECT count(*) FROM pin AS p JOIN {quoted(name)} AS r ON r.id = p.record_id
            AND r.organisation_id = p.organisation_id AND {condition} WHERE p.entity = '{name}'
            AND p.created > r.created AND p.created < {TODAY}"""
        found += value(sql)
    assert found == value("SELECT count(*) FROM pin")
    assert value("SELECT count(*) FROM pin WHERE organisation_id = 1001") >= 2
    pinned = value("SELECT count(DISTINCT organisation_id) FROM pin")
    assert 0.05 < pinned / value("SELECT count(*) FROM organisation") < 0.25
    none(
        rows,
        """SELECT p.id FROM pin AS p LEFT JOIN change AS c ON c.entity = 'pin'
            AND c.record_id = p.id AND c.action = 'insert' AND c."at" = p.created
            AND c.organisation_id IS NULL GROUP BY p.id HAVING count(c.id) <> 1""",
    )


def test_content_of_every_document_is_there(rows):
    none(
        rows,
        """SELECT d.id FROM document AS d LEFT JOIN content AS c USING (hash)
        WHERE c.hash IS NULL OR d.size <> octet_length(c.data)
            OR d.file_name NOT LIKE '%.' || d.extension""",
    )


# ---------------------------------------------------------------- dates


@pytest.mark.parametrize("entity", LISTS, ids=lambda e: e.name)
def test_nothing_is_older_than_its_organisation_or_from_the_future(rows, entity):
    none(
        rows,
        f"""SELECT t.id FROM {quoted(entity.name)} AS t
            JOIN organisation AS o ON o.id = t.organisation_id
        WHERE t.created < o.created OR t.created >= {TODAY} OR t.created IS NULL""",
    )


@pytest.mark.parametrize("table", ["activity", "meeting", "quotation", "order", "ticket"])
def test_no_record_is_of_a_person_who_came_later(rows, table):
    date = REGISTRY[table].date if table != "ticket" else "created"
    none(
        rows,
        f"""SELECT t.id FROM {quoted(table)} AS t JOIN person AS p ON p.id = t.person_id
        WHERE t.{quoted(date)}::DATE < p.created::DATE""",
    )


def test_activities_are_planned_ahead_and_done_afterwards(rows, value):
    none(
        rows,
        f"""SELECT id FROM activity
            WHERE created > date OR (date >= {TODAY} AND status = 'Completed')""",
    )
    assert (
        value(f"SELECT max(date) FROM activity WHERE date < {TODAY} + 61").date().isoformat()
        > "2026-07"
    )
    none(rows, f"SELECT id FROM activity WHERE date >= {TODAY} + 61")


def test_last_activity_is_the_newest_past_one(rows):
    none(
        rows,
        f"""SELECT o.id FROM organisation AS o
        LEFT JOIN activity AS a ON a.organisation_id = o.id AND a.date < {TODAY}
        GROUP BY o.id, o.last_activity HAVING o.last_activity IS DISTINCT FROM max(a.date)""",
    )


def test_tickets_are_closed_or_not(rows):
    none(
        rows,
        f"""SELECT id FROM ticket WHERE (status = 'Closed') <> (closed IS NOT NULL)
            OR closed <= created
        OR closed >= {TODAY} OR deadline <= created
            OR (solution IS NOT NULL) <> (status = 'Closed')""",
    )
    none(
        rows,
        """SELECT t.id FROM ticket AS t JOIN product AS p ON p.id = t.product_id
            WHERE p.created > t.created""",
    )


def test_quotations_are_open_won_or_lost(rows):
    none(
        rows,
        f"""SELECT id FROM quotation WHERE (level = 'Lost') <> (lost_date IS NOT NULL)
        OR (level = 'Lost') <> (lost_reason IS NOT NULL) OR lost_date NOT BETWEEN created::DATE
            AND {TODAY}
        OR probability <> CASE level WHEN 'Won' THEN 100 WHEN 'Lost' THEN 0
            WHEN 'Cancelled' THEN 0 ELSE probability END
        OR (level IN ('A - Hot', 'B - Warm', 'C - Cold')) <> (probability BETWEEN 1 AND 99)
        OR (level IN ('Won', 'Lost', 'Cancelled') AND date >= {TODAY})""",
    )
    sql = "SELECT level, min(probability), max(probability) FROM quotation GROUP BY level"
    spans = {level: (low, high) for level, low, high in rows(sql)}
    assert spans["C - Cold"][1] < spans["B - Warm"][0] <= spans["B - Warm"][1] < spans["A - Hot"][0]


def test_meetings_end_after_they_start_and_are_held_in_the_past(rows):
    none(
        rows,
        f"""SELECT id FROM meeting WHERE "end" <= "start"
            OR (status = 'Held' AND "start" >= {TODAY})
        OR (status = 'Draft' AND "start" < {TODAY}) OR created > "start" """,
    )


def test_orders_are_delivered_after_they_came(rows):
    none(
        rows,
        f"""SELECT id FROM "order" WHERE delivery_date < date OR shipped_date < date
            OR shipped_date >= {TODAY}
        OR (status = 'Completed') <> (shipped_date IS NOT NULL)""",
    )


def test_mails_of_a_thread_alternate_in_time(rows, value):
    none(
        rows,
        """SELECT id FROM (SELECT id, sent, subject, lag(sent) OVER w AS before,
            lag(subject) OVER w AS first
        FROM email WHERE thread LIKE 'thread-%' WINDOW w AS (PARTITION BY thread ORDER BY sent, id))
        WHERE before >= sent OR (first IS NOT NULL AND subject NOT LIKE 'Re: %')""",
    )
    assert (
        value(
            """SELECT max(n) FROM (SELECT count(*) AS n FROM email
                WHERE thread LIKE 'thread-%' GROUP BY thread)"""
        )
        >= 4
    )
    assert {d for (d,) in rows("SELECT DISTINCT direction FROM email")} == {
        "Incoming",
        "Outgoing",
        "Mass e-mail",
    }


def test_senders_and_recipients_are_the_person_and_the_user(rows):
    none(
        rows,
        """SELECT e.id FROM email AS e JOIN person AS p ON p.id = e.person_id
            JOIN "user" AS u ON u.id = e.responsible_id
        WHERE (direction = 'Incoming' AND NOT (contains(sender, p.email)
            AND contains(recipients, u.email)))
           OR (direction = 'Outgoing' AND NOT (contains(sender, u.email)
               AND contains(recipients, p.email)))
           OR (direction = 'Mass e-mail' AND (NOT contains(recipients, p.email)
               OR p.block_mass_email))""",
    )


# ---------------------------------------------------------------- the log


def shown(field, alias):
    """SQL of a field's value as the log writes it."""
    return f"CAST({alias}.{quoted(field.name)} AS VARCHAR)"


@pytest.mark.parametrize("name", LOGGED)
def test_every_record_is_logged_as_created_once(rows, name):
    entity = REGISTRY[name]
    none(
        rows,
        f"""SELECT r.id FROM {quoted(name)} AS r
        LEFT JOIN change AS c ON c.entity = '{name}' AND c.record_id = r.id AND c.action = 'insert'
        GROUP BY r.id HAVING count(c.id) <> 1 OR any_value(c.field) <> 'id' OR any_value(c.new_value) <> r.id::VARCHAR
        OR any_value(c.subject) IS DISTINCT FROM any_value(r.{quoted(entity.title)})
        OR any_value(c.organisation_id) <> any_value(r.{quoted(entity.organisation)})
        OR any_value(c."at") <> any_value(r.created)""",
    )


def test_the_newest_change_of_every_field_is_the_value_it_has(rows):
    logged = rows("SELECT DISTINCT entity, field FROM change WHERE action = 'update'")
    assert len(logged) >= 18
    for name, field in logged:
        current = shown(REGISTRY[name].field(field), "r")
        none(
            rows,
            f"""WITH last AS (
                SELECT record_id, arg_max(new_value, ("at", id)) AS newest,
                    arg_max(new_value IS NULL, ("at", id)) AS emptied
                FROM change WHERE entity = '{name}' AND field = '{field}' GROUP BY record_id)
            SELECT '{name}', '{field}', r.id, newest, {current}
                FROM last JOIN {quoted(name)} AS r ON r.id = record_id
            WHERE CASE WHEN emptied THEN NULL ELSE newest END IS DISTINCT FROM {current}""",
        )


def test_changes_of_a_field_form_a_chain(rows, value):
    none(
        rows,
        """SELECT * FROM (
            SELECT id, old_value, lag(new_value) OVER w AS before, lag(id) OVER w AS earlier,
                old_value IS NOT DISTINCT FROM new_value AS idle
            FROM change WHERE action = 'update' WINDOW w AS (PARTITION BY entity, record_id,
                field ORDER BY "at", id))
        WHERE idle OR (earlier IS NOT NULL AND old_value IS DISTINCT FROM before)""",
    )
    assert (
        value(
            """SELECT max(n) FROM (SELECT count(*) AS n FROM change
                WHERE field = 'level' GROUP BY record_id)"""
        )
        >= 2
    )


def test_changes_come_after_creation_and_before_today(rows):
    none(
        rows,
        """SELECT c.id FROM change AS c JOIN change AS made
        ON made.entity = c.entity AND made.record_id = c.record_id AND made.action = 'insert'
        WHERE c.action = 'update' AND c."at" <= made."at" """,
    )
    none(
        rows,
        f"""SELECT id FROM change
            WHERE "at" >= {TODAY} OR responsible_id IS NULL OR changeset IS NULL""",
    )


def test_every_row_belongs_to_a_changeset_of_its_moment_and_user(rows, value):
    none(
        rows,
        """SELECT c.id FROM change AS c LEFT JOIN changeset AS s ON s.id = c.changeset
        WHERE s.id IS NULL OR s."at" <> c."at" OR s.user_id <> c.responsible_id
            OR s.source <> c.source""",
    )
    none(rows, "SELECT id FROM changeset WHERE id NOT IN (SELECT changeset FROM change)")
    assert (
        value(
            """SELECT count(*) FROM (SELECT changeset FROM change
                GROUP BY changeset HAVING count(*) > 1)"""
        )
        > 100
    )
