"""An Easel that leaves its status messages where they are."""

from __future__ import annotations

from tests.talks import BUTTONS, serving


async def test_with_keep_status_the_status_message_becomes_one_line(tmp_path):
    async with serving(tmp_path, environ={"EASEL_TELEGRAM__KEEP_STATUS": "true"}) as easel:
        ann = easel.telegram.person("Ann")
        foxes = easel.telegram.supergroup("Foxes", ann)

        ann.says("/imagine a fox --w 64 --h 64 --steps 4 --seed 7", foxes)

        await easel.reads(
            foxes,
            f"""
            Ann: /imagine a fox --w 64 --h 64 --steps 4 --seed 7
            Easel, to Ann "/imagine a fox --w 64 -…": ✓ 64 × 64 · seed 7 · job-1 (silent) (edited)
            Easel, to Ann "/imagine a fox --w 64 -…": [photo 64×64] a fox
                64 × 64 · seed 7 · job-1 {BUTTONS}
            """,
        )
