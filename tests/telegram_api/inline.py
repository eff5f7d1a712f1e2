"""Inline mode: what a bot offers to somebody who types its name and some words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.telegram_api import markup, sending
from tests.telegram_api.files import Document, Photo
from tests.telegram_api.model import Content
from tests.telegram_api.parameters import Parameters
from tests.telegram_api.people import Offer, Offers
from tests.telegram_api.refusals import Refusal, bad
from tests.telegram_api.text import CAPTION, TEXT

if TYPE_CHECKING:
    from tests.telegram_api.server import BotApi

RESULTS = 50
_ID_BYTES = 64
_OFFSET_BYTES = 64


def answer_inline(api: BotApi, parameters: Parameters) -> bool:
    """``answerInlineQuery``: once, and not too late."""
    query = api.world.queries.get(parameters.text("inline_query_id"))
    given = parameters.object("results", "encoded inline query results") or []
    if not isinstance(given, list):
        raise bad("expected an Array of inline query results")
    if len(given) > RESULTS:
        raise bad("too many inline query results specified")
    offers = tuple(_offer(api, one) for one in given)
    if len({offer.id for offer in offers}) < len(offers):
        raise bad("RESULT_ID_DUPLICATE")
    if len(parameters.text("next_offset").encode()) > _OFFSET_BYTES:
        raise bad("NEXT_OFFSET_INVALID")
    if query is None or query.answer.done() or api.clock() - query.asked_at > api.limits.inline_age:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    query.answer.set_result(
        Offers(
            offers,
            parameters.text("next_offset"),
            parameters.number("cache_time", 300),
            parameters.flag("is_personal"),
            parameters.object("button", "inline query results button"),
        )
    )
    return True


def _offer(api: BotApi, given: Any) -> Offer:
    if not isinstance(given, dict):
        raise bad("can't parse inline query result: Inline query result must be an object")
    for field in ("type", "id"):
        if not isinstance(given.get(field), str):
            raise bad(f"can't parse inline query result: Can't find field \"{field}\"")
    if not 1 <= len(given["id"].encode()) <= _ID_BYTES:
        raise bad("RESULT_ID_INVALID")
    try:
        content = _content(api, given)
    except Refusal as refusal:
        why = refusal.description.removeprefix("Bad Request: ")
        raise bad(f"can't parse inline query result: {why}") from refusal
    return Offer(given["id"], given["type"], str(given.get("title") or ""), content, given)


def _content(api: BotApi, given: Mapping[str, Any]) -> Content:
    """What is sent if that one is chosen."""
    keyboard = markup.keyboard(given.get("reply_markup") or {})
    instead = given.get("input_message_content")
    if instead is not None:
        words = dict(instead) | {"text": instead.get("message_text")}
        text, entities = sending.read_text(api, Parameters(words), TEXT)
        return Content(text, entities, keyboard=keyboard, link_preview=instead.get("link_preview_options"))
    match given["type"]:
        case "article":
            raise bad('can\'t find field "message_text"')
        case "photo" | "document" as kind:
            if f"{kind}_file_id" not in given:
                raise bad("failed to get HTTP URL content")
            wanted: type[Photo | Document] = Photo if kind == "photo" else Document
            media = api.files.media(given[f"{kind}_file_id"], wanted)
            caption, entities = sending.read_text(api, Parameters(given), CAPTION)
            return Content(caption, entities, media, keyboard=keyboard)
        case other:
            raise bad(f'type "{other}" is unsupported for the inline query result')


METHODS: dict[str, Callable[[BotApi, Parameters], Any]] = {"answerinlinequery": answer_inline}
