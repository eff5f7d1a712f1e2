from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.jobs.errors import CannotKeep, PictureGone
from bot.jobs.media import MediaStore, content_id


def files(folder: Path) -> list[bytes]:
    return sorted(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


@pytest.fixture
def later(tmp_path: Path) -> MediaStore:
    """The same folder an hour later."""
    return MediaStore(tmp_path / "media", clock=lambda: time.time() + 3600)


def needs(*pictures: bytes) -> Callable:
    needed = [content_id(picture) for picture in pictures]

    async def keep(sha256: str) -> bool:
        return sha256 in needed

    return keep


async def put(media: MediaStore, folder: Path, *pictures: bytes) -> None:
    """Put a minute apart, the last one a moment ago."""
    for minutes, data in enumerate(reversed(pictures)):
        sha256 = await media.put(data)
        moment = time.time() - 60 * minutes
        os.utime(folder / "media" / sha256[:2] / sha256, (moment, moment))


async def test_bytes_are_asked_for_by_their_content(media: MediaStore) -> None:
    sha256 = await media.put(b"fox")
    assert sha256 == hashlib.sha256(b"fox").hexdigest() == content_id(b"fox")
    assert await media.get(sha256) == b"fox"


async def test_the_same_bytes_are_kept_once_and_nothing_else_lies_there(media: MediaStore, tmp_path: Path) -> None:
    for data in (b"fox", b"fox", b"owl"):
        await media.put(data)
    assert files(tmp_path) == [b"fox", b"owl"]


async def test_removed_bytes_are_gone_and_removing_twice_is_no_error(media: MediaStore) -> None:
    sha256 = await media.put(b"fox")
    await media.remove(sha256)
    await media.remove(sha256)
    with pytest.raises(PictureGone):
        await media.get(sha256)


@pytest.mark.parametrize("name", ["", "..", "../secret", "/etc/passwd", "a" * 63, "A" * 64, f"{'a' * 64}\n"])
async def test_what_is_no_hash_is_never_a_path(media: MediaStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_bytes(b"key")
    with pytest.raises(PictureGone):
        await media.get(name)
    await media.remove(name)
    assert (tmp_path / "secret").exists()


async def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"a file, not a folder")
    with pytest.raises(CannotKeep) as caught:
        await MediaStore(tmp_path / "media").put(b"fox")
    assert caught.value.reason


async def test_a_full_disk_leaves_nothing_half_written(
    media: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(CannotKeep) as caught:
        await media.put(b"fox")
    assert caught.value.reason == "No space left on device"
    assert files(tmp_path) == []


async def test_shrinking_deletes_what_was_put_longest_ago_and_only_as_much_as_it_must(media, later, tmp_path) -> None:
    await put(media, tmp_path, b"first", b"second", b"third", b"fourth")
    assert await later.shrink(16, needs()) == 2
    assert files(tmp_path) == [b"fourth", b"third"]
    assert await later.shrink(11, needs()) == 0


async def test_shrinking_deletes_nothing_that_is_needed_and_goes_on_with_the_next(media, later, tmp_path) -> None:
    await put(media, tmp_path, b"first", b"second", b"third")
    assert await later.shrink(0, needs(b"first", b"third")) == 1
    assert files(tmp_path) == [b"first", b"third"]


async def test_what_was_put_just_now_stays_for_its_job_may_not_be_written_down_yet(media, later, tmp_path) -> None:
    await put(media, tmp_path, b"first", b"second")
    assert await media.shrink(0, needs()) == 0
    assert await later.shrink(0, needs()) == 2
    assert files(tmp_path) == []


async def test_what_is_put_again_while_the_folder_shrinks_stays(media, later, tmp_path) -> None:
    await put(media, tmp_path, b"first", b"second")
    moment = time.time() + 3600

    async def put_again(sha256: str) -> bool:
        await media.put(b"first")
        os.utime(tmp_path / "media" / content_id(b"first")[:2] / content_id(b"first"), (moment, moment))
        return False

    assert await later.shrink(0, put_again) == 1
    assert files(tmp_path) == [b"first"]


async def test_putting_again_makes_a_picture_the_newest(media, later, tmp_path) -> None:
    await put(media, tmp_path, b"first", b"second", b"third")
    await media.put(b"first")
    await later.shrink(10, needs())
    assert files(tmp_path) == [b"first", b"third"]


async def test_what_vanishes_while_the_folder_shrinks_is_no_error(media, later, tmp_path) -> None:
    await put(media, tmp_path, b"first", b"second")

    async def deleted(sha256: str) -> bool:
        await media.remove(sha256)
        return False

    assert await later.shrink(0, deleted) == 0
    assert files(tmp_path) == []


async def test_an_empty_store_has_nothing_to_delete(later) -> None:
    assert await later.shrink(0, needs()) == 0


async def test_what_a_crash_left_half_written_goes_at_the_next_start_but_not_what_another_writes_now(
    media, later, tmp_path
) -> None:
    await media.put(b"fox")
    half = tmp_path / "media" / "arriving" / "half"
    half.write_bytes(b"half a pict")
    assert await later.shrink(3, needs()) == 0
    await MediaStore(tmp_path / "media").put(b"owl")
    assert half.exists()
    await later.put(b"owl")
    assert files(tmp_path) == [b"fox", b"owl"]


async def test_a_picture_is_on_the_disk_with_its_name_before_it_counts_as_kept(media, monkeypatch) -> None:
    """The order that survives a power cut: the bytes, the name, and the folders that have the names."""
    happened: list[str] = []
    sync, replace = os.fsync, Path.replace

    def told_sync(descriptor: int) -> None:
        happened.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "bytes")
        sync(descriptor)

    def told_replace(path: Path, target: Path) -> Path:
        happened.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", told_sync)
    monkeypatch.setattr(Path, "replace", told_replace)
    await media.put(b"fox")
    assert happened == ["bytes", "rename", "folder", "folder"]
    happened.clear()
    await media.put(b"fox")  # whoever put it first may not have come so far yet
    assert happened == ["folder", "folder"]


async def test_a_file_that_cannot_be_deleted_is_said(media, later, tmp_path, monkeypatch) -> None:
    await put(media, tmp_path, b"first")

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", refused)
    with pytest.raises(CannotKeep) as caught:
        await later.shrink(0, needs())
    assert caught.value.reason == "Read-only file system"
