"""The server satisfies the Bot of python-telegram-bot, the library that Easel uses."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    BotCommandScopeChatAdministrators,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultCachedDocument,
    InputMediaDocument,
    InputMediaPhoto,
    InputTextMessageContent,
    Message,
    MessageEntity,
    MessageOriginChannel,
    ReplyParameters,
    Update,
)
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from tests.telegram_api import Answer, BotApi, picture

BUTTONS = InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data="again:1")]])


async def only(bot: Bot, api: BotApi) -> Update:
    """The one update that waits; confirmed afterwards."""
    async with asyncio.timeout(10):
        (update,) = await bot.get_updates(timeout=10)
    api.updates.confirm(update.update_id + 1)
    return update


async def test_a_conversation_in_a_topic(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann", language="zh-hans")
    den = api.forum("Den", ann)
    topic = den.topic("Foxes", ann)
    api.updates.waiting.clear()
    ann.says("/imagine a fox", topic)
    message = (await only(ptb, api)).message
    assert message is not None
    assert (message.is_topic_message, message.message_thread_id) == (True, topic.id)
    assert message.from_user is not None
    assert message.from_user.language_code == "zh-hans"
    assert message.reply_to_message is not None  # Telegram's habit: what opened the topic
    assert message.reply_to_message.forum_topic_created is not None

    status = await ptb.send_message(
        den.id, "Queued", message_thread_id=topic.id, disable_notification=True,
        reply_parameters=ReplyParameters(message.message_id, allow_sending_without_reply=True),
    )  # fmt: skip
    assert status.message_thread_id == topic.id
    result = await ptb.send_photo(
        den.id, picture(300, 200), caption="a fox", message_thread_id=topic.id, has_spoiler=True, reply_markup=BUTTONS
    )
    assert result.has_media_spoiler
    await ptb.delete_message(den.id, status.message_id)
    press = ann.presses(den.photos[0], "Again")
    query = (await only(ptb, api)).callback_query
    assert query is not None
    assert query.data == "again:1"
    assert isinstance(query.message, Message)
    assert query.message.message_thread_id == topic.id
    await query.answer("Soon")
    assert await press == Answer("Soon")
    with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
        await query.answer("Twice")
    assert den.log() == ("#Foxes Ann: /imagine a fox\n#Foxes Easel: [photo 300×200 spoiler] a fox [Again]")


async def test_a_press_on_a_message_that_is_gone_names_only_its_number(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann")
    ann.says("/start")
    sent = await ptb.send_message(ann.id, "a", reply_markup=BUTTONS)
    api.updates.waiting.clear()
    shown = ann.private.answers[0]
    ann.clears()
    ann.presses(shown, "Again")
    query = (await only(ptb, api)).callback_query
    assert query is not None
    assert query.message is not None
    assert (query.message.message_id, query.message.is_accessible) == (sent.message_id, False)


async def test_files_of_every_kind_come_down(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann")
    original = picture(512, 512, kind="WEBP")
    ann.sends_sticker(original)
    ann.sends_document(original, "fox.webp", "/imagine as it is")
    ann.sends_photo(picture(640, 480), "/imagine this")
    sticker, document, photo = [update.message for update in await ptb.get_updates()]
    assert sticker is not None
    assert sticker.sticker is not None
    assert await (await sticker.sticker.get_file()).download_as_bytearray() == original
    assert document is not None
    assert document.document is not None
    assert await (await document.document.get_file()).download_as_bytearray() == original
    assert photo is not None
    assert photo.caption == "/imagine this"
    for size in photo.photo:
        data = await (await size.get_file()).download_as_bytearray()
        assert (data[:3], len(data)) == (b"\xff\xd8\xff", size.file_size)
    sent = await ptb.send_document(ann.id, document.document.file_id)
    assert sent.document == document.document
    with pytest.raises(BadRequest, match="Can't use file of type document as photo"):
        await ptb.send_photo(ann.id, document.document.file_id)
    api.files.forget(document.document.file_id)
    with pytest.raises(BadRequest, match="Wrong file identifier/http url specified"):
        await ptb.send_document(ann.id, document.document.file_id)


async def test_albums_of_people_and_of_the_bot(api: BotApi, ptb: Bot) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    foxes = api.supergroup("Foxes", ann, bob)
    first, second = ann.sends_album([picture(), picture(65)], "look", foxes)
    bob.says("/imagine like this", reply_to=second)
    heard = (await only(ptb, api)).message
    assert heard is not None
    assert heard.reply_to_message is not None
    assert (heard.reply_to_message.message_id, heard.reply_to_message.media_group_id) == (second.id, first.album)
    sent = await ptb.send_media_group(
        foxes.id, [InputMediaPhoto(picture(70), caption="1", has_spoiler=True), InputMediaPhoto(picture(71))]
    )
    assert [message.media_group_id for message in sent] == [sent[0].media_group_id] * 2
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await sent[0].edit_reply_markup(BUTTONS)  # an album has no keyboard
    with pytest.raises(BadRequest, match="Message content type can't be used in an album"):
        await sent[0].edit_media(InputMediaDocument(picture(70), filename="1.png"))
    files = [InputMediaDocument(picture(70), filename="1.png"), InputMediaDocument(picture(71), filename="2.png")]
    await ptb.send_media_group(foxes.id, files, disable_notification=True)
    assert foxes.log() == (
        "Ann: [photo 64×64] look\n"
        "Ann: [photo 65×64]\n"
        'Bob, to Ann "[photo 65×64]": /imagine like this\n'
        "Easel: [photo 70×64 spoiler] 1\n"
        "Easel: [photo 71×64]\n"
        "Easel: [file 1.png] (silent)\n"
        "Easel: [file 2.png] (silent)"
    )


async def test_edits_and_their_refusals(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann")
    asked = ann.says("/start")
    bold = [MessageEntity(MessageEntity.CODE, 3, 4)]
    message = await ptb.send_message(ann.id, "🦊 f3a1", entities=bold, reply_markup=BUTTONS)
    assert message.parse_entity(message.entities[0]) == "f3a1"
    with pytest.raises(BadRequest, match="Message is not modified"):
        await message.edit_text("🦊 f3a1", entities=bold, reply_markup=BUTTONS)
    await message.edit_text("🦊 f3a1", entities=bold)
    shown = ann.private.answers[0]
    assert shown.buttons == []
    photo = await message.edit_media(InputMediaPhoto(picture(), caption="a fox"), reply_markup=BUTTONS)
    assert isinstance(photo, Message)
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await photo.edit_text("x")
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await ptb.edit_message_text("x", ann.id, asked.id)
    await photo.edit_caption("a fox")
    await photo.delete()
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await photo.edit_caption("x")
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await photo.delete()
    assert [version.text for version in shown.versions] == ["🦊 f3a1", "🦊 f3a1", "a fox", "a fox"]


async def test_replies_to_what_is_gone(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann")
    asked = ann.says("/imagine")
    ann.deletes(asked)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await ptb.send_message(ann.id, "x", reply_parameters=ReplyParameters(asked.id))
    sent = await ptb.send_message(
        ann.id, "x", reply_parameters=ReplyParameters(asked.id, allow_sending_without_reply=True)
    )
    assert sent.reply_to_message is None


async def test_a_forced_reply_is_heard_in_a_group(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann")
    foxes = api.supergroup("Foxes", ann)
    await ptb.send_message(foxes.id, "How shall it be?", reply_markup=ForceReply(selective=True))
    ann.says("in the snow", reply_to=foxes.answers[0])
    message = (await only(ptb, api)).message
    assert message is not None
    assert message.text == "in the snow"
    assert message.message_thread_id is not None  # a thread of replies, which is no topic
    assert message.is_topic_message is None
    assert foxes.log().startswith("Easel: How shall it be? (asks for a reply)")


async def test_inline_mode(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann")
    ann.sends_document(picture(), "fox.png")
    kept = (await only(ptb, api)).message
    assert kept is not None
    assert kept.document is not None
    asked = ann.types("a fox")
    query = (await only(ptb, api)).inline_query
    assert query is not None
    assert (query.query, query.chat_type) == ("a fox", "sender")
    await query.answer(
        [
            InlineQueryResultArticle("make", "Make: a fox", InputTextMessageContent("/imagine a fox")),
            InlineQueryResultCachedDocument("1", "a fox", kept.document.file_id),
        ],
        next_offset="2",
        is_personal=True,
    )
    offers = await asked
    assert (offers.titles, offers.next_offset, offers.personal) == (["Make: a fox", "a fox"], "2", True)
    ann.chooses(offers.results[1])
    chosen = (await only(ptb, api)).message
    assert chosen is not None
    assert chosen.via_bot == await ptb.get_me()
    assert chosen.document == kept.document


async def test_channels_and_their_discussion(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann")
    talk = api.supergroup("Talk", ann, bot="administrator")
    news = api.channel("News", ann, discussion=talk)
    ann.says("/imagine a fox", news)
    post, forwarded = await ptb.get_updates()
    assert post.channel_post is not None
    assert post.channel_post.from_user is None
    assert post.channel_post.sender_chat == post.channel_post.chat
    assert forwarded.message is not None
    assert forwarded.message.is_automatic_forward
    assert isinstance(forwarded.message.forward_origin, MessageOriginChannel)
    assert (await ptb.get_chat(news.id)).linked_chat_id == talk.id
    await ptb.send_message(news.id, "Queued")
    assert news.log() == "News: /imagine a fox\nNews: Queued"


async def test_anonymous_admins_and_channels_as_senders(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann")
    foxes, news = api.supergroup("Foxes", ann), api.channel("News", ann)
    ann.says("/imagine a fox", foxes, anonymously=True)
    ann.says("/imagine a hen", foxes, as_channel=news)
    anonymous, channel = [update.message for update in await ptb.get_updates()]
    assert anonymous is not None
    assert channel is not None
    assert anonymous.from_user is not None
    assert (anonymous.from_user.username, anonymous.sender_chat) == ("GroupAnonymousBot", anonymous.chat)
    assert channel.sender_chat is not None
    assert channel.sender_chat.id == news.id
    assert foxes.log() == "Foxes: /imagine a fox\nNews: /imagine a hen"


async def test_commands_of_a_chat_and_of_its_admins(api: BotApi, ptb: Bot) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    foxes = api.supergroup("Foxes", ann, bob)
    await ptb.set_my_commands([BotCommand("allow", "let somebody in")], BotCommandScopeChatAdministrators(foxes.id))
    await ptb.set_my_commands([("imagine", "make a picture")])
    await ptb.set_my_commands([BotCommand("servers", "what draws")], BotCommandScopeChat(ann.id))
    assert api.menu.seen_by(ann, foxes) == {"allow": "let somebody in"}
    assert api.menu.seen_by(bob, foxes) == {"imagine": "make a picture"}
    assert api.menu.seen_by(ann) == {"servers": "what draws"}
    assert [one.command for one in await ptb.get_my_commands(BotCommandScopeChat(ann.id))] == ["servers"]
    assert await ptb.get_my_commands(language_code="zh") == ()
    await ptb.delete_my_commands()
    assert api.menu.seen_by(bob, foxes) == {}


async def test_the_bot_is_moved_about_and_told_so(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann")
    foxes = api.group("Foxes", ann, bot="left")
    foxes.add_bot(ann)
    foxes.restrict_bot(ann, can_send_photos=False)
    ann.blocks()
    changes = [update.my_chat_member for update in await ptb.get_updates() if update.my_chat_member]
    assert [(one.old_chat_member.status, one.new_chat_member.status) for one in changes] == [
        ("left", "member"),
        ("member", "restricted"),
        ("member", "kicked"),
    ]
    await ptb.send_message(foxes.id, "fine")
    with pytest.raises(BadRequest, match="Not enough rights to send photos to the chat"):
        await ptb.send_photo(foxes.id, picture())
    foxes.mute_bot(ann)
    with pytest.raises(BadRequest, match="Not enough rights to send text messages to the chat"):
        await ptb.send_message(foxes.id, "hm")
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await ptb.send_message(ann.id, "hello")
    foxes.unrestrict_bot(ann)
    assert await ptb.leave_chat(foxes.id)
    assert [update.kind for update in api.updates.told[-2:]] == ["message", "my_chat_member"]
    assert "left_chat_member" in api.updates.told[-2].body
    with pytest.raises(Forbidden, match="bot is not a member of the group chat"):
        await ptb.send_message(foxes.id, "hm")


async def test_a_group_that_moves_on_tells_both_sides(api: BotApi, ptb: Bot) -> None:
    ann = api.person("Ann")
    foxes = api.group("Foxes", ann)
    ann.says("/imagine", foxes)
    moved = foxes.migrate(ann)
    told = [update.message for update in await ptb.get_updates()]
    assert [message.migrate_to_chat_id for message in told if message] == [None, moved.id, None]
    assert [message.migrate_from_chat_id for message in told if message] == [None, None, foxes.id]
    assert [message.id for message in moved.history] == [1]
    with pytest.raises(ChatMigrated) as move:
        await ptb.send_message(foxes.id, "x")
    assert move.value.new_chat_id == moved.id
    with pytest.raises(ValueError, match="has become"):
        ann.says("/imagine", foxes)


async def test_closed_and_deleted_topics(api: BotApi, ptb: Bot) -> None:
    den = api.forum("Den", api.person("Ann"))
    topic = den.topic("Foxes")
    topic.close()
    with pytest.raises(BadRequest, match="Topic_closed"):
        await ptb.send_message(den.id, "x", message_thread_id=topic.id)
    topic.reopen()
    await ptb.send_message(den.id, "x", message_thread_id=topic.id)
    topic.delete()
    with pytest.raises(BadRequest, match="Message thread not found"):
        await ptb.send_message(den.id, "x", message_thread_id=topic.id)
    await ptb.send_message(den.id, "in General")
    assert den.log() == "Easel: in General"


async def test_trouble_has_its_exceptions(api: BotApi, ptb: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # else the library warns about its own RetryAfter
    ann = api.person("Ann")
    ann.says("/start")
    api.faults.flood(7, chat=ann.private)
    with pytest.raises(RetryAfter) as flood:
        await ptb.send_message(ann.id, "x")
    assert flood.value.retry_after == timedelta(seconds=7)
    api.faults.fail(status=502, html=True)
    with pytest.raises(NetworkError):
        await ptb.get_me()
    api.faults.cut(method="sendMessage", after=True)
    with pytest.raises(NetworkError):
        await ptb.send_message(ann.id, "it was sent, though")
    assert ann.private.answers[0].text == "it was sent, though"
    api.faults.rival = True
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await ptb.get_updates()
    api.faults.revoke_token()
    with pytest.raises(InvalidToken):
        await ptb.send_message(ann.id, "x")
