"""Whether the server works; for everybody, and with nothing of the town."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from api.models import Health
from api.version import program_version
from gis.store import Store

router = APIRouter()


def _store(request: Request) -> Store:
    store: Store = request.app.state.incidents.store
    return store


@router.get("/healthz")
def healthz(store: Annotated[Store, Depends(_store)]) -> Health:
    """Return that the server works and its store can be read, its version, the town's revision."""
    return Health(status="ok", version=program_version(), revision=store.revision)
