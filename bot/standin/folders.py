"""The files of one server: input, output and temp folders, upload rules, and how saved pictures are named."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

TYPES = ("input", "output", "temp")
_ANNOTATED = re.compile(r"^(?P<name>.*) \[(?P<type>input|output|temp)\]$", re.DOTALL)


class OutsideError(Exception):
    """A path leads out of its folder."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A file as ComfyUI names it in `executed` and takes it in `/view`."""

    filename: str
    subfolder: str
    type: str

    def as_json(self) -> dict[str, str]:
        """The three keys."""
        return {"filename": self.filename, "subfolder": self.subfolder, "type": self.type}


class Folders:
    """Below `root`: one folder for each of input, output and temp. `models` is folder to file names."""

    def __init__(self, root: Path, models: Mapping[str, Sequence[str]]) -> None:
        self._root = root
        self.models = models
        for kind in TYPES:
            (root / kind).mkdir(parents=True, exist_ok=True)

    def choices(self, folder: str) -> list[str]:
        """The model files of a folder; GGUF text encoders are listed together with the others."""
        names = list(self.models.get(folder, ()))
        if folder == "clip_gguf":
            names += self.models.get("text_encoders", ())
        return sorted(names)

    def inputs(self) -> list[str]:
        """What LoadImage offers: the files directly in the input folder."""
        return sorted(path.name for path in (self._root / "input").iterdir() if path.is_file())

    def folder(self, kind: str, subfolder: str = "") -> Path:
        """The folder of that type. Raises KeyError for an unknown type, OutsideError if `subfolder` leads out."""
        if kind not in TYPES:
            raise KeyError(kind)
        return within(self._root / kind, subfolder)

    def find(self, value: str) -> Path | None:
        """The file that a LoadImage value (``sub/name.png``, ``name.png [output]``) means, if it is there."""
        name, kind = split_type(value, "input")
        try:
            path = within(self._root / kind, name)
        except OutsideError:
            return None
        return path if path.is_file() else None

    def store(self, data: bytes, name: str, *, kind: str, subfolder: str, overwrite: bool) -> str:
        """Keep an upload and return the name it got: its own, if it is new, the same bytes, or overwrites.

        Otherwise ``name (1).png`` and so on. Raises OutsideError, KeyError for the type, and OSError where the name
        is no name for a file (transcript big_frames: a missing folder in it, or ``.``).
        """
        target = self.folder(kind, subfolder)
        path = within(target, name)
        target.mkdir(parents=True, exist_ok=True)
        stem, suffix = Path(name).stem, Path(name).suffix
        number = 1
        while not overwrite and path.exists():
            if hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(data).digest():
                return name
            name = f"{stem} ({number}){suffix}"
            path = target / name
            number += 1
        path.write_bytes(data)
        return name

    def next_names(self, prefix: str, kind: str, sizes: Sequence[tuple[int, int]]) -> list[tuple[Path, Saved]]:
        """Where a batch of pictures goes: ``prefix_00001_.png``, counting on from the highest there is.

        ``%width%``, ``%height%`` and ``%batch_num%`` in the prefix are expanded, folders in it are made. Raises
        OutsideError if it leads out.
        """
        width, height = sizes[0]
        prefix = prefix.replace("%width%", str(width)).replace("%height%", str(height))
        parts = PurePosixPath(prefix)
        subfolder, stem = str(parts.parent) if str(parts.parent) != "." else "", parts.name
        try:
            folder = self.folder(kind, subfolder)
        except OutsideError:
            raise OutsideError("**** ERROR: Saving image outside the output folder is not allowed.") from None
        folder.mkdir(parents=True, exist_ok=True)
        counted = re.compile(re.escape(stem) + r"_(\d+)_", re.IGNORECASE)
        numbers = (int(found[1]) for path in folder.iterdir() if (found := counted.match(path.name)))
        first = max(numbers, default=0) + 1
        names = [f"{stem.replace('%batch_num%', str(index))}_{first + index:05}_.png" for index in range(len(sizes))]
        return [(folder / name, Saved(name, subfolder, kind)) for name in names]


def split_type(value: str, default: str) -> tuple[str, str]:
    """``name.png [output]`` to its name and type."""
    annotated = _ANNOTATED.match(value)
    return (annotated["name"], annotated["type"]) if annotated else (value, default)


def within(folder: Path, name: str) -> Path:
    """`name` below `folder`. Raises OutsideError if it is not below it."""
    root = folder.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise OutsideError(name)
    return path
