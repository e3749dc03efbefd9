"""Strings that break other software, in every text of every view: shown, found and filtered as text."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from screen import PHONE, WIDE
from serving import eventually

from crmpanel.entities import REGISTRY
from crmpanel.layouts import ORGANISATION
from crmpanel.model.kinds import REFERENCE

MINE = [
    "<img src=x onerror=window.__xss=1>", "<script>window.__xss=1</script>", "</textarea><svg onload=window.__xss=1>",
    "{{constructor.constructor('window.__xss=1')()}}", "${window.__xss=1}", "%", "_", "'; DROP TABLE activity; --", '"', "\\",
    "javascript:window.__xss=1", " JaVaScRiPt:window.__xss=1", "a·b", "…", "\u202eabc", "x" * 250, "W" * 60 + " " + "i" * 60,
]  # fmt: skip
NAUGHTY = Path(__file__).parents[3] / "shared" / "data" / "adversarial" / "blns.json"
LISTS = [REGISTRY[tab.entity] for tab in ORGANISATION.lists]
#: Nothing may stick out of the page, and no element may have come out of a text.
STATE = """() => ({
    wide: document.documentElement.scrollWidth - innerWidth,
    ran: window.__xss ?? null,
    made: (function count(root) { return [...root.querySelectorAll('*')].reduce((n, node) => n
        + ['IMG', 'SCRIPT', 'IFRAME', 'MARQUEE', 'OBJECT', 'EMBED'].includes(node.tagName)
        * (node.getRootNode() !== document) + (node.shadowRoot ? count(node.shadowRoot) : 0), 0) })(document),
    links: (function all(root) { return [...root.querySelectorAll('*')].flatMap(node =>
        [...(node.tagName === 'A' ? [node.protocol] : []), ...(node.shadowRoot ? all(node.shadowRoot) : [])]) })(document),
})"""


@pytest.fixture(scope="module")
def strings():
    if not NAUGHTY.exists():
        pytest.skip("needs the list of naughty strings")
    naughty = json.loads(NAUGHTY.read_text("utf-8"))
    return [text for text in dict.fromkeys(MINE + naughty) if text.strip()]


@pytest.fixture(scope="module")
def hostile(make_world, strings):
    """A database in which every text of every record is one of the strings."""

    def value(entity, field, at, i):
        if field.kind.sql == "VARCHAR":
            # Title and status in step, so that each string is once the title and once the status.
            step = 0 if field.name in (entity.title, entity.status) else at * 7
            return strings[(i + step) % len(strings)]
        if field.kind is REFERENCE:
            return 1 if field.name == "organisation_id" else i + 1
        return None

    def fill(database):
        with database.load("What every database has", "test") as load:
            load.execute("DELETE FROM link")
        with database.load("Test data", "test") as load:
            for entity in REGISTRY:
                fields = [field for field in entity.own_fields if field.name != "id"]
                names = ", ".join(f'"{name}"' for name in ("id", *(f.name for f in fields)))
                lists = ", ".join(f"unnest(?::{f.kind.sql}[])" for f in fields)
                load.execute(
                    f'INSERT INTO "{entity.name}" ({names}) SELECT unnest(?::BIGINT[]), {lists}',
                    [
                        [i + 1 for i in range(len(strings))],
                        *(
                            [value(entity, f, at, i) for i in range(len(strings))]
                            for at, f in enumerate(fields)
                        ),
                    ],
                )

    return make_world("hostile", fill)


@pytest.fixture(scope="module")
def site(serve, hostile):
    return serve(hostile)


@pytest.fixture
def screen(visit, site):
    return visit(site=site, shared=True)


def harmless(screen):
    """Nothing ran, nothing was made of a text, and the page is as wide as the window."""
    for size in (PHONE, WIDE):
        screen.page.set_viewport_size(size)
        state = screen.page.evaluate(STATE)
        assert state["ran"] is None
        assert state["made"] == 0
        assert state["wide"] <= 0, f"{state['wide']} px too wide at {size['width']}"
        assert set(state["links"]) <= {"http:", "https:", "mailto:", "tel:", ":", ""}


@pytest.mark.hardening(13)
@pytest.mark.hardening(16)
@pytest.mark.parametrize("entity", LISTS, ids=lambda entity: entity.name)
def test_every_list_shows_its_texts_as_they_are(screen, hostile, entity):
    shown = [name for name in entity.columns if entity.field(name).kind.sql == "VARCHAR"]
    # All strings in one list; in the others as many as a page has.
    for page in (1, 2, 3) if entity.name == "activity" else (1,):
        screen.go(f"/organisation/1?tab={entity.plural}&rows=200&page={page}")
        assert eventually(lambda: len(screen.ids()) > 100)
        ids, cells, headings = screen.ids(), screen.cells(), screen.headings()
        for name in shown:
            wanted = dict(hostile.rows(f'SELECT id, "{name}" FROM "{entity.name}"'))
            label = entity.field(name).label
            found = [row[headings.index(label)] for row in cells]
            assert [plain(text) for text in found] == [plain(wanted[id]) for id in ids]
    harmless(screen)


def plain(text):
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.hardening(13)
@pytest.mark.hardening(14)
@pytest.mark.parametrize("path", [
    "/", "/?rows=200&page=2", "/organisation/1", "/organisation/1?tab=fields", "/organisation/13?tab=fields", "/person/1",
    "/person/3?tab=fields", "/activity/2", "/quotation/1", "/ticket/11?tab=log", "/document/1", "/email/1", "/change/1",
    "/links", "/links?rows=200&page=2", "/link/1", "/link/3",
    "/report/activities", "/report/tickets", "/report/documents?organisation_id=1", "/report/organisations",
])  # fmt: skip
def test_every_other_view_is_harmless(screen, path):
    screen.go(path)
    assert screen.messages() is not None
    harmless(screen)


@pytest.mark.hardening(17)
@pytest.mark.hardening(19)
@pytest.mark.parametrize(
    "text",
    [text for text in MINE if text.strip() != "…"] + ["Ω≈ç√∫˜µ≤≥÷", "null", "1;DROP TABLE users"],
)
def test_a_search_and_a_status_mean_themselves(screen, hostile, text):
    wanted = sorted(hostile.column("SELECT id FROM activity WHERE status = ?", text))
    assert wanted
    screen.go(f"/organisation/1?tab=activities&status={quote(text, safe='')}")
    assert eventually(lambda: sorted(screen.ids()) == wanted), screen.ids()
    screen.search(text)  # status and title are the same here
    assert eventually(lambda: "contains" in screen.sentence() and sorted(screen.ids()) == wanted)
    absent = "no such " + text
    screen.search(absent)
    assert eventually(lambda: absent.strip() in screen.sentence() and not screen.ids())
    harmless(screen)
