"""Who is let in: nobody at first.

The newcomer's way of docs/telegram.md is walked by `tests/integration/terminal/test_docs.py`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.talks import BUTTONS, Easel, picture, ready, seen
from tests.telegram_api import BotApi, Chat, Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "--w 64 --h 64 --steps 2 --seed 7"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def easel(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Easel]:
    """One that is closed to all but its operator, and to a group that its settings name."""
    async with ready(tmp_path_factory.mktemp("easel")) as easel:
        listed = easel.telegram.group("Listed")
        easel.environ = {
            **easel.environ,
            "EASEL_ACCESS__ANYBODY": "false",
            "EASEL_ACCESS__CHATS": f'["telegram/{listed.id}"]',
        }
        await easel.start()
        yield easel


@pytest_asyncio.fixture(loop_scope="module")
async def den(easel: Easel, operator: Person, foxes: Chat) -> Chat:
    """A group that the operator has let in."""
    await easel.answer(operator.says("/allow here", foxes))
    for message in foxes.messages:
        message.deleted = True
    return foxes


@pytest.fixture
def eve(telegram: BotApi) -> Person:
    """Somebody whom nobody has let in."""
    return telegram.person("Eve")


async def test_a_group_is_let_in(easel, operator, ann, foxes):
    await easel.answer(ann.says("/imagine a lighthouse", foxes))
    await easel.answer(ann.says("/allow here", foxes))
    await easel.answer(operator.says("/allow here", foxes))
    ann.says(f"/imagine a lighthouse {SMALL}", foxes)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a lighthouse
        Easel, to Ann "/imagine a lighthouse": Easel is not open to you here yet. An operator can change that
            for this chat: /allow telegram/{foxes.id}
            for you alone: /allow telegram:{ann.id}
        Ann: /allow here
        Easel, to Ann "/allow here": Easel is not open to you here yet. An operator can change that
            for this chat: /allow telegram/{foxes.id}
            for you alone: /allow telegram:{ann.id}
        Otto: /allow here
        Easel, to Otto "/allow here": telegram/{foxes.id} may now use Easel.
        Ann: /imagine a lighthouse --w 64 --h 64 --steps 2 --seed 7
        Easel, to Ann "/imagine a lighthouse -…": [photo 64×64] a lighthouse
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


class TestStrangers:
    async def test_whoever_is_alone_with_us_reads_only_their_own_id(self, easel, eve):
        refused = await easel.answer(eve.says("/start"))

        assert refused.text == f"Easel is not open to you. An operator can change that: /allow telegram:{eve.id}"

    async def test_a_channel_and_who_speaks_for_a_group_read_only_that_chats_id(self, easel, telegram, ann, foxes):
        news = telegram.channel("News", ann)
        foxes.promote(ann, anonymous=True)

        posted = await easel.answer(ann.says("/imagine a fox", news))
        unnamed = await easel.answer(ann.says("/imagine a fox", foxes, anonymously=True))

        assert posted.text.endswith(f"not open to this chat. An operator can change that: /allow telegram/{news.id}")
        assert unnamed.text.endswith(f"not open to this chat. An operator can change that: /allow telegram/{foxes.id}")

    async def test_one_refusal_a_wish_and_none_for_talk_or_other_bots(self, easel, ann, foxes):
        ann.says("hello everybody", foxes)
        ann.says("/frobnicate", foxes)
        ann.sends_photo(picture(), "my garden", foxes)
        ann.sends_photo(picture(), "/imagine in winter", foxes)
        await seen(foxes, lambda: foxes.answers)
        await easel.answer(ann.says("/queue", foxes))

        await easel.reads(
            foxes,
            f"""
            Ann: hello everybody
            Ann: /frobnicate
            Ann: [photo 64×48] my garden
            Ann: [photo 64×48] /imagine in winter
            Easel, to Ann "[photo 64×48] /imagine …": Easel is not open to you here yet. An operator can change that
                for this chat: /allow telegram/{foxes.id}
                for you alone: /allow telegram:{ann.id}
            Ann: /queue
            Easel, to Ann "/queue": Easel is not open to you here yet. An operator can change that
                for this chat: /allow telegram/{foxes.id}
                for you alone: /allow telegram:{ann.id}
            """,
        )
        assert easel.telegram.counts["getfile"] == 0

    async def test_an_admin_of_a_group_is_a_stranger_too(self, easel, ann, foxes):
        answer = await easel.answer(ann.says("/settings previews on", foxes))

        assert answer.text.startswith("Easel is not open to you here yet.")

    @pytest.mark.parametrize("action", ["again", "vary", "upscale", "edit", "info", "file", "delete", "cancel"])
    async def test_their_presses_do_nothing_but_tell_them(self, easel, ann, den, eve, action):
        shown = await easel.result(ann.says(f"/imagine a fox {SMALL}", den))
        job = shown.keyboard[0][0].data.partition(":")[2]
        refusal = await easel.answer(eve.says("hello"))

        answer = await eve.presses(refusal, data=f"{action}:{job}")

        assert answer.alert
        assert answer.text.startswith("Easel is not open to you here yet.")
        assert den.answers == [shown]
        assert eve.private.answers == [refusal]

    async def test_who_is_let_in_elsewhere_cannot_reach_into_a_chat(self, easel, operator, ann, den, eve):
        shown = await easel.result(ann.says(f"/imagine a fox {SMALL}", den))
        job = shown.keyboard[0][0].data.partition(":")[2]
        await easel.answer(operator.says(f"/allow telegram:{eve.id}"))
        own = await easel.result(eve.says(f"/imagine a tower {SMALL}"))

        answers = [await eve.presses(own, data=f"{action}:{job}") for action in ("again", "info", "file", "delete")]
        shows = await easel.answer(eve.says(f"/show {job}"))

        nobody_knows = (
            f"There is no job {job} here. Ids look like k7m2qd; /mine lists yours, and /queue those that wait."
        )
        assert {one.text for one in answers} == {nobody_knows}
        assert shows.text == nobody_knows
        assert eve.private.answers[0] is own
        assert len(eve.private.photos) == 1

    async def test_inline_they_are_offered_nobodys_pictures_and_what_they_choose_is_refused(self, easel, ann, den, eve):
        await easel.result(ann.says(f"/imagine a fox {SMALL}", den))
        dens = easel.telegram.supergroup("Dens", eve)

        offers = await eve.types("a fox", dens)
        asked = eve.chooses(offers.results[0], dens)
        answer = await easel.answer(asked)

        assert offers.titles == ["Make: a fox"]
        assert answer.text.startswith("Easel is not open to you here yet.")

    async def test_inline_a_member_makes_a_picture_in_a_group_that_is_let_in(self, easel, ann, den):
        offers = await ann.types("a fox --w 64 --h 64", den)

        shown = await easel.result(ann.chooses(offers.results[0], den))

        assert shown.text.startswith("a fox")


class TestOperators:
    @pytest.mark.parametrize(
        "command",
        [
            "/allow here",
            "/deny here",
            "/ban here",
            "/unban here",
            "/servers",
            "/drain gpu",
            "/pause",
            "/resume",
            "/reload",
            "/audit",
            "/settings adult on",
        ],
    )
    async def test_what_they_may_not_even_admins_may(self, easel, ann, den, command):
        answer = await easel.answer(ann.says(command, den))

        assert answer.text == "Only an operator can do that."

    async def test_a_member_who_is_let_in_alone_may_draw_anywhere(self, easel, operator, eve, foxes):
        await easel.answer(operator.says(f"/allow telegram:{eve.id}"))

        shown = await easel.result(eve.says(f"/imagine a fox {SMALL}"))
        elsewhere = await easel.result(eve.says(f"/imagine a tower {SMALL}", foxes))

        assert shown.text.startswith("a fox")
        assert elsewhere.text.startswith("a tower")

    async def test_a_ban_is_told_and_lifted(self, easel, operator, bob, den):
        shown = await easel.result(bob.says(f"/imagine a fox {SMALL}", den))
        await easel.answer(operator.says("/ban 2 h", den, reply_to=shown))
        await easel.answer(bob.says("/imagine a tower", den))
        pressed = await bob.presses(shown, "Again")
        await easel.answer(operator.says(f"/unban telegram:{bob.id}", den))
        await easel.result(bob.says(f"/imagine a lake {SMALL}", den))

        banned = "You are banned here for another 2 h. Only an operator can lift that earlier."
        await easel.reads(
            den,
            f"""
            Bob: /imagine a fox {SMALL}
            Easel, to Bob "/imagine a fox --w 64 -…": [photo 64×64] a fox
                64 × 64 · seed 7 · job-1 {BUTTONS}
            Otto, to Easel "[photo 64×64] a fox    …": /ban 2 h
            Easel, to Otto "/ban 2 h": telegram:{bob.id} is now banned for 2 h.
            Bob: /imagine a tower
            Easel, to Bob "/imagine a tower": {banned}
            Otto: /unban telegram:{bob.id}
            Easel, to Otto "/unban telegram:{bob.id}": telegram:{bob.id} is not banned any more.
            Bob: /imagine a lake {SMALL}
            Easel, to Bob "/imagine a lake --w 64 …": [photo 64×64] a lake
                64 × 64 · seed 7 · job-2 {BUTTONS}
            """,
        )
        assert pressed.text == banned
        assert pressed.alert

    async def test_a_chat_that_is_denied_is_shut_again(self, easel, operator, ann, den):
        shown = await easel.result(ann.says(f"/imagine a fox {SMALL}", den))
        await easel.answer(operator.says("/deny here", den))

        answer = await easel.answer(ann.says("/imagine a tower", den))
        pressed = await ann.presses(shown, "Again")

        assert answer.text == f"Easel is not open to this chat. An operator can change that: /allow telegram/{den.id}"
        assert pressed.text == answer.text


class TestLimits:
    async def test_who_has_used_up_what_is_allowed_is_told_when_there_is_more(self, easel, ann, bob, den):
        await easel.answer(ann.says("/settings jobs-per-day 1", den))
        await easel.result(bob.says(f"/imagine a fox {SMALL}", den))

        answer = await easel.answer(bob.says("/imagine a tower", den))

        left = answer.text.partition("You can ask for the next in ")[2]
        assert answer.text.startswith("One job in 24 hours is allowed, and you have had it. ")
        assert re.fullmatch(r"1 d\.|23 h 5\d min\.", left)

    async def test_as_many_at_once_as_are_allowed(self, easel, ann, bob, den):
        await easel.answer(ann.says("/settings waiting 1", den))
        with easel.holding():
            first = bob.says(f"/imagine a fox {SMALL}", den)
            second = bob.says("/imagine a tower", den)
            refused = await easel.answer(second)
        await easel.result(first)

        assert refused.text == (
            "One job at a time is allowed, and yours has not ended. Wait until it is done, or stop it with /cancel."
        )

    async def test_too_much_in_one_wish(self, easel, ann, bob, den):
        await easel.answer(ann.says("/settings steps 4", den))

        answer = await easel.answer(bob.says("/imagine a fox --steps 5", den))

        assert answer.text == "5 steps are too many. Ask for 4 at most."


class TestMigration:
    async def test_a_group_that_was_let_in_stays_so_as_a_supergroup(self, easel, operator, ann, bob):
        foxes = easel.telegram.group("Foxes", ann, bob, operator)
        await easel.answer(operator.says("/allow here", foxes))
        await easel.answer(ann.says("/settings size 128x64", foxes))

        herd = foxes.migrate(ann)
        shown = await easel.result(bob.says("/imagine a fox --steps 2", herd))

        assert (shown.photo.width, shown.photo.height) == (128, 64)

    async def test_of_one_that_stands_in_the_settings_the_log_tells_the_new_id(self, easel, ann):
        listed = next(chat for chat in easel.telegram.world.chats.values() if chat.title == "Listed")
        await easel.result(ann.says(f"/imagine a fox {SMALL}", listed))

        herd = listed.migrate(ann)
        await easel.result(ann.says(f"/imagine a fox {SMALL}", herd))

        await easel.says("name that one in the settings", f"telegram/{listed.id}", f"telegram/{herd.id}")
