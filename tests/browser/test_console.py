"""The console in a real browser, over the whole demo."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Route, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Chat

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SMALL = "--w 256 --h 256"
Shoot = Callable[[str], Awaitable[None]]


def picture(colour: str = "teal", name: str = "teal.png") -> FilePayload:
    file = BytesIO()
    Image.new("RGB", (96, 64), colour).save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}


async def test_from_a_prompt_to_a_picture_again_replied_to_and_cancelled(chat: Chat, shoot: Shoot) -> None:
    await expect(chat.page.get_by_text("What would you like to see?")).to_be_visible()
    await shoot("empty")

    chat.stall(at=12)
    await chat.say("a lighthouse at dusk, long exposure --w 896 --h 512")
    await expect(chat.status).to_contain_text("step 12 of")
    await expect(chat.status.get_by_role("progressbar")).to_have_attribute("aria-valuenow", re.compile(r"[1-9]\d?"))
    await expect(chat.status.get_by_alt_text("The picture so far")).to_be_visible()
    await expect(chat.page.locator("#jobs")).to_contain_text("a lighthouse at dusk")
    await expect(chat.page.locator("#jobs")).to_contain_text("yours")
    await expect(chat.page.locator("#servers")).to_contain_text("1 running")
    await shoot("running")
    chat.resume()
    await expect(chat.results).to_have_count(1)
    await expect(chat.status).to_have_count(0)
    await expect(chat.results.first.get_by_role("img")).to_have_js_property("naturalWidth", 896)
    await expect(chat.results.first).to_contain_text("896 × 512 · seed ")
    await shoot("finished")

    await chat.button("Again").click()
    await expect(chat.results).to_have_count(2)

    await chat.results.last.locator("figure").hover()
    await chat.results.last.get_by_role("button", name="Reply").click()
    await expect(chat.page.locator("#chips")).to_contain_text("Replying to this picture")
    await expect(chat.prompt).to_be_focused()
    await chat.draw("the same in a snowstorm")
    await expect(chat.page.locator("#chips")).to_be_hidden()
    await expect(chat.page.locator(".said").last.locator(".quote img")).to_be_visible()

    chat.stall(at=2)
    await chat.say("a cathedral of glass")
    await expect(chat.status).to_contain_text("step 2 of")
    await chat.button("Cancel").click()
    chat.resume()
    await expect(chat.status).to_contain_text("Cancelled")
    await expect(chat.page.get_by_text("Nothing waits.")).to_be_visible()


async def test_a_reload_in_the_middle_of_a_run_goes_on_where_it_was(chat: Chat) -> None:
    chat.stall(at=3)
    await chat.say(f"a red fox {SMALL}")
    await expect(chat.status).to_contain_text("step 3 of")
    await chat.page.reload()
    await expect(chat.status).to_contain_text("step 3 of")
    await expect(chat.messages).to_have_count(2)
    chat.resume()
    await expect(chat.results).to_have_count(1)
    await expect(chat.messages).to_have_count(2)


async def test_a_broken_connection_is_said_and_nothing_is_doubled_or_lost(chat: Chat) -> None:
    await chat.draw(f"a red fox {SMALL}")
    lost = chat.page.locator("#lost")
    await expect(lost).to_be_hidden()

    await chat.page.route("**/api/**", lambda route: route.abort())
    for connection in chat.shown.console.server._runner.server.connections:
        connection.transport.abort()
    await expect(lost).to_have_text("Connection lost. Trying again.")
    await chat.shown.console.desk.say(f"a blue fox {SMALL}")  # meanwhile, from another page

    await chat.page.unroute("**/api/**")
    await expect(chat.results).to_have_count(2)
    await expect(lost).to_be_hidden()
    await expect(chat.messages).to_have_count(4)
    await expect(chat.messages.nth(2)).to_have_text(f"a blue fox {SMALL}")
    chat.shown.faults[:] = [fault for fault in chat.shown.faults if "net::ERR_" not in fault]  # the point of this test


async def test_everything_is_there_in_chinese(chat: Chat, shoot: Shoot) -> None:
    await chat.draw(f"a red fox {SMALL}")
    await chat.button("中文").click()
    await expect(chat.page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(chat.button("再来一张")).to_be_visible()
    await expect(chat.page.get_by_text("没有等待的任务。")).to_be_visible()
    await expect(chat.prompt).to_have_attribute("placeholder", "描述一幅画面")
    await chat.say("/imagine 一只狐狸 --nothing 3")
    await expect(chat.messages.last).to_contain_text("--nothing")
    await expect(chat.messages.last).to_contain_text(re.compile(r"[\u4e00-\u9fff]"))
    await shoot("chinese")

    await chat.page.reload()
    await expect(chat.page.locator("html")).to_have_attribute("lang", "zh-CN")
    await chat.button("English").click()
    await expect(chat.button("Again")).to_be_visible()


async def test_a_browser_that_prefers_chinese_gets_it(chat: Chat, browser: Any) -> None:
    async with await browser.new_context(locale="zh-CN") as context:
        page = await context.new_page()
        chat.shown.watch(page)
        await page.goto(chat.shown.console.server.url)
        await expect(page.get_by_role("heading", name="想看到什么画面？")).to_be_visible()


async def test_on_a_phone_the_composer_stays_below_and_the_queue_is_a_sheet(chat: Chat, shoot: Shoot) -> None:
    await chat.page.set_viewport_size({"width": 390, "height": 844})
    await expect(chat.page.locator("#side")).not_to_be_in_viewport()
    await chat.draw("a lighthouse at dusk --w 1024 --h 1024")
    await shoot("phone")
    box = await chat.page.locator("#composer").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == pytest.approx(844, abs=1)
    assert await chat.page.evaluate("document.documentElement.scrollWidth") == 390

    opener = chat.page.locator("#side-button")
    await opener.click()
    await expect(chat.page.get_by_role("heading", name="Servers")).to_be_in_viewport()
    await expect(opener).to_have_attribute("aria-expanded", "true")
    await shoot("phone-sheet")
    await chat.page.keyboard.press("Escape")
    await expect(chat.page.locator("#side")).not_to_be_in_viewport()
    await expect(opener).to_be_focused()


async def test_dark_and_light_follow_the_system_until_one_is_chosen(chat: Chat, shoot: Shoot) -> None:
    async def lightness() -> int:
        colour = await chat.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    await chat.draw("a lighthouse at dusk --w 1024 --h 1024")
    await chat.page.emulate_media(color_scheme="dark")
    assert await lightness() < 150
    await shoot("dark")
    await chat.button("Light colours").click()
    assert await lightness() > 600
    await chat.page.reload()
    await expect(chat.results).to_have_count(1)
    assert await lightness() > 600


async def test_it_can_all_be_done_with_the_keyboard(chat: Chat) -> None:
    page, keyboard = chat.page, chat.page.keyboard
    await expect(chat.prompt).to_be_focused()
    await keyboard.type(f"a red fox{' '}{SMALL}")
    await keyboard.press("Enter")
    await expect(chat.results).to_have_count(1)

    names: list[str] = []
    await page.locator("h1").click()  # somewhere before everything that takes the focus
    for _ in range(16):
        await keyboard.press("Tab")
        names.append(
            await page.evaluate(
                "(e => e.ariaLabel || e.textContent.trim() || e.querySelector('img').alt)(document.activeElement)"
            )
        )
        outline = await page.evaluate(
            "(e => getComputedStyle(e.id === 'prompt' ? e.parentElement : e).outlineStyle"
            " + getComputedStyle(e.parentElement).borderColor)(document.activeElement)"
        )
        assert "solid" in outline or "58, 79, 196" in outline, names[-1]
        if names[-1] == "Send":
            break
    assert names == [
        "中文",
        "Dark colours",
        "Picture of: a red fox",
        "Reply",
        "Again",
        "Vary",
        "Upscale",
        "Edit",
        "Info",
        "Delete",
        "Attach a picture",
        "Describe a picture",
        "Send",
    ]

    await chat.results.first.locator(".open").focus()
    await keyboard.press("r")
    await expect(page.locator("#chips li")).to_have_count(1)
    await expect(chat.prompt).to_be_focused()
    await keyboard.press("Escape")
    await expect(page.locator("#chips li")).to_have_count(0)

    await chat.results.first.locator(".open").focus()
    await keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(chat.results.first.locator(".open")).to_be_focused()

    await expect(page.get_by_text("Nothing waits.")).to_be_visible()
    chat.stall(at=2)
    await chat.button("Again").focus()
    await keyboard.press("Space")
    await expect(chat.status).to_contain_text("step 2 of")
    await expect(chat.results.first.get_by_role("button", name="Again")).to_be_focused()
    await expect(page.locator("#jobs")).to_contain_text("Drawing")
    line = page.locator("#jobs button")
    await line.focus()
    await chat.shown.console.desk.say(f"a blue fox {SMALL}")
    await expect(page.locator("#jobs")).to_contain_text("place 1")
    await expect(line.first).to_be_focused()  # the list is another one, and the focus is where it was
    await keyboard.press("Enter")
    await expect(page.locator(".status").first.get_by_role("button", name="Cancel")).to_be_focused()
    card = page.locator(".status").first
    await card.get_by_role("button", name="Cancel").focus()
    await keyboard.press("Enter")
    chat.resume()
    await expect(card).to_contain_text("Cancelled")
    await expect(card).to_be_focused()  # so that the next Tab goes on from here


async def test_enter_sends_shift_enter_does_not_and_the_arrow_brings_back(chat: Chat) -> None:
    await chat.prompt.fill("/help")
    await chat.prompt.press("Shift+Enter")
    await expect(chat.prompt).to_have_value("/help\n")
    await expect(chat.messages).to_have_count(0)
    await chat.prompt.press("Enter")
    await expect(chat.prompt).to_have_value("")
    await expect(chat.messages).to_have_count(2)
    await chat.say("/queue")
    await expect(chat.messages).to_have_count(4)

    for key, text in (("ArrowUp", "/queue"), ("ArrowUp", "/help"), ("ArrowUp", "/help"), ("ArrowDown", "/queue")):
        await chat.prompt.press(key)
        await expect(chat.prompt).to_have_value(text)
    await chat.prompt.press("ArrowDown")
    await expect(chat.prompt).to_have_value("")
    await chat.prompt.fill("half a thought")
    await chat.prompt.press("ArrowUp")
    await expect(chat.prompt).to_have_value("half a thought")


async def test_enter_that_ends_a_chinese_word_does_not_send(chat: Chat) -> None:
    await chat.prompt.fill("灯塔")
    await chat.prompt.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    await expect(chat.prompt).to_have_value("灯塔")
    await expect(chat.messages).to_have_count(0)


async def test_pictures_are_attached_by_hand_by_paste_and_by_drop(chat: Chat, shoot: Shoot) -> None:
    chips = chat.page.locator("#chips li")
    await chat.page.locator("#files").set_input_files([picture("teal"), picture("orange")])
    await expect(chips).to_have_count(2)

    for kind, target in (("paste", "#prompt"), ("drop", "#scroll")):
        await chat.page.locator(target).evaluate(
            """async (element, kind) => {
                const canvas = new OffscreenCanvas(20, 20);
                canvas.getContext("2d").fillRect(0, 0, 20, 20);
                const transfer = new DataTransfer();
                transfer.items.add(new File([await canvas.convertToBlob()], "p.png", { type: "image/png" }));
                const event = kind === "paste"
                    ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
                    : new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
                element.dispatchEvent(event);
            }""",
            kind,
        )
    await expect(chips).to_have_count(4)
    await shoot("attached")
    for left in (3, 2, 1):
        await chips.last.get_by_role("button", name="Remove this picture").click()
        await expect(chips).to_have_count(left)

    result = await chat.draw("in the snow")
    await expect(chips).to_have_count(0)
    await expect(chat.page.locator(".said .pictures img")).to_have_js_property("naturalWidth", 96)
    await expect(result).to_contain_text("in the snow")


async def test_what_is_no_picture_is_answered_with_a_sentence(chat: Chat) -> None:
    await chat.page.locator("#files").set_input_files(
        {"name": "song.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    await chat.say("in the snow")
    await expect(chat.messages.last).to_have_text(re.compile("This file is not a picture"))


async def test_too_much_at_once_is_refused_before_it_is_sent(chat: Chat) -> None:
    await chat.page.evaluate(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(64000001)], "p.png", { type: "image/png" }));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
        }"""
    )
    await chat.say("in the snow")
    await expect(chat.page.get_by_role("alert")).to_have_text(re.compile("more than 64 MB"))
    await expect(chat.prompt).to_have_value("in the snow")


