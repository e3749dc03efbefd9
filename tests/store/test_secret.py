"""The secret of a database: made once, whoever asks first, and never the same in two."""

import threading

from crmpanel.store import create, open_
from crmpanel.store.check import check
from crmpanel.store.secret import derived


def test_keys_last_and_differ_by_purpose(tmp_path):
    with create(tmp_path / "a.duckdb") as database:
        keys = [derived(database, *p) for p in (("a",), ("b",), ("ab",), ("a", "b"))]
        assert len(set(keys)) == 4
    with open_(tmp_path / "a.duckdb") as database:
        assert derived(database, "a") == keys[0]
        assert check(database) == []
    with create(tmp_path / "b.duckdb") as database:
        assert derived(database, "a") != keys[0]


def test_all_who_ask_at_once_get_the_same(database):
    keys = []
    ask = [threading.Thread(target=lambda: keys.append(derived(database, "a"))) for _ in range(6)]
    for thread in ask:
        thread.start()
    for thread in ask:
        thread.join()
    assert len(keys) == 6
    assert len(set(keys)) == 1
