"""Text that survives a spreadsheet: how an export writes it, and how an import reads that.

A spreadsheet takes a text that begins with ``=`` for a formula, and cannot tell a blank text from
nothing. Such a text gets an apostrophe in front; taking one away from whatever looks so gives the
text as it was.
"""

from __future__ import annotations

from crmpanel.query.sqltext import literal

#: A text that a spreadsheet takes for a formula, apostrophes in front of it aside.
FORMULA = r"^'*[=+\-@\t\r]"
#: Texts that get an apostrophe: those that would be run or are blank, apostrophes in front of them
#: aside, and those that would be taken for an encoded one.
PROTECTED = r"^('*([=+\-@\t\r]|$)|'+%)"
#: What begins an encoded text: one with a character that no XML can hold.
ENCODED = "'%"
_NO_XML = "[\ufffe\uffff]"


def protected(text: str) -> str:
    """SQL for the SQL expression `text` as it is written."""
    wanted = f"regexp_matches({text}, {literal(PROTECTED)})"
    return f"CASE WHEN {wanted} THEN '''' || {text} ELSE {text} END"


def protected_in_xml(text: str) -> str:
    """The same for a workbook, the text of which is XML."""
    encoded = f"{literal(ENCODED)} || url_encode({text})"
    has = f"regexp_matches({text}, {literal(_NO_XML)})"
    return f"CASE WHEN {has} THEN {encoded} ELSE {protected(text)} END"


def restored(text: str) -> str:
    """SQL for a text as it was before it was written."""
    rest = f"substr({text}, 2)"
    return (
        f"CASE WHEN starts_with({text}, {literal(ENCODED)}) THEN url_decode(substr({text}, 3)) "
        f"WHEN starts_with({text}, '''') AND regexp_matches({rest}, {literal(PROTECTED)}) "
        f"THEN {rest} ELSE {text} END"
    )
