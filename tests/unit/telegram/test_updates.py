"""What a Telegram update means for us."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update

from bot.jobs.model import Action, Person, Place
from bot.telegram.attachments import Kind, RemoteFile
from bot.telegram.updates import (
    Asked,
    Heard,
    Joined,
    Left,
    Migrated,
    Muted,
    Pressed,
    PressedNonsense,
    Seen,
    read,
)

from .conftest import ANN, BOB, CHANNEL, GROUP, ME, PRIVATE, US, file, message, ours, photo, sticker, update, video

FOXES = Place("telegram", "-100500")
ANN_LEE = Person("telegram:11", "Ann Lee", "zh-hans")
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
EDIT = {
    "text": "Ann, change k7m2qd:\n/imagine a fox",
    "entities": [
        {"type": "code", "offset": 12, "length": 6},
        {"type": "pre", "offset": 20, "length": 14},
    ],
}


# -- who is meant -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "text", "addressed"),
    [
        ("/imagine a fox", "/imagine a fox", False),
        ("/imagine", "/imagine", False),
        ("／imagine 一只狐狸", "/imagine 一只狐狸", False),
        ("/whatever", "/whatever", False),  # of which the desk knows whether it is ours
        ("/imagine@EaselBot a fox", "/imagine a fox", True),
        ("/imagine@easelbot\na fox\nin snow", "/imagine a fox\nin snow", True),
        ("/imagine@EaselBot", "/imagine", True),
        ("/imagine@EaselBot，一只狐狸", "/imagine ，一只狐狸", True),
        ("/whatever@EaselBot", "/whatever", True),
        ("/imagine a fox —w 512 –h 512", "/imagine a fox —w 512 –h 512", False),
        ("\u200e /imagine a fox\u2060", "/imagine a fox", False),
        ("@EaselBot a fox", "a fox", True),
        ("@easelbot: a fox", "a fox", True),
        ("@EaselBot，画一只狐狸", "画一只狐狸", True),
        ("@EaselBot画一只狐狸", "画一只狐狸", True),
        ("@EaselBot", "", True),
        ("@EaselBot /queue", "/queue", True),
        ("/start@EaselBot from-a-link", "/start", True),
    ],
)
def test_in_a_group_commands_and_mentions_of_us_are_for_us(heard, said: str, text: str, *, addressed: bool) -> None:
    event = heard(said)
    assert isinstance(event, Heard)
    assert (event.text, event.addressed, event.place) == (text, addressed, FOXES)


@pytest.mark.parametrize(
    "said",
    [
        "a fox",
        "/imagine@OtherBot a fox",
        "@EaselBot /imagine@OtherBot a fox",
        "@EaselBots a fox",
        "@OtherBot a fox",
        "I like @EaselBot",
        "/home/user is full",
        "/",
        "/ imagine",
        "/@EaselBot",
        "--w 512",
        "",
        " \u200b ",
    ],
)
def test_in_a_group_other_talk_is_nothing_to_us(heard, said: str) -> None:
    assert heard(said) is None


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("a fox", "a fox"),
        ("@EaselBot a fox", "a fox"),
        ("--w 512", "--w 512"),
        ("/home/user is full", "/home/user is full"),
        ("/imagine@EaselBot a fox", "/imagine a fox"),
        ("/start k7m2qd", "/start"),
        ("/whatever", "/whatever"),
    ],
)
def test_in_a_private_chat_everything_is_for_us(heard, said: str, text: str) -> None:
    event = heard(said, chat=PRIVATE)
    assert isinstance(event, Heard)
    assert (event.text, event.addressed, event.admin) == (text, True, False)


def test_in_a_private_chat_a_command_for_another_bot_is_still_for_that_one(heard) -> None:
    assert heard("/imagine@OtherBot a fox", chat=PRIVATE) is None


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("--w 512", "--w 512"),
        ("—w 512", "—w 512"),
        ("–steps 9 --seed 4", "–steps 9 --seed 4"),
        (" --w 512 a red fox", "--w 512 a red fox"),
        ("/again", "/again"),
        ("looks great", None),
        ("lovely --w 512", None),
        ("-- no", None),
        ("-5", None),
        ("🦊", None),
        ("", None),
    ],
)
def test_a_reply_to_ours_in_a_group_is_an_order_if_it_is_a_command_or_begins_with_a_flag(
    heard, said: str, text: str | None
) -> None:
    replied = ours(photo=photo())
    event = heard(said, reply_to_message=replied)
    assert (event and (event.text, event.reply_to)) == (text and (text, str(replied["message_id"])))


def test_flags_in_reply_to_somebody_else_are_talk(heard) -> None:
    assert heard("--w 512", reply_to_message=message(photo=photo(), by=BOB)) is None


@pytest.mark.parametrize("chat", [GROUP, PRIVATE])
def test_what_answers_our_edit_changes_that_job(heard, chat: dict[str, Any]) -> None:
    event = heard("a red fox --w 512", chat=chat, reply_to_message=ours(chat=chat, **EDIT))
    assert isinstance(event, Heard)
    assert (event.text, event.addressed) == ("/again k7m2qd a red fox --w 512", True)


def test_a_whole_command_that_answers_our_edit_stands_for_itself(heard) -> None:
    assert heard("/imagine a red fox", reply_to_message=ours(**EDIT)).text == "/imagine a red fox"


@pytest.mark.parametrize(
    "not_it",
    [
        message(by=BOB, **EDIT),
        ours(EDIT["text"]),
        ours(EDIT["text"], entities=EDIT["entities"][:1]),
        ours(EDIT["text"], entities=EDIT["entities"][1:]),
        ours(EDIT["text"], entities=[EDIT["entities"][1], {"type": "code", "offset": 0, "length": 12}]),
        ours(EDIT["text"], entities=[EDIT["entities"][1], {"type": "code", "offset": 90, "length": 6}]),
        ours(caption=EDIT["text"], caption_entities=EDIT["entities"], photo=photo()),
    ],
)
def test_a_message_that_only_looks_like_our_edit_is_none(heard, not_it: dict[str, Any]) -> None:
    assert heard("a red fox", reply_to_message=not_it) is None


def test_the_job_of_an_edit_is_found_behind_emoji(heard) -> None:
    told = ours(
        "🦊🦊 k7m2qd /imagine",
        entities=[{"type": "code", "offset": 5, "length": 6}, {"type": "pre", "offset": 12, "length": 8}],
    )
    assert heard("red", reply_to_message=told).text == "/again k7m2qd red"


def test_what_is_sent_through_our_inline_mode_is_for_us_if_it_is_a_command(heard) -> None:
    assert heard("/imagine@EaselBot a fox", via_bot=US).addressed
    assert heard("/imagine a fox", via_bot=US).addressed
    assert heard(None, via_bot=US, photo=photo(), caption="a fox") is None
    shared = heard(None, via_bot=US, photo=photo(), caption="a fox", chat=PRIVATE)
    assert (shared.text, len(shared.files)) == ("", 1)


@pytest.mark.parametrize("said", ["/imagine a fox", "@EaselBot a fox", "/imagine@EaselBot a fox"])
def test_a_forward_in_a_group_is_no_order(heard, said: str) -> None:
    origin = {"type": "user", "date": 1, "sender_user": BOB}
    assert heard(said, forward_origin=origin) is None
    assert heard(None, caption=said, photo=photo(), forward_origin=origin) is None


def test_a_forwarded_picture_in_a_private_chat_comes_without_the_words_of_whoever_made_it(heard) -> None:
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Bob"}
    event = heard(None, chat=PRIVATE, photo=photo(), caption="/cancel k7m2qd", forward_origin=origin)
    assert (event.text, [each.kind for each in event.files]) == ("", [Kind.PHOTO])
    assert heard("a fox", chat=PRIVATE, forward_origin=origin).text == "a fox"


# -- who speaks, and where --------------------------------------------------------------------------------------------


def test_a_person_has_a_name_a_language_and_perhaps_a_rank(heard) -> None:
    event = heard("/imagine a fox")
    assert event.person == ANN_LEE
    assert event.admin is None


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"first_name": "  Ann\n\t Lee "}, "Ann Lee"),
        ({"first_name": "\u202eeelnnA"}, "eelnnA"),
        ({"first_name": "Ann", "last_name": "\u2066\u200f\0Lee\u2069"}, "Ann Lee"),
        ({"first_name": "👩\u200d🚀"}, "👩\u200d🚀"),
        ({"first_name": "\ud83d"}, "12"),
        ({"first_name": "\u200b\u2060", "username": "ann"}, "ann"),
        ({"first_name": "", "username": ""}, "12"),
        ({"first_name": "A" * 300}, "A" * 64),
        ({"first_name": "علي"}, "علي"),
    ],
)
def test_a_name_neither_breaks_nor_turns_the_line_it_stands_in(heard, user: dict[str, str], name: str) -> None:
    assert heard("/imagine a fox", by=BOB | user).person.name == name


@pytest.mark.parametrize(
    ("more", "person", "admin"),
    [
        ({"sender_chat": GROUP, "by": ANONYMOUS}, Person("telegram:-100500", "Foxes"), True),
        ({"sender_chat": CHANNEL, "by": BOB | {"is_bot": True}}, Person("telegram:-100900", "Fox News"), False),
        ({"chat": CHANNEL, "sender_chat": CHANNEL, "by": None}, Person("telegram:-100900", "Fox News"), True),
        ({"chat": CHANNEL, "by": None}, Person("telegram:-100900", "Fox News"), True),
    ],
)
def test_who_speaks_as_a_chat_is_that_chat(heard, more: dict[str, Any], person: Person, *, admin: bool) -> None:
    kind = "channel_post" if more.get("chat") is CHANNEL else "message"
    event = heard("/imagine a fox", kind=kind, **more)
    assert (event.person, event.person.name, event.admin) == (person, person.name, admin)


@pytest.mark.parametrize(
    "more",
    [
        {"by": BOB | {"is_bot": True}},
        {"by": US},
        {"by": None},
        {"is_automatic_forward": True, "sender_chat": CHANNEL},
        {"chat": GROUP | {"is_direct_messages": True}},
    ],
)
def test_bots_automatic_forwards_and_mail_to_channels_are_not_heard(heard, more: dict[str, Any]) -> None:
    assert heard("/imagine a fox", **more) is None


@pytest.mark.parametrize(
    "kind",
    ["business_message", "edited_business_message", "guest_message"],
)
def test_what_is_said_to_somebody_else_for_us_to_see_is_not_heard(heard, kind: str) -> None:
    assert heard("/imagine a fox", kind=kind, chat=PRIVATE) is None


@pytest.mark.parametrize(
    ("kind", "edited"),
    [("message", False), ("edited_message", True), ("channel_post", False), ("edited_channel_post", True)],
)
def test_an_edited_message_says_so(heard, kind: str, *, edited: bool) -> None:
    event = heard("/imagine a fox", kind=kind, chat=CHANNEL if "channel" in kind else GROUP)
    assert event.edited is edited


def test_what_is_said_in_a_topic_stays_there_and_replies_to_nothing(heard) -> None:
    topic = {"is_topic_message": True, "message_thread_id": 77}
    root = message(by=BOB, forum_topic_created={"name": "Art", "icon_color": 1}, **topic) | {"message_id": 77}
    event = heard("/imagine a fox", reply_to_message=root, **topic)
    assert event.place == Place("telegram", "-100500", "77")
    assert event.reply_to is None
    old = message("the first words of the topic", by=US, **topic) | {"message_id": 77}
    assert heard("--w 512", reply_to_message=old, **topic) is None
    replied = heard("--w 512", reply_to_message=ours("a card", **topic) | {"message_id": 78}, **topic)
    assert replied.reply_to == "78"


def test_a_thread_of_replies_is_no_topic(heard) -> None:
    assert heard("/imagine a fox", message_thread_id=77).place == FOXES


# -- pictures ---------------------------------------------------------------------------------------------------------

PHOTO = RemoteFile("px", "upx", 1000, Kind.PHOTO)


@pytest.mark.parametrize(
    ("sent", "files"),
    [
        ({"photo": photo()}, [PHOTO]),
        ({"document": file("d", mime_type="image/png")}, [RemoteFile("d", "ud", 1000, Kind.DOCUMENT)]),
        ({"document": file("d", mime_type="IMAGE/HEIC")}, [RemoteFile("d", "ud", 1000, Kind.DOCUMENT)]),
        ({"document": {"file_id": "d", "file_unique_id": "ud"}}, [RemoteFile("d", "ud", None, Kind.OTHER)]),
        ({"document": file("d", mime_type="application/pdf")}, [RemoteFile("d", "ud", 1000, Kind.OTHER)]),
        ({"sticker": sticker()}, [RemoteFile("s", "us", 1000, Kind.STICKER)]),
        ({"sticker": sticker(animated=True)}, [RemoteFile("s", "us", 1000, Kind.OTHER)]),
        ({"sticker": sticker(video=True)}, [RemoteFile("s", "us", 1000, Kind.OTHER)]),
        ({"video": video()}, [RemoteFile("v", "uv", 1000, Kind.OTHER)]),
        ({"animation": video("a"), "document": file("a", mime_type="image/gif")},
         [RemoteFile("a", "ua", 1000, Kind.OTHER)]),
        ({"video_note": file("n", length=240, duration=3)}, [RemoteFile("n", "un", 1000, Kind.OTHER)]),
        ({"voice": file("o", duration=3)}, []),
    ],
)  # fmt: skip
def test_what_is_sent_with_a_command_is_its_picture(heard, sent: dict[str, Any], files: list[RemoteFile]) -> None:
    event = heard(None, caption="/imagine in snow", **sent)
    assert (event.text, list(event.files), event.attached) == ("/imagine in snow", files, bool(files))


@pytest.mark.parametrize(
    ("replied", "names"),
    [
        (message(photo=photo(), by=BOB), ["px"]),
        (message(photo=photo(), by=US), ["px"]),
        (message(photo=photo(), by=BOB | {"is_bot": True}), ["px"]),
        (message(sticker=sticker(), by=BOB), ["s"]),
        (message(document=file("d", mime_type="image/webp"), by=BOB), ["d"]),
        (message(animation=video("a"), by=BOB), ["a"]),
        (message(document=file("d", mime_type="application/zip"), by=BOB), []),
        (message("look", by=BOB), []),
    ],
)
def test_a_reply_with_a_command_takes_what_is_to_be_seen_in_the_message(
    heard, replied: dict[str, Any], names: list[str]
) -> None:
    event = heard("/imagine in snow", reply_to_message=replied)
    assert [each.file_id for each in event.files] == names
    assert (event.reply_to, event.attached) == (str(replied["message_id"]), False)
    assert event.ours is (replied["from"] is US)


def test_a_picture_of_ones_own_comes_before_that_of_the_message_replied_to(heard) -> None:
    replied = message(photo=photo("q"), by=BOB, media_group_id="g")
    event = heard(None, caption="/imagine both", photo=photo(), reply_to_message=replied)
    assert (event.files, event.album, event.attached) == ((PHOTO,), None, True)


def test_a_reply_to_a_message_of_another_chat_takes_its_picture(heard) -> None:
    origin = {"type": "user", "date": 1, "sender_user": BOB}
    event = heard(
        "/imagine in snow", external_reply={"origin": origin, "photo": photo()}, quote={"text": "q", "position": 0}
    )
    assert (event.files, event.reply_to, event.attached) == ((PHOTO,), None, False)


def test_an_item_of_an_album_is_heard_with_words_and_seen_without(heard) -> None:
    event = heard(None, caption="/imagine in snow", photo=photo(), media_group_id="g1")
    assert (event.album, event.attached) == ("g1", True)
    seen = heard(None, photo=photo(), media_group_id="g1")
    assert isinstance(seen, Seen)
    assert (seen.album, seen.files, seen.place) == ("g1", (PHOTO,), FOXES)
    for silent in ({"by": US}, {"is_automatic_forward": True}, {"caption": "look at these"}):
        assert isinstance(heard(None, photo=photo(), media_group_id="g1", **silent), Seen)
    replied = heard("/imagine in snow", reply_to_message=message(photo=photo(), media_group_id="g1", by=BOB))
    assert (replied.album, replied.attached) == ("g1", False)


@pytest.mark.parametrize(
    ("sent", "files"),
    [
        ({"photo": photo()}, 1),
        ({"sticker": sticker()}, 1),
        ({"video": video()}, 1),
        ({"document": file("d", mime_type="application/pdf")}, 1),
        ({"voice": file("o", duration=3)}, 0),
        ({"location": {"longitude": 1.0, "latitude": 2.0}}, 0),
        ({"dice": {"emoji": "🎲", "value": 3}}, 0),
        ({"contact": {"phone_number": "1", "first_name": "B"}}, 0),
    ],
)
def test_what_comes_without_words_is_heard_in_a_private_chat_alone(heard, sent: dict[str, Any], files: int) -> None:
    event = heard(None, chat=PRIVATE, **sent)
    assert (event.text, len(event.files)) == ("", files)
    assert heard(None, chat=PRIVATE, kind="edited_message", **sent) is None
    assert heard(None, **sent) is None


@pytest.mark.parametrize(
    "happened",
    [
        {"new_chat_members": [BOB]},
        {"left_chat_member": BOB},
        {"pinned_message": message("x")},
        {"new_chat_title": "Wolves"},
        {"new_chat_photo": photo()},
        {"forum_topic_created": {"name": "Art", "icon_color": 1}},
        {"delete_chat_photo": True},
        {"video_chat_started": {}},
        {"story": {"chat": CHANNEL, "id": 1}},
        {"paid_media": {"star_count": 1, "paid_media": []}},
        {"successful_payment": {
            "currency": "XTR", "total_amount": 1, "invoice_payload": "p",
            "telegram_payment_charge_id": "1", "provider_payment_charge_id": "2",
        }},
    ],
)  # fmt: skip
@pytest.mark.parametrize("chat", [GROUP, PRIVATE])
def test_what_merely_happens_is_not_heard(heard, happened: dict[str, Any], chat: dict[str, Any]) -> None:
    assert heard(None, chat=chat, **happened) is None


def test_text_is_kept_as_it_is_but_for_what_no_database_can_hold(heard) -> None:
    event = heard("/imagine a\0 fox\ud83e “雪” 🦊 \u202e!")
    assert event.text == "/imagine a fox “雪” 🦊 \u202e!"


def test_text_of_any_length_is_heard(heard) -> None:
    assert len(heard("/imagine " + "狐" * 100_000).text) == 100_009


# -- presses, questions, chats ----------------------------------------------------------------------------------------


def pressed(data: str | None, under: dict[str, Any] | None, **more: Any) -> Any:
    told = {"id": "42", "from": ANN, "chat_instance": "1"} | more
    told |= {} if data is None else {"data": data}
    told |= {} if under is None else {"message": under}
    return read(update("callback_query", told), ME)


def keyboard(data: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "x", "callback_data": "again:k7m2qd"}, {"text": "y", "callback_data": data}]]}


def test_a_press_says_what_is_wanted_of_which_job() -> None:
    under = ours(photo=photo(), reply_markup=keyboard("vary:k7m2qd"), is_topic_message=True, message_thread_id=77)
    assert pressed("vary:k7m2qd", under) == Pressed(
        query="42",
        person=ANN_LEE,
        place=Place("telegram", "-100500", "77"),
        message=str(under["message_id"]),
        action=Action.VARY,
        job="k7m2qd",
        admin=None,
        offered=True,
    )


def test_a_press_of_a_button_that_the_message_does_not_have_says_so() -> None:
    assert not pressed("cancel:k7m2qd", ours("x", reply_markup=keyboard("vary:k7m2qd"))).offered
    assert not pressed("cancel:k7m2qd", ours("x")).offered
    assert not pressed("cancel:k7m2qd", {"chat": GROUP, "message_id": 5, "date": 0}).offered


def test_a_press_in_a_private_chat_is_no_admins() -> None:
    assert pressed("again:k7m2qd", ours("x", chat=PRIVATE)).admin is False


@pytest.mark.parametrize(
    ("data", "under", "more"),
    [
        ("", ours("x"), {}),
        ("again", ours("x"), {}),
        ("explode:k7m2qd", ours("x"), {}),
        ("again:../../etc", ours("x"), {}),
        ("again:\ud800", ours("x"), {}),
        ("again:k7m2qd" * 400, ours("x"), {}),
        (None, ours("x"), {"game_short_name": "chess"}),
        ("again:k7m2qd", None, {"inline_message_id": "7"}),
    ],
)
def test_any_other_press_is_nonsense_and_still_known(data: str | None, under: Any, more: dict[str, Any]) -> None:
    assert pressed(data, under, **more) == PressedNonsense("42", ANN_LEE)


def test_words_behind_our_name_are_a_question() -> None:
    told = {"id": "9", "from": ANN, "query": " a fox\0 ", "offset": "10", "chat_type": "group"}
    asked = read(update("inline_query", told), ME)
    assert asked == Asked("9", ANN_LEE, "a fox", "group")


def test_either_message_about_a_move_tells_the_same() -> None:
    basic = {"id": -500, "type": "group", "title": "Foxes"}
    moved = Migrated(Place("telegram", "-500"), "-100500")
    assert read(update("message", message(chat=basic, migrate_to_chat_id=-100500)), ME) == moved
    assert read(update("message", message(migrate_from_chat_id=-500, by=ANONYMOUS)), ME) == moved


RESTRICTED = dict.fromkeys(
    (
        *("can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos"),
        *("can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages"),
        *("can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics"),
        *("can_edit_tag", "can_react_to_messages"),
    ),
    False,
)


MAY_WRITE = {"can_send_messages": True}


def member(status: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "user": US} | more


@pytest.mark.parametrize(
    ("was", "now", "event"),
    [
        (member("left"), member("member"), Joined(FOXES, ANN_LEE)),
        (member("kicked", until_date=0), member("member"), Joined(FOXES, ANN_LEE)),
        (member("member"), member("left"), Left(FOXES)),
        (member("member"), member("kicked", until_date=0), Left(FOXES)),
        (member("member"), member("restricted", is_member=False, until_date=0, **RESTRICTED), Left(FOXES)),
        (member("member"), member("restricted", is_member=True, until_date=0, **RESTRICTED), Muted(FOXES)),
        (member("left"), member("restricted", is_member=True, until_date=0, **(RESTRICTED | MAY_WRITE)),
         Joined(FOXES, ANN_LEE)),
        (member("member"), member("creator", is_anonymous=False), None),
    ],
)  # fmt: skip
def test_what_becomes_of_us_in_a_chat(was: dict[str, Any], now: dict[str, Any], event: Any) -> None:
    told = {"chat": GROUP, "from": ANN, "date": 1, "old_chat_member": was, "new_chat_member": now}
    assert read(update("my_chat_member", told), ME) == event


def test_every_other_update_is_nothing_to_us() -> None:
    assert read(Update(1), ME) is None
    reaction = {"chat": GROUP, "message_id": 1, "date": 1, "old_reaction": [], "new_reaction": []}
    assert read(update("message_reaction", reaction), ME) is None
