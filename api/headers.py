"""The headers that every answer carries, unless its route has set its own."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Pages have a policy of their own; see `routes_pages`.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Said under TLS only: from then on the browser asks no other way.
TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}


def encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Return headers as a server sends them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


class Headers:
    """Add the headers to every answer.

    Parameters
    ----------
    app
        What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._plain = encoded(HEADERS)
        self._secure = encoded(HEADERS | TRANSPORT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = self._secure if scope["scheme"] == "https" else self._plain

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                there = {name for name, _ in own}
                more = [pair for pair in added if pair[0] not in there]
                message = {**message, "headers": own + more}
            await send(message)

        await self._app(scope, receive, adding)
