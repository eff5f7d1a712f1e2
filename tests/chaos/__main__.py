"""``make chaos``: kill the bot some hundred times and count what was lost and what was doubled."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from bot.standin.server import StandIn
from bot.standin.settings import Settings
from tests.chaos.storm import Report, Storm
from tests.chaos.telegram import telegram_storm

CLOCK_ERRORS = (0.0, 0.0, -86_400.0, 86_400.0, -3.0)
"""Seconds by which the wall clock of a life may be wrong."""


async def storm(kills: int, *, seed: int, folder: Path, database: str = "") -> Report:
    """So many kills, then calm."""
    settings = Settings(speed=0.01, label="")
    async with (
        StandIn(settings) as first,
        StandIn(settings) as second,
        Storm(folder, (first, second), seed=seed, database=database).brewing() as brewing,
    ):
        while brewing.bot.kills < kills:
            await brewing.life(clock_error=brewing.random.choice(CLOCK_ERRORS))
        await brewing.calm()
        return brewing.report


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--telegram", action="store_true", help="over the tests' Telegram, which knows no nonce")
    given = parser.parse_args()
    brew = telegram_storm if given.telegram else storm
    with tempfile.TemporaryDirectory(prefix="easel-chaos-") as folder:
        report = asyncio.run(brew(given.kills, seed=given.seed, folder=Path(folder)))
        for what, cases in report.cases.items():
            for case in cases:
                print(f"{what}: {case}")
        print("killed at:", ", ".join(f"{moment} {times}" for moment, times in sorted(report.moments.items())))
        print(report)
        if report.failed:
            print((Path(folder) / "bot.log").read_text()[-4000:], file=sys.stderr)
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
