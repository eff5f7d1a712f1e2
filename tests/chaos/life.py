"""One life of the bot after another, each a process of its own, to be killed.

``python -m tests.chaos.life SETTINGS [PEER]`` loads everything once and then forks: a line on stdin starts a life, and
its process id goes to stdout. With the address of a `tests.chaos.peer` it speaks to that, and the line is the number of
seconds by which its wall clock is wrong; without, it is `easel run`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import aiohttp

from bot.app import compose, read_settings, set_up_log
from bot.chat.conversation import Conversation
from bot.chat.manners import Manners
from bot.cli import app
from tests.chaos.front import PLATFORM, PeerFrontEnd


async def live(settings_file: Path, peer: str, clock_error: float) -> None:
    settings = read_settings([settings_file], os.environ)
    set_up_log(settings)
    async with (
        compose(settings, holder="run", platforms=(PLATFORM,), clock=lambda: time.time() + clock_error) as easel,
        aiohttp.ClientSession(peer) as session,
    ):
        front = PeerFrontEnd(session)
        async with Conversation(front, easel.service, Manners(embed_recipe=False)) as conversation:
            async for incoming in front.updates():
                await conversation.receive(incoming)


def main() -> int:
    settings, peers = sys.argv[1], sys.argv[2:]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need no burial
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # where only process ids are told
            if peers:
                asyncio.run(live(Path(settings), peers[0], float(line)))
            else:
                app(["run", "--config", settings])
            return 0
        print(child, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
