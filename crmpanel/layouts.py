"""The layouts that ship with crmpanel: one line per tab, panel, list or figure."""

from __future__ import annotations

from crmpanel.model.filters import Condition, FilterSet
from crmpanel.model.layout import Excerpt, Figure, Layout, Panel, Tab

DETAILS = Tab("details", "Details", "details")
FIELDS = Tab("fields", "Fields", "fields")
TIMELINE = ("activity", "meeting", "email", "quotation", "order", "ticket", "change")


def _open(status: str) -> FilterSet:
    return FilterSet(conditions=(Condition((status,), "open"),))


ORGANISATION = Layout(
    entity="organisation",
    key="organisation_id",
    subtitle=("division", "city", "country"),
    chips=("type", "status"),
    timeline=TIMELINE,
    tabs=(
        DETAILS,
        FIELDS,
        Tab("log", "Log", entity="change"),
        Tab("documents", "Documents", entity="document"),
        Tab("emails", "Email", entity="email"),
        Tab("activities", "Activities", entity="activity"),
        Tab("quotations", "Quotations", entity="quotation"),
        Tab("orders", "Orders", entity="order"),
        Tab("tickets", "Support tickets", entity="ticket"),
        Tab("products", "Products", entity="product"),
        Tab("quotation_lines", "Quotation lines", entity="quotation_line"),
        Tab("meetings", "Meetings", entity="meeting"),
        Tab("persons", "Persons", entity="person"),
    ),
    figures=(
        Figure("open_activities", "Open activities", "activities", filters=_open("status")),
        Figure(
            "overdue", "Overdue", "activities", filters=FilterSet(period="overdue"), tone="danger"
        ),
        Figure(
            "open_quotations", "Open quotations", "quotations", "sum:value", filters=_open("level")
        ),
        Figure(
            "orders",
            "Orders this year",
            "orders",
            "sum:value",
            filters=FilterSet(period="this_year"),
        ),
        Figure("open_tickets", "Open tickets", "tickets", filters=_open("status")),
    ),
    side=(
        Panel(
            "Contact",
            (
                "address",
                "address2",
                "postcode",
                "city",
                "state",
                "country",
                "phone",
                "email",
                "website",
            ),
        ),
        Panel(
            "Relationship",
            (
                "responsible_id",
                "responsible2_id",
                "type",
                "status",
                "industry",
                "territory",
                "parent_id",
            ),
        ),
        Panel("Company", ("vat_number", "employees", "last_activity", "created")),
    ),
    about=(
        Panel(
            "About",
            (
                "comment",
                "industry",
                "employees",
                "revenue",
                "territory",
                "parent_id",
                "vat_number",
                "website",
                "erp_id",
                "erp_payment_terms",
            ),
        ),
    ),
    details=(
        Excerpt("activities", ("subject", "date", "type", "status", "responsible_id")),
        Excerpt("quotations", ("description", "level", "value", "date", "responsible_id")),
        Excerpt("persons", ("name", "title", "mobile"), half=True),
        Excerpt("documents", ("description", "folder", "uploaded"), half=True),
        Excerpt(
            "log", ("subject", "at", "responsible_id", "action", "field", "old_value", "new_value")
        ),
    ),
)

PERSON = Layout(
    entity="person",
    key="person_id",
    subtitle=("title", "organisation_id"),
    chips=("status",),
    timeline=TIMELINE,
    tabs=(
        DETAILS,
        FIELDS,
        Tab("log", "Log", entity="change"),
        Tab("documents", "Documents", entity="document"),
        Tab("emails", "Email", entity="email"),
        Tab("activities", "Activities", entity="activity"),
        Tab("quotations", "Quotations", entity="quotation"),
        Tab("orders", "Orders", entity="order"),
        Tab("tickets", "Support tickets", entity="ticket"),
        Tab("products", "Products", entity="product"),
        Tab("meetings", "Meetings", entity="meeting"),
    ),
    figures=(
        Figure("open_activities", "Open activities", "activities", filters=_open("status")),
        Figure(
            "overdue", "Overdue", "activities", filters=FilterSet(period="overdue"), tone="danger"
        ),
        Figure(
            "open_quotations", "Open quotations", "quotations", "sum:value", filters=_open("level")
        ),
        Figure("open_tickets", "Open tickets", "tickets", filters=_open("status")),
    ),
    side=(
        Panel(
            "Contact",
            (
                "email",
                "phone",
                "mobile",
                "email2",
                "linkedin",
                "address",
                "postcode",
                "city",
                "country",
            ),
        ),
        Panel(
            "Relationship",
            ("organisation_id", "title", "department", "role", "status", "responsible_id"),
        ),
    ),
    about=(Panel("About", ("comment", "salutation", "birthday", "block_mass_email")),),
    details=(
        Excerpt("activities", ("subject", "date", "type", "status", "responsible_id")),
        Excerpt("quotations", ("description", "level", "value", "date")),
        Excerpt("emails", ("subject", "sent", "direction"), half=True),
        Excerpt("meetings", ("subject", "start", "status"), half=True),
        Excerpt(
            "log", ("subject", "at", "responsible_id", "action", "field", "old_value", "new_value")
        ),
    ),
)

QUOTATION = Layout(
    entity="quotation",
    key="quotation_id",
    subtitle=("number", "organisation_id", "person_id"),
    chips=("level",),
    tabs=(
        FIELDS,
        Tab("quotation_lines", "Quotation lines", entity="quotation_line"),
        Tab("activities", "Activities", entity="activity"),
        Tab("documents", "Documents", entity="document"),
        Tab("orders", "Orders", entity="order"),
        Tab("log", "Log", entity="change"),
    ),
    figures=(Figure("lines", "Sum of the lines", "quotation_lines", "sum:line_total"),),
    side=(
        Panel("Summary", ("organisation_id", "person_id", "responsible_id", "responsible2_id")),
        Panel("Value", ("value", "gross_margin", "probability", "discount")),
        Panel("Outcome", ("date", "next_follow_up", "lost_date", "lost_reason")),
    ),
)

ORDER = Layout(
    entity="order",
    key="order_id",
    subtitle=("number", "organisation_id", "person_id"),
    chips=("status",),
    tabs=(
        FIELDS,
        Tab("lines", "Order lines", entity="quotation_line"),
        Tab("log", "Log", entity="change"),
    ),
    figures=(Figure("lines", "Sum of the lines", "lines", "sum:line_total"),),
    side=(
        Panel("Summary", ("organisation_id", "person_id", "quotation_id", "responsible_id")),
        Panel("Value", ("value", "freight", "risk")),
        Panel("Delivery", ("date", "delivery_date", "shipped_date", "delivery_address")),
    ),
)

LINK = Layout(
    entity="link",
    key="link_id",
    subtitle=("template",),
    tabs=(FIELDS, Tab("log", "Log", entity="change")),
    side=(Panel("Shown", ("entity", "country", "organisation_id", "position")),),
)

LAYOUTS = {layout.entity: layout for layout in (ORGANISATION, PERSON, QUOTATION, ORDER, LINK)}

#: What quick create makes in one go: the first, and if anything is entered, the others.
QUICK = ("organisation", "person", "activity")
