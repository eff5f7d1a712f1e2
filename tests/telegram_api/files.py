"""Files that were sent: photos made smaller as Telegram makes them, everything else kept byte for byte."""

from __future__ import annotations

import hashlib
import io
import itertools
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from tests.telegram_api.limits import Limits
from tests.telegram_api.refusals import Refusal, bad

MB = 1 << 20
PHOTO_BYTES = 10 * MB
PHOTO_SIDES = 10_000
PHOTO_RATIO = 20
UPLOAD_BYTES = 50 * MB
DOWNLOAD_BYTES = 20 * MB
LOCAL_BYTES = 2_000 * MB  # of a Bot API server of one's own

_BOXES = (("s", 90), ("m", 320), ("x", 800), ("y", 1280), ("w", 2560))


@dataclass(frozen=True, slots=True)
class Stored:
    """One file that can be had by its id. `path` is where a download finds it."""

    id: str
    unique: str
    path: str
    data: bytes

    def wire(self) -> dict[str, Any]:
        """The fields that every file has."""
        return {"file_id": self.id, "file_unique_id": self.unique, "file_size": len(self.data)}


@dataclass(frozen=True, slots=True)
class Size:
    """A photo at one size."""

    width: int
    height: int
    file: Stored

    def wire(self) -> dict[str, Any]:
        """A PhotoSize."""
        return self.file.wire() | {"width": self.width, "height": self.height}


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as Telegram keeps it. `sent` is what was uploaded, which nobody can have back."""

    width: int
    height: int
    sizes: tuple[Size, ...]
    sent: bytes

    @property
    def file_id(self) -> str:
        """That of its largest size."""
        return self.sizes[-1].file.id

    def wire(self) -> list[dict[str, Any]]:
        """As a message has it, the smallest first."""
        return [size.wire() for size in self.sizes]


@dataclass(frozen=True, slots=True)
class Document:
    """A file, kept as it was sent."""

    name: str
    mime: str
    file: Stored

    @property
    def file_id(self) -> str:
        """Its id."""
        return self.file.id

    @property
    def data(self) -> bytes:
        """What is in it."""
        return self.file.data

    def wire(self) -> dict[str, Any]:
        """As a message has it."""
        return self.file.wire() | {"file_name": self.name, "mime_type": self.mime}


@dataclass(frozen=True, slots=True)
class Sticker:
    """A still sticker."""

    width: int
    height: int
    emoji: str
    file: Stored

    @property
    def file_id(self) -> str:
        """Its id."""
        return self.file.id

    def wire(self) -> dict[str, Any]:
        """As a message has it."""
        kind = {"type": "regular", "is_animated": False, "is_video": False, "emoji": self.emoji, "set_name": "Foxes"}
        return self.file.wire() | {"width": self.width, "height": self.height} | kind


class Files:
    """All files of the platform: the same content has the same ids.

    Telegram itself gives a new file_id each time; bots may not compare them, and tests may.
    """

    def __init__(self, limits: Limits, *, local: Path | None = None) -> None:
        self.local = local
        self._limits = limits
        self._numbers = itertools.count()
        self._media: dict[str, Photo | Document | Sticker] = {}
        self._stored: dict[str, Stored] = {}
        self._paths: dict[str, Stored] = {}

    def photo(self, data: bytes) -> Photo:
        """Take a photo in. Raises Refusal with what Telegram says of one that it cannot take."""
        unique = _unique("photo", data)
        known = self._media.get(unique)
        if isinstance(known, Photo):
            return known
        if not data:
            raise bad("file must be non-empty")
        if self._limits.sizes and len(data) > PHOTO_BYTES:
            raise bad(f"file of size {len(data)} bytes is too big for a photo; the maximum size is {PHOTO_BYTES} bytes")
        try:
            with Image.open(io.BytesIO(data)) as image:
                width, height = image.size
                short, long = sorted(image.size)
                if self._limits.sizes and (width + height > PHOTO_SIDES or long > PHOTO_RATIO * short):
                    raise bad("PHOTO_INVALID_DIMENSIONS")
                picture = image.convert("RGB")
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            raise bad("IMAGE_PROCESS_FAILED") from error
        photo = Photo(width, height, self._sizes(unique, picture), data)
        self._media[unique] = photo
        self._media.update((size.file.id, photo) for size in photo.sizes)
        return photo

    def document(self, data: bytes, name: str, mime: str = "") -> Document:
        """Take a file in. Raises Refusal for one that is too big or empty."""
        if not data:
            raise bad("file must be non-empty")
        if self._limits.sizes and len(data) > (LOCAL_BYTES if self.local else UPLOAD_BYTES):
            raise Refusal(413, "Request Entity Too Large")
        unique = _unique("document" + name, data)
        known = self._media.get(unique)
        if isinstance(known, Document):
            return known
        if mime == "application/octet-stream":
            mime = ""  # what clients say of everything; Telegram goes by the name
        mime = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        ending = Path(name).suffix
        document = Document(name, mime, self._store("BQAC", unique, "documents", ending, data))
        self._media[unique] = self._media[document.file_id] = document
        return document

    def sticker(self, data: bytes, emoji: str = "🦊") -> Sticker:
        """Take a still sticker in."""
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
        sticker = Sticker(
            width, height, emoji, self._store("CAAC", _unique("sticker", data), "stickers", ".webp", data)
        )
        self._media[sticker.file_id] = sticker
        return sticker

    def media(self, file_id: str, kind: type[Photo | Document]) -> Photo | Document:
        """What was sent before, to be sent again. Raises Refusal for ids nobody gave out and for another kind."""
        if file_id.startswith(("http://", "https://")):
            raise bad("failed to get HTTP URL content")
        known = self._media.get(file_id)
        if known is None:
            raise bad("wrong file identifier/HTTP URL specified")
        if not isinstance(known, kind):
            raise bad(f"can't use file of type {type(known).__name__} as {kind.__name__}")
        return known

    def forget(self, file_id: str) -> None:
        """From now on that id, and the other sizes of that photo, are refused."""
        gone = self._media.pop(file_id)
        for key in [key for key, media in self._media.items() if media is gone]:
            del self._media[key]
        stored = [size.file for size in gone.sizes] if isinstance(gone, Photo) else [gone.file]
        for file in stored:
            self._stored.pop(file.id, None)
            self._paths.pop(file.path, None)

    def get(self, file_id: str) -> dict[str, Any]:
        """A File with its path, as getFile answers. Raises Refusal: unknown, or more than a bot may download."""
        stored = self._stored.get(file_id)
        if stored is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if self.local is not None:
            path = self.local / stored.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(stored.data)
            return stored.wire() | {"file_path": str(path)}
        if self._limits.sizes and len(stored.data) > DOWNLOAD_BYTES:
            raise bad("file is too big")
        return stored.wire() | {"file_path": stored.path}

    def at(self, path: str) -> bytes | None:
        """What a download of that path gives."""
        stored = self._paths.get(path)
        return stored.data if stored else None

    def _sizes(self, unique: str, picture: Image.Image) -> tuple[Size, ...]:
        """The smallest first; each is made of the next larger one. A side is never above 2560."""
        longest = max(picture.size)
        boxes = [(letter, box) for letter, box in _BOXES if box < longest]
        boxes.append(_BOXES[min(len(boxes), len(_BOXES) - 1)])
        sizes: list[Size] = []
        for letter, box in reversed(dict(boxes).items()):
            picture.thumbnail((box, box))
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=87)
            file = self._store("AgAC", unique + letter, "photos", ".jpg", out.getvalue())
            sizes.append(Size(picture.width, picture.height, file))
        return tuple(reversed(sizes))

    def _store(self, prefix: str, unique: str, folder: str, ending: str, data: bytes) -> Stored:
        path = f"{folder}/file_{next(self._numbers)}{ending}"
        stored = Stored(f"{prefix}AgIAAxkBAAI{unique}", f"AQAD{unique}", path, data)
        self._stored[stored.id] = self._paths[path] = stored
        return stored


def _unique(kind: str, data: bytes) -> str:
    return hashlib.blake2b(kind.encode() + b"\0" + data, digest_size=12).hexdigest()
