"""Large plain CSV files go through DuckDB's reader, and come out as through the exact one."""

import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmpanel.importing import copying, csvfiles
from crmpanel.importing.sources import open_sources
from crmpanel.importing.stage import Stage
from crmpanel.store import create

CELL = st.text(st.sampled_from("ab1 ,;\"\n\r'ø€|\t\\.#-"), max_size=6)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with create(tmp_path_factory.mktemp("plain") / "crm.duckdb") as made:
        yield made


def read(database, folder, content, smallest):
    """Stage the bytes of a file: whether the fast way was taken, and what came of it."""
    taken, plain = [], copying.Copying._plain
    file = folder / "t.csv"
    file.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csvfiles, "SMALLEST", smallest)
        patch.setattr(copying.Copying, "_plain", lambda *a: taken.append(plain(*a)) or taken[-1])
        with Stage(database, open_sources(file)[0]) as stage:
            if "t" in stage.failed:
                return False, str(stage.failed["t"])
            sql = f'SELECT * FROM {stage.relation("t")} ORDER BY "@line"'
            rows = stage.cursor.execute(sql).fetchall()
            assert len(rows) == stage.rows("t")
            unread = [(u.line, u.text, u.reason) for u in stage.unread]
            return bool(taken[0]), (rows, unread, stage.warnings("t"))


@pytest.fixture
def both(database, tmp_path):
    """Stage the bytes of a file in both ways."""
    return lambda content: (
        read(database, tmp_path, content, 0),
        read(database, tmp_path, content, 10**12),
    )


def table(rows, end="\n", **how):
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=end, **how).writerows(rows)
    return file.getvalue().encode()


HEADER = ["Id", "Name", "Note"]
ROWS = [[f"A{n}", f"Fjord {n}, «Ås»", "x" if n % 3 else ""] for n in range(500)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_plain_files_are_read_fast(end, delimiter, both):
    (fast, found), (slow, exact) = both(table([HEADER, *ROWS], end, delimiter=delimiter))
    assert fast and not slow and found == exact
    assert found[0][7] == (9, "A7", "Fjord 7, «Ås»", "x")


@pytest.mark.parametrize(
    "content",
    [
        table([["Report: all"], [], HEADER, *ROWS]),
        table([HEADER, *ROWS, ["Total", "", "500"]]),
        table([HEADER, *ROWS])[:-1],
        b"\xef\xbb\xbf" + table([HEADER, *ROWS]),
        b"sep=;\r\n" + table([HEADER, *ROWS], "\r\n", delimiter=";"),
        table([HEADER, *ROWS, ["", "", ""], ["B1", "b", "c"]]),
        table([HEADER, *ROWS], quoting=csv.QUOTE_ALL),
    ],
    ids=["title", "total", "no last newline", "mark", "sep", "blank row", "quoted"],
)
def test_what_is_not_a_row(content, both):
    (fast, found), (_, exact) = both(content)
    assert fast and found == exact


def test_line_breaks_in_cells_move_the_lines(both):
    rows = [[i, n, "a\nb\n\nc" if random.Random(i).random() < 0.2 else n] for i, n, _ in ROWS]
    (fast, found), (_, exact) = both(table([HEADER, *rows]))
    assert fast and found == exact
    assert found[0][-1][0] > 502


@pytest.mark.parametrize(
    "content",
    [
        table([HEADER, *ROWS, ["B1", "ragged"]]),
        table([HEADER, *ROWS]) + b'B1,"One" Ltd,x\n',
        table([HEADER, *ROWS]) + b"B1,a,b\r\nB2,a,b\n",
        table([HEADER, *ROWS]) + b"B1,a\0b,b\n",
        table([HEADER, *ROWS]) + b'B1,"never closed,b\n',
        table([HEADER, *ROWS]) + "B1,Bjørn,b\n".encode("cp1252"),
        table([HEADER, *ROWS], "\r"),
        table([HEADER, *ROWS]).decode().encode("utf-16"),
    ],
    ids=["ragged", "misquoted", "mixed", "nul", "open quote", "other letters", "returns", "utf-16"],
)
def test_anything_odd_goes_through_the_exact_reader(content, both):
    (fast, found), (_, exact) = both(content)
    assert not fast and found == exact


def test_a_blank_line_between_rows_moves_the_lines(both):
    """DuckDB passes over it, so that it had fewer rows than there are lines."""
    content = table([HEADER, ["A1", "a", "1\n2"]]) + b"\n" + table([["A2", "b", "3"]])
    (_, found), (_, exact) = both(content)
    assert found == exact and [row[0] for row in found[0]] == [2, 5]


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=12),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    damage=st.sampled_from([b"", b'"', b",", b"\r", b"\n"]),
)
def test_both_ways_are_one(rows, end, quoting, damage, database, tmp_path_factory):
    content = table([HEADER, *rows], end, quoting=quoting)
    place = random.Random(len(content)).randrange(len(content) + 1)
    content = content[:place] + damage + content[place:]
    folder = tmp_path_factory.mktemp("t")
    (_, found), (_, exact) = (read(database, folder, content, size) for size in (0, 10**12))
    assert found == exact
