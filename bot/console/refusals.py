"""What the console answers when it will not: a sentence, in JSON for the page's script and as a page for people."""

from __future__ import annotations

from html import escape
from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.chat.texts import texts_for
from bot.console.errors import (
    ForeignOrigin,
    MessageGone,
    MessageTooLarge,
    NothingHere,
    NotSignedIn,
    NotUnderstood,
    WrongHost,
)
from bot.console.wire import encode
from bot.errors import EaselError
from bot.jobs.errors import PictureGone

log = structlog.get_logger()

_STATUSES: dict[type[EaselError], HTTPStatus] = {
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    WrongHost: HTTPStatus.FORBIDDEN,
    ForeignOrigin: HTTPStatus.FORBIDDEN,
    NotUnderstood: HTTPStatus.BAD_REQUEST,
    NothingHere: HTTPStatus.NOT_FOUND,
    MessageTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    MessageGone: HTTPStatus.GONE,
    PictureGone: HTTPStatus.GONE,
}
"""Every other error is of a request that was understood and cannot be done: 409."""

_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Easel</title>
<link rel="icon" href="/static/icon.svg">
<link rel="stylesheet" href="/static/console.css">
<body class="refusal">
<main>
<img src="/static/icon.svg" alt="" width="56" height="56">
<p>{sentence}</p>
</main>
"""


def language_of(request: web.Request) -> str | None:
    """The language to answer in: what the page asks for (``?lang=``), else what the browser prefers."""
    preferred = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    return request.query.get("lang") or preferred or None


@web.middleware
async def answering(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The middleware around everything: an error becomes its sentence."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return _refusal(request, NothingHere())
    except EaselError as error:
        return _refusal(request, error)


def _refusal(request: web.Request, error: EaselError) -> web.Response:
    status = _STATUSES.get(type(error), HTTPStatus.CONFLICT)
    log.info("console refused", path=request.path, status=status.value, error=str(error))
    texts = texts_for(language_of(request))
    sentence = texts.explain(error)
    if request.path.startswith("/api/"):
        return web.Response(status=status, text=encode({"error": sentence}), content_type="application/json")
    page = _PAGE.format(language=texts.language, sentence=escape(sentence))
    return web.Response(status=status, text=page, content_type="text/html")
