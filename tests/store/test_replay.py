"""Whatever is done and undone: a record is what its log says, and nothing is lost."""

import copy
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.merging import merge
from crmpanel.entities import REGISTRY
from crmpanel.errors import Conflict, UndoRefused, ValidationFailed
from crmpanel.model.changeset import (
    Changeset,
    Clear,
    Create,
    Delete,
    MassUpdate,
    NewRecord,
    Set,
    Update,
)
from crmpanel.model.kinds import DATETIME, MONEY, NUMBER
from crmpanel.model.values import canonical
from crmpanel.query.query import Query
from crmpanel.store import create, open_, staging
from crmpanel.store.check import check

#: Fields that the machine gives values, and what the references among them refer to.
FIELDS = {
    "user": ("name",),
    "organisation": ("name", "city", "employees", "parent_id", "responsible_id"),
    "person": ("organisation_id", "name", "birthday", "responsible_id"),
    "activity": ("organisation_id", "subject", "date", "person_id", "responsible_id"),
}
TARGETS = {
    "organisation_id": "organisation",
    "parent_id": "organisation",
    "person_id": "person",
    "responsible_id": "user",
}
MANDATORY = ("name", "subject", "organisation_id")
VALUES = {
    "name": ("A", "Bø", "O'Hara"),
    "subject": ("Call", "%_'"),
    "city": ("Oslo", "Bergen", None),
    "employees": ("1", "2", None),
    "birthday": ("2000-01-01", None),
    "date": ("2026-01-01 10:00:00", "2026-01-01 10:00:00.5", None),
}
KEYS = st.tuples(st.sampled_from(sorted(FIELDS)), st.integers(1, 4))


