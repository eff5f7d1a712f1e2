"""The register in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Delete, Row, bindparam, delete, insert, null, select, union_all
from sqlalchemy.sql import Executable

from bot.jobs.ledger.codec import settings_json, settings_of, text
from bot.jobs.ledger.database import Database
from bot.jobs.ledger.port import Entry
from bot.jobs.ledger.tables import ACTS, CHATS, DECISIONS, SWITCHES
from bot.jobs.ledger.writer import Transaction, Writer
from bot.jobs.model import Act, ChatSettings, Decision, Place, Standing

_LOOK_UP = union_all(
    select(DECISIONS, null().label("settings")).where(
        DECISIONS.c.subject.in_([bindparam("person"), bindparam("place")])
    ),
    select(null(), null(), null(), CHATS.c.settings).where(
        CHATS.c.platform == bindparam("platform"), CHATS.c.chat == bindparam("chat")
    ),
)
_DECISIONS = select(DECISIONS)
_SWITCHES = select(SWITCHES)
_ACTS = select(ACTS).order_by(ACTS.c.number.desc()).limit(bindparam("limit"))
_NOTE = insert(ACTS)
_UNSET = delete(CHATS).where(CHATS.c.platform == bindparam("platform"), CHATS.c.chat == bindparam("chat"))


@dataclass(frozen=True, slots=True)
class _Change:
    """Statements, each with its values, and the line of the audit log that is kept with them."""

    statements: tuple[tuple[Executable, Mapping[str, Any]], ...]
    act: Act | None


class SqlRegister:
    """A register in a database."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._decide = self._upsert(DECISIONS)
        self._set_chat = self._upsert(CHATS)
        self._set_switch = self._upsert(SWITCHES)

    async def look_up(self, person: str, place: Place) -> Entry:
        """See `Register.look_up`."""
        rows = await self._database.rows(
            _LOOK_UP, person=text(person), place=text(place.subject), platform=place.platform, chat=place.chat
        )
        decided = {row.subject: _decision(row) for row in rows if row.subject is not None}
        settings = next((settings_of(row.settings) for row in rows if row.settings is not None), ChatSettings())
        return Entry(decided.get(text(person)), decided.get(text(place.subject)), settings)

    async def decisions(self) -> Mapping[str, Decision]:
        """See `Register.decisions`."""
        return {row.subject: _decision(row) for row in await self._database.rows(_DECISIONS)}

    async def decide(self, subject: str, decision: Decision | None, act: Act) -> None:
        """See `Register.decide`."""
        await self._change(act, self._decided(subject, decision))

    async def set_chat(self, place: Place, settings: ChatSettings, act: Act) -> None:
        """See `Register.set_chat`."""
        await self._change(act, self._so_set(place, settings))

    async def move_chat(
        self, old: Place, chat: str, decision: Decision | None, settings: ChatSettings, act: Act
    ) -> None:
        """See `Register.move_chat`."""
        new = replace(old, chat=chat)
        await self._change(
            act,
            self._decided(old.subject, None),
            self._decided(new.subject, decision),
            (_UNSET, {"platform": old.platform, "chat": old.chat}),
            self._so_set(new, settings),
        )

    async def switches(self) -> Mapping[str, str]:
        """See `Register.switches`."""
        return {row.name: row.value for row in await self._database.rows(_SWITCHES)}

    async def set_switch(self, name: str, value: str | None, act: Act | None = None) -> None:
        """See `Register.set_switch`."""
        if value is None:
            await self._change(act, (_without(SWITCHES.c.name), {"key": text(name)}))
        else:
            await self._change(act, (self._set_switch, {"name": text(name), "value": text(value)}))

    async def note(self, act: Act) -> None:
        """See `Register.note`."""
        await self._change(act)

    async def acts(self, limit: int) -> Sequence[Act]:
        """See `Register.acts`."""
        rows = await self._database.rows(_ACTS, limit=limit)
        return [Act(row.at, row.actor, row.act, row.subject, row.detail) for row in rows]

    def _upsert(self, table: Any) -> Executable:
        statement = self._database.insert(table)
        return statement.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={column.name: statement.excluded[column.name] for column in table.c if not column.primary_key},
        )

    def _decided(self, subject: str, decision: Decision | None) -> tuple[Executable, Mapping[str, Any]]:
        if decision is None:
            return _without(DECISIONS.c.subject), {"key": text(subject)}
        return self._decide, {"subject": text(subject), "standing": decision.standing.value, "until": decision.until}

    def _so_set(self, place: Place, settings: ChatSettings) -> tuple[Executable, Mapping[str, Any]]:
        return self._set_chat, {"platform": place.platform, "chat": place.chat, "settings": settings_json(settings)}

    async def _change(self, act: Act | None, *statements: tuple[Executable, Mapping[str, Any]]) -> None:
        await self._writer.write(_written, _Change(statements, act))


async def _written(transaction: Transaction, changes: Sequence[_Change]) -> Sequence[None]:
    for change in changes:
        for statement, values in change.statements:
            await transaction.connection.execute(statement, values)
    acts = [
        {
            "at": act.at,
            "actor": text(act.actor),
            "act": text(act.act),
            "subject": text(act.subject),
            "detail": text(act.detail),
        }
        for change in changes
        if (act := change.act) is not None
    ]
    if acts:
        await transaction.connection.execute(_NOTE, acts)
    return [None] * len(changes)


def _without(column: Any) -> Delete:
    return delete(column.table).where(column == bindparam("key"))


def _decision(row: Row[Any]) -> Decision:
    return Decision(Standing(row.standing), row.until)
