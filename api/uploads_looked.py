"""What was found in uploads, kept for as long as nothing changes: a look may take seconds."""

from __future__ import annotations

import threading
from dataclasses import astuple, dataclass, field
from typing import Any

from fastapi import Request

from api.incident_source import IncidentSource
from api.town_view import TownView
from api.uploads import Upload
from api.uploads_look import Looked, look_at

# So many looks are kept; one holds the rows of its file.
KEPT = 4


@dataclass(eq=False)
class Looks:
    """The last looks of a server, the newest last; one is taken at a time."""

    found: dict[tuple[Any, ...], Looked] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_making = threading.Lock()


def looked(request: Request, upload: Upload, source: IncidentSource, view: TownView) -> Looked:
    """Return what an upload would bring; found out once for each state of it and of the town."""
    state = request.app.state
    with _making:
        looks: Looks = getattr(state, "looks", None) or Looks()
        state.looks = looks
    key = (upload.id, *astuple(upload.choices), view.layers.revision)
    with looks.lock:
        if key not in looks.found:
            looks.found[key] = look_at(upload, source.store, view.layers)
            for old in list(looks.found)[:-KEPT]:
                del looks.found[old]
        return looks.found[key]
