"""Columns that become fields: what those are called, and that a column keeps its field."""

import pytest

from crmpanel.importing import import_

ACCOUNTS = [["Id", "Name", "OwnerId", "Tier__c"], ["A1", "Fjord AS", "U1", "Gold"]]
CONTACTS = [["Id", "AccountId", "FirstName", "LastName", "Name"], ["C1", "A1", "Kari", "Dahl", ""]]
MAPPING = """
title = "Own"
[recognise]
Account = ["Id"]
[[source]]
entity = "organisation"
table = "Account"
key = "Id"
custom = { OwnerId = { name = "owner", label = "NAME" }, Tier__c = "tier" }
[source.fields]
name = "Name"
"""


def labels(database, entity):
    return [field.label.casefold() for field in database.registry[entity].fields.values()]


def custom(database, entity):
    return {f.origin: f.name for f in database.registry[entity].fields.values() if f.custom}


@pytest.mark.parametrize("first", ["", "Kari"])
def test_a_ready_full_name_is_no_field_of_its_own(export, database, rows, first):
    """Where the parts of a name are blank, the ready one is the name."""
    ready = ["C2", "A1", "", "", "Ola Vik"]
    folder = export(ACCOUNTS, [CONTACTS[0], ["C1", "A1", first, "Dahl", f"{first} Dahl"], ready])
    import_(folder, database, "salesforce")
    assert rows("SELECT name FROM person ORDER BY source_key") == [
        (f"{first} Dahl".strip(),),
        ("Ola Vik",),
    ]
    assert custom(database, "person") == {}


def test_no_two_fields_have_one_label(export, database):
    """A column called like a field that is taken from another one gets another label."""
    contacts = [[*CONTACTS[0], "Department", "Department__c"], [*CONTACTS[1], "Sales", "North"]]
    import_(export(ACCOUNTS, contacts), database, "salesforce")
    [name] = custom(database, "person").values()
    assert database.registry["person"].field(name).label == "Department 2"


def test_a_label_that_a_mapping_gives_is_not_given_twice(export, database, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(MAPPING, "utf-8")
    import_(export(ACCOUNTS), database, file)
    assert database.registry["organisation"].field("owner").label == "NAME 2"


def test_a_column_keeps_its_field(export, database):
    """Also where the mapping is named again, and so completed anew."""
    folder = export(ACCOUNTS, CONTACTS)
    import_(folder, database)
    before = custom(database, "organisation")
    import_(folder, database, "salesforce")
    assert before == custom(database, "organisation") == {"Tier__c": "tier"}
    assert labels(database, "organisation").count("tier") == 1
