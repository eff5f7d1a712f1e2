"""What seldom happens in a chat, and what people see of it then."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.talks import BUTTONS, picture, seen
from tests.telegram_api import BotApi, Message, Person

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "--w 64 --h 64 --steps 2"


@pytest.fixture
def eve(telegram: BotApi) -> Person:
    return telegram.person("Eve")


@pytest.fixture
def open_ears(telegram: BotApi) -> Iterator[None]:
    """Privacy mode off: the bot hears all that is said in groups."""
    telegram.privacy.on = False
    yield
    telegram.privacy.on = True


async def card(asked: Message) -> Message:
    """The status message of what was asked for."""
    return await seen(
        asked.chat, lambda: next((one for one in asked.chat.replies_to(asked) if "Cancel" in one.buttons), None)
    )


def job_of(message: Message) -> str:
    """The job that a message of ours has buttons for."""
    return message.keyboard[0][0].data.partition(":")[2]


async def begun(status: Message) -> None:
    """Until a status message says that the drawing has begun."""
    await seen(status.chat, lambda: status.text.startswith("Drawing"))


class TestAlbums:
    async def test_an_album_with_words_is_one_wish_that_begins_with_its_first_picture(self, easel, ann):
        wide, tall = picture(64, 48), picture(48, 64)

        album = ann.sends_album([wide, tall], "in winter --steps 2")
        shown = await easel.result(album[0])

        assert shown.photo.width > shown.photo.height
        assert ann.private.answers == [shown]

    @pytest.mark.usefixtures("open_ears")
    async def test_an_album_in_a_group_is_meant_where_its_caption_is_a_command(self, easel, ann, foxes):
        ann.sends_album([picture(), picture(48, 64)], "our garden", foxes)
        album = ann.sends_album([picture(64, 48), picture(48, 64)], "/imagine in winter --steps 2 --pick 2", foxes)

        shown = await easel.result(album[0])

        assert shown.photo.width < shown.photo.height
        assert foxes.answers == [shown]

    async def test_an_album_without_words_is_asked_once_what_should_become_of_it(self, easel, ann):
        album = ann.sends_album([picture(), picture(48, 64), picture(32, 64)])

        answer = await easel.answer(album[0])

        assert answer.text.startswith("What should become of the picture?")
        assert ann.private.answers == [answer]

    async def test_an_album_of_files_is_one_wish_too(self, easel, ann):
        album = ann.sends_album([picture(48, 64), picture(64, 48)], "in winter --steps 2", documents=True)

        shown = await easel.result(album[0])

        assert shown.photo.width < shown.photo.height
        assert ann.private.answers == [shown]


class TestForwards:
    async def test_a_forwarded_command_does_nothing_in_a_group(self, easel, ann, bob, foxes):
        others = easel.telegram.supergroup("Others", ann, bob, bot="left")
        said = ann.says("/imagine a tower", others)

        bob.forwards(said, foxes)
        shown = await easel.result(bob.says(f"/imagine a fox {SMALL}", foxes))

        assert foxes.answers == [shown]

    async def test_in_a_private_chat_it_is_as_if_the_person_had_said_it(self, easel, ann, bob):
        said = ann.says(f"/imagine a tower {SMALL}", easel.telegram.supergroup("Others", ann, bot="left"))

        shown = await easel.result(bob.forwards(said))

        assert shown.text.startswith("a tower")

    async def test_a_forwarded_picture_is_one_to_start_from_whatever_was_written_under_it(self, easel, ann, bob):
        others = easel.telegram.supergroup("Others", ann, bob, bot="left")
        photo = ann.sends_photo(picture(), "/imagine my garden", others)

        forwarded = bob.forwards(photo)
        answer = await easel.answer(forwarded)
        shown = await easel.result(bob.says("in winter --steps 2", reply_to=forwarded))

        assert answer.text.startswith("What should become of the picture?")
        assert shown.photo.width > shown.photo.height

    async def test_a_forwarded_result_of_ours_does_nothing_in_a_group_and_can_be_started_from(
        self, easel, ann, bob, foxes
    ):
        shown = await easel.result(ann.says(f"/imagine a fox {SMALL}"))

        forwarded = ann.forwards(shown, foxes)
        again = await easel.result(bob.says("/imagine in winter --steps 2", reply_to=forwarded))

        assert foxes.answers == [again]


class TestChannels:
    async def test_a_post_is_answered_in_the_channel_and_not_in_its_group_as_well(self, easel, ann, bob, foxes):
        news = easel.telegram.channel("Fox News", ann, discussion=foxes)

        post = ann.says(f"/imagine a fox {SMALL}", news)
        shown = await easel.result(post)
        later = await easel.result(bob.says(f"/imagine a tower {SMALL}", foxes))

        assert news.answers == [shown]
        assert foxes.answers == [later]

    async def test_an_edited_post_takes_the_place_of_the_first_while_that_waits(self, easel, ann):
        news = easel.telegram.channel("Fox News", ann)
        with easel.holding():
            post = ann.says(f"/imagine a fox {SMALL} --seed 1", news)
            first = await card(post)
            ann.edits(post, f"/imagine a tower {SMALL} --seed 1")
            await seen(news, lambda: first.deleted)
        shown = await easel.result(post)

        assert shown.text.startswith("a tower")
        assert news.answers == [shown]

    async def test_what_else_is_posted_is_not_answered(self, easel, ann):
        news = easel.telegram.channel("Fox News", ann)

        ann.says("Good morning", news)
        ann.sends_photo(picture(), "a fox", news)
        ann.says("/frobnicate", news)
        shown = await easel.result(ann.says(f"/imagine a fox {SMALL}", news))

        assert news.answers == [shown]


class TestAnonymousAdmins:
    async def test_their_job_can_be_stopped_by_every_admin_and_nobody_else(self, easel, ann, bob, eve, foxes):
        foxes.promote(ann, anonymous=True)
        foxes.promote(bob)
        with easel.holding():
            asked = ann.says("/imagine a fox", foxes, anonymously=True)
            status = await card(asked)
            refused = await eve.presses(status, "Cancel")
            done = await bob.presses(status, "Cancel")
        await seen(foxes, lambda: status.text.startswith("Cancelled"))

        assert re.fullmatch(
            r"Job \w+ belongs to somebody else\. Only its owner, an admin of its chat or an operator can do that\.",
            refused.text,
        )
        assert refused.alert
        assert done.text == ""

    async def test_one_anonymous_admin_stops_what_another_has_asked_for(self, easel, ann, bob, foxes):
        foxes.promote(bob, anonymous=True)
        with easel.holding():
            asked = ann.says("/imagine a fox", foxes, anonymously=True)
            status = await card(asked)
            bob.says("/cancel", foxes, anonymously=True)
        await seen(foxes, lambda: status.text.startswith("Cancelled"))

    async def test_they_may_set_the_chat(self, easel, ann, foxes):
        asked = ann.says("/settings size 128x64", foxes, anonymously=True)

        assert (await easel.answer(asked)).text == "size is now 128x64 in this chat."

    async def test_somebody_who_speaks_as_a_channel_is_a_member_like_others(self, easel, bob, foxes):
        news = easel.telegram.channel("Fox News", bob, bot="left")

        drawn = await easel.result(bob.says(f"/imagine a fox {SMALL}", foxes, as_channel=news))
        refused = await easel.answer(bob.says("/settings size 128x64", foxes, as_channel=news))

        assert drawn.text.startswith("a fox")
        assert refused.text == "Only an admin of this chat or an operator can change its settings."


class TestRemoved:
    async def test_what_waits_is_cancelled_and_what_is_drawn_can_be_had_in_private(self, easel, ann, bob, foxes):
        before = len(easel.log)
        with easel.holding(step=1):
            runs = await card(ann.says(f"/imagine a fox {SMALL}", foxes))
            await begun(runs)
            waits = await card(bob.says(f"/imagine a tower {SMALL}", foxes))

            foxes.remove_bot(ann)
            await easel.says("left a chat", job_of(waits), after=before)
        await easel.says("end cannot be shown", job_of(runs), after=before)
        ann.says(f"/show {job_of(runs)}")
        bob.says(f"/show {job_of(waits)}")

        await easel.reads(
            ann.private,
            f"""
            Ann: /show job-1
            Easel, to Ann "/show job-1": [photo 64×64] a fox
                64 × 64 · seed ? · job-1 {BUTTONS}
            """,
        )
        await easel.reads(
            bob.private,
            """
            Bob: /show job-1
            Easel, to Bob "/show job-1": Job job-1: Cancelled
            """,
        )

    async def test_added_again_it_serves_as_before(self, easel, ann, foxes):
        foxes.remove_bot(ann)
        foxes.add_bot(ann)

        shown = await easel.result(ann.says(f"/imagine a fox {SMALL}", foxes))

        assert foxes.answers == [shown]


class TestMuted:
    async def test_where_no_photos_are_allowed_the_status_message_says_so(self, easel, ann, foxes):
        foxes.restrict_bot(ann, can_send_photos=False)

        ann.says(f"/imagine a fox {SMALL}", foxes)

        why = "Easel may not send photos in this chat. An admin can allow that in its permissions; then ask again."
        await easel.reads(
            foxes,
            f"""
            Ann: /imagine a fox --w 64 --h 64 --steps 2
            Easel, to Ann "/imagine a fox --w 64 -…": No picture
                {why} {BUTTONS} (silent) (edited)
            """,
        )

    async def test_a_picture_that_was_not_allowed_is_there_once_photos_are(self, easel, ann, foxes):
        foxes.restrict_bot(ann, can_send_photos=False)
        status = await card(ann.says(f"/imagine a fox {SMALL}", foxes))
        await seen(foxes, lambda: status.text.startswith("No picture"))

        foxes.unrestrict_bot(ann)
        shown = await easel.result(ann.says("/show", foxes))

        assert shown.text.startswith("a fox")

    async def test_muted_in_the_midst_of_a_job_it_says_so_in_the_log_and_serves_on(self, easel, ann, bob, foxes):
        before = len(easel.log)
        with easel.holding():
            status = await card(ann.says(f"/imagine a fox {SMALL}", foxes))
            foxes.mute_bot(ann)
            await easel.says("may not write in a chat", str(foxes.id), after=before)
        await seen(foxes, lambda: status.text.startswith("No picture"))
        elsewhere = await easel.result(bob.says(f"/imagine a tower {SMALL}"))

        assert elsewhere.text.startswith("a tower")
        assert foxes.answers == [status]

    async def test_asked_while_it_is_mute_the_picture_can_be_had_in_private(self, easel, ann, foxes):
        before = len(easel.log)
        foxes.mute_bot(ann)

        ann.says(f"/imagine a fox {SMALL}", foxes)
        line = await easel.says("end cannot be shown", after=before)
        job = re.search(r"job=(\w+)", line)[1]
        shown = await easel.result(ann.says(f"/show {job}"))

        assert shown.text.startswith("a fox")
        assert foxes.answers == []


class TestDeleted:
    async def test_a_result_arrives_though_what_asked_for_it_is_gone(self, easel, ann, foxes):
        with easel.holding():
            asked = ann.says(f"/imagine a fox {SMALL}", foxes)
            status = await card(asked)
            ann.deletes(asked)

        await easel.reads(
            foxes,
            f"""
            Easel: [photo 64×64] a fox
                64 × 64 · seed ? · job-1 {BUTTONS}
            """,
        )
        assert status.deleted

    async def test_a_result_arrives_though_an_admin_has_deleted_the_status_message(self, easel, ann, bob, foxes):
        with easel.holding():
            asked = bob.says(f"/imagine a fox {SMALL}", foxes)
            ann.deletes(await card(asked))

        shown = await easel.result(asked)

        assert foxes.answers == [shown]

    async def test_a_result_arrives_though_the_whole_private_chat_was_cleared(self, easel, ann):
        with easel.holding():
            await card(ann.says(f"/imagine a fox {SMALL}"))
            ann.clears()

        await easel.reads(
            ann.private,
            f"""
            Easel: [photo 64×64] a fox
                64 × 64 · seed ? · job-1 {BUTTONS}
            """,
        )

    async def test_the_buttons_of_another_showing_work_on_when_the_first_is_deleted(self, easel, ann, foxes):
        first = await easel.result(ann.says(f"/imagine a fox {SMALL}", foxes))
        second = await easel.result(ann.says(f"/show {job_of(first)}"))
        ann.deletes(first)

        answer = await ann.presses(second, "Again")
        third = await easel.result(second)

        assert answer.text == ""
        assert third.text.startswith("a fox")

    async def test_a_press_on_what_was_deleted_a_moment_ago_still_counts(self, easel, ann, foxes):
        first = await easel.result(ann.says(f"/imagine a fox {SMALL}", foxes))
        ann.deletes(first)

        answer = await ann.presses(first, "Again")
        again = await seen(foxes, lambda: next(iter(foxes.photos), None))

        assert answer.text == ""
        assert again.text.startswith("a fox")


class TestTopics:
    async def test_in_a_topic_that_was_closed_meanwhile_the_status_message_says_so(self, easel, ann):
        dens = easel.telegram.forum("Dens", ann)
        topic = dens.topic("Night", ann)
        with easel.holding():
            await card(ann.says(f"/imagine a fox {SMALL}", topic))
            topic.close(ann)

        why = "This topic is closed. An admin can open it again, or let Easel manage topics; then ask again."
        await easel.reads(
            dens,
            f"""
            #Night Ann: /imagine a fox --w 64 --h 64 --steps 2
            #Night Easel, to Ann "/imagine a fox --w 64 -…": No picture
                {why} {BUTTONS} (silent) (edited)
            """,
        )
        topic.reopen(ann)
        shown = await easel.result(ann.says("/show", topic))
        assert shown.topic is topic

    async def test_a_result_for_a_topic_that_is_gone_arrives_in_the_chat(self, easel, ann):
        dens = easel.telegram.forum("Dens", ann)
        topic = dens.topic("Night", ann)
        with easel.holding():
            await card(ann.says(f"/imagine a fox {SMALL}", topic))
            topic.delete()

        await easel.reads(
            dens,
            f"""
            Easel: [photo 64×64] a fox
                64 × 64 · seed ? · job-1 {BUTTONS}
            """,
        )


class TestBlocked:
    async def test_who_blocks_the_bot_meanwhile_finds_the_picture_on_coming_back(self, easel, ann):
        before = len(easel.log)
        with easel.holding(step=1):
            status = await card(ann.says(f"/imagine a fox {SMALL}"))
            await begun(status)
            ann.blocks()
            await easel.says("left a chat", after=before)
        await easel.says("end cannot be shown", job_of(status), after=before)

        ann.unblocks()
        shown = await easel.result(ann.says("/show"))

        assert shown.text.startswith("a fox")


class TestMigration:
    async def test_jobs_go_on_in_the_supergroup_as_the_chat_was_set(self, easel, ann, bob):
        foxes = easel.telegram.group("Foxes", ann, bob)
        before = len(easel.log)
        await easel.answer(ann.says("/settings size 128x64", foxes))
        with easel.holding(step=1):
            runs = await card(ann.says("/imagine a fox --steps 2", foxes))
            await begun(runs)
            waits = await card(bob.says("/imagine a tower --steps 2", foxes))

            herd = foxes.migrate(ann)
            await easel.says("chat moved", f"to={herd.id}", after=before)

        await easel.reads(
            herd,
            f"""
            Easel: [photo 128×64] a fox
                128 × 64 · seed ? · job-1 {BUTTONS}
            Easel: [photo 128×64] a tower
                128 × 64 · seed ? · job-2 {BUTTONS}
            """,
        )
        assert foxes.answers[1:] == [runs, waits]

    async def test_what_was_made_before_can_be_asked_for_there(self, easel, ann, bob):
        foxes = easel.telegram.group("Foxes", ann, bob)
        await easel.result(ann.says(f"/imagine a fox {SMALL} --seed 1", foxes))

        herd = foxes.migrate(ann)
        shown = await easel.result(ann.says("/show", herd))
        again = await easel.result(bob.says("--seed 2", herd, reply_to=shown))

        assert "seed 1" in shown.text
        assert "seed 2" in again.text

    async def test_told_once_more_it_changes_nothing(self, easel, ann):
        foxes = easel.telegram.group("Foxes", ann)
        herd = foxes.migrate(ann)
        await easel.result(ann.says(f"/imagine a fox {SMALL}", herd))
        await easel.answer(ann.says("/settings size 128x64", herd))

        told = [one for one in easel.telegram.updates.told if "migrate_from_chat_id" in one.body][-1]
        easel.telegram.send_raw({"message": told.body})
        shown = await easel.result(ann.says("/imagine a fox --steps 2", herd))

        assert (shown.photo.width, shown.photo.height) == (128, 64)

    async def test_a_group_that_nobody_told_us_of_is_followed_all_the_same(self, easel, ann):
        foxes = easel.telegram.group("Foxes", ann)
        with easel.holding():
            await card(ann.says(f"/imagine a fox {SMALL}", foxes))
            herd = easel.telegram.supergroup("Foxes", ann)
            foxes.migrated_to = herd

        await easel.reads(
            herd,
            f"""
            Easel: [photo 64×64] a fox
                64 × 64 · seed ? · job-1 {BUTTONS}
            """,
        )


TALK = (
    "imagine a fox",
    "lovely",
    "again",
    "what about --seed 2",
    "thanks @easel_bot",
    "@bob look at this",
    "https://example.org/imagine",
    "— said the fox",
    "--",
    "👍",
    "/",
    ".",
)


class TestNotMeant:
    @pytest.mark.usefixtures("open_ears")
    async def test_other_bots_commands_and_unknown_ones_are_not_answered_in_groups(self, easel, ann, foxes):
        ann.says("/imagine@other_bot a tower", foxes)
        ann.says("/frobnicate", foxes)
        ann.says("/frobnicate@other_bot", foxes)
        ann.says("/ imagine a tower", foxes)
        ann.says("/imagine/a/tower", foxes)
        shown = await easel.result(ann.says(f"/IMAGINE@Easel_Bot a fox {SMALL}", foxes))

        assert foxes.answers == [shown]

    async def test_an_unknown_command_with_our_name_is_answered(self, easel, ann, foxes):
        answer = await easel.answer(ann.says("/imagin@easel_bot a fox", foxes))

        assert answer.text == "There is no command /imagin. Did you mean /imagine?"

    @pytest.mark.usefixtures("open_ears")
    async def test_talk_is_not_answered_though_all_of_it_is_heard(self, easel, ann, foxes):
        first = await easel.result(ann.says(f"/imagine a fox {SMALL} --seed 1", foxes))
        for text in TALK:
            ann.says(text, foxes)
            ann.says(text, foxes, reply_to=first)
        ann.sends_photo(picture(), "look, /imagine that", foxes, reply_to=first)
        last = await easel.result(ann.says(f"@easel_bot a tower {SMALL}", foxes))

        assert foxes.answers == [first, last]
        assert last.text.startswith("a tower")


NAMES = {
    "right to left": "\u202eeve\u202c",
    "nothing but what is not seen": "\u200b\u2060",
    "a family": "👨‍👩‍👧‍👦",
    "marks without end": "Z" + "\u0300\u0316" * 400,
    "markup": "<b>*_[E](tg://user?id=77)_*</b>",
    "controls": "E\0v\ne\x1b[31m",
    "a mention": "@everyone @otto",
    "words of ours": "{ $name } { job }",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_whatever_somebody_calls_themselves_they_are_served(easel, telegram, foxes, name):
    eve = telegram.person(name)

    shown = await easel.result(eve.says(f"/imagine a fox {SMALL}", foxes))
    await eve.presses(shown, "Edit")
    asks = await seen(foxes, lambda: next((one for one in foxes.answers if one.content.force_reply), None))
    changed = await easel.result(eve.says("a tower", reply_to=asks))

    rung = [one["user"]["id"] for one in asks.content.entities if "mention" in one["type"]]
    named, _, rest = asks.text.partition(", reply to this")
    assert rung == [eve.id]
    assert not set(named) & set("\n\0\x1b\u202e")
    assert rest
    assert changed.text.startswith("a tower")


PROMPTS = {
    "markup": "<b>a fox</b> *bold* _it_ `code` [link](https://example.org) &lt; \\",
    "names": "@everyone @otto @easel_bot and #fox $FOX",
    "zero width": "a\u200bf\u2060o\ufeffx\u200d",
    "right to left": "שועל \u202eabc\u202c ثعلب",
    "emoji": "🦊👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿 a fox",
    "marks without end": "a fox" + "\u0300\u0316" * 500,
    "a quote without end": "a \"fox with 'ears",
    "braces": "{a|b} {{x}} { $name } __wildcard__ (fox:1.3) <lora:x:1>",
    "lines": "a fox\n\nin\tsnow\r\nat night",
    "NUL": "a\0 fox",
    "half a pair": "a \ud83e fox",
    "commands": "a fox /cancel /ban here",
}


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
async def test_whatever_stands_in_a_prompt_it_is_text_and_can_be_sent_again_as_it_was(easel, ann, foxes, prompt):
    shown = await easel.result(ann.says(f"/imagine {SMALL} {prompt}", foxes))
    await ann.presses(shown, "Info")
    info = await seen(foxes, lambda: next((one for one in foxes.answers if "To make it again" in one.text), None))
    again = await easel.result(ann.says(info.text.partition("send:\n")[2], foxes))

    seen_by_itself = {"bot_command", "url"}  # by Telegram, which nobody can keep from it
    assert {one["type"] for one in shown.content.entities} - seen_by_itself == {"bold"}
    assert {one["type"] for one in info.content.entities} == {"pre"}
    assert again.text.splitlines()[0] == shown.text.splitlines()[0]
    assert again.photo.sent == shown.photo.sent


async def test_the_longest_message_becomes_a_picture(easel, ann):
    words = "fox " * 1020

    shown = await easel.result(ann.says(words[:4096]))

    assert shown.text.startswith("fox fox")
    assert len(shown.text) <= 1024


async def test_a_command_without_end_is_answered_in_a_line(easel, ann):
    answer = await easel.answer(ann.says("/" + "x" * 4000))

    assert answer.text == f"There is no command /{'x' * 32}. Type /help to see what there is."
