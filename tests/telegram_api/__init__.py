"""Telegram for one bot, on loopback: a Bot API server and the people who talk to the bot.

    async with BotApi() as api:                       # api.url/bot{api.token}/METHOD, api.url/file/bot{api.token}/PATH
        ann = api.person("Ann", language="en")
        foxes = api.group("Foxes", ann)               # or supergroup, forum, channel; the bot is a member already
        asked = ann.says("/imagine a fox", foxes)     # without a chat: in ann's private chat with the bot
        result = await foxes.until(lambda: next(iter(foxes.photos), None))
        answer = await ann.presses(result, "Again")   # Answer(text, alert): waits for answerCallbackQuery
        assert foxes.log() == (
            "Ann: /imagine a fox\\n"
            'Easel, to Ann "/imagine a fox": [photo 512×512] a fox [Again] [Vary]'
        )

Everything that people do happens at once; `until` and `presses` wait for the bot, so put `asyncio.timeout` around a
test. The bot may be in the same process or be another one: all it needs is `api.url` and `api.token`.
`api.limits` is what is enforced, `api.floods` what was refused as too fast, `api.calls` what was called, `api.faults`
what shall go wrong; `await api.stop()` and `await api.start()` are an outage.
"""

from tests.telegram_api.chats import Chat, Member, Topic
from tests.telegram_api.faults import Gate
from tests.telegram_api.limits import Flood, Limits
from tests.telegram_api.model import Button, Content, Message, User
from tests.telegram_api.people import Answer, Offer, Offers, Person, Press, Query
from tests.telegram_api.pictures import picture
from tests.telegram_api.refusals import Refusal
from tests.telegram_api.server import TOKEN, BotApi, Call
from tests.telegram_api.world import Privacy

__all__ = [
    "TOKEN",
    "Answer",
    "BotApi",
    "Button",
    "Call",
    "Chat",
    "Content",
    "Flood",
    "Gate",
    "Limits",
    "Member",
    "Message",
    "Offer",
    "Offers",
    "Person",
    "Press",
    "Privacy",
    "Query",
    "Refusal",
    "Topic",
    "User",
    "picture",
]
