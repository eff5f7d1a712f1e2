"""The house and its rules: the shell that holds the pure policy against what operators and admins decided."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import structlog

from bot.errors import Span
from bot.jobs.errors import TooLarge
from bot.jobs.ledger.port import Entry, Register
from bot.jobs.model import Act, ChatSettings, Decision, Job, Person, Place, Recipe, Spent, Standing
from bot.jobs.policy import access, allowance
from bot.jobs.policy.content import texts_of
from bot.jobs.policy.errors import (
    LimitTooLoose,
    NotAdmin,
    NotBanned,
    NotOperator,
    OperatorsStay,
    Paused,
    WordsNotChecked,
)
from bot.jobs.policy.limits import Rank
from bot.jobs.policy.requests import check_size, check_workflow
from bot.jobs.policy.rules import Guest, Rules
from bot.jobs.policy.settings import LIMIT_KEYS, Setting
from bot.jobs.policy.spans import write_span
from bot.jobs.policy.subjects import read_subject
from bot.workflows.workflow import Workflow

log = structlog.get_logger()

_PAUSED = "paused"
_DRAINED = "drained "


class House:
    """Who may do what here, and the record of what operators and admins did.

    Whatever reads or writes the register raises `LedgerUnavailable` where that cannot be done; nothing is changed then.
    `load` it once before use.
    """

    def __init__(self, register: Register, rules: Rules, *, clock: Callable[[], float]) -> None:
        self._register = register
        self._rules = rules
        self._clock = clock
        self._switches: dict[str, str] = {}
        self._setting = asyncio.Lock()

    async def load(self) -> None:
        """Read what is paused and drained."""
        self._switches = dict(await self._register.switches())

    # Rules

    @property
    def rules(self) -> Rules:
        """What the settings say at this moment."""
        return self._rules

    def replace(self, rules: Rules) -> None:
        """Go by these rules from now on."""
        self._rules = rules

    def rank(self, person: Person) -> Rank:
        """What that person is, in the chat in which they speak."""
        return self._rules.rank(person)

    # Guests

    async def admit(self, person: Person, place: Place) -> Guest:
        """Let somebody in.

        Raises:
            NotAllowedHere, Banned, ChatBanned: They stay outside.
        """
        entry = await self._register.look_up(person.id, place)
        return access.admit(self._rules, person, place, entry, self._clock())

    async def keeps_out(self, person: Person) -> bool:
        """Whether operators have denied or banned somebody, who is therefore let in nowhere."""
        entry = await self._register.look_up(person.id, Place("", ""))
        barred = access.standing(entry.person, self._clock()) in (Standing.DENIED, Standing.BANNED)
        return barred and self.rank(person) is not Rank.OPERATOR

    def check(
        self,
        guest: Guest,
        person: Person,
        place: Place,
        recipe: Recipe,
        workflow: Workflow,
        *,
        inputs: Collection[tuple[int, int]] = (),
    ) -> None:
        """Hold a new job against the rules. `inputs` are widths and heights of its input pictures, where known.

        Raises:
            Paused: No new jobs now, whoever asks.
            AdultsOnly, WorkflowNotAllowed, TooLarge, PictureTooLarge, TooManySteps, TooManyPictures: More than allowed.
            BlockedWords, WordsNotChecked: Its texts are refused.
        """
        if self.paused:
            raise Paused
        check_workflow(workflow, guest.limits, adult=place.adult or guest.settings.adult)
        check_size(recipe, guest.limits, inputs)
        try:
            self._rules.content.check(texts_of(recipe, workflow))
        except WordsNotChecked as slow:
            log.warning("blocked_pattern_too_slow", pattern=slow.pattern, person=person.id, place=place.subject)
            raise

    def spoiler(self, guest: Guest, recipe: Recipe, workflow: Workflow) -> bool:
        """Whether the pictures of this job are posted covered."""
        return self._rules.content.covers(texts_of(recipe, workflow), chat=guest.settings.spoiler)

    def afford(self, guest: Guest, *, waiting: int, spent: Sequence[Spent], now: float) -> None:
        """See `bot.jobs.policy.allowance.afford`."""
        allowance.afford(guest.limits, waiting=waiting, spent=spent, now=now)

    def may_see(self, person: Person, job: Job, place: Place) -> bool:
        """Whether somebody who speaks in `place` may see that job: all of that chat, its owner, operators."""
        return job.place.same_chat(place) or self.may_manage(person, job, place)

    def may_manage(self, person: Person, job: Job, place: Place) -> bool:
        """Whether they may cancel and delete it: its owner, the admins of its chat, operators."""
        match self.rank(person):
            case Rank.OPERATOR:
                return True
            case Rank.ADMIN if job.place.same_chat(place):
                return True
            case _:
                return job.owner.id == person.id

    # What operators decide

    def need_operator(self, by: Person) -> None:
        """Hold somebody back from what only operators may do.

        Raises:
            NotOperator: They are none.
        """
        if self.rank(by) is not Rank.OPERATOR:
            raise NotOperator

    async def allow(self, by: Person, subject: str, *, here: Place | None = None) -> str:
        """Let a person or a chat in, whatever was decided of it before.

        `subject` is as people type it (`read_subject`, with `here` as the chat it is typed in); the exact one is
        returned.

        Raises:
            NotOperator, BadSubject: Nothing was decided.
        """
        return await self._decide(by, "allow", subject, Decision(Standing.ALLOWED), here=here)

    async def deny(self, by: Person, subject: str, *, here: Place | None = None) -> str:
        """Keep a person or a chat out, whatever the settings say and whoever else is allowed. As `allow`.

        Raises:
            OperatorsStay: It is an operator.
        """
        return await self._decide(by, "deny", subject, Decision(Standing.DENIED), here=here)

    async def ban(self, by: Person, subject: str, lasts: Span | None = None, *, here: Place | None = None) -> str:
        """As `deny`, and they are told so; for as long as it `lasts`, None: until it is lifted.

        What was decided before is forgotten: after a ban the settings count.
        """
        until = None if lasts is None else self._clock() + lasts.seconds
        detail = "" if lasts is None else write_span(lasts)
        return await self._decide(by, "ban", subject, Decision(Standing.BANNED, until), here=here, detail=detail)

    async def unban(self, by: Person, subject: str, *, here: Place | None = None) -> str:
        """Lift a ban. As `allow`.

        Raises:
            NotBanned: There is none.
        """
        self.need_operator(by)
        subject = read_subject(subject, here)
        if access.standing((await self._register.decisions()).get(subject), self._clock()) is not Standing.BANNED:
            raise NotBanned(subject=subject)
        await self._register.decide(subject, None, self._act(by, "unban", subject))
        return subject

    # Chats

    async def settings(self, place: Place) -> ChatSettings:
        """How the chat is set, whoever asks."""
        return (await self._register.look_up("", place)).settings

    async def set_chat(self, by: Person, place: Place, setting: Setting, *, own: bool = False) -> ChatSettings | None:
        """Set a chat in one way, and keep it. One change after the other: none undoes another that came at once.

        `own`: nobody but them is in that chat, so they set it as an admin would.

        Returns:
            How the chat is set now; None: it was already.

        Raises:
            NotAllowedHere, Banned, ChatBanned: As `admit`.
            NotAdmin: Neither an admin of the chat nor an operator.
            NotOperator: A chat's own admins cannot call it a place for adults.
            LimitTooLoose: An admin's limit would allow more than operators do.
            TooLarge: Nobody here could ask for a size like that.
        """
        async with self._setting:
            guest = await self.admit(by, place)
            if guest.rank is Rank.MEMBER:
                if not own:
                    raise NotAdmin
                guest = replace(guest, rank=Rank.ADMIN)
            after = setting.made(guest.settings, guest.rank)
            if after == guest.settings:
                return None
            self._check_setting(setting, guest)
            await self._register.set_chat(place, after, self._act(by, "settings", place.subject, str(setting)))
            return after

    async def migrate(self, old: Place, chat: str) -> None:
        """The platform has given a chat that id: what is decided of it, and how it is set, goes with it.

        What the new one has already stays. A chat that only the settings let in is let in by a decision, for they do
        not name the new id. Told again, nothing changes.
        """
        new = replace(old, chat=chat)
        async with self._setting:
            before, after = [await self._register.look_up("", place) for place in (old, new)]
            now = self._clock()
            listed = old.subject in self._rules.chats and new.subject not in self._rules.chats
            by_settings = Decision(Standing.ALLOWED) if listed else None
            decided = (known for known in (after.chat, before.chat) if access.standing(known, now) is not None)
            decision = next(decided, by_settings)
            if before == Entry() and decision in (None, after.chat):
                return
            settings = before.settings if after.settings == ChatSettings() else after.settings
            act = Act(now, old.platform, "migrate", old.subject, new.subject)
            await self._register.move_chat(old, chat, decision, settings, act)
        if listed:
            log.warning("a chat has another id; name that one in the settings", old=old.subject, new=new.subject)

    def _check_setting(self, setting: Setting, guest: Guest) -> None:
        match setting:
            case Setting(value=(width, height)):
                limits = self._rules.limits_of(Rank.MEMBER, guest.settings)
                if 0 < limits.pixels < width * height:
                    raise TooLarge(width=width, height=height, allowed=limits.pixels)
            case Setting("adult", True) if guest.rank is not Rank.OPERATOR:
                raise NotOperator
            case Setting(key, int() | float() as value) if key in LIMIT_KEYS and guest.rank is Rank.ADMIN:
                allowed = self._rules.limits_of(Rank.MEMBER, replace(guest.settings, limits=()))
                if not allowed.covers(LIMIT_KEYS[key], value):
                    raise LimitTooLoose(key=key, value=value, allowed=getattr(allowed, LIMIT_KEYS[key]))

    # Switches

    @property
    def paused(self) -> bool:
        """Whether new jobs are refused. What was accepted goes on."""
        return _PAUSED in self._switches

    @property
    def drained(self) -> frozenset[str]:
        """The names of the servers that get no new jobs."""
        return frozenset(name.removeprefix(_DRAINED) for name in self._switches if name.startswith(_DRAINED))

    async def pause(self, by: Person) -> None:
        """Refuse new jobs from now on. Raises `NotOperator`."""
        await self._switch(by, "pause", _PAUSED, "easel", on=True)

    async def resume(self, by: Person) -> None:
        """Take new jobs again. Raises `NotOperator`."""
        await self._switch(by, "resume", _PAUSED, "easel", on=False)

    async def drain(self, by: Person, server: str) -> None:
        """Note that a server gets no new jobs. Raises `NotOperator`."""
        await self._switch(by, "drain", _DRAINED + server, server, on=True)

    async def undrain(self, by: Person, server: str) -> None:
        """Note that it gets jobs again. Raises `NotOperator`."""
        await self._switch(by, "undrain", _DRAINED + server, server, on=False)

    # The audit log

    async def note(self, by: Person, act: str, subject: str, detail: str = "") -> None:
        """Keep what somebody did that is kept nowhere else, such as deleting another's job or a reload."""
        await self._register.note(self._act(by, act, subject, detail))

    async def acts(self, limit: int) -> Sequence[Act]:
        """The newest acts, the newest first."""
        return await self._register.acts(limit)

    async def _decide(
        self, by: Person, act: str, subject: str, decision: Decision, *, here: Place | None, detail: str = ""
    ) -> str:
        self.need_operator(by)
        subject = read_subject(subject, here)
        if decision.standing is not Standing.ALLOWED and subject in self._rules.operators:
            raise OperatorsStay(subject=subject)
        await self._register.decide(subject, decision, self._act(by, act, subject, detail))
        return subject

    async def _switch(self, by: Person, act: str, name: str, subject: str, *, on: bool) -> None:
        self.need_operator(by)
        await self._register.set_switch(name, by.id if on else None, self._act(by, act, subject))
        if on:
            self._switches[name] = by.id
        else:
            self._switches.pop(name, None)

    def _act(self, by: Person, act: str, subject: str, detail: str = "") -> Act:
        return Act(self._clock(), by.id, act, subject, detail)
