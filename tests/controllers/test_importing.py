"""The import of a visitor without a page: bringing, correcting, looking, loading."""

import threading
from pathlib import Path

import pytest

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.importing import corrections, uploads
from crmpanel.controllers.importing.seen import Seen
from crmpanel.controllers.importing.session import Importing
from crmpanel.controllers.importing.uploads import Uploads, clean, uploads_of
from crmpanel.controllers.importing.working import Cancelled, Work
from crmpanel.errors import ImportFailed, InputError, UnknownName
from crmpanel.model.changeset import Changeset, Update
from crmpanel.query.query import Query
from crmpanel.store import create

FIRMS = "Firm No,Firm,Town,Since,Colour\n1,Nordlys AS,Bergen,03/04/2026,red\n2,Solberg AB,Malmö,05/06/2026,blue\n"
PEOPLE = "Id,First name,Last name,E-mail,Firm No\n1,Kari,Vik,kari@nordlys.no,1\n2,Per,Øst,per@solberg.se,2\n3,Åse,Dal,aase@x.no,9\n"


@pytest.fixture
def database(tmp_path):
    with create(tmp_path / "own.duckdb") as made:
        yield made


@pytest.fixture
def export(tmp_path):
    """A folder with files, given by their texts."""

    def make(**files):
        folder = tmp_path / "export"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, "utf-8")
        return folder

    return make


@pytest.fixture
def importing(database):
    found = Importing(Desk(database, "kn"))
    yield found
    found.close()


def number(importing, entity):
    return next(n for n, s in enumerate(importing.mapping.sources) if s.entity == entity)


# -- uploads ---------------------------------------------------------------------------------------


def test_files_come_in_pieces_and_go_again():
    mine = Uploads()
    mine.begin([{"name": "a.csv", "size": 6}, {"name": "b.csv", "size": 1}])
    assert uploads_of(mine.token) is mine
    assert mine.write(0, 0, b"a,b") == 3
    with pytest.raises(InputError, match="not complete"):
        mine.path  # noqa: B018
    assert mine.write(0, 3, b"\n1,") == 6 and mine.write(1, 0, b"x") == 1
    folder = mine.path
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "b.csv"]
    assert (folder / "a.csv").read_bytes() == b"a,b\n1,"
    assert folder.parent.stat().st_mode & 0o077 == 0
    mine.close()
    assert not folder.exists()


def test_a_single_file_is_given_as_it_is_called():
    mine = Uploads()
    mine.begin([{"name": "Account.csv", "size": 1}])
    mine.write(0, 0, b"x")
    assert mine.path.name == "Account.csv"
    mine.close()


@pytest.mark.hardening("71")
@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..", "a\\..\\b.csv", "/etc/x.csv", "\0.csv", "con\n.csv", "." * 300],
)
def test_a_name_never_leaves_the_folder(name):
    mine = Uploads()
    mine.begin([{"name": name, "size": 1}])
    mine.write(0, 0, b"x")
    assert mine.path.parent.name == "export" and mine.path.resolve() == mine.path
    assert mine.path.name == clean(name) and len(mine.path.name) <= uploads.LONGEST_NAME
    mine.close()


def test_names_that_are_the_same_get_numbers():
    mine = Uploads()
    mine.begin([{"name": name, "size": 1} for name in ("a/x.csv", "b/X.csv", "x.csv")])
    assert [file.name for file in mine._files] == ["a/x.csv", "b/X.csv", "x.csv"]
    assert [file.path.name for file in mine._files] == ["x.csv", "X (2).csv", "x (3).csv"]
    mine.close()


@pytest.mark.hardening("70", "71")
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([{"name": "a", "size": 101}], "limit"),
        ([{"name": "a", "size": 60}, {"name": "b", "size": 60}], "limit"),
        ([{"name": "a", "size": -1}], "no file"),
        ([{"name": "a", "size": True}], "no file"),
        ([{"name": "a", "size": "9"}], "no file"),
        ([{"name": 7, "size": 1}], "no file"),
        ([{"size": 1}], "no file"),
        ([], "no file"),
        (None, "no file"),
        ("x", "no file"),
        ([{"name": "a", "size": 0}], "empty"),
        ([{"name": "a", "size": 1}] * 1001, "1001 files"),
    ],
)
def test_uploads_that_cannot_be_are_refused(files, said):
    with pytest.raises(InputError, match=said):
        Uploads(limit=100).begin(files)


