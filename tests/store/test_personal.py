"""Personal state: one's own, whole, kept across restarts, and never in the log."""

import threading

import duckdb
import pytest

from crmpanel.entities import REGISTRY
from crmpanel.errors import FilterError, InputError, UnknownName
from crmpanel.model.changeset import Changeset, Create, Drop, Keep, Update
from crmpanel.model.personal import FAVOURITE, PERSONAL, PREFERENCE, personal
from crmpanel.query.personal import rows
from crmpanel.query.query import Query
from crmpanel.store import create, open_, schema

STAR = {"entity": "organisation", "record_id": 1}


def keep(database, *parts, viewer="user 1"):
    return database.apply(Changeset(parts, viewer=viewer))


def prefer(database, name, value, viewer="user 1"):
    return keep(database, Keep("preference", {"name": name}, {"value": value}), viewer=viewer)


def preferences(database, viewer="user 1"):
    return dict(database.rows(rows(PREFERENCE, viewer)))


def test_what_is_kept_is_replaced_by_its_key_and_dropped(database):
    prefer(database, "a", "1")
    prefer(database, "a", "2")
    prefer(database, "b", "it's ?")
    assert preferences(database) == {"a": "2", "b": "it's ?"}
    keep(database, Drop("preference", {"name": "a"}))
    assert preferences(database) == {"b": "it's ?"}
    keep(database, Drop("preference"))
    assert preferences(database) == {}


def test_it_is_not_logged_and_has_no_number(database):
    def logged():
        sql = "SELECT (SELECT count(*) FROM change), (SELECT count(*) FROM changeset)"
        return database.rows(Query(sql))

    before = logged()
    applied = keep(database, Keep("favourite", STAR))
    assert (applied.number, applied.personal, str(applied)) == (None, ("favourite",), "Kept.")
    assert applied and not applied.events
    assert logged() == before


def test_nobody_sees_or_writes_anothers(database):
    prefer(database, "a", "mine")
    prefer(database, "a", "theirs", viewer="user 2")
    keep(database, Drop("preference"), viewer="user 2")
    assert (preferences(database), preferences(database, "user 2")) == ({"a": "mine"}, {})
    with pytest.raises(InputError, match="Whose it is cannot be given"):
        keep(database, Keep("favourite", {**STAR, "viewer": "user 2"}))
    with pytest.raises(InputError, match="This is nobody's"):
        keep(database, Keep("favourite", STAR), viewer="")


@pytest.mark.parametrize(
    ("part", "error"),
    [
        (Keep("favorite", STAR), UnknownName),
        (Keep("organisation", STAR), UnknownName),
        (Keep("favourite", {**STAR, 'x" --': 1}), UnknownName),
        (Keep("favourite", {"entity": "organisation"}), InputError),
        (Keep("favourite", {"entity": "organisation", "record_id": "1 OR 1"}), InputError),
        (Keep("favourite", {"entity": "organisation", "record_id": 2**70}), FilterError),
        (Keep("preference", {"name": "a"}, {"value": "NUL \0"}), InputError),
        (Drop("changeset"), UnknownName),
    ],
)
def test_only_what_is_declared_is_written(database, part, error):
    before = database.rows(Query("SELECT * FROM favourite"))
    with pytest.raises(error):
        keep(database, part)
    assert database.rows(Query("SELECT * FROM favourite")) == before


def test_with_other_parts_it_is_written_as_a_whole_or_not_at_all(database):
    bad = Update("organisation", 1, {"employees": "many"})
    with pytest.raises(Exception, match="many"):
        keep(database, Keep("favourite", STAR), bad)
    assert database.rows(rows(FAVOURITE, "user 1")) == []
    new = Create("organisation", {"name": "Ny AS"})
    applied = keep(database, new, Keep("favourite", STAR))
    assert applied.number is not None
    assert applied.personal == ("favourite",)
    assert len(database.rows(rows(FAVOURITE, "user 1"))) == 1


def test_listeners_are_told_whose_it_is(database):
    told = []
    database.listeners.append(told.append)
    prefer(database, "a", "1", viewer="user 2")
    assert [(a.viewer, a.personal) for a in told] == [("user 2", ("preference",))]


def test_two_at_once_lose_nothing(database):
    def write(viewer):
        for number in range(20):
            prefer(database, f"n{number}", viewer, viewer=viewer)

    threads = [threading.Thread(target=write, args=(f"user {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(preferences(database, f"user {n}")) == 20 for n in range(4))


def test_it_survives_a_restart(tmp_path):
    path = tmp_path / "a.duckdb"
    with create(path) as database:
        keep(database, Keep("favourite", STAR))
    with open_(path) as database:
        assert len(database.rows(rows(FAVOURITE, "user 1"))) == 1


def test_an_older_database_gets_the_tables_and_keeps_what_was_viewed(tmp_path):
    path = tmp_path / "old.duckdb"
    create(path).close()
    with duckdb.connect(str(path)) as connection:
        for name in (*PERSONAL, "declared_entity", "declared_field"):
            connection.execute(f'DROP TABLE "{name}"')
        connection.execute(
            "CREATE TABLE viewed (viewer VARCHAR NOT NULL, organisation_id BIGINT NOT NULL, "
            '"at" TIMESTAMP NOT NULL, PRIMARY KEY (viewer, organisation_id))'
        )
        connection.execute("INSERT INTO viewed VALUES ('user 2', 3, '2026-01-01')")
        connection.execute("UPDATE crm_meta SET value = '2' WHERE key = 'schema'")
    with open_(path) as database:
        found = database.rows(Query('SELECT viewer, entity, record_id, "at"::VARCHAR FROM visit'))
        assert found == [("user 2", "organisation", 3, "2026-01-01 00:00:00")]
        assert "viewed" not in schema.columns(database._connection)
        keep(database, Keep("favourite", STAR))


def test_no_table_is_called_like_an_entity():
    assert not PERSONAL.keys() & {entity.name for entity in REGISTRY}
    assert all(personal(name).name == name for name in PERSONAL)
