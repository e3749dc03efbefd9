from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import ENTITY_NAME, NUMERAL, REFERENCE

#: It belongs to no organisation, as users do: it has no page, and is not in an organisation's log.
ENTITY = Entity(
    name="pin",
    plural="pins",
    label="Pin",
    label_plural="Pins",
    organisation=None,
    title="entity",
    columns=("entity", "record_id", "organisation_id", "user_id"),
    sort=(("id", True),),
    own_fields=(
        Field("organisation_id", REFERENCE, target="organisation"),
        Field("entity", ENTITY_NAME, "Kind", mandatory=True),
        Field("record_id", NUMERAL, "Record id", mandatory=True),
        Field("user_id", REFERENCE, "Pinned by", target="user"),
    ),
)