async def test_edit_brings_the_command_and_info_tells_how_it_was_made(chat: Chat) -> None:
    await chat.draw(f"a red fox --seed 7 {SMALL}")
    await chat.button("Edit").click()
    await expect(chat.prompt).to_have_value(re.compile(r"^/imagine a red fox .*--seed 7"))
    await expect(chat.prompt).to_be_focused()
    await chat.button("Info").click()
    await expect(chat.messages.last).to_contain_text("seed: 7")
    await expect(chat.messages.last.locator("code")).to_contain_text("/imagine a red fox")


async def test_deleting_takes_a_second_press(chat: Chat) -> None:
    await chat.draw(f"a red fox {SMALL}")
    await chat.button("Delete").click()
    await expect(chat.results).to_have_count(1)
    await chat.button("Delete for good").click()
    await expect(chat.results).to_have_count(0)


async def test_a_picture_opens_large_and_its_original_can_be_kept(chat: Chat, shoot: Shoot) -> None:
    await chat.draw("foxes in snow --n 4 --ar 16:9")
    await expect(chat.results.first.locator("figure")).to_have_count(4)
    await shoot("batch")
    await chat.results.first.locator(".open").nth(1).click()
    dialog = chat.page.get_by_role("dialog")
    await expect(dialog.get_by_role("img")).to_be_visible()
    await shoot("large")
    async with chat.page.expect_download() as download:
        await dialog.get_by_role("link", name="Download the original").click()
    kept = await download.value
    assert re.fullmatch(r"easel-[a-z0-9]{6}-2\.png", kept.suggested_filename)
    assert b"class_type" in (await kept.path()).read_bytes()
    await dialog.get_by_role("button", name="Reply").click()
    await expect(dialog).to_be_hidden()
    await expect(chat.page.locator("#chips li")).to_have_count(1)


