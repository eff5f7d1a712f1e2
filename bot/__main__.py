"""The entry point: `easel`, and `python -m bot`."""

from __future__ import annotations

import sys

INTERRUPTED = 130


def main() -> None:
    """Open the door. The imports behind it take half a second, in which Ctrl-C is to be as quiet as ever."""
    try:
        from bot.cli import main as run  # noqa: PLC0415 - see above
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    run()


if __name__ == "__main__":
    main()
