"""What flows between nodes. Nothing here is a tensor; a latent knows its pictures as they would be decoded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from PIL import Image

Images: TypeAlias = tuple[Image.Image, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A diffusion model or text encoder: the files it is made of, LoRAs with their strength included."""

    parts: tuple[str, ...]

    def with_part(self, name: str) -> Model:
        """The same with one more."""
        return Model((*self.parts, name))


@dataclass(frozen=True, slots=True)
class Conditioning:
    """What a prompt became: its words, how strongly to follow them, and pictures to go by."""

    text: str = ""
    guidance: float | None = None
    references: Images = ()

    def joined(self, other: Conditioning) -> Conditioning:
        """Both at once."""
        words = ", ".join(text for text in (self.text, other.text) if text)
        guidance = other.guidance if self.guidance is None else self.guidance
        return Conditioning(words, guidance, self.references + other.references)


@dataclass(frozen=True, slots=True)
class Latent:
    """A batch of pictures of one size: None where it is still empty. `mask` is where to paint (white)."""

    width: int
    height: int
    pictures: tuple[Image.Image | None, ...]
    mask: Image.Image | None = None

    def decoded(self) -> Images:
        """The pictures; what was never painted is grey."""
        blank = Image.new("RGB", (self.width, self.height), (127, 127, 127))
        return tuple(picture or blank for picture in self.pictures)

    def resized(self, width: int, height: int) -> Latent:
        """The same pictures at another size."""
        scaled = tuple(
            picture and picture.resize((width, height), Image.Resampling.LANCZOS) for picture in self.pictures
        )
        mask = self.mask and self.mask.resize((width, height))
        return replace(self, width=width, height=height, pictures=scaled, mask=mask)


@dataclass(frozen=True, slots=True)
class Guider:
    """A model with what it should follow and avoid."""

    model: Model
    positive: Conditioning
    negative: Conditioning
    cfg: float


@dataclass(frozen=True, slots=True)
class Sigmas:
    """A noise schedule: `steps` of it, from `denoise` (1: pure noise) down to `end`."""

    steps: int
    denoise: float = 1.0
    end: float = 0.0


@dataclass(frozen=True, slots=True)
class Upscaler:
    """An upscale model and its factor."""

    name: str
    factor: int
