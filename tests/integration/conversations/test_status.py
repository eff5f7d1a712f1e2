"""What somebody sees from the request to the picture: one message that tells the truth, and then goes."""

from __future__ import annotations

import re

import pytest

from tests.talks import BUTTONS, Easel, seen
from tests.telegram_api import Chat, Message

pytestmark = pytest.mark.asyncio(loop_scope="module")

SMALL = "--w 64 --h 64 --steps 4 --seed 7"


async def shows(chat: Chat, words: str) -> Message:
    """A message of Easel's that says that."""
    return await seen(chat, lambda: next((one for one in chat.answers if words in one.text), None))


async def test_the_status_counts_the_steps_silently_and_the_picture_takes_its_place(easel, ann, foxes):
    with easel.holding(step=2):
        asked = ann.says(f"/imagine a fox {SMALL}", foxes)
        await easel.reads(
            foxes,
            """
            Ann: /imagine a fox --w 64 --h 64 --steps 4 --seed 7
            Easel, to Ann "/imagine a fox --w 64 -…": Drawing: step 2 of 4
                [bar] [Cancel] (silent) (edited)
            """,
        )
        status = foxes.answers[0]
    shown = await easel.result(asked)
    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a fox --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )
    assert status.deleted
    assert status.versions[0].text == "Waiting for a server"
    assert not shown.silent


async def test_the_bar_grows_with_the_steps_and_is_not_full_before_the_end(easel, ann, foxes):
    shares = []
    for step in (1, 3):
        with easel.holding(step=step):
            asked = ann.says(f"/imagine a fox up to {step} {SMALL}", foxes)
            status = await shows(foxes, f"step {step} of 4")
            bar, percent = re.fullmatch(r"Drawing: step \d of 4\n([▰▱]{12}) (\d+)\xa0%", status.text).groups()
            assert bar.count("▰") == int(percent) * 12 // 100
            shares.append(int(percent))
        await easel.result(asked)
    assert 0 < shares[0] < shares[1] < 100


async def test_who_waits_reads_their_place_in_the_queue_and_it_moves_on(easel, ann, bob, li, foxes):
    with easel.holding(step=1):
        first = ann.says(f"/imagine a vixen {SMALL}", foxes)
        await shows(foxes, "step 1")
        bob.says(f"/imagine a hare {SMALL}", foxes)
        bobs = await shows(foxes, "Waiting: 1 of 1")
        last = li.says(f"/imagine 冬天 {SMALL}", foxes)
        await easel.reads(
            foxes,
            """
            Ann: /imagine a vixen --w 64 --h 64 --steps 4 --seed 7
            Easel, to Ann "/imagine a vixen --w 64…": Drawing: step 1 of 4
                [bar] [Cancel] (silent) (edited)
            Bob: /imagine a hare --w 64 --h 64 --steps 4 --seed 7
            Easel, to Bob "/imagine a hare --w 64 …": Waiting: 1 of 2 [Cancel] (silent) (edited)
            李: /imagine 冬天 --w 64 --h 64 --steps 4 --seed 7
            Easel, to 李 "/imagine 冬天 --w 64 --h …": 排队中：第 2 位，共 2 位 [取消] (silent) (edited)
            """,
        )
        await bob.presses(bobs, "Cancel")
        await shows(foxes, "第 1 位，共 1 位")
    await easel.result(first)
    await easel.result(last)


async def test_who_waits_reads_how_long_once_easel_has_seen_how_long_it_takes(easel, ann, bob, foxes):
    await easel.result(ann.says(f"/imagine a stoat {SMALL}", foxes))
    with easel.holding(step=1):
        first = ann.says(f"/imagine a marten {SMALL}", foxes)
        await shows(foxes, "step 1")
        second = bob.says(f"/imagine an otter {SMALL}", foxes)
        waiting = await shows(foxes, "about")
        assert re.fullmatch(r"Waiting: 1 of 1, about \d+ s", waiting.text)
    await easel.result(first)
    await easel.result(second)


