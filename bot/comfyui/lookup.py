"""The records of many prompts at once, without a question for each where there are very many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

from bot.comfyui.api import Api
from bot.comfyui.errors import BadAnswer, ComfyError
from bot.comfyui.records import Record

MANY = 400
"""From so many on, reading through all that the server remembers costs less than asking for each."""
PAGE = 250
_AT_ONCE = 16

Tell = Callable[[str, Record | None], None]
"""What is called with each prompt's record, or None: the server has none that can be read."""


async def look_up(api: Api, prompt_ids: Sequence[str], tell: Tell) -> ComfyError | None:
    """Tell the records of prompts that were not in the queue just now.

    Comes back with the first trouble there was; nothing was told of the prompts it concerns.
    """
    wanted = dict.fromkeys(prompt_ids)
    if len(wanted) >= MANY:
        try:
            await _browse(api, wanted, tell)
        except BadAnswer:  # one record that cannot be read spoils its page; each for itself, it spoils only itself
            pass
        except ComfyError as error:
            return error
        else:
            return None
    left, troubles = iter(wanted), list[ComfyError]()
    await asyncio.gather(*(_ask(api, left, tell, troubles) for _ in range(min(_AT_ONCE, len(wanted)))))
    return troubles[0] if troubles else None


async def _browse(api: Api, wanted: dict[str, None], tell: Tell) -> None:
    """Take out of `wanted` what the pages tell."""
    offset = 0
    while wanted:
        page = await api.histories(offset, PAGE)
        for prompt_id in wanted.keys() & page.keys():
            del wanted[prompt_id]
            tell(prompt_id, page[prompt_id])
        if len(page) < PAGE:
            break
        offset += PAGE
    for prompt_id in wanted:
        tell(prompt_id, None)


async def _ask(api: Api, left: Iterator[str], tell: Tell, troubles: list[ComfyError]) -> None:
    for prompt_id in left:
        try:
            tell(prompt_id, await api.record(prompt_id))
        except BadAnswer:
            tell(prompt_id, None)
        except ComfyError as error:
            troubles.append(error)
