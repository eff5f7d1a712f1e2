"""Who may use Easel, and where. Closed by default."""

from __future__ import annotations

from bot.errors import Span
from bot.jobs.ledger.port import Entry
from bot.jobs.model import Decision, Person, Place, Standing
from bot.jobs.policy.errors import Banned, ChatBanned, NotAllowedHere
from bot.jobs.policy.limits import Rank
from bot.jobs.policy.rules import Guest, Rules


def admit(rules: Rules, person: Person, place: Place, entry: Entry, now: float) -> Guest:
    """Let somebody in where a person or a chat is allowed and neither is denied or banned; operators always.

    What operators decided (`entry`) goes before the settings, as long as it lasts.

    Raises:
        Banned: This person is.
        ChatBanned: This chat is.
        NotAllowedHere: One of them is denied, or neither is allowed.
    """
    rank = rules.rank(person)
    if rank is not Rank.OPERATOR:
        _check(rules, person, place, entry, now)
    return Guest(rank, rules.limits_of(rank, entry.settings), entry.settings)


def standing(decision: Decision | None, now: float) -> Standing | None:
    """What is decided at this moment: a decision may have had its time."""
    if decision is None or (decision.until is not None and decision.until <= now):
        return None
    return decision.standing


def _check(rules: Rules, person: Person, place: Place, entry: Entry, now: float) -> None:
    standings = standing(entry.person, now), standing(entry.chat, now)
    if standings[0] is Standing.BANNED:
        raise Banned(frees=_left(entry.person, now))
    if standings[1] is Standing.BANNED:
        raise ChatBanned(frees=_left(entry.chat, now))
    listed = rules.anybody or person.id in rules.people or place.subject in rules.chats
    if Standing.DENIED in standings or not (listed or Standing.ALLOWED in standings):
        person_denied, chat_denied = (each is Standing.DENIED for each in standings)
        raise NotAllowedHere(
            chat=None if person_denied and not chat_denied else place.subject,
            person=None if chat_denied else person.id,
        )


def _left(decision: Decision | None, now: float) -> Span | None:
    return None if decision is None or decision.until is None else Span(decision.until - now)