async def test_an_example_is_a_tap_away(chat: Chat) -> None:
    await chat.page.locator(".example").first.click()
    await expect(chat.messages.first).to_have_text("A lighthouse at dusk, long exposure, calm sea")
    await expect(chat.page.locator("#greeting")).to_be_hidden()
    await expect(chat.results).to_have_count(1)


async def test_what_people_write_never_becomes_markup(chat: Chat) -> None:
    nasty = "<img src=x onerror=\"document.title='owned'\"><b>bold</b>"
    await chat.draw(f"{nasty} {SMALL}")
    await expect(chat.messages.first.locator(".bubble")).to_have_text(f"{nasty} {SMALL}")
    await expect(chat.page.locator("#log b, #log img[src=x], #side b")).to_have_count(0)
    await expect(chat.page).to_have_title("Easel")


async def test_the_newest_stays_in_sight_unless_one_reads_further_up(chat: Chat) -> None:
    for n in range(2):
        await chat.draw(f"fox {n} --w 512 --h 512")
    await expect(chat.results.last.locator(".actions")).to_be_in_viewport()
    await chat.page.locator("#scroll").hover()
    await chat.page.mouse.wheel(0, -5000)
    await expect(chat.messages.first).to_be_in_viewport()
    newest = chat.button("Go to the newest message")
    await expect(newest).to_be_visible()
    await chat.shown.console.desk.say("/help")
    await expect(chat.messages).to_have_count(6)
    await expect(chat.messages.first).to_be_in_viewport()
    await newest.click()
    await expect(chat.messages.last).to_be_in_viewport()
    await expect(newest).to_be_hidden()


