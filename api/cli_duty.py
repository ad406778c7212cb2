"""Commands on who is ready and which streets are closed: duty, closures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli_terms import (
    ErrorsToExit,
    JsonOption,
    LangOption,
    WorkspaceOption,
    clock_text,
    document_head,
    say,
    say_made_up,
    show,
    show_json,
    the_workspace,
)

if TYPE_CHECKING:
    from datetime import datetime

    from api.workspace import Workspace
    from gis.layers import Layers
    from gis.store import Store

UntilOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="Until 22:00, or 2026-11-26T06:00; else until it is changed."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    duty = typer.Typer(
        cls=ErrorsToExit, no_args_is_help=True, help="Which unit is ready, busy or off, and where."
    )
    duty.command("list")(duty_list)
    duty.command("set")(duty_set)
    duty.command("import")(duty_import)
    duty.command("clear")(duty_clear)
    app.add_typer(duty, name="duty")
    closures = typer.Typer(
        cls=ErrorsToExit, no_args_is_help=True, help="Streets that are closed now."
    )
    closures.command("add")(closures_add)
    closures.command("remove")(closures_remove)
    closures.command("list")(closures_list)
    app.add_typer(closures, name="closures")


def duty_list(
    *, lang: LangOption = "zh", workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """List what every unit does now, and what says so."""
    place = the_workspace(workspace)
    with place.open_store() as store:
        _tell(place, store, lang, as_json)


def duty_set(
    unit: Annotated[str, typer.Argument(metavar="UNIT", show_default=False)],
    state: Annotated[
        Literal["ready", "busy", "off"],
        typer.Argument(metavar="ready|busy|off", show_default=False),
    ],
    *,
    at: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Place where it stands by; else at its own post."),
    ] = None,
    until: UntilOption = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set by hand what a unit does, before roster and duty hours."""
    place = the_workspace(workspace)
    from api.duty import set_duty, town_moment, town_time, with_units

    now = town_time(place)
    with place.open_store() as store:
        layers = with_units(place.layers(store))
        end = None if until is None else town_moment(place, until, now=now)
        set_duty(layers, store, unit, state, now=now, place=at, until=end)
        _tell(place, store, lang, as_json, only=unit)


def duty_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
    *,
    encoding: Annotated[str | None, typer.Option(help="Of a .csv file.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over a roster of posts (.xlsx, .csv) in place of the last one.

    Columns: unit, date or weekday, from, to, and, if they are there, state and standby point.
    """
    place = the_workspace(workspace)
    from api.duty import import_roster, with_units

    with place.open_store() as store:
        layers = with_units(place.layers(store))
        read = import_roster(layers, store, file, encoding)
    if as_json:
        head = document_head("duty", layers, params={"file": str(file)}, warnings=read.warnings)
        about = {"rows": len(read.rows), "dropped_columns": list(read.dropped_columns)}
        show_json({**head, **about, "left_out": list(read.left_out)})
        return
    for warning in read.warnings:
        say(warning)
    if read.left_out:
        say(f"columns left out: {', '.join(read.left_out)}")
    show(read.summary())


def duty_clear(
    unit: Annotated[str | None, typer.Argument(metavar="[UNIT]", show_default=False)] = None,
    *,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Forget what was set by hand about one unit, or about all."""
    place = the_workspace(workspace)
    from gis.store_duty import clear_by_hand

    with place.open_store() as store:
        cleared = clear_by_hand(store, unit)
        say(f"{cleared} units go by roster and duty hours again")
        _tell(place, store, lang, as_json)


def closures_add(
    street: Annotated[str, typer.Argument(metavar="CODE", show_default=False)],
    *,
    until: UntilOption = None,
    reason: Annotated[str | None, typer.Option(help="Why, in one line.")] = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close a street to everybody."""
    place = the_workspace(workspace)
    from api.duty import close_street, town_moment, town_time

    now = town_time(place)
    with place.open_store() as store:
        layers = place.layers(store)
        end = None if until is None else town_moment(place, until, now=now)
        close_street(layers, store, street, now=now, until=end, reason=reason)
        _tell_closures(layers, store, now, lang, as_json)


def closures_remove(
    street: Annotated[str, typer.Argument(metavar="CODE", show_default=False)],
    *,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open a street again."""
    place = the_workspace(workspace)
    from api.duty import town_time
    from gis.store_duty import remove_closure

    with place.open_store() as store:
        remove_closure(store, street)
        _tell_closures(place.layers(store), store, town_time(place), lang, as_json)


def closures_list(
    *, lang: LangOption = "zh", workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """List the streets that are closed now."""
    place = the_workspace(workspace)
    from api.duty import town_time

    with place.open_store() as store:
        _tell_closures(place.layers(store), store, town_time(place), lang, as_json)


def _tell(
    place: Workspace, store: Store, lang: str, as_json: bool, only: str | None = None
) -> None:
    """Show the states of the units, or of one."""
    from api.duty import duty_document, duty_now, town_time, with_units
    from gis.profiles import load

    now = town_time(place)
    layers = with_units(place.layers(store))
    units = duty_document(layers, duty_now(layers, store, now))
    units = [row for row in units if only is None or row["unit"] == only]
    if as_json:
        head = document_head("duty", layers, params={})
        show_json({**head, "at": now.isoformat(), "units": units})
        return
    say_made_up(layers)
    words = load("duty")[lang]
    for row in units:
        show(_line(row, words))


def _line(row: dict[str, Any], words: dict[str, Any]) -> str:
    """Return one unit as a line: code, name, state, what says so, where, until when."""
    where = row["place"] or ("" if row["lon"] is None else f"{row['lon']:.5f},{row['lat']:.5f}")
    cells = [
        *(row["unit"], row["name"] or "", words["states"][row["state"]]),
        words["sources"][row["source"]],
        words["at"].format(where) if where else "",
        words["until"].format(clock_text(row["until"])) if row["until"] else "",
    ]
    return "\t".join(cells).rstrip()


def _tell_closures(layers: Layers, store: Store, now: datetime, lang: str, as_json: bool) -> None:
    from api.duty import closed_now, closures_document
    from gis.profiles import load

    closed = closures_document(layers, closed_now(layers, store, now))
    if as_json:
        head = document_head("closures", layers, params={})
        show_json({**head, "at": now.isoformat(), "closures": closed})
        return
    words = load("duty")[lang]
    for row in closed:
        until = words["until"].format(clock_text(row["until"])) if row["until"] else ""
        show("\t".join([row["street"], row["name"] or "", until, row["reason"] or ""]).rstrip())
    if not closed:
        say(words["no_closure"])
