"""Whose the prompts in the servers' queues are, and what they make."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from bot.comfyui.records import Queue
from bot.jobs.errand import Errand
from bot.jobs.fairness import WEB, Share
from bot.jobs.ledger.errors import LedgerUnavailable
from bot.jobs.ledger.port import Ledger
from bot.jobs.model import Recipe

log = structlog.get_logger()


class Prompts:
    """Every prompt that is in a queue: ours as they come and go, and the strangers', asked of the ledger once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._ours: dict[str, Errand] = {}
        self._strangers: dict[str, dict[str, Share]] = {}

    def add(self, prompt_id: str, errand: Errand) -> None:
        """Ours from now on: the newest of that errand."""
        self._ours[prompt_id] = errand

    def drop(self, prompt_id: str) -> None:
        """It is in no queue any more."""
        self._ours.pop(prompt_id, None)

    def recipes(self, queue: Queue) -> Mapping[str, Recipe]:
        """What those of the queue that are ours make, by prompt id."""
        ids = (entry.prompt_id for entry in (*queue.running, *queue.pending))
        return {prompt_id: self._ours[prompt_id].job.recipe for prompt_id in ids if prompt_id in self._ours}

    def elapsed(self, queue: Queue, now: float) -> Mapping[str, float]:
        """For how many seconds those that run and are ours have been running, as far as they were watched, by id."""
        ids = (entry.prompt_id for entry in queue.running)
        return {prompt_id: self._ours[prompt_id].watch.running_for(now) for prompt_id in ids if prompt_id in self._ours}

    def share(self, server: str, prompt_id: str) -> Share:
        """Whose it is; `WEB` for what nobody knows."""
        ours = self._ours.get(prompt_id)
        return ours.share if ours else self._strangers.get(server, {}).get(prompt_id, WEB)

    async def look_up(self, server: str, queue: Queue) -> None:
        """Learn whose the strangers' prompts in that queue are: other processes' jobs are in the ledger, too."""
        known = self._strangers.get(server, {})
        ids = (entry.prompt_id for entry in (*queue.running, *queue.pending))
        strangers = [prompt_id for prompt_id in ids if prompt_id not in self._ours]
        if unknown := [prompt_id for prompt_id in strangers if prompt_id not in known]:
            try:
                owners = await self._ledger.owners(unknown)
            except LedgerUnavailable as error:  # whose they are makes a place in a queue, and no more
                log.info("the owners of prompts are not known", server=server, error=str(error))
                return
            known = known | {prompt_id: _share(owners.get(prompt_id)) for prompt_id in unknown}
        self._strangers[server] = {prompt_id: known[prompt_id] for prompt_id in strangers}


def _share(owner: str | None) -> Share:
    return WEB if owner is None else Share(owner)