async def test_the_key_does_not_stay_in_the_address(chat: Chat) -> None:
    assert chat.page.url == f"http://{chat.shown.own_host}/"
    await chat.page.reload()
    await expect(chat.page.locator("body")).to_have_class("ready")
    assert await chat.page.evaluate("document.cookie") == ""


async def test_without_the_key_the_page_says_what_to_do(chat: Chat, browser: Any, shoot: Shoot) -> None:
    async with await browser.new_context() as context:
        page = await context.new_page()
        await page.goto(f"http://{chat.shown.own_host}/")
        await expect(page.get_by_text("Please open the address that Easel printed")).to_be_visible()
        await page.screenshot(path="out/screenshots/refused.png")


async def test_a_screen_reader_hears_what_matters_and_not_each_step(chat: Chat) -> None:
    heard: list[str] = []

    def hear(words: str) -> None:
        heard.append(words)

    await chat.page.expose_function("heard", hear)
    await chat.page.evaluate(
        """() => {
            const region = document.querySelector("[aria-live=polite]");
            new MutationObserver(() => heard(region.textContent)).observe(region, { childList: true });
        }"""
    )
    await chat.draw(f"a red fox {SMALL}")
    assert heard[-1] == "Finished: a red fox"
    assert sum("step" in words for words in heard) <= 1