@pytest.mark.hardening("71")
def test_no_piece_goes_beyond_what_was_announced(monkeypatch):
    monkeypatch.setattr(uploads, "PIECE", 4)
    mine = Uploads()
    mine.begin([{"name": "a", "size": 8}])
    for file, offset, data in (
        (0, 1, b"x"),
        (0, 0, b"x" * 9),
        (0, 0, b"x" * 5),
        (1, 0, b"x"),
        (-1, 0, b"x"),
    ):
        with pytest.raises(InputError):
            mine.write(file, offset, data)
    mine.write(0, 0, b"1234")
    with pytest.raises(InputError):
        mine.write(0, 0, b"1234")  # sent twice
    assert mine.received == 4
    mine.close()


def test_a_closed_upload_takes_nothing():
    mine = Uploads()
    mine.begin([{"name": "a", "size": 8}])
    mine.close()
    with pytest.raises(InputError):
        mine.write(0, 0, b"1")
    token = mine.token
    del mine
    assert uploads_of(token) is None and uploads_of("") is None


# -- steps -----------------------------------------------------------------------------------------


def test_an_export_is_read_looked_at_loaded_and_known_again(importing, export, database):
    importing.read(export(companies=FIRMS, contacts=PEOPLE))
    assert importing.opened.how == "proposed"
    assert {s.entity for s in importing.mapping.sources} == {"organisation", "person"}
    importing.look()
    assert importing.preview.report["person"].unlinked == 1
    assert not database.scalar(Query("SELECT count(*) FROM person"))
    importing.load()
    assert importing.report.loaded == 5
    assert database.scalar(Query("SELECT count(*) FROM person")) == 3
    importing.read(export())
    assert importing.opened.how == "again" and importing.report is None
    importing.look()
    assert not importing.preview.is_new


def test_what_is_asked_is_answered(importing, export, database):
    importing.read(export(companies=FIRMS))
    [question] = importing.opened.proposal.questions
    assert question.about == "companies.Since"
    american = next(value for value in question.choices if value.startswith("%m"))
    importing.answer(0, american)
    importing.load()
    field = corrections.uses(importing.mapping.sources[0], "Since")[0]
    name = importing.mapping.sources[0].custom["Since"].name if field == "+" else field
    found = database.scalar(
        Query(f"SELECT {name}::DATE::VARCHAR FROM organisation WHERE source_key = '1'")
    )
    assert found == "2026-03-04"
    for wrong in ((1, american), (0, "%Y"), (True, american), ("0", american), (0, None)):
        with pytest.raises(UnknownName):
            importing.answer(*wrong)


def test_columns_become_what_is_chosen(importing, export, database):
    importing.read(export(companies=FIRMS))
    at = number(importing, "organisation")
    assert corrections.uses(importing.mapping.sources[at], "Colour") == ["+"]
    importing.set_column(at, "Colour", "industry")
    assert corrections.uses(importing.mapping.sources[at], "Colour") == ["industry"]
    importing.set_column(at, "Town", "")
    assert corrections.uses(importing.mapping.sources[at], "Town") == []
    importing.set_column(at, "Town", "+")
    assert importing.mapping.sources[at].custom["Town"].name == "town"
    importing.set_column(at, "Since", "created")
    assert corrections.format_of(importing.mapping.sources[at], "Since")
    importing.load()
    [row] = database.rows(
        Query(
            "SELECT industry, town, city, created::DATE::VARCHAR FROM organisation WHERE source_key = '1'"
        )
    )
    assert row == ("red", "Bergen", None, "2026-04-03")


def test_a_correction_makes_what_was_seen_stale(importing, export):
    importing.read(export(companies=FIRMS))
    importing.look()
    assert not importing.is_stale
    importing.set_column(0, "Colour", "")
    assert importing.is_stale
    importing.look()
    assert not importing.is_stale
    importing.choose(vanished="delete")
    assert importing.is_stale


