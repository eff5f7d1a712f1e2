"""What somebody typed, to a request. Pure and total: any text gives a request or a `GrammarError`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.grammar.errors import (
    ExtraPictures,
    FightingFlags,
    FlagWithoutValue,
    MissingPrompt,
    NeedsPicture,
    PromptTooLong,
    RepeatedFlag,
    TakesNoPrompt,
    UnknownFlag,
    UnknownWorkflow,
)
from bot.grammar.menu import WORKFLOW_FLAGS, Menu, Own, Vocabulary
from bot.grammar.request import Adjustment, Request
from bot.grammar.sizes import Ratio, Size, shape, take_ratio, take_size
from bot.grammar.tokens import Flag, half_width, shown, split, take_word, trim, unescape
from bot.grammar.values import TEXT_LIMIT, check_bounds, choose, fits, shortlist, take, used
from bot.workflows.nearest import nearest
from bot.workflows.options import Kind, Option, Role, Value

__all__ = ["Menu", "parse", "parse_changes"]

_T = TypeVar("_T")

_COMMAND = re.compile(r"\s*[/／]imagine(?:@\w+)?(?!\S)", re.IGNORECASE)
_SIDES = (Role.WIDTH, Role.HEIGHT)
_PICK = Option("pick", Kind.INTEGER, (), minimum=1)


def parse(text: str, menu: Menu, *, images: int = 0, spare: bool = False) -> Request:
    """A request from what follows the command word; a leading ``/imagine`` is taken off.

    Flags may stand anywhere. What is left without them and their values is the prompt: stripped, its inner white
    space as typed. `images` is how many pictures come with the text; `spare`: more than the workflow takes may. Of
    those that one is picked from, only that one counts.

    Raises:
        GrammarError: Something is wrong, or missing.
    """
    default = menu.default_with_image if images and menu.default_with_image else menu.default
    typed = _read(text, menu, default)
    _check_pictures(typed.workflow, menu, 1 if images and typed.pick else images, spare=spare)
    return _request(typed, typed.prompt, {})


def parse_changes(text: str, menu: Menu, base: Request, *, images: int | None = None) -> Request:
    """An earlier request with changes: flags are laid over its values, words replace its prompt.

    Values that the workflow, perhaps another one now, can no longer take are left behind. `images` None: the
    pictures are the caller's business.

    Raises:
        GrammarError: As `parse`.
    """
    typed = _read(text, menu, base.workflow)
    if images is not None:
        _check_pictures(typed.workflow, menu, images)
    base_prompt = base.prompt if Role.PROMPT in typed.options else ""
    return _request(typed, typed.prompt or base_prompt, dict(base.values))


@dataclass(slots=True)
class _Typed:
    """What the text says. `values` are as typed; `flags` is the spelling that gave each of them."""

    workflow: str
    options: Mapping[str, Option]
    pieces: list[str]
    values: dict[str, Value] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    size: Size | None = None
    ratio: Ratio | None = None
    pick: int | None = None

    @property
    def prompt(self) -> str:
        """What is left of the text; nothing where nobody could see it."""
        prompt = "".join(self.pieces).strip()
        return prompt if half_width(prompt) else ""


def _read(text: str, menu: Menu, default: str) -> _Typed:
    command = _COMMAND.match(text)
    head, flags = split(text[command.end() :] if command else text)
    workflow = _workflow(flags, menu, default)
    vocabulary = Vocabulary(menu.workflows[workflow])
    typed = _Typed(workflow, vocabulary.options, [unescape(head)])
    for flag in flags:
        rest = _take(flag, typed, vocabulary, menu)
        typed.pieces.append(unescape(rest.lstrip()))
    _settle_size(typed)
    if len(typed.prompt) > TEXT_LIMIT:
        raise PromptTooLong(len(typed.prompt), TEXT_LIMIT)
    if typed.prompt and Role.PROMPT not in typed.options:
        raise TakesNoPrompt(workflow)
    return typed


def _workflow(flags: Sequence[Flag], menu: Menu, default: str) -> str:
    """Which workflow is meant. It comes first, for it says what the other flags are."""
    name: str | None = None
    for flag in flags:
        if flag.name in WORKFLOW_FLAGS:
            name = _once(flag, name, _take_workflow(flag, menu)[0])
    name = default if name is None else name
    if name not in menu.workflows:
        raise UnknownWorkflow(shown(name), nearest(shown(name), menu.workflows), shortlist(tuple(menu.workflows)))
    return name


def _take_workflow(flag: Flag, menu: Menu) -> tuple[str, str]:
    names = tuple(menu.workflows)
    if not flag.rest.strip():
        raise FlagWithoutValue(flag.name, names[0] if names else "…")
    found = choose(flag.rest, names)
    if found is None:
        word = shown(trim(take_word(flag.rest)[0]))
        raise UnknownWorkflow(word, nearest(word, names), shortlist(names))
    return found


def _take(flag: Flag, typed: _Typed, vocabulary: Vocabulary, menu: Menu) -> str:
    """Note what one flag sets; gives the text behind its value."""
    match vocabulary.meaning(flag.name):
        case None:
            raise UnknownFlag(
                shown(flag.name),
                typed.workflow,
                vocabulary.nearest(flag.name),
                tuple(name for name, options in menu.workflows.items() if Vocabulary(options).meaning(flag.name)),
                vocabulary.flags(),
            )
        case Own.WORKFLOW:
            return _take_workflow(flag, menu)[1]
        case Own.SIZE:
            size, rest = take_size(flag)
            typed.size = _once(flag, typed.size, size)
            for side, pixels in zip(_SIDES, (size.width, size.height), strict=True):
                check_bounds(typed.options[side], pixels, flag.name, str(pixels))
        case Own.RATIO:
            ratio, rest = take_ratio(flag)
            typed.ratio = _once(flag, typed.ratio, ratio)
        case Own.PICK:
            number, rest = take(_PICK, flag)
            typed.pick = _once(flag, typed.pick, int(number))
        case option:
            value, rest = take(option, flag)
            if option.name == Role.PROMPT:
                typed.pieces.append(f"{value} ")
            else:
                typed.values[option.name] = _once(flag, typed.values.get(option.name), value)
                typed.flags[option.name] = flag.name
    return rest


def _once(flag: Flag, before: _T | None, value: _T) -> _T:
    if before is not None and before != value:
        raise RepeatedFlag(flag.name, shown(str(before)), shown(str(value)))
    return value


def _settle_size(typed: _Typed) -> None:
    """Make of ``--size`` a width and a height, unless something else says the size too."""
    sides = [f"--{typed.flags[side]}" for side in _SIDES if side in typed.flags]
    if typed.ratio and typed.size:
        raise FightingFlags(("--ar", "--size"))
    if typed.size and sides:
        raise FightingFlags(("--size", *sides))
    if typed.ratio and len(sides) == len(_SIDES):
        raise FightingFlags(("--ar", *sides))
    if typed.size:
        typed.values |= {Role.WIDTH: typed.size.width, Role.HEIGHT: typed.size.height}


def _request(typed: _Typed, prompt: str, base: Mapping[str, Value]) -> Request:
    options = typed.options
    if not prompt and Role.PROMPT in options and options[Role.PROMPT].required:
        raise MissingPrompt(typed.workflow)
    kept = {name: value for name, value in base.items() if name in options and fits(options[name], value)}
    if typed.ratio:
        kept = {name: value for name, value in kept.items() if name not in _SIDES}
    asked = {**kept, **typed.values}
    values = {name: used(options[name], asked[name]) for name in options if name in asked}
    adjustments = tuple(Adjustment(name, asked[name], value) for name, value in values.items() if value != asked[name])
    if typed.ratio:
        width, height = (int(values[side]) if side in values else None for side in _SIDES)
        sides = shape(typed.ratio, (options[Role.WIDTH], options[Role.HEIGHT]), (width, height))
        values |= zip(_SIDES, sides, strict=True)
    return Request(
        workflow=typed.workflow,
        prompt=prompt,
        values=tuple((name, values[name]) for name in options if name in values),
        adjustments=adjustments,
        pick=typed.pick,
    )


def _check_pictures(workflow: str, menu: Menu, images: int, *, spare: bool = False) -> None:
    places = _places(menu.workflows[workflow])
    needed = sum(option.required for option in places)
    if images < needed:
        raise NeedsPicture(workflow, needed, images)
    if images > len(places) and not spare:
        others = (name for name, options in menu.workflows.items() if len(_places(options)) >= images)
        raise ExtraPictures(workflow, images, len(places), tuple(others))


def _places(options: Sequence[Option]) -> list[Option]:
    return [option for option in options if option.kind is Kind.IMAGE]
