"""The mail of a digest: plain text and HTML of the same content, in the reader's language."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.links import Links
from crmpanel.delivery import tokens
from crmpanel.delivery.digest import Digest, Entry, Group, Line, kind
from crmpanel.delivery.outbox import Delivery
from crmpanel.delivery.settings import Settings
from crmpanel.delivery.words import one_line
from crmpanel.errors import InputError
from crmpanel.locale import _, ngettext
from crmpanel.locale.formats import Formats

#: The path of the page that ends subscriptions.
UNSUBSCRIBE = "unsubscribe"
#: Longer headers would be folded, and an address in them taken apart.
LONGEST_HEADER = 900
BRAND = "crmpanel"
Row = dict[str, Any]


@dataclass(frozen=True)
class Letter:
    """What a mail is made of.

    Parameters
    ----------
    desk : the reader's own.
    digest : what it tells.
    delivery, name : what is being delivered, and its name (see `Outbox.name`).
    settings, formats : whom it is from, where its links lead, how dates are written.
    """

    desk: Desk
    digest: Digest
    delivery: Delivery
    name: str
    settings: Settings
    formats: Formats

    def message(self, address: str) -> EmailMessage:
        """The mail to an address; made twice it is the same.

        Raises
        ------
        InputError : the address cannot be written to.
        """
        content = self.content()
        message = EmailMessage(SMTP)
        message["Subject"] = content["subject"]
        message["From"] = self.settings.sender_address
        message["To"] = _recipient(self.digest.name, address)
        message["Date"] = self.delivery.begun.astimezone()
        message["Message-ID"] = f"<{self.name}@{self.settings.sender_address.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["List-Unsubscribe"] = f"<{content['end_all']}>"
        message.set_content(text(content), cte="quoted-printable")
        html = _templates().get_template("digest.html").render(content)
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        message.set_boundary(f"=={self.name}==")
        message["Content-Language"] = self.formats.tag
        message.policy = SMTP.clone(max_line_length=LONGEST_HEADER)
        return message

    def content(self) -> Row:
        """All that the mail says, as plain texts and addresses."""
        digest = self.digest
        return {
            "language": self.formats.tag,
            "brand": BRAND,
            "subject": self._subject(),
            "title": ngettext("{n} change", "{n} changes", digest.total),
            "intro": _("What others changed on what you follow."),
            "groups": [self._group(group) for group in digest.groups],
            "more": ngettext("{n} more change", "{n} more changes", digest.more)
            if digest.more
            else "",
            "open": _("Open {brand}", brand=BRAND),
            "home": f"{self.settings.base_url}/",
            "why": _("You get this because you follow these records."),
            "end_all": self._ending(tokens.Ending(digest.user)),
            "end_all_text": _("Get no more mail"),
        }

    def _subject(self) -> str:
        first, *others = [self._named(group) for group in self.digest.groups]
        changes = ngettext("{n} change", "{n} changes", self.digest.total)
        shown = one_line(first, 80)
        if not others:
            return f"{shown}: {changes}"
        both = ngettext("{name} and {n} other", "{name} and {n} others", len(others), name=shown)
        return f"{both}: {changes}"

    def _named(self, group: Group) -> str:
        return group.title or _("A deleted {kind}", kind=kind(self.desk, group.entity))

    def _group(self, group: Group) -> Row:
        name, number = self._named(group), len(group.entries)
        return {
            "name": name,
            "href": self._card(group.entity, group.id) if group.title else None,
            "count": ngettext("{n} change", "{n} changes", number),
            "entries": [self._entry(entry) for entry in group.entries],
            "end": self._ending(tokens.Ending(self.digest.user, group.entity, group.id)),
            "end_text": _("Stop following {name}", name=one_line(name, 60)),
        }

    def _entry(self, entry: Entry) -> Row:
        more = _("and {n} more", n=entry.more) if entry.more else ""
        others = ngettext(
            "also on {n} other that you follow", "also on {n} others that you follow", entry.others
        )
        others = others if entry.others else ""
        return {
            "who": entry.who,
            "when": self.formats.datetime(entry.at),
            "lines": list(self._lines(entry)),
            "more": " · ".join(part for part in (more, others) if part),
        }

    def _lines(self, entry: Entry) -> Iterator[Row]:
        """The lines; of several on one record the later need not name it again."""
        before = None
        for line in entry.lines:
            yield {**self._line(line), "is_same": (line.entity, line.id) == before}
            before = (line.entity, line.id)

    def _line(self, line: Line) -> Row:
        told: Row = {"about": "", "href": None, "label": line.label, "old": None, "new": None}
        what = kind(self.desk, line.entity)
        if line.title and not (line.is_of_group and line.action == "update"):
            told["href"] = self._card(line.entity, line.id)
        if line.action == "update":
            if not line.is_of_group:
                told["about"] = _("A deleted {kind}", kind=what)
                if line.title:
                    told["about"] = _first_up(_("{kind} “{name}”", kind=what, name=line.title))
            return {**told, "old": line.old_text or _("blank"), "new": line.new_text or _("blank")}
        said = {"insert": _("created {kind} “{name}”"), "delete": _("deleted {kind} “{name}”")}
        blank = {"insert": _("created {kind}, deleted since"), "delete": _("deleted {kind}")}
        words = (said if line.title else blank).get(line.action, "{kind}")
        return {**told, "about": _first_up(words.format(kind=what, name=line.title))}

    def _card(self, entity: str, id: int) -> str | None:
        """The address of a card; what belongs to no organisation has none."""
        if self.desk.registry[entity].organisation is None:
            return None
        return self.settings.base_url + Links().record(entity, id)

    def _ending(self, ending: tokens.Ending) -> str:
        token = tokens.write(self.desk.database, ending, self.delivery.begun.date())
        return f"{self.settings.base_url}/{UNSUBSCRIBE}?token={token}"


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _recipient(name: str, address: str) -> Address:
    try:
        return Address(one_line(name), addr_spec=address)
    except Exception:  # the parser of the standard library raises of several kinds
        raise InputError(_("This is no e-mail address."), one_line(address)) from None


@functools.cache
def _templates() -> Environment:
    loader = PackageLoader("crmpanel.delivery")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)


# -- plain text ----------------------------------------------------------------------------------


def text(content: Row) -> str:
    """The plain text of a mail."""
    return "\n".join(_text_lines(content)) + "\n"


def _text_lines(content: Row) -> Iterator[str]:
    yield from (content["title"], content["intro"], "")
    for group in content["groups"]:
        heading = f"{group['name']} – {group['count']}"
        yield from (heading, "=" * min(len(heading), 72))
        if group["href"]:
            yield group["href"]
        for entry in group["entries"]:
            yield from ("", f"  {entry['who']}, {entry['when']}")
            yield from (f"  - {_text_line(line)}" for line in entry["lines"])
            if entry["more"]:
                yield f"  - … {entry['more']}"
        yield from ("", f"{group['end_text']}:", group["end"], "")
    if content["more"]:
        yield from (f"… {content['more']}", "")
    yield from (f"{content['open']}: {content['home']}", "", "-- ", content["why"])
    yield f"{content['end_all_text']}: {content['end_all']}"


def _text_line(line: Row) -> str:
    change = f"{line['label']}: {line['old']} → {line['new']}" if line["new"] is not None else ""
    return " – ".join(part for part in (line["about"], change) if part)
