"""The pages that people look at."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

router = APIRouter()


@router.get("/", response_class=RedirectResponse)
def start() -> RedirectResponse:
    """Lead to the page of the coverage."""
    return RedirectResponse("pages/coverage")
