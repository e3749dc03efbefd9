from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import CHOICE, DATETIME, LONG_TEXT, REFERENCE, TEXT

ENTITY = Entity(
    name="activity",
    plural="activities",
    label="Activity",
    label_plural="Activities",
    title="subject",
    date="date",
    due="date",
    responsible=("responsible_id",),
    status="status",
    status_roles=(("Planned", "open"), ("Active", "open"), ("Completed", "completed")),
    icon="task",
    columns=("date", "subject", "type", "status", "person_id", "responsible_id"),
    sort=(("date", True),),
    group_by="type",
    own_fields=(
        Field("organisation_id", REFERENCE, target="organisation", mandatory=True),
        Field("subject", TEXT, mandatory=True),
        Field("date", DATETIME),
        Field("type", CHOICE),
        Field("action", CHOICE),
        Field("status", CHOICE),
        Field("priority", CHOICE),
        Field("responsible_id", REFERENCE, target="user"),
        Field("person_id", REFERENCE, target="person"),
        Field("quotation_id", REFERENCE, target="quotation"),
        Field("note", LONG_TEXT, group="Note"),
    ),
)
