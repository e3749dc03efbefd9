"""Settings from options, the environment and a file; a password from the environment alone."""

import re
from pathlib import Path

import pytest

from crmpanel.cli import notify
from crmpanel.delivery.settings import FILE, NAMES, PASSWORD, Settings
from crmpanel.errors import InputError, UnknownName

FROM = {"sender": "crm@example.com"}


def test_options_go_before_the_environment_and_that_before_the_file(tmp_path):
    file = tmp_path / "notify.toml"
    file.write_text(
        'smtp = "file:1"\nfrom = "file@b.no"\nbase_url = "https://file/"\nallow_private = true\n'
    )
    environ = {"CRMPANEL_SMTP": "env:2", "CRMPANEL_FROM": "env@b.no", "CRMPANEL_SMTP_PASSWORD": "x"}
    found = Settings.read({"smtp": "option:3", "tls": "ssl", "user": None}, file, environ)
    assert found == Settings(
        smtp="option:3", tls="ssl", password="x", sender="env@b.no", base_url="https://file",
        allow_private=True,
    )  # fmt: skip
    environ["CRMPANEL_SETTINGS"] = str(file)
    assert Settings.read({"tls": "ssl"}, None, environ).smtp == "env:2"


def test_they_cross_the_wire_whole_and_are_shown_without_the_password():
    settings = Settings(smtp="a:1", tls="ssl", password="secret", sender="a@b.no")
    assert Settings.of(settings.values()) == settings
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("smtp", "tls", "server"),
    [("mail.example.com", "none", ("mail.example.com", 25)),
     ("mail.example.com", "starttls", ("mail.example.com", 587)),
     ("mail.example.com", "ssl", ("mail.example.com", 465)),
     ("127.0.0.1:2525", "none", ("127.0.0.1", 2525)), ("[::1]:25", "none", ("::1", 25)),
     ("[::1]", "ssl", ("::1", 465))],
)  # fmt: skip
def test_the_server(smtp, tls, server):
    assert Settings.of({"smtp": smtp, "tls": tls, **FROM}).server == server


@pytest.mark.parametrize(
    ("given", "named"),
    [({"smtp": "a:b", **FROM}, "smtp"), ({"smtp": "a:0", **FROM}, "smtp"), ({"smtp": ":25", **FROM}, "smtp"),
     ({"smtp": "a:25"}, "--from"), ({"smtp": "a:25", "sender": "nobody"}, "sender"),
     ({"smtp": "a:25", "sender": "a@b.no\r\nBcc: c@d.no"}, "sender"),
     ({"base_url": "example.com"}, "base_url"), ({"base_url": "javascript:alert(1)//"}, "base_url"),
     ({"base_url": 'https://a/"><script>'}, "base_url"), ({"base_url": "https://a/?b"}, "base_url"),
     ({"tls": "maybe"}, "encryption"), ({"evil": "1"}, "evil"), ({"allow_private": 1}, "allow_private"),
     ({"smtp": 25}, "smtp"),
     ({"smtp": "mail.example.com", "password": "x", "user": "u", **FROM}, "unencrypted")],
)  # fmt: skip
def test_what_makes_no_sense_is_named(given, named):
    with pytest.raises(InputError, match=named):
        Settings.of(given)


@pytest.mark.parametrize(
    ("text", "error", "named"),
    [('password = "x"', InputError, "CRMPANEL_SMTP_PASSWORD"), ("smpt = 'a'", UnknownName, "smtp"),
     ("smtp =", InputError, "not TOML"), (None, InputError, "cannot be read")],
)  # fmt: skip
def test_a_file_that_makes_no_sense(tmp_path, text, error, named):
    file = tmp_path / "notify.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(error, match=named):
        Settings.read({}, file, {})


def test_all_of_them_are_documented():
    text = (Path(__file__).parents[2] / "docs" / "notify.md").read_text("utf-8")
    options = {name for option in notify.params for name in option.opts if name.startswith("-")}
    for name in (*options, *NAMES.values(), FILE, PASSWORD):
        assert re.search(rf"[`$ ]{re.escape(name)}\b", text), name
    rows = re.findall(r"^\| (?:.*?) \| (.*?) \| `(\w+)` \|", text, re.MULTILINE)
    known = {NAMES[name if name != "from" else "sender"] for _, name in rows}
    assert known == set(NAMES.values())
