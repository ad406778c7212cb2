"""Places by name, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.cli_terms import document_head
from api.live_town import Live

router = APIRouter()

# So many hits fit below a search field.
HITS = 10


@router.get("/find")
def find(
    q: Annotated[str, Query(max_length=100)],
    live: Live,
    limit: Annotated[int, Query(ge=1, le=100)] = HITS,
) -> dict[str, Any]:
    """Return places by name, alias, pinyin, initials, junction (A / B) or code, the best first."""
    found = live.places().find(q, limit) if q.strip() else ()
    head = document_head("find", live.layers, params={"limit": limit})
    return {**head, "words": q, "results": [one.document() for one in found]}