async def test_what_did_not_reach_easel_can_be_recalled_while_the_next_is_typed(chat: Chat) -> None:
    answered = asyncio.Event()

    async def lose(route: Route) -> None:
        await answered.wait()
        await route.abort()

    await chat.page.route("**/api/messages", lose)
    await chat.say("a lost fox")
    await chat.prompt.fill("half a thought")
    answered.set()
    await expect(chat.page.get_by_role("alert")).to_have_text("That did not reach Easel. Try again.")
    await expect(chat.prompt).to_have_value("half a thought")
    await chat.prompt.fill("")
    await chat.prompt.press("ArrowUp")
    await expect(chat.prompt).to_have_value("a lost fox")

    await chat.page.unroute("**/api/messages")
    await chat.prompt.press("Enter")
    await expect(chat.results).to_have_count(1)
    chat.shown.faults[:] = [fault for fault in chat.shown.faults if "net::ERR_" not in fault]  # the point of this test


async def test_a_language_that_does_not_come_is_said_and_not_half_chosen(chat: Chat) -> None:
    await chat.page.route("**/api/texts*", lambda route: route.abort())
    await chat.button("中文").click()
    await expect(chat.page.get_by_role("alert")).to_have_text("That did not reach Easel. Try again.")
    await chat.page.unroute("**/api/texts*")
    await chat.page.reload()
    await expect(chat.page.locator("html")).to_have_attribute("lang", "en")
    await expect(chat.page.get_by_text("What would you like to see?")).to_be_visible()
    chat.shown.faults[:] = [fault for fault in chat.shown.faults if "net::ERR_" not in fault]  # the point of this test


async def test_a_long_failure_has_the_width_of_a_phone(chat: Chat, shoot: Shoot) -> None:
    await chat.page.set_viewport_size({"width": 360, "height": 740})
    chat.shown.standin.faults.fail_node("SamplerCustomAdvanced", message="CUDA out of memory. Tried to allocate. " * 6)
    await chat.say(f"a red fox {SMALL}")
    await expect(chat.status).to_have_attribute("data-tone", "failed")
    words = await chat.status.locator(".words").bounding_box()
    card = await chat.status.locator(".card").bounding_box()
    assert words is not None
    assert card is not None
    assert words["width"] > card["width"] * 0.8
    await shoot("phone-failed")


async def test_what_is_written_from_right_to_left_is_read_from_right_to_left(chat: Chat) -> None:
    await chat.draw(f"مدينة fox {SMALL}")
    for where in (".said .bubble", ".finished .caption"):
        first, last = await chat.page.locator(where).evaluate(
            """(element) => ["مدينة", "fox"].map((word) => {
                const [text] = element.childNodes;
                const range = new Range();
                range.setStart(text, text.data.indexOf(word));
                range.setEnd(text, text.data.indexOf(word) + word.length);
                return range.getBoundingClientRect().x;
            })"""
        )
        assert first > last, where


async def test_a_spoiler_is_covered_until_somebody_wants_to_see_it(chat: Chat, shoot: Shoot) -> None:
    await chat.say("/settings spoiler on")
    await expect(chat.messages.last).to_contain_text("spoiler is now on")
    result = await chat.draw(f"two foxes --n 2 {SMALL}")
    covers = result.get_by_role("button", name="Show the covered picture")
    await expect(covers).to_have_count(2)
    await expect(result.locator("figure img").first).to_have_js_property("naturalWidth", 256)
    await shoot("spoiler")
    await expect(result.get_by_role("button", name="Reply")).to_have_count(0)
    await expect(result.locator(".open").first).to_have_js_property("inert", value=True)

    await covers.first.focus()
    await chat.page.keyboard.press("Enter")
    await expect(covers).to_have_count(1)
    await expect(result.locator(".open").first).to_be_focused()
    await expect(result.get_by_role("button", name="Reply")).to_have_count(1)

    await chat.button("中文").click()  # draws the chat anew
    await expect(chat.results.last.locator(".covered")).to_have_count(1)
    await chat.results.last.locator(".show").click()
    await expect(chat.results.last.locator(".covered")).to_have_count(0)
    await chat.results.last.locator(".open").last.click()
    await expect(chat.page.get_by_role("dialog")).to_be_visible()


