from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bot.jobs.errors import CannotKeep, PictureGone
from bot.jobs.media import MediaStore, content_id


def files(folder: Path) -> list[bytes]:
    return sorted(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


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
