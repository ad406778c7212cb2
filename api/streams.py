"""Server-sent events: the response, and when it has to end."""

from __future__ import annotations

import signal
import time

from fastapi.responses import StreamingResponse

# So long a stream lasts: whoever listens on asks again by itself, and is let in anew or not.
MOST_S = 600.0


class Events(StreamingResponse):
    """A stream of events; a class of its own for what the document of the API says of it."""

    media_type = "text/event-stream"


def is_over(since_s: float) -> bool:
    """Return whether a stream has to end that began at a moment of `time.monotonic`."""
    return _server_ends() or time.monotonic() - since_s >= MOST_S


def _server_ends() -> bool:
    """Return whether the server in this process was told to end.

    It waits for its connections then, so a stream has to end by itself.
    """
    # The server's own handler of the signal is a method of the server.
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))