async def test_what_will_be_covered_is_not_seen_while_it_is_drawn_nor_quoted(chat: Chat) -> None:
    await chat.say("/settings spoiler on")
    chat.stall(at=3)
    await chat.say(f"a red fox {SMALL}")
    await expect(chat.status).to_contain_text("step 3 of")
    await expect(chat.status.locator(".canvas")).to_be_hidden()
    chat.resume()
    await expect(chat.results).to_have_count(1)
    covered = await chat.page.evaluate("document.querySelector('#log > .finished').id.slice(2)")
    await chat.shown.console.desk.say("/help", reply_to=covered)
    await expect(chat.page.locator(".quote.covered")).to_have_count(1)


async def test_commands_are_suggested_to_whoever_types_a_slash(chat: Chat, shoot: Shoot) -> None:
    options = chat.page.get_by_role("option")
    chosen = chat.page.get_by_role("option", selected=True)
    await chat.prompt.press_sequentially("/")
    await expect(options.first).to_contain_text("/imagine")
    await shoot("commands")
    await chat.prompt.press_sequentially("s")
    await expect(options).to_have_text([re.compile("^/show"), re.compile("^/settings"), re.compile("^/servers")])
    await expect(chosen).to_contain_text("/show [ID]")
    await expect(chosen).to_contain_text("Post a result again")
    await chat.prompt.press("ArrowDown")
    await expect(chosen).to_contain_text("/settings")
    await expect(chat.prompt).to_have_attribute("aria-activedescendant", await chosen.get_attribute("id") or "")
    for _ in range(2):
        await chat.prompt.press("ArrowUp")
    await expect(chosen).to_contain_text("/servers")
    await chat.prompt.press("Enter")
    await expect(chat.prompt).to_have_value("/servers ")
    await expect(options).to_have_count(0)
    await chat.prompt.press("Enter")
    await expect(chat.messages.last).to_contain_text("studio: 0 running, 0 waiting")

    await chat.say("/help")  # typed in full, it is sent at once
    await expect(chat.messages.last).to_contain_text("/audit")
    await expect(options).to_have_count(0)

    await chat.prompt.press_sequentially("/ca")
    await expect(options).to_have_count(1)
    await chat.prompt.press("Escape")
    await expect(options).to_have_count(0)
    await expect(chat.prompt).to_have_value("/ca")
    await chat.prompt.press_sequentially("n")
    await options.click()
    await expect(chat.prompt).to_have_value("/cancel ")
    await expect(chat.prompt).to_be_focused()
    await chat.prompt.fill("a fox /c")
    await expect(options).to_have_count(0)
    await chat.prompt.fill("")
    await chat.prompt.press("ArrowUp")  # what was said before is recalled without suggestions
    await expect(chat.prompt).to_have_value("/help")
    await expect(options).to_have_count(0)


async def test_what_waits_says_for_how_long_and_a_server_how_it_is(chat: Chat, shoot: Shoot) -> None:
    servers, jobs = chat.page.locator("#servers"), chat.page.locator("#jobs")
    await expect(servers).to_contain_text("Free")
    await chat.draw(f"a red fox {SMALL}")
    chat.stall(at=3)
    for colour in ("blue", "green"):
        await chat.say(f"a {colour} fox {SMALL}")
    await expect(chat.status).to_contain_text(re.compile(r"Waiting: 1 of 1, about .* s"))
    await expect(jobs).to_contain_text(re.compile(r"Waiting, place 1, about .* s"))
    await chat.say("/drain studio")
    await expect(servers).to_contain_text("Gets no new jobs")
    await expect(servers).to_contain_text("1 running, 1 waiting")
    await shoot("waiting")
    await chat.say("/resume studio")
    await expect(servers).not_to_contain_text("Gets no new jobs")

    await chat.shown.standin.faults.kill()
    await expect(servers).to_contain_text("Does not answer")
    await expect(chat.page.locator(".status")).to_contain_text(["Waiting for the server studio to answer"] * 2)
    await expect(jobs).to_contain_text("Waiting for the server studio to answer")
    await shoot("away")
    chat.resume()
    await chat.shown.standin.faults.start()
    await expect(chat.results).to_have_count(3)
