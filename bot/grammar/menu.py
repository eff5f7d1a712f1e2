"""What can be asked for: the workflows, and the words each of them understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.grammar.tokens import normal, shown
from bot.workflows.nearest import nearest
from bot.workflows.options import Kind, Option, Role

WORKFLOW_FLAGS = ("workflow", "wf")
_SHORTEST_LIKE = 3  # shorter words are like everything


@dataclass(frozen=True, slots=True)
class Menu:
    """The workflows' options by workflow name, and which one is meant where none is named.

    `default_with_image` None: a picture changes nothing about the default.
    """

    workflows: Mapping[str, Sequence[Option]]
    default: str
    default_with_image: str | None = None


class Own(StrEnum):
    """Flags of the grammar itself."""

    WORKFLOW = "workflow"
    RATIO = "ar"
    SIZE = "size"
    PICK = "pick"


Meaning: TypeAlias = Option | Own


class Vocabulary:
    """The flags of one workflow.

    An option is known by its name, which is therefore always a good spelling, and by its flags where they are not
    another's name. The workflow's words win over ``--ar`` and ``--size``, which exist where a size can be set, and over
    ``--pick``, which exists where a picture is taken.
    """

    def __init__(self, options: Sequence[Option]) -> None:
        self.options = {option.name: option for option in options}
        self._meanings: dict[str, Meaning] = dict.fromkeys(WORKFLOW_FLAGS, Own.WORKFLOW)
        for option in options:
            self._meanings.setdefault(normal(option.name), option)
        for option in options:
            for flag in option.flags:
                self._meanings.setdefault(normal(flag), option)
        if {Role.WIDTH, Role.HEIGHT} <= {option.name for option in options if option.kind is Kind.INTEGER}:
            self._meanings.setdefault("ar", Own.RATIO)
            self._meanings.setdefault("size", Own.SIZE)
        if any(option.kind is Kind.IMAGE for option in options):
            self._meanings.setdefault("pick", Own.PICK)

    def meaning(self, flag: str) -> Meaning | None:
        """What a flag (in its normal form) sets, if anything."""
        return self._meanings.get(flag)

    def spelling(self, name: str) -> str:
        """The preferred flag of an option: its first one that means it, else its name."""
        option = self.options.get(name)
        flags = option.flags if option else ()
        return next((flag for flag in flags if self._meanings[normal(flag)] is option), name)

    def nearest(self, flag: str) -> str | None:
        """The flag that somebody probably meant."""
        if len(flag) < _SHORTEST_LIKE:
            return None
        return nearest(shown(flag), (word for word, meaning in self._meanings.items() if _is_flag(meaning)))

    def flags(self) -> tuple[str, ...]:
        """The preferred spelling, with dashes, of everything that flags can set."""
        own = [word for word in Own if self._meanings.get(word) is word]
        options = [self.spelling(name) for name, option in self.options.items() if _is_flag(option)]
        return tuple(f"--{flag}" for flag in (*options, *own))


def _is_flag(meaning: Meaning) -> bool:
    """Whether people set it by a flag: pictures are attached, the prompt is simply written."""
    return isinstance(meaning, Own) or not (meaning.kind is Kind.IMAGE or meaning.name == Role.PROMPT)
