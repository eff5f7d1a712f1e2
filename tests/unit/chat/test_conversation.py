"""Chats with Easel, as those who are in them see them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.chat.pacing import Budgets, Rate, SlowDown
from bot.comfyui.progress import Failed
from bot.images.errors import CannotFit
from bot.images.fit import CONSOLE, TELEGRAM_PHOTO
from bot.images.metadata import embed, read
from bot.jobs.errors import CannotDo, NotYours, PictureGone
from bot.jobs.model import Action, State

# -- a picture, from wish to result -----------------------------------------------------------------------------------


async def test_a_wish_shows_its_place_then_its_steps_then_the_picture(room) -> None:
    job = await room.says("/imagine a red fox --seed 0")
    message = await room.sees("Waiting in the queue | [Cancel]")
    prompt = await room.renderer.prompt()

    prompt.tell(room.waiting(2, 3))
    await room.sees("Waiting: 2 of 3 | [Cancel]")
    prompt.tell(room.waiting(1, 3))
    await room.sees("Waiting: 1 of 3 | [Cancel]")
    prompt.tell(room.drawing(3, 0.25))
    await room.sees("Drawing: step 3 of 20 | 25% | [Cancel]")
    assert list(room.front.messages) == [message]

    room.seconds += 2.5
    await room.draws(1)
    await room.sees(
        f"<a red fox> | 48 × 32 · seed 0 · 2.5 s · {job.id} | [Again] [Vary] [Upscale] [Edit] [Info] [Delete]"
    )
    assert len(room.log) == 1
    await room.reach(job, State.DONE)


async def test_the_answer_replies_to_the_wish(room) -> None:
    _, result = await room.gets("/imagine a red fox")
    assert set(room.front.replies.values()) == {"said 1"}
    assert room.front.replies[result] == "said 1"


async def test_text_without_a_command_is_a_wish(room) -> None:
    job, _ = await room.gets("a red fox --w 512")
    assert (job.recipe.prompt, job.recipe.value("width")) == ("a red fox", 512)


async def test_what_was_rounded_is_said_while_it_is_made_and_under_the_picture(room) -> None:
    await room.says("/imagine a red fox --w 1925 --h 1001")
    await room.sees("width: 1925 became 1928, which the model needs.", "height: 1001 became 1000")
    await room.draws(1)
    await room.sees("<a red fox>", "width: 1925 became 1928, which the model needs.")


@pytest.mark.parametrize(
    ("manners", "alone", "among_others"),
    [
        ({}, b"preview", None),
        ({"previews": False}, None, None),
        ({"group_previews": True}, b"preview", b"preview"),
        ({"previews": False, "group_previews": True}, None, b"preview"),
    ],
)
async def test_the_live_preview_is_on_the_card_where_it_is_wanted(enter, manners, alone, among_others) -> None:
    room = await enter(**manners)
    for number, (place, preview) in enumerate(((room.alone, alone), (room.place, among_others)), 1):
        await room.says("/imagine a red fox", place=place)
        (await room.renderer.prompt(number)).tell(room.drawing(3 + number, 0.25), preview=b"preview")
        message = await room.sees(f"step {3 + number} of 20")
        assert room.front.cards[message].preview == preview


async def test_what_a_chat_has_set_goes_before_what_is_usual_for_previews(room) -> None:
    await room.says("/settings previews on", by=room.meg)
    await room.says("/settings previews off", place=room.alone)
    for number, (place, preview) in enumerate(((room.place, b"preview"), (room.alone, None)), 1):
        await room.says("/imagine a red fox", place=place)
        (await room.renderer.prompt(number)).tell(room.drawing(3 + number, 0.25), preview=b"preview")
        message = await room.sees(f"step {3 + number} of 20")
        assert room.front.cards[message].preview == preview


async def test_the_picture_says_how_to_make_it_again_and_nothing_of_the_server(room) -> None:
    _, message = await room.gets("/imagine a red fox --seed 0", picture=room.png(text={"prompt": "the server's graph"}))
    (picture,) = room.front.results[message].pictures
    assert read(picture.data) == "/imagine a red fox --seed 0 --workflow paint"
    assert b"the server's graph" not in picture.data
    assert (picture.media_type, picture.width, picture.as_document) == ("image/png", 48, False)


async def test_the_picture_keeps_silent_where_that_is_wanted(enter) -> None:
    room = await enter(embed_recipe=False)
    _, message = await room.gets("/imagine a red fox", picture=room.png(text={"prompt": "the server's graph"}))
    (picture,) = room.front.results[message].pictures
    assert read(picture.data) is None
    assert b"the server's graph" not in picture.data


async def test_a_film_is_handed_on_as_a_file(room) -> None:
    _, message = await room.gets("/imagine a red fox", picture=b"a film")
    (film,) = room.front.results[message].pictures
    assert (film.data, film.as_document) == (b"a film", True)


async def test_a_long_prompt_is_cut_in_the_caption(room) -> None:
    _, message = await room.gets("/imagine " + "a very red fox " * 40)
    title = room.front.results[message].title
    assert len(title) <= 120
    assert title.endswith("…")


# -- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/imagine --w 512", "Say what you want to see"),
        ("/imagine a fox --steps 99", "50"),
        ("/imagine a fox --pick 2", "“--pick” does not work with paint, but it does with: repaint, upscale."),
        ("/upscale --pick", "“--pick” needs a value after it, for example: --pick 1"),
        ("/upscale --pick 0", "“--pick” can be 1 or more, not 0."),
        ("/imagine a fox --sed 5", "--seed"),
        ("/imagine a fox --w 4096 --h 4096", "4096 × 4096 has more pixels than are allowed here: 2000000"),
        ("/imagin a fox", "There is no command /imagin. Did you mean /imagine?"),
        ("/xyzzy", "There is no command /xyzzy. Type /help to see what there is."),
        ("/upscal", "Did you mean /upscale?"),
        ("/cancel k7m2qd", "There is no job k7m2qd here."),
        ("/cancel", "You have made nothing here yet."),
        ("/again", "You have made nothing here yet."),
        ("/info", "You have made nothing here yet."),
    ],
)
async def test_what_cannot_be_done_is_answered_and_nothing_is_run(room, said: str, answer: str) -> None:
    assert await room.says(said) is None
    message = await room.sees(answer)
    assert room.front.replies[message] == "said 1"
    assert room.renderer.prompts == []


@pytest.mark.parametrize(
    ("person", "said", "example"), [("ada", "Say what you want", "dusk"), ("lin", "请写出", "黄昏")]
)
async def test_who_says_nothing_is_told_what_to_say_with_an_example(room, person, said: str, example: str) -> None:
    for place in (room.place, room.alone):
        answer = await room.asks("/imagine@EaselBot", by=getattr(room, person), place=place)
        assert answer.startswith(said)
        command = answer.splitlines()[-1]
        assert example in command
        assert await room.says(command)


async def test_who_sends_a_picture_and_nothing_else_is_told_to_say_what_becomes_of_it(room) -> None:
    answer = await room.asks("", pictures=(room.png("red"),), place=room.alone)
    assert answer.startswith("What should become of the picture? Reply to it and say so, for example:\n/imagine ")
    job = await room.says(answer.splitlines()[-1], pictures=(room.png("red"),), place=room.alone)
    assert job.recipe.workflow == "repaint"
    assert await room.asks("/imagine", by=room.lin, pictures=(room.png("red"),)) == (
        "想让这张图片变成什么样？请回复它并写出来，例如：\n/imagine 同样的画面，换成冬天的夜晚"
    )


async def test_a_broken_picture_is_said(room) -> None:
    assert await room.says("/imagine make it snowy", pictures=(b"no picture",)) is None
    await room.sees("picture")


async def test_a_node_that_fails_is_shown_on_the_card(room) -> None:
    job = await room.says("/imagine a red fox")
    (await room.renderer.prompt()).tell(room.drawing(3, 0.25), Failed("KSampler", "out of memory"))
    await room.sees(
        "No picture | The server stopped at “KSampler”: “out of memory”. Try it again,", " | [Again] [Edit]"
    )
    await room.reach(job, State.FAILED)


async def test_a_server_that_is_away_is_shown_on_the_card_until_it_answers(room) -> None:
    room.renderer.go_away()
    for _ in range(2):
        await room.looks()
    await room.says("/imagine a red fox")
    message = await room.sees("Waiting for the server fake to answer | [Cancel]")
    room.renderer.come_back()
    await room.looks()
    assert await room.sees("Waiting in the queue") == message


async def test_one_of_several_servers_that_are_away_is_waited_for(enter) -> None:
    room = await enter(servers=("gpu-1", "gpu-2"))
    for renderer in room.renderers:
        renderer.go_away()
    for _ in range(2):
        await room.looks()
    await room.says("/imagine a red fox", by=room.lin)
    await room.sees("正在等待以下任一服务器响应：gpu-1、gpu-2")


async def test_a_message_that_the_platform_tells_twice_makes_one_picture(room) -> None:
    job, _ = await room.gets("/imagine a red fox")
    room.number -= 1
    assert await room.says("/imagine a red fox") is None
    assert [each.id for each in await room.service.mine(room.ada, 9)] == [job.id]


async def test_a_fault_of_ours_is_answered_as_well(room, monkeypatch) -> None:
    async def faulty() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(room.service, "menu", faulty)
    assert await room.says("/imagine a red fox") is None
    await room.sees("Something went wrong inside Easel.")


async def test_a_lost_prompt_says_so_and_goes_on(room) -> None:
    await room.says("/imagine a red fox")
    prompt = await room.renderer.prompt(1)
    room.renderer.gate.clear()
    prompt.tell(room.lost)
    await room.sees("Sending to the server | The server lost it. Attempt 2. | [Cancel]")
    room.renderer.gate.set()
    await room.draws(2)
    await room.sees("<a red fox>")


# -- replies ----------------------------------------------------------------------------------------------------------


async def test_words_with_a_picture_start_from_it(room) -> None:
    job = await room.says("/imagine make it snowy --denoise 0.5", pictures=(room.png("red"),))
    assert (job.recipe.workflow, job.recipe.value("denoise")) == ("repaint", 0.5)
    assert (await room.renderer.prompt()).images == {"image": room.png("red")}


async def test_words_in_reply_to_a_result_start_from_its_picture(room) -> None:
    first, message = await room.gets("/imagine a red fox --seed 0", picture=room.png("red"))
    job = await room.says("/imagine make it snowy --denoise 0.5", to=message)
    assert (job.recipe.workflow, job.recipe.prompt, job.parent) == ("repaint", "make it snowy", first.id)
    assert (await room.renderer.prompt(2)).images == {"image": room.png("red")}


async def test_a_picture_that_comes_with_the_words_goes_before_that_of_the_result(room) -> None:
    _, message = await room.gets("/imagine a red fox", picture=room.png("red"))
    await room.says("/imagine make it snowy", to=message, pictures=(room.png("blue"),))
    assert (await room.renderer.prompt(2)).images == {"image": room.png("blue")}


@pytest.mark.parametrize("said", ["/imagine --steps 40 --w 512", "--steps 40 --w 512", "—steps 40 —w 512"])
async def test_flags_alone_in_reply_to_a_result_change_its_recipe_and_keep_its_seed(room, said: str) -> None:
    first, message = await room.gets("/imagine a red fox --seed 0 --h 512")
    job = await room.says(said, to=message)
    assert dict(job.recipe.values) == {**dict(first.recipe.values), "steps": 40, "width": 512}
    assert job.parent == first.id


async def test_flags_alone_change_the_recipe_also_where_the_platform_hands_over_the_results_picture(room) -> None:
    first, message = await room.gets("/imagine a red fox --seed 0")
    job = await room.says("--steps 40", to=message, pictures=(room.png(),))
    assert (job.recipe.workflow, job.recipe.seed, job.recipe.value("steps")) == ("paint", 0, 40)
    assert job.parent == first.id


async def test_flags_alone_in_reply_to_a_variation_start_from_the_same_picture(room) -> None:
    first, message = await room.gets("/imagine make it snowy --seed 0", pictures=(room.png("red"),))
    job = await room.says("--denoise 0.9", to=message)
    assert (job.recipe.images, job.recipe.value("denoise")) == (first.recipe.images, 0.9)


async def test_flags_that_the_recipe_cannot_take_are_refused_in_its_own_terms(room) -> None:
    _, message = await room.gets("/imagine a red fox")
    assert await room.says("--steps 99", to=message) is None
    await room.sees("steps", "50")
    assert await room.says("--denoise 0.5", to=message) is None
    await room.sees("denoise", "paint")


async def test_words_with_a_wrong_flag_are_refused_in_terms_of_what_works_on_pictures(room) -> None:
    _, message = await room.gets("/imagine a red fox")
    assert await room.says("make it snowy --denoise 5", to=message) is None
    await room.sees("denoise", "1")
    assert await room.says("make it snowy --denoize 0.5", to=message) is None
    await room.sees("denoize", "--denoise", "repaint")


async def test_another_workflow_in_reply_to_a_result_makes_the_wish_with_that_one(room) -> None:
    _, message = await room.gets("/imagine a red fox --seed 0", picture=room.png("red"))
    repainted = await room.says("--workflow repaint", to=message)
    assert (repainted.recipe.workflow, repainted.recipe.prompt) == ("repaint", "a red fox")
    assert (await room.renderer.prompt(2)).images == {"image": room.png("red")}
    enlarged = await room.says("--workflow upscale", to=message)
    assert (enlarged.recipe.workflow, enlarged.recipe.values) == ("upscale", ())
    assert (await room.renderer.prompt(3)).images == {"image": room.png("red")}


async def test_words_in_reply_to_an_enlarged_picture_start_from_that(room) -> None:
    _, message = await room.gets("/upscale", pictures=(room.png("red"),), picture=room.png("white"))
    job = await room.says("make it snowy", to=message)
    assert job.recipe.workflow == "repaint"
    assert (await room.renderer.prompt(2)).images == {"image": room.png("white")}


async def test_a_reply_to_a_job_that_has_no_picture_is_a_wish_of_its_own(room) -> None:
    await room.says("/imagine a red fox")
    message = await room.sees("Waiting in the queue")
    job = await room.says("a blue owl", to=message)
    assert (job.recipe.workflow, job.recipe.prompt) == ("paint", "a blue owl")


async def test_a_reply_to_any_other_message_is_a_wish(room) -> None:
    job = await room.says("a blue owl", to="somebody's message")
    assert (job.recipe.prompt, job.parent) == ("a blue owl", None)


# -- commands ---------------------------------------------------------------------------------------------------------


async def test_upscale_takes_a_picture_or_that_of_the_result_replied_to(room) -> None:
    _, message = await room.gets("/upscale", pictures=(room.png("red"),), picture=room.png("white"))
    assert (await room.renderer.prompt(1)).images == {"image": room.png("red")}
    await room.says("/upscale@EaselBot", to=message)
    assert (await room.renderer.prompt(2)).images == {"image": room.png("white")}


async def test_upscale_without_a_picture_asks_for_one(room) -> None:
    assert await room.says("/upscale") is None
    await room.sees("picture")


async def test_what_follows_a_workflows_command_is_never_another_workflow(room) -> None:
    assert await room.says('/upscale --workflow paint "', pictures=(room.png(),)) is None
    assert room.renderer.prompts == []


async def test_again_makes_the_last_one_with_a_new_seed(room) -> None:
    first, _ = await room.gets("/imagine a red fox --seed 0 --steps 30")
    job = await room.says("/again")
    assert job.recipe.seed not in (None, 0)
    assert {**dict(job.recipe.values), "seed": 0} == dict(first.recipe.values)


async def test_again_by_id_with_changes_keeps_the_seed(room) -> None:
    first, _ = await room.gets("/imagine a red fox --seed 0")
    await room.gets("/imagine a blue owl")
    job = await room.says(f"/again {first.id.upper()} --steps 40")
    assert (job.recipe.prompt, job.recipe.seed, job.recipe.value("steps")) == ("a red fox", 0, 40)


async def test_again_in_reply_takes_words_and_flags_as_changes(room) -> None:
    _, message = await room.gets("/imagine a red fox --seed 0")
    job = await room.says("/again a blue fox --steps 40", to=message)
    assert (job.recipe.prompt, job.recipe.seed, job.recipe.value("steps")) == ("a blue fox", 0, 40)


async def test_cancel_stops_the_last_one_and_the_card_says_so(room) -> None:
    await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    await room.says("/cancel")
    await room.sees("Cancelled | [Again] [Edit]")
    assert len(room.log) == 1


async def test_cancel_in_reply_to_a_card_stops_that_one(room) -> None:
    first = await room.says("/imagine a red fox")
    message = await room.sees("Waiting in the queue")
    await room.says("/imagine a blue owl")
    await room.until(lambda: len(room.log) == 2)
    await room.says("/cancel", to=message)
    await room.until(lambda: "Cancelled" in room.front.messages[message])
    await room.reach(first, State.CANCELLED)


async def test_nobody_cancels_somebody_elses(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.says(f"/cancel {job.id}", by=room.bob)
    await room.sees(f"Job {job.id} belongs to somebody else.")
    await room.draws(1)
    await room.sees("<a red fox>")


async def test_cancelling_what_is_over_is_said(room) -> None:
    job, _ = await room.gets("/imagine a red fox")
    await room.says(f"/cancel {job.id}")
    await room.sees(f"Job {job.id} has already ended.")


async def test_info_tells_every_value_and_how_to_repeat_it(room) -> None:
    job, message = await room.gets("/imagine a red fox --seed 0")
    await room.says("/info", to=message)
    answer = await room.sees(f"Job {job.id}, workflow paint")
    assert room.front.messages[answer] == (
        f"Job {job.id}, workflow paint\n"
        "width: 1024\nheight: 1024\nseed: 0\nsteps: 20\nserver: fake\n\n"
        "To make it again, send:\n/imagine a red fox --seed 0 --workflow paint"
    )


async def test_the_queue_shows_what_runs_and_waits_with_the_readers_own_marked(room) -> None:
    jobs = [await room.says(f"/imagine fox {n}", by=by) for n, by in enumerate((room.ada, room.bob, room.ada))]
    for number, state in enumerate((room.drawing(5, 0.258), room.waiting(1, 2), room.waiting(2, 2)), 1):
        (await room.renderer.prompt(number)).tell(state)
    await room.sees("step 5 of 20")
    await room.sees("Waiting: 1 of 2")
    await room.sees("Waiting: 2 of 2")
    await room.says("/queue")
    answer = await room.sees("The queue")
    assert room.front.messages[answer] == (
        "The queue\n"
        f"→ {jobs[0].id} · Ada · drawing, 25 %\n"
        f"  {jobs[1].id} · Bob · waiting, place 1\n"
        f"→ {jobs[2].id} · Ada · waiting, place 2\n"
        "\n"
        "fake: 1 running, 2 waiting"
    )


async def test_an_empty_queue_says_so_and_a_silent_server_too(room) -> None:
    room.renderer.go_away()
    for _ in range(2):
        await room.looks()
    await room.says("/queue")
    await room.sees("The queue\nNothing waits.\n\nfake: has not answered for")


async def test_a_long_queue_is_cut_and_the_readers_own_is_not(room) -> None:
    for n in range(30):
        await room.says(f"/imagine fox {n}", by=room.bob)
    own = await room.says("/imagine my fox")
    await room.says("/queue")
    answer = await room.sees("The queue")
    assert room.front.messages[answer].count("Bob") == 20
    assert f"→ {own.id}" in room.front.messages[answer]
    assert "and 10 more" in room.front.messages[answer]


async def test_workflows_are_listed_with_their_flags(room) -> None:
    await room.says("/workflows")
    answer = await room.sees("Choose one with --workflow NAME.")
    assert room.front.messages[answer].splitlines()[1:] == [
        "paint ★: Paint",
        "  --prompt --w --h --seed --steps",
        "repaint ☆: Repaint",
        "  --prompt --seed --denoise",
        "upscale: Enlarge",
    ]


@pytest.mark.parametrize("said", ["/help", "/start", "／help", "/HELP"])
async def test_help_names_every_command_the_workflows_ones_too(room, said: str) -> None:
    await room.says(said)
    answer = await room.sees("/imagine")
    for command in ("/queue", "/cancel", "/again", "/info", "/workflows", "/upscale – Enlarge"):
        assert command in room.front.messages[answer]


# -- buttons ----------------------------------------------------------------------------------------------------------


async def test_the_buttons_under_a_result_start_new_jobs(room) -> None:
    job, _ = await room.gets("/imagine a red fox --seed 0", picture=room.png("red"))
    for number, (action, workflow) in enumerate(
        ((Action.AGAIN, "paint"), (Action.VARY, "repaint"), (Action.UPSCALE, "upscale")), start=2
    ):
        await room.presses(action, job.id)
        assert (await room.renderer.prompt(number)).task.workflow.name == workflow
        await room.draws(number)
        await room.until(lambda number=number: len(room.front.posted) == number)


async def test_edit_gives_the_command_to_change(room) -> None:
    job, _ = await room.gets("/imagine a red fox --seed 0")
    assert await room.presses(Action.EDIT, job.id) == "/imagine a red fox --seed 0 --workflow paint"


async def test_what_edit_gives_for_a_picture_made_from_a_picture_keeps_that_picture(room) -> None:
    first = await room.says("/imagine in winter", pictures=(room.png("red"),))
    await room.draws(1)
    await room.sees(first.id, "<")
    command = await room.presses(Action.EDIT, first.id)
    assert command.startswith(f"/again {first.id} in winter")
    second = await room.says(command.replace("winter", "spring"))
    assert (second.recipe.prompt, second.recipe.images) == ("in spring", first.recipe.images)


async def test_the_info_button_answers_the_result(room) -> None:
    job, message = await room.gets("/imagine a red fox")
    await room.presses(Action.INFO, job.id, by=room.lin)
    answer = await room.sees(f"任务 {job.id}，工作流 paint")
    assert room.front.replies[answer] == message


async def test_delete_takes_every_message_of_the_result_out_of_its_chats(room) -> None:
    job, _ = await room.gets("/imagine a red fox", made=(room.png("red"), room.png("blue")))
    await room.says(f"/show {job.id}", place=room.alone)
    await room.until(lambda: len(room.front.posted) == 2)
    await room.settled()
    assert len(room.log) == 6
    await room.presses(Action.DELETE, job.id)
    await room.until(lambda: room.log == [])


async def test_delete_takes_the_result_out_of_the_chat(room) -> None:
    job, message = await room.gets("/imagine a red fox")
    with pytest.raises(NotYours):
        await room.presses(Action.DELETE, job.id, by=room.bob)
    await room.presses(Action.DELETE, job.id)
    await room.until(lambda: message not in room.front.messages)
    assert room.log == []


async def test_the_file_button_gives_the_untouched_original_without_the_servers_graph(enter) -> None:
    room = await enter(limits=replace(TELEGRAM_PHOTO, max_side_sum=60))
    made = room.png(text={"prompt": "the server's graph"})
    job, message = await room.gets("/imagine a red fox --seed 0", picture=made)
    assert "[Info] [File] [Delete]" in room.front.messages[message]
    assert room.front.results[message].pictures[0].width < 48
    await room.presses(Action.FILE, job.id, message="m7/press")
    posted = await room.until(lambda: room.front.posted[1:])
    (file,) = room.front.results[posted[0]].pictures
    assert (file.as_document, file.width, file.height, file.name) == (True, 48, 32, f"easel-{job.id}-1.png")
    assert read(file.data) == "/imagine a red fox --seed 0 --workflow paint"
    assert b"the server's graph" not in file.data
    assert file.data == embed(made, "/imagine a red fox --seed 0 --workflow paint")
    assert (room.front.replies[posted[0]], room.front.results[posted[0]].buttons) == ("m7/press", ())


async def test_the_file_is_the_picture_without_a_word_where_recipes_are_not_embedded(enter) -> None:
    room = await enter(limits=TELEGRAM_PHOTO, embed_recipe=False)
    job, message = await room.gets("/imagine a red fox", picture=room.png(text={"prompt": "the server's graph"}))
    await room.presses(Action.FILE, job.id)
    posted = await room.until(lambda: room.front.posted[1:])
    assert room.front.results[posted[0]].pictures[0].data == room.png()
    assert room.front.replies[posted[0]] == message


@pytest.mark.parametrize("limits", [CONSOLE, replace(TELEGRAM_PHOTO, max_document_bytes=100)])
async def test_there_is_no_file_button_where_the_platform_would_not_take_the_file(enter, limits) -> None:
    room = await enter(limits=limits)
    job, message = await room.gets("/imagine a red fox")
    assert "[Info] [Delete]" in room.front.messages[message]
    with pytest.raises(CannotDo):
        await room.presses(Action.FILE, job.id)


async def test_a_file_that_is_gone_is_said_to_whoever_presses(enter) -> None:
    room = await enter(limits=TELEGRAM_PHOTO)
    job, _ = await room.gets("/imagine a red fox")
    await room.media.remove((await room.ledger.get(job.id)).pictures[0].sha256)
    with pytest.raises(PictureGone):
        await room.presses(Action.FILE, job.id)


async def test_words_in_reply_to_a_file_start_from_its_picture(enter) -> None:
    room = await enter(limits=TELEGRAM_PHOTO)
    job, _ = await room.gets("/imagine a red fox", picture=room.png("red"))
    await room.presses(Action.FILE, job.id)
    posted = await room.until(lambda: room.front.posted[1:])
    await room.settled()
    assert (await room.says("make it snowy", to=posted[0])).parent == job.id


@pytest.mark.parametrize("action", [Action.AGAIN, Action.VARY, Action.UPSCALE])
async def test_a_press_that_is_told_twice_starts_one_job_that_answers_it(room, action: Action) -> None:
    job, _ = await room.gets("/imagine a red fox")
    for _ in range(2):
        await room.presses(action, job.id, message="m1/press")
    await room.draws(2)
    await room.until(lambda: len(room.front.posted) == 2)
    assert room.front.replies[room.front.posted[1]] == "m1/press"
    await room.settled()
    assert len(room.renderer.prompts) == 2
    await room.presses(action, job.id, message="m1/another press")
    assert await room.renderer.prompt(3)


async def test_cancel_stops_the_job_whose_button_it_is(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.presses(Action.CANCEL, job.id)
    await room.sees("Cancelled")


# -- languages --------------------------------------------------------------------------------------------------------


async def test_each_reads_their_own_language(room) -> None:
    job = await room.says("／imagine 一只红狐狸 －－seed 0", by=room.lin)
    await room.sees("正在排队 | [取消]")
    await room.draws(1)
    await room.sees("<一只红狐狸>", "种子 0", job.id, "[再来一张]")
    await room.says("/help", by=room.lin)
    await room.sees("/upscale – 放大")
    await room.says("/xyzzy", by=room.lin)
    await room.sees("没有命令 /xyzzy。")


async def test_who_names_no_language_reads_the_rooms(enter) -> None:
    room = await enter(language="zh-CN")
    await room.says("/cancel", by=room.eve)
    await room.sees("您在这里还没有任务。")


# -- a chat that cannot be spoken to ----------------------------------------------------------------------------------


async def test_a_first_card_that_cannot_be_shown_holds_up_no_picture(room) -> None:
    room.front.troubles = [CannotFit(allowed=1)]
    job = await room.says("/imagine a red fox")
    await room.draws(1)
    await room.sees("<a red fox>")
    await room.reach(job, State.DONE)


async def test_a_card_is_shown_as_soon_as_one_can_be(room) -> None:
    room.front.troubles = [CannotFit(allowed=1)]
    await room.says("/imagine a red fox")
    prompt = await room.renderer.prompt()
    await room.until(lambda: not room.front.troubles)
    prompt.tell(room.drawing(3, 0.25))
    message = await room.sees("step 3 of 20")
    prompt.tell(room.drawing(4, 0.5))
    assert await room.sees("step 4 of 20") == message


async def test_a_chat_that_asks_for_silence_gets_the_newest_state_and_the_picture_once(room) -> None:
    room.front.troubles = [SlowDown(0.0), SlowDown(0.0), SlowDown(0.0)]
    await room.says("/imagine a red fox")
    (await room.renderer.prompt()).tell(room.drawing(3, 0.25))
    await room.sees("step 3 of 20")
    room.front.troubles = [SlowDown(0.0), SlowDown(0.0)]
    await room.draws(1)
    await room.sees("<a red fox>")
    assert len(room.front.posted) == len(room.log) == 1


async def test_a_first_card_that_waits_shows_the_newest_state_when_its_turn_comes(room) -> None:
    room.front.gate.clear()
    await room.says("/help")
    await room.says("/imagine a red fox")
    prompt = await room.renderer.prompt()
    prompt.tell(room.drawing(3, 0.25))
    await room.draws(1)
    room.front.gate.set()
    await room.sees("<a red fox>")
    await room.until(lambda: len(room.log) == 2)


@pytest.mark.parametrize("trouble", [CannotFit(allowed=1), ZeroDivisionError()])
async def test_a_picture_that_cannot_be_posted_is_said_on_the_card(room, trouble: Exception) -> None:
    job = await room.says("/imagine a red fox")
    message = await room.sees("Waiting in the queue")
    room.front.troubles = [trouble]
    await room.draws(1)
    await room.sees("No picture | ")
    assert list(room.front.messages) == [message]
    await room.reach(job, State.FAILED)


async def test_a_picture_that_cannot_be_prepared_is_said_on_the_card(room, monkeypatch) -> None:
    async def gone(sha256: str) -> bytes:
        raise PictureGone(sha256=sha256)

    await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    monkeypatch.setattr(room.service.media, "get", gone)
    await room.draws(1)
    await room.sees("No picture | The picture is no longer kept here.")


async def test_what_waits_for_its_chat_takes_no_pictures_along(room, monkeypatch) -> None:
    job, _ = await room.gets("/imagine a red fox")
    room.front.budgets = Budgets(per_chat=(Rate(1, 3600.0),))
    await room.restart()
    read, get = [], room.service.media.get
    monkeypatch.setattr(room.service.media, "get", lambda sha256: read.append(sha256) or get(sha256))
    await room.asks("/help")
    for _ in range(3):
        await room.says(f"/show {job.id}")
    other = await room.says("/imagine a blue fox")
    await room.draws(2)
    await room.reach(other, State.DELIVERING)
    await room.settled()
    assert read == []


async def test_pictures_are_let_go_of_while_the_platform_wants_silence(room, monkeypatch) -> None:
    read, get = [], room.service.media.get
    monkeypatch.setattr(room.service.media, "get", lambda sha256: read.append(sha256) or get(sha256))
    await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    room.front.troubles = [SlowDown(0), SlowDown(0.001)]
    await room.draws(1)
    await room.sees("<a red fox>")
    assert len(read) == 2  # a part that follows at once does not count


async def test_an_answer_that_cannot_be_given_is_no_fault_of_the_next(room) -> None:
    room.front.troubles = [CannotFit(allowed=1)]
    await room.says("/help")
    await room.says("/workflows")
    await room.sees("Choose one")


# -- stopping ---------------------------------------------------------------------------------------------------------


async def test_stopping_while_a_result_is_being_posted_posts_it_once_and_the_ledger_knows(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    room.front.gate.clear()
    calls = room.front.calls
    await room.draws(1)
    await room.until(lambda: room.front.calls == calls + 1)
    leaving = asyncio.create_task(room.conversation.__aexit__(None, None, None))
    await room.settled()
    assert not leaving.done()
    room.front.gate.set()
    await leaving
    assert (await room.service.job(job.id, room.ada, room.place)).state is State.DONE
    assert room.front.posted == room.showing("<a red fox>")


async def test_stopping_while_jobs_wait_leaves_them_to_the_next_start(room) -> None:
    job = await room.says("/imagine a red fox")
    await room.sees("Waiting in the queue")
    await room.conversation.__aexit__(None, None, None)
    await room.draws(1)
    await room.reach(job, State.DELIVERING)
    assert room.log == ["Waiting in the queue | [Cancel]"]
