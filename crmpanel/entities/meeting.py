from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import BOOLEAN, CHOICE, DATETIME, LONG_TEXT, REFERENCE, TEXT

ENTITY = Entity(
    name="meeting",
    plural="meetings",
    label="Meeting",
    label_plural="Meetings",
    title="subject",
    date="start",
    due="start",
    responsible=("responsible_id",),
    status="status",
    status_roles=(
        ("Draft", "open"),
        ("Confirmed", "completed"),
        ("Held", "completed"),
        ("Cancelled", "cancelled"),
    ),
    icon="calendar",
    columns=("start", "subject", "location", "status", "person_id", "responsible_id"),
    sort=(("start", True),),
    group_by="status",
    own_fields=(
        Field("organisation_id", REFERENCE, target="organisation", mandatory=True),
        Field("subject", TEXT, mandatory=True),
        Field("start", DATETIME),
        Field("end", DATETIME),
        Field("all_day", BOOLEAN),
        Field("location", TEXT),
        Field("status", CHOICE),
        Field("responsible_id", REFERENCE, target="user"),
        Field("person_id", REFERENCE, target="person"),
        Field("participants", TEXT),
        Field("note", LONG_TEXT, group="Note"),
    ),
)
