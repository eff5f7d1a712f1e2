from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from telegram import Bot, InlineQueryResultsButton

from bot.chat.texts import texts_for
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.model import Job, Person, Place, Recipe, State, Times
from bot.jobs.policy.content import Content
from bot.jobs.policy.rules import Rules
from bot.telegram.client import open_bot
from bot.telegram.inline import Inline, offers
from bot.telegram.settings import LineSettings
from bot.telegram.updates import Asked
from bot.workflows.graph import Graph
from bot.workflows.options import Kind, Option, Role
from bot.workflows.workflow import Workflow
from tests.telegram_api import BotApi, Offers
from tests.telegram_api import Person as Somebody

PROMPT = Option(Role.PROMPT, Kind.TEXT, ("prompt",))


def workflow(name: str, *, adult: bool = False) -> Workflow:
    return Workflow(name, name.title(), "", Graph({}), (PROMPT,), {}, (), adult=adult)


def done(job: str, prompt: str, **more: Any) -> Job:
    recipe = Recipe(more.pop("workflow", "paint"), (("prompt", prompt),))
    made = Job(job, Person("telegram:1001", "Ann"), Place("telegram", "1"), "", recipe, Times(0.0), state=State.DONE)
    return replace(made, **more)


@dataclass
class House:
    """Somebody's jobs, and what Telegram has of them."""

    jobs: list[Job] = field(default_factory=list)
    files: dict[str, dict[str, str]] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    workflows: list[Workflow] = field(default_factory=lambda: [workflow("paint"), workflow("nude", adult=True)])
    trouble: LedgerUnavailable | None = None
    banned: set[str] = field(default_factory=set)

    @property
    def catalog(self) -> Any:
        return SimpleNamespace(all=lambda: tuple(self.workflows))

    @property
    def house(self) -> Any:
        async def keeps_out(person: Person) -> bool:
            return person.id in self.banned

        return SimpleNamespace(rules=self.rules, keeps_out=keeps_out)

    async def mine(self, person: Person, limit: int) -> Sequence[Job]:
        if self.trouble:
            raise self.trouble
        return [job for job in self.jobs if job.owner.id == person.id][:limit]

    async def uploads(self, account: str, job: str, /) -> Mapping[str, str]:
        assert account == "telegram:700001"
        return self.files.get(job, {})


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with open_bot(LineSettings(api.token, api.url, f"{api.url}/file")) as bot:
        await bot.get_me()
        yield bot


@pytest.fixture
def ann(api: BotApi) -> Somebody:
    return api.person("Ann")


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def photo(api: BotApi) -> Callable[[], str]:
    """The file id of a new photo."""

    def photo() -> str:
        file = BytesIO()
        Image.new("RGB", (64, 64)).save(file, "PNG")
        return api.files.photo(file.getvalue()).file_id

    return photo


@pytest.fixture
def typed(api: BotApi, bot: Bot, ann: Somebody, house: House) -> Callable[..., Any]:
    """What is offered to Ann when she types something."""

    async def typed(words: str, chat: Any = None, language: str = "en") -> Offers:
        inline = Inline(bot, house, house, "telegram:700001", language="en")
        query = ann.types(words, chat)
        person = Person(f"telegram:{ann.id}", "Ann", language)
        kind = "sender" if chat is None else chat.kind
        async with asyncio.timeout(20):
            await inline.answer(Asked(query.id, person, words, kind))
            return await query

    return typed


async def test_words_can_be_sent_as_a_command_that_is_meant_for_us(
    api: BotApi, ann: Somebody, typed: Callable[..., Any]
) -> None:
    foxes = api.group("Foxes", ann)

    shown = await typed("a fox  in snow", foxes)
    message = ann.chooses(shown.results[0], foxes)

    assert shown.titles == ["Make: a fox in snow"]
    assert message.text == "/imagine@easel_bot a fox in snow"
    assert api.updates.told[-1].body["text"] == "/imagine@easel_bot a fox in snow"
    assert (shown.personal, shown.cache_time, shown.button) == (True, 0, None)


async def test_in_a_chat_of_two_others_nothing_can_be_made(api: BotApi, bot: Bot, ann: Somebody, house: House) -> None:
    query = ann.types("a fox")
    await Inline(bot, house, house, "telegram:700001", language="en").answer(
        Asked(query.id, Person(f"telegram:{ann.id}", "Ann", "en"), "a fox", "private")
    )

    assert (await query).results == ()


async def test_ones_own_newest_pictures_can_be_shared_anywhere(
    api: BotApi, ann: Somebody, house: House, typed: Callable[..., Any], photo: Callable[[], str]
) -> None:
    house.jobs = [done("k7m2qd", "a fox"), done("b2b2b2", "a tower")]
    house.files = {
        "k7m2qd": {"2/photo": photo(), "10/photo": photo(), "1/photo": photo(), "9f86d08": "a document"},
        "b2b2b2": {"1/photo": photo()},
    }

    shown = await typed("")
    message = ann.chooses(shown.results[0], api.group("Foxes", ann))

    assert [offer.id for offer in shown.results] == ["k7m2qd-1", "k7m2qd-2", "k7m2qd-10", "b2b2b2-1"]
    assert shown.results[0].raw["photo_file_id"] == house.files["k7m2qd"]["1/photo"]
    assert message.text == "a fox"


