"""What one server can be asked and told, a method a question."""

from __future__ import annotations

import io
from collections.abc import Container, Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import msgspec

from bot.comfyui import records
from bot.comfyui.errors import BadAnswer, OutputGone, OutputTooLarge, RefusedGraph, ServerError, UploadTooLarge
from bot.comfyui.http import Answer, Http
from bot.comfyui.outputs import OutputFile
from bot.comfyui.plan import Plan
from bot.comfyui.records import Queue, Record
from bot.comfyui.refusals import Submitted, read_acceptance, read_refusal
from bot.comfyui.server import Server
from bot.comfyui.wire import UndecodableError, read

_OK, _BAD_REQUEST, _NOT_FOUND, _NOT_ALLOWED, _TOO_LARGE = 200, 400, 404, 405, 413
_CHUNK = 256 * 1024


class _Cancelled(msgspec.Struct):
    cancelled: bool


class _Uploaded(msgspec.Struct):
    name: str
    subfolder: str = ""
    type: str = "input"


class _ExecInfo(msgspec.Struct):
    queue_remaining: int


class _Count(msgspec.Struct):
    exec_info: _ExecInfo


_CANCELLED = msgspec.json.Decoder(_Cancelled)
_UPLOADED = msgspec.json.Decoder(_Uploaded)
_COUNT = msgspec.json.Decoder(_Count)
_OBJECT = msgspec.json.Decoder(dict[str, Any])
_NAMES = msgspec.json.Decoder(list[str])


