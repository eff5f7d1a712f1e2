"""Secrets are taken out of text before anybody reads it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

from bot.config import Settings
from bot.config.secrets import BOT_TOKEN, HIDDEN, secrets_of

_SHORTEST = 4
"""A secret of fewer characters cannot be told from other text, and to blank it everywhere would give it away."""


class Redactor:
    """Takes out the secrets of settings, and whatever looks like a bot's token.

    It finds them as they are, percent-encoded as in an address, and escaped as in JSON or in Python's `repr`.
    """

    def __init__(self, *known: Settings) -> None:
        self._secrets: set[str] = set()
        self._pattern = re.compile(BOT_TOKEN)
        for settings in known:
            self.learn(settings)

    def learn(self, settings: Settings) -> None:
        """Know these settings' secrets, too. Those of earlier ones may still be in use."""
        self._secrets.update(secret for secret in secrets_of(settings) if len(secret) >= _SHORTEST)
        longest_first = sorted(self._secrets, key=lambda secret: (-len(secret), secret))
        self._pattern = re.compile("|".join((*map(_in_any_form, longest_first), BOT_TOKEN)))

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        return self._pattern.sub(HIDDEN, text)


def _in_any_form(secret: str) -> str:
    """A pattern of it. Some encode one character and leave the next, so each may stand in any form."""
    return "".join(
        character if character.isascii() and character.isalnum() else f"(?:{'|'.join(_forms(character))})"
        for character in secret
    )


def _forms(character: str) -> Iterator[str]:
    encoded = quote(character, safe="")
    forms = {character, encoded, encoded.lower(), json.dumps(character)[1:-1], repr(character)[1:-1]}
    forms |= {"'": {"\\'"}, " ": {"+"}}.get(character, set())
    return (re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
