"""What the tree itself keeps to: sizes, no trace of the machine it grew on, no dead references."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LARGEST_FILE = 2_000_000
LONGEST_MODULE = 400

# In pieces, or this file would be the first to break its own rule.
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry." + "npmjs.org",
    "deb." + "debian.org",
    "security." + "debian.org",
    "repo." + "anaconda.com",
]
PLACES = ["wo" + "rk", "ro" + "ot", "ho" + r"me/\w+", "Us" + r"ers/\w+"]
# A path of its own, not the tail of a URL or of a longer path.
MACHINE_PATH = re.compile(rf"(?<![\w.:/~-])/(?:{'|'.join(PLACES)})/\w")


def git_files():
    """What git carries or is about to; nothing where the tree is not a git checkout."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    paths = (ROOT / name for name in done.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def lines_of_text():
    """Every line of every text file, with a name to find it by."""
    for path in git_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", line


def marks(name):
    """``(file:line, value)`` of every ``@pytest.mark.<name>(value, …)`` in the tests."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="mark"), attr=found)):
                    if found == name:
                        place = f"{path.relative_to(ROOT)}:{node.lineno}"
                        yield from ((place, str(ast.literal_eval(value))) for value in node.args)


def rows(document):
    """The ids in the first column of a document's tables."""
    return set(re.findall(r"^\| ([A-Z]?\d+[a-z]?) \|", (ROOT / document).read_text(), re.MULTILINE))


def test_no_file_is_too_large_for_git():
    large = [str(path) for path in git_files() if path.stat().st_size > LARGEST_FILE]
    assert not large


def test_no_package_registry_is_named():
    found = [place for place, line in lines_of_text() if any(host in line for host in HOSTS)]
    assert not found


def test_no_path_of_one_machine_is_named():
    found = [place for place, line in lines_of_text() if MACHINE_PATH.search(line)]
    assert not found


def test_extras_that_people_are_told_of_exist():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    told = {
        extra: place
        for place, line in lines_of_text()
        for names in re.findall(r"crmpanel\[([a-z, ]+)\]", line)
        for extra in names.replace(" ", "").split(",")
    }
    assert "postgres" in told
    assert not {extra: place for extra, place in told.items() if extra not in extras}


def test_modules_stay_readable():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / "crmpanel").rglob("*.py")
    }
    assert not {name: length for name, length in lengths.items() if length > LONGEST_MODULE}


@pytest.mark.parametrize(
    ("mark", "document"), [("card", "docs/card.md"), ("hardening", "docs/hardening.md")]
)
def test_marks_name_rows_that_exist(mark, document):
    known = rows(document)
    assert known, f"no table in {document}"
    assert not [place for place, value in marks(mark) if value not in known]
