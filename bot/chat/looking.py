"""The commands that only look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from bot.chat.card import Words
from bot.chat.commands import Command, Entry, find, for_rank
from bot.chat.describing import command_text, help_text, models_text, workflow_text, workflows_text
from bot.chat.errors import UnknownCommand
from bot.chat.listing import mine_text, queue_text, usage_text
from bot.chat.results import Results
from bot.chat.status import info, status_text
from bot.chat.texts import Texts
from bot.chat.turn import LONGEST_NAME, LONGEST_WORD, Answer, Handler, Turn, meant_job
from bot.jobs.model import Job, Place
from bot.jobs.policy.errors import PolicyError
from bot.jobs.policy.requests import check_adult, check_workflow
from bot.jobs.policy.rules import Guest
from bot.jobs.service import JobService
from bot.workflows.nearest import nearest
from bot.workflows.workflow import Workflow

_MINE = 10
"""So many of one's own jobs are listed."""


class Looking:
    """What is answered with what there is to see, from where somebody stands.

    `is_private` tells whether somebody is alone with us in a place. Commands to `leave_out` are not told of.
    """

    def __init__(
        self,
        service: JobService,
        results: Results,
        *,
        is_private: Callable[[Place], bool],
        leave_out: frozenset[Command],
    ) -> None:
        self._service = service
        self._is_private = is_private
        self._results = results
        self._leave_out = leave_out
        self.handlers: Mapping[Command, Handler] = {
            Command.QUEUE: self.queue,
            Command.SHOW: self.show,
            Command.INFO: self.info,
            Command.MINE: self.mine,
            Command.WORKFLOWS: self.workflows,
            Command.MODELS: self.models,
            Command.USAGE: self.usage,
            Command.HELP: self.help,
        }

    async def queue(self, turn: Turn) -> str:
        """All that runs and waits."""
        lines, servers = await asyncio.gather(self._service.queue(), self._service.servers())
        return queue_text(
            lines,
            servers,
            turn.person,
            turn.texts,
            visible=partial(self._is_shown, turn),
        )

    async def show(self, turn: Turn) -> Answer:
        """A result again, or how its job stands."""
        job, _ = await meant_job(turn, self._service)
        if job.has_result:
            return await self._results.again(self.fit_for(turn.guest, turn.place, job), turn.texts)
        return status_text(await anext(self._service.follow(job)), turn.texts)

    async def info(self, turn: Turn) -> Words:
        """How a picture was made."""
        job, _ = await meant_job(turn, self._service)
        return self.info_of(job, turn.texts)

    def info_of(self, job: Job, texts: Texts) -> Words:
        """The same of a known job."""
        return info(job, self._service.repeat_of(job), texts)

    async def mine(self, turn: Turn) -> str:
        """One's own newest jobs; where others read along, what was asked for elsewhere is not said."""
        private = self._is_private(turn.place)
        jobs = await self._service.mine(turn.person, _MINE)
        return mine_text(jobs, turn.texts, readable=lambda job: private or job.place.same_chat(turn.place))

    async def workflows(self, turn: Turn) -> str:
        """What can be drawn, and with which flags."""
        return workflows_text(self._usable(turn), await self._service.menu(turn.place), turn.texts)

    async def models(self, turn: Turn) -> str:
        """What the servers have."""
        return models_text(await self._service.models(), turn.rest[:LONGEST_NAME], turn.texts)

    async def usage(self, turn: Turn) -> str:
        """What one has used, and of how much."""
        return usage_text(await self._service.usage(turn.person, turn.place), turn.texts)

    async def help(self, turn: Turn) -> str:
        """What one can say here, or more about one command or workflow."""
        if not turn.rest:
            return help_text(self._entries(turn), self._usable(turn), turn.texts)
        word = turn.rest.split()[0].lstrip("/／").lower()
        entry = find(word)
        if entry is not None and entry in self._entries(turn):
            return command_text(entry, turn.texts)
        for workflow in self._usable(turn):
            if word in (workflow.command, workflow.name.lower()):
                return workflow_text(workflow, turn.texts)
        raise self.unknown(turn, word)

    def unknown(self, turn: Turn, word: str) -> UnknownCommand:
        """That nobody knows that word, with the nearest that this person may say."""
        known = [str(entry.command) for entry in self._entries(turn)]
        known += [workflow.command for workflow in self._usable(turn) if workflow.command]
        return UnknownCommand(command=word[:LONGEST_WORD], nearest=nearest(word[:LONGEST_WORD], known))

    def fit_for(self, guest: Guest, place: Place, job: Job) -> Job:
        """A job whose pictures may be seen in that chat, which need not be its own: covered, if they would be there.

        Raises:
            AdultsOnly: They may not.
        """
        workflow = next((each for each in self._service.catalog.all() if each.name == job.recipe.workflow), None)
        if workflow is None:
            return job
        check_adult(workflow, adult=_is_for_adults(guest, place))
        covered = self._service.house.spoiler(guest, job.recipe, workflow)
        return replace(job, spoiler=job.spoiler or covered)

    def _is_shown(self, turn: Turn, job: Job) -> bool:
        """Whether the list of the queue names that job; where others read along, an operator sees no more than they."""
        if self._is_private(turn.place):
            return self._service.house.may_see(turn.person, job, turn.place)
        return job.place.same_chat(turn.place) or job.owner.id == turn.person.id

    def _entries(self, turn: Turn) -> tuple[Entry, ...]:
        return tuple(entry for entry in for_rank(turn.guest.rank) if entry.command not in self._leave_out)

    def _usable(self, turn: Turn) -> tuple[Workflow, ...]:
        """The workflows that this person may use here."""
        return tuple(workflow for workflow in self._service.catalog.all() if _may_use(workflow, turn))


def _may_use(workflow: Workflow, turn: Turn) -> bool:
    try:
        check_workflow(workflow, turn.guest.limits, adult=_is_for_adults(turn.guest, turn.place))
    except PolicyError:
        return False
    return True


def _is_for_adults(guest: Guest, place: Place) -> bool:
    return place.adult or guest.settings.adult
