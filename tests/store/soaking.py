"""A process that applies changesets of every kind, and says so once each is acknowledged."""

import random
import sys

from crmpanel.controllers.desk import Desk
from crmpanel.controllers.merging import merge
from crmpanel.controllers.recycling import recycled
from crmpanel.errors import CrmError
from crmpanel.model.changeset import Changeset, Create, Delete, MassUpdate, NewRecord, Set, Update
from crmpanel.query.query import Query
from crmpanel.store import open_


def rows_of(number):
    return Query("SELECT count(*) FROM change WHERE changeset = ?", (number,))


class Soak:
    """Writes drawn at random; those that cannot be are refused, and others follow."""

    def __init__(self, path, seed):
        self.database, self.chance = open_(path), random.Random(seed)
        self.desk = Desk(self.database, "nobody")

    def ids(self, entity):
        return [id for (id,) in self.database.rows(Query(f'SELECT id FROM "{entity}"'))]

    def apply(self, *parts):
        return self.database.apply(Changeset(parts))

    def single(self):
        id = self.chance.choice(self.ids("organisation"))
        values = {"phone": str(self.chance.random()), "employees": self.chance.randrange(1000)}
        return self.apply(Update("organisation", id, values))

    def create(self):
        org, person = NewRecord(), NewRecord()
        linked = [
            Create("activity", {"subject": "x" * 200, "organisation_id": org, "person_id": person})
            for _ in range(self.chance.randrange(40))
        ]
        return self.apply(
            Create("organisation", {"name": "New"}, org),
            Create("person", {"name": "New", "organisation_id": org}, person),
            *linked,
        )

    def mass(self):
        status = Set(str(self.chance.random()))
        part = MassUpdate(("activity", self.ids("activity")), {"status": status})
        return self.database.apply(Changeset((part,), source="mass edit"))

    def delete(self):
        entity = self.chance.choice(["organisation", "person", "activity", "link"])
        ids = self.ids(entity)
        return self.apply(Delete(entity, self.chance.choice(ids))) if len(ids) > 4 else None

    def merge(self):
        ids = self.ids("organisation")
        if len(ids) < 5:
            return None
        return self.database.apply(merge(self.desk, "organisation", *self.chance.sample(ids, 2)))

    def undo(self):
        last = self.database.scalar(Query("SELECT max(id) FROM changeset"))
        return self.database.undo(self.chance.randint(max(1, last - 6), last))

    def restore(self):
        rows = recycled(self.desk).rows(page_size=5)
        if not rows:
            return None
        row = self.chance.choice(rows)
        return self.database.undo(row["changeset"], only=(row["entity"], row["id"]))

    def run(self):
        kinds = [
            self.single,
            self.create,
            self.mass,
            self.delete,
            self.merge,
            self.undo,
            self.restore,
        ]
        while True:
            try:
                applied = self.chance.choice(kinds)()
            except CrmError:
                continue
            if applied and applied.number is not None:
                print(applied.number, self.database.scalar(rows_of(applied.number)), flush=True)


if __name__ == "__main__":
    Soak(sys.argv[1], int(sys.argv[2])).run()
