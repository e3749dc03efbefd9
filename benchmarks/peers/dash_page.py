"""The card in Dash: ``python dash_page.py FILE PORT``."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import parse_qs

from dash import Dash, Input, Output, State, dash_table, dcc, html, no_update

from benchmarks.peers import reading

COLUMNS = ("Date", "Subject", "Type", "Status", "Person", "Responsible")
con = reading.connect(sys.argv[1])
app = Dash(__name__)


def card(id: int, following: int) -> list[Any]:
    """The page of an organisation."""
    record, counts = reading.organisation(con, id), reading.counts(con, id)
    tabs = [dcc.Tab(label=label, value=label) for label in ("Details", "Fields")]
    for name, label in reading.TABS.items():
        content = activities(id) if name == "activity" else []
        tabs.append(dcc.Tab(content, label=f"{label} {counts[name]:,}", value=label))
    return [
        html.H1(record["name"]),
        html.P(f"{record['city']} · {record['country']} · {record['phone']}"),
        dcc.Link("Next organisation", id="next", href=f"/?organisation={following}"),
        dcc.Tabs(tabs, value="Activities"),
    ]


def activities(id: int) -> list[Any]:
    """Filters, table and exact total."""
    statuses, users = reading.choices(con, id)
    page, total = reading.activities(con, id)
    return [
        html.Div(
            [
                dcc.Input(id="search", placeholder="Search", debounce=0.2),
                dcc.Dropdown(users, id="responsible", placeholder="Responsible", multi=True),
                dcc.Dropdown(statuses, id="status", placeholder="Status", multi=True),
                dcc.Dropdown(list(reading.PERIODS), "Any date", id="period", clearable=False),
            ],
            style={"display": "grid", "gridTemplateColumns": "repeat(4, 1fr)", "gap": "8px"},
        ),
        html.P([html.Span(f"{total:,}", id="total"), " activities"]),
        dash_table.DataTable(
            page.to_dict("records"),
            [{"name": name, "id": name} for name in COLUMNS],
            id="table",
            page_action="none",
            style_cell={"textAlign": "left", "maxWidth": 300, "overflow": "hidden"},
        ),
        dcc.Store("organisation", data=id),
    ]


@app.callback(Output("card", "children"), Input("url", "search"))
def show(search: str | None) -> list[Any]:
    """Another address, another organisation."""
    query = parse_qs((search or "").lstrip("?"))
    id = int(query.get("organisation", ["1001"])[0])
    return card(id, int(query.get("next", [str(id + 1)])[0]))


@app.callback(
    Output("table", "data"),
    Output("total", "children"),
    Input("search", "value"),
    Input("responsible", "value"),
    Input("status", "value"),
    Input("period", "value"),
    State("organisation", "data"),
    prevent_initial_call=True,
)
def narrow(search: str | None, users: Any, statuses: Any, period: str, id: int) -> Any:
    """Other filters, other rows."""
    if id is None:
        return no_update, no_update
    page, total = reading.activities(con, id, search or "", statuses, users, period)
    return page.to_dict("records"), f"{total:,}"


app.config.suppress_callback_exceptions = True
app.layout = html.Div([dcc.Location(id="url"), html.Div(id="card")])

if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[2]), debug=False)
