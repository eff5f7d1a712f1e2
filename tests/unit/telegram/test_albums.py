"""Albums, item by item."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.albums import AlbumKey, Albums
from bot.telegram.attachments import Kind, RemoteFile

KEY = AlbumKey("-100500", "g1")


def file(name: str, kind: Kind = Kind.PHOTO) -> RemoteFile:
    return RemoteFile(name, f"u{name}", None, kind)


@given(st.permutations(range(8, 13)))
def test_pictures_stand_in_the_order_of_the_chat_however_they_come(order: list[int]) -> None:
    albums = Albums()
    for message in order:
        albums.add(KEY, str(message), [file(str(message))])
    assert [each.file_id for each in albums.pictures(KEY)] == ["8", "9", "10", "11", "12"]
    assert albums.count(KEY) == 5


def test_an_item_that_is_told_again_counts_once_and_has_what_was_told_last() -> None:
    albums = Albums()
    albums.add(KEY, "8", [file("a")])
    albums.add(KEY, "8", [file("b")])
    assert (albums.count(KEY), albums.pictures(KEY)) == (1, (file("b"),))


def test_videos_are_left_out_beside_pictures_and_stand_for_themselves_without() -> None:
    albums = Albums()
    albums.add(KEY, "8", [file("v", Kind.OTHER)])
    assert albums.pictures(KEY) == (file("v", Kind.OTHER),)
    albums.add(KEY, "9", [file("p")])
    assert albums.pictures(KEY) == (file("p"),)


def test_an_album_is_answered_once() -> None:
    albums = Albums()
    assert albums.answer(KEY)
    assert not albums.answer(KEY)
    assert albums.answer(AlbumKey("-100501", "g1"))


def test_an_album_that_was_never_seen_has_no_pictures() -> None:
    assert Albums().pictures(KEY) == ()


def test_of_many_albums_the_oldest_are_forgotten() -> None:
    albums = Albums()
    keys = [AlbumKey("-100500", str(n)) for n in range(1001)]
    for key in keys:
        albums.add(key, "8", [file("p")])
    assert albums.pictures(keys[0]) == ()
    assert albums.pictures(keys[-1]) == (file("p"),)
