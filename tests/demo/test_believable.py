"""The demo data reads like a company's CRM: names, numbers, texts, files, and their spread."""

import hashlib
import re
import zlib

import pytest

from crmpanel.demo.files import contents, pdf, png
from crmpanel.demo.words import LANGUAGES, toml
from crmpanel.entities import REGISTRY
from crmpanel.model.kinds import TEMPLATE

TEXTS = [
    (entity.name, field.name)
    for entity in REGISTRY
    for field in entity.fields.values()
    if field.kind.sql == "VARCHAR" and field.kind is not TEMPLATE and entity.name != "change"
]
TODAY = "DATE '2026-06-15'"


# ---------------------------------------------------------------- organisations and persons


def test_the_first_organisation_is_rich(rows):
    assert rows("SELECT name, type, country FROM organisation WHERE id = 1001") == [
        ("Nordlys AS", "Customer", "Norway")
    ]
    for sql, least in (
        ("activity WHERE TRUE", 300),
        (f"activity WHERE date < {TODAY} AND status <> 'Completed'", 10),
        (f"activity WHERE date >= {TODAY}", 5),
        ("person WHERE TRUE", 5),
        ("quotation WHERE level = 'Won'", 10),
        ("quotation WHERE level = 'Lost'", 10),
        ("quotation WHERE probability BETWEEN 1 AND 99", 2),
        ("document WHERE TRUE", 20),
        ("email WHERE TRUE", 60),
        ("ticket WHERE TRUE", 20),
        ("meeting WHERE TRUE", 20),
        ("product WHERE TRUE", 10),
    ):
        assert rows(f"SELECT count(*) FROM {sql} AND organisation_id = 1001")[0][0] >= least, sql


def test_names_and_domains_are_nearly_all_different(rows):
    found = rows("SELECT name, division, domain FROM organisation")
    assert len({(name, division) for name, division, _ in found}) > 0.97 * len(found)
    assert all(re.fullmatch(r"[a-z0-9-]+\.example", domain) for _, _, domain in found)


def test_legal_forms_are_those_of_the_country(rows):
    forms = {
        "Norway": r"(AS|ASA)",
        "Sweden": "AB",
        "Denmark": r"(A/S|ApS)",
        "Finland": r"(Oy|Oyj)",
        "Germany": r"GmbH( & Co\. KG)?",
        "United Kingdom": "Ltd",
    }
    for name, country in rows("SELECT name, country FROM organisation"):
        assert re.search(rf" {forms[country]}$", name), (name, country)


def test_telephone_numbers_and_postcodes_are_those_of_the_country(rows):
    shapes = {
        "Norway": (r"\+47( \d\d){4}", r"\d{4}"),
        "Denmark": (r"\+45( \d\d){4}", r"\d{4}"),
        "Sweden": (r"\+46 \d{1,3} \d{3} \d\d \d\d", r"\d{3} \d\d"),
        "Finland": (r"\+358 \d \d{3} \d{4}", r"\d{5}"),
        "Germany": (r"\+49 \d{2,3} \d{7}", r"\d{5}"),
        "United Kingdom": (r"\+44 \d{2,4} [\d ]{6,9}", r"[A-Z]+\d+ \d[A-Z]{2}"),
    }
    for country, phone, postcode in rows("SELECT country, phone, postcode FROM organisation"):
        assert re.fullmatch(shapes[country][0], phone), (country, phone)
        assert re.fullmatch(shapes[country][1], postcode), (country, postcode)


def digits(number):
    return [int(d) for d in re.sub(r"\D", "", number)]


def weighted(numbers, weights):
    return sum(n * w for n, w in zip(numbers, weights, strict=True))


def german(numbers):
    product = 10
    for number in numbers:
        product = 2 * ((product + number) % 10 or 10) % 11
    return product


def luhn(numbers):
    return sum(sum(divmod(2 * n, 10)) if i % 2 == 0 else n for i, n in enumerate(numbers))


