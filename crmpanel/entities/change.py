from crmpanel.model.entity import Entity, Field
from crmpanel.model.filters import Condition
from crmpanel.model.kinds import (
    ACTION,
    CHOICE,
    DATETIME,
    ENTITY_NAME,
    FIELD_NAME,
    LOGGED_VALUE,
    NUMERAL,
    REFERENCE,
    TEXT,
)

ENTITY = Entity(
    name="change",
    plural="log",
    label="Change",
    label_plural="Log",
    title="subject",
    date="at",
    responsible=("responsible_id",),
    status="entity",
    kind="field",
    # A new or deleted record has a row for each value; what counts is that it came or went: its id.
    listed=(
        Condition(("action",), "not_in", ("insert", "delete")),
        Condition(("field",), "eq", ("id",)),
        Condition(("field",), "blank"),
    ),
    icon="pencil",
    columns=(
        "at",
        "responsible_id",
        "entity",
        "subject",
        "action",
        "field",
        "old_value",
        "new_value",
    ),
    sort=(("at", True),),
    group_by="field",
    about=("entity", "record_id"),
    own_fields=(
        Field("organisation_id", REFERENCE, target="organisation", mandatory=True),
        Field("changeset", NUMERAL),
        Field("at", DATETIME, "When"),
        Field("responsible_id", REFERENCE, "Who", target="user"),
        Field("action", ACTION),
        Field("entity", ENTITY_NAME, "Kind"),
        Field("record_id", NUMERAL, "Record id"),
        Field("subject", TEXT, "Record"),
        Field("field", FIELD_NAME),
        Field("old_value", LOGGED_VALUE, "From"),
        Field("new_value", LOGGED_VALUE, "To"),
        Field("source", CHOICE, "Why"),
    ),
)
