"""The server satisfies aiogram, a client that has nothing to do with the bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.filters import Command
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BufferedInputFile,
    CallbackQuery,
    ChatMemberUpdated,
    FSInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InputMediaDocument,
    InputMediaPhoto,
    InputTextMessageContent,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyParameters,
)
from aiohttp import web

from tests.telegram_api import Answer, BotApi, picture

CANCEL = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Cancel", callback_data="cancel:1")]])


@asynccontextmanager
async def polling(dispatcher: Dispatcher, bot: Bot) -> AsyncIterator[None]:
    task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False))
    try:
        yield
    finally:
        with suppress(RuntimeError):  # it had not begun
            await dispatcher.stop_polling()
        await task


async def test_a_conversation_in_a_group_by_polling(api: BotApi, aio: Bot) -> None:
    dispatcher = Dispatcher()

    @dispatcher.message(Command("imagine"))
    async def imagine(message: Message) -> None:
        status = await message.reply("Queued", disable_notification=True, reply_markup=CANCEL)
        await status.edit_text("Running")
        photo = BufferedInputFile(picture(640, 480), "fox.png")
        again = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Again", callback_data="again:1")]])
        await message.reply_photo(photo, caption="a fox", has_spoiler=True, reply_markup=again)
        await status.delete()

    @dispatcher.callback_query(F.data == "again:1")
    async def again(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        assert query.message.reply_to_message is None or query.message.reply_to_message.text
        await query.answer("Once more", show_alert=True)

    ann = api.person("Ann")
    foxes = api.group("Foxes", ann)
    ann.says("is anybody here?", foxes)
    ann.says("/imagine@easel_bot a fox", foxes)
    async with polling(dispatcher, aio):
        result = await foxes.until(lambda: len(foxes.answers) == 1 and next(iter(foxes.photos), None))
        assert await ann.presses(result, "Again") == Answer("Once more", alert=True)
    assert foxes.log(everything=True) == (
        "Ann: is anybody here?\n"
        "Ann: /imagine@easel_bot a fox\n"
        'Easel, to Ann "/imagine@easel_bot a fox": Running (silent) (edited) (deleted)\n'
        'Easel, to Ann "/imagine@easel_bot a fox": [photo 640×480 spoiler] a fox [Again]'
    )


async def test_what_a_bot_learns_about_itself_and_where_it_is(api: BotApi, aio: Bot) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    foxes = api.supergroup("Foxes", ann, bob)
    me = await aio.get_me()
    assert (me.username, me.is_bot, me.can_read_all_group_messages) == ("easel_bot", True, False)
    assert (await aio.get_chat(foxes.id)).title == "Foxes"
    assert [one.user.first_name for one in await aio.get_chat_administrators(foxes.id)] == ["Ann"]
    assert (await aio.get_chat_member(foxes.id, bob.id)).status == "member"
    assert (await aio.get_chat_member(foxes.id, ann.id)).status == "creator"


async def test_files_go_up_from_memory_and_disk_and_come_down(api: BotApi, aio: Bot, tmp_path: Path) -> None:
    ann = api.person("Ann")
    ann.says("/start")
    original = picture(2000, 1000)
    (tmp_path / "fox.png").write_bytes(original)
    sent = await aio.send_document(ann.id, FSInputFile(tmp_path / "fox.png"), caption="as it was")
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.mime_type) == ("fox.png", "image/png")
    back = await aio.download(sent.document)
    assert back is not None
    assert back.read() == original

    photo = await aio.send_photo(ann.id, BufferedInputFile(original, "fox.png"))
    assert photo.photo is not None
    assert [(size.width, size.height) for size in photo.photo] == [
        (90, 45),
        (320, 160),
        (800, 400),
        (1280, 640),
        (2000, 1000),
    ]
    again = await aio.send_photo(ann.id, photo.photo[-1].file_id)
    assert again.photo == photo.photo


async def test_albums(api: BotApi, aio: Bot) -> None:
    ann = api.person("Ann")
    asked = ann.says("/imagine a fox --n 2")
    photos = [InputMediaPhoto(media=BufferedInputFile(picture(64, 64 + n), f"{n}.png"), caption=f"{n}") for n in (1, 2)]
    sent = await aio.send_media_group(ann.id, photos, reply_parameters=ReplyParameters(message_id=asked.id))
    assert len({message.media_group_id for message in sent}) == 1
    assert ann.private.log() == (
        "Ann: /imagine a fox --n 2\n"
        'Easel, to Ann "/imagine a fox --n 2": [photo 64×65] 1\n'
        'Easel, to Ann "/imagine a fox --n 2": [photo 64×66] 2'
    )
    document = InputMediaDocument(media=BufferedInputFile(b"text", "a.txt"))
    with pytest.raises(TelegramBadRequest, match="can't be mixed"):
        await aio.send_media_group(ann.id, [photos[0], document])


async def test_edits_of_every_kind(api: BotApi, aio: Bot) -> None:
    ann = api.person("Ann")
    ann.says("/start")
    bold = [MessageEntity(type="bold", offset=0, length=2)]
    message = await aio.send_message(
        ann.id, "🦊 a fox", entities=bold, link_preview_options=LinkPreviewOptions(is_disabled=True)
    )
    assert message.entities is not None
    assert [one.model_dump() for one in message.entities] == [one.model_dump() for one in bold]
    with pytest.raises(TelegramBadRequest, match="message is not modified: specified new message content"):
        await aio.edit_message_text(
            "🦊 a fox", chat_id=ann.id, message_id=message.message_id, entities=bold,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )  # fmt: skip
    with pytest.raises(TelegramBadRequest, match="there is no caption in the message to edit"):
        await aio.edit_message_caption(chat_id=ann.id, message_id=message.message_id, caption="x")
    media = InputMediaPhoto(media=BufferedInputFile(picture(), "fox.png"), caption="soon")
    shown = await aio.edit_message_media(media, chat_id=ann.id, message_id=message.message_id, reply_markup=CANCEL)
    assert isinstance(shown, Message)
    assert shown.photo
    assert shown.edit_date
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await aio.edit_message_text("x", chat_id=ann.id, message_id=message.message_id)
    await aio.edit_message_caption(chat_id=ann.id, message_id=message.message_id, caption="now", reply_markup=CANCEL)
    await aio.edit_message_reply_markup(chat_id=ann.id, message_id=message.message_id)
    assert [version.text for version in ann.private.answers[0].versions] == ["🦊 a fox", "soon", "now", "now"]
    assert ann.private.answers[0].buttons == []


async def test_inline_mode(api: BotApi, aio: Bot) -> None:
    dispatcher = Dispatcher()
    ann = api.person("Ann")
    ann.says("/start")
    kept = (await aio.send_photo(ann.id, BufferedInputFile(picture(), "fox.png"))).photo
    assert kept is not None

    @dispatcher.inline_query()
    async def offer(query: InlineQuery) -> None:
        words = InputTextMessageContent(message_text=f"/imagine@easel_bot {query.query}")
        article = InlineQueryResultArticle(id="make", title=f"Make: {query.query}", input_message_content=words)
        shared = InlineQueryResultCachedPhoto(id="1", photo_file_id=kept[-1].file_id, title="a fox")
        await query.answer([article, shared], cache_time=0, is_personal=True)

    heard: list[Message] = []

    @dispatcher.message(Command("imagine"))
    async def imagine(message: Message) -> None:
        heard.append(message)
        await message.reply("Queued")

    foxes = api.supergroup("Foxes", ann)
    async with polling(dispatcher, aio):
        offers = await ann.types("a fox", foxes)
        assert offers.titles == ["Make: a fox", "a fox"]
        ann.chooses(offers.results[0], foxes)
        ann.chooses(offers.results[1], foxes)
        await foxes.until(lambda: foxes.answers)
    assert heard[0].via_bot is not None
    assert heard[0].via_bot.username == "easel_bot"
    assert foxes.log() == (
        "Ann via the bot: /imagine@easel_bot a fox\n"
        "Ann via the bot: [photo 64×64]\n"
        'Easel, to Ann "/imagine@easel_bot a fox": Queued'
    )


async def test_commands_by_scope_and_language(api: BotApi, aio: Bot) -> None:
    ann = api.person("Ann", language="zh-hans")
    foxes = api.group("Foxes", ann)
    imagine = BotCommand(command="imagine", description="make a picture")
    await aio.set_my_commands([imagine])
    await aio.set_my_commands(
        [BotCommand(command="imagine", description="画一张图")], BotCommandScopeAllGroupChats(), language_code="zh"
    )
    assert [one.model_dump() for one in await aio.get_my_commands()] == [imagine.model_dump()]
    assert api.menu.seen_by(ann) == {"imagine": "make a picture"}
    assert api.menu.seen_by(ann, foxes) == {"imagine": "画一张图"}
    await aio.delete_my_commands(BotCommandScopeAllGroupChats(), language_code="zh")
    assert api.menu.seen_by(ann, foxes) == {"imagine": "make a picture"}


async def test_floods_refusals_and_moves_have_their_exceptions(api: BotApi, aio: Bot) -> None:
    ann, stranger = api.person("Ann"), api.person("Bob")
    foxes = api.group("Foxes", ann)
    api.faults.flood(7, chat=foxes)
    with pytest.raises(TelegramRetryAfter) as flood:
        await aio.send_message(foxes.id, "hello")
    assert flood.value.retry_after == 7
    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation with a user"):
        await aio.send_message(stranger.id, "hello")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await aio.send_message(-99, "hello")
    moved = foxes.migrate()
    with pytest.raises(TelegramMigrateToChat) as move:
        await aio.send_message(foxes.id, "hello")
    assert move.value.migrate_to_chat_id == moved.id
    moved.remove_bot(ann)
    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
        await aio.send_message(moved.id, "hello")
    api.faults.fail(status=502)
    with pytest.raises(TelegramServerError):
        await aio.get_me()
    api.faults.cut()
    with pytest.raises(TelegramNetworkError):
        await aio.send_message(ann.id, "hello")
    api.faults.revoke_token()
    with pytest.raises(TelegramUnauthorizedError):
        await aio.get_me()


async def test_an_unknown_method_and_a_malformed_token_are_not_found(api: BotApi) -> None:
    async with aiohttp.ClientSession() as session:
        for address in (f"bot{api.token}/getMoon", "bot1:short/getMe", "somewhere/else"):
            async with session.get(f"{api.url}/{address}") as answer:
                assert (answer.status, (await answer.json())["error_code"]) == (404, 404)


async def test_of_two_pollers_the_older_one_meets_the_conflict(api: BotApi, aio: Bot) -> None:
    older = asyncio.create_task(aio.get_updates(timeout=30))
    await api.until(lambda: api.updates.polls == 1)
    newer = asyncio.create_task(aio.get_updates(timeout=30))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request; make sure that only one"):
        await older
    api.person("Ann").says("hello")
    assert len(await newer) == 1


async def test_a_webhook_brings_updates_until_they_are_taken(api: BotApi, aio: Bot) -> None:
    seen: list[str | None] = []
    dispatcher, changes = Dispatcher(), []

    @dispatcher.my_chat_member()
    async def moved(change: ChatMemberUpdated) -> None:
        changes.append(change.new_chat_member.status)

    async def take(request: web.Request) -> web.Response:
        seen.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        if len(seen) == 1:
            return web.Response(status=500)
        await dispatcher.feed_raw_update(aio, await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/telegram", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    api.webhook.proxies["https://easel.example.org"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        assert await aio.set_webhook("https://easel.example.org/telegram", secret_token="fox-secret")
        with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active"):
            await aio.get_updates()
        api.group("Foxes", bot="left").add_bot()
        await api.until(lambda: not api.updates.waiting)
        info = await aio.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
        assert await aio.delete_webhook()
    finally:
        await runner.cleanup()
    assert changes == ["member"]
    assert seen == ["fox-secret"] * 3  # the first one twice, and the service message
    assert await aio.get_updates(timeout=0) == []
