"""The Python side of the display components and the theme; no browser."""

import re

import panel as pn
import pytest

from crmpanel.views import components, theme
from crmpanel.views.components import Router, bundle
from crmpanel.views.theme import material

ALL = [getattr(components, name) for name in bundle.COMPONENTS]


@pytest.mark.parametrize("component", ALL)
def test_every_component_renders_and_documents_itself(component):
    model = component().get_root()
    assert model.class_name == component.__name__
    assert component.__doc__
    own = set(component.param) - set(component.__bases__[0].param)
    assert all(component.param[name].doc or name == "placeholder" for name in own)


@pytest.mark.parametrize("component", ALL)
def test_only_declared_events_are_delivered(component):
    view, heard = component(), []
    view.on_event(heard.append)
    for message in (None, "sort", [], {}, {"type": "made up"}, {"type": None}):
        view._handle_msg(message)
    assert heard == []
    for name in component.events:
        view._handle_msg({"type": name, "url": "/x", "seq": 1})
    assert [event["type"] for event in heard] == list(component.events)


def test_the_bundle_asks_no_other_host_and_never_parses_data_as_html():
    source = bundle.bundle().read_text(encoding="utf-8")
    assert not re.search(r"^\s*import\b|\bimport\(", source, re.M)
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", source
    )
    addresses = set(re.findall(r"https?://[\w.]+", source))
    assert addresses <= {"http://www.w3.org"}  # the SVG namespace


@pytest.mark.parametrize("name", bundle.COMPONENTS)
def test_inline_source_is_self_contained(name):
    source = bundle.inline(name)
    assert source.rstrip().endswith(f"export default {name};")
    assert "const TOKENS" in source and "function safeHref" in source


def test_javascript_files_stay_readable():
    for path in bundle.HERE.glob("*.js"):
        if not path.name.startswith("bundle."):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 260, path.name


def test_router_follows_the_browser_before_its_listeners_run():
    router, seen = Router(), []
    router.on_event(lambda event: seen.append((event["url"], router.url, router.done)))
    router._handle_msg(
        {"type": "navigate", "url": "/organisation/7?q=0123", "trigger": "link", "seq": 1}
    )
    assert seen == [("/organisation/7?q=0123", "/organisation/7?q=0123", 0)]
    assert (router.done, router.seen) == (1, 1)


@pytest.mark.parametrize(
    "url", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "", None, 7, "x"]
)
def test_router_drops_forged_addresses(url):
    router, seen = Router(url="/here"), []
    router.on_event(seen.append)
    router._handle_msg({"type": "navigate", "url": url, "trigger": "link", "seq": 1})
    assert seen == [] and router.url == "/here"


def _tokens(dark: bool) -> dict[str, str]:
    light, night = (bundle.TOKENS.read_text(encoding="utf-8")).split(':root[data-theme="dark"]')
    found = dict(re.findall(r"--crm-([\w-]+):\s*(#[0-9a-f]{6})", light))
    return found | dict(re.findall(r"--crm-([\w-]+):\s*(#[0-9a-f]{6})", night)) if dark else found


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_colours_have_enough_contrast(dark):
    t = _tokens(dark)
    grounds = ["bg", "surface", "raised", "sunken", "hover"]
    pairs = [(ink, ground) for ink in ("text", "muted", "accent") for ground in grounds]
    pairs += [
        (tone, f"{tone}-soft") for tone in ("neutral", "info", "success", "warning", "danger")
    ]
    pairs += [(tone, "surface") for tone in ("info", "success", "warning", "danger")]
    pairs += [
        ("on-accent", "accent"),
        ("text", "accent-soft"),
        ("muted", "accent-soft"),
        ("accent", "accent-soft"),
        ("muted", "neutral-soft"),
        ("text", "mark"),
    ]
    weak = {
        pair: round(_contrast(t[pair[0]], t[pair[1]]), 2)
        for pair in pairs
        if _contrast(t[pair[0]], t[pair[1]]) < 4.5
    }
    assert weak == {}


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_material_theme_uses_the_tokens(mode):
    tokens = _tokens(mode == "dark")
    assert {name: tokens[name] for name in material.COLOURS[mode]} == material.COLOURS[mode]


def test_material_defaults_are_accepted_by_the_widgets():
    pmui = pytest.importorskip("panel_material_ui")
    pmui.TextInput(**theme.SMALL)
    pmui.Select(options=["a"], **theme.SMALL)
    pmui.MultiChoice(options=["a"], **theme.MULTI)
    pmui.Button(label="a", **theme.BUTTON)
    pmui.Button(label="a", **theme.PRIMARY)
    pmui.Pagination(count=3, **theme.PAGINATION)


def test_page_template_parses_and_asks_no_other_host():
    source = theme.page_template()
    pn.Template(source)
    assert set(re.findall(r"(?:https?:)?//[\w.]+\.\w+", source)) <= {"http://www.w3.org"}
