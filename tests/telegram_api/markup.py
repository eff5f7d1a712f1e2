"""Reply markup: inline keyboards and forced replies, checked as Telegram checks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.telegram_api.model import Button, Keyboard
from tests.telegram_api.parameters import Parameters
from tests.telegram_api.refusals import bad

DATA_BYTES = 64
BUTTONS = 100
PLACEHOLDER = 64

_KINDS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
)  # fmt: skip


def read(parameters: Parameters) -> tuple[Keyboard, Mapping[str, Any] | None]:
    """The inline keyboard and the forced reply that a message is to have. Raises Refusal."""
    given = parameters.object("reply_markup", "reply keyboard markup")
    if given is None:
        return (), None
    if not isinstance(given, dict):
        raise bad("object expected as reply markup")
    if given.get("force_reply"):
        if len(given.get("input_field_placeholder") or "") > PLACEHOLDER:
            raise bad("input field placeholder is too long")
        return (), given
    return keyboard(given), None


def inline_only(parameters: Parameters) -> Keyboard:
    """As `read`, for edits."""
    buttons, forced = read(parameters)
    if forced is not None:
        raise bad("inline keyboard expected")
    return buttons


def keyboard(given: Mapping[str, Any]) -> Keyboard:
    """The rows of an InlineKeyboardMarkup."""
    rows = given.get("inline_keyboard")
    if rows is None:
        return ()
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" must be an Array of Arrays')
    read_rows = tuple(tuple(_button(button) for button in row) for row in rows)
    if sum(map(len, read_rows)) > BUTTONS:
        raise bad("reply markup is too long")
    return tuple(row for row in read_rows if row)


def _button(given: Any) -> Button:
    if not isinstance(given, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    text = given.get("text")
    if not isinstance(text, str):
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    if not text.strip():
        raise bad("inline keyboard button text must be non-empty")
    data = given.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= DATA_BYTES:
        raise bad("BUTTON_DATA_INVALID")
    if not any(kind in given for kind in _KINDS):
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    return Button(text, data, {name: value for name, value in given.items() if name != "text"})