class Writes(RuleBasedStateMachine):
    """The database beside a dictionary: text by field, by entity and id."""

    template = None

    @initialize(in_memory=st.booleans())
    def begin(self, in_memory):
        self.patch = pytest.MonkeyPatch()
        if not in_memory:
            # As if the records were many.
            self.patch.setattr(staging, "are_few", lambda rows: False)
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "crm.duckdb"
        shutil.copy(self.template, self.path)
        self.database = open_(self.path)
        self.model, self.next = {}, dict.fromkeys(FIELDS, 1)
        self.history, self.deletions = {}, {}
        self.fill()

    def fill(self):
        """What there is to begin with."""

    def teardown(self):
        if hasattr(self, "database"):
            self.patch.undo()
            self.database.close()
            with open_(self.path) as again:
                assert check(again) == []
                assert stored(again) == self.model
            self.folder.cleanup()

    def write(self, parts, wanted):
        """Apply parts that make the model what is wanted."""
        applied = self.database.apply(Changeset(tuple(parts)))
        if wanted == self.model:
            assert applied.number is None
        else:
            self.done(applied, wanted)

    def done(self, applied, wanted):
        self.history[applied.number] = (self.model, wanted)
        self.model = wanted

    def dangling(self, model):
        return any(
            value is not None and (TARGETS[name], int(value)) not in model
            for record in model.values()
            for name, value in record.items()
            if name in TARGETS
        )

    def choose(self, data, name):
        ids = [str(id) for entity, id in self.model if entity == TARGETS.get(name)]
        options = VALUES.get(name) or (ids if name in MANDATORY else [*ids, None])
        return data.draw(st.sampled_from(options), name)

    @rule(entity=st.sampled_from(sorted(FIELDS)), data=st.data())
    def create(self, entity, data):
        if any(name == "organisation_id" for name in FIELDS[entity]) and not any(
            key[0] == "organisation" for key in self.model
        ):
            return
        values = {name: self.choose(data, name) for name in FIELDS[entity]}
        id, self.next[entity] = self.next[entity], self.next[entity] + 1
        self.write([Create(entity, values)], {**self.model, (entity, id): values})

    @rule()
    def create_together(self):
        org, person = NewRecord(), NewRecord()
        ids = {entity: self.next[entity] for entity in ("organisation", "person", "activity")}
        for entity in ids:
            self.next[entity] += 1
        wanted = dict(self.model)
        blank = {entity: dict.fromkeys(names) for entity, names in FIELDS.items()}
        of = {"organisation_id": str(ids["organisation"])}
        wanted["organisation", ids["organisation"]] = {**blank["organisation"], "name": "N"}
        wanted["person", ids["person"]] = {**blank["person"], "name": "P", **of}
        linked = {**of, "person_id": str(ids["person"])}
        wanted["activity", ids["activity"]] = {**blank["activity"], "subject": "S", **linked}
        parts = [
            Create("activity", {"subject": "S", "organisation_id": org, "person_id": person}),
            Create("person", {"name": "P", "organisation_id": org}, person),
            Create("organisation", {"name": "N"}, org),
        ]
        self.write(parts, wanted)

    @rule(keys=st.lists(KEYS, min_size=1, max_size=3), data=st.data(), look=st.booleans())
    def update(self, keys, data, look):
        parts, wanted, clash = [], copy.deepcopy(self.model), False
        for key in [key for key in dict.fromkeys(keys) if key in self.model]:
            name = data.draw(st.sampled_from(FIELDS[key[0]]), "field")
            value, seen = self.choose(data, name), self.choose(data, name)
            wanted[key][name] = value
            clash = clash or (look and seen != self.model[key][name])
            parts.append(Update(*key, {name: value}, {name: seen} if look else None))
        if clash:
            with pytest.raises(Conflict):
                self.database.apply(Changeset(tuple(parts)))
        else:
            self.write(parts, wanted)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def mass_update(self, data):
        entity = data.draw(st.sampled_from(sorted({key[0] for key in self.model})), "entity")
        name = data.draw(st.sampled_from(FIELDS[entity]), "field")
        value, wanted = self.choose(data, name), copy.deepcopy(self.model)
        ids = [id for kind, id in self.model if kind == entity]
        for id in ids:
            wanted[entity, id][name] = value
        assignment = Clear() if value is None else Set(value)
        self.write([MassUpdate((entity, ids), {name: assignment})], wanted)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def delete(self, data):
        keys = data.draw(st.sets(st.sampled_from(sorted(self.model)), min_size=1, max_size=2))
        gone = {
            key
            for key, record in self.model.items()
            if key in keys or ("organisation", int(record.get("organisation_id") or 0)) in keys
        }
        wanted = {k: dict(r) for k, r in self.model.items() if k not in gone}
        for record in wanted.values():
            for name in record.keys() & TARGETS.keys():
                if record[name] and (TARGETS[name], int(record[name])) in gone:
                    record[name] = None
        self.write([Delete(*key) for key in sorted(keys)], wanted)
        self.deletions[max(self.history)] = sorted(keys)

    def taken_away(self, gone, kept=None):
        """The model without a record, what refers to it turned to another or cleared."""
        wanted = copy.deepcopy(self.model)
        del wanted[gone]
        for key, record in wanted.items():
            for name in record.keys() & TARGETS.keys():
                if (TARGETS[name], int(record[name] or 0)) == gone:
                    itself = kept is None or key == (gone[0], kept)
                    record[name] = None if itself else str(kept)
        return wanted

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def merge(self, data):
        entity = data.draw(st.sampled_from(sorted({key[0] for key in self.model})), "entity")
        ids = [id for kind, id in self.model if kind == entity]
        if len(ids) < 2:
            return
        kept, gone = data.draw(st.permutations(ids), "merge")[:2]
        name = data.draw(st.sampled_from(FIELDS[entity]), "field")
        wanted, value = self.taken_away((entity, gone), kept), self.model[entity, gone][name]
        if TARGETS.get(name) == entity and value in (str(kept), str(gone)):
            value = None
        wanted[entity, kept][name] = value
        desk = Desk(self.database, "nobody")
        seen = {id: {name: self.model[entity, id][name]} for id in (kept, gone)}
        applied = self.database.apply(merge(desk, entity, kept, gone, {name: value}, seen))
        self.deletions[applied.number] = [(entity, gone)]
        self.done(applied, wanted)

    @precondition(lambda self: self.deletions)
    @rule(data=st.data())
    def restore(self, data):
        number = data.draw(st.sampled_from(sorted(self.deletions)[-6:]), "deletion")
        key = data.draw(st.sampled_from(self.deletions[number]), "record")
        wanted = self.restored(key, *self.history[number])
        if wanted is None:
            with pytest.raises(UndoRefused):
                self.database.undo(number, only=key)
        else:
            self.done(self.database.undo(number, only=key), wanted)

    def restored(self, key, before, after):
        """The model with a deleted record and what went with it; None if it cannot be."""
        back = {key}
        if key[0] == "organisation":
            went = before.keys() - after.keys()
            back |= {k for k in went if before[k].get("organisation_id") == str(key[1])}
        if back & self.model.keys():
            return None
        wanted = copy.deepcopy(self.model) | {k: dict(before[k]) for k in back}
        for k in wanted:
            for name in wanted[k].keys() & TARGETS.keys():
                if k in back:
                    if wanted[k][name] and (TARGETS[name], int(wanted[k][name])) not in wanted:
                        if name in MANDATORY:
                            return None
                        wanted[k][name] = None
                elif k in before and k in after and before[k][name] != after[k][name]:
                    was_it = (TARGETS[name], int(before[k][name] or 0)) in back
                    if was_it and wanted[k][name] == after[k][name]:
                        wanted[k][name] = before[k][name]
        return wanted

    @rule(id=st.integers(50, 60))
    def write_what_never_was(self, id):
        with pytest.raises(ValidationFailed):
            self.database.apply(Changeset((Update("person", id, {"name": "x"}),)))

    @precondition(lambda self: self.history)
    @rule(data=st.data())
    def undo(self, data):
        number = data.draw(st.sampled_from(sorted(self.history)[-6:]), "number")
        wanted = self.reverted(*self.history[number])
        if wanted is None or self.dangling(wanted):
            with pytest.raises(UndoRefused):
                self.database.undo(number)
        else:
            self.done(self.database.undo(number), wanted)

    def reverted(self, before, after):
        """The model without a changeset; None if something is in the way."""
        wanted = copy.deepcopy(self.model)
        for key in before.keys() | after.keys():
            old, new = before.get(key), after.get(key)
            if old == new:
                continue
            if old is None or new is None:
                if self.model.get(key) != new:
                    return None
                wanted.pop(key, None)
                if old is not None:
                    wanted[key] = dict(old)
                continue
            for name in (name for name in old if old[name] != new[name]):
                if key not in self.model or self.model[key][name] != new[name]:
                    return None
                wanted[key][name] = old[name]
        return wanted

    @invariant()
    def the_log_tells_all(self):
        if hasattr(self, "database"):
            assert stored(self.database) == self.model
            assert replayed(self.database) == everything(self.database)


