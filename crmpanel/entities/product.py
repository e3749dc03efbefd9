from crmpanel.model.entity import COUNT, Entity, Field, Measure
from crmpanel.model.kinds import (
    CHOICE, DATE, IDENTIFIER, LONG_TEXT, MONEY, NUMBER, NUMERAL, REFERENCE, TEXT,
)

ENTITY = Entity(
    name="product",
    plural="products",
    label="Product",
    label_plural="Products",
    title="name",
    subtitle="number",
    date="purchased",
    responsible=("responsible_id",),
    status="stock_status",
    amount="price",
    columns=("name", "number", "serial", "quantity", "price", "purchased", "stock_status",
             "person_id"),
    sort=(("purchased", True),),
    group_by="name",
    measures=(Measure("price", "Price", "sum", "price"),
              Measure("quantity", "Quantity", "sum", "quantity"), COUNT),
    own_fields=(
        Field("organisation_id", REFERENCE, target="organisation", mandatory=True),
        Field("name", TEXT, mandatory=True),
        Field("number", IDENTIFIER),
        Field("serial", IDENTIFIER, "Serial number"),
        Field("type", CHOICE),
        Field("quantity", NUMBER),
        Field("price", MONEY, currency="currency"),
        Field("currency", CHOICE),
        Field("year", NUMERAL),
        Field("purchased", DATE),
        Field("stock_status", CHOICE, "Status"),
        Field("responsible_id", REFERENCE, target="user"),
        Field("person_id", REFERENCE, target="person"),
        Field("note", LONG_TEXT, group="Note"),
    ),
)
