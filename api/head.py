"""HEAD for everything that has GET: the same headers, and no content."""

from __future__ import annotations

from anyio import CancelScope
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """Answer HEAD as GET is answered, without its content.

    Parameters
    ----------
    app
        What answers GET.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        with CancelScope() as making:

            async def heading(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send(message)
                elif message["type"] == "http.response.body":
                    if message.get("more_body", False):
                        making.cancel()  # nobody waits for the rest, which may never end
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

            await self._app({**scope, "method": "GET"}, receive, heading)
