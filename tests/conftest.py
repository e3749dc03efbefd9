"""A small CRM that most tests share: every entity, two currencies, blanks and hostile texts."""

import datetime as dt
import json
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from crmpanel.controllers.desk import Desk
from crmpanel.entities import REGISTRY
from crmpanel.model.entity import COUNT, Entity, Field, Measure
from crmpanel.model.kinds import CHOICE, DATE, IDENTIFIER, MONEY, REFERENCE, TEXT
from crmpanel.store import create, open_

# How long an example takes depends on what else the machine does.
settings.register_profile(
    "crmpanel",
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("crmpanel")

ROOT = Path(__file__).parents[1]
#: A Tuesday in the first quarter.
NOW = dt.datetime(2026, 2, 3, 10, 30)
HOSTILE = '<img src=x onerror=alert(1)> 100% _ \' " \\ ; drop table "organisation";-- \u202efdp.exe'


def _at(text):
    return dt.datetime.fromisoformat(text)


# fmt: off
RECORDS = {
    "user": [
        dict(id=1, name="Kari Nordmann", initials="KN", login="kn", active=True),
        dict(id=2, name="Ola Hansen", initials="OH", login="oh", active=True),
        dict(id=3, name="Åse Bjørk", initials="ÅB", login="ab", active=False),
    ],
    "organisation": [
        dict(id=1, name="Nordlys AS", city="Bergen", country="Norway", type="Customer",
             status="Active", responsible_id=1, responsible2_id=2, phone="+47 55 12 34 56",
             domain="nordlys.no", vat_number="NO 987 654 321 MVA", source_key="SRC-1",
             erp_id="10001", currency="NOK", revenue=1_500_000, created=_at("2020-01-01 00:00")),
        dict(id=2, name="Nordlys AS", division="Production", city="Tromsø", country="Norway",
             type="Customer", parent_id=1, responsible_id=2, domain="nordlys.no",
             source_key="SRC-2"),
        dict(id=3, name="Café Solberg", city="Malmö", country="Sweden", type="Prospect",
             responsible_id=3, domain="solberg.se", phone="040-12 34 56", source_key="17"),
        dict(id=4, name=HOSTILE, city="", status=HOSTILE, source_key="a/b æ?&#=%"),
        dict(id=5, name="Tvilling AS", city="Oslo", responsible2_id=1),
        dict(id=6, name="Tvilling AS", city="Bergen"),
    ],
    "person": [
        dict(id=1, organisation_id=1, name="Kari Vik", title="CEO", email="kari@nordlys.no"),
        dict(id=2, organisation_id=1, name="Per Øst", title="Buyer", status="Resigned"),
        dict(id=3, organisation_id=3, name="Liv Solberg", responsible_id=3, phone="007"),
        dict(id=4, organisation_id=None, name="Uten Tilknytning"),
        dict(id=5, organisation_id=4, name=HOSTILE, title=HOSTILE),
    ],
    "quotation": [
        dict(id=1, organisation_id=1, number="Q-1", description="Lamps", level="A - Hot",
             value=1000, currency="NOK", date=dt.date(2026, 1, 15), responsible_id=1,
             responsible2_id=2, probability=75, person_id=1),
        dict(id=2, organisation_id=1, number="Q-2", description="Cables", level="A - Hot",
             value=200, currency="EUR", date=dt.date(2026, 3, 1), responsible_id=2),
        dict(id=3, organisation_id=1, number="Q-3", description="Poles", level="Won", value=5000,
             currency="NOK", date=dt.date(2025, 11, 1), responsible2_id=3),
        dict(id=4, organisation_id=3, number="Q-4", description="Cups", level="Lost", value=70.5,
             currency="SEK", date=dt.date(2026, 1, 2), responsible_id=3, responsible2_id=3),
        dict(id=5, organisation_id=3, number="Q-5", description="Plates", level="A - Hot",
             value=30, currency=None, date=dt.date(2026, 2, 2)),
        dict(id=6, organisation_id=3, number="Q-6", description="Forks", level="B - Warm",
             value=40, currency="SEK"),
    ],
    "order": [
        dict(id=1, organisation_id=1, number="O-1", description="Lamps", status="OnGoing",
             value=900, currency="NOK", date=dt.date(2026, 1, 20),
             delivery_date=dt.date(2026, 2, 2), responsible_id=1, quotation_id=3),
        dict(id=2, organisation_id=1, number="O-2", description="Bulbs", status="Completed",
             value=100, currency="NOK", date=dt.date(2025, 6, 1),
             delivery_date=dt.date(2025, 6, 5)),
    ],
    "activity": [
        dict(id=1, organisation_id=1, subject="Call about the offer",
             date=_at("2026-01-20 09:00"), type="Call", status="Planned", responsible_id=1,
             person_id=1, quotation_id=1),
        dict(id=2, organisation_id=1, subject="Visit in Bergen", date=_at("2026-02-10 13:00"),
             type="Visit", status="Active", responsible_id=2, person_id=2),
        dict(id=3, organisation_id=1, subject="Minutes sent", date=_at("2026-01-05 08:00"),
             type="E-mail", status="Completed", responsible_id=1, note="50% off, said Åse"),
        dict(id=4, organisation_id=1, subject="Some day", type="Call", status="Planned"),
        dict(id=5, organisation_id=1, subject="No status", date=_at("2025-12-31 23:59:59.5"),
             responsible_id=2),
        dict(id=6, organisation_id=1, subject="Later today", date=_at("2026-02-03 15:00"),
             type="Call", status="Planned", responsible_id=1, person_id=3),
        dict(id=7, organisation_id=3, subject="Tasting", date=_at("2026-02-01 00:00"),
             type="Visit", status="Planned", responsible_id=3, person_id=3),
        dict(id=8, organisation_id=None, subject="Nobody's", date=_at("2026-01-01 00:00"),
             status="Planned"),
        dict(id=9, organisation_id=4, subject=HOSTILE, type=HOSTILE, status=HOSTILE, note=HOSTILE,
             date=_at("0001-01-01 00:00"), person_id=5),
        dict(id=10, organisation_id=3, subject="Far away", date=_at("9999-12-31 23:59:59"),
             status="Active"),
    ],
    "quotation_line": [
        dict(id=1, organisation_id=1, quotation_id=1, name="Lamp", quantity=2, price=500,
             line_total=1000, currency="NOK", sort_order=1, date=dt.date(2026, 1, 15)),
        dict(id=2, organisation_id=1, order_id=1, name="Lamp", quantity=1.5, price=600,
             line_total=900, currency="NOK", sort_order=1, date=dt.date(2026, 1, 20)),
    ],
    "product": [
        dict(id=1, organisation_id=1, name="Lamp", serial="00042", price=500, currency="NOK",
             quantity=2, year=2026, purchased=dt.date(2026, 1, 20), stock_status="In use"),
    ],
    "ticket": [
        dict(id=1, organisation_id=1, number="T-1", subject="It flickers", status="Ongoing",
             priority="High", deadline=_at("2026-02-01 12:00"), created=_at("2026-01-25 08:00"),
             responsible_id=2, person_id=1, product_id=1, time_spent=1.5),
        dict(id=2, organisation_id=1, number="T-2", subject="Solved", status="Closed",
             created=_at("2025-12-01 08:00")),
    ],
    "document": [
        dict(id=1, organisation_id=1, description="Offer", folder="Sales/2026", size=12_345,
             file_name="offer.pdf", extension="pdf", uploaded=_at("2026-01-15 10:00"),
             responsible_id=1, public=False),
        dict(id=2, organisation_id=1, description="Photo", folder="Sales", file_name="a.png",
             extension="png", size=99, uploaded=_at("2026-01-16 10:00"), person_id=1),
    ],
    "email": [
        dict(id=1, organisation_id=1, subject="Offer", direction="outgoing", sender="kn@crm.no",
             recipients="kari@nordlys.no", sent=_at("2026-01-15 10:05"), responsible_id=1,
             person_id=1, attachments=1, body="Dear Kari", body_html="<b>Dear</b> Kari"),
        dict(id=2, organisation_id=1, subject="Re: Offer", direction="incoming",
             sent=_at("2026-01-16 09:00"), person_id=1),
    ],
    "meeting": [
        dict(id=1, organisation_id=1, subject="Kick-off", start=_at("2026-02-05 09:00"),
             end=_at("2026-02-05 10:00"), status="Draft", responsible_id=1, person_id=1),
    ],
    "pin": [],
    "change": [
        dict(id=1, organisation_id=1, changeset=1, at=_at("2026-01-10 10:00"), responsible_id=1,
             action="insert", entity="organisation", record_id=1, subject="Nordlys AS",
             field="id", old_value=None, new_value="1"),
        dict(id=2, organisation_id=1, changeset=2, at=_at("2026-01-11 10:00"), responsible_id=2,
             action="update", entity="organisation", record_id=1, subject="Nordlys AS",
             field="status", old_value=None, new_value="Active"),
        dict(id=3, organisation_id=1, changeset=3, at=_at("2026-01-12 10:00"), responsible_id=1,
             action="update", entity="activity", record_id=1, subject="Call about the offer",
             field="responsible_id", old_value="Ola Hansen", new_value="Kari Nordmann"),
        dict(id=4, organisation_id=1, changeset=4, at=_at("2026-01-13 10:00"), responsible_id=1,
             action="update", entity="person", record_id=1, subject="Kari Vik", field="title",
             old_value="CFO", new_value="CEO"),
    ],
}
# fmt: on
ROLES = [("quotation", "A - Hot", "open"), ("quotation", "B - Warm", "open")]

#: Declared here alone: whatever works for it works without machinery that knows it.
TOY = Entity(
    name="vehicle",
    plural="vehicles",
    label="Vehicle",
    label_plural="Vehicles",
    title="plate",
    date="bought",
    due="service",
    responsible=("driver_id",),
    status="state",
    status_roles=(("Sold", "completed"),),
    amount="price",
    columns=("plate", "state", "driver_id", "bought", "price"),
    sort=(("bought", True),),
    measures=(Measure("price", "Price", "sum", "price"), COUNT),
    own_fields=(
        Field("organisation_id", REFERENCE, target="organisation"),
        Field("plate", TEXT, mandatory=True),
        Field("chassis", IDENTIFIER),
        Field("state", CHOICE),
        Field("driver_id", REFERENCE, target="user"),
        Field("bought", DATE),
        Field("service", DATE),
        Field("price", MONEY, currency="currency"),
        Field("currency", CHOICE),
    ),
)


# fmt: off
VEHICLES = [
    dict(id=1, organisation_id=1, plate="AB 1", state="In use", driver_id=1, price=100,
         currency="NOK", bought=dt.date(2026, 1, 1), service=dt.date(2026, 2, 1)),
    dict(id=2, organisation_id=1, plate="ab 2", state="Sold", driver_id=2, price=50,
         currency="EUR", bought=dt.date(2025, 1, 1), service=dt.date(2026, 2, 1)),
    dict(id=3, organisation_id=3, plate=HOSTILE, state=HOSTILE, price=1, currency="NOK"),
    dict(id=4, organisation_id=None, plate="Nobody's", driver_id=1, bought=dt.date(2026, 1, 1)),
]
# fmt: on


def insert(load, entity, records):
    """Insert records given as dictionaries, whatever fields each has."""
    for record in records:
        names = ", ".join(f'"{name}"' for name in record)
        marks = ", ".join("?" * len(record))
        load.execute(f'INSERT INTO "{entity}" ({names}) VALUES ({marks})', list(record.values()))


def fill(database):
    """Write the small CRM into an empty database."""
    with database.load("Test data", "test") as load:
        for entity, records in RECORDS.items():
            insert(load, entity, records)
        for role in ROLES:
            load.status_role(*role)


@pytest.fixture(scope="session")
def crm_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("crm") / "template.duckdb"
    with create(path) as database:
        fill(database)
    return path


@pytest.fixture
def crm_path(crm_template, tmp_path):
    """A database file of one's own, closed."""
    path = tmp_path / "crm.duckdb"
    shutil.copy(crm_template, path)
    return path


@pytest.fixture
def database(crm_path):
    """A database of one's own, which may be written."""
    with open_(crm_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def shared_database(crm_template, tmp_path_factory):
    path = tmp_path_factory.mktemp("shared") / "crm.duckdb"
    shutil.copy(crm_template, path)
    with open_(path) as opened:
        yield opened


@pytest.fixture
def desk(shared_database):
    """Kari Nordmann at her desk; for reading only."""
    return Desk(shared_database, "kn", clock=lambda: NOW)


@pytest.fixture(scope="session")
def toy_database(crm_template, toy_registry, tmp_path_factory):
    """The small CRM opened with one more entity than it was made with."""
    path = tmp_path_factory.mktemp("toy") / "crm.duckdb"
    shutil.copy(crm_template, path)
    with open_(path, toy_registry) as opened:
        with opened.load("Test data", "test") as load:
            insert(load, "vehicle", VEHICLES)
        yield opened


@pytest.fixture
def toy_desk(toy_database):
    return Desk(toy_database, "kn", clock=lambda: NOW)


@pytest.fixture(scope="session")
def records():
    """The rows of the small CRM by entity."""
    return RECORDS


@pytest.fixture(scope="session")
def hostile():
    """A text with all that has ever broken a query, a page or a file."""
    return HOSTILE


@pytest.fixture(scope="session")
def now():
    return NOW


@pytest.fixture(scope="session")
def toy():
    return TOY


@pytest.fixture(scope="session")
def toy_registry():
    return REGISTRY.with_(TOY)


@pytest.fixture(scope="session")
def insert_records():
    return insert


@pytest.fixture(scope="session")
def fill_crm():
    return fill


@pytest.fixture
def statements():
    """``with statements(database) as seen:`` collects what is run meanwhile."""

    @contextmanager
    def watching(database):
        seen = []
        tracer = lambda sql, params, seconds: seen.append((sql, params))  # noqa: E731
        database.tracers.append(tracer)
        try:
            yield seen
        finally:
            database.tracers.remove(tracer)

    return watching


@pytest.fixture(scope="session")
def naughty_strings():
    """The Big List of Naughty Strings."""
    path = ROOT.parent / "shared" / "data" / "adversarial" / "blns.json"
    if not path.exists():
        pytest.skip("the adversarial data is not beside the checkout")
    return json.loads(path.read_text("utf-8"))
