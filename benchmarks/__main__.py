"""`python -m benchmarks [NAME...]`: measure, and print a table. It asserts nothing: figures depend on the machine.

Without names everything is measured, and written to out/bench.json as well.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import accept, crowd, events, fairness, load, memory, throughput, waiting
from benchmarks.measure import Measure
from bot.app import set_up_log
from bot.config import Settings

OUT = Path("out/bench.json")

BENCHES: Mapping[str, Callable[[], Awaitable[Sequence[Measure]]]] = {
    "throughput": throughput.measure,
    "events": events.measure,
    "memory": memory.measure,
    "accept": accept.measure,
    "waiting": waiting.measure,
    "fairness": fairness.measure,
    "load": load.measure,
    "crowd": crowd.measure,
}


async def measured(names: Sequence[str]) -> list[Measure]:
    measures: list[Measure] = []
    for name in names:
        started = time.perf_counter()
        measures += await BENCHES[name]()
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return measures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHES)}; all of them if left out"
    )
    names: list[str] = parser.parse_args().names
    if unknown := set(names) - BENCHES.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    set_up_log(Settings.model_validate({"log": {"level": "error"}}))
    measures = asyncio.run(measured(names or list(BENCHES)))
    table = Table("measure", "value", "beside it", "target", title=f"Python {platform.python_version()}")
    for measure in measures:
        table.add_row(measure.name, measure.value, measure.beside, measure.target)
    Console().print(table)
    if not names:
        OUT.parent.mkdir(parents=True, exist_ok=True)
        OUT.write_text(json.dumps([measure.as_json() for measure in measures], indent=2) + "\n", encoding="utf-8")
        print(OUT)


if __name__ == "__main__":
    main()