def test_a_table_becomes_something_else_or_nothing(importing, export):
    importing.read(export(companies=FIRMS, contacts=PEOPLE))
    importing.set_entity(None, number(importing, "person"), "")
    assert [s.entity for s in importing.mapping.sources] == ["organisation"]
    assert importing.mapping.ignored["contacts"] == corrections.BY_HAND
    importing.set_entity("contacts", None, "person")
    made = importing.mapping.sources[number(importing, "person")]
    assert made.links["organisation_id"][0].column.name == "Firm No"
    assert "contacts" not in importing.mapping.ignored and made.fields["email"]
    importing.look()
    assert importing.preview.report["person"].new == 3
    importing.set_entity(None, number(importing, "organisation"), "")
    assert "organisation_id" not in importing.mapping.sources[0].links  # nothing to lead to


def test_links_can_go_by_another_field(importing, export, database):
    people = PEOPLE.replace(",Firm No\n", ",Company\n").replace("no,1", "no,Nordlys AS")
    importing.read(export(companies=FIRMS, contacts=people))
    at = number(importing, "person")
    importing.set_column(at, "Company", "organisation_id")
    importing.set_by(at, "organisation_id", "name")
    [link] = Seen(importing).links(importing.mapping.sources[at])
    assert (link.by, link.key) == ("name", "companies.Firm") and link.rate.matched == 1
    importing.look()
    assert importing.preview.report["person"].unlinked == 2
    with pytest.raises(UnknownName):
        importing.set_by(at, "organisation_id", "revenue")
    with pytest.raises(UnknownName):
        importing.set_by(at, "name", "name")


def test_statuses_mean_what_is_chosen(importing, export, database):
    deals = "Deal Id,Deal Name,Company Id,Stage\n1,A,1,Done deal\n2,B,2,Talking\n"
    importing.read(export(companies=FIRMS, deals=deals))
    at = number(importing, "quotation")
    importing.set_column(at, "Stage", "level")
    importing.set_role("quotation", "Done deal", "won")
    [found] = Seen(importing).statuses()
    assert ("Done deal", 1, "won") in found.items
    importing.load()
    assert database.status_roles("quotation")["Done deal"] == "won"
    with pytest.raises(UnknownName):
        importing.set_role("quotation", "Talking", "dead")


def test_a_mapping_goes_out_and_comes_back(importing, export):
    importing.read(export(companies=FIRMS))
    importing.set_column(0, "Colour", "industry")
    text = importing.toml()
    importing.set_column(0, "Colour", "")
    importing.bring(text)
    assert corrections.uses(importing.mapping.sources[0], "Colour") == ["industry"]
    with pytest.raises(ImportFailed, match="Did you mean 'industry'"):
        importing.bring(text.replace("industry", "industri"))
    assert corrections.uses(importing.mapping.sources[0], "Colour") == ["industry"]
    for wrong in ("title =", "\ud800", None, 7, "x" * 3_000_000):
        with pytest.raises((ImportFailed, InputError)):
            importing.bring(wrong)


FORGED = [
    lambda it: it.set_column(0, "No such", "name"),
    lambda it: it.set_column(0, "Colour", "id"),
    lambda it: it.set_column(0, "Colour", "source_key"),
    lambda it: it.set_column(0, "Colour", "nothing_declared"),
    lambda it: it.set_column(0, "Colour", ["name"]),
    lambda it: it.set_column(99, "Colour", "name"),
    lambda it: it.set_column(True, "Colour", "name"),
    lambda it: it.set_column("0", "Colour", "name"),
    lambda it: it.set_column(-1, "Colour", "name"),
    lambda it: it.set_entity("companies", None, "change"),
    lambda it: it.set_entity("other", None, "person"),
    lambda it: it.set_entity(["x"], 99, ""),
    lambda it: it.set_entity("companies", 0, None),
    lambda it: it.set_format(0, "Colour", None),
    lambda it: it.set_format(0, "Firm No", "%d"),
    lambda it: it.set_role("change", "x", "won"),
    lambda it: it.choose(policy="all mine"),
    lambda it: it.choose(vanished=None),
    lambda it: it.decide(0, "source"),
    lambda it: it.rename(""),
    lambda it: it.rename("x" * 61),
    lambda it: it.rename("a\u202eb"),
    lambda it: it.rename(None),
]


@pytest.mark.hardening("40")
def test_what_no_page_could_ask_is_refused(importing, export):
    importing.read(export(companies=FIRMS))
    before = importing.mapping
    for forged in FORGED:
        with pytest.raises(InputError):
            forged(importing)
    assert importing.mapping == before


