"""The commands by which operators run the house and admins set their chat. Every answer says what is so now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from bot.chat.commands import Command
from bot.chat.describing import setting_text, settings_text
from bot.chat.errors import Incomplete, NothingToReload
from bot.chat.listing import audit_text, servers_text
from bot.chat.manners import Manners
from bot.chat.presence import Board
from bot.chat.texts import LANGUAGES
from bot.chat.turn import LONGEST_NAME, Handler, Turn, replied_job
from bot.errors import Explainable, Span
from bot.jobs.errors import NoSuchJob
from bot.jobs.model import Act, ChatSettings, Place
from bot.jobs.policy.errors import BadSubject
from bot.jobs.policy.limits import Limits, Rank
from bot.jobs.policy.settings import KEYS, read_key, read_setting
from bot.jobs.policy.spans import read_span
from bot.jobs.policy.subjects import read_subject
from bot.jobs.service import JobService

Reload: TypeAlias = Callable[[], Awaitable[Explainable]]
"""Reads the settings again and puts them into force; what has changed. Raises an EaselError where it cannot."""

_ACTS = 20
"""So many of the newest acts are told."""

_LOOKED_THROUGH = 200
"""Among so many of the newest are those looked for that concern a chat."""


class Operating:
    """What changes the house, or tells those who run it how it stands.

    `is_private` tells whether somebody is alone with us in a place, `board` how the platforms are.
    """

    def __init__(
        self,
        service: JobService,
        manners: Manners,
        *,
        is_private: Callable[[Place], bool],
        reload: Reload | None,
        board: Board | None,
    ) -> None:
        self._service = service
        self._house = service.house
        self._manners = manners
        self._is_private = is_private
        self._reload = reload
        self._board = board
        self.handlers: Mapping[Command, Handler] = {
            Command.SETTINGS: self.settings,
            Command.ALLOW: self.allow,
            Command.DENY: self.deny,
            Command.BAN: self.ban,
            Command.UNBAN: self.unban,
            Command.SERVERS: self.servers,
            Command.DRAIN: self.drain,
            Command.PAUSE: self.pause,
            Command.RESUME: self.resume,
            Command.RELOAD: self.reload,
            Command.AUDIT: self.audit,
        }

    async def settings(self, turn: Turn) -> str:
        """How this chat is set, or one setting of it; with a value, it is set."""
        key, value = (*turn.rest.split(maxsplit=1), "", "")[:2]
        if value:
            return await self._set(turn, key, value)
        keys = (read_key(key),) if key else KEYS
        private = self._is_private(turn.place)
        otherwise = await self._otherwise(private=private)
        return settings_text(turn.guest.settings, otherwise, self._limits, turn.texts, keys, own=private)

    async def allow(self, turn: Turn) -> str:
        """Let a person or a chat in."""
        subject, _ = await self._subject(turn, Command.ALLOW)
        return turn.texts.say("now-allowed", subject=await self._house.allow(turn.person, subject, here=turn.place))

    async def deny(self, turn: Turn) -> str:
        """Keep a person or a chat out."""
        subject, _ = await self._subject(turn, Command.DENY)
        return turn.texts.say("now-denied", subject=await self._house.deny(turn.person, subject, here=turn.place))

    async def ban(self, turn: Turn) -> str:
        """Keep them out and tell them so, for some hours or for good."""
        subject, rest = await self._subject(turn, Command.BAN)
        lasts = _lasts(rest)
        banned = await self._house.ban(turn.person, subject, lasts, here=turn.place)
        return turn.texts.say("now-banned", subject=banned, time=lasts)

    async def unban(self, turn: Turn) -> str:
        """Lift a ban."""
        subject, _ = await self._subject(turn, Command.UNBAN)
        return turn.texts.say("now-unbanned", subject=await self._house.unban(turn.person, subject, here=turn.place))

    async def servers(self, turn: Turn) -> str:
        """How each server is, and each platform."""
        servers = await self._service.servers(self._service.catalog.all())
        return servers_text(servers, self._board.all() if self._board else (), turn.texts)

    async def drain(self, turn: Turn) -> str:
        """Give a server no new jobs."""
        name = turn.rest[:LONGEST_NAME]
        if not name:
            raise _incomplete(turn, Command.DRAIN)
        await self._service.drain(turn.person, name)
        return turn.texts.say("now-drained", server=name)

    async def pause(self, turn: Turn) -> str:
        """Take no new jobs."""
        await self._house.pause(turn.person)
        return turn.texts.say("now-paused")

    async def resume(self, turn: Turn) -> str:
        """Take new jobs again, or let one server have them again."""
        name = turn.rest[:LONGEST_NAME]
        if name:
            await self._service.undrain(turn.person, name)
            return turn.texts.say("now-undrained", server=name)
        await self._house.resume(turn.person)
        return turn.texts.say("now-resumed")

    async def reload(self, turn: Turn) -> str:
        """Read the settings again."""
        if self._reload is None:
            raise NothingToReload
        changed = await self._reload()
        await self._house.note(turn.person, Command.RELOAD, "easel")
        return turn.texts.explain(changed)

    async def audit(self, turn: Turn) -> str:
        """What operators and admins did; where others read along, what concerns their own chat."""
        if self._is_private(turn.place):
            return audit_text(await self._house.acts(_ACTS), turn.texts)
        acts = [act for act in await self._house.acts(_LOOKED_THROUGH) if await self._is_of_here(turn, act)]
        return audit_text(acts[:_ACTS], turn.texts, here=True)

    async def _set(self, turn: Turn, key: str, value: str) -> str:
        setting = read_setting(key, value, languages=LANGUAGES)
        if setting.key == "workflow" and setting.value is not None:
            setting = replace(setting, value=self._service.catalog.get(str(setting.value)).name)
        own = self._is_private(turn.place)
        settings = await self._house.set_chat(turn.person, turn.place, setting, own=own)
        if settings is None:
            return turn.texts.say("settings-same")
        return setting_text(setting.key, settings, self._limits(settings), turn.texts)

    async def _otherwise(self, *, private: bool) -> ChatSettings:
        """How a chat is that has set nothing."""
        return ChatSettings(
            language=self._manners.language,
            workflow=(await self._service.menu()).default or None,
            spoiler=self._house.rules.content.spoiler,
            previews=self._manners.previews_in(private=private),
        )

    async def _is_of_here(self, turn: Turn, act: Act) -> bool:
        """Whether an act concerns the chat in which they speak, or a job of it that is still known."""
        if act.subject == turn.place.subject:
            return True
        try:
            job = await self._service.job(act.subject, turn.person, turn.place)
        except NoSuchJob:
            return False
        return job.place.same_chat(turn.place)

    def _limits(self, settings: ChatSettings) -> Limits:
        """What members may have in a chat so set."""
        return self._house.rules.limits_of(Rank.MEMBER, settings)

    async def _subject(self, turn: Turn, command: Command) -> tuple[str, str]:
        """Whom they mean, by name or by replying to a message of that person's job; and what else they say."""
        word, rest = (*turn.rest.split(maxsplit=1), "", "")[:2]
        replied = await replied_job(turn, self._service)
        if replied is not None and not _is_subject(word, turn):
            return replied.owner.id, turn.rest
        if not word:
            raise _incomplete(turn, command)
        return word, rest


def _is_subject(word: str, turn: Turn) -> bool:
    try:
        read_subject(word, turn.place)
    except BadSubject:
        return False
    return True


def _lasts(text: str) -> Span | None:
    """A number is hours; else it has its unit. None where nothing is said: until it is lifted."""
    if not text:
        return None
    return read_span(f"{text} h" if text.isdecimal() else text)


def _incomplete(turn: Turn, command: Command) -> Incomplete:
    return Incomplete(command=command, usage=turn.texts.say(f"usage-{command}"))
