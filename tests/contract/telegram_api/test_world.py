"""What people do in chats, what the bot hears of it, and what the chat shows."""

from __future__ import annotations

import asyncio

import pytest

from tests.telegram_api import BotApi, Chat, Message, Person, picture
from tests.telegram_api.clients import Clock, Wire


def heard(api: BotApi) -> list[str]:
    """The texts that the bot was told, in order."""
    bodies = [update.body for update in api.updates.told]
    return [body.get("text") or body.get("caption") or "" for body in bodies if "message_id" in body]


@pytest.fixture
def ann(api: BotApi) -> Person:
    return api.person("Ann")


@pytest.fixture
def foxes(api: BotApi, ann: Person) -> Chat:
    return api.supergroup("Foxes", ann)


async def say(wire: Wire, chat: Chat, text: str, **how: object) -> Message:
    sent = await wire.ok("sendMessage", chat_id=chat.id, text=text, **how)
    return chat.by_id[sent["message_id"]]


@pytest.mark.parametrize(
    ("text", "hears"),
    [
        ("hello", False),
        ("/imagine a fox", True),
        ("/imagine@easel_bot a fox", True),
        ("/imagine@Easel_Bot a fox", True),
        ("/imagine@other_bot a fox", False),
        ("please /imagine a fox", False),
        ("@easel_bot a fox", True),
        ("what can @easel_bot do?", True),
        ("@easel_bot2 a fox", False),
        ("a/b", False),
    ],
)
async def test_in_private_mode_the_bot_hears_what_is_meant_for_it(
    api: BotApi, ann: Person, foxes: Chat, text: str, *, hears: bool
) -> None:
    ann.says(text, foxes)
    ann.sends_photo(picture(), text, foxes)
    assert heard(api) == [text] * 2 * hears


async def test_what_else_the_bot_hears_in_private_mode(api: BotApi, wire: Wire, ann: Person, foxes: Chat) -> None:
    bot_says = await say(wire, foxes, "How shall it be?")
    api.updates.waiting.clear()
    ann.says("in the snow", reply_to=bot_says)
    said = ann.says("nice", foxes)
    ann.says("indeed", reply_to=said)
    ann.edits(said, "/nice")
    ann.sends_album([picture(), picture(65)], "/imagine", foxes)
    assert heard(api) == ["in the snow", "/nice", "/imagine"]
    assert api.updates.told[1].kind == "edited_message"


async def test_a_reply_brings_what_it_replies_to_but_not_what_that_replied_to(
    api: BotApi, ann: Person, foxes: Chat
) -> None:
    said = ann.says("a fox", foxes)
    answered = ann.says("a hen", reply_to=said)
    ann.says("/imagine", reply_to=answered)
    brought = api.updates.told[0].body["reply_to_message"]
    assert brought["text"] == "a hen"
    assert "reply_to_message" not in brought


async def test_mentions_and_captions_are_switches(api: BotApi, ann: Person, foxes: Chat) -> None:
    api.privacy.mentions = api.privacy.captions = False
    ann.says("@easel_bot a fox", foxes)
    ann.sends_photo(picture(), "/imagine", foxes)
    assert heard(api) == []


async def test_a_command_for_nobody_goes_to_the_bot_that_spoke_last(
    api: BotApi, wire: Wire, ann: Person, foxes: Chat
) -> None:
    robo = api.person("Robo", bot=True)
    robo.says("/imagine as another bot", foxes)
    ann.says("/imagine a fox", foxes)
    ann.says("/imagine@easel_bot a hen", foxes)
    await say(wire, foxes, "Queued")
    ann.says("/imagine a duck", foxes)
    assert heard(api) == ["/imagine@easel_bot a hen", "/imagine a duck"]


async def test_without_privacy_and_as_an_admin_it_hears_everything(api: BotApi, ann: Person, foxes: Chat) -> None:
    api.privacy.on = False
    ann.says("a", foxes)
    api.privacy.on = True
    ann.says("b", foxes)
    foxes.promote_bot(ann)
    ann.says("c", foxes)
    assert heard(api) == ["a", "c"]