def stored(database):
    """The records of the database as the machine's dictionary has them."""
    found = everything(database)
    return {key: {name: row.get(name) for name in FIELDS[key[0]]} for key, row in found.items()}


def everything(database):
    """Every value of every record as text."""
    found = {}
    for entity in FIELDS:
        names = ", ".join(f'CAST("{n}" AS VARCHAR) AS "{n}"' for n in REGISTRY[entity].fields)
        for row in database.records(Query(f'SELECT {names} FROM "{entity}"')):
            kept = {name: value for name, value in row.items() if value is not None}
            found[entity, int(row["id"])] = kept
    return found


def replayed(database):
    """The records as the log alone tells."""
    records = {}
    log = Query("SELECT * FROM change ORDER BY id")
    for row in database.records(log):
        key, name = (row["entity"], row["record_id"]), row["field"]
        record = records.setdefault(key, {})
        assert record.get(name) == row["old_value"]
        if row["new_value"] is None:
            record.pop(name, None)
        else:
            record[name] = row["new_value"]
    return {key: record for key, record in records.items() if record}


@pytest.mark.hardening(38)
def test_any_sequence_of_writes(tmp_path_factory):
    path = tmp_path_factory.mktemp("replay") / "template.duckdb"
    create(path).close()
    machine = type("Machine", (Writes,), {"template": path})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=10, stateful_step_count=14, deadline=None)
    )


NUMBERS = st.floats(-1e15, 1e15, allow_nan=False)


@given(number=NUMBERS, cents=st.integers(-(10**17), 10**17), moment=st.datetimes())
@settings(max_examples=200)
def test_the_text_of_a_value_is_that_of_the_database(shared_database, number, cents, moment):
    amount = f"{cents // 100}.{cents % 100:02}" if cents >= 0 else "-0.01"
    pairs = [(NUMBER, number), (MONEY, amount), (DATETIME, moment)]
    texts = [canonical(kind, value) for kind, value in pairs]
    casts = ", ".join(f"CAST(CAST(? AS {kind.sql}) AS VARCHAR)" for kind, _ in pairs)
    assert shared_database.rows(Query(f"SELECT {casts}", tuple(texts))) == [tuple(texts)]
