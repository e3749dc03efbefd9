"""The mail of the screenshots: a digest of what colleagues changed in the demo database."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from pathlib import Path

from crmpanel.controllers.delivering import DAILY, DIGEST, DIGEST_SINCE, MAIL
from crmpanel.controllers.desk import Desk
from crmpanel.controllers.subscriptions import Subscriptions
from crmpanel.delivery.digest import digest
from crmpanel.delivery.mail import Letter
from crmpanel.delivery.outbox import Outbox
from crmpanel.delivery.settings import Settings
from crmpanel.locale.formats import Formats
from crmpanel.model.changeset import Changeset, Create, Delete, Update
from crmpanel.query import personal
from crmpanel.query.query import Query
from crmpanel.store import Database, open_

TWO = Query("SELECT id FROM organisation ORDER BY id LIMIT 2")
SETTINGS = Settings(sender="CRM <crm@polarvent.example>", base_url="https://crm.polarvent.example")


def example(path: Path) -> EmailMessage:
    """The mail to the first user of the demo database, which is changed."""
    with open_(path) as database:
        desk = Desk(database, "", lambda: dt.datetime.now().replace(microsecond=0)).working_as(1)
        first, second = (
            row[0]
            for row in database.rows(Query("SELECT id FROM organisation ORDER BY id LIMIT 2"))
        )
        for id in (first, second):
            Subscriptions(desk).subscribe("organisation", id)
        since = str(database.scalar(personal.newest()))  # what came before is not told
        change(database, first, second)
        outbox = Outbox(desk, MAIL, {DIGEST: DAILY, DIGEST_SINCE: since})
        delivery = outbox.due()
        formats = Formats()
        told = digest(desk, formats, delivery.first, delivery.last)
        letter = Letter(desk, told, delivery, outbox.name(delivery), SETTINGS, formats)
        return letter.message("ingrid@polarvent.example")


def change(database: Database, first: int, second: int) -> None:
    """What two colleagues do."""

    def one(table: str) -> int:
        sql = f"SELECT min(id) FROM {table} WHERE organisation_id = ?"
        return int(database.scalar(Query(sql, (first,))))

    tomorrow = dt.datetime.now().replace(hour=9, minute=30, second=0, microsecond=0)
    call = {"subject": "Call about the service contract", "organisation_id": first}
    for user, parts in (
        (2, [Update("quotation", one("quotation"), {"probability": 90, "value": 412_500})]),
        (3, [Create("activity", {**call, "date": tomorrow + dt.timedelta(1)})]),
        (2, [Update("organisation", first, {"responsible_id": 3, "status": "Active account"})]),
        (3, [Delete("activity", one("activity"))]),
        (5, [Update("organisation", second, {"phone": "+47 77 65 43 21"})]),
    ):
        database.apply(Changeset(tuple(parts), user=user))
