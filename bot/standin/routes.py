"""The HTTP of the stand-in: every route that Easel uses, each also under `/api`."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.standin import jobs
from bot.standin.executor import Executor
from bot.standin.faults import Faults
from bot.standin.folders import Folders
from bot.standin.nodes import CATALOGUE
from bot.standin.queue import Entry, PromptQueue
from bot.standin.settings import Settings
from bot.standin.sockets import Sockets
from bot.standin.transfers import Transfers, trouble
from bot.standin.validation import problem, validate

_UPLOAD_LIMIT = 100 * 1024 * 1024
_CANONICAL = (
    "prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one"
)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Routes:
    """The handlers, over one machine's parts."""

    def __init__(
        self,
        *,
        settings: Settings,
        queue: PromptQueue,
        executor: Executor,
        sockets: Sockets,
        folders: Folders,
        faults: Faults,
        now: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._queue = queue
        self._executor = executor
        self._sockets = sockets
        self._folders = folders
        self._faults = faults
        self._now = now

    def app(self, middlewares: Sequence[Middleware]) -> web.Application:
        """The application with all routes, behind those middlewares."""
        app = web.Application(client_max_size=_UPLOAD_LIMIT, middlewares=[*middlewares, self._same_origin])
        transfers = Transfers(self._folders)
        routes: list[tuple[str, str, _Handler]] = [
            ("GET", "/ws", self._socket),
            ("GET", "/prompt", self._remaining),
            ("POST", "/prompt", self._submit),
            ("GET", "/queue", self._listing),
            ("POST", "/queue", self._change_queue),
            ("GET", "/history", self._history),
            ("GET", "/history/{prompt_id}", self._history_of),
            ("POST", "/history", self._change_history),
            ("POST", "/interrupt", self._interrupt),
            ("POST", "/free", self._free),
            ("POST", "/upload/image", transfers.upload_image),
            ("POST", "/upload/mask", transfers.upload_mask),
            ("GET", "/view", transfers.view),
            ("GET", "/object_info", self._object_info),
            ("GET", "/object_info/{class_type}", self._object_info_of),
            ("GET", "/models", self._model_folders),
            ("GET", "/models/{folder}", self._models),
            ("GET", "/embeddings", self._embeddings),
            ("GET", "/system_stats", self._system_stats),
            ("GET", "/features", self._features),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, path, handler)
            app.router.add_route(method, f"/api{path}", handler)
        if self._settings.modern:
            app.router.add_get("/api/jobs", self._jobs)
            app.router.add_get("/api/jobs/{prompt_id}", self._job)
            app.router.add_post("/api/jobs/{prompt_id}/cancel", self._cancel_job)
            app.router.add_post("/api/jobs/cancel", self._cancel_jobs)
        app.router.add_get("/", self._front_page)
        app.router.add_get("/{anything:.*}", self._nothing)  # hence a POST to nowhere is 405, as on the real one
        return app

    # Prompts

    async def _submit(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        if not isinstance(body, dict | list):
            return trouble()
        asked: Mapping[str, Any] = body if isinstance(body, dict) else {}
        try:
            number = float(asked["number"]) if "number" in asked else self._next_number(asked)
        except (TypeError, ValueError):
            return trouble()
        if "prompt" not in asked:
            return _refused(problem("no_prompt", "No prompt provided", "No prompt provided"))
        prompt_id = str(asked["prompt_id"]) if "prompt_id" in asked else str(uuid.uuid4())
        if self._settings.modern and not _is_canonical(prompt_id):
            return _refused(problem("invalid_prompt_id", "prompt_id must be a valid UUID", _CANONICAL))
        try:
            return self._enqueue(asked, number, prompt_id)
        except (TypeError, AttributeError):  # no graph at all; or a heap that cannot be ordered, with it queued
            return trouble()

    def _next_number(self, asked: Mapping[str, Any]) -> int:
        return self._queue.next_number(front=bool(asked.get("front")))

    def _enqueue(self, asked: Mapping[str, Any], number: float, prompt_id: str) -> web.Response:
        modern = self._settings.modern
        graph = {} if asked["prompt"] == [] and not modern else asked["prompt"]
        verdict = validate(graph, self._folders, modern=modern, targets=asked.get("partial_execution_targets"))
        if verdict.error:
            return _refused(verdict.error, verdict.node_errors)
        extra_data = dict(asked.get("extra_data", {}))
        if "client_id" in asked:
            extra_data["client_id"] = asked["client_id"]
        extra_data["create_time"] = int(self._now() * 1000)
        self._queue.put(Entry(number, prompt_id, graph, extra_data, list(verdict.outputs)))
        return web.json_response({"prompt_id": prompt_id, "number": number, "node_errors": verdict.node_errors})

    async def _remaining(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(status(self._queue))

    async def _listing(self, _: web.Request) -> web.StreamResponse:
        running = [self._queue.running] if self._queue.running else []
        return web.json_response({"queue_running": running, "queue_pending": self._queue.pending})

    async def _change_queue(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        if not isinstance(body, dict):
            return trouble()
        if body.get("clear"):
            self._queue.clear()
        for prompt_id in body.get("delete", ()):
            self._queue.delete(prompt_id)
        return web.Response()

    async def _history(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        try:
            max_items = int(query["max_items"]) if "max_items" in query else None
            offset = int(query.get("offset", -1))
        except ValueError:
            return trouble()
        return web.json_response(self._queue.recent(max_items, offset))

    async def _history_of(self, request: web.Request) -> web.StreamResponse:
        prompt_id = request.match_info["prompt_id"]
        found = self._queue.history.get(prompt_id)
        return web.json_response({prompt_id: found} if found else {})

    async def _change_history(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        if not isinstance(body, dict):
            return trouble()
        if body.get("clear"):
            self._queue.history.clear()
        for prompt_id in body.get("delete", ()):
            self._queue.history.pop(prompt_id, None)
        return web.Response()

    async def _interrupt(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        if isinstance(body, list):
            return trouble()
        prompt_id = body.get("prompt_id") if isinstance(body, dict) else None
        running = self._queue.running
        if prompt_id is None or (running and running.prompt_id == prompt_id):
            self._executor.interrupt()
        return web.Response()

    async def _free(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        if not isinstance(body, dict):
            return trouble()
        if body.get("free_memory"):
            self._executor.free()
        return web.Response()

    # The jobs API

    async def _jobs(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        statuses = [name for name in query.get("status", "").split(",") if name]
        if unknown := [name for name in statuses if name not in jobs.STATUSES]:
            valid = ", ".join(jobs.STATUSES)
            message = f"Invalid status value(s): {', '.join(unknown)}. Valid values: {valid}"
            return web.json_response({"error": message}, status=400)
        try:
            limit = int(query["limit"]) if "limit" in query else None
            offset = int(query.get("offset", 0))
        except ValueError:
            return web.json_response({"error": "limit and offset must be integers"}, status=400)
        found = jobs.all_jobs(self._queue)
        if query.get("sort_order") == "asc":
            found.reverse()
        return web.json_response(jobs.page(found, statuses, limit, offset))

    async def _job(self, request: web.Request) -> web.StreamResponse:
        found = jobs.one_job(self._queue, request.match_info["prompt_id"])
        if found is None:
            return web.json_response({"error": "Job not found"}, status=404)
        return web.json_response(found)

    async def _cancel_job(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"cancelled": self._cancel(request.match_info["prompt_id"])})

    async def _cancel_jobs(self, request: web.Request) -> web.StreamResponse:
        body = await _json(request)
        ids = body.get("job_ids") if isinstance(body, dict) else None
        if not isinstance(ids, list):
            return web.json_response({"error": "job_ids must be a list"}, status=400)
        if invalid := [prompt_id for prompt_id in ids if not _is_canonical(prompt_id)]:
            about = {"error": "job_ids contains invalid id(s)", "invalid_ids": invalid}
            return web.json_response(about, status=400)
        cancelled = [self._cancel(prompt_id) for prompt_id in ids]
        return web.json_response({"cancelled": any(cancelled)})

    def _cancel(self, prompt_id: str) -> bool:
        if self._queue.delete(prompt_id):
            return True
        if self._queue.running and self._queue.running.prompt_id == prompt_id:
            self._executor.interrupt()
            return True
        return False

    # What the server is

    async def _object_info(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({name: known.info(self._folders) for name, known in CATALOGUE.items()})

    async def _object_info_of(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["class_type"]
        return web.json_response({name: CATALOGUE[name].info(self._folders)} if name in CATALOGUE else {})

    async def _model_folders(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(list(self._folders.models))

    async def _models(self, request: web.Request) -> web.StreamResponse:
        folder = request.match_info["folder"]
        if folder not in self._folders.models:
            return web.Response(status=404)
        return web.json_response(list(self._folders.models[folder]))

    async def _embeddings(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(list(self._folders.models.get("embeddings", ())))

    async def _system_stats(self, _: web.Request) -> web.StreamResponse:
        memory = {"vram_total": 24 * 2**30, "vram_free": 20 * 2**30}
        return web.json_response(
            {
                "system": {
                    "os": "stand-in",
                    "ram_total": 32 * 2**30,
                    "ram_free": 24 * 2**30,
                    "comfyui_version": self._settings.version,
                    "python_version": "3",
                    "pytorch_version": "none: a stand-in paints the pictures",
                    "embedded_python": False,
                    "argv": ["main.py"],
                },
                "devices": [
                    {"name": "stand-in", "type": "cpu", "index": None, **memory}
                    | {f"torch_{name}": value for name, value in memory.items()}
                ],
            }
        )

    async def _features(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(self._flags())

    def _flags(self) -> dict[str, Any]:
        known: dict[str, Any] = {"supports_preview_metadata": True, "max_upload_size": _UPLOAD_LIMIT}
        if self._settings.modern:
            known |= {"supports_model_type_tags": True, "node_replacements": True, "assets": False}
        return known

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self._faults.refuses_socket():
            return web.Response(status=503)
        return await self._sockets.serve(
            request, self._flags(), lambda: status(self._queue), lambda: self._executor.position
        )

    async def _front_page(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text="Easel's stand-in for ComfyUI: there is an API and nothing to look at.\n")

    async def _nothing(self, _: web.Request) -> web.StreamResponse:
        return web.Response(status=404)

    @web.middleware
    async def _same_origin(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """A browser's page from elsewhere may not use a server on loopback."""
        origin, host = request.headers.get("Origin"), request.headers.get("Host", "")
        asked = urlsplit(f"//{host.lower()}")
        if origin and asked.hostname in _LOOPBACK:
            came = urlsplit(origin.lower())
            here = asked.netloc if came.port else asked.hostname
            if came.netloc != here:
                return web.Response(status=403)
        if self._settings.modern and request.headers.get("Sec-Fetch-Site") == "cross-site":
            return web.Response(status=403)
        if request.method == "OPTIONS":
            return web.Response()
        return await handler(request)


def status(queue: PromptQueue) -> dict[str, Any]:
    """How many prompts there are, as `GET /prompt` and every `status` message tell it."""
    return {"exec_info": {"queue_remaining": queue.remaining}}


async def _json(request: web.Request) -> Any:
    """The body, or None where there is none or it is no JSON."""
    try:
        return await request.json()
    except ValueError:
        return None


def _refused(error: Mapping[str, Any], node_errors: Mapping[str, Any] | None = None) -> web.Response:
    return web.json_response({"error": error, "node_errors": node_errors or {}}, status=400)


def _is_canonical(prompt_id: object) -> bool:
    try:
        return isinstance(prompt_id, str) and str(uuid.UUID(prompt_id)) == prompt_id
    except ValueError:
        return False
