"""A real server of a town, as the command starts it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FENGQIAO = Path(sys.executable).parent / "fengqiao"


@dataclass(frozen=True)
class RealServer:
    """Where a server answers, without slash at the end, and its process."""

    address: str
    process: subprocess.Popen[str]


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[RealServer]:
    """Yield a server of a town; it has to end without complaint.

    Parameters
    ----------
    folder
        The workspace.
    words
        Options of `fengqiao serve`, beside any free port.
    """
    command = [FENGQIAO, "serve", "-w", folder, "--port", "0", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        found = re.search(r"http://\S+", first)
        assert found, first + process.stderr.read()
        told: list[str] = []
        # A log that nobody reads would stop the server.
        listener = threading.Thread(target=told.extend, args=(process.stderr,))
        listener.start()
        try:
            yield RealServer(found.group().rstrip("/"), process)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(timeout=60) == 0
            finally:
                process.kill()
                listener.join()
        log = "".join(told)
        assert "Traceback" not in log, log
