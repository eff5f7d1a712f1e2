"""How a conversation behaves, from settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.images.probe import InputLimits


@dataclass(frozen=True, slots=True)
class Manners:
    """The operator's wishes for one platform's chats.

    `embed_recipe`: pictures carry the command that made them. `previews`: cards carry the live preview. `language`
    is read by whoever names none. `inputs` bounds the pictures that people send.
    """

    language: str = "en"
    embed_recipe: bool = True
    previews: bool = True
    inputs: InputLimits = field(default_factory=InputLimits)
