"""Answers that explain: help, workflows, models, how a chat is set. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.chat.commands import Entry
from bot.chat.texts import Texts
from bot.grammar.menu import Menu, Vocabulary
from bot.jobs.model import ChatSettings
from bot.jobs.policy.limits import Limits, Rank
from bot.jobs.policy.settings import DEFAULT, KEYS, LIMIT_KEYS, written
from bot.workflows.options import Kind, Option, Role
from bot.workflows.workflow import Workflow

_NAMES = 30
"""Of a long list of models of one kind, or of an option's choices."""
_BOUND = 1_000_000
"""A number up to a larger one than this, such as a seed, is any number to whoever reads it."""


@dataclass(frozen=True, slots=True)
class Saying:
    """A command without its slash, how it is written, and what it does, in a line."""

    word: str
    usage: str
    summary: str


def sayings(entries: Sequence[Entry], workflows: Sequence[Workflow], texts: Texts) -> tuple[Saying, ...]:
    """What can be said: the first entry, the workflows' own commands, which make pictures like it, and the others."""
    said = [Saying(entry.command, texts.say(entry.usage), entry.summary(texts)) for entry in entries]
    own = [
        Saying(each.command, _usage(each, texts), (each.description or each.title).rstrip(".。"))
        for each in (workflow.in_language(texts.language) for workflow in workflows)
        if each.command
    ]
    return (*said[:1], *own, *said[1:])


def help_text(entries: Sequence[Entry], workflows: Sequence[Workflow], texts: Texts) -> str:
    """What somebody can say here, with an example to start from."""
    members = sayings([entry for entry in entries if entry.rank is Rank.MEMBER], workflows, texts)
    operators = sayings([entry for entry in entries if entry.rank is not Rank.MEMBER], (), texts)
    title = ["", texts.say("help-operators")] if operators else []
    everybodys, theirs = (
        [texts.say("help-line", usage=each.usage, summary=each.summary) for each in group]
        for group in (members, operators)
    )
    return "\n".join([texts.say("help-intro"), "", *everybodys, *title, *theirs, "", texts.say("help-more")])


def command_text(entry: Entry, texts: Texts) -> str:
    """Everything about one command."""
    return f"{texts.say(entry.usage)}\n{texts.say(entry.help)}"


def workflow_text(workflow: Workflow, texts: Texts) -> str:
    """Everything about one workflow: what it is for, and what can be set."""
    said = workflow.in_language(texts.language)
    vocabulary = Vocabulary(workflow.options)
    head = f"{_usage(said, texts) if said.command else said.name}: {said.title}"
    about = (said.description,) if said.description else ()
    needs = (texts.say("help-picture"),) if any(option.required for option in said.images) else ()
    options = (_option(option, vocabulary, texts) for option in said.options if option.flags)
    return "\n".join([head, *about, *needs, *options])


def workflows_text(workflows: Sequence[Workflow], menu: Menu, texts: Texts) -> str:
    """Every workflow with its flags; those that are used when none is named are marked."""
    if not workflows:
        return texts.say("workflows-none")
    return "\n".join([texts.say("workflows-title"), *(_workflow(workflow, menu, texts) for workflow in workflows)])


def models_text(models: Mapping[str, Sequence[str]], word: str, texts: Texts) -> str:
    """By kind, the models there are; those whose name or kind has that word in it."""
    wanted = word.casefold()
    found = {
        kind: [name for name in names if wanted in kind.casefold() or wanted in name.casefold()]
        for kind, names in models.items()
    }
    said = [f"{kind}: {_list(names, texts)}" for kind, names in found.items() if names]
    return "\n".join(said) or texts.say("models-none", word=word or None)


