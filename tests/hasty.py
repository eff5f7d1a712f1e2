"""`easel` that loses patience in moments instead of minutes: between attempts to reach a Telegram that refuses it."""

from __future__ import annotations

from bot.__main__ import main
from bot.telegram import line

line.CALM = 1.0
for _pause in ("_CONFLICT", "_REFUSED"):
    assert hasattr(line, _pause)
    setattr(line, _pause, 0.5)

if __name__ == "__main__":
    main()
