"""Every command that the menu offers, said and answered."""

from __future__ import annotations

import pytest

from tests.talks import BUTTONS, seen

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "--w 64 --h 64 --steps 4 --seed 7"

ANSWERS = {
    "imagine": ("Say what you want to see.", "请写出您想看到的画面。"),
    "edit": ("/edit starts from a picture.", "/edit 需要一张图片。"),
    "upscale": ("/upscale starts from a picture.", "/upscale 需要一张图片。"),
    "again": ("You have made nothing here yet.", "您在这里还没有任务。"),
    "cancel": ("You have made nothing here yet.", "您在这里还没有任务。"),
    "queue": (
        "The queue\nNothing waits.\n\ngpu: 0 running, 0 waiting",
        "队列\n没有等待的任务。\n\ngpu：0 个运行中，0 个等待中",
    ),
    "show": ("You have made nothing here yet.", "您在这里还没有任务。"),
    "info": ("You have made nothing here yet.", "您在这里还没有任务。"),
    "mine": ("You have made nothing yet.", "您还没有任务。"),
    "workflows": ("Choose one with --workflow NAME.", "用 --workflow 名称 选择。"),
    "models": ("checkpoints: flux1-dev-fp8.safetensors,", "checkpoints: flux1-dev-fp8.safetensors、"),
    "usage": ("Your last 24 hours\njobs: 0\n", "您最近 24 小时\n任务：0\n"),
    "settings": ("How this chat is set\nlanguage: en\n", "本聊天的设置\nlanguage：en\n"),
    "help": ("Type what you want to see:\n/imagine ", "输入您想看到的画面：\n/imagine "),
}
"""What somebody reads first who has made nothing yet."""

OPERATORS = {
    "allow": "Something is missing. Write: /allow WHO. Type /help allow for more.",
    "deny": "Something is missing. Write: /deny WHO. Type /help deny for more.",
    "ban": "Something is missing. Write: /ban WHO [HOURS]. Type /help ban for more.",
    "unban": "Something is missing. Write: /unban WHO. Type /help unban for more.",
    "servers": "gpu: 0 running, 0 waiting\n",
    "drain": "Something is missing. Write: /drain SERVER. Type /help drain for more.",
    "pause": "Easel takes no new jobs now. What was accepted goes on. /resume ends this.",
    "resume": "Easel takes new jobs again.",
    "reload": "The settings have been read again. Nothing in them has changed.",
    "audit": "What was done lately, in UTC\n",
}


async def test_every_command_of_the_menu_is_answered_in_the_language_of_the_menu(easel, telegram, ann, li, foxes):
    for person, language in ((ann, 0), (li, 1)):
        for chat in (person.private, foxes):
            menu = telegram.menu.seen_by(person, chat)
            assert list(menu) == list(ANSWERS)
            for command in menu:
                answer = await easel.answer(person.says(f"/{command}", chat))
                assert answer.text.startswith(ANSWERS[command][language])


async def test_the_menu_tells_what_help_tells(easel, telegram, ann, li):
    for person in (ann, li):
        told = (await easel.answer(person.says("/help"))).text
        for command, summary in telegram.menu.seen_by(person).items():
            line = next(line for line in told.splitlines() if line.startswith(f"/{command}") and " – " in line)
            assert line.endswith(f" – {summary}")


async def test_more_about_each_command_can_be_asked(easel, telegram, operator):
    for command, summary in telegram.menu.seen_by(operator).items():
        answer = await easel.answer(operator.says(f"/help {command}"))
        assert answer.text.startswith(f"/{command}")
        assert summary in answer.text


async def test_operators_have_a_menu_of_their_own_where_nobody_else_sees_it(easel, telegram, operator, ann, foxes):
    foxes.join(operator, quietly=True)
    operator.says("/start")
    assert list(telegram.menu.seen_by(operator)) == [*ANSWERS, *OPERATORS]
    assert list(telegram.menu.seen_by(operator, foxes)) == list(ANSWERS)
    assert list(telegram.menu.seen_by(ann, foxes)) == list(ANSWERS)  # who administers the group

    for command, beginning in OPERATORS.items():
        refused = await easel.answer(ann.says(f"/{command}", foxes))
        assert refused.text == "Only an operator can do that."
        answer = await easel.answer(operator.says(f"/{command}"))
        assert answer.text.startswith(beginning)
    assert "Telegram: @\N{WORD JOINER}easel_bot" in (await easel.answer(operator.says("/servers"))).text


async def test_a_chat_begins_with_help(easel, ann):
    ann.says("/start inline")

    answer = await seen(ann.private, lambda: next(iter(ann.private.answers), None))

    assert answer.text.startswith("Type what you want to see:\n/imagine a lighthouse at dusk --w 1920 --h 1080\n")


