"""How updates are handled: in which order, with which pictures, and what becomes of presses."""

# ruff: noqa: ARG002 - what is around the desk here has one chat

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from telegram import ChatMember, ChatMemberOwner, Update, User
from telegram.error import BadRequest, NetworkError, TelegramError

from bot.chat.pacing import Call
from bot.chat.ports import Fetch, Incoming
from bot.chat.texts import Texts, texts_for
from bot.errors import EaselError
from bot.jobs.errors import AlreadyOver, NoSuchJob, NotYours
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.model import Action, Job, Person, Place, Recipe, Times
from bot.telegram.admins import Admins
from bot.telegram.attachments import RemoteFile
from bot.telegram.desk import QUIET, Desk
from bot.telegram.errors import SentFileTooLarge
from bot.telegram.updates import Asked

from .conftest import ANN, BOB, CHANNEL, GROUP, ME, PRIVATE, US, message, ours, photo, update

FOXES = Place("telegram", "-100500")
LOCKED = LedgerUnavailable("memory", "locked")


def job_of(place: Place) -> Job:
    return Job("k7m2qd", Person("telegram:11", "Ann"), place, "/imagine a fox", Recipe("paint", ()), Times(0.0))


class Account:
    """Telegram, as far as presses are answered there."""

    def __init__(self) -> None:
        self.bot = User(ME.id, "Easel", is_bot=True, username=ME.username)
        self.answers: list[tuple[str, str | None, bool | None]] = []
        self.trouble: TelegramError | None = None

    async def answer_callback_query(
        self, callback_query_id: str, *, text: str | None = None, show_alert: bool | None = None
    ) -> bool:
        self.answers.append((callback_query_id, text, show_alert))
        if self.trouble is not None:
            raise self.trouble
        return True

    async def get_chat_administrators(self, chat_id: str) -> Sequence[ChatMember]:
        return [ChatMemberOwner(User(BOB["id"], "Bob", is_bot=False), is_anonymous=False)]


