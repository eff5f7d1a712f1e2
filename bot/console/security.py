"""Who may speak to the console, and what the page may do.

The console can spend the operator's GPU and shows everybody's prompts, so a web page elsewhere, a name that somebody
points at this machine (DNS rebinding) and a guest on the same network must all be kept out.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.console.errors import ForeignOrigin, NotSignedIn, WrongHost

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - the operator's choice, told apart here
TOKEN = "token"  # noqa: S105 - the name of the query parameter
PUBLIC = "/static/"
"""The page's own code holds no secret, and the page that refuses uses it."""

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """What a request must show.

    `hosts` are the names that the console answers to, in lower case. `any_address`: also to every IP address, which
    no DNS record can fake.
    """

    token: str
    hosts: Collection[str] = LOOPBACK
    any_address: bool = False

    @classmethod
    def of(cls, *, host: str, names: Sequence[str] = (), token: str | None = None) -> Guard:
        """The guard of a console that listens on `host` and is also reached as `names`. Without a token: a new one."""
        return cls(
            token or secrets.token_urlsafe(24),
            LOOPBACK | {name.lower() for name in (host, *names)},
            any_address=host in EVERYWHERE,
        )

    def admit(self, request: web.Request) -> None:
        """Let it pass.

        Raises:
            WrongHost, ForeignOrigin, NotSignedIn: Or not.
        """
        if not self._answers_to(request.host):
            raise WrongHost(host=request.host)
        if request.method not in ("GET", "HEAD"):
            origin = request.headers.get("Origin", "")
            if urlsplit(origin).netloc != request.host:
                raise ForeignOrigin(origin=origin)
        if not request.path.startswith(PUBLIC) and not self._is_signed_in(request):
            raise NotSignedIn

    def remember(self, request: web.Request, response: web.StreamResponse) -> None:
        """Put the token into a cookie that no script reads and no other site sends."""
        response.set_cookie(
            _cookie(request),
            self.token,
            httponly=True,
            samesite="Strict",
            secure=request.secure,
        )

    def _is_signed_in(self, request: web.Request) -> bool:
        shown = request.cookies.get(_cookie(request), "")
        if request.path == "/" and TOKEN in request.query:  # the printed address
            shown = request.query[TOKEN]
        return hmac.compare_digest(shown.encode(errors="replace"), self.token.encode())

    def _answers_to(self, host: str) -> bool:
        name, _ = _split(host)
        return name in self.hosts or (self.any_address and _is_address(name))


def guarding(guard: Guard) -> Middleware:
    """The middleware: nothing behind it is reached by a request that the guard does not admit."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        guard.admit(request)
        return await handler(request)

    return middleware


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:  # noqa: ARG001 - aiohttp's signature
    """Before any answer goes out, whatever it is."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-cache")


def _cookie(request: web.Request) -> str:
    """Browsers keep cookies by host and not by port; two consoles of one machine must not sign each other out."""
    return f"easel-{_split(request.host)[1]}"


def _split(host: str) -> tuple[str, int]:
    """A Host header's name, in lower case and without brackets, and its port; 0 where it names none."""
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:  # an unclosed bracket, a port that is no number
        return "", 0
    return name or "", port or 0


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
