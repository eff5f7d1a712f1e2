"""Updates that Telegram would never send, through the real process: nobody notices but the log."""

from __future__ import annotations

import copy
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.jobs.model import Action
from tests.talks import Easel, seen
from tests.telegram_api import Chat, Message, Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

Wire: TypeAlias = dict[str, Any]

SMALL = "--w 64 --h 64 --steps 1"
EXAMPLES = 150
BATCH = 25
MALLORY, WOLVES = 666, -1_000_000_000_002
"""Who sends all this, and where; nobody else is in that group."""


# What a proper update looks like


def user(number: int = MALLORY, name: str = "Mallory", **more: Any) -> Wire:
    return {"id": number, "is_bot": False, "first_name": name, "language_code": "en"} | more


PRIVATE = {"id": MALLORY, "type": "private", "first_name": "Mallory"}
GROUP = {"id": WOLVES, "type": "supergroup", "title": "Wolves", "is_forum": True}
CHANNEL = {"id": WOLVES - 1, "type": "channel", "title": "Howls"}
US = {"id": 700001, "is_bot": True, "first_name": "Easel", "username": "easel_bot"}
PHOTO = [{"file_id": "AgAD", "file_unique_id": "Q", "width": 64, "height": 48, "file_size": 1000}]
DOCUMENT = {"file_id": "BQAD", "file_unique_id": "R", "file_name": "a.png", "mime_type": "image/png", "file_size": 9}


def message(number: int, text: str | None, chat: Wire = PRIVATE, **more: Any) -> Wire:
    said = {} if text is None else {"text": text, "entities": entities(text)}
    return {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": user()} | said | more


def entities(text: str) -> list[Wire]:
    length = len(text.split(maxsplit=1)[0]) if text.strip() else 0
    return [{"type": "bot_command", "offset": 0, "length": length}] if text.startswith("/") else []


def ours(number: int) -> Wire:
    """A message of the bot's, which asks what to change."""
    text = "Mallory, what should change of k7m2qd?\n/imagine a fox"
    marks = [{"type": "code", "offset": 31, "length": 6}, {"type": "pre", "offset": 39, "length": 14}]
    return {"message_id": number, "date": 1, "chat": GROUP, "from": US, "text": text, "entities": marks}


def pressed(number: int, data: str | None, **more: Any) -> Wire:
    said = {} if data is None else {"data": data}
    under = {"message": ours(number), "chat_instance": "7"}
    return {"callback_query": {"id": str(number), "from": user()} | under | said | more}


def member(status: str, **more: Any) -> Wire:
    return {"user": US, "status": status} | more


def proper(n: int) -> list[Wire]:
    """One of every sort."""
    moved = {"chat": GROUP, "from": user(), "date": 1, "old_chat_member": member("member")}
    caption = {"photo": PHOTO, "caption": f"/imagine a fox {SMALL}"}
    origin = {"type": "user", "date": 1, "sender_user": user(5, "Eve")}
    outside = {"origin": origin, "chat": GROUP, "message_id": 5, "photo": PHOTO}
    return [
        {"message": message(n, f"/imagine a fox {SMALL}")},
        {"message": message(n, f"@easel_bot a fox {SMALL}", GROUP)},
        {"message": message(n, "--steps 2", GROUP, reply_to_message=ours(n - 1))},
        {"message": message(n, "--steps 3", GROUP, message_thread_id=4, is_topic_message=True)},
        {"message": message(n, None, GROUP, sender_chat=GROUP, **caption)},
        {"message": message(n, None, media_group_id=str(n), **caption)},
        {"message": message(n, None, document=DOCUMENT, has_media_spoiler=True)},
        {"message": message(n, "/imagine", external_reply=outside, quote={"text": "a", "position": 0})},
        {"message": message(n, "hello", forward_origin=origin, via_bot=US)},
        {"message": message(n, None, GROUP, new_chat_members=[US])},
        {"message": message(n, None, GROUP, contact={"phone_number": "1", "first_name": "x"})},
        {"edited_message": message(n, f"/imagine an owl {SMALL}", edit_date=1_700_000_001)},
        {"channel_post": message(n, f"/imagine a fox {SMALL}", CHANNEL, sender_chat=CHANNEL)},
        {"edited_channel_post": message(n, "/imagine", CHANNEL, sender_chat=CHANNEL, edit_date=2)},
        {"my_chat_member": moved | {"new_chat_member": member("restricted", is_member=True, until_date=0)}},
        {"my_chat_member": moved | {"new_chat_member": member("kicked", until_date=0)}},
        {"inline_query": {"id": str(n), "from": user(), "query": "a fox", "offset": "", "chat_type": "supergroup"}},
        pressed(n, "again:k7m2qd"),
        pressed(n, None, game_short_name="chess"),
        {"chosen_inline_result": {"result_id": "1", "from": user(), "query": ""}},
        {"message_reaction": {"chat": GROUP, "message_id": 1, "date": 1, "old_reaction": [], "new_reaction": []}},
        {"business_message": message(n, "/imagine a fox")},
        {"poll": {"id": "1", "question": "?", "options": []}},
        {"something_of_next_year": {"id": 1}},
    ]


# What is wrong with them


def nested(depth: int) -> Any:
    deep: Any = "x"
    for level in range(depth):
        deep = [deep] if level % 2 else {"text": deep}
    return deep


UNICODE = st.characters(exclude_categories=())
NASTY_TEXTS = (
    "\0",
    "\ud800",
    "\udc00\ud800",
    "a\0b\ud83d",
    "/imagine " + "🦊" * 16_000,
    "/imagine " + "a" * 65_536,
    "/" + "a" * 5000,
    "\u202e/imagine fox\u2066",
    "Z̵͉̈́a̶l̷g̴o̶" * 50,
    "/imagine {{ 7*7 }} %s %(x)s \\x00 '; DROP TABLE jobs; --",
    "/imagine fox --seed 1e999 --w -1 --h 99999999999999999999",
    "/imagine fox --w ٣٤٥ --steps ²",
    "/again " + "k" * 3000,
    "/settings size " + "9" * 4000,
    "/help \ud800\ud800",
    "--" * 2000,
    "\n" * 4096,
    "﷽" * 4096,
)
NASTY = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 1, 2**31, 2**53, 2**63, -(2**63), 10**30, -(10**30), 1.5, -0.0, 1e308]),
    st.sampled_from(NASTY_TEXTS),
    st.text(UNICODE, max_size=40),
    st.sampled_from([[], {}, [None], [[]], {"": None}, nested(200)]),
    st.lists(st.dictionaries(st.text(UNICODE, max_size=5), st.integers(), max_size=2), max_size=3),
)