async def test_where_it_is_not_it_hears_nothing(api: BotApi, ann: Person, foxes: Chat) -> None:
    foxes.remove_bot(ann)
    ann.says("/imagine", foxes)
    ann.blocks()
    ann.says("/imagine")
    assert heard(api) == [""]  # that it was removed
    assert [update.kind for update in api.updates.told] == ["message", "my_chat_member", "my_chat_member"]


async def test_messages_count_by_account_in_private_chats_and_groups_and_by_chat_elsewhere(
    api: BotApi, ann: Person, foxes: Chat
) -> None:
    group = api.group("Hens", ann)
    ids = [ann.says("x", chat).id for chat in (ann.private, group, foxes, ann.private, foxes)]
    assert ids == [1, 2, 1, 3, 2]


async def test_a_bot_may_write_first_only_where_it_was_started(wire: Wire, ann: Person, foxes: Chat) -> None:
    ann.says("hello", foxes)
    assert await wire.refused("sendMessage", chat_id=ann.id, text="x") == (
        "Forbidden: bot can't initiate conversation with a user"
    )
    ann.says("/start")
    await wire.ok("sendMessage", chat_id=ann.id, text="x")
    ann.blocks()
    assert await wire.refused("sendMessage", chat_id=ann.id, text="x") == "Forbidden: bot was blocked by the user"
    ann.unblocks()
    await wire.ok("sendMessage", chat_id=ann.id, text="x")


async def test_in_a_channel_only_an_admin_who_may_post_can_write(api: BotApi, wire: Wire, ann: Person) -> None:
    news = api.channel("News", ann)
    await wire.ok("sendMessage", chat_id=news.id, text="x")
    news.promote_bot(ann, can_post_messages=False)
    assert await wire.refused("sendMessage", chat_id=news.id, text="x") == (
        "Bad Request: need administrator rights in the channel chat"
    )


async def test_whose_messages_the_bot_may_delete(wire: Wire, clock: Clock, ann: Person, foxes: Chat) -> None:
    hers, its = ann.says("/x", foxes), await say(wire, foxes, "y")
    assert await wire.refused("deleteMessage", chat_id=foxes.id, message_id=hers.id) == (
        "Bad Request: message can't be deleted"
    )
    clock.now += 49 * 3600
    assert await wire.refused("deleteMessage", chat_id=foxes.id, message_id=its.id) == (
        "Bad Request: message can't be deleted for everyone"
    )
    foxes.promote_bot(ann)
    await wire.ok("deleteMessages", chat_id=foxes.id, message_ids=[hers.id, its.id, 99])
    assert foxes.log() == ""
    assert foxes.log(everything=True) == "Ann: /x (deleted)\nEasel: y (deleted)"


async def test_a_closed_topic_is_open_to_admins(api: BotApi, wire: Wire, ann: Person) -> None:
    den = api.forum("Den", ann)
    topic = den.topic("Foxes")
    topic.close()
    den.promote_bot(ann)
    await wire.ok("sendMessage", chat_id=den.id, message_thread_id=topic.id, text="x")
    assert await wire.refused("sendMessage", chat_id=den.id, message_thread_id=1234, text="x") == (
        "Bad Request: message thread not found"
    )


async def test_a_thread_that_is_no_topic_is_passed_over(wire: Wire, foxes: Chat) -> None:
    assert (await say(wire, foxes, "x", message_thread_id=77)).topic is None


async def test_the_log_reads_as_the_chat_does(api: BotApi, wire: Wire, ann: Person) -> None:
    den = api.forum("Den", ann)
    topic = den.topic("Foxes", ann)
    asked = ann.sends_photo(picture(), "/imagine a very long prompt", topic, spoiler=True)
    keyboard = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}], [{"text": "B", "url": "https://b"}]]}
    await say(
        wire, den, "one\ntwo", message_thread_id=topic.id, reply_parameters={"message_id": asked.id},
        disable_notification=True, reply_markup=keyboard,
    )  # fmt: skip
    forwarded = ann.forwards(den.answers[0], ann.private)
    ann.sends_sticker(picture(kind="WEBP"))
    assert den.log(everything=True) == (
        "#Foxes Ann: [forum_topic_created]\n"
        "#Foxes Ann: [photo 64×64 spoiler] /imagine a very long prompt\n"
        '#Foxes Easel, to Ann "[photo 64×64 spoiler] /…": one\n    two [A] [B] (silent)'
    )
    assert forwarded.origin is not None
    assert ann.private.log() == "Ann: [forwarded] one\n    two\nAnn: [sticker]"


