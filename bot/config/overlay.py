"""Several sources laid over each other, and the memory of which one said what."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.config.errors import (
    RepeatedServer,
    SecretExposed,
    SecretMisplaced,
    SecretTwice,
    SecretUnreadable,
    SettingsProblem,
)
from bot.config.model import Key, dotted, variable_of

_SECRETS = ("password", "token", "database", "webhook_secret")
"""Keys that may come from a file instead, named by the same key with ``_file``."""

_GUARDED = ("telegram", "token")
"""Whoever has it is the bot: it may stand in no settings file, and only its owner may open the file it comes from."""


class Overlay:
    """The tree of settings so far. Tables are merged; any other value replaces the earlier one.

    The list of servers is merged by their names. Of a secret and the key of its file the later said one counts.
    """

    def __init__(self) -> None:
        self.tree: dict[str, Any] = {}
        self.problems: list[SettingsProblem] = []
        self._sources: dict[Key, str] = {}

    def lay(self, tree: Mapping[str, Any], source: str) -> None:
        """Put another source on top."""
        self._merge(self.tree, tree, (), source)

    def lay_file(self, tree: Mapping[str, Any], source: str) -> None:
        """Put a settings file on top. What must not stand in one is a problem, and left out."""
        section, name = _GUARDED
        table = tree.get(section)
        if isinstance(table, dict) and name in table:
            self.problems.append(SecretMisplaced(source, dotted(_GUARDED), variable_of(_GUARDED)))
            tree = {**tree, section: {key: value for key, value in table.items() if key != name}}
        self.lay(tree, source)

    def source_of(self, key: Key) -> str:
        """Which source said this, or the table around it."""
        return next((said for n in range(len(key), 0, -1) if (said := self._sources.get(key[:n]))), "")

    def shown(self, key: Key) -> str:
        """The key as people write it; a server by its name where it has one, else by its number."""
        if len(key) > 1 and key[0] == "servers" and isinstance(key[1], int):
            server = self.tree["servers"][key[1]]
            name = server.get("name") if isinstance(server, dict) else None
            key = ("servers", name if isinstance(name, str) else key[1], *key[2:])
        return dotted(key)

    def read_secrets(self) -> None:
        """Put the contents of every secret's file where the secret itself would stand."""
        for key, table in _tables(self.tree):
            for secret in _SECRETS:
                if isinstance(file := table.get(f"{secret}_file"), str):
                    self._read_secret((*key, f"{secret}_file"), file, table, (*key, secret))
            if isinstance(files := table.get("header_files"), dict):
                headers = table.setdefault("headers", {})
                for name, file in files.items():
                    if isinstance(file, str) and isinstance(headers, dict):
                        self._read_secret((*key, "header_files", name), file, headers, (*key, "headers", name))

    def _merge(self, base: dict[str, Any], extra: Mapping[str, Any], above: Key, source: str) -> None:
        for name, value in extra.items():
            key = (*above, name)
            if (other := _other_way(name)) and other not in extra:
                base.pop(other, None)
            if key == ("servers",) and isinstance(value, list) and all(isinstance(one, dict) for one in value):
                self._merge_servers(base, value, source)
            elif isinstance(value, dict):
                if not isinstance(base.get(name), dict):
                    base[name] = {}
                    self._sources[key] = source
                self._merge(base[name], value, key, source)
            else:
                base[name] = value
                self._sources[key] = source

    def _merge_servers(self, base: dict[str, Any], servers: list[dict[str, Any]], source: str) -> None:
        self._sources["servers",] = source
        known = base.get("servers")
        if not isinstance(known, list) or not all(isinstance(one, dict) for one in known):
            known = base["servers"] = []
        seen: set[str] = set()
        for server in servers:
            name = server.get("name")
            if isinstance(name, str) and name in seen:
                self.problems.append(RepeatedServer(source, name))
            place = next((n for n, old in enumerate(known) if name is not None and old.get("name") == name), len(known))
            if place == len(known):
                known.append({})
                self._sources["servers", place] = source
            seen.add(str(name))
            self._merge(known[place], server, ("servers", place), source)

    def _read_secret(self, file_key: Key, file: str, table: dict[str, Any], key: Key) -> None:
        name = str(key[-1])
        if name in table:
            self.problems.append(SecretTwice(self.source_of(file_key), self.shown(key)))
            return
        reason = None
        try:
            with Path(file).open(encoding="utf-8") as opened:
                mode = os.fstat(opened.fileno()).st_mode
                secret = opened.read().strip("\r\n")
        except (OSError, ValueError) as error:  # ValueError: not UTF-8, or no possible path
            secret, reason = "", getattr(error, "strerror", None) or str(error)
        else:
            if key == _GUARDED and os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                self.problems.append(SecretExposed(self.source_of(file_key), self.shown(file_key), file))
                return
        if secret:
            table[name] = secret
            self._sources[key] = file
        else:
            self.problems.append(SecretUnreadable(self.source_of(file_key), self.shown(file_key), file, reason))


def _other_way(name: str) -> str | None:
    """``password`` for ``password_file`` and the reverse."""
    if name in _SECRETS:
        return f"{name}_file"
    secret = name.removesuffix("_file")
    return secret if secret in _SECRETS else None


def _tables(tree: dict[str, Any]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """The sections and the servers: where a key may name a secret."""
    for name, value in tree.items():
        places = enumerate(value) if isinstance(value, list) else ()
        for key, table in [((name,), value), *(((name, n), one) for n, one in places)]:
            if isinstance(table, dict):
                yield key, table
