"""From files and the environment to `Settings`, or to everything that is wrong with them at once."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from bot.config.errors import (
    BadSettings,
    MissingSetting,
    NotAPattern,
    SettingsFileUnreadable,
    SettingsNotToml,
    SettingsProblem,
    UnknownSetting,
    WrongSetting,
)
from bot.config.model import DELIMITER, PREFIX, Key, dotted, is_secret, mentions, nearest, nearest_key, table_in
from bot.config.overlay import Overlay
from bot.config.secrets import HIDDEN, without_tokens
from bot.config.settings import Settings

_SHOWN_LENGTH = 60

_EXPECTED: Mapping[str, str] = {
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "integer"),
    **dict.fromkeys(("number", "float_type", "float_parsing", "finite_number"), "number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "switch"),
    **dict.fromkeys(("string_type", "path_type"), "text"),
    **dict.fromkeys(("tuple_type", "list_type"), "list"),
    **dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "table"),
    **{
        kind: kind
        for kind in (
            "url",
            "https",
            "database",
            "proxy",
            "host",
            "name",
            "person",
            "place",
            "username",
            "headers",
            "bot-token",
            "webhook-secret",
            "word",
            "pattern",
            "not-empty",
        )
    },
}
"""Pydantic's types of errors, and our own, as `WrongSetting.expected`."""

_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("more-than", "gt"),
    "greater_than_equal": ("at-least", "ge"),
    "less_than_equal": ("at-most", "le"),
    "too_short": ("longer", "min_length"),
}


def load(paths: Sequence[Path], environ: Mapping[str, str], *, data_folder: Path = Path("data")) -> Settings:
    """The defaults, then each file in turn, then the environment (``EASEL_SECTION__KEY``, lists as JSON).

    `data_folder` is where `Settings.data` lies if none of them says so.

    A variable that begins like ours and names no section (Kubernetes makes ``EASEL_PORT`` of a service) is not ours.

    Raises:
        BadSettings: With every problem that could be found.
    """
    overlay, unread = Overlay(), []
    overlay.lay({"data": {"folder": str(data_folder)}}, "")
    sources = [
        *((str(path), partial(_read, path), overlay.lay_file) for path in paths),
        *((name, partial(_variable, name, value), overlay.lay) for name, value in environ.items() if _is_ours(name)),
    ]
    for source, read, lay in sources:
        try:
            lay(read(), source)
        except SettingsProblem as problem:
            unread.append(problem)
    if unread:  # what else is wrong may only follow from these
        raise _bad(unread)
    overlay.read_secrets()
    problems = list(overlay.problems)
    try:
        settings = Settings.model_validate(overlay.tree)
    except ValidationError as invalid:
        problems += [_problem(error, overlay) for error in invalid.errors(include_url=False)]
    if problems:  # raised outside the handler: pydantic's own words would show secrets
        raise _bad(problems)
    return settings


def _bad(problems: Iterable[SettingsProblem]) -> BadSettings:
    return BadSettings(tuple(map(_hushed, problems)))


def _hushed(problem: Any) -> SettingsProblem:
    """The problem without the token that somebody may have put where something else belongs."""
    said = {name: without_tokens(value) for name, value in problem.details.items() if isinstance(value, str)}
    hushed: SettingsProblem = replace(problem, **said)  # each kind of problem is a dataclass, their root is none
    return hushed


def _read(path: Path) -> dict[str, Any]:
    source = str(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")  # Notepad begins files with a mark
        return _anchored(tomllib.loads(text), Settings, path.parent)
    except OSError as error:
        raise SettingsFileUnreadable(source, error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise SettingsNotToml(source, "not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsNotToml(source, str(error)) from None


def _anchored(tree: Mapping[str, Any], table: type[BaseModel], folder: Path) -> dict[str, Any]:
    """The tree with its relative paths below the folder."""
    anchored = dict(tree)
    for name, value in tree.items():
        field = table.model_fields.get(name)
        below = table_in(field.annotation) if field else None
        if below and isinstance(value, dict):
            anchored[name] = _anchored(value, below, folder)
        elif below and isinstance(value, list):
            anchored[name] = [_anchored(one, below, folder) if isinstance(one, dict) else one for one in value]
        elif field and mentions(field.annotation, Path):
            anchored[name] = _below(folder, value)
    return anchored


def _below(folder: Path, value: Any) -> Any:
    match value:
        case str():
            return str(folder / Path(value).expanduser())
        case list():
            return [_below(folder, one) for one in value]
        case dict():
            return {name: _below(folder, one) for name, one in value.items()}
        case _:
            return value


class _Variables(BaseSettings, Settings):
    """How pydantic-settings is to understand variables. Never made: it would read the environment by itself."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=DELIMITER)


class _Variable(EnvSettingsSource):
    """One variable at a time, so that each problem can name its own."""

    def __init__(self, name: str, value: str) -> None:
        self._only = {name.lower(): value}
        super().__init__(_Variables)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return self._only


def _is_ours(name: str) -> bool:
    rest = name.upper().removeprefix(PREFIX)
    return rest != name.upper() and (DELIMITER in rest or rest.lower() in Settings.model_fields)


def _variable(name: str, value: str) -> dict[str, Any]:
    key: Key = tuple(name.lower()[len(PREFIX) :].split(DELIMITER))
    try:
        tree = _Variable(name, value)()
    except SettingsError:
        raise WrongSetting(name, dotted(key), "json", (), HIDDEN, None) from None
    if not tree:
        meant = nearest_key(key[:1])
        raise UnknownSetting(name, dotted(key), dotted(meant) if meant else None)
    return _anchored(tree, Settings, Path())


def _problem(error: ErrorDetails, overlay: Overlay) -> SettingsProblem:
    key: Key = error["loc"]
    source, shown, kind, context = overlay.source_of(key), overlay.shown(key), error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        meant = nearest_key(key)
        return UnknownSetting(source, shown, overlay.shown(meant) if meant else None)
    if kind == "missing":
        return MissingSetting(source, shown)
    if kind == "not-a-pattern":
        return NotAPattern(source, shown, _show(error["input"]), context["place"], context["reason"])
    got = HIDDEN if is_secret(key) else _show(error["input"])
    if kind == "literal_error":
        choices = re.findall("'([^']*)'", context["expected"])
        meant_choice = nearest(str(error["input"]), choices)
        return WrongSetting(source, shown, "choice", tuple(choices), got, meant_choice)
    if kind in _BOUNDS:
        expected, name = _BOUNDS[kind]
        return WrongSetting(source, shown, expected, (str(context[name]).removesuffix(".0"),), got, None)
    return WrongSetting(source, shown, _EXPECTED[kind], (), got, None)


def _show(value: Any) -> str:
    """A value as a person wrote it, within reason. What is inside of tables and lists may be secret."""
    if isinstance(value, dict | list):
        return HIDDEN
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = without_tokens(re.sub(r"//[^/@]*@", f"//{HIDDEN}@", text))
    return text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + HIDDEN
