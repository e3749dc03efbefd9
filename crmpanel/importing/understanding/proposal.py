"""The proposal: a complete mapping, what speaks for it, and what had better be asked."""

from __future__ import annotations

from dataclasses import dataclass, field

from crmpanel.importing.mapping import Mapping
from crmpanel.importing.understanding.writing import to_toml


@dataclass(frozen=True)
class Question:
    """Something that cannot be known from the data.

    Parameters
    ----------
    about : what it is about: a table, or ``Table.Column``.
    text : the question.
    choices : what can be answered, with what it means: ``{"%d/%m/%Y": "4 March 2026"}``.
    default : the answer that the mapping is made with.
    """

    about: str
    text: str
    choices: dict[str, str]
    default: str


@dataclass(frozen=True)
class Proposal:
    """How an export can be read.

    Parameters
    ----------
    mapping : complete: with formats, custom fields and the meaning of statuses.
    evidence : sentences with figures, in the order of the tables.
    questions : what is ambiguous, with what was taken.
    """

    mapping: Mapping
    evidence: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)

    def toml(self) -> str:
        """The mapping as a TOML file that can be edited and used, with the evidence as comments."""
        return to_toml(self.mapping, self.evidence)
