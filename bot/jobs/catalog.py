"""The workflows on offer, and which of them stands in where a request names none."""

from __future__ import annotations

from collections.abc import Sequence

from bot.grammar.parser import Menu
from bot.pool.pool import Pool
from bot.workflows.library import Library
from bot.workflows.workflow import Workflow


class Catalog:
    """The library as a person sees it.

    `defaults` and `defaults_with_image` are names in the operator's order of preference: the first that the
    servers can run is used (FLUX where it can, else Stable Diffusion); where no server tells, the first there is.
    """

    def __init__(
        self, library: Library, pool: Pool, *, defaults: Sequence[str], defaults_with_image: Sequence[str]
    ) -> None:
        self._library = library
        self._pool = pool
        self._defaults = tuple(defaults)
        self._defaults_with_image = tuple(defaults_with_image)

    def get(self, name: str) -> Workflow:
        """The workflow of that name.

        Raises:
            NoSuchWorkflow: There is none; the error names the nearest.
        """
        return self._library.get(name)

    def has(self, name: str) -> bool:
        """Whether there is a workflow of that name."""
        return any(workflow.name == name for workflow in self.all())

    def all(self) -> tuple[Workflow, ...]:
        """Every workflow that could be read."""
        return self._library.all()

    def command(self, name: str) -> Workflow | None:
        """The workflow that asks for a chat command of that name."""
        return next((workflow for workflow in self.all() if workflow.command == name), None)

    def may_vary(self) -> bool:
        """Whether some workflow could make a variation of a picture."""
        return bool(self._present(self._defaults_with_image))

    async def for_variation(self) -> Workflow | None:
        """The image-to-image workflow to use, if there is one."""
        (workflow,) = await self._chosen(self._defaults_with_image)
        return workflow

    async def menu(self, preferred: str | None = None) -> Menu:
        """The workflows and their options, with the defaults of this moment; the `preferred` one, if it is here."""
        default, with_image = await self._chosen(self._defaults, self._defaults_with_image)
        default = next(iter(self._present([preferred] if preferred else [])), default)
        return Menu(
            workflows={workflow.name: workflow.options for workflow in self.all()},
            default=default.name if default else next(iter(self._defaults), ""),
            default_with_image=with_image.name if with_image else None,
        )

    def _present(self, names: Sequence[str]) -> list[Workflow]:
        present = {workflow.name: workflow for workflow in self.all()}
        return [present[name] for name in names if name in present]

    async def _chosen(self, *preferences: Sequence[str]) -> list[Workflow | None]:
        """Of each list the first that can run; the servers are asked, once, only where there is a choice."""
        lists = [self._present(names) for names in preferences]
        open_questions = {workflow.name: workflow for present in lists if len(present) > 1 for workflow in present}
        runnable = await self._pool.runnable(open_questions.values()) if open_questions else frozenset()
        return [next((w for w in present if w.name in runnable), next(iter(present), None)) for present in lists]