async def test_every_version_of_a_message_is_kept(wire: Wire, ann: Person, foxes: Chat) -> None:
    status = await say(wire, foxes, "1")
    for text in "23":
        await wire.ok("editMessageText", chat_id=foxes.id, message_id=status.id, text=text)
    assert [version.text for version in status.versions] == ["1", "2", "3"]
    assert (foxes.log(), status.edits) == ("Easel: 3 (edited)", 2)
    said = ann.says("/a", foxes)
    ann.edits(said, "/b")
    assert [version.text for version in said.versions] == ["/a", "/b"]


async def test_a_button_that_is_not_there_cannot_be_pressed_but_its_data_can_be_made_up(
    api: BotApi, wire: Wire, ann: Person, foxes: Chat
) -> None:
    shown = await say(wire, foxes, "x")
    with pytest.raises(LookupError, match="Again"):
        ann.presses(shown, "Again")
    ann.presses(shown, data="cancel:of-another")
    assert api.updates.told[-1].body["data"] == "cancel:of-another"


async def test_what_was_sent_via_the_bot_can_be_edited_by_its_inline_id(
    api: BotApi, wire: Wire, ann: Person, foxes: Chat
) -> None:
    api.world.inline_feedback = True
    query = ann.types("a fox", foxes)
    keyboard = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}
    offer = {"type": "article", "id": "1", "title": "Make", "input_message_content": {"message_text": "soon"}}
    await wire.ok("answerInlineQuery", inline_query_id=query.id, results=[offer | {"reply_markup": keyboard}])
    sent = ann.chooses((await query).results[0], foxes)
    chosen = api.updates.told[-1]
    assert (chosen.kind, chosen.body["result_id"]) == ("chosen_inline_result", "1")
    inline_id = chosen.body["inline_message_id"]
    ann.presses(sent, "Again")
    assert api.updates.told[-1].body["inline_message_id"] == inline_id
    assert await wire.ok("editMessageText", inline_message_id=inline_id, text="now") is True
    assert foxes.log() == "Ann via the bot: now (edited)"
    assert await wire.refused("editMessageText", inline_message_id="x", text="now") == "Bad Request: MESSAGE_ID_INVALID"


async def test_waiting_ends_with_what_was_waited_for(ann: Person) -> None:
    async with asyncio.timeout(5):
        waiting = asyncio.create_task(ann.private.until(lambda: ann.private.last))
        await asyncio.sleep(0)
        said = ann.says("hello")
        assert await waiting is said


async def test_actions_are_seen(wire: Wire, foxes: Chat) -> None:
    await wire.ok("sendChatAction", chat_id=foxes.id, action="upload_photo")
    assert foxes.actions == ["upload_photo"]


async def test_members_come_and_go(api: BotApi, wire: Wire, ann: Person, foxes: Chat) -> None:
    bob = api.person("Bob")
    assert (await wire.ok("getChatMember", chat_id=foxes.id, user_id=bob.id))["status"] == "left"
    foxes.join(bob)
    foxes.promote(bob, anonymous=True)
    admins = await wire.ok("getChatAdministrators", chat_id=foxes.id)
    assert [(one["user"]["first_name"], one["status"], one["is_anonymous"]) for one in admins] == [
        ("Ann", "creator", False),
        ("Bob", "administrator", True),
    ]
    foxes.demote(bob)
    assert (await wire.ok("getChatMember", chat_id=foxes.id, user_id=bob.id))["status"] == "member"
    foxes.leave(bob)
    assert (await wire.ok("getChatMember", chat_id=foxes.id, user_id=bob.id))["status"] == "left"
    assert foxes.log(everything=True) == "Bob: [new_chat_members]\nBob: [left_chat_member]"