class Api:
    """All methods raise what `Http.request` raises, `ServerError` for other statuses, `BadAnswer` for nonsense."""

    def __init__(self, server: Server, http: Http) -> None:
        self._server = server
        self._http = http
        self._jobs: bool | None = None

    def forget_version(self) -> None:
        """Another version may answer from now on."""
        self._jobs = None

    async def queue(self, unplanned: Container[str] = ()) -> tuple[Queue, dict[str, Plan]]:
        """Everybody's prompts, and plans of the `unplanned` that run or are next, if the answer has their graphs.

        Newer servers (0.28; not 0.3.75) list them under ``/api/jobs`` in a tenth of the bytes, without graphs.
        """
        if self._jobs is not False:
            route = "api/jobs"
            try:
                body = await self._http.get(route, status=",".join(records.JOBS_IN_QUEUE))
                with self._http.understanding(route):
                    queue = records.read_jobs(body)
            except BadAnswer:
                self._jobs = False
            except ServerError as error:
                if error.status not in (_NOT_FOUND, _NOT_ALLOWED):
                    raise
                self._jobs = False
            else:
                self._jobs = True
                return queue, {}
        with self._http.understanding("queue"):
            return records.read_queue(await self._http.get("queue"), unplanned)

    async def remaining(self) -> int:
        """How many prompts there are, pending and running, everybody's: 39 bytes, whatever the queue holds."""
        count = await self._http.read("prompt", _COUNT)
        return count.exec_info.queue_remaining

    async def record(self, prompt_id: str) -> Record | None:
        """What the server keeps of a prompt that was not in the queue just now; None: nothing."""
        if not self._jobs:
            return await self.history(prompt_id)
        route = f"api/jobs/{prompt_id}"
        try:
            with self._http.understanding(route):
                return records.read_job(await self._http.get(route))
        except ServerError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    async def history(self, prompt_id: str) -> Record | None:
        """How a prompt ended; None if it has not, or is unknown."""
        route = f"history/{prompt_id}"
        with self._http.understanding(route):
            return records.read_history(await self._http.get(route), prompt_id)

    async def histories(self, offset: int, most: int) -> dict[str, Record]:
        """How prompts ended, by id: a page of all that the server remembers, the oldest first (it has 10 000)."""
        with self._http.understanding("history"):
            return records.read_histories(await self._http.get("history", offset=str(offset), max_items=str(most)))

    async def submit(self, graph: Mapping[str, Any], **rest: Any) -> Submitted:
        """POST a graph, with the rest of the body.

        Raises:
            RefusedGraph: The server will not run it.
        """
        answer = await self._post("prompt", {"prompt": graph, **rest})
        if answer.status == _OK:
            with self._http.understanding("prompt"):
                return read_acceptance(answer.body, graph)
        if answer.status == _BAD_REQUEST:
            with suppress(UndecodableError):  # something before the server may answer so too
                raise RefusedGraph(self._server.name, read_refusal(answer.body, graph))
        raise ServerError(self._server.name, answer.status, answer.line)

    async def cancel_job(self, prompt_id: str) -> bool | None:
        """Take a prompt out of the queue or stop it, in one step. None: this server cannot (0.3.75 cannot)."""
        if self._jobs is False:
            return None
        route = f"api/jobs/{prompt_id}/cancel"
        answer = await self._post(route, {})
        if answer.status in (_NOT_FOUND, _NOT_ALLOWED):
            return None
        if answer.status != _OK:
            raise ServerError(self._server.name, answer.status, answer.line)
        with self._http.understanding(route):
            return read(answer.body, _CANCELLED).cancelled

    async def delete(self, prompt_id: str) -> None:
        """Take a prompt out of the queue, if it waits there."""
        await self._command("queue", {"delete": [prompt_id]})

    async def interrupt(self, prompt_id: str) -> None:
        """Stop a prompt at its next step, if it is the one that runs."""
        await self._command("interrupt", {"prompt_id": prompt_id})

    async def upload(self, data: bytes, name: str) -> str:
        """Put a file into the server's input folder; what a LoadImage node calls it.

        Args:
            data: The file.
            name: ASCII, without a path. A file of that name and other content is kept: this one gets another name.

        Raises:
            UploadTooLarge: The server takes no file of that size.
        """
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("image", io.BytesIO(data), filename=name, content_type="application/octet-stream")
        answer = await self._http.request("POST", "upload/image", data=form)
        if answer.status == _TOO_LARGE:
            raise UploadTooLarge(self._server.name, len(data))
        if answer.status != _OK:
            raise ServerError(self._server.name, answer.status, answer.line)
        with self._http.understanding("upload/image"):
            uploaded = read(answer.body, _UPLOADED)
        return f"{uploaded.subfolder}/{uploaded.name}" if uploaded.subfolder else uploaded.name

    async def fetch(self, file: OutputFile) -> bytes:
        """The bytes of an output file.

        Raises:
            OutputGone: There is no such file.
            OutputTooLarge: It is larger than `Server.max_output_bytes`.
        """
        limit = self._server.max_output_bytes
        params = {"filename": file.filename, "subfolder": file.subfolder, "type": file.type}
        async with self._http.open("GET", "view", params=params) as reply:
            if reply.status in (_BAD_REQUEST, _NOT_FOUND):
                raise OutputGone(self._server.name, file.filename)
            if reply.status != _OK:
                raise ServerError(self._server.name, reply.status, reply.reason or "")
            data = bytearray()
            async for chunk in reply.content.iter_chunked(_CHUNK):
                data += chunk
                if max(len(data), reply.content_length or 0) > limit:
                    raise OutputTooLarge(self._server.name, file.filename, limit)
            return bytes(data)

    async def object_info(self, class_type: str | None = None) -> Mapping[str, Any]:
        """What nodes the server has, by class; only the one asked for, or nothing if it lacks it."""
        return await self._http.read(f"object_info/{class_type}" if class_type else "object_info", _OBJECT)

    async def system_stats(self) -> Mapping[str, Any]:
        """Versions, memory, devices."""
        return await self._http.read("system_stats", _OBJECT)

    async def models(self, folder: str) -> tuple[str, ...]:
        """The model files in one of the server's folders (``checkpoints``, ``loras``...)."""
        names = await self._http.read(f"models/{folder}", _NAMES)
        return tuple(names)

    async def _command(self, route: str, body: Mapping[str, Any]) -> None:
        answer = await self._post(route, body)
        if answer.status != _OK:
            raise ServerError(self._server.name, answer.status, answer.line)

    async def _post(self, route: str, body: Mapping[str, Any]) -> Answer:
        headers = {"Content-Type": "application/json"}
        return await self._http.request("POST", route, data=msgspec.json.encode(body), headers=headers)
