"""Commands on incidents: incident (who comes), incidents (what becomes of those that are open)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_terms import (
    ErrorsToExit,
    JsonOption,
    LangOption,
    WorkspaceOption,
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
    from planner.results_incident import Incident

LonOption = Annotated[float, typer.Option("--lon", min=-180, max=180, show_default=False)]
LatOption = Annotated[float, typer.Option("--lat", min=-90, max=90, show_default=False)]
KindOption = Annotated[
    str, typer.Option(metavar="KIND", help="Kind of incident, such as traffic, theft, fire.")
]
TimeOption = Annotated[
    str | None, typer.Option("--time", metavar="TIME", help="When, such as 20:05; else now.")
]
NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", show_default=False)]
UnitArgument = Annotated[str, typer.Argument(metavar="UNIT", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(incident)
    incidents = typer.Typer(
        cls=ErrorsToExit, no_args_is_help=True, help="Incidents that are open, and their totals."
    )
    incidents.command("open")(incidents_open)
    incidents.command("send")(incidents_send)
    incidents.command("arrived")(incidents_arrived)
    incidents.command("clear")(incidents_clear)
    incidents.command("close")(incidents_close)
    incidents.command("list")(incidents_list)
    incidents.command("totals")(incidents_totals)
    app.add_typer(incidents, name="incidents")


def incident(
    *,
    lon: LonOption,
    lat: LatOption,
    kind: KindOption = "other",
    at: Annotated[
        str | None,
        typer.Option(metavar="'Mon 20:00'", help="Another moment of the week; else now."),
    ] = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer who comes to a place, by which way, which cameras see it, and what is near."""
    place = the_workspace(workspace)
    with place.open_store() as store:
        layers, found, _ = _asked(place, store, lon, lat, kind, at)
    if as_json:
        params = {"lon": lon, "lat": lat, "kind": kind, "at": at}
        show_json({**document_head("incident", layers, params=params), **found.document()})
        return
    say_made_up(layers)
    for line in found.lines(lang):
        show(line)
    for unit in found.units[:1]:
        for zh, en in unit.steps:
            show(f"    {zh.text if lang == 'zh' else en.text}")


def incidents_open(
    *,
    lon: LonOption,
    lat: LatOption,
    kind: KindOption = "other",
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open an incident at a place, and show who can come."""
    place = the_workspace(workspace)
    from api.incidents import open_new

    with place.open_store() as store:
        layers, found, now = _asked(place, store, lon, lat, kind, None)
        kept = open_new(store, found, now)
        _tell(layers, store, now, lang, as_json, only=kept.number)
    if not as_json:
        for line in found.lines(lang)[1:]:
            show(line)


def incidents_send(
    number: NumberArgument,
    unit: UnitArgument,
    *,
    time: TimeOption = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down that a unit was sent; it is not offered again until it is clear."""
    _step("send", number, unit, time, lang, workspace, as_json)


def incidents_arrived(
    number: NumberArgument,
    unit: UnitArgument,
    *,
    time: TimeOption = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down that a unit has arrived."""
    _step("arrived", number, unit, time, lang, workspace, as_json)


def incidents_clear(
    number: NumberArgument,
    unit: UnitArgument,
    *,
    time: TimeOption = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down that a unit is free again, whether it had arrived or was called back."""
    _step("clear", number, unit, time, lang, workspace, as_json)


def incidents_close(
    number: NumberArgument,
    *,
    time: TimeOption = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Close an incident; of it only the totals of its village, kind and month are kept."""
    _step("close", number, None, time, lang, workspace, as_json)


def incidents_list(
    *, lang: LangOption = "zh", workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """List the incidents that are open."""
    place = the_workspace(workspace)
    from api.duty import town_time

    with place.open_store() as store:
        _tell(place.layers(store), store, town_time(place), lang, as_json)


def incidents_totals(
    *, lang: LangOption = "zh", workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """List the totals of closed incidents by month, village, kind and tier."""
    place = the_workspace(workspace)
    from api.incidents import totals_document

    least = place.params().coverage.least_total
    with place.open_store() as store:
        layers = place.layers(store)
        totals = totals_document(store, least)
    if as_json:
        head = document_head("incidents", layers, params={"least_total": least})
        show_json({**head, "totals": totals})
        return
    say_made_up(layers)
    for row in totals:
        show(_total_line(row, layers, lang, least))


def _asked(
    place: Workspace, store: Store, lon: float, lat: float, kind: str, at: str | None
) -> tuple[Layers, Incident, datetime]:
    """Return the town, who comes, and the time in the town."""
    from api.duty import closed_codes, town_time
    from api.incidents import answer, kept_coverage, prepared

    now = town_time(place)
    layers = place.layers(store)
    town = prepared(place, layers, closed_codes(layers, store, now), kept_coverage(store))
    return layers, answer(town, store, lon, lat, kind, now=now, at=at), now


def _step(
    action: Any,
    number: int,
    unit: str | None,
    time: str | None,
    lang: str,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Take one step with an incident, and show what is open then."""
    place = the_workspace(workspace)
    from api.duty import town_past, town_time, with_units
    from api.incidents import step

    now = town_time(place)
    when = now if time is None else town_past(place, time, now=now)
    with place.open_store() as store:
        layers = with_units(place.layers(store))
        step(store, layers, number, action, when, unit)
        _tell(layers, store, now, lang, as_json)


def _tell(
    layers: Layers,
    store: Store,
    now: datetime,
    lang: str,
    as_json: bool,
    only: int | None = None,
) -> None:
    """Show the incidents that are open, or one of them."""
    from api.incidents import incident_document
    from gis.profiles import load
    from gis.store_incidents import open_incidents

    found = [one for one in open_incidents(store) if only is None or one.number == only]
    rows = [incident_document(one, now) for one in found]
    if as_json:
        head = document_head("incidents", layers, params={})
        show_json({**head, "at": now.isoformat(), "incidents": rows})
        return
    say_made_up(layers)
    words = load("duty")[lang]
    for row in rows:
        clock = row["opened_at"][11:16]
        show(f"{row['number']}\t{clock}\t{row['kind_title'][lang]}\t{row['place'] or ''}".rstrip())
        for unit in row["units"]:
            times = [
                f"{words['steps'][name]} {unit[name][11:16]}"
                for name in ("sent_at", "arrived_at", "cleared_at")
                if unit[name]
            ]
            show("\t".join(["", unit["unit"], *times]))
    if not rows:
        say(words["no_incident"])


def _total_line(row: dict[str, Any], layers: Layers, lang: str, least: int) -> str:
    from gis.profiles import load
    from planner.results_incident import clock_text, kind_title

    words = load("duty")[lang]
    villages = layers["villages"]
    names = dict(zip(villages["code"].tolist(), villages["name"].tolist(), strict=True))
    told = row["mean_s"] is not None
    return str(
        words["totals" if told else "few"].format(
            month=row["month"],
            village=names.get(row["village"], row["village"]) or words["outside"],
            kind=kind_title(row["kind"], "zh" if lang == "zh" else "en"),
            incidents=row["incidents"],
            arrived=row["arrived"],
            within=row["within_tier"],
            mean=clock_text(row["mean_s"]) if told else "",
            least=least,
        )
    )
