"""Tokens of links stay out of logs: whoever reads one could open the link."""

from __future__ import annotations

import logging
import re

TOKEN = re.compile(r"/p/(?!sw\.js)[^/?\s\"]+")
# Those that write addresses of requests down.
LOGGERS = ("uvicorn.access", "uvicorn.error", "api.errors", "api.auth_guard")
HIDDEN = "/p/***"


class HideTokens(logging.Filter):
    """Lets every record through, without tokens."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take tokens out of a record's text and of what fills it."""
        record.msg = hidden(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(hidden(part) for part in record.args)
        return True


def hidden(part: object) -> object:
    """Return a text without tokens; anything else as it is.

    Examples
    --------
    >>> hidden("GET /p/eyJhbGci.eyJ0ZWFt.c2ln/reports?x=1"), hidden("/p/sw.js"), hidden(200)
    ('GET /p/***/reports?x=1', '/p/sw.js', 200)
    """
    return TOKEN.sub(HIDDEN, part) if isinstance(part, str) else part


def hide_tokens() -> None:
    """Make the loggers of the server hide tokens; once is enough, more do no harm."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, HideTokens) for one in logger.filters):
            logger.addFilter(HideTokens())
