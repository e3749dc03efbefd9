"""One served application and one browser for all tests here.

Every test fails on whatever the browser or the server complained about while it ran.
"""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # the helpers beside this file
from screen import Screen, Window
from serving import Server, World, run_script

CHROMIUM = Path("/usr/bin/chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
PICTURES = ROOT / "test-results"  # of what failed tests saw; git ignores it
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items):
    """The component tests first: they start a Playwright of their own, and there can be but one."""
    items.sort(key=lambda item: "/ui/" in item.nodeid and "test_components_ui" not in item.nodeid)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    before = call.when != "setup" and item.stash.get(FAILED, False)
    item.stash[FAILED] = before or report.failed
    return report


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def make_world(tmp_path_factory):
    """Make a database: ``make_world(name, fill)``, `fill` being called with it while it is empty."""
    return lambda name, fill: World(tmp_path_factory.mktemp(name), fill)


@pytest.fixture(scope="session")
def world(make_world):
    """The database of world.sql."""
    script = Path(__file__).with_name("world.sql").read_text()
    return make_world("world", lambda database: run_script(database, script))


@pytest.fixture(scope="session")
def serve():
    """Serve a database until all tests are done."""
    servers = []

    def start(world: World) -> Server:
        servers.append(Server(world.path))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()
    assert not [server.log for server in servers if "Traceback" in server.log]


@pytest.fixture(scope="session")
def server(serve, world):
    return serve(world)


@pytest.fixture(scope="session")
def kept():
    """The window that tests share, and its tab for each server: a warm cache saves seconds."""
    return {}


@pytest.fixture
def visit(request, chromium, kept, server):
    """Get a tab: ``visit()`` in a profile of its own, ``visit(shared=True)`` in the common one.

    Other keywords are those of a Playwright context; `site` is another server.
    """
    used: list[Screen] = []

    def enter(site=server, shared=False, **options) -> Screen:
        if not shared:
            screen = Screen(Window(chromium, **options), site)
        else:  # a second tab would be in front of the first, which then draws once a second
            if "window" not in kept:
                kept["window"] = Window(chromium)
            if site not in kept:
                kept[site] = Screen(kept["window"], site)
            screen = kept[site]
            screen.page.bring_to_front()
        used.append(screen)
        return screen

    yield enter
    failed = request.node.stash.get(FAILED, False)
    troubles = [trouble for screen in used for trouble in screen.window.troubles]
    troubles += [line for screen in used for line in screen.server.news()]
    for at, screen in enumerate(used):
        if failed or troubles:
            picture = PICTURES / f"{request.node.name[:80].replace('/', '-')}-{at}.png"
            screen.page.screenshot(path=picture)
        if failed or screen not in kept.values():
            screen.window.close()
            kept.clear()
    assert not troubles


@pytest.fixture
def tab(visit):
    """The common tab; a test may find it anywhere in the application."""
    return visit(shared=True)
