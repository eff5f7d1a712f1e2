"""A manifest, ``NAME.toml`` beside ``NAME.json``: what a person says of a workflow over what discovery finds.

    title = "FLUX.1 dev"                                   # or { en = "...", zh-CN = "..." }, as every text here
    description = "Pictures from words."
    command = "edit"                                       # a chat command of its own
    adult = false

    [roles]                                                # where values go; what is not said is discovered
    prompt = "6.text"                                      # an input of the graph
    seed = ["31.seed", "40.seed"]                          # several take one value
    negative = []                                          # switched off
    output = ["9"]                                         # nodes
    glow = "12.strength_model"                             # an option of this workflow's own...

    [options.glow]                                         # ...needs a table
    kind = "number"                                        # else told from the default or the graph
    default = 0.8
    minimum = 0
    maximum = 2
    flags = ["glow", "g"]
    help = "How strongly it glows"

    [options.steps]                                        # and a standard one may have one
    maximum = 40
    hidden = true                                          # nobody sets it; the default stands

Also: ``multiple_of`` and ``choices``. A second and third picture are the roles ``image2``, ``image3``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from bot.workflows.errors import NotToml, UnknownManifestKey, WrongManifestValue
from bot.workflows.nearest import nearest
from bot.workflows.options import Kind


def _texts(value: Any) -> Any:
    """A text alone is English; with translations, English must be among them."""
    texts = {"en": value} if isinstance(value, str) else value
    if not isinstance(texts, dict) or "en" not in texts:
        raise PydanticCustomError("languages", "a text, or a table of languages with en")
    return texts


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("number", "a number")
    return value


def _scalar(value: Any) -> Any:
    if not isinstance(value, str | int | float):
        raise PydanticCustomError("scalar", "a text, a number, true or false")
    return value


def _kind(value: Any) -> Any:
    if value not in (Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.CHOICE, Kind.SWITCH):
        raise PydanticCustomError("kind", "a kind of option")
    return Kind(value)


def _matching(pattern: str, expected: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not (isinstance(value, str) and re.fullmatch(pattern, value)):
            raise PydanticCustomError("form", "a word of a certain form", {"expected": expected})
        return value

    return BeforeValidator(check)


Texts = Annotated[dict[str, str], BeforeValidator(_texts)]
Places = Annotated[list[str], BeforeValidator(_one_or_more)]
Number = Annotated[Any, BeforeValidator(_number)]
Flag = Annotated[str, _matching(r"[^\W_][\w-]*", "flag")]
Command = Annotated[str, _matching(r"[a-z0-9_]{1,32}", "command")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class OptionSettings(_Strict):
    """What a manifest says of one option. None: as the role's standard, or as the graph has it."""

    kind: Annotated[Kind | None, BeforeValidator(_kind)] = None
    default: Annotated[Any, BeforeValidator(_scalar)] = None
    minimum: Number = None
    maximum: Number = None
    multiple_of: Annotated[int, Field(gt=0)] | None = None
    choices: list[str] = []
    flags: list[Flag] | None = None
    help: Texts = {}
    hidden: bool = False


class Manifest(_Strict):
    """What a manifest says of a workflow. `command`: 1 to 32 of a-z, 0-9 and _, as chats allow."""

    title: Texts = {}
    description: Texts = {}
    command: Command | None = None
    adult: bool = False
    roles: dict[str, Places] = {}
    options: dict[str, OptionSettings] = {}


def parse_manifest(text: str, file: str) -> Manifest:
    """Read a manifest. `file` is the name that errors show.

    Raises `NotToml`, `UnknownManifestKey` or `WrongManifestValue`, for the first thing that is wrong.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotToml(file, str(error)) from None
    try:
        return Manifest.model_validate(document)
    except ValidationError as error:
        raise _explained(error, file) from None


_EXPECTED: Mapping[str, str] = {
    "string_type": "text",
    "int_type": "whole-number",
    "greater_than": "whole-number",
    "bool_type": "switch",
    "list_type": "list",
    "dict_type": "table",
    "model_type": "table",
    "number": "number",
    "kind": "kind",
    "languages": "languages",
}


def _explained(error: ValidationError, file: str) -> UnknownManifestKey | WrongManifestValue:
    first = error.errors(include_url=False)[0]
    path = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        model = OptionSettings if path[0] == "options" and len(path) > 1 else Manifest
        return UnknownManifestKey(file, ".".join(path), nearest(path[-1], model.model_fields))
    expected = first["ctx"]["expected"] if first["type"] == "form" else _EXPECTED.get(first["type"], "default")
    key = path[:3] if path[0] == "options" else path[:2]
    return WrongManifestValue(file, ".".join(key), str(first["input"]), expected)
