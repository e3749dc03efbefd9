"""A run of all deliveries: who gets what now; one that fails does not keep others from theirs."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import asdict, dataclass
from typing import Any

from babel import Locale, UnknownLocaleError

from crmpanel.controllers.delivering import (
    DIGEST,
    MAIL,
    WEBHOOK,
    address_of,
    channels,
    chosen,
    user_of,
)
from crmpanel.controllers.desk import Desk
from crmpanel.delivery import outbound, webhook
from crmpanel.delivery.digest import count, digest
from crmpanel.delivery.mail import Letter
from crmpanel.delivery.mailer import Mailer
from crmpanel.delivery.outbox import Delivery, Outbox
from crmpanel.delivery.settings import Settings
from crmpanel.errors import CrmError, InputError
from crmpanel.locale import use_language
from crmpanel.locale.formats import Formats
from crmpanel.query.lookup import moment
from crmpanel.store import Database

log = logging.getLogger(__name__)
#: One process owns the database; within it there is one run at a time.
_one_at_a_time = threading.Lock()
Chosen = Mapping[str, str]
#: What came of a delivery.
DONE, PLANNED, PROBLEM, LEFT_OUT = "sent", "planned", "failed", "left out"
UNFORESEEN = "Something went wrong; the log has the details."


@dataclass(frozen=True)
class Outcome:
    """What came of one delivery, or why there is none.

    Parameters
    ----------
    user : name of the reader.
    channel, period : what was to be delivered.
    state : `DONE`, `PLANNED` (in a dry run), `PROBLEM` or `LEFT_OUT`.
    changes : how many changesets it tells of.
    reason : why it failed.
    """

    user: str
    channel: str
    period: str
    state: str
    changes: int = 0
    reason: str = ""

    def __str__(self) -> str:
        what = f"{self.user}: {'e-mail' if self.channel == MAIL else self.channel}"
        period = f" of {self.period}" if self.period else ""
        told = f", {self.changes} change{'s' * (self.changes != 1)}" if self.changes else ""
        why = f". {self.reason}" if self.reason else ""
        return f"{what}{period}{told}: {self.state}{why}"


@dataclass(frozen=True)
class Report:
    """What a run has done."""

    outcomes: tuple[Outcome, ...]

    @property
    def problems(self) -> tuple[Outcome, ...]:
        """What failed; the next run tries it again."""
        return tuple(outcome for outcome in self.outcomes if outcome.state == PROBLEM)

    def values(self) -> list[dict[str, Any]]:
        """The report as plain data."""
        return [asdict(outcome) for outcome in self.outcomes]

    @classmethod
    def of(cls, values: Sequence[Mapping[str, Any]]) -> Report:
        """The report of another process."""
        return cls(tuple(Outcome(**value) for value in values))


def notify(
    database: Database,
    settings: Settings,
    now: dt.datetime | None = None,
    dry_run: bool = False,
    mailer: Mailer | None = None,
) -> Report:
    """Deliver what is due; doing it again sends nothing twice.

    Parameters
    ----------
    database : an open database.
    now : the present moment, if it is to be another.
    dry_run : only say what would be sent.

    Raises
    ------
    InputError : somebody wants mail, and it is not known where its links lead.
    """
    clock: Callable[[], dt.datetime] = moment if now is None else lambda: now
    with _one_at_a_time, mailer or Mailer(settings) as opened:
        desk = Desk(database, "", clock)
        wanted = chosen(desk)
        if not dry_run and not settings.base_url and any(c.get(DIGEST) for c in wanted.values()):
            raise InputError(
                "It is not known where the application is.",
                "Mails have links, also to unsubscribe.",
                "Give --base-url, such as https://crm.example.com.",
            )
        run = _Run(settings, opened, dry_run)
        outcomes = [outcome for user in wanted for outcome in run.reader(desk.working_as(user))]
    return Report(tuple(outcomes))


class _Run:
    """One run, which goes from reader to reader."""

    def __init__(self, settings: Settings, mailer: Mailer, dry_run: bool) -> None:
        self.settings, self.mailer, self.dry_run = settings, mailer, dry_run

    def reader(self, desk: Desk) -> list[Outcome]:
        """Everything of one reader, in their language; what they have chosen until now counts."""
        try:
            choices, user = desk.preferences, user_of(desk)
        except Exception:
            return [self._failed(desk, "")]
        if user.get("active") is False:
            why = "The user is not active."
            name = _name(desk)
            return [Outcome(name, c, "", LEFT_OUT, 0, why) for c in channels(choices)]
        # The language of messages belongs to the context.
        each = (
            copy_context().run(self._channel, desk, channel, choices, user)
            for channel in channels(choices)
        )
        return [outcome for outcomes in each for outcome in outcomes]

    def _channel(
        self, desk: Desk, channel: str, choices: Chosen, user: Mapping[str, Any]
    ) -> list[Outcome]:
        """What is due over one channel; whatever goes wrong with it does not concern the others."""
        formats = Formats(language(choices.get("language"), user.get("language"), self.settings))
        use_language(formats.locale.language)
        done: list[Outcome] = []
        try:
            for outcome in self._deliveries(Outbox(desk, channel, choices), choices, formats):
                done.append(outcome)
        except CrmError as error:
            done.append(Outcome(_name(desk), channel, "", PROBLEM, 0, str(error)))
        except Exception:
            done.append(self._failed(desk, channel))
        return done

    def _failed(self, desk: Desk, channel: str) -> Outcome:
        log.exception("delivering %s to %s", channel or "anything", desk.me)
        return Outcome(_name(desk), channel, "", PROBLEM, 0, UNFORESEEN)

    def _deliveries(self, outbox: Outbox, choices: Chosen, formats: Formats) -> Iterator[Outcome]:
        for delivery in outbox.unfinished():
            outcome = self._one(outbox, delivery, choices, formats)
            yield outcome
            if outcome.state == PROBLEM:
                return  # what could not be delivered goes first
        new = outbox.due()
        if new is not None and count(outbox.desk, new.first, new.last):
            yield self._one(outbox, new, choices, formats)

    def _one(
        self, outbox: Outbox, delivery: Delivery, choices: Chosen, formats: Formats
    ) -> Outcome:
        desk, channel = outbox.desk, delivery.channel
        told = digest(desk, formats, delivery.first, delivery.last)

        def outcome(state: str, reason: str = "") -> Outcome:
            return Outcome(_name(desk), channel, delivery.period, state, told.total, reason)

        if self.dry_run:
            return outcome(PLANNED)
        try:
            if channel == MAIL:
                self.mailer.ready()  # or else nothing is begun
        except CrmError as error:
            return outcome(PROBLEM, str(error))
        outbox.begin(delivery)
        try:
            if told.total:  # of what was begun, all may have been muted since
                letter = Letter(desk, told, delivery, outbox.name(delivery), self.settings, formats)
                self._send(letter, choices)
        except CrmError as error:
            outbox.finish(delivery, str(error))
            return outcome(PROBLEM, str(error))
        except Exception:
            log.exception("delivering %s of %s to %s", channel, delivery.period, desk.me)
            outbox.finish(delivery, UNFORESEEN)
            return outcome(PROBLEM, UNFORESEEN)
        outbox.finish(delivery)
        return outcome(DONE)

    def _send(self, letter: Letter, choices: Chosen) -> None:
        if letter.delivery.channel == MAIL:
            address = address_of(letter.desk)
            if address is None:
                raise InputError(
                    "There is no address to send e-mail to.", "", "Enter one for the user."
                )
            self.mailer.send(letter.message(address), address)
        else:
            content = webhook.body(letter)
            headers = webhook.headers(letter, content)
            private = self.settings.allow_private
            outbound.post(choices[WEBHOOK], content, headers, private)


def _name(desk: Desk) -> str:
    return str(desk.users.get(desk.viewer_id or 0, ""))


def language(chosen: object, declared: object, settings: Settings) -> str:
    """The first of a reader's languages that there is; else that of the settings."""
    for text in (chosen, declared):
        try:
            return str(Locale.parse(str(text or "").replace("-", "_")))
        except (ValueError, UnknownLocaleError):
            continue
    return settings.language