def settings_text(
    settings: ChatSettings,
    otherwise: ChatSettings,
    limits_of: Callable[[ChatSettings], Limits],
    texts: Texts,
    keys: Sequence[str] = KEYS,
    *,
    own: bool = False,
) -> str:
    """How a chat is set, and how it would be `otherwise`; of each limit who has set it.

    `limits_of` tells what members may have in a chat so set. `own`: the reader is alone with us there.
    """
    here, allowed = limits_of(settings), limits_of(replace(settings, limits=()))
    everywhere = limits_of(ChatSettings())
    lines = []
    for key in keys:
        if key in LIMIT_KEYS:
            lines.append(_limit(key, here, allowed, everywhere, texts))
            continue
        value, there = (written(key, getattr(each, key)) for each in (settings, otherwise))
        there = texts.say("settings-as-workflow") if there == DEFAULT else there
        is_set = settings.adult if key == "adult" else value != DEFAULT
        text = "settings-set" if is_set else "settings-not-set"
        lines.append(texts.say(text, key=key, value=value, otherwise=there))
    return "\n".join([texts.say("settings-title"), *lines, "", texts.say("settings-how", own=own)])


def setting_text(key: str, settings: ChatSettings, limits: Limits, texts: Texts) -> str:
    """What a setting is, now that somebody has changed it. `limits` are what members may have in a chat so set."""
    if key not in LIMIT_KEYS:
        return texts.say("settings-now", key=key, value=written(key, getattr(settings, key)))
    if LIMIT_KEYS[key] not in dict((*settings.granted, *settings.limits)):
        return texts.say("settings-now", key=key, value=DEFAULT)
    limit = getattr(limits, LIMIT_KEYS[key])
    if not limit:
        return texts.say("settings-now-unlimited", key=key)
    return texts.say("settings-now", key=key, value=written(key, limit))


def _limit(key: str, here: Limits, allowed: Limits, everywhere: Limits, texts: Texts) -> str:
    """A limit that holds `here`. Admins made it of what operators have `allowed`, and those of what is `everywhere`."""
    value, granted, otherwise = (getattr(each, LIMIT_KEYS[key]) for each in (here, allowed, everywhere))
    by_admin, by_operator = value != granted, granted != otherwise
    told = {
        name: written(key, each) if each else texts.say("settings-unlimited")
        for name, each in (("value", value), ("granted", granted), ("otherwise", otherwise))
    }
    by = "both" if by_admin and by_operator else "admin" if by_admin else "operator" if by_operator else None
    return texts.say("settings-limit", key=key, by=by, **told)


def _usage(workflow: Workflow, texts: Texts) -> str:
    said = "usage-workflow" if workflow.option(Role.PROMPT) else "usage-workflow-without-words"
    return texts.say(said, command=workflow.command)


def _workflow(workflow: Workflow, menu: Menu, texts: Texts) -> str:
    mark = {menu.default_with_image: " ☆", menu.default: " ★"}.get(workflow.name, "")
    flags = " ".join(f"--{option.flags[0]}" for option in workflow.options if option.flags)
    return f"{workflow.name}{mark}: {workflow.title_in(texts.language)}\n  {flags}".rstrip()


def _option(option: Option, vocabulary: Vocabulary, texts: Texts) -> str:
    text = f"option-{option.name}"
    told = option.help or (texts.say(text) if text in texts.ids() else "")
    said = f"--{vocabulary.spelling(option.name)}{_values(option, texts)}"
    return f"{said}: {told}" if told else said


def _values(option: Option, texts: Texts) -> str:
    """What it takes, and its default."""
    taken = ""
    if option.choices:
        taken = f" {_list(option.choices, texts)}"
    elif option.minimum is not None and option.maximum is not None and option.maximum <= _BOUND:
        taken = f" {option.minimum:g}–{option.maximum:g}"
    default = option.default if option.kind not in (Kind.TEXT, Kind.SWITCH) else None
    return taken if default is None else f"{taken} ({default})"


def _list(names: Sequence[str], texts: Texts) -> str:
    shown = texts.say("list", names=tuple(names[:_NAMES]))
    return shown if len(names) <= _NAMES else texts.say("list-more", names=shown, count=len(names) - _NAMES)
