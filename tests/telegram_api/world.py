"""The whole of it: people, chats, the bot among them, and what the bot is told."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.telegram_api import wire
from tests.telegram_api.chats import Chat, Member
from tests.telegram_api.files import Files
from tests.telegram_api.model import Message, User
from tests.telegram_api.people import Person, Press, Query
from tests.telegram_api.pulse import Pulse
from tests.telegram_api.text import cut


@dataclass(slots=True)
class Privacy:
    """What the bot hears in groups where it is no admin; `on` is BotFather's /setprivacy.

    core.telegram.org/bots/features, Privacy mode: commands for it, commands for nobody unless another bot spoke since,
    replies to it, messages via it, service messages. That `mentions` of it and commands in `captions` count is lore.
    """

    on: bool = True
    mentions: bool = True
    captions: bool = True


class World:
    """Whom there is and where they talk. `told` takes every update.

    `clock` gives seconds of some clock, `now` those since the epoch. `inline_feedback` is BotFather's
    /setinlinefeedback.
    """

    def __init__(
        self,
        *,
        bot: User,
        files: Files,
        pulse: Pulse,
        clock: Callable[[], float],
        now: Callable[[], int],
        told: Callable[[str, wire.Wire], None],
    ) -> None:
        self.bot = bot
        self.files = files
        self.pulse = pulse
        self.clock = clock
        self.now = now
        self.told = told
        self.privacy = Privacy()
        self.inline_feedback = False
        self.presses: dict[str, Press] = {}
        self.queries: dict[str, Query] = {}
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self._user_ids = itertools.count(1001)
        self._chat_ids = itertools.count(1)
        self._messages = itertools.count(1)
        self._tokens = itertools.count(4_000_000_001)

    # People and chats

    def person(
        self, first_name: str, *, language: str = "en", username: str = "", user_id: int = 0, bot: bool = False
    ) -> Person:
        """Somebody new; `language` is an IETF tag as their app reports it. `bot` makes another bot of it."""
        user = User(user_id or next(self._user_ids), first_name, username, language, is_bot=bot)
        person = Person(self, user)
        self.people[user.id] = person
        self._add(person.private)
        return person

    def group(self, title: str, *people: Person, bot: str = "member") -> Chat:
        """A basic group; the first of the people made it. `bot` is what it is there: member, administrator, left."""
        return self._chat(-4000 - next(self._chat_ids), "group", title, people, bot)

    def supergroup(self, title: str, *people: Person, bot: str = "member", forum: bool = False) -> Chat:
        """A supergroup, as every larger group is."""
        chat = self._chat(-1_000_000_000_000 - next(self._chat_ids), "supergroup", title, people, bot)
        chat.is_forum = forum
        return chat

    def forum(self, title: str, *people: Person, bot: str = "member") -> Chat:
        """A supergroup with topics; what is sent to no topic stands in General."""
        return self.supergroup(title, *people, bot=bot, forum=True)

    def channel(self, title: str, *people: Person, bot: str = "administrator", discussion: Chat | None = None) -> Chat:
        """A channel; its posts are forwarded into the `discussion` supergroup."""
        chat = self._chat(-1_000_000_000_000 - next(self._chat_ids), "channel", title, people, bot)
        if discussion is not None:
            chat.discussion, discussion.channel = discussion, chat
        return chat

    def next_message_id(self) -> int:
        """For private chats and groups, which share them."""
        return next(self._messages)

    def next_token(self) -> str:
        """For queries and albums."""
        return str(next(self._tokens))

    def _chat(self, chat_id: int, kind: str, title: str, people: tuple[Person, ...], bot: str) -> Chat:
        chat = Chat(self, chat_id, kind, title)
        chat.bot = Member(self.bot, bot)
        for index, person in enumerate(people):
            chat.join(person, "member" if index else "creator", quietly=True)
        return self._add(chat)

    def _add(self, chat: Chat) -> Chat:
        self.chats[chat.id] = chat
        return chat

    # What the bot is told

    def tell(self, message: Message, *, edited: bool = False) -> None:
        """An update about that message, if the bot hears it."""
        if self.hears(message):
            kind = "channel_post" if message.chat.kind == "channel" else "message"
            self.told(f"edited_{kind}" if edited else kind, wire.message(message, self.bot))

    def hears(self, message: Message) -> bool:
        """Would Telegram tell the bot of that?"""
        chat = message.chat
        if message.by_bot:
            return False
        if chat.kind == "private":
            return not chat.blocked
        if not chat.bot.inside:
            return False
        if chat.kind == "channel" or message.service is not None:
            return True
        if message.sender is not None and message.sender.is_bot and message.sender_chat is None:
            return False
        return not self.privacy.on or chat.bot.rules or self._meant(message)

    def _meant(self, message: Message) -> bool:
        if message.via_bot or (message.reply_to is not None and (message.reply_to.by_bot or message.reply_to.via_bot)):
            return True
        if message.content.media is not None and not self.privacy.captions:
            return False
        us = f"@{self.bot.username}".lower()
        for entity in message.content.entities:
            words = cut(message.text, entity["offset"], entity["length"]).lower()
            if entity["type"] == "mention" and words == us and self.privacy.mentions:
                return True
            if entity["type"] == "bot_command" and entity["offset"] == 0:
                _, at, name = words.partition("@")
                if at + name == us or (not at and not self._another_bot_spoke(message)):
                    return True
        return False

    def _another_bot_spoke(self, message: Message) -> bool:
        """Since our bot did, and at all."""
        for earlier in reversed(message.chat.history):
            if earlier.by_bot:
                return False
            if earlier.sender is not None and earlier.sender.is_bot and earlier.sender_chat is None:
                return True
        return False

    def pressed(self, press: Press, by: User, data: Mapping[str, Any]) -> wire.Wire:
        """A CallbackQuery; of a message that is gone only its number is left."""
        message = press.message
        where: wire.Wire = {"message": {"chat": wire.chat(message.chat), "message_id": message.id, "date": 0}}
        if message.via_bot:
            where = {"inline_message_id": message.inline_id}
        elif not message.deleted:
            where = {"message": wire.message(message, self.bot)}
        return (
            {"id": press.id, "from": wire.user(by), "chat_instance": str(message.chat.id * 7919)} | where | dict(data)
        )

    def chat_of(self, given: Any) -> Chat | None:
        """A chat by what a bot calls it: its id, or ``@name`` of a public one."""
        text = str(given)
        if text.startswith("@"):
            return next((one for one in self.chats.values() if one.username and f"@{one.username}" == text), None)
        try:
            return self.chats.get(int(text))
        except ValueError:
            return None
