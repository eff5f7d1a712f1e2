"""Telegram's documented limits are enforced, in Telegram's words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.telegram_api import BotApi, Limits, Refusal, picture
from tests.telegram_api.clients import Clock, Wire, by_hand
from tests.telegram_api.limits import FloodControl
from tests.telegram_api.text import CAPTION, TEXT, cut, formatted, found, units

MB = 1 << 20
CANCEL = {"text": "Cancel", "callback_data": "cancel"}
FOX = "🦊"  # one character, two UTF-16 units


@pytest.fixture
async def ann(api: BotApi, wire: Wire) -> int:
    """Somebody whose chat has the messages 1, theirs, and 2, the bot's."""
    person = api.person("Ann")
    person.says("/start")
    await wire.ok("sendMessage", chat_id=person.id, text="Welcome")
    return person.id


def button(**fields: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Again"} | fields]]}


# Texts


@pytest.mark.parametrize(
    ("method", "parameters", "why"),
    [
        ("sendMessage", {"text": ""}, "message text is empty"),
        ("sendMessage", {"text": " \n "}, "text must be non-empty"),
        ("sendMessage", {"text": "a" * 4097}, "message is too long"),
        ("sendMessage", {"text": FOX * 2049}, "message is too long"),
        ("sendMessage", {"text": "a", "parse_mode": "HTML"}, "unsupported parse_mode"),
        ("sendMessage", {"text": "a", "reply_markup": button()},
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ("sendMessage", {"text": "a", "reply_markup": button(callback_data="")}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "a", "reply_markup": button(callback_data="ä" * 33)}, "BUTTON_DATA_INVALID"),
        ("sendMessage", {"text": "a", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ("sendMessage", {"text": "a", "reply_markup": {"inline_keyboard": [{}]}},
         'field "inline_keyboard" must be an Array of Arrays'),
        ("sendMessage", {"text": "a", "reply_markup": {"inline_keyboard": [[CANCEL] * 8] * 13}},
         "reply markup is too long"),
        ("sendMessage", {"text": "a", "reply_markup": {"force_reply": True, "input_field_placeholder": "a" * 65}},
         "input field placeholder is too long"),
        ("editMessageText", {"message_id": 2, "text": "a", "reply_markup": {"force_reply": True}},
         "inline keyboard expected"),
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPhoto", {"photo": "AgACunknown"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {"photo": "https://example.org/fox.png"}, "failed to get HTTP URL content"),
        ("sendMediaGroup", {"media": [{"type": "photo", "media": "attach://gone"}] * 2},
         "can't parse InputMedia: media not found"),
        ("sendMediaGroup", {"media": [{"type": "moon", "media": "x"}] * 2},
         'can\'t parse InputMedia: type "moon" is unsupported'),
        ("sendMediaGroup", {"media": [{}] * 11}, "too many messages to send as an album"),
        ("sendMediaGroup", {"media": [{}]}, "too few messages to send as an album"),
        ("sendChatAction", {"action": "dance"}, "wrong parameter action in request"),
        ("editMessageText", {"message_id": 99, "text": "a"}, "message to edit not found"),
        ("getChatAdministrators", {}, "there are no administrators in the private chat"),
        ("getFile", {}, "file_id not specified"),
        ("getFile", {"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"),
        ("getChatMember", {"user_id": 5}, "user not found"),
    ],
)  # fmt: skip
async def test_what_is_refused(wire: Wire, ann: int, method: str, parameters: dict[str, Any], why: str) -> None:
    assert await wire.refused(method, chat_id=ann, **parameters) == f"Bad Request: {why}"


async def test_what_is_just_allowed(wire: Wire, ann: int) -> None:
    keyboard = button(callback_data="x" * 64)
    sent = await wire.ok("sendMessage", chat_id=ann, text=FOX * 2048, reply_markup=keyboard)
    assert sent["reply_markup"] == keyboard
    await wire.ok("sendPhoto", {"photo": picture()}, chat_id=ann, caption=FOX * 512)
    assert await wire.refused("sendPhoto", {"photo": picture()}, chat_id=ann, caption=FOX * 512 + "a") == (
        "Bad Request: message caption is too long"
    )


async def test_a_chat_has_to_be_named_and_there(api: BotApi, wire: Wire) -> None:
    api.supergroup("Foxes").username = "foxes"
    await wire.ok("sendMessage", text="a", chat_id="@foxes")
    assert await wire.refused("sendMessage", text="a") == "Bad Request: chat_id is empty"
    assert await wire.refused("sendMessage", text="a", chat_id="@nobody") == "Bad Request: chat not found"


@pytest.mark.parametrize(
    ("offset", "length", "why"),
    [
        (0, 4, "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 4"),
        (4, 1, "entity begins after the end of the text at UTF-16 offset 4"),
        (0, 2, "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol"),
        (-1, 2, "receive an entity with incorrect offset -1"),
        (2, -1, "receive an entity with incorrect length -1"),
    ],
)
def test_entities_lie_within_the_text(offset: int, length: int, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        formatted("a🦊", [{"type": "bold", "offset": offset, "length": length}], TEXT)


@pytest.mark.parametrize("given", ["bold", {"type": "bold"}, {"type": "loud", "offset": 0, "length": 1}])
def test_an_entity_has_to_be_one(given: Any) -> None:
    with pytest.raises(Refusal, match="can't parse MessageEntity"):
        formatted("a fox", [given], TEXT)


def test_space_around_a_text_goes_and_entities_move_along() -> None:
    text, entities = formatted("\n 🦊 fox \n", [{"type": "bold", "offset": 0, "length": 8}], CAPTION)
    assert text == "🦊 fox"
    assert entities == [{"type": "bold", "offset": 0, "length": 6}]


@given(st.text(), st.data())
def test_an_entity_over_any_part_of_any_text_covers_that_part(text: str, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    bold = {"type": "bold", "offset": units(text[:start]), "length": units(text[start:end])}
    shown, entities = formatted(text, [bold], TEXT)
    covered = [cut(shown, one["offset"], one["length"]) for one in entities if one["type"] == "bold"]
    assert "".join(covered).strip() == text[start:end].strip()


def test_commands_and_mentions_are_found() -> None:
    said = "🦊 /imagine@easel_bot like @ann_b or a/b /no-way https://example.org/x"
    words = [(one["type"], cut(said, one["offset"], one["length"])) for one in found(said)]
    assert words == [
        ("bot_command", "/imagine@easel_bot"),
        ("mention", "@ann_b"),
        ("bot_command", "/no"),
        ("url", "https://example.org/x"),
    ]
    assert found("/imagine", [{"type": "code", "offset": 0, "length": 8}]) == []


# Files


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "file must be non-empty"),
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (picture(5000, 5001), "PHOTO_INVALID_DIMENSIONS"),
        (picture(10, 201), "PHOTO_INVALID_DIMENSIONS"),
        (
            bytes(10 * MB + 1),
            f"file of size {10 * MB + 1} bytes is too big for a photo; the maximum size is {10 * MB} bytes",
        ),
    ],
    ids=["empty", "undecodable", "sides", "ratio", "bytes"],
)
async def test_photos_that_telegram_does_not_take(wire: Wire, ann: int, data: bytes, why: str) -> None:
    assert await wire.refused("sendPhoto", {"photo": data}, chat_id=ann) == f"Bad Request: {why}"


async def test_photos_at_the_edge_are_taken(wire: Wire, ann: int) -> None:
    sent = await wire.ok("sendPhoto", {"photo": picture(10, 200)}, chat_id=ann)
    assert [(size["width"], size["height"]) for size in sent["photo"]] == [(5, 90), (10, 200)]
    await wire.ok("sendPhoto", {"photo": picture(9520, 480)}, chat_id=ann)


async def test_documents_up_to_fifty_megabytes_of_which_a_bot_gets_twenty_back(wire: Wire, ann: int) -> None:
    large = await wire.ok("sendDocument", {"document": bytes(20 * MB + 1)}, chat_id=ann)
    assert await wire.refused("getFile", file_id=large["document"]["file_id"]) == "Bad Request: file is too big"
    too_large = {"document": bytes(50 * MB + 1)}
    assert await wire.refused("sendDocument", too_large, chat_id=ann) == "Request Entity Too Large"


async def test_a_server_of_ones_own_gives_files_of_any_size_by_their_path(tmp_path: Path) -> None:
    async with BotApi(local=tmp_path) as api, by_hand(api) as wire:
        ann = api.person("Ann")
        data = bytes(20 * MB + 1)
        sent = ann.sends_document(data, "fox.bin")
        assert sent.document is not None
        path = (await wire.ok("getFile", file_id=sent.document.file_id))["file_path"]
        assert path.startswith(str(tmp_path))
        assert Path(path).read_bytes() == data  # noqa: ASYNC240  nothing else runs


# Commands


@pytest.mark.parametrize(
    ("commands", "why"),
    [
        ([{"command": "Imagine", "description": "d"}], "BOT_COMMAND_INVALID"),
        ([{"command": "up-scale", "description": "d"}], "BOT_COMMAND_INVALID"),
        ([{"command": "a" * 33, "description": "d"}], "command length must not exceed 32"),
        ([{"command": "a", "description": " "}], "command description must be non-empty"),
        ([{"command": "a", "description": "d" * 257}], "command description length must not exceed 256"),
        ([{"command": f"c{n}", "description": "d"} for n in range(101)], "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_menus_that_telegram_does_not_take(wire: Wire, commands: Any, why: str) -> None:
    assert await wire.refused("setMyCommands", commands=commands) == f"Bad Request: {why}"


async def test_a_menu_has_a_language_of_two_letters_and_a_chat_that_exists(wire: Wire) -> None:
    menu = {"commands": [{"command": "a", "description": "d"}]}
    assert await wire.refused("setMyCommands", language_code="zh-CN", **menu) == (
        "Bad Request: invalid language code specified"
    )
    scope = {"type": "chat", "chat_id": -5}
    assert await wire.refused("setMyCommands", scope=scope, **menu) == "Bad Request: chat not found"


# Queries


async def test_a_query_is_answered_in_time_or_not_at_all(api: BotApi, wire: Wire, clock: Clock) -> None:
    ann = api.person("Ann")
    ann.says("/start")
    await wire.ok("sendMessage", chat_id=ann.id, text="a", reply_markup=button(callback_data="x"))
    press = ann.presses(ann.private.answers[0], "Again")
    await wire.ok("answerInlineQuery", inline_query_id=(answered := ann.types("a")).id, results=[])
    query = ann.types("a fox")
    too_long = await wire.refused("answerCallbackQuery", callback_query_id=press.id, text="a" * 201)
    assert too_long == "Bad Request: MESSAGE_TOO_LONG"
    late = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert await wire.refused("answerInlineQuery", inline_query_id=answered.id, results=[]) == late
    clock.now += api.limits.query_age + 1
    assert await wire.refused("answerCallbackQuery", callback_query_id=press.id) == late
    assert await wire.refused("answerInlineQuery", inline_query_id=query.id, results=[]) == late


@pytest.mark.parametrize(
    ("results", "why"),
    [
        ([{"type": "article", "id": "1", "title": "a"}],
         "can't parse inline query result: can't find field \"message_text\""),
        ([{"type": "photo", "id": "1", "photo_file_id": "gone"}],
         "can't parse inline query result: wrong file identifier/HTTP URL specified"),
        ([{"type": "photo", "id": "x" * 65}], "RESULT_ID_INVALID"),
        ([{"type": "article", "id": "1", "input_message_content": {"message_text": "a"}}] * 2, "RESULT_ID_DUPLICATE"),
        ([{}] * 51, "too many inline query results specified"),
    ],
)  # fmt: skip
async def test_offers_that_telegram_does_not_take(api: BotApi, wire: Wire, results: Any, why: str) -> None:
    query = api.person("Ann").types("a fox")
    assert await wire.refused("answerInlineQuery", inline_query_id=query.id, results=results) == f"Bad Request: {why}"
    assert await wire.refused("answerInlineQuery", inline_query_id=query.id, results=[], next_offset="a" * 65) == (
        "Bad Request: NEXT_OFFSET_INVALID"
    )


# Floods


def flooded(control: FloodControl, chat: int, **how: Any) -> int:
    """The retry_after, or 0."""
    try:
        control.count(chat, "sendMessage", **({"group": False} | how))
    except Refusal as refusal:
        return int(refusal.parameters["retry_after"])
    return 0


def test_one_message_a_second_to_a_chat() -> None:
    clock = Clock()
    control = FloodControl(Limits(), clock)
    assert flooded(control, 1) == 0
    assert flooded(control, 1) == 1
    assert flooded(control, 2) == 0
    clock.now += 0.99
    assert flooded(control, 1, edit=True) == 1
    clock.now += 0.01
    assert flooded(control, 1) == 0
    assert [(flood.chat, flood.limit, flood.retry_after) for flood in control.floods] == [(1, "chat", 1)] * 2


def test_a_short_burst_and_edits_that_do_not_count_can_be_had() -> None:
    control = FloodControl(Limits(chat_burst=3, edits=False), Clock())
    assert [flooded(control, 1) for _ in range(4)] == [0, 0, 0, 1]
    assert flooded(control, 1, edit=True) == 0


def test_twenty_messages_a_minute_to_a_group_each_picture_of_an_album_counting() -> None:
    clock = Clock()
    control = FloodControl(Limits(), clock)
    assert flooded(control, 1, group=True, weight=10) == 0
    clock.now += 5
    assert flooded(control, 1, group=True, weight=10) == 0
    clock.now += 5
    assert flooded(control, 1, group=True) == 50
    assert flooded(control, 1, group=True, weight=10) == 50
    assert flooded(control, 1, group=True, weight=11) == 55
    clock.now += 50
    assert flooded(control, 1, group=True, weight=10) == 0
    clock.now += 1
    assert flooded(control, 1, group=True) == 4


def test_thirty_messages_a_second_to_all() -> None:
    control = FloodControl(Limits(), Clock())
    assert [flooded(control, chat) for chat in range(31)] == [0] * 30 + [1]
    assert control.floods[0].limit == "all"


def test_what_is_refused_does_not_count_and_limits_can_be_lifted_meanwhile() -> None:
    control = FloodControl(limits := Limits(), Clock())
    assert [flooded(control, 1) for _ in range(3)] == [0, 1, 1]
    limits.flood = False
    assert flooded(control, 1) == 0
    assert len(control.sent) == 2


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.floats(0, 2)), max_size=80))
def test_who_waits_as_long_as_told_is_let_through(steps: list[tuple[int, int, float]]) -> None:
    clock = Clock()
    control = FloodControl(Limits(), clock)
    for chat, weight, pause in steps:
        clock.now += pause
        wait = flooded(control, chat, group=chat > 1, weight=weight + 1)
        if wait:
            clock.now += wait
            assert flooded(control, chat, group=chat > 1, weight=weight + 1) == 0


async def test_a_flood_is_answered_with_the_time_to_wait(clock: Clock) -> None:
    async with BotApi(clock=clock) as api, by_hand(api) as wire:
        ann = api.person("Ann")
        ann.says("/start")
        await wire.ok("sendMessage", chat_id=ann.id, text="1")
        answer = await wire("sendMessage", chat_id=ann.id, text="2")
        assert answer == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        }
        assert await wire.ok("sendChatAction", chat_id=ann.id, action="typing")
        assert [message.text for message in ann.private.answers] == ["1"]
        assert [(flood.method, flood.limit) for flood in api.floods] == [("sendmessage", "chat")]
