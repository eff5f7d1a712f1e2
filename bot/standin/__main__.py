"""``python -m bot.standin``: the stand-in alone, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import get_args

from bot.standin.server import StandIn
from bot.standin.settings import Settings, Version


def main(arguments: list[str] | None = None) -> int:
    """Run it and print its address. Exit status 2: the port is taken."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.standin", description="A stand-in ComfyUI, for demos and tests."
    )
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--speed", type=float, default=0.1, help="seconds per step (%(default)s)")
    parser.add_argument("--node-time", type=float, default=0.0, help="seconds per node besides (%(default)s)")
    parser.add_argument("--version", choices=get_args(Version), default="0.28.0", help="which ComfyUI to be like")
    parser.add_argument("--no-preview", action="store_true", help="send no preview frames")
    parser.add_argument("--label", default="demo", help="drawn into every picture (%(default)s)")
    given = parser.parse_args(arguments)
    settings = Settings(
        speed=given.speed,
        node_time=given.node_time,
        version=given.version,
        preview=not given.no_preview,
        host=given.host,
        port=given.port,
        label=given.label,
    )
    try:
        asyncio.run(_serve(settings))
    except OSError as taken:
        sys.stderr.write(f"cannot listen on {given.host} port {given.port}: {taken.strerror}\n")
        return 2
    except KeyboardInterrupt:
        pass  # the way to stop it
    return 0


async def _serve(settings: Settings) -> None:
    async with StandIn(settings) as standin:
        sys.stdout.write(f"{standin.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
