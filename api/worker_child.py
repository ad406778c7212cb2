"""A worker process beside the server: begun with it, begun again if it dies, ended with it."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

LOOK_S = 0.2
# A worker that is told to end gets so long to hand its job back.
PATIENCE_S = 5.0
# It is begun again after so long, each time after twice as long.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0


def worker_command(folder: Path) -> list[str]:
    """Return the command of a worker that ends when its standard input does.

    Parameters
    ----------
    folder
        The workspace.
    """
    # Not by module name: a folder called like a package of ours would stand in the way.
    call = "from api.cli import app; app()"
    words = ["worker", "-w", str(folder.absolute()), "--until-input-ends"]
    return [sys.executable, "-P", "-c", call, *words]


@contextmanager
def kept_running(command: Sequence[str]) -> Iterator[None]:
    """Keep a process running while the block lasts.

    Its standard input is a pipe that closes with this process, however that ends.

    Parameters
    ----------
    command
        Program and its words.
    """
    ending = threading.Event()
    keeper = threading.Thread(target=_keep, args=(command, ending), name="worker-keeper")
    keeper.start()
    try:
        yield
    finally:
        ending.set()
        keeper.join()


def _keep(command: Sequence[str], ending: threading.Event) -> None:
    pause = FIRST_PAUSE_S
    while not ending.is_set():
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            while process.poll() is None and not ending.wait(LOOK_S):
                pass
            if ending.is_set():
                _end(process)
                return
        log.warning("the worker ended with status %s: begun again", process.returncode)
        ending.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process: asked first, then by force."""
    process.terminate()
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
