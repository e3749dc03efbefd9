"""A server that goes away and comes back, and messages that no page of ours would send."""

import signal
from pathlib import Path

import pytest
from serving import Server, run_script

#: What a browser says of a server that is gone; brought about on purpose.
GONE = (
    "not connected",
    "WebSocket",
    "Lost websocket",
    "ERR_CONNECTION",
    "Failed to load",
    "disconnected",
    "closed",
)


@pytest.fixture(scope="module")
def small(make_world):
    script = Path(__file__).with_name("world.sql").read_text()
    return make_world("survival", lambda database: run_script(database, script))


@pytest.fixture
def server(small):
    started = Server(small.path)
    yield started
    if started.process.poll() is None:
        started.stop()


@pytest.mark.hardening(58)
def test_a_killed_server_is_told_of_and_the_page_works_again_after_a_restart(visit, server):
    screen = visit(site=server).open("/organisation/1?tab=orders&status=New")
    rows = screen.ids()
    server.stop(signal.SIGKILL)
    lost = screen.page.locator("#crm-lost")
    lost.wait_for(state="visible")
    assert "connection to the server was lost" in lost.inner_text()
    server.start()
    lost.get_by_role("button").click()
    assert screen.ready().shows(rows)
    assert screen.at == "/organisation/1?tab=orders&status=New"
    screen.window.forgive(*GONE)


@pytest.mark.hardening(32)
@pytest.mark.hardening(33)
def test_forged_messages_change_nothing(visit, server):
    screen = visit(site=server).open("/organisation/1?tab=orders")
    rows = screen.ids()
    sent = screen.page.evaluate("""() => {
        const all = view => [view, ...(view.child_views ?? []).flatMap(all)]
        const ours = window.Bokeh.index.roots.flatMap(all).filter(view => view.model_proxy?.send_msg)
        const messages = [
            {type: "sort", column: "password"}, {type: "sort", column: "id; DROP TABLE organisation"},
            {type: "open", id: 10 ** 9}, {type: "open", id: "x"}, {type: "navigate", url: "//evil.example/", seq: 1},
            {type: "navigate", url: "javascript:alert(1)", seq: 2}, {type: "__init__"}, {type: null}, {}, "text", 17, null,
        ]
        let n = 0
        for (const view of ours) for (const message of messages) { view.model_proxy.send_msg(message); n += 1 }
        return n
    }""")
    assert sent > 50
    screen.page.wait_for_timeout(500)
    assert screen.shows(rows)
    assert screen.at == "/organisation/1?tab=orders"
    assert screen.go("/organisation/1?tab=persons").ids()
