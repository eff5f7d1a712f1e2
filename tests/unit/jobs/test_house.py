from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.errors import EaselError, Span
from bot.jobs.errors import TooLarge
from bot.jobs.house import House
from bot.jobs.ledger.memory import MemoryRegister
from bot.jobs.ledger.port import Entry
from bot.jobs.model import Act, ChatSettings, Job, Person, Place, Recipe, Spent, Times
from bot.jobs.policy.content import Content
from bot.jobs.policy.errors import (
    AdultsOnly,
    BadSubject,
    Banned,
    BlockedWords,
    ChatBanned,
    CoolingDown,
    DailyJobsUsed,
    LimitTooLoose,
    NotAdmin,
    NotAllowedHere,
    NotBanned,
    NotOperator,
    OperatorsStay,
    Paused,
    PictureTooLarge,
    TooManyWaiting,
    WordsNotChecked,
)
from bot.jobs.policy.limits import UNLIMITED, Limits, Rank
from bot.jobs.policy.rules import Guest, Rules
from bot.jobs.policy.settings import Setting
from bot.workflows.graph import Graph
from bot.workflows.options import Kind, Option
from bot.workflows.workflow import Workflow

HERE, THERE = Place("telegram", "-100", "7"), Place("telegram", "-200")
ADA, BOB = Person("telegram:1", "Ada"), Person("telegram:2", "Bob")
ADMIN, BOSS = Person("telegram:3", "Cho", admin=True), Person("telegram:9", "Boss")
RULES = Rules(
    operators=frozenset({BOSS.id}),
    chats=frozenset({HERE.subject}),
    limits={Rank.MEMBER: Limits(steps=40, waiting=2)},
    content=Content(words=("gore",), patterns=(r"(a+)+$",), spoiler_words=("spider",), match_seconds=0.02),
)
PAINT = Workflow("paint", "Paint", "", Graph({}), (Option("prompt", Kind.TEXT, ("prompt",)),), {}, ())
MEMBER = Guest(Rank.MEMBER, Limits(), ChatSettings())


