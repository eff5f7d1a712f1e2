"""How a conversation behaves, from settings."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.images.probe import InputLimits


@dataclass(frozen=True, slots=True)
class Manners:
    """The operator's wishes for one platform's chats.

    `embed_recipe`: pictures carry the command that made them. `previews`: cards carry the live preview where somebody
    is alone with us, `group_previews`: and where others are. `language` is read by whoever names none. `inputs` bounds
    the pictures that people send.
    """

    language: str = "en"
    embed_recipe: bool = True
    previews: bool = True
    group_previews: bool = False
    inputs: InputLimits = field(default_factory=InputLimits)

    def previews_in(self, *, private: bool) -> bool:
        """Whether cards carry the live preview in a chat that has not said what it wants."""
        return self.previews if private else self.group_previews