async def test_a_command_may_name_the_bot_it_is_for(easel, ann, foxes):
    ann.says("/usage@other_bot", foxes)
    ann.says("/frobnicate", foxes)
    ann.says("/setings@easel_bot", foxes)
    await seen(foxes, lambda: foxes.answers)
    ann.says("/USAGE@Easel_Bot", foxes)

    await easel.reads(
        foxes,
        """
        Ann: /usage@other_bot
        Ann: /frobnicate
        Ann: /setings@easel_bot
        Easel, to Ann "/setings@easel_bot": There is no command /setings. Did you mean /settings?
        Ann: /USAGE@Easel_Bot
        Easel, to Ann "/USAGE@Easel_Bot": Your last 24 hours
            jobs: 0
            not ended yet: 0 of 50
        """,
    )


async def test_in_private_an_unknown_command_is_answered(easel, ann):
    ann.says("/frobnicate")

    await easel.reads(
        ann.private,
        """
        Ann: /frobnicate
        Easel, to Ann "/frobnicate": There is no command /frobnicate. Type /help to see what there is.
        """,
    )


async def test_mine_tells_in_private_what_it_keeps_to_itself_in_a_group(easel, ann, foxes):
    await easel.result(ann.says(f"a secret fox {SMALL}"))
    await easel.result(ann.says(f"/imagine a fox for all {SMALL}", foxes))

    hers = await easel.answer(ann.says("/mine"))
    for_all = await easel.answer(ann.says("/mine", foxes))

    assert [line.split(" · ")[1:] for line in hers.text.splitlines()[1:]] == [
        ["done", "a fox for all"],
        ["done", "a secret fox"],
    ]
    assert [line.split(" · ")[1:] for line in for_all.text.splitlines()[1:]] == [
        ["done", "a fox for all"],
        ["done", "in another chat"],
    ]


async def test_the_queue_marks_ones_own_and_hides_what_waits_elsewhere(easel, ann, bob, foxes):
    with easel.holding(step=1):
        bobs = bob.says(f"/imagine a hare to wait for {SMALL}", foxes)
        await seen(foxes, lambda: any("step 1" in one.text for one in foxes.answers))
        hers = ann.says(f"a fox in the queue {SMALL}")
        await seen(ann.private, lambda: any("Waiting: 1" in one.text for one in ann.private.answers))
        await easel.answer(ann.says("/queue", foxes))
        await easel.answer(bob.says("/queue", foxes))
    await easel.result(hers)
    await easel.result(bobs)
    await easel.reads(
        foxes,
        f"""
        Bob: /imagine a hare to wait for --w 64 --h 64 --steps 4 --seed 7
        Ann: /queue
        Easel, to Ann "/queue": The queue
              job-1 · Bob · drawing, ? %
            → job-2 · Ann · waiting, place 1

            gpu: 1 running, 1 waiting
        Bob: /queue
        Easel, to Bob "/queue": The queue
            → job-1 · Bob · drawing, ? %
              a job of another chat · waiting, place 1

            gpu: 1 running, 1 waiting
        Easel, to Bob "/imagine a hare to wait…": [photo 64×64] a hare to wait for
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_show_tells_how_a_job_stands_and_then_posts_its_picture_without_sending_it_anew(
    easel, telegram, ann, foxes
):
    with easel.holding(step=2):
        asked = ann.says(f"/imagine a fox to show {SMALL}", foxes)
        await seen(foxes, lambda: any("step 2" in one.text for one in foxes.answers))
        await easel.answer(ann.says("/show", foxes))
    shown = await easel.result(asked)
    uploads = sum(len(call.uploads) for call in telegram.calls)
    ann.says("/show", foxes)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox to show --w 64 --h 64 --steps 4 --seed 7
        Ann: /show
        Easel, to Ann "/show": Job job-1: Drawing: step 2 of 4
        Easel, to Ann "/imagine a fox to show …": [photo 64×64] a fox to show
            64 × 64 · seed 7 · job-1 {BUTTONS}
        Ann: /show
        Easel, to Ann "/show": [photo 64×64] a fox to show
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )
    assert foxes.photos[-1].photo.file_id == shown.photo.file_id
    assert sum(len(call.uploads) for call in telegram.calls) == uploads


async def test_again_takes_changes_by_word(easel, ann, foxes):
    await easel.result(ann.says(f"/imagine a fox once {SMALL}", foxes))
    await easel.result(ann.says("/again", foxes))
    ann.says("/again --w 128 --seed 8", foxes)

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox once --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine a fox once --w…": [photo 64×64] a fox once
            64 × 64 · seed 7 · job-1 {BUTTONS}
        Ann: /again
        Easel, to Ann "/again": [photo 64×64] a fox once
            64 × 64 · seed ? · job-2 {BUTTONS}
        Ann: /again --w 128 --seed 8
        Easel, to Ann "/again --w 128 --seed 8": [photo 128×64] a fox once
            128 × 64 · seed 8 · job-3 {BUTTONS}
        """,
    )
