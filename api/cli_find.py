"""The command that finds places: find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli_terms import (
    JsonOption,
    WorkspaceOption,
    document_head,
    say,
    show,
    show_json,
    the_workspace,
)

if TYPE_CHECKING:
    from gis.places import Place


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(find)


def find(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", show_default=False)],
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most places to show.")] = 20,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find places by name, pinyin (haidonglu), initials (hdl), junction (A / B) or code."""
    place = the_workspace(workspace)
    from gis.made_up import MARK
    from gis.places import build_index
    from gis.streets import Streets

    with place.open_store() as store:
        layers = place.layers(store)
    streets = Streets.build(layers["streets"]) if layers.has("streets") else None
    found = build_index(layers, streets).find(" ".join(words), limit)
    if as_json:
        head = document_head("find", layers, params={"limit": limit})
        results = [one.document() for one in found]
        show_json({**head, "words": " ".join(words), "results": results})
        return
    if layers.made_up:
        say(MARK)
    for one in found:
        show(_line(one))
    if not found:
        say(
            f"nothing found for {' '.join(words)}: try a part of the name, its pinyin or initials, "
            "the two roads of a junction (A / B), or the beginning of a code"
        )
    elif len(found) == limit:
        say(f"these are the first {limit}; --limit {2 * limit} shows more, if there are any")


def _line(place: Place) -> str:
    """Return a place as one line: name, what it is, code, where."""
    what = " ".join(filter(None, [place.layer, place.kind]))
    at = "" if place.lon is None else f"{place.lon:.5f},{place.lat:.5f}"
    cells = [place.name or place.code, what, place.code, at, place.village or ""]
    return "\t".join(cells).rstrip()
