from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import BOOLEAN, CHOICE, EMAIL, IDENTIFIER, TEXT

ENTITY = Entity(
    name="user",
    plural="users",
    label="User",
    label_plural="Users",
    organisation=None,
    title="name",
    subtitle="title",
    columns=("name", "initials", "title", "email", "access_level", "active"),
    sort=(("name", False),),
    own_fields=(
        Field("name", TEXT, mandatory=True),
        Field("initials", IDENTIFIER),
        Field("login", IDENTIFIER),
        Field("email", EMAIL, "E-mail"),
        Field("title", TEXT),
        Field("access_level", CHOICE),
        Field("territories", TEXT),
        Field("language", CHOICE),
        Field("active", BOOLEAN),
    ),
)
