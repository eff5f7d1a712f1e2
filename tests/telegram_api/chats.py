"""Chats of every kind: who is in them, what the bot may do there, what is said, and what the bot hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.telegram_api import wire
from tests.telegram_api.logbook import Logbook
from tests.telegram_api.model import SERVICE, Content, Message, User
from tests.telegram_api.pulse import Seen
from tests.telegram_api.refusals import bad, forbidden, migrated

if TYPE_CHECKING:
    from tests.telegram_api.people import Person
    from tests.telegram_api.world import World

_BOT_MAY = ("can_send_messages", "can_send_photos", "can_send_documents", "can_send_other_messages")


@dataclass(slots=True)
class Member:
    """What somebody is in a chat: creator, administrator, member, restricted, left or kicked.

    `can` are the rights that differ from what the status brings (Bot API names, ``can_send_photos``).
    """

    user: User
    status: str = "member"
    anonymous: bool = False
    can: Mapping[str, bool] = field(default_factory=dict)

    @property
    def inside(self) -> bool:
        """Is in the chat."""
        return self.status not in {"left", "kicked"}

    @property
    def rules(self) -> bool:
        """Is an administrator or the creator."""
        return self.status in {"administrator", "creator"}


@dataclass(eq=False)
class Topic:
    """A topic of a forum; messages are sent to it as to a chat. Its id is that of the message that opened it."""

    chat: Chat
    title: str
    closed: bool = False
    deleted: bool = False
    opening: Message = field(init=False)

    @property
    def id(self) -> int:
        """The message_thread_id."""
        return self.opening.id

    def close(self, by: Person | None = None) -> None:
        """Only admins can write there from now on."""
        self.closed = True
        self.chat.serve({"forum_topic_closed": {}}, by, topic=self)

    def reopen(self, by: Person | None = None) -> None:
        """Everybody can write there again."""
        self.closed = False
        self.chat.serve({"forum_topic_reopened": {}}, by, topic=self)

    def delete(self) -> None:
        """It is gone with all that was said in it. Bots are told nothing."""
        self.deleted = True
        for message in self.chat.history:
            if message.topic is self:
                message.deleted = True
        self.chat.world.pulse.beat()


class Chat(Logbook):
    """A private chat, group, supergroup (a forum perhaps) or channel. Made by `BotApi` only."""

    def __init__(self, world: World, chat_id: int, kind: str, title: str, *, username: str = "") -> None:
        super().__init__()
        self.world = world
        self.id = chat_id
        self.kind = kind
        self.title = title
        self.username = username
        self.person: User | None = None  # of a private chat
        self.is_forum = False
        self.members: dict[int, Member] = {}
        self.bot = Member(world.bot, "left")
        self.blocked = False
        self.opened = False
        self.migrated_to: Chat | None = None
        self.discussion: Chat | None = None
        self.channel: Chat | None = None
        self.actions: list[str] = []
        self._last_id = 0

    def __repr__(self) -> str:
        return f"<{self.kind} {self.title} {self.id}>"

    async def until(self, seen: Callable[[], Seen]) -> Seen:
        """What that returns, as soon as it is true; asked now and whenever something happened anywhere."""
        return await self.world.pulse.until(seen)

    # Messages

    def next_id(self) -> int:
        """Supergroups and channels count for themselves; private chats and groups share one count, an account's."""
        if self.kind in {"private", "group"}:
            return self.world.next_message_id()
        self._last_id += 1
        return self._last_id

    def find(self, message_id: int) -> Message | None:
        """A message that is still there."""
        message = self.by_id.get(message_id)
        return message if message is not None and not message.deleted else None

    def thread_of(self, message: Message) -> int | None:
        """The message_thread_id of a message: its topic, or in a supergroup the thread of replies it stands in."""
        if message.topic is not None:
            return message.topic.id
        if self.kind != "supergroup" or self.is_forum or message.reply_to is None:
            return None
        root = message.reply_to
        while root.reply_to is not None:
            root = root.reply_to
        return root.id

    def post(self, message: Message) -> Message:
        """It stands in the chat now; the bot is told if it hears that."""
        self.add(message)
        self.world.tell(message)
        if self.discussion is not None and message.service is None:
            self._forward(message, self.discussion)
        self.world.pulse.beat()
        return message

    def change(self, message: Message, content: Content, *, by_bot: bool = False) -> None:
        """It shows that now; the bot is told if it hears that and did not do it itself."""
        message.versions.append(content)
        message.edited = self.world.now()
        if not by_bot:
            self.world.tell(message, edited=True)
        self.world.pulse.beat()

    def remove(self, message: Message) -> None:
        """It is gone. Bots are told nothing."""
        message.deleted = True
        self.world.pulse.beat()

    def serve(
        self,
        fields: Mapping[str, Any],
        by: Person | None = None,
        *,
        topic: Topic | None = None,
        user: User | None = None,
    ) -> Message:
        """A service message."""
        author = user or (by.user if by is not None else self.owner())
        message = Message(self.next_id(), self, self.world.now(), author, [Content(service=dict(fields))], topic=topic)
        if self.kind == "channel":
            message.sender, message.sender_chat = None, self
        return self.post(message)

    def _forward(self, original: Message, group: Chat) -> None:
        origin = wire.channel_origin(self, original)
        copy = Message(
            group.next_id(), group, self.world.now(), SERVICE, [replace(original.content, keyboard=())],
            sender_chat=self, origin=origin, automatic=True, album=original.album,
        )  # fmt: skip
        group.post(copy)

    # People

    def owner(self) -> User:
        """Who made the chat."""
        made = (one.user for one in self.members.values() if one.status == "creator")
        return next(made, SERVICE)

    def member(self, user_id: int) -> Member | None:
        """What somebody is here; the bot too."""
        return self.bot if user_id == self.world.bot.id else self.members.get(user_id)

    def join(self, person: Person, status: str = "member", *, anonymous: bool = False, quietly: bool = False) -> None:
        """Somebody comes in; without `quietly` the chat says so."""
        self.members[person.id] = Member(person.user, status, anonymous)
        if not quietly:
            newcomer = wire.user(person.user)
            self.serve({"new_chat_members": [newcomer], "new_chat_member": newcomer}, person)

    def leave(self, person: Person) -> None:
        """Somebody goes."""
        self.members[person.id] = Member(person.user, "left")
        self.serve({"left_chat_member": wire.user(person.user)}, person)

    def promote(self, person: Person, *, anonymous: bool = False) -> None:
        """Somebody becomes an admin, who may speak anonymously."""
        self.members[person.id] = Member(person.user, "administrator", anonymous)

    def demote(self, person: Person) -> None:
        """Somebody is an ordinary member again."""
        self.members[person.id] = Member(person.user)

    # The bot

    def add_bot(self, by: Person | None = None, *, admin: bool = False) -> None:
        """The bot is put in, and told so."""
        self._bot_becomes("administrator" if admin else "member", by)
        if self.kind in {"group", "supergroup"}:
            newcomer = wire.user(self.world.bot)
            self.serve({"new_chat_members": [newcomer], "new_chat_member": newcomer}, by)

    def remove_bot(self, by: Person | None = None) -> None:
        """The bot is thrown out, and told so."""
        if self.kind in {"group", "supergroup"}:
            self.serve({"left_chat_member": wire.user(self.world.bot)}, by)
        self._bot_becomes("kicked", by)

    def promote_bot(self, by: Person | None = None, **can: bool) -> None:
        """The bot becomes an admin: it hears everything, and may delete others' messages."""
        self._bot_becomes("administrator", by, can)

    def restrict_bot(self, by: Person | None = None, **can: bool) -> None:
        """The bot stays with these rights only, as ``can_send_photos=False``; the others of sending it keeps."""
        self._bot_becomes("restricted", by, dict.fromkeys(_BOT_MAY, True) | can)

    def mute_bot(self, by: Person | None = None) -> None:
        """The bot stays, and may send nothing."""
        self._bot_becomes("restricted", by, dict.fromkeys(_BOT_MAY, False))

    def unrestrict_bot(self, by: Person | None = None) -> None:
        """The bot is an ordinary member again."""
        self._bot_becomes("member", by)

    def bot_leaves(self) -> None:
        """The bot goes by itself (leaveChat)."""
        if self.kind in {"group", "supergroup"}:
            self.serve({"left_chat_member": wire.user(self.world.bot)}, user=self.world.bot)
        self._bot_becomes("left", None, by_itself=True)

    def _bot_becomes(
        self, status: str, by: Person | None, can: Mapping[str, bool] | None = None, *, by_itself: bool = False
    ) -> None:
        old = self.bot
        self.bot = Member(self.world.bot, status, can=dict(can or {}))
        author = self.world.bot if by_itself else by.user if by is not None else self.owner()
        self.world.told("my_chat_member", wire.moved(self, author, self.world.now(), old, self.bot))
        self.world.pulse.beat()

    def allows_bot(self, right: str) -> bool:
        """Is the bot free to do that here? Raises Refusal where it may not even try."""
        self.open_to_bot()
        return self.bot.status != "restricted" or self.bot.can.get(right, False)

    def open_to_bot(self, *, read: bool = False) -> None:
        """Raises Refusal if the bot cannot send here: blocked, thrown out, moved on."""
        kind = f"{self.kind} chat"
        if self.migrated_to is not None and not read:
            raise migrated(self.migrated_to.id)
        if self.kind == "private":
            if read:
                return
            if self.blocked:
                raise forbidden("bot was blocked by the user")
            if not self.opened:
                raise forbidden("bot can't initiate conversation with a user")
        elif self.bot.status == "kicked" and not (read and self.kind == "group"):
            raise forbidden(f"bot was kicked from the {kind}")
        elif self.bot.status == "left" and not (read and self.kind == "group"):
            raise forbidden(f"bot is not a member of the {kind}")
        elif (
            self.kind == "channel" and not read and not (self.bot.rules and self.bot.can.get("can_post_messages", True))
        ):
            raise bad("need administrator rights in the channel chat")

    # Groups

    def topic(self, title: str, by: Person | None = None) -> Topic:
        """Open a topic of a forum."""
        if not self.is_forum:
            raise ValueError(f"{self.title} is no forum")
        topic = Topic(self, title)
        author = by.user if by is not None else self.owner()
        opened = Content(service={"forum_topic_created": {"name": title, "icon_color": 7322096}})
        topic.opening = Message(self.next_id(), self, self.world.now(), author, [opened], topic=topic)
        self.topics.append(topic)
        self.post(topic.opening)
        return topic

    def migrate(self, by: Person | None = None) -> Chat:
        """The group becomes a supergroup, with a new id and no messages but the one that says so. Returns it."""
        group = self.world.supergroup(self.title)
        group.members = dict(self.members)
        group.bot = replace(self.bot)
        self.serve({"migrate_to_chat_id": group.id}, by)
        self.migrated_to = group
        group.serve({"migrate_from_chat_id": self.id}, by)
        return group
