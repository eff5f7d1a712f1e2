"""`python -m benchmarks`: print a table, write out/bench.json. It asserts nothing: figures depend on the machine."""

from __future__ import annotations

import asyncio
import json
import platform
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import events, memory, throughput
from benchmarks.measure import Measure
from bot.app import set_up_log
from bot.config import Settings

OUT = Path("out/bench.json")


async def everything() -> list[Measure]:
    return [
        *await throughput.measure(),
        *events.measure(),
        *await memory.measure(),
    ]


def main() -> None:
    set_up_log(Settings.model_validate({"log": {"level": "error"}}))
    measures = asyncio.run(everything())
    table = Table("measure", "value", "beside it", "target", title=f"Python {platform.python_version()}")
    for measure in measures:
        table.add_row(measure.name, measure.value, measure.beside, measure.target)
    Console().print(table)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps([measure.as_json() for measure in measures], indent=2) + "\n", encoding="utf-8")
    print(OUT)


if __name__ == "__main__":
    main()
