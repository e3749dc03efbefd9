"""An import that is killed: nothing is half loaded, and the next one works."""

import subprocess
import sys

import pytest

from crmpanel.importing import import_
from crmpanel.query.query import Query
from crmpanel.store import create, open_
from crmpanel.store.check import check

IMPORT = """
import sys, time
from crmpanel.importing import import_
from crmpanel.store import open_

def tell(text, done):
    if text.startswith(sys.argv[3]):
        print("there", flush=True)
        time.sleep(60)

with open_(sys.argv[1]) as database:
    import_(sys.argv[2], database, "salesforce", tell, policy="source", sure=True)
"""
OLD = [["Id", "Name", "OwnerId"], ["A1", "Fjord AS", "U1"], ["A2", "Vik AS", "U1"]]
NEW = [["Id", "Name", "OwnerId"], ["A1", "Fjord ASA", "U1"], ["A3", "Ny AS", "U1"]]


def everything(path):
    with open_(path) as database:
        assert check(database) == []
        tables = database.rows(Query("SELECT table_name FROM duckdb_tables() ORDER BY 1"))
        return {
            name: sorted(map(str, database.rows(Query(f'SELECT * FROM "{name}"'))))
            for (name,) in tables
            if name != "crm_meta"
        }


@pytest.mark.hardening(59)
@pytest.mark.parametrize(
    "phase", ["Reading Account.csv", "Understanding", "Linking", "Comparing", "Writing", "Done"]
)
def test_a_kill_in_each_phase(phase, export, tmp_path):
    path = tmp_path / "crm.duckdb"
    with create(path) as database:
        import_(export(Account=OLD), database, "salesforce")
    before, folder = everything(path), export(Account=NEW)
    command = [sys.executable, "-c", IMPORT, str(path), str(folder), phase]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "there\n"
        process.kill()
    after = everything(path)
    assert (after == before) is (phase != "Done")
    with open_(path) as database:
        report = import_(folder, database, "salesforce", sure=True)
        assert (report.changeset is None) is (phase == "Done")
        names = database.rows(Query("SELECT name FROM organisation ORDER BY id"))
        assert names == [("Fjord ASA",), ("Vik AS",), ("Ny AS",)]
    assert not [file for file in tmp_path.iterdir() if "scratch" in file.name]
