"""Albums: Telegram tells them item by item, each a message, and says nowhere how many there are. Pure.

Bot API 10.0, Message.media_group_id and sendMediaGroup: 2 to 10 items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.telegram.attachments import Kind, RemoteFile
from bot.telegram.recent import Recent

_MOST = 1000


@dataclass(frozen=True, slots=True)
class AlbumKey:
    """An album in a chat."""

    chat: str
    album: str


@dataclass(slots=True)
class _Album:
    items: dict[int, tuple[RemoteFile, ...]] = field(default_factory=dict)
    answered: bool = False


class Albums:
    """The items of the albums that were seen last, whether or not they said something to us."""

    def __init__(self) -> None:
        self._albums: Recent[AlbumKey, _Album] = Recent(_MOST)

    def add(self, key: AlbumKey, message: str, files: Sequence[RemoteFile]) -> None:
        """An item was seen; one that was seen before now has these files."""
        self._album(key).items[int(message)] = tuple(files)

    def count(self, key: AlbumKey) -> int:
        """How many items were seen."""
        return len(self._album(key).items)

    def answer(self, key: AlbumKey) -> bool:
        """Take it upon oneself to answer an album that says nothing; False: that is done already."""
        album = self._album(key)
        first, album.answered = not album.answered, True
        return first

    def pictures(self, key: AlbumKey) -> tuple[RemoteFile, ...]:
        """Its pictures in the order in which they stand in the chat; where there are none, whatever there is."""
        album = self._album(key)
        files = [file for message in sorted(album.items) for file in album.items[message]]
        return tuple([file for file in files if file.kind is not Kind.OTHER] or files)

    def _album(self, key: AlbumKey) -> _Album:
        album = self._albums.get(key)
        if album is None:
            album = _Album()
            self._albums.set(key, album)
        return album
