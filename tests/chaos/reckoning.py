"""What has become of what people wished for on Telegram, held against what they were to get. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.jobs.model import Job, State
from tests.telegram_api import Chat, Message


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for, and must get once. `request` is what the ledger calls the message or the press."""

    chat: Chat
    request: str
    words: str


@dataclass(frozen=True, slots=True)
class Orphan:
    """A message, or an album, that Telegram had taken when the bot was killed at `moment`, with nothing written down.

    Nor had that life said anything else about the same request since: it cannot have known.
    """

    messages: tuple[Message, ...]
    moment: str

    def __str__(self) -> str:
        return f"killed {self.moment}: {self.messages}"


@dataclass(slots=True)
class Report:
    """What a storm has done. `doubled` are orphans that are still there; `wrong` is all that must not be."""

    kills: int = 0
    requests: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[Orphan] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    moments: Counter[str] = field(default_factory=Counter)

    @property
    def cases(self) -> dict[str, list[str]]:
        """All of that, by what it is."""
        return {"lost": self.lost, "wrong": self.wrong, "doubled": [str(orphan) for orphan in self.doubled]}

    @property
    def failed(self) -> bool:
        """Whether there is anything that a bot could have kept from happening."""
        return bool(self.lost or self.wrong)

    def __str__(self) -> str:
        return (
            f"telegram: kills {self.kills}, requests {self.requests}, lost {len(self.lost)}, "
            f"doubled {len(self.doubled)} (all unknowable)"
        )


def hold_wishes(wishes: Sequence[Wish], jobs: Sequence[Job], stopped: Collection[str], report: Report) -> None:
    """Every wish in a chat has made one job, which is done and told; or is cancelled, if its id is in `stopped`."""
    for wish in wishes:
        made = [job for job in jobs if job.request_message == wish.request]
        if not made:
            report.lost.append(f"{wish.words}: never accepted")
        if len(made) > 1:
            report.wrong.append(f"{wish.words}: {len(made)} jobs")
    known = {wish.request for wish in wishes}
    for job in jobs:
        if job.request_message not in known:
            report.wrong.append(f"{job.text}: nobody asked for it")
        if job.state is not State.DONE and not (job.state is State.CANCELLED and job.id in stopped):
            report.lost.append(f"{job.text}: {job.state} {job.failure or ''}")
        elif not job.told:
            report.wrong.append(f"{job.text}: nobody was told")


def hold_messages(chat: Chat, jobs: Sequence[Job], orphans: Sequence[Orphan], report: Report) -> None:
    """Every result of these jobs is in their chat, and nothing else but how some ended, and orphans."""
    shown = {str(message.id): message for message in chat.answers}
    results = {message for job in jobs for message in job.result_messages}
    if missing := results - shown.keys():
        report.lost.append(f"{chat!r}: messages {missing} are gone")
    ends = {job.status_message for job in jobs}
    known = {message: orphan for orphan in orphans for message in orphan.messages}
    for number, message in shown.items():
        if number in results or (number in ends and "Cancel" not in message.buttons):
            continue
        if message not in known:
            report.wrong.append(f"{message!r} {message.buttons} stands there")
        elif known[message] not in report.doubled:
            report.doubled.append(known[message])


def hold_runs(runs: Mapping[str, int], jobs: Sequence[Job], report: Report) -> None:
    """No job has run twice; `runs` is how often each prompt did."""
    for prompt, times in Counter(job.recipe.prompt for job in jobs).items():
        if runs[prompt] > times:
            report.wrong.append(f"{prompt}: ran {runs[prompt]} times for {times}")