def spots(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in it, as what holds it and its name there."""
    for name in tree if isinstance(tree, dict) else range(len(tree)):
        yield tree, name
        if isinstance(tree[name], dict | list):
            yield from spots(tree[name])


@st.composite
def broken(draw: st.DrawFn) -> Wire:
    """A proper update in which some places are not as they should be."""
    update = copy.deepcopy(draw(st.sampled_from(proper(draw(st.integers(10**6, 2 * 10**6))))))
    for _ in range(draw(st.sampled_from([0, 1, 1, 2, 3]))):
        holder, name = draw(st.sampled_from(list(spots(update))))
        if draw(st.sampled_from([True, True, True, False])):
            holder[name] = copy.deepcopy(draw(NASTY))
        else:
            del holder[name]
        if not update:
            break
    return update


def generated(count: int) -> list[Wire]:
    """So many of them, the same each time."""
    updates: list[Wire] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(broken())
    def collect(update: Wire) -> None:
        updates.append(update)

    collect()
    return updates


@dataclass(frozen=True, slots=True)
class Scene:
    """Who there is, and what they have: Ann's pictures `alone` and `shared` in a group, and the `card` of a third."""

    ann: Person
    mallory: Person
    foxes: Chat
    alone: Message
    shared: Message
    card: Message


TABLE = [
    *({"message": message(2_000_000 + n, text)} for n, text in enumerate(NASTY_TEXTS)),
    *({"message": message(2_100_000 + n, text, GROUP)} for n, text in enumerate(NASTY_TEXTS)),
    *({"message": message(2_200_000 + n, "/help") | {"from": user(name=text)}} for n, text in enumerate(NASTY_TEXTS)),
    {"message": message(2_300_000, None, photo=PHOTO, caption="x" * 65_536)},
    {"message": message(2_300_001, "/imagine") | {"entities": [{"type": "bot_command", "offset": 99, "length": 99}]}},
    {"message": message(2_300_002, "/imagine") | {"entities": [{"type": "code", "offset": -5, "length": -1}] * 300}},
    {"message": message(2_300_003, "a", GROUP, reply_to_message=ours(1) | {"entities": [{"type": "code"}]})},
    {
        "message": message(
            2_300_004,
            "a",
            GROUP,
            reply_to_message=ours(1)
            | {
                "entities": [
                    {"type": "code", "offset": 10**9, "length": 10**9},
                    {"type": "pre", "offset": 0, "length": 1},
                ]
            },
        )
    },
    {"message": message(-1, f"/imagine a fox {SMALL}")},
    {"message": message(2**63, f"/imagine a fox {SMALL}")},
    {"message": message(2_300_005, f"/imagine a fox {SMALL}", {"id": -(10**30), "type": "supergroup", "title": "?"})},
    {"message": message(2_300_006, f"/imagine a fox {SMALL}", {"id": 0, "type": "private"})},
    {"message": message(2_300_007, "/help", {"id": "@foxes", "type": "private"})},
    {"message": message(2_300_008, "/help", GROUP) | {"migrate_to_chat_id": True}},
    {"message": message(2_300_009, "/help", GROUP) | {"migrate_from_chat_id": "x" * 5000}},
    {"message": message(2_300_010, "/help"), "callback_query": {"id": "1", "from": user(), "data": "x"}},
    {"message": None},
    {"message": []},
    {"message": nested(400)},
    {"edited_message": message(2_300_011, "/imagine", edit_date=-(10**30))},
    {"message": message(2_300_012, "/imagine") | {"date": 10**30}},
    {},
]


# What must be so whatever comes


class Watch:
    """What people have, which must stay as it is, and what they are told.

    `owners` says who may have a job: those who are named in the message that asked for it, by chat and message.
    """

    def __init__(self, easel: Easel, ann: Person, foxes: Chat) -> None:
        self._easel = easel
        self._ann = ann
        self._foxes = foxes
        self._said = len(easel.log)
        self._known = self._asked("SELECT max(number) FROM jobs")[0][0]
        self._before = self._has()
        self.owners: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    async def through(self, updates: Sequence[Wire]) -> None:
        """Let these come. They are all confirmed, whoever asks for help gets it, and nothing has gone wrong."""
        api = self._easel.telegram
        for update in updates:
            api.send_raw(copy.deepcopy(update))
            self._note(update)
        await seen(self._ann.private, lambda: not api.updates.waiting)
        asked = self._ann.says("/help")
        assert (await self._easel.answer(asked)).text.startswith("Type what you want to see")
        self.look(updates)

    def look(self, updates: Sequence[Wire] = ()) -> None:
        """Everything is as it was, and whoever asked for something is who has it."""
        said = "\n".join(self._easel.log[self._said :])
        assert "Traceback" not in said, (said, updates)
        assert "fault of ours" not in said, (said, updates)
        assert self._has() == self._before
        for message in self._messages():
            assert "Traceback" not in message.text
            assert "Something went wrong" not in message.text, updates
        for owner, chat, request in self._asked(
            "SELECT owner, chat, request_message FROM jobs WHERE number > ?", self._known
        ):
            assert owner in self.owners[chat, request], (owner, chat, request)

    def _note(self, update: Wire) -> None:
        for body in update.values():
            if isinstance(body, dict) and isinstance(body.get("chat"), dict):
                speakers = (body.get(name) for name in ("from", "sender_chat", "chat"))
                named = {f"telegram:{one.get('id')}" for one in speakers if isinstance(one, dict)}
                self.owners[str(body["chat"].get("id")), str(body.get("message_id"))] |= named

    def _has(self) -> list[object]:
        """What Ann's jobs have come to, and what is to be seen of them."""
        jobs = self._asked(
            "SELECT id, state, cancelling, told, result_messages FROM jobs WHERE owner = ? ORDER BY number",
            f"telegram:{self._ann.id}",
        )
        shown = [chat.photos for chat in (self._ann.private, self._foxes)]
        cards = [one.text for one in self._ann.private.answers if "Cancel" in one.buttons]
        return [jobs, shown, len(cards)]

    def _messages(self) -> Iterator[Message]:
        for chat in self._easel.telegram.world.chats.values():
            yield from chat.answers

    def _asked(self, question: str, *what: object) -> list[Any]:
        with closing(sqlite3.connect(self._easel.folder / "data" / "easel.sqlite")) as ledger:
            return ledger.execute(question, what).fetchall()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(easel: Easel) -> AsyncIterator[Scene]:
    """Ann has a picture in her own chat and one in a group, and waits for a third; nothing more is drawn."""
    api = easel.telegram
    ann, mallory = api.person("Ann"), api.world.person("Mallory", user_id=MALLORY)
    foxes = api.supergroup("Foxes", ann, mallory)
    assert [api.supergroup("Wolves", mallory).id, api.channel("Howls", mallory).id] == [GROUP["id"], CHANNEL["id"]]
    await easel.answer(mallory.says("/help"))
    alone = await easel.result(ann.says(f"/imagine a fox {SMALL}"))
    shared = await easel.result(ann.says(f"/imagine an owl {SMALL}", foxes))
    with easel.holding():
        asked = ann.says(f"/imagine a tower {SMALL}")
        card = await seen(
            asked.chat, lambda: next((one for one in asked.chat.replies_to(asked) if "Cancel" in one.buttons), None)
        )
        await easel.comfyui.until(lambda: easel.comfyui.running is not None)
        await seen(asked.chat, lambda: card.text.startswith("Drawing"))
        yield Scene(ann, mallory, foxes, alone, shared, card)


@pytest.fixture
def watch(easel: Easel, scene: Scene) -> Watch:
    return Watch(easel, scene.ann, scene.foxes)


async def test_updates_that_are_not_as_they_should_be_harm_nobody(watch: Watch) -> None:
    updates = generated(EXAMPLES)
    for start in range(0, EXAMPLES, BATCH):
        await watch.through(updates[start : start + BATCH])


@pytest.mark.parametrize("update", TABLE)
async def test_known_nasties_harm_nobody(watch: Watch, update: Wire) -> None:
    await watch.through([update])


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("place", ["alone", "in a group"])
async def test_a_stranger_s_press_does_nothing_about_a_job_of_another_chat(
    easel: Easel, scene: Scene, watch: Watch, action: Action, place: str
) -> None:
    under = scene.mallory.private.answers[0] if place == "alone" else scene.shared
    before = len(under.chat.history)
    for job in (job_of(scene.alone), job_of(scene.card)):
        answer = await scene.mallory.presses(under, data=f"{action}:{job}")
        assert answer.alert
        assert answer.text.startswith("There is no job"), answer
    watch.look()
    assert len(under.chat.history) == before


@pytest.mark.parametrize("action", [Action.CANCEL, Action.DELETE])
async def test_a_stranger_can_take_no_picture_away(scene: Scene, watch: Watch, action: Action) -> None:
    answer = await scene.mallory.presses(scene.shared, data=f"{action}:{job_of(scene.shared)}")
    assert answer.alert
    watch.look()


@pytest.mark.parametrize(
    "where",
    [
        {"inline_message_id": "AgAAA1"},
        {"inline_message_id": "AgAAA1", "message": None},
        {"message": {"chat": GROUP, "message_id": 5, "date": 0}},
        {"message": {"chat": PRIVATE, "message_id": 2**63, "date": 0}},
        {"message": {}},
        {"message": []},
    ],
)
@pytest.mark.parametrize("action", Action)
async def test_a_press_under_a_message_that_nobody_can_see_does_nothing(
    scene: Scene, watch: Watch, action: Action, where: Wire
) -> None:
    press = pressed(7, f"{action}:{job_of(scene.alone)}")
    await watch.through([{"callback_query": press["callback_query"] | where}])


@pytest.mark.parametrize(
    "data", ["", ":", "again:", "again:" + "k" * 60, "AGAIN:k7m2qd", "again:../../x", "\0:\0", "🦊" * 16]
)
async def test_a_button_that_nobody_has_is_answered(scene: Scene, watch: Watch, data: str) -> None:
    answer = await scene.mallory.presses(scene.shared, data=data)
    assert answer.alert
    watch.look()


def job_of(message: Message) -> str:
    """The job that a message has buttons for."""
    return (message.keyboard[0][0].data or "").partition(":")[2]
