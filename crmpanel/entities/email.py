from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import CHOICE, DATETIME, IDENTIFIER, INTEGER, LONG_TEXT, REFERENCE, TEXT

ENTITY = Entity(
    name="email",
    plural="emails",
    label="E-mail",
    label_plural="Email",
    title="subject",
    date="sent",
    responsible=("responsible_id",),
    status="direction",
    columns=(
        "sent",
        "direction",
        "subject",
        "sender",
        "recipients",
        "attachments",
        "responsible_id",
    ),
    sort=(("sent", True),),
    group_by="direction",
    own_fields=(
        Field("organisation_id", REFERENCE, target="organisation", mandatory=True),
        Field("subject", TEXT),
        Field("direction", CHOICE, mass=False),
        Field("sent", DATETIME, mass=False),
        Field("sender", TEXT, "From", mass=False),
        Field("recipients", TEXT, "To", mass=False),
        Field("cc", TEXT, "Cc", mass=False),
        Field("responsible_id", REFERENCE, "User", target="user"),
        Field("person_id", REFERENCE, target="person"),
        Field("thread", IDENTIFIER, group="System", searchable=False),
        Field("attachments", INTEGER, mass=False),
        Field("body", LONG_TEXT, group="Text", mass=False),
        Field("body_html", LONG_TEXT, group="", searchable=False),
    ),
)