async def test_those_with_the_words_come_first(
    house: House, typed: Callable[..., Any], photo: Callable[[], str]
) -> None:
    house.jobs = [done("k7m2qd", "a fox"), done("b2b2b2", "a Tower at dusk"), done("c3c3c3", "a well")]
    house.files = {job.id: {"1/photo": photo()} for job in house.jobs}

    shown = await typed("tower")

    assert [offer.id for offer in shown.results] == ["make", "b2b2b2-1", "k7m2qd-1", "c3c3c3-1"]


@pytest.mark.parametrize(
    "job",
    [
        done("k7m2qd", "a fox", spoiler=True),
        done("k7m2qd", "a fox", workflow="nude"),
        done("k7m2qd", "a fox", workflow="taken away"),
        done("k7m2qd", "a fox", state=State.DELIVERING),
        done("k7m2qd", "a bloody fox"),
        done("k7m2qd", "a fox", owner=Person("telegram:5", "Bob")),
    ],
    ids=["covered", "for adults", "of an unknown workflow", "not posted yet", "to be covered by now", "another's"],
)
async def test_some_pictures_are_never_offered(
    house: House, typed: Callable[..., Any], photo: Callable[[], str], job: Job
) -> None:
    house.rules = Rules(content=Content(spoiler_words=("bloody",)))
    house.jobs = [job, done("b2b2b2", "a tower")]
    house.files = {each.id: {"1/photo": photo()} for each in house.jobs}

    assert [offer.id for offer in (await typed("")).results] == ["b2b2b2-1"]


async def test_to_somebody_who_is_banned_no_pictures_are_offered(
    ann: Somebody, house: House, typed: Callable[..., Any], photo: Callable[[], str]
) -> None:
    house.jobs = [done("k7m2qd", "a fox")]
    house.files = {"k7m2qd": {"1/photo": photo()}}
    house.banned = {f"telegram:{ann.id}"}

    assert (await typed("")).results == ()


async def test_no_more_are_offered_than_somebody_would_look_through(
    house: House, typed: Callable[..., Any], photo: Callable[[], str]
) -> None:
    house.jobs = [done(f"a{n}", "a fox") for n in range(60)]
    house.files = {job.id: {f"{n}/photo": photo() for n in range(1, 5)} for job in house.jobs}

    assert len((await typed("a fox")).results) == 21


@pytest.mark.parametrize(
    ("words", "kind", "text_id"),
    [
        ("", "group", "inline-type"),
        ("", "supergroup", "inline-type"),
        ("", "channel", "inline-type"),
        ("", "sender", "inline-type"),
        ("", "private", "inline-nothing"),
        ("a fox", "private", "inline-nothing"),
        ("", None, "inline-nothing"),
    ],
)
def test_where_there_is_nothing_to_choose_from_it_says_what_to_do(words: str, kind: str | None, text_id: str) -> None:
    texts = texts_for("en")
    asked = Asked("1", Person("telegram:1001", "Ann", "en"), words, kind)

    results, button = offers(asked, [], "easel_bot", texts)

    assert results == []
    assert button == InlineQueryResultsButton(texts.say(text_id), start_parameter="imagine")


async def test_it_speaks_the_persons_language(typed: Callable[..., Any]) -> None:
    assert (await typed("狐狸", language="zh-hans")).titles == ["生成：狐狸"]


async def test_the_longest_words_that_telegram_lets_somebody_type_fit(typed: Callable[..., Any]) -> None:
    shown = await typed("\N{FOX FACE}" * 256)

    assert shown.results[0].content.text == "/imagine@easel_bot " + "\N{FOX FACE}" * 256


async def test_without_a_ledger_words_can_still_be_sent(house: House, typed: Callable[..., Any]) -> None:
    house.trouble = LedgerUnavailable("locked", "")

    assert (await typed("a fox")).titles == ["Make: a fox"]


async def test_a_query_that_is_too_old_is_no_trouble(bot: Bot, house: House) -> None:
    inline = Inline(bot, house, house, "telegram:700001", language="en")

    await inline.answer(Asked("123", Person("telegram:1", "Ann", "en"), "a fox", "group"))


async def test_a_picture_that_telegram_knows_no_more_keeps_nobody_from_making_one(
    ann: Somebody, api: BotApi, house: House, typed: Callable[..., Any]
) -> None:
    house.jobs, house.files = [done("k7m2qd", "a fox")], {"k7m2qd": {"1/photo": "of-another-bot"}}

    shown = await typed("a fox", api.group("Foxes", ann))

    assert shown.titles == ["Make: a fox"]
