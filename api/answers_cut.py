"""Long answers in parts: no list of a document is longer than was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Request

# Rows of each list in one answer; towns of the usual size fit into one.
MOST_ROWS = 10_000
Limit = Annotated[
    int, Query(ge=1, le=MOST_ROWS, description="Rows of each list in one answer.", examples=[100])
]
After = Annotated[
    int, Query(ge=0, le=10**9, description="As `next` has it: rows of each list that came before.")
]
# What is told whole in every part.
WHOLE = ("assumed", "attribution", "bands_s", "missing", "warnings")


def cut(document: Mapping[str, Any], limit: int, after: int) -> tuple[dict[str, Any], int | None]:
    """Return one part of a document, and where the next one begins.

    Parameters
    ----------
    document
        An answer: its lists are cut, all else is in every part.
    limit
        Rows of each list in one part.
    after
        How many rows of each list came before.

    Returns
    -------
    dict, int or None
        The part; the `after` of the next one, None if no list goes on.

    Examples
    --------
    >>> cut({"gaps": [1, 2, 3], "areas": [4], "cells": 9}, 2, 0)
    ({'gaps': [1, 2], 'areas': [4], 'cells': 9}, 2)
    >>> cut({"gaps": [1, 2, 3], "areas": [4], "cells": 9}, 2, 2)
    ({'gaps': [3], 'areas': [], 'cells': 9}, None)
    """
    lists = {k: v for k, v in document.items() if isinstance(v, list) and k not in WHOLE}
    end = after + limit
    part = {**document, **{name: rows[after:end] for name, rows in lists.items()}}
    return part, end if any(len(rows) > end for rows in lists.values()) else None


def part_of(
    request: Request, document: Mapping[str, Any], limit: int, after: int
) -> dict[str, Any]:
    """Return one part of a document, with the address of the next one as `next` if there is one."""
    part, rest = cut(document, limit, after)
    if rest is None:
        return part
    return {**part, "next": str(request.url.include_query_params(limit=limit, after=rest))}
