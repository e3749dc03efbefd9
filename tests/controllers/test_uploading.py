"""A file that comes in pieces: nothing that a browser says of it is believed."""

import base64

import pytest

from crmpanel.controllers.uploading import LARGEST, PIECE, Upload, label_of
from crmpanel.errors import InputError


def piece(data):
    return base64.b64encode(data).decode()


def test_it_arrives_as_it_was_sent():
    data = bytes(range(256)) * 3000
    upload = Upload("a.csv", len(data))
    while not upload.is_complete:
        upload.take(upload.at, piece(data[upload.at : upload.at + PIECE]))
    assert upload.path.read_bytes() == data
    upload.discard()
    upload.discard()
    assert not upload.path.exists()


@pytest.mark.hardening(71)
@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.csv",
        "C:\\x\\..\\a.csv",
        "/etc/shadow.csv",
        "a\0b.csv",
        "\u202egpj.csv",
        "x" * 5000 + ".csv",
    ],
)
def test_its_name_is_a_label_and_never_a_path(name):
    upload = Upload(name, 3)
    assert upload.path.name == "upload.csv"
    assert (
        "/" not in upload.name
        and "\\" not in upload.name
        and "\0" not in upload.name
        and len(upload.name) < 140
    )
    upload.discard()


@pytest.mark.hardening(70)
@pytest.mark.parametrize(("name", "size"), [
    ("a.csv", LARGEST + 1), ("a.csv", -1), ("a.csv", "3"), ("a.csv", None), ("a.csv", True), ("a.exe", 3), ("a.duckdb", 3), (None, 3), ("csv", 3),
])  # fmt: skip
def test_what_cannot_be_taken_is_refused_before_it_is_sent(name, size):
    with pytest.raises(InputError):
        Upload(name, size)


@pytest.mark.hardening(71)
@pytest.mark.parametrize(("at", "data"), [
    (0, piece(b"abcd")), (0, piece(b"ab")), (1, piece(b"abc")), (0, ""), (0, "!!!!"), (0, None), ("0", piece(b"abc")), (-1, piece(b"abc")), (0, 7),
])  # fmt: skip
def test_another_piece_than_the_next_is_refused(at, data):
    upload = Upload("a.csv", 3)
    with pytest.raises(InputError):
        upload.take(at, data)
    assert upload.path.read_bytes() == b"" and not upload.is_complete
    upload.take(0, piece(b"abc"))
    assert upload.is_complete
    with pytest.raises(InputError):
        upload.take(3, piece(b"x"))
    upload.discard()


def test_labels():
    assert label_of("  NPS 2026.CSV ") == "NPS 2026.CSV"
    assert label_of("\x1f") == "file"
