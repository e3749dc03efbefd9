from crmpanel.model.entity import COUNT, Entity, Field, Measure
from crmpanel.model.kinds import BOOLEAN, CHOICE, DATETIME, IDENTIFIER, REFERENCE, SIZE, TEXT

ENTITY = Entity(
    name="document",
    plural="documents",
    label="Document",
    label_plural="Documents",
    title="description",
    subtitle="file_name",
    date="uploaded",
    responsible=("responsible_id",),
    status="folder",
    columns=("description", "folder", "file_name", "extension", "size", "uploaded",
             "responsible_id"),
    sort=(("uploaded", True),),
    group_by="folder",
    measures=(COUNT, Measure("size", "Size", "sum", "size")),
    own_fields=(
        Field("organisation_id", REFERENCE, target="organisation", mandatory=True),
        Field("description", TEXT),
        Field("folder", CHOICE, searchable=True),
        Field("file_name", TEXT, mandatory=True),
        Field("extension", CHOICE, "Type"),
        Field("size", SIZE),
        Field("uploaded", DATETIME),
        Field("responsible_id", REFERENCE, "Uploaded by", target="user"),
        Field("person_id", REFERENCE, target="person"),
        Field("quotation_id", REFERENCE, target="quotation"),
        Field("public", BOOLEAN),
        Field("hash", IDENTIFIER, "SHA-256", group="System", searchable=False),
    ),
)
