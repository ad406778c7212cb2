"""Tokens of links in logs: there are none."""

from __future__ import annotations

import logging

import pytest

from api.leader_log import LOGGERS, HideTokens, hide_tokens


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/p/eyJh.eyJ0.c2ln?lang=en", "/p/***?lang=en"),
        ("/p/eyJh.eyJ0.c2ln/reports", "/p/***/reports"),
        ("/p/sw.js", "/p/sw.js"),
        ("/pages/duty", "/pages/duty"),
    ],
)
def test_no_line_of_the_server_has_a_token(path: str, shown: str) -> None:
    args = ("127.0.0.1:1", "GET", path, "1.1", 200)
    record = logging.LogRecord("uvicorn.access", 20, "", 1, '%s - "%s %s HTTP/%s" %d', args, None)
    assert HideTokens().filter(record)
    assert record.getMessage() == f'127.0.0.1:1 - "GET {shown} HTTP/1.1" 200'


def test_each_logger_hides_them_once() -> None:
    for _ in range(2):
        hide_tokens()
    for name in LOGGERS:
        found = [one for one in logging.getLogger(name).filters if isinstance(one, HideTokens)]
        assert len(found) == 1, name
