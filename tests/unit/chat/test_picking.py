"""One of several pictures: of an album, or of a result."""

from __future__ import annotations

import pytest

from bot.jobs.model import Action

COLOURS = ("red", "green", "blue")


@pytest.fixture
def album(room) -> tuple[bytes, ...]:
    return tuple(room.png(colour) for colour in COLOURS)


async def inputs(room, number: int) -> bytes:
    (picture,) = (await room.renderer.prompt(number)).images.values()
    return picture


@pytest.mark.parametrize(
    ("said", "colour"),
    [
        ("/imagine make it snowy", "red"),
        ("/imagine make it snowy --pick 2", "green"),
        ("--pick 3 make it snowy", "blue"),
        ("make it —pick 3 snowy", "blue"),
        ("变成雪天--pick ３", "blue"),
        ("/upscale --pick 2", "green"),
        ("/upscale", "red"),
        ("/imagine --workflow upscale --pick=2", "green"),
    ],
)
async def test_of_an_album_the_first_is_taken_or_the_one_that_is_picked(room, album, said: str, colour: str) -> None:
    job = await room.says(said, pictures=album, album=True)
    assert job.recipe.prompt in ("make it snowy", "变成雪天", "")
    assert await inputs(room, 1) == room.png(colour)


async def test_only_the_pictures_that_are_wanted_are_fetched(room, album) -> None:
    job = await room.says("/imagine make it snowy", pictures=(album[0], b"no picture"), album=True)
    assert job is not None
    assert await room.says("/imagine make it snowy --pick 2", pictures=(album[0], b"no picture"), album=True) is None


async def test_pictures_that_somebody_attached_are_all_meant_unless_one_is_picked(room, album) -> None:
    assert await room.says("/imagine make it snowy", pictures=album) is None
    await room.sees("repaint takes one picture, and you gave 3.")
    await room.says("/imagine make it snowy --pick 3", pictures=album)
    assert await inputs(room, 1) == room.png("blue")


@pytest.mark.parametrize(
    ("said", "colour"),
    [
        ("make it snowy", "red"),
        ("make it snowy --pick 2", "green"),
        ("/imagine make it snowy --pick 3", "blue"),
        ("/upscale --pick 3", "blue"),
        ("--workflow upscale --pick 2", "green"),
    ],
)
async def test_of_a_result_the_first_is_taken_or_the_one_that_is_picked(room, album, said: str, colour: str) -> None:
    first, message = await room.gets("/imagine a red fox", made=album)
    job = await room.says(said, to=message)
    assert job.parent == first.id
    assert await inputs(room, 2) == room.png(colour)


@pytest.mark.parametrize("said", ["make it snowy", "/upscale", "--workflow upscale"])
async def test_a_reply_to_one_of_a_results_pictures_means_that_one(room, album, said: str) -> None:
    await room.gets("/imagine a red fox", made=album)
    for number, colour in enumerate(COLOURS):
        (message,) = [id_ for id_, text in room.front.messages.items() if text == f"(easel_{number + 1:05}_.png)"]
        assert await room.says(said, to=message)
        assert await inputs(room, 2 + number) == room.png(colour)
    await room.says(f"{said} --pick 2", to=message)
    assert await inputs(room, 5) == room.png("green"), "what is said goes before what is replied to"


async def test_a_reply_to_a_picture_that_was_shown_again_means_that_one_too(room, album) -> None:
    job, _ = await room.gets("/imagine a red fox --seed 0", made=album)
    await room.says(f"/show {job.id}", place=room.alone)
    await room.until(lambda: len(room.front.posted) == 2)
    await room.settled()
    second = [id_ for id_, text in room.front.messages.items() if text == "(easel_00002_.png)"][-1]
    assert room.front.places[second] == room.alone
    await room.says("make it snowy", to=second, place=room.alone)
    assert await inputs(room, 2) == room.png("green")
    again = await room.says("--steps 9", to=second, place=room.alone)
    assert (again.parent, again.recipe.seed, again.recipe.value("steps")) == (job.id, 0, 9)


async def test_flags_alone_change_the_recipe_whichever_picture_is_replied_to(room, album) -> None:
    first, _ = await room.gets("/imagine a red fox --seed 0", made=album)
    message = await room.sees("(easel_00002_.png)")
    job = await room.says("--steps 9", to=message)
    assert (job.recipe.workflow, job.recipe.seed, job.parent) == ("paint", 0, first.id)


async def test_films_among_the_pictures_are_not_counted(room, album) -> None:
    _, message = await room.gets("/imagine a red fox", made=(album[0], b"a film", album[2]))
    await room.says("make it snowy --pick 2", to=message)
    assert await inputs(room, 2) == room.png("blue")
    await room.says("make it snowy", to=await room.sees("(easel_00003_.png)"))
    assert await inputs(room, 3) == room.png("blue")
    await room.says("make it snowy", to=await room.sees("(easel_00002_.png)"))
    assert await inputs(room, 4) == room.png("red")


async def test_a_number_that_is_not_there_is_said_in_both_languages(room, album) -> None:
    _, message = await room.gets("/imagine a red fox", made=album)
    assert await room.asks("make it snowy --pick 4", to=message) == (
        "There are 3 pictures here, so there is no 4. Pick one from 1 to 3."
    )
    assert await room.asks("/upscale --pick 4", by=room.lin, pictures=album, album=True) == (
        "这里有 3 张图片，没有第 4 张。请选择 1 到 3。"
    )
    assert await room.asks("make it snowy --pick 2", pictures=album[:1]) == (
        "Easel sees only one picture here, so there is no 2. Reply to the very picture you mean, without “--pick”."
    )
    assert await room.asks("变成雪天 --pick 2", by=room.lin, pictures=album[:1]) == (
        "Easel 在这里只看到一张图片，没有第 2 张。请去掉“--pick”，直接回复您想要的那张图片。"
    )


@pytest.mark.parametrize("said", ["/again --pick 2", "/again --pick 2 --denoise 0.9"])
async def test_what_is_made_again_starts_from_what_it_started_from(room, album, said: str) -> None:
    await room.gets("/imagine make it snowy", pictures=album[:1], made=album)
    assert (await room.asks(said)).startswith("There is no choice of pictures here, so “--pick 2” does not work.")


async def test_a_pick_alone_asks_what_becomes_of_the_picture(room, album) -> None:
    _, message = await room.gets("/imagine a red fox", made=album)
    assert (await room.asks("--pick 2", to=message)).startswith("What should become of the picture?")
    assert (await room.asks("--pick 2 --denoise 0.5", to=message)).startswith("What should become of the picture?")


async def test_a_pick_alone_of_what_was_made_from_a_picture_makes_the_same_of_that_one(room, album) -> None:
    first, message = await room.gets("/imagine make it snowy --seed 0", pictures=album[:1], made=album)
    job = await room.says("--pick 2 --denoise 0.9", to=message)
    assert (job.recipe.prompt, job.recipe.seed, job.parent) == ("make it snowy", 0, first.id)
    assert await inputs(room, 2) == room.png("green")


async def test_picking_is_in_help_in_both_languages(room) -> None:
    assert "--pick 2 takes the second" in await room.asks("/help imagine")
    assert "--pick 2 表示使用第二张" in await room.asks("/help imagine", by=room.lin)


async def test_buttons_take_the_first_picture(room, album) -> None:
    job, _ = await room.gets("/imagine a red fox", made=album)
    await room.presses(Action.UPSCALE, job.id)
    assert await inputs(room, 2) == room.png("red")
