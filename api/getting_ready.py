"""What the first page of a new server would wait for, computed beside it as soon as it answers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI, Request

from api.dashboard import Board, board_of
from api.incident_source import IncidentSource
from api.live_town import live_town
from gis.errors import FengqiaoError
from maps.overlays_dashboard import THEMES
from maps.written import LANGUAGES

log = logging.getLogger(__name__)


@contextmanager
def getting_ready(app: FastAPI) -> Iterator[None]:
    """Prepare the overview in a thread, which ends at the next step when the block does."""
    over = threading.Event()
    thread = threading.Thread(target=prepare, args=(app, over), name="getting-ready")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def prepare(app: FastAPI, over: threading.Event) -> None:
    """Prepare what pages share, most wanted first, until all is there or it is time to end.

    Parameters
    ----------
    app
        The application, whose state keeps what is prepared.
    over
        Set when nobody waits for it any more.
    """
    try:
        for _ in _steps(app):
            if over.is_set():
                return
    except FengqiaoError as error:  # whoever asks for the page is told
        log.warning("the overview is not ready: %s", error)


def _steps(app: FastAPI) -> Iterator[None]:
    board = _board(app)
    yield
    now = app.state.incidents.now()
    minute = (now.weekday() * 24 + now.hour) * 60 + now.minute
    for lang in LANGUAGES:
        board.overview(lang)
        board.live.names(lang)
        board.hours(lang, now)
        yield
        board.layers(THEMES[0], lang, minute)
        yield
    app.state.source.view().prepare()  # tiles and the page of coverage
    yield


def _board(app: FastAPI) -> Board:
    """Return the overview as the first request would make it."""
    request = Request({"type": "http", "app": app})
    source: IncidentSource = app.state.incidents
    return board_of(request, app.state.source.view(), live_town(request, source), source)
