"""The records of `/api/jobs`, which only the newer server has. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.standin.queue import Entry, PromptQueue

STATUSES = ("pending", "in_progress", "completed", "failed", "cancelled")


def all_jobs(queue: PromptQueue) -> list[dict[str, Any]]:
    """Everything known, newest first."""
    waiting = [_waiting(entry, "pending") for entry in queue.pending]
    running = [_waiting(queue.running, "in_progress")] if queue.running else []
    ended = [_ended(record) for record in queue.history.values()]
    return sorted(waiting + running + ended, key=lambda job: int(job["create_time"]), reverse=True)


def one_job(queue: PromptQueue, prompt_id: str) -> dict[str, Any] | None:
    """One job with all that is known of it, or None."""
    if queue.running and queue.running.prompt_id == prompt_id:
        return _waiting(queue.running, "in_progress")
    for entry in queue.pending:
        if entry.prompt_id == prompt_id:
            return _waiting(entry, "pending")
    if prompt_id not in queue.history:
        return None
    record = queue.history[prompt_id]
    _, _, graph, extra_data, _ = record["prompt"]
    workflow = {"prompt": graph, "extra_data": extra_data}
    return _ended(record) | {
        "outputs": record["outputs"],
        "execution_status": record["status"],
        "workflow": workflow,
    }


def page(jobs: list[dict[str, Any]], statuses: Iterable[str], limit: int | None, offset: int) -> dict[str, Any]:
    """One page of a listing, of the jobs with those statuses (none: all)."""
    wanted = set(statuses)
    found = [job for job in jobs if not wanted or job["status"] in wanted]
    shown = found[offset:] if limit is None else found[offset : offset + limit]
    more = offset + len(shown) < len(found)
    return {"jobs": shown, "pagination": {"offset": offset, "limit": limit, "total": len(found), "has_more": more}}


def _waiting(entry: Entry, status: str) -> dict[str, Any]:
    return {
        "id": entry.prompt_id,
        "status": status,
        "priority": entry.number,
        "create_time": entry.extra_data["create_time"],
        "outputs_count": 0,
    }


def _ended(record: Mapping[str, Any]) -> dict[str, Any]:
    number, prompt_id, _, extra_data, _ = record["prompt"]
    messages = dict(record["status"]["messages"])
    last = record["status"]["messages"][-1][1]
    job = {
        "id": prompt_id,
        "status": _status(messages),
        "priority": number,
        "create_time": extra_data["create_time"],
        "execution_start_time": messages["execution_start"]["timestamp"],
        "execution_end_time": last["timestamp"],
    }
    if "execution_error" in messages:
        job["execution_error"] = messages["execution_error"]
    shown = [
        {**item, "nodeId": node_id, "mediaType": media}
        for node_id, ui in record["outputs"].items()
        for media, items in ui.items()
        for item in items
    ]
    job["outputs_count"] = len(shown)
    return job | ({"preview_output": shown[0]} if shown else {})


def _status(messages: Mapping[str, Any]) -> str:
    if "execution_success" in messages:
        return "completed"
    return "cancelled" if "execution_interrupted" in messages else "failed"