def test_nothing_can_be_done_before_something_is_read(importing):
    for act in (importing.look, importing.load, importing.toml, importing.rejects, importing.read):
        with pytest.raises(InputError):
            act()


def test_what_nobody_understands_waits_for_an_answer(importing, export):
    importing.read(export(qqq="zz,yy\n1,a\n2,b\n"))
    if importing.mapping.sources:
        importing.set_entity(None, 0, "")
    importing.set_entity("qqq", None, "organisation")
    importing.set_column(0, "yy", "name")
    importing.look()
    assert importing.preview.report["organisation"].new == 2


def test_conflicts_are_decided_one_by_one_or_all_at_once(importing, export, database):
    importing.read(export(companies=FIRMS))
    importing.load()
    ids = dict(database.rows(Query("SELECT source_key, id FROM organisation")))
    changes = [Update("organisation", ids[key], {"city": "Oslo"}) for key in ("1", "2")]
    database.apply(Changeset(tuple(changes)))
    importing.read(export(companies=FIRMS.replace("Bergen", "Stord").replace("Malmö", "Lund")))
    importing.look()
    found = importing.preview.report.conflicts
    assert len(found) == 2
    importing.decide([c.source for c in found].index("Stord"), "source")
    for wrong in ((2, "source"), (0, "theirs"), (True, "source"), (None, "source")):
        with pytest.raises(UnknownName):
            importing.decide(*wrong)
    importing.load()
    cities = dict(database.rows(Query("SELECT source_key, city FROM organisation")))
    assert cities == {"1": "Stord", "2": "Oslo"}


def test_what_was_rejected_is_given_back_and_corrected(importing, export, database, tmp_path):
    importing.read(export(companies=FIRMS + "3,Dal AS,Oslo,99/99/2026,green\n"))
    importing.load()
    text = importing.rejects()
    assert "Dal AS" in text and "Nordlys" not in text
    path = tmp_path / "rejects.csv"
    path.write_text(text.replace("99/99/2026", "07/08/2026"), "utf-8")
    importing.read(path)
    assert importing.is_fixed
    importing.load()
    assert importing.report["organisation"].changed == 1
    assert database.scalar(Query("SELECT count(*) FROM organisation")) == 3


def test_a_step_can_be_cancelled_and_leaves_nothing(importing, export, database):
    importing.read(export(companies=FIRMS, contacts=PEOPLE))
    tell = Work.tell

    def stop(work, text, done):
        work.cancel()
        tell(work, text, done)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Work, "tell", stop)
        with pytest.raises(Cancelled):
            importing.load()
    assert importing.report is None
    assert not database.scalar(Query("SELECT count(*) FROM organisation"))
    importing.load()
    assert importing.report.loaded == 5


def test_one_step_at_a_time(importing, export):
    importing.read(export(companies=FIRMS))
    inside, go = threading.Event(), threading.Event()
    look = importing.opened.import_.preview

    def slow(**choices):
        inside.set()
        go.wait(10)
        return look(**choices)

    importing.opened.import_.preview = slow
    thread = threading.Thread(target=importing.look)
    thread.start()
    assert inside.wait(10)
    with pytest.raises(InputError, match="already"):
        importing.load()
    go.set()
    thread.join()
    assert importing.preview


def test_progress_tells_speed_and_remaining_time():
    now = [0.0]
    work = Work("Importing", 1_000, clock=lambda: now[0])
    assert work.state.left is None and work.state.rate == 0
    now[0] = 2.0
    work.tell("Writing", 0.5)
    assert (work.state.left, work.state.rate) == (2.0, 250.0)
    work.tell("Writing", 0.4)
    assert work.state.done == 0.5  # never back
    work.cancel()
    with pytest.raises(Cancelled):
        work.tell("Writing", 0.6)


def test_closing_removes_the_files(importing, database):
    importing.uploads.begin([{"name": "companies.csv", "size": len(FIRMS.encode())}])
    importing.uploads.write(0, 0, FIRMS.encode())
    importing.read()
    scratch = importing.opened.import_.stage._scratch.folder
    folder = importing.uploads.path.parent.parent
    assert Path(scratch).exists()
    importing.close()
    assert not Path(scratch).exists() and not folder.exists()
