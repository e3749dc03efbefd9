"""The look of the product: design tokens, page template, matching panel-material-ui theme."""

from functools import cache
from pathlib import Path

from .material import BUTTON, COLOURS, MULTI, PAGINATION, PRIMARY, SMALL, THEME

HERE = Path(__file__).parent

__all__ = ["BUTTON", "COLOURS", "MULTI", "PAGINATION", "PRIMARY", "SMALL", "THEME", "page_template"]


@cache
def page_template() -> str:
    """The Jinja source for ``pn.Template`` with the roots `main`, `router`, `search`, `menu`.

    Variables: `title`, `brand`, `home` (the address behind the brand) and `lang`.
    """
    page = (HERE / "page.html").read_text(encoding="utf-8")
    for slot, name in (
        ("crm_tokens", "tokens.css"),
        ("crm_page_css", "page.css"),
        ("crm_widgets_js", "widgets.js"),
        ("crm_page_js", "page.js"),
    ):
        # Raw blocks, because CSS and JavaScript may hold what Jinja takes for its own.
        source = (HERE / name).read_text(encoding="utf-8")
        page = page.replace("{{ " + slot + " }}", "{% raw %}" + source + "{% endraw %}")
    return page