class Clock:
    """A clock that tests set."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def recipe(prompt: str = "a fox", **values: float) -> Recipe:
    return Recipe("paint", (("prompt", prompt), *values.items()))


def job(owner: Person, place: Place = HERE) -> Job:
    return Job("k7m2qd", owner, place, "/imagine a fox", recipe(), Times(1.0))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register() -> MemoryRegister:
    return MemoryRegister()


@pytest.fixture
def house(register: MemoryRegister, clock: Clock) -> House:
    return House(register, RULES, clock=clock)


class HesitantRegister(MemoryRegister):
    """A register that lets others run meanwhile, as a database does."""

    async def look_up(self, person: str, place: Place) -> Entry:
        entry = await super().look_up(person, place)
        await asyncio.sleep(0)
        return entry


async def admitted(house: House, person: Person, place: Place = THERE) -> bool:
    try:
        await house.admit(person, place)
    except (NotAllowedHere, Banned):
        return False
    return True


# Guests


async def test_a_guest_of_a_listed_chat_has_the_limits_of_their_rank(house: House) -> None:
    assert await house.admit(ADA, HERE) == Guest(Rank.MEMBER, Limits(steps=40, waiting=2), ChatSettings())
    assert (await house.admit(BOSS, THERE)).limits == UNLIMITED


async def test_a_stranger_learns_both_ids_that_an_operator_needs(house: House) -> None:
    with pytest.raises(NotAllowedHere) as refused:
        await house.admit(ADA, THERE)
    assert refused.value.details == {"chat": "telegram/-200", "person": "telegram:1"}


async def test_new_rules_count_at_once(house: House) -> None:
    house.replace(Rules(operators=frozenset({ADA.id})))
    assert house.rules.operators == {ADA.id}
    assert [house.rank(person) for person in (ADA, BOSS)] == [Rank.OPERATOR, Rank.MEMBER]
    assert await admitted(house, ADA)
    assert not await admitted(house, BOSS, HERE)


# A new job


def test_a_job_within_the_rules_passes(house: House) -> None:
    house.check(MEMBER, ADA, HERE, recipe(), PAINT, inputs=[(64, 64)])


@pytest.mark.parametrize(
    ("prompt", "values", "inputs", "refusal"),
    [
        ("gore", {}, (), BlockedWords),
        ("a fox", {"width": 9000, "height": 9000}, (), TooLarge),
        ("a fox", {}, [(9000, 9000)], PictureTooLarge),
        ("a" * 5000 + "!", {}, (), WordsNotChecked),
    ],
)
def test_a_job_outside_the_rules_is_refused(house: House, prompt: str, values, inputs, refusal) -> None:
    with pytest.raises(refusal):
        house.check(MEMBER, ADA, HERE, recipe(prompt, **values), PAINT, inputs=inputs)


def test_the_log_names_a_pattern_that_is_too_slow_and_who_met_it(house: House) -> None:
    with capture_logs() as logs, pytest.raises(WordsNotChecked):
        house.check(MEMBER, ADA, HERE, recipe("a" * 5000 + "!"), PAINT)
    assert [(line["pattern"], line["person"], line["place"]) for line in logs] == [
        ("(a+)+$", "telegram:1", "telegram/-100")
    ]


def test_a_workflow_for_adults_needs_a_place_or_a_chat_that_is_for_them(house: House) -> None:
    nude = replace(PAINT, adult=True)
    with pytest.raises(AdultsOnly):
        house.check(MEMBER, ADA, HERE, recipe(), nude)
    house.check(MEMBER, ADA, replace(HERE, adult=True), recipe(), nude)
    house.check(replace(MEMBER, settings=ChatSettings(adult=True)), ADA, HERE, recipe(), nude)


def test_pictures_are_covered_by_a_word_or_by_the_chat(house: House) -> None:
    covered = replace(MEMBER, settings=ChatSettings(spoiler=True))
    assert not house.spoiler(MEMBER, recipe(), PAINT)
    assert house.spoiler(MEMBER, recipe("a spider"), PAINT)
    assert house.spoiler(covered, recipe(), PAINT)


def test_what_somebody_has_had_is_held_against_their_limits(house: House) -> None:
    guest = replace(MEMBER, limits=Limits(waiting=2, jobs_per_day=2))
    house.afford(guest, waiting=1, spent=[Spent(900.0)], now=1000.0)
    with pytest.raises(TooManyWaiting):
        house.afford(guest, waiting=2, spent=[], now=1000.0)
    with pytest.raises(DailyJobsUsed):
        house.afford(guest, waiting=0, spent=[Spent(900.0), Spent(950.0)], now=1000.0)
    with pytest.raises(CoolingDown):
        house.afford(replace(guest, limits=Limits(cooldown=60)), waiting=0, spent=[Spent(950.0)], now=1000.0)


@pytest.mark.parametrize(
    ("person", "place", "see", "manage"),
    [
        (ADA, HERE, True, True),
        (ADA, THERE, True, True),
        (BOB, HERE, True, False),
        (BOB, replace(HERE, thread=None), True, False),
        (BOB, THERE, False, False),
        (ADMIN, HERE, True, True),
        (ADMIN, THERE, False, False),
        (BOSS, THERE, True, True),
    ],
)
def test_a_job_is_its_owners_its_chats_and_the_operators(house: House, person, place, see, manage) -> None:
    assert house.may_see(person, job(ADA), place) is see
    assert house.may_manage(person, job(ADA), place) is manage


# What operators decide


async def test_an_operator_lets_a_chat_or_a_person_in_and_keeps_them_out_again(house: House) -> None:
    assert await house.allow(BOSS, "here", here=THERE) == "telegram/-200"
    assert await admitted(house, ADA)
    assert await house.deny(BOSS, "telegram/-200") == "telegram/-200"
    assert not await admitted(house, ADA)
    assert await house.deny(BOSS, "telegram:1") == "telegram:1"
    assert not await admitted(house, ADA, HERE)
    assert await house.allow(BOSS, "Telegram:1") == "telegram:1"
    assert await admitted(house, ADA, HERE)


async def test_a_ban_lasts_as_long_as_it_was_said(house: House, clock: Clock) -> None:
    await house.ban(BOSS, "telegram:1", Span(600))
    clock.now += 590
    with pytest.raises(Banned) as refused:
        await house.admit(ADA, HERE)
    assert refused.value.frees == Span(10)
    clock.now += 10
    assert await admitted(house, ADA, HERE)


async def test_a_ban_without_an_end_lasts_until_it_is_lifted(house: House, clock: Clock) -> None:
    await house.ban(BOSS, "telegram:1")
    clock.now += 1e9
    assert not await admitted(house, ADA, HERE)
    await house.unban(BOSS, "telegram:1")
    assert await admitted(house, ADA, HERE)


async def test_whom_operators_keep_out_they_keep_out_everywhere(house: House, clock: Clock) -> None:
    assert not await house.keeps_out(ADA)
    await house.ban(BOSS, ADA.id, Span(60))
    assert await house.keeps_out(ADA)
    clock.now += 60
    assert not await house.keeps_out(ADA)
    await house.deny(BOSS, ADA.id)
    assert await house.keeps_out(ADA)


async def test_only_a_ban_that_lasts_can_be_lifted(house: House, clock: Clock) -> None:
    await house.allow(BOSS, "telegram:1")
    await house.ban(BOSS, "telegram:2", Span(5))
    clock.now += 5
    for subject in ("telegram:1", "telegram:2", "telegram:3"):
        with pytest.raises(NotBanned):
            await house.unban(BOSS, subject)
    assert await admitted(house, ADA)


@pytest.mark.parametrize("act", [House.deny, House.ban])
async def test_an_operator_cannot_be_shut_out(house: House, register: MemoryRegister, act) -> None:
    with pytest.raises(OperatorsStay):
        await act(house, BOSS, BOSS.id)
    assert await register.acts(9) == []
    await act(house, BOSS, "here", here=HERE)
    assert await admitted(house, BOSS, HERE)


ACTS = [
    (House.allow, ("telegram:1",), ("allow", "telegram:1", "")),
    (House.deny, ("telegram:1",), ("deny", "telegram:1", "")),
    (House.ban, ("telegram/-100",), ("ban", "telegram/-100", "")),
    (House.ban, ("telegram:1", Span(187_200)), ("ban", "telegram:1", "2 d 4 h")),
    (House.pause, (), ("pause", "easel", "")),
    (House.resume, (), ("resume", "easel", "")),
    (House.drain, ("big gpu",), ("drain", "big gpu", "")),
    (House.undrain, ("big gpu",), ("undrain", "big gpu", "")),
]


@pytest.mark.parametrize(("act", "arguments", "line"), ACTS)
async def test_every_act_of_an_operator_is_in_the_audit_log(house: House, act, arguments, line) -> None:
    await act(house, BOSS, *arguments)
    assert await house.acts(9) == [Act(1000.0, BOSS.id, *line)]


@pytest.mark.parametrize(("act", "arguments"), [(House.unban, ("telegram:1",)), *(row[:2] for row in ACTS)])
@pytest.mark.parametrize("person", [ADA, ADMIN])
async def test_nobody_else_can_do_what_operators_can(house: House, act, arguments, person: Person) -> None:
    with pytest.raises(NotOperator):
        await act(house, person, *arguments)
    assert await house.acts(9) == []
    assert not house.paused
    assert not house.drained


async def test_what_is_no_subject_is_refused_before_anything_is_kept(house: House) -> None:
    for act in (house.allow, house.deny, house.ban, house.unban):
        with pytest.raises(BadSubject):
            await act(BOSS, "@ada")
    assert await house.acts(9) == []


async def test_lifting_a_ban_is_in_the_audit_log_too(house: House) -> None:
    await house.ban(BOSS, "telegram:1")
    await house.unban(BOSS, "telegram:1")
    assert [act.act for act in await house.acts(9)] == ["unban", "ban"]


async def test_what_is_kept_nowhere_else_can_be_noted(house: House, register: MemoryRegister) -> None:
    await house.note(ADMIN, "delete", "k7m2qd", "of telegram:1")
    assert await house.acts(9) == [Act(1000.0, ADMIN.id, "delete", "k7m2qd", "of telegram:1")]
    assert await register.switches() == {}


# How a chat is set


async def test_an_admin_sets_their_chat_and_the_log_says_how(house: House) -> None:
    changes = [
        (ADMIN, Setting("language", "zh-CN")),
        (ADMIN, Setting("steps", 20)),
        (ADMIN, Setting("cooldown", 90)),
        (ADMIN, Setting("language", None)),
        (BOSS, Setting("adult", value=True)),
        (BOSS, Setting("waiting", 7)),
    ]
    for by, setting in changes:
        settings = await house.set_chat(by, HERE, setting)
    guest = await house.admit(ADA, HERE)
    assert guest.settings == settings
    assert guest.settings == ChatSettings(
        adult=True, limits=(("steps", 20), ("cooldown", 90)), granted=(("waiting", 7),)
    )
    assert guest.limits == Limits(steps=20, cooldown=90.0, waiting=7)
    told = [(act.actor, act.act, act.subject, act.detail) for act in reversed(await house.acts(9))]
    assert told == [(by.id, "settings", "telegram/-100", str(setting)) for by, setting in changes]


async def test_setting_a_chat_as_it_is_already_is_no_act(house: House) -> None:
    for setting in (Setting("steps", None), Setting("adult", value=False), Setting("size", None)):
        assert await house.set_chat(ADMIN, HERE, setting) is None
    assert await house.acts(9) == []


@pytest.mark.parametrize("setting", [Setting("steps", 41), Setting("steps", 0), Setting("waiting", 3)])
async def test_an_admin_cannot_allow_their_chat_more_than_operators_do_and_an_operator_can(
    house: House, setting: Setting
) -> None:
    with pytest.raises(LimitTooLoose) as refused:
        await house.set_chat(ADMIN, HERE, setting)
    assert refused.value.allowed == {"steps": 40, "waiting": 2}[setting.key]
    assert (await house.admit(ADA, HERE)).settings == ChatSettings()
    await house.set_chat(BOSS, HERE, setting)
    for person in (ADA, ADMIN):
        assert getattr((await house.admit(person, HERE)).limits, setting.key) == setting.value


async def test_what_an_operator_allows_a_chat_is_what_its_admins_may_tighten(house: House) -> None:
    await house.set_chat(BOSS, HERE, Setting("steps", 100))
    await house.set_chat(ADMIN, HERE, Setting("steps", 90))
    with pytest.raises(LimitTooLoose) as refused:
        await house.set_chat(ADMIN, HERE, Setting("steps", 101))
    assert refused.value.allowed == 100
    assert (await house.admit(ADA, HERE)).limits.steps == 90
    await house.set_chat(BOSS, HERE, Setting("steps", 10))
    assert (await house.admit(ADA, HERE)).limits.steps == 10
    await house.set_chat(ADMIN, HERE, Setting("steps", None))
    assert (await house.admit(ADA, HERE)).limits.steps == 10


async def test_a_limit_that_the_house_has_overtaken_hinders_no_other_change(house: House) -> None:
    await house.set_chat(ADMIN, HERE, Setting("steps", 30))
    house.replace(replace(RULES, limits={Rank.MEMBER: Limits(steps=10)}))
    await house.set_chat(ADMIN, HERE, Setting("spoiler", value=True))
    assert (await house.admit(ADA, HERE)).limits.steps == 10


@pytest.mark.parametrize("by", [ADMIN, BOSS])
async def test_a_chat_has_no_size_that_its_members_may_not_ask_for(house: House, by: Person) -> None:
    with pytest.raises(TooLarge):
        await house.set_chat(by, HERE, Setting("size", (4096, 4096)))
    await house.set_chat(BOSS, HERE, Setting("pixels", 0))
    assert await house.set_chat(by, HERE, Setting("size", (4096, 4096)))


async def test_of_settings_at_once_none_undoes_another(clock: Clock) -> None:
    house = House(HesitantRegister(), RULES, clock=clock)
    settings = [Setting("steps", 5), Setting("spoiler", value=True), Setting("batch", 1)]
    by = [BOSS, ADMIN, ADMIN]
    await asyncio.gather(*(house.set_chat(who, HERE, setting) for who, setting in zip(by, settings, strict=True)))
    assert (await house.admit(ADA, HERE)).settings == ChatSettings(
        spoiler=True, limits=(("batch", 1),), granted=(("steps", 5),)
    )


@pytest.mark.parametrize(("by", "place", "refusal"), [(ADA, HERE, NotAdmin), (ADMIN, THERE, NotAllowedHere)])
async def test_a_member_or_a_stranger_sets_no_chat(house: House, by: Person, place: Place, refusal) -> None:
    for setting in (Setting("adult", value=True), Setting("adult", value=False), Setting("steps", 1)):
        with pytest.raises(refusal):
            await house.set_chat(by, place, setting)
    assert await house.acts(9) == []


async def test_who_is_alone_with_us_sets_their_chat_as_an_admin_would(house: House) -> None:
    await house.allow(BOSS, ADA.id)
    assert await house.set_chat(ADA, THERE, Setting("previews", value=False), own=True)
    assert await house.set_chat(ADA, THERE, Setting("steps", 20), own=True)
    assert (await house.admit(ADA, THERE)).limits.steps == 20
    with pytest.raises(LimitTooLoose):
        await house.set_chat(ADA, THERE, Setting("steps", 41), own=True)
    with pytest.raises(NotOperator):
        await house.set_chat(ADA, THERE, Setting("adult", value=True), own=True)
    with pytest.raises(NotAllowedHere):
        await house.set_chat(BOB, THERE, Setting("previews", value=False), own=True)
    assert await house.set_chat(BOSS, THERE, Setting("steps", 41), own=True)


# Chats with another id

NEW = replace(HERE, chat="-1001")


async def test_a_chat_takes_along_what_is_decided_of_it_and_how_it_is_set(house: House) -> None:
    await house.allow(BOSS, THERE.subject)
    await house.set_chat(ADMIN, THERE, Setting("steps", 20))
    await house.set_chat(BOSS, THERE, Setting("adult", value=True))
    await house.migrate(THERE, NEW.chat)
    guest = await house.admit(ADA, NEW)
    assert (guest.settings.adult, guest.limits.steps) == (True, 20)
    assert not await admitted(house, ADA, THERE)
    assert await house.settings(THERE) == ChatSettings()
    (act, *_) = await house.acts(1)
    assert act == Act(1000.0, "telegram", "migrate", "telegram/-200", "telegram/-1001")


async def test_a_chat_that_only_the_settings_let_in_is_let_in_by_decision_and_the_operator_is_told(
    house: House,
) -> None:
    assert not await admitted(house, ADA, NEW)
    with capture_logs() as logs:
        await house.migrate(HERE, NEW.chat)
    assert await admitted(house, ADA, NEW)
    assert [(line["log_level"], line["old"], line["new"]) for line in logs] == [
        ("warning", "telegram/-100", "telegram/-1001")
    ]


async def test_once_the_settings_name_the_new_id_nothing_is_decided(house: House) -> None:
    house.replace(replace(RULES, chats=frozenset({HERE.subject, NEW.subject})))
    await house.migrate(HERE, NEW.chat)
    assert await house.acts(9) == []


@pytest.mark.parametrize("shut", ["deny", "ban"])
async def test_a_chat_that_is_kept_out_stays_out_under_its_new_id(house: House, shut: str) -> None:
    await getattr(house, shut)(BOSS, HERE.subject)
    await house.migrate(HERE, NEW.chat)
    with pytest.raises((ChatBanned, NotAllowedHere)):
        await house.admit(ADA, NEW)


async def test_a_ban_that_has_had_its_time_keeps_no_chat_out(house: House, clock: Clock) -> None:
    await house.ban(BOSS, HERE.subject, Span(60))
    clock.now += 61
    await house.migrate(HERE, NEW.chat)
    assert await admitted(house, ADA, NEW)


async def test_what_is_decided_of_the_new_id_and_set_there_already_stays(house: House) -> None:
    await house.set_chat(ADMIN, HERE, Setting("steps", 20))
    await house.allow(BOSS, NEW.subject)
    await house.set_chat(ADMIN, NEW, Setting("steps", 30))
    await house.ban(BOSS, NEW.subject)
    await house.migrate(HERE, NEW.chat)
    assert (await house.settings(NEW)).limits == (("steps", 30),)
    with pytest.raises(ChatBanned):
        await house.admit(ADA, NEW)


async def test_what_is_told_again_changes_nothing(house: House) -> None:
    for chat in (HERE, THERE):
        await house.migrate(chat, NEW.chat)
    await house.set_chat(ADMIN, NEW, Setting("steps", 20))
    before = await house.acts(9)
    await house.deny(BOSS, NEW.subject)
    for chat in (HERE, THERE):
        await house.migrate(chat, NEW.chat)
    assert (await house.acts(9))[1:] == before
    assert [act.act for act in before] == ["settings", "migrate"]
    assert not await admitted(house, ADA, NEW)


# Switches


async def test_nobody_gets_a_new_job_while_the_house_is_paused(house: House) -> None:
    await house.pause(BOSS)
    assert house.paused
    for person in (ADA, BOSS):
        guest = await house.admit(person, HERE)
        with pytest.raises(Paused):
            house.check(guest, person, HERE, recipe(), PAINT)
    await house.resume(BOSS)
    house.check(MEMBER, ADA, HERE, recipe(), PAINT)


async def test_what_was_paused_and_drained_still_is_after_a_restart(register: MemoryRegister, clock: Clock) -> None:
    before, after = (House(register, RULES, clock=clock) for _ in range(2))
    await before.pause(BOSS)
    await before.drain(BOSS, "big gpu")
    await before.drain(BOSS, "small")
    await before.undrain(BOSS, "small")
    await after.load()
    assert after.paused
    assert after.drained == before.drained == {"big gpu"}


class FullDisk(EaselError):
    """What a register that cannot write says."""


class FullRegister(MemoryRegister):
    async def set_switch(self, *_: object) -> None:
        raise FullDisk


async def test_a_switch_that_could_not_be_kept_is_not_set(clock: Clock) -> None:
    house = House(FullRegister(), RULES, clock=clock)
    for act, arguments in ((house.pause, ()), (house.drain, ("gpu",))):
        with pytest.raises(FullDisk):
            await act(BOSS, *arguments)
    assert not house.paused
    assert not house.drained