async def test_a_picture_that_took_a_while_says_how_long(easel, ann, foxes):
    shown = await easel.result(ann.says("/imagine a slow fox --w 64 --h 64 --steps 20 --seed 7", foxes))

    assert re.fullmatch(r"a slow fox\n64 × 64 · seed 7 · \d+\.\d s · [0-9a-z]{6}", shown.text)


async def test_in_private_the_picture_can_be_watched_as_it_comes_into_being(easel, ann):
    with easel.holding(step=3):
        ann.says(f"a fox in private {SMALL}")
        await easel.reads(
            ann.private,
            """
            Ann: a fox in private --w 64 --h 64 --steps 4 --seed 7
            Easel, to Ann "a fox in private --w 64…": [photo 64×64] Drawing: step 3 of 4
                [bar] [Cancel] (silent) (edited)
            """,
        )
    await easel.reads(
        ann.private,
        f"""
        Ann: a fox in private --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "a fox in private --w 64…": [photo 64×64] a fox in private
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_who_cancels_keeps_what_they_have_seen_of_the_picture(easel, ann):
    with easel.holding(step=3):
        ann.says(f"a wrong fox {SMALL}")
        status = await seen(ann.private, lambda: next((one for one in ann.private.photos), None))
        await ann.presses(status, "Cancel")
    await easel.reads(
        ann.private,
        """
        Ann: a wrong fox --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "a wrong fox --w 64 --h …": [photo 64×64] Cancelled [Again] [Edit] (silent) (edited)
        """,
    )


async def test_an_error_ends_in_the_status_message_with_what_to_do_and_can_be_tried_again(easel, ann, foxes):
    easel.comfyui.faults.fail_node("SamplerCustomAdvanced", message="CUDA out of memory")

    ann.says(f"/imagine a large fox {SMALL}", foxes)

    failed = """
        Ann: /imagine a large fox --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine a large fox --…": No picture
            The server stopped at “SamplerCustomAdvanced”: “CUDA out of memory”. Try it again, or with a smaller size. \
If that does not help, tell the operator. [Again] [Edit] (silent) (edited)"""
    await easel.reads(foxes, failed)
    await ann.presses(foxes.answers[-1], "Again")
    await easel.reads(
        foxes,
        f"""{failed}
        Easel, to Easel "No picture     The serv…": [photo 64×64] a large fox
            64 × 64 · seed ? · job-1 {BUTTONS}
        """,
    )


async def test_a_job_that_waits_can_be_cancelled_by_its_owner(easel, ann, bob, foxes):
    with easel.holding(step=1):
        bobs = bob.says(f"/imagine a hare first {SMALL}", foxes)
        await shows(foxes, "step 1")
        ann.says(f"/imagine a fox then {SMALL}", foxes)
        answer = await ann.presses(await shows(foxes, "Waiting: 1 of 1"), "Cancel")
        assert (answer.text, answer.alert) == ("", False)
        await shows(foxes, "Cancelled")
    await easel.result(bobs)
    await easel.reads(
        foxes,
        f"""
        Bob: /imagine a hare first --w 64 --h 64 --steps 4 --seed 7
        Ann: /imagine a fox then --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine a fox then --w…": Cancelled [Again] [Edit] (silent) (edited)
        Easel, to Bob "/imagine a hare first -…": [photo 64×64] a hare first
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_a_job_that_is_drawn_can_be_cancelled_by_word(easel, ann, foxes):
    with easel.holding(step=1):
        ann.says(f"/imagine a fox no more {SMALL}", foxes)
        await shows(foxes, "step 1")
        ann.says("/cancel", foxes)
        await shows(foxes, "Cancelling")
    await easel.reads(
        foxes,
        """
        Ann: /imagine a fox no more --w 64 --h 64 --steps 4 --seed 7
        Easel, to Ann "/imagine a fox no more …": Cancelled [Again] [Edit] (silent) (edited)
        Ann: /cancel
        """,
    )


async def test_a_stranger_cannot_cancel_a_job_and_reads_why(easel, ann, bob, foxes):
    with easel.holding(step=1):
        asked = ann.says(f"/imagine her own fox {SMALL}", foxes)
        status = await shows(foxes, "step 1")
        answer = await bob.presses(status, "Cancel")
        bob.says("/cancel", foxes, reply_to=status)
        said = (await shows(foxes, "belongs to somebody else")).text
    assert answer.alert
    assert answer.text == said
    assert re.fullmatch(
        r"Job \w{6} belongs to .*\. Only its owner, an admin of its chat or an operator can do that\.", said
    )
    await easel.result(asked)


@pytest.mark.parametrize("rank", ["operator", "admin", "creator"])
async def test_a_job_of_somebody_else_can_be_cancelled_by_who_runs_the_place(easel, operator, ann, bob, rank):
    group = easel.telegram.supergroup("Foxes", ann, bob)
    meg = easel.telegram.person("Meg")
    group.join(operator, quietly=True)
    group.promote(meg)
    by = {"operator": operator, "admin": meg, "creator": ann}[rank]
    with easel.holding(step=1):
        bob.says(f"/imagine a fox for the {rank} {SMALL}", group)
        answer = await by.presses(await shows(group, "step 1"), "Cancel")
        assert (answer.text, answer.alert) == ("", False)
        await shows(group, "Cancelling")
    await shows(group, "Cancelled")


async def test_a_command_that_is_edited_before_its_turn_is_made_as_it_reads_now(easel, ann, bob, foxes):
    with easel.holding(step=1):
        bobs = bob.says(f"/imagine a hare in front {SMALL}", foxes)
        await shows(foxes, "step 1")
        asked = ann.says(f"/imagine a fxo {SMALL}", foxes)
        old = await shows(foxes, "Waiting: 1 of 1")
        ann.edits(asked, f"/imagine a fox in place {SMALL}")
        await seen(foxes, lambda: old.deleted)
    await easel.result(bobs)
    await easel.result(asked)
    await easel.reads(
        foxes,
        f"""
        Bob: /imagine a hare in front --w 64 --h 64 --steps 4 --seed 7
        Ann: /imagine a fox in place --w 64 --h 64 --steps 4 --seed 7 (edited)
        Easel, to Bob "/imagine a hare in fron…": [photo 64×64] a hare in front
            64 × 64 · seed 7 · job-1 {BUTTONS}
        Easel, to Ann "/imagine a fox in place…": [photo 64×64] a fox in place
            64 × 64 · seed 7 · job-2 {BUTTONS}
        """,
    )


async def test_an_edit_comes_too_late_for_a_picture_that_is_drawn_or_done(easel, ann, foxes):
    with easel.holding(step=1):
        asked = ann.says(f"/imagine an early fox {SMALL}", foxes)
        await shows(foxes, "step 1")
        ann.edits(asked, f"/imagine a late fox {SMALL}")
        await easel.answer(ann.says("/usage", foxes))
    await easel.result(asked)
    ann.edits(asked, f"/imagine a later fox {SMALL}")
    await easel.answer(ann.says("/usage", foxes))
    assert [one.text.splitlines()[0] for one in foxes.photos] == ["an early fox"]
    assert "jobs: 1\n" in foxes.answers[-1].text


async def test_an_edited_mistake_is_answered_anew(easel, ann, foxes):
    asked = ann.says("/imagine a mended fox --w 64 --h 64 --steps four --seed 7", foxes)
    await easel.answer(asked)

    ann.edits(asked, f"/imagine a mended fox {SMALL}")

    await easel.reads(
        foxes,
        f"""
        Ann: /imagine a mended fox --w 64 --h 64 --steps 4 --seed 7 (edited)
        Easel, to Ann "/imagine a mended fox -…": “--steps” needs a number, and “four” is not clearly one. \
For example: --steps 24
        Easel, to Ann "/imagine a mended fox -…": [photo 64×64] a mended fox
            64 × 64 · seed 7 · job-1 {BUTTONS}
        """,
    )


async def test_an_edit_that_changes_no_word_changes_nothing(easel: Easel, ann, foxes):
    with easel.holding(step=1):
        asked = ann.says(f"/imagine the same fox {SMALL}", foxes)
        status = await shows(foxes, "step 1")
        ann.edits(asked, f"/imagine the same fox {SMALL}")
        await easel.answer(ann.says("/usage", foxes))
        assert not status.deleted
    await easel.result(asked)
