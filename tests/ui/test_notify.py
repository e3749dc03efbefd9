"""What a mail looks like to a browser, and the page that its unsubscribe links lead to."""

import datetime as dt
from pathlib import Path

import pytest
from screen import PHONE
from serving import eventually, run_script

from crmpanel.controllers.delivering import DAILY, DIGEST, DIGEST_SINCE, MAIL, Delivering
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.delivery import tokens
from crmpanel.delivery.digest import digest
from crmpanel.delivery.mail import Letter
from crmpanel.delivery.outbox import Outbox
from crmpanel.delivery.settings import Settings
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Changeset, Create, Update
from crmpanel.query.personal import newest
from crmpanel.query.query import Query

ORGANISATIONS = Query("SELECT id FROM organisation ORDER BY id LIMIT 2")
PAYLOADS = (
    "<img src=x onerror=window.__xss=1>",
    "<script>window.__xss=1</script>",
    "'\"><svg onload=window.__xss=1>",
    "</title></style><iframe src='https://evil.example'>",
    "{{ 7*7 }}<style>@import 'https://evil.example'</style>",
    "javascript:window.__xss=1",
)


def user(database, id):
    return Desk(database, "").working_as(id)


@pytest.fixture(scope="module")
def made():
    return {}


@pytest.fixture(scope="module")
def site(serve, make_world, made):
    """A server on a database with a user who follows two organisations, and their links."""
    script = Path(__file__).with_name("world.sql").read_text()

    def fill(database):
        run_script(database, script)
        kari = user(database, 1)
        database.apply(Changeset((Update("user", 1, {"email": "kari@example.com"}),), user=1))
        made["ids"] = [row[0] for row in database.rows(ORGANISATIONS)]
        for id in made["ids"]:
            Subscriptions(kari).subscribe("organisation", id)
        Delivering(kari).choose_digest(DAILY)
        endings = [tokens.Ending(1, "organisation", id) for id in made["ids"]]
        today = dt.date.today()
        made["records"] = [tokens.write(database, ending, today) for ending in endings]
        made["all"] = tokens.write(database, tokens.Ending(1), today)

    return serve(make_world("notify", fill))


def path(token):
    return f"/unsubscribe?token={token}"


def heading(screen, text):
    head = screen.page.locator("header.head h1")
    assert eventually(lambda: head.count() and text in head.inner_text()), head.inner_text()


def button(screen, name):
    return screen.page.locator("header.head").get_by_role("button", name=name, exact=True)


@pytest.mark.card("S3")
def test_a_link_asks_before_it_ends_anything(visit, site, made):
    for _ in range(2):  # a scanner may have been there before
        screen = visit(site=site, **({"viewport": PHONE} if _ else {})).open(
            path(made["records"][0])
        )
        heading(screen, "Stop following")
    button(screen, "Stop following").click()
    said = screen.page.locator("header.head")
    assert eventually(lambda: "This has been ended" in said.inner_text()), said.inner_text()
    assert button(screen, "Stop following").count() == 0
    again = visit(site=site).open(path(made["records"][0]))
    assert "This has been ended" in again.page.locator("header.head").inner_text()
    other = visit(site=site).open(path(made["records"][1]))
    heading(other, "Stop following")


def test_all_mail_is_ended(visit, site, made):
    screen = visit(site=site).open(path(made["all"]))
    heading(screen, "Get no more mail?")
    button(screen, "Get no more mail").press("Enter")
    said = screen.page.locator("header.head")
    assert eventually(lambda: "This has been ended" in said.inner_text()), said.inner_text()


@pytest.mark.hardening(35)
@pytest.mark.parametrize("token", ["", "evil", "WzEsbnVsbCxudWxsLDczOTgzMF0.AAAA", "<script>"])
def test_a_link_that_is_not_ours(visit, site, token):
    screen = visit(site=site, shared=True).open(path(token))
    heading(screen, "This link does not work")
    assert "Use the link in a newer mail" in screen.page.locator("header.head").inner_text()
    assert screen.page.locator("header.head").get_by_role("button").count() == 0


@pytest.mark.hardening(13)
@pytest.mark.hardening(18)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_mail_runs_and_fetches_nothing(chromium, database, payload):
    since = str(database.scalar(newest()))
    Subscriptions(user(database, 1)).subscribe("organisation", 1)
    everything = (
        Update("user", 2, {"name": payload}),
        Update("organisation", 1, {"name": payload, "city": payload}),
        Create("activity", {"subject": payload, "organisation_id": 1}),
    )
    database.apply(Changeset(everything, user=2))
    desk, formats = user(database, 1), Formats()
    outbox = Outbox(desk, MAIL, {DIGEST: DAILY, DIGEST_SINCE: since})
    delivery = outbox.due()
    told = digest(desk, formats, delivery.first, delivery.last)
    settings = Settings(sender="a@b.no", base_url="https://crm.example.com")
    letter = Letter(desk, told, delivery, outbox.name(delivery), settings, formats)
    html = letter.message("kari@example.com").get_body(("html",)).get_content()
    context, requests = chromium.new_context(), []
    context.route("**/*", lambda route: (requests.append(route.request.url), route.abort()))
    page = context.new_page()
    page.set_content(html)
    page.wait_for_timeout(300)
    try:
        assert page.evaluate("window.__xss") is None
        assert requests == []
        assert page.locator("script, img, svg, iframe, object").count() == 0
        assert page.get_by_text(payload, exact=True).count() >= 2, "it is shown as the text it is"
        addresses = page.eval_on_selector_all("a", "all => all.map(a => a.href)")
        assert all(a.startswith("https://crm.example.com/") for a in addresses)
    finally:
        context.close()
