"""What somebody wants who answers a job's message. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.grammar.errors import GrammarError, MissingPrompt, TakesNoPrompt, UnknownFlag
from bot.grammar.menu import Own
from bot.grammar.parser import Menu, parse, parse_changes
from bot.grammar.request import Request
from bot.workflows.options import Kind


@dataclass(frozen=True, slots=True)
class Reply:
    """What is wanted. `from_picture`: it starts from the job's picture; else it is the job once more, changed."""

    request: Request
    from_picture: bool


def read_reply(text: str, menu: Menu, base: Request, *, images: int, spare: bool = False) -> Reply:
    """Flags alone change the job's request, `base`; words start from its picture.

    So does another workflow that works on pictures, or a pick. `images` is how many pictures there are to start from,
    `spare` as in `bot.grammar.parser.parse`.

    Raises:
        GrammarError: As `bot.grammar.parser.parse`, of the workflow that was probably meant.
    """
    try:
        changed = parse_changes(text, menu, base)
    except GrammarError as refusal:
        return Reply(_from_picture(text, menu, refusal, images=images, spare=spare), from_picture=True)
    if changed.prompt not in (base.prompt, ""):
        return Reply(parse(text, menu, images=images, spare=spare), from_picture=True)
    works_on_pictures = any(option.kind is Kind.IMAGE for option in menu.workflows[changed.workflow])
    anew = changed.workflow != base.workflow or changed.pick is not None
    return Reply(changed, from_picture=works_on_pictures and anew)


def _from_picture(text: str, menu: Menu, refusal: GrammarError, *, images: int, spare: bool) -> Request:
    """What is no change of the job may be words, with flags of a workflow that works on pictures."""
    try:
        return parse(text, menu, images=images, spare=spare)
    except MissingPrompt:
        if isinstance(refusal, UnknownFlag) and refusal.flag == Own.PICK:
            raise
        raise refusal from None  # no words, so a change it was to be
    except GrammarError as error:
        meant_for_the_job = not isinstance(refusal, UnknownFlag | TakesNoPrompt)
        raise (refusal if meant_for_the_job else error) from None