VAT = {
    "Norway": (
        r"NO [89]\d\d \d{3} \d{3} MVA",
        lambda d: weighted(d, [3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0,
    ),
    "Denmark": (r"DK\d{8}", lambda d: weighted(d, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0),
    "Sweden": (r"SE556\d{7}01", lambda d: luhn(d[:10]) % 10 == 0),
    "Finland": (r"FI\d{8}", lambda d: weighted(d, [7, 9, 10, 5, 8, 4, 2, 1]) % 11 == 0),
    "Germany": (r"DE\d{9}", lambda d: (german(d[:8]) + d[8]) % 10 == 1),
    "United Kingdom": (
        r"GB \d{3} \d{4} \d\d",
        lambda d: (weighted(d[:7], range(8, 1, -1)) + 10 * d[7] + d[8]) % 97 == 0,
    ),
}


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("NO 974 760 673 MVA", "Norway"),
        ("DK13585628", "Denmark"),
        ("SE556012579001", "Sweden"),
        ("FI20774740", "Finland"),
        ("DE136695976", "Germany"),
        ("GB 980 7806 84", "United Kingdom"),
    ],
)
def test_the_check_digit_rules_accept_published_examples(number, country):
    assert VAT[country][1](digits(number))


def test_vat_numbers_have_their_check_digits(rows):
    found = rows("SELECT vat_number, country FROM organisation")
    assert len({number for number, _ in found}) == len(found)
    for number, country in found:
        shape, valid = VAT[country]
        assert re.fullmatch(shape, number) and valid(digits(number)), (number, country)


def test_persons_write_from_their_company(rows):
    assert not rows("""SELECT p.id FROM person AS p
        JOIN organisation AS o ON o.id = p.organisation_id
        WHERE p.email NOT LIKE '%@' || o.domain
            OR p.name <> concat_ws(' ', first_name, middle_name, last_name)
        OR NOT regexp_matches(p.email, '^[a-z-]+\\.[a-z-]+@')""")
    assert {status for (status,) in rows("SELECT DISTINCT status FROM person")} >= {
        "Active",
        "Resigned",
    }


def test_the_staff(rows):
    users = rows('SELECT initials, active, email FROM "user"')
    assert 12 <= len(users) <= 20 and sum(not active for _, active, _ in users) == 1
    assert len({initials for initials, _, _ in users}) == len(users)


# ---------------------------------------------------------------- spread


def test_few_customers_have_most_of_the_work(rows):
    counts = sorted(
        (n for (n,) in rows("SELECT count(*) FROM activity GROUP BY organisation_id")), reverse=True
    )
    assert counts[0] > 5 * sum(counts) / len(counts)
    assert sum(counts[: len(counts) // 5]) > 0.55 * sum(counts)
    assert counts[len(counts) // 2] < 0.6 * sum(counts) / len(counts)


def test_some_recent_work_is_overdue(rows):
    share = rows(f"""SELECT avg((status <> 'Completed')::INTEGER) FROM activity
        WHERE date BETWEEN {TODAY} - 180 AND {TODAY}""")[0][0]
    assert 0.03 < share < 0.08


def test_the_year_has_seasons(rows):
    months = dict(
        rows(
            f"""SELECT month(date), count(*) FROM activity
                WHERE date < {TODAY} AND year(date) < 2026 GROUP BY 1"""
        )
    )
    assert months[7] < 0.55 * months[9] and months[12] < months[11]
    late, rest = rows(f"""SELECT avg(n) FILTER (late), avg(n) FILTER (NOT late) FROM (
        SELECT date, count(*) AS n, month(date) % 3 = 0 AND last_day(date) - date < 9 AS late
        FROM quotation WHERE date < {TODAY} AND isodow(date) < 6 GROUP BY date)""")[0]
    assert late > 1.3 * rest


def test_work_is_done_in_working_hours(rows):
    odd, all_ = rows(
        """SELECT count(*) FILTER (hour(date) NOT BETWEEN 7 AND 17 OR isodow(date) > 5), count(*)
        FROM activity"""
    )[0]
    assert odd < 0.03 * all_


# ---------------------------------------------------------------- texts


@pytest.mark.parametrize(("table", "field"), TEXTS)
def test_no_slot_is_left_and_no_text_is_malformed(rows, table, field):
    if field == "body_html":
        return
    bad = rows(f"""SELECT "{field}" FROM "{table}"
        WHERE regexp_matches("{field}", '[{{}}]|\\bNone\\b|\\bNULL\\b|[^.]\\.\\.[^.]|  |^ | $')
        OR "{field}" = '' LIMIT 3""")
    assert not bad


@pytest.mark.parametrize(
    ("table", "field", "least"),
    [
        ("activity", "subject", 0.2),
        ("activity", "note", 0.3),
        ("meeting", "subject", 0.4),
        ("quotation", "description", 0.4),
        ("ticket", "description", 0.3),
        ("email", "body", 0.7),
        ("document", "description", 0.3),
    ],
)
def test_texts_vary(rows, table, field, least):
    different, all_ = rows(f'SELECT count(DISTINCT "{field}"), count("{field}") FROM "{table}"')[0]
    assert different > least * all_


def test_one_card_does_not_repeat_itself(rows):
    """Of the newest thirty subjects on a card, nearly all differ."""
    shares = [
        n
        for (n,) in rows("""SELECT count(DISTINCT subject) / 30 FROM (
        SELECT organisation_id, subject,
            row_number() OVER (PARTITION BY organisation_id ORDER BY date DESC) AS n
            FROM activity)
        WHERE n <= 30 GROUP BY organisation_id HAVING count(*) = 30""")
    ]
    assert sum(shares) / len(shares) > 0.85 and min(shares) > 0.6


def test_every_language_has_the_same_scenarios():
    """A text added in one language is wanted in all of them."""
    shapes = [
        (
            [
                (a["group"], a["type"], a["action"], len(a["subjects"]), len(a["done"]))
                for a in toml(lang)["activity"]
            ],
            sorted((t["group"], len(t["mails"])) for t in toml(lang)["email"]["thread"]),
            [m["group"] for m in toml(lang)["meeting"]],
            [row.split(" | ")[0] for row in toml(lang)["ticket"]["rows"]],
        )
        for lang in LANGUAGES
    ]
    assert [len(part) for part in shapes[0]] == [35, 23, 11, 34]
    for lang, shape in zip(LANGUAGES, shapes, strict=True):
        assert shape[1:] == shapes[0][1:], lang
        assert sorted(a[:3] for a in shape[0]) == sorted(a[:3] for a in shapes[0][0]), lang


# ---------------------------------------------------------------- files


def test_contents_are_the_files_they_say(rows):
    for hash_, data in rows("SELECT hash, data FROM content"):
        assert hashlib.sha256(data).hexdigest() == hash_
        pdf_like = data.startswith(b"%PDF-") and data.endswith(b"%%EOF\n")
        assert pdf_like or data.startswith(b"\x89PNG\r\n\x1a\n")
    assert 30 < len({content.hash for content in contents()}) < 300
    assert {e for (e,) in rows("SELECT DISTINCT extension FROM document")} == {"pdf", "png"}
    assert any(
        re.fullmatch(r"Contracts/20\d\d", folder)
        for (folder,) in rows("SELECT DISTINCT folder FROM document")
    )


def test_a_pdf_points_at_its_objects():
    data = pdf("Møtereferat (utkast)", ["første linje", "a\\b"])
    start = int(re.search(rb"startxref\n(\d+)", data)[1])
    assert data[start:].startswith(b"xref\n0 6\n")
    for number, offset in enumerate(re.findall(rb"(\d{10}) 00000 n ", data), 1):
        assert data[int(offset) :].startswith(b"%d 0 obj" % number)
    assert rb"M\xf8tereferat \(utkast\)".replace(rb"\xf8", b"\xf8") in data
    length = int(re.search(rb"/Length (\d+)", data)[1])
    assert data[data.index(b"stream\n") + 7 :][length:].startswith(b"\nendstream")


def test_a_png_has_whole_chunks():
    data, place, kinds = png(1), 8, []
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        assert zlib.crc32(kind + body) == int.from_bytes(
            data[place + 8 + size : place + 12 + size], "big"
        )
        kinds.append(kind)
        place += 12 + size
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
