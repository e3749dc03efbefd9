from crmpanel.model.entity import Entity, Field
from crmpanel.model.kinds import CHOICE, ENTITY_NAME, NUMERAL, REFERENCE, TEMPLATE, TEXT

#: Name, address, on whose cards, in which country.
SHIPPED = (
    ("Website", "{website}", "organisation", None),
    (
        "LinkedIn",
        "https://www.linkedin.com/search/results/companies/?keywords={name}",
        "organisation",
        None,
    ),
    ("Map", "https://www.openstreetmap.org/search?query={address}, {city}", "organisation", None),
    (
        "Brønnøysund Register",
        "https://virksomhet.brreg.no/nb/oppslag/enheter/{vat_number:digits:1-9}",
        "organisation",
        "Norway",
    ),
    (
        "Allabolag",
        "https://www.allabolag.se/what/{vat_number:digits:1-10}",
        "organisation",
        "Sweden",
    ),
    (
        "CVR register",
        "https://datacvr.virk.dk/enhed/virksomhed/{vat_number:digits:1-8}",
        "organisation",
        "Denmark",
    ),
    (
        "Business register (YTJ)",
        "https://tietopalvelu.ytj.fi/yritys/{vat_number:digits:1-7}-{vat_number:digits:8}",
        "organisation",
        "Finland",
    ),
    (
        "Companies House",
        "https://find-and-update.company-information.service.gov.uk/search/companies?q={name}",
        "organisation",
        "United Kingdom",
    ),
    ("North Data", "https://www.northdata.com/{name}", "organisation", "Germany"),
    (
        "LinkedIn",
        "https://www.linkedin.com/search/results/people/?keywords={name} {organisation}",
        "person",
        None,
    ),
)

ENTITY = Entity(
    name="link",
    plural="links",
    label="Link",
    label_plural="Links",
    title="name",
    columns=("name", "template", "entity", "country", "organisation_id", "position"),
    sort=(("entity", False), ("position", False), ("name", False)),
    group_by="entity",
    own_fields=(
        Field("name", TEXT, mandatory=True),
        Field("template", TEMPLATE, "Address", mandatory=True, fields_of="entity"),
        Field("entity", ENTITY_NAME, "On cards of", mandatory=True, default="organisation"),
        Field("country", CHOICE, "Only in country"),
        Field("organisation_id", REFERENCE, "Only for", target="organisation"),
        Field("position", NUMERAL, "Order"),
    ),
    shipped=tuple(
        dict(
            zip(
                ("name", "template", "entity", "country", "position"),
                (*link, place),
                strict=True,
            )
        )
        for place, link in enumerate(SHIPPED, 1)
    ),
)
