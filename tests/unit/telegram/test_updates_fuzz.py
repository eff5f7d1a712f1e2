"""Updates that no Telegram ever sent."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from telegram import Update

from bot.telegram.updates import Heard, Pressed, read

from .conftest import ANN, CHANNEL, GROUP, ME, PRIVATE, US, message, photo, sticker, update, video

NASTY = st.text(
    st.one_of(
        st.characters(codec=None),  # surrogates too
        st.sampled_from("/／@—–-\0\u200b\u202e\u2066\ud83e\udd8a\ufeff👩\u200d🚀﷽ـ\u0301"),
    ),
    max_size=40,
)
ORDERS = st.sampled_from(["/imagine ", "@EaselBot", "--w 5", "—w 5", "/again@EaselBot "])
WORDS = st.lists(st.one_of(NASTY, ORDERS), max_size=4).map("".join)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), NASTY, st.lists(st.integers(), max_size=2)
)
USERS = st.fixed_dictionaries(
    {"id": st.integers(), "is_bot": st.booleans(), "first_name": NASTY},
    optional={"last_name": NASTY, "username": NASTY, "language_code": NASTY},
)
CHATS = st.one_of(
    st.sampled_from([PRIVATE, GROUP, CHANNEL]),
    st.fixed_dictionaries(
        {"id": st.integers(), "type": st.one_of(st.sampled_from(["private", "group", "supergroup", "channel"]), NASTY)},
        optional={"title": NASTY, "is_forum": st.booleans(), "is_direct_messages": st.booleans()},
    ),
)
MARKS = st.sampled_from(["code", "pre", "bold", "mention", "new"])
SPANS = st.integers(-9, 99)
ENTITIES = st.lists(st.fixed_dictionaries({"type": MARKS, "offset": SPANS, "length": SPANS}), max_size=3)


def messages(depth: int = 1) -> st.SearchStrategy[dict[str, Any]]:
    optional: dict[str, st.SearchStrategy[Any]] = {
        "text": WORDS,
        "caption": WORDS,
        "entities": ENTITIES,
        "caption_entities": ENTITIES,
        "from": st.one_of(USERS, st.sampled_from([ANN, US])),
        "sender_chat": CHATS,
        "via_bot": st.one_of(USERS, st.just(US)),
        "photo": st.sampled_from([[], photo()]),
        "sticker": st.sampled_from([sticker(), sticker(video=True)]),
        "video": st.just(video()),
        "media_group_id": NASTY,
        "message_thread_id": st.integers(),
        "is_topic_message": st.booleans(),
        "is_automatic_forward": st.booleans(),
        "migrate_to_chat_id": st.integers(),
        "migrate_from_chat_id": st.integers(),
        "forward_origin": st.just({"type": "hidden_user", "date": 1, "sender_user_name": "x"}),
    }
    if depth:
        optional["reply_to_message"] = messages(depth - 1)
    needed = {"message_id": st.integers(), "date": st.integers(0, 2**31), "chat": CHATS}
    return st.fixed_dictionaries(needed, optional=optional)


PRESSES = st.one_of(NASTY, st.sampled_from(["again:k7m2qd", "cancel:" + "x" * 99]))
QUERIES = st.fixed_dictionaries(
    {"id": NASTY, "from": USERS, "chat_instance": NASTY}, optional={"data": PRESSES, "message": messages(0)}
)
UPDATES = st.one_of(
    st.tuples(st.sampled_from(["message", "edited_message", "channel_post", "edited_channel_post"]), messages()),
    st.tuples(st.just("callback_query"), QUERIES),
)
quickly = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(UPDATES)
@quickly
def test_whatever_people_type_and_call_themselves_is_read(told: tuple[str, dict[str, Any]]) -> None:
    kind, what = told
    found = read(update(kind, what), ME)
    event(type(found).__name__)
    if isinstance(found, Heard):
        for text in (found.text, found.person.name):
            assert "\0" not in text
            text.encode()
        assert found.person.name.isprintable() or "\u200d" in found.person.name
        assert found.person.name


@given(st.data())
@quickly
def test_an_update_with_anything_in_any_field_is_read_or_passed_over(data: st.DataObject) -> None:
    kind, what = data.draw(UPDATES)
    what = json.loads(json.dumps(what))
    spots = [(part, key) for part in _parts(what) for key in part]
    for part, key in data.draw(st.lists(st.sampled_from(spots), min_size=1, max_size=3)):
        part[key] = data.draw(SCALARS)
    try:
        made = Update.de_json({"update_id": 1, kind: what}, None)
    except Exception:  # noqa: BLE001 - what the library cannot parse never comes to us
        assume(False)  # noqa: FBT003 - hypothesis has it so
    found = read(made, ME)
    if isinstance(found, Heard | Pressed):
        assert all(number == str(int(number)) for number in (found.place.chat, found.message))


@given(st.sampled_from([PRIVATE, GROUP, CHANNEL]), WORDS)
@quickly
def test_a_command_for_another_bot_is_never_heard(chat: dict[str, Any], words: str) -> None:
    for sender in ({"by": ANN}, {"by": None, "sender_chat": chat}):
        assert read(update("message", message(f"/imagine@OtherBot {words}", chat=chat, **sender)), ME) is None


def _parts(value: Any) -> list[dict[str, Any]]:
    """Every object in it."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return ([value] if isinstance(value, dict) else []) + [part for each in inner for part in _parts(each)]
