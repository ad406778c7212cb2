"""Commands on many nights: roster, checkins."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli_terms import (
    ErrorsToExit,
    JsonOption,
    LangOption,
    WorkspaceOption,
    document_head,
    progress_bar,
    say,
    show,
    show_json,
    the_workspace,
)

SheetOption = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE.xlsx", help="Write it as a workbook, too."),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    roster = typer.Typer(
        cls=ErrorsToExit, no_args_is_help=True, help="Nights to come, and months of teams."
    )
    roster.command("plan")(roster_plan)
    roster.command("month")(roster_month)
    app.add_typer(roster, name="roster")
    app.command("checkins")(checkins)


def roster_plan(
    *,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="The first night; else tonight."),
    ] = None,
    nights: Annotated[int | None, typer.Option(min=1, max=92, help="How many nights.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="Where chance begins.")
    ] = None,
    output: SheetOption = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Plan many nights: fair, every stop in its turn, and hard to foresee; each night is kept."""
    place = the_workspace(workspace)
    from api.duty import town_time
    from api.roster import make_roster

    day = town_time(place).date() if first is None else first.date()
    with place.open_store() as store, progress_bar() as tell:
        kept = make_roster(place, store, first=day, nights=nights, seed=seed, progress=tell)
    if output is not None:
        from maps.roster_sheet import write_roster

        write_roster(kept.document, output, lang=lang)
        say(f"wrote {output}")
    if as_json:
        show_json(kept.document)
    else:
        show(kept.summary())


def roster_month(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="Such as 2026-11.")],
    *,
    output: SheetOption = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell each team's month in totals: nights, people, hours, km; no names."""
    place = the_workspace(workspace)
    from api.roster import month_named, month_of
    from planner.results import records

    with place.open_store() as store:
        layers = place.layers(store)
        sheet = month_of(store, month_named(month)).reset_index()
    names = dict(zip(layers["teams"]["code"], layers["teams"]["name"], strict=True))
    sheet.insert(1, "name", sheet["team"].map(names))
    document = document_head("roster_month", layers, params={"month": month})
    document["teams"] = records(sheet, list(sheet.columns))
    if output is not None:
        from maps.roster_sheet import write_month

        write_month(document, output, lang=lang)
        say(f"wrote {output}")
    if as_json:
        show_json(document)
        return
    for row in document["teams"]:
        show(
            f"{row['name'] or row['team']}: {row['nights']:.0f} nights, {row['headcount']:.0f} "
            f"people in all, {row['hours']:.1f} h, {row['km']:.1f} km; {row['kept']:.0f} kept, "
            f"{row['late']:.0f} late, {row['missed']:.0f} missed, {row['extra']:.0f} extra"
        )
    if not document["teams"]:
        show(f"nothing came back of {month}")


def checkins(
    given: Annotated[
        list[str],
        typer.Argument(metavar="CODE|FILE...", help="Codes that teams read out, or their files."),
    ],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take what teams' cards say of a night, and compare it with the plan."""
    place = the_workspace(workspace)
    from api.duty import town_time
    from api.roster import take_checkins

    with place.open_store() as store:
        layers = place.layers(store)
        came = take_checkins(place, store, given, today=town_time(place).date())
    if not as_json:
        show("\n".join(one.summary() for one in came))
        return
    document = document_head("checkins", layers, params={"given": list(given)})
    document["teams"] = [
        {
            "night": one.night.isoformat(),
            "team": one.team,
            **one.compared.counts(),
            "stops": [{"code": row.stop, "status": row.status} for row in one.compared.rows],
        }
        for one in came
    ]
    show_json(document)