@dataclass
class Talk:
    """A conversation that notes what it is told. `slow` holds up a text, or a move to a chat, until it is set."""

    received: list[Incoming] = field(default_factory=list)
    presses: list[tuple[Person, Place, str, Action, str | None]] = field(default_factory=list)
    told: list[tuple[Any, ...]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    slow: dict[str, asyncio.Event] = field(default_factory=dict)
    wrong: list[Exception] = field(default_factory=list)
    command: str | None = None

    async def receive(self, incoming: Incoming) -> Job | None:
        if incoming.text in self.slow:
            await self.slow[incoming.text].wait()
        self.received.append(incoming)
        self._fail()
        return None

    async def press(
        self, person: Person, place: Place, job: str, action: Action, message: str | None = None
    ) -> str | None:
        self.presses.append((person, place, job, action, message))
        self._fail()
        return self.command if action is Action.EDIT else None

    async def moved(self, old: Place, chat: str) -> None:
        if chat in self.slow:
            await self.slow[chat].wait()
        self.told.append(("moved", old, chat))

    async def left(self, place: Place) -> None:
        self.told.append(("left", place))

    async def texts_of(self, person: Person, place: Place) -> Texts:
        return texts_for(person.language)

    def offer(self, place: Place, call: Call) -> None:
        self.calls.append(call)

    def _fail(self) -> None:
        if self.wrong:
            raise self.wrong.pop(0)


class Front:
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.said: list[tuple[Any, ...]] = []

    async def ask_edit(
        self, place: Place, person: Person, job: str, command: str, texts: Texts, *, reply_to: str
    ) -> str:
        self.said.append(("edit", place, person.name, job, command, texts.language, reply_to))
        return "99"

    async def remove(self, place: Place, message: str) -> None:
        self.said.append(("remove", place, message))


class Jobs:
    """A ledger of messages; `catalog` is itself, with one workflow's command."""

    def __init__(self) -> None:
        self.messages: set[str] = set()
        self.trouble: EaselError | None = None
        self.catalog = self

    def command(self, name: str) -> object | None:
        return self if name == "upscale" else None

    async def job_of_message(self, place: Place, message: str) -> Job | None:
        if self.trouble is not None:
            raise self.trouble
        return job_of(place) if message in self.messages else None


class Pictures:
    """Fetches give the id of what would be fetched."""

    def fetch(self, file: RemoteFile) -> Fetch:
        async def fetch() -> bytes:
            return file.file_id.encode()

        return fetch


class Naps:
    """Sleeping, until the test says that the time is over."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._sleepers: list[asyncio.Future[None]] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append(sleeper)
        await sleeper

    def over(self) -> None:
        for sleeper in self._sleepers:
            if not sleeper.done():
                sleeper.set_result(None)


class Office:
    """A desk and all that is around it."""

    def __init__(self) -> None:
        self.account, self.talk, self.front, self.jobs = Account(), Talk(), Front(), Jobs()
        self.naps, self.questions = Naps(), list[Asked]()
        self.desk = Desk(
            self.talk,
            account=self.account,
            front=self.front,
            jobs=self.jobs,
            admins=Admins(self.account),
            pictures=Pictures(),
            ask_inline=self.ask,
            sleep=self.naps.sleep,
        )

    async def ask(self, asked: Asked) -> None:
        self.questions.append(asked)

    async def hears(self, text: str | None = None, *, kind: str = "message", **more: Any) -> None:
        await self.desk.take(update(kind, message(text, **more)))

    async def sees_pressed(self, data: str, under: dict[str, Any], by: dict[str, Any] = ANN) -> None:
        told = {"id": "42", "from": by, "chat_instance": "1", "data": data, "message": under}
        await self.desk.take(update("callback_query", told))

    async def falls_quiet(self) -> None:
        """For long enough, also where something came since the desk began to wait."""
        for _ in range(2):
            await settled()
            self.naps.over()

    @property
    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.talk.received]

    async def pictures(self, incoming: Incoming | None = None) -> list[str]:
        """The ids of the pictures of what was received last."""
        return [(await fetch()).decode() for fetch in (incoming or self.talk.received[-1]).pictures]


@pytest.fixture
def office() -> Office:
    return Office()


async def settled() -> None:
    """Every task has gone as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


# -- messages ---------------------------------------------------------------------------------------------------------


async def test_a_message_becomes_what_the_conversation_hears(office: Office) -> None:
    replied = message(photo=photo(), by=BOB)
    said = message("/imagine in snow", reply_to_message=replied, is_topic_message=True, message_thread_id=7)
    await office.desk.take(update("edited_message", said))
    (incoming,) = office.talk.received
    assert incoming.person == Person("telegram:11", "Ann Lee", "zh-hans")
    assert incoming.place == Place("telegram", "-100500", "7")
    assert (incoming.message, incoming.reply_to) == (str(said["message_id"]), str(replied["message_id"]))
    assert (incoming.text, incoming.album, incoming.edited) == ("/imagine in snow", False, True)
    assert await office.pictures() == ["px"]


async def test_a_bare_command_in_a_group_is_ours_if_we_have_it(office: Office) -> None:
    for said in ("/imagine a fox", "/upscale", "/start", "/weather", "/weather@EaselBot", "/upscale@Other"):
        await office.hears(said)
    assert office.texts == ["/imagine a fox", "/upscale", "/start", "/weather"]
    await office.hears("/weather", chat=PRIVATE)
    assert office.texts[4:] == ["/weather"]


@pytest.mark.parametrize(
    ("more", "admin"),
    [
        ({"by": ANN}, False),
        ({"by": BOB}, True),
        ({"by": BOB, "chat": PRIVATE}, False),
        ({"by": None, "sender_chat": GROUP}, True),
        ({"by": None, "sender_chat": CHANNEL}, False),
        ({"by": None, "chat": CHANNEL}, True),
    ],
)
async def test_whoever_administers_the_chat_is_an_admin_there(
    office: Office, more: dict[str, Any], *, admin: bool
) -> None:
    await office.hears("/imagine a fox", **more)
    assert office.talk.received[0].person.admin is admin


async def test_what_one_person_says_in_a_chat_is_handled_in_its_order_and_nobody_else_waits(office: Office) -> None:
    office.talk.slow["/imagine first"] = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(office.hears("/imagine first"))
        group.create_task(office.hears("/imagine second"))
        group.create_task(office.hears("/imagine elsewhere", chat=PRIVATE))
        group.create_task(office.hears("/imagine somebody else's", by=BOB))
        await settled()
        assert office.texts == ["/imagine elsewhere", "/imagine somebody else's"]
        office.talk.slow["/imagine first"].set()
    assert office.texts[2:] == ["/imagine first", "/imagine second"]
    assert len(office.desk._lanes) == 0


async def test_a_result_of_ours_is_left_to_the_conversation_as_long_as_its_job_is_known(office: Office) -> None:
    replied = ours(photo=photo())
    office.jobs.messages = {str(replied["message_id"])}
    await office.hears("/imagine in snow", reply_to_message=replied)
    assert await office.pictures() == []
    office.jobs.messages = set()
    await office.hears("/imagine in snow", reply_to_message=replied)
    assert await office.pictures() == ["px"]
    office.jobs.trouble = LOCKED
    await office.hears("/imagine in snow", reply_to_message=replied)
    assert await office.pictures() == []
    assert len(office.talk.received) == 3


@pytest.mark.parametrize("fault", [RuntimeError("a fault of ours"), LOCKED])
async def test_nothing_is_ever_raised_for_an_update(office: Office, fault: Exception) -> None:
    office.talk.wrong = [fault]
    await office.hears("/imagine a fox")
    await office.desk.take(Update(1))
    await office.hears("/imagine another")
    assert office.texts == ["/imagine a fox", "/imagine another"]


# -- albums -----------------------------------------------------------------------------------------------------------


async def test_an_album_is_one_message_with_all_of_its_pictures(office: Office) -> None:
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            more = {"caption": "/imagine in snow"} if name == "b" else {}
            group.create_task(office.hears(photo=photo(name), media_group_id="g", chat=PRIVATE, **more))
            await settled()
        office.naps.over()
        await settled()
        assert office.talk.received == []  # more came while it was waited for
        office.naps.over()
    (incoming,) = office.talk.received
    assert (incoming.text, incoming.album) == ("/imagine in snow", True)
    assert await office.pictures() == ["ax", "bx", "cx"]
    assert office.naps.slept == [QUIET, QUIET]
    assert office.desk._gatherings == {}


async def test_an_album_that_is_told_all_at_once_is_waited_for_once(office: Office) -> None:
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(office.hears(photo=photo(name), media_group_id="g", chat=PRIVATE))
        await office.falls_quiet()
    assert await office.pictures() == ["ax", "bx", "cx"]
    assert office.naps.slept == [QUIET]


async def test_albums_that_come_one_after_another_are_waited_for_together_and_keep_their_order(office: Office) -> None:
    """Or a hundred pictures that somebody sends at once would hold up everybody else for half a minute."""
    albums = {album: [f"{album}{n}" for n in range(3)] for album in ("a", "b", "c")}
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for album, names in albums.items():
            for name in names:
                group.create_task(office.hears(photo=photo(name), media_group_id=album, chat=PRIVATE))
        await settled()
        office.naps.over()
    pictures = [await office.pictures(incoming) for incoming in office.talk.received]
    assert pictures == [[f"{name}x" for name in names] for names in albums.values()]


async def test_no_item_of_an_album_is_done_before_the_album_is(office: Office) -> None:
    """So that none is confirmed, and lost if we die."""
    first = asyncio.create_task(office.hears(photo=photo("a"), media_group_id="g", chat=PRIVATE))
    second = asyncio.create_task(office.hears(photo=photo("b"), media_group_id="g", chat=PRIVATE))
    await settled()
    assert not first.done()
    assert not second.done()
    await office.falls_quiet()
    await asyncio.gather(first, second)
    assert len(office.talk.received) == 1


async def test_an_album_without_words_gets_one_answer_whenever_its_items_come(office: Office) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(office.hears(photo=photo("a"), media_group_id="g", chat=PRIVATE))
        await settled()
        office.naps.over()
    await office.hears(photo=photo("b"), media_group_id="g", chat=PRIVATE)
    assert [(incoming.text, len(incoming.pictures)) for incoming in office.talk.received] == [("", 1)]


async def test_in_a_group_the_items_without_words_come_along_and_say_nothing(office: Office) -> None:
    await office.hears(photo=photo("a"), media_group_id="g")
    async with asyncio.TaskGroup() as group:
        group.create_task(office.hears(photo=photo("b"), media_group_id="g", caption="/imagine in snow"))
        await settled()
        await office.hears(photo=photo("c"), media_group_id="g")
        await office.falls_quiet()
    assert office.texts == ["/imagine in snow"]
    assert await office.pictures() == ["ax", "bx", "cx"]


async def test_an_edited_caption_has_the_whole_album_at_once(office: Office) -> None:
    told = message(photo=photo("a"), media_group_id="g", caption="look")
    await office.desk.take(update("message", told))
    await office.hears(photo=photo("b"), media_group_id="g")
    await office.desk.take(update("edited_message", told | {"caption": "/imagine in snow"}))
    assert (office.texts, office.talk.received[0].edited) == (["/imagine in snow"], True)
    assert await office.pictures() == ["ax", "bx"]
    assert office.naps.slept == []


async def test_what_is_said_after_an_album_is_heard_after_it(office: Office) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(office.hears(photo=photo("a"), media_group_id="g", chat=PRIVATE, caption="in snow"))
        group.create_task(office.hears("/again", chat=PRIVATE))
        await settled()
        assert office.texts == []
        office.naps.over()
    assert office.texts == ["in snow", "/again"]


@pytest.mark.parametrize(
    ("said", "pictures"),
    [
        ("/imagine in snow", ["bx", "ax", "cx"]),
        ("/imagine in snow --pick 1", ["ax", "bx", "cx"]),
        ("/imagine in snow —pick 3", ["ax", "bx", "cx"]),
    ],
)
async def test_a_reply_to_one_of_an_album_means_that_one_unless_another_is_picked(
    office: Office, said: str, pictures: list[str]
) -> None:
    items = [message(photo=photo(name), media_group_id="g", by=BOB) for name in "abc"]
    for item in items:
        await office.desk.take(update("message", item))
    await office.hears(said, reply_to_message=items[1])
    assert await office.pictures() == pictures
    assert office.talk.received[0].album


async def test_of_an_album_that_was_not_seen_there_is_the_one_replied_to(office: Office) -> None:
    await office.hears("/imagine in snow", reply_to_message=message(photo=photo("b"), media_group_id="g", by=BOB))
    assert await office.pictures() == ["bx"]
    assert not office.talk.received[0].album


# -- presses ----------------------------------------------------------------------------------------------------------


def status(data: str = "cancel:k7m2qd", **more: Any) -> dict[str, Any]:
    return ours("Drawing", reply_markup={"inline_keyboard": [[{"text": "Cancel", "callback_data": data}]]}, **more)


async def test_a_press_is_done_and_the_button_comes_to_rest(office: Office) -> None:
    under = status("again:k7m2qd")
    await office.sees_pressed("again:k7m2qd", under, by=BOB)
    ((person, place, job, action, request),) = office.talk.presses
    assert (person.id, person.admin, place, job, action) == ("telegram:12", True, FOXES, "k7m2qd", Action.AGAIN)
    assert request == f"{under['message_id']}/42"
    assert office.account.answers == [("42", None, False)]


async def test_a_refusal_is_an_alert_in_the_persons_language(office: Office) -> None:
    office.talk.wrong = [NotYours("k7m2qd"), NotYours("k7m2qd"), RuntimeError("a fault of ours")]
    await office.sees_pressed("cancel:k7m2qd", status(), by=BOB)
    await office.sees_pressed("cancel:k7m2qd", status(), by=ANN)
    await office.sees_pressed("cancel:k7m2qd", status(), by=BOB)
    english, chinese, fault = office.account.answers
    assert english == ("42", texts_for("en").explain(NotYours("k7m2qd")), True)
    assert chinese == ("42", texts_for("zh").explain(NotYours("k7m2qd")), True)
    assert fault[1]
    assert "RuntimeError" not in fault[1]


async def test_an_alert_is_no_longer_than_telegram_shows(office: Office) -> None:
    office.talk.wrong = [SentFileTooLarge("x" * 500)]
    office.jobs.trouble = LOCKED
    await office.sees_pressed("again:" + "k" * 32, status())
    ((_, text, _),) = office.account.answers
    assert text is not None
    assert len(text) <= 200


@pytest.mark.parametrize("data", ["", "again", "explode:k7m2qd", "again:" + "k" * 500, "\ud800:\0"])
async def test_nonsense_is_answered_too(office: Office, data: str) -> None:
    await office.sees_pressed(data, status(), by=BOB)
    ((_, text, alert),) = office.account.answers
    assert (text, alert) == ("This button no longer does anything.", True)
    assert office.talk.presses == []


async def test_an_answer_that_comes_too_late_changes_nothing(office: Office) -> None:
    office.account.trouble = BadRequest("Query is too old")
    await office.sees_pressed("again:k7m2qd", status())
    assert len(office.talk.presses) == len(office.account.answers) == 1


async def test_an_answer_that_the_network_fails_is_sent_again_for_as_long_as_somebody_may_be_looking_on(
    office: Office,
) -> None:
    office.account.trouble = NetworkError("no route")
    async with asyncio.TaskGroup() as group:
        pressed = group.create_task(office.sees_pressed("again:k7m2qd", status()))
        while not pressed.done():
            await office.falls_quiet()
    assert len(office.talk.presses) == 1
    assert office.account.answers == [("42", None, False)] * 3


async def test_edit_asks_the_person_in_their_chats_turn(office: Office) -> None:
    office.talk.command = "/imagine a fox"
    under = status("edit:k7m2qd", is_topic_message=True, message_thread_id=7)
    await office.sees_pressed("edit:k7m2qd", under)
    assert office.front.said == []
    (ask,) = office.talk.calls
    await ask()
    place = Place("telegram", "-100500", "7")
    replied = str(under["message_id"])
    assert office.front.said == [("edit", place, "Ann Lee", "k7m2qd", "/imagine a fox", "zh-CN", replied)]
    assert office.account.answers == [("42", None, False)]


@pytest.mark.parametrize("wrong", [None, AlreadyOver("k7m2qd"), NoSuchJob("k7m2qd")])
async def test_cancel_under_a_status_message_of_no_job_takes_it_away(office: Office, wrong: EaselError | None) -> None:
    office.talk.wrong = [wrong] if wrong else []
    under = status()
    await office.sees_pressed("cancel:k7m2qd", under)
    for call in office.talk.calls:
        await call()
    assert office.front.said == [("remove", FOXES, str(under["message_id"]))]


@pytest.mark.parametrize(
    ("wrong", "data", "known"),
    [
        (None, "cancel:k7m2qd", True),
        (AlreadyOver("k7m2qd"), "cancel:k7m2qd", True),
        (NotYours("k7m2qd"), "cancel:k7m2qd", False),
        (None, "again:k7m2qd", False),
    ],
)
async def test_nothing_else_is_taken_away(office: Office, wrong: EaselError | None, data: str, *, known: bool) -> None:
    office.talk.wrong = [wrong] if wrong else []
    under = status(data)
    office.jobs.messages = {str(under["message_id"])} if known else set()
    await office.sees_pressed(data, under)
    assert office.talk.calls == []


async def test_a_forged_cancel_takes_no_result_away(office: Office) -> None:
    office.talk.wrong = [NoSuchJob("zzzzzz")]
    await office.sees_pressed("cancel:zzzzzz", status("again:k7m2qd"))
    assert office.talk.calls == []


async def test_a_ledger_that_cannot_be_read_takes_nothing_away(office: Office) -> None:
    office.jobs.trouble = LOCKED
    await office.sees_pressed("cancel:k7m2qd", status())
    assert office.talk.calls == []
    assert len(office.account.answers) == 1


# -- everything else --------------------------------------------------------------------------------------------------


async def test_words_behind_our_name_go_to_whoever_answers_them(office: Office) -> None:
    await office.desk.take(update("inline_query", {"id": "9", "from": ANN, "query": "a fox", "offset": ""}))
    assert [asked.text for asked in office.questions] == ["a fox"]


async def test_a_move_is_passed_on(office: Office) -> None:
    await office.hears(chat=GROUP | {"id": -500}, migrate_to_chat_id=-100500)
    assert office.talk.told == [("moved", Place("telegram", "-500"), "-100500")]


async def test_what_is_said_in_a_chat_that_moves_waits_for_the_move_and_keeps_its_order(office: Office) -> None:
    written = office.talk.slow["-100500"] = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(office.hears(migrate_from_chat_id=-500))
        for said in ("/imagine a fox", "/imagine a tower"):
            group.create_task(office.hears(said))
        group.create_task(office.hears("/imagine a lake", chat=PRIVATE))
        await settled()
        assert office.texts == ["/imagine a lake"]
        written.set()
    assert office.talk.told == [("moved", Place("telegram", "-500"), "-100500")]
    assert office.texts == ["/imagine a lake", "/imagine a fox", "/imagine a tower"]


@pytest.mark.parametrize("state", ["left", "kicked"])
async def test_so_is_that_we_were_removed(office: Office, state: str) -> None:
    now = {"status": state, "user": US} | ({"until_date": 0} if state == "kicked" else {})
    was = {"status": "member", "user": US}
    told = {"chat": GROUP, "from": ANN, "date": 1, "old_chat_member": was, "new_chat_member": now}
    await office.desk.take(update("my_chat_member", told))
    assert office.talk.told == [("left", FOXES)]


async def test_to_be_added_to_a_chat_is_not_spoken_of(office: Office) -> None:
    told = {
        "chat": GROUP,
        "from": ANN,
        "date": 1,
        "old_chat_member": {"status": "left", "user": US},
        "new_chat_member": {"status": "member", "user": US},
    }
    await office.desk.take(update("my_chat_member", told))
    assert (office.talk.told, office.talk.calls, office.talk.received) == ([], [], [])
