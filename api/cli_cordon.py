"""The command for the cordon: which exits can be sealed in time, by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli_terms import (
    JsonOption,
    LangOption,
    WorkspaceOption,
    progress_bar,
    say,
    say_made_up,
    show,
    show_json,
    the_workspace,
)

if TYPE_CHECKING:  # the command line starts without it
    from api.workspace import Workspace


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(cordon)


def cordon(
    *,
    lon: Annotated[float | None, typer.Option(show_default=False, help="Degrees.")] = None,
    lat: Annotated[float | None, typer.Option(show_default=False, help="Degrees.")] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="Such as foot-now, ebike-5, car-10.")
    ] = None,
    mode: Annotated[
        str | None, typer.Option(metavar="foot|ebike|car", help="How the runner moves.")
    ] = None,
    head_start_s: Annotated[
        float | None, typer.Option(help="How long the runner has moved already.")
    ] = None,
    horizon_s: Annotated[
        float | None, typer.Option(help="How far from now the ring is drawn.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="'Mon 20:00'", show_default="now", help="At another moment."),
    ] = None,
    cards: Annotated[bool, typer.Option("--cards", help="Tell each post what to do.")] = False,
    plans: Annotated[
        bool, typer.Option("--plans", help="Plan ahead: key sites, and all ways out of town.")
    ] = False,
    site: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Show the plans of a site; with --preset one of them."),
    ] = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer which junctions can be held before a runner is there, by whom, and what stays open."""
    place = the_workspace(workspace)
    if plans:
        _plan_ahead(place, at, lang, as_json=as_json)
        return
    if site is not None:
        _of_site(place, site, preset, lang, as_json=as_json)
        return
    if lon is None or lat is None:
        msg = "say where it happened with --lon and --lat, or ask for --plans or --site"
        raise typer.BadParameter(msg)
    from api.cordon import CordonKeeper, ask, cordon_base, moment_of, network_then, params_of
    from api.duty import town_time, with_units

    base = cordon_base(place.params())
    params = params_of(
        preset,
        mode=mode,
        head_start_s=head_start_s,
        horizon_s=horizon_s,
        base=base,
    )
    now = town_time(place)
    with place.open_store() as store:
        layers = place.layers(store)
        whole = with_units(layers)
        moment = moment_of(whole, store, now, at)
        streets = network_then(place, store, whole, moment, now)
    town = CordonKeeper().town(whole, streets, moment, base)
    say_made_up(layers)
    answer = ask(town, layers, params, (lon, lat), moment)
    from planner.cordon_cards import cards_of
    from planner.results_cordon import Cordon

    assert isinstance(answer.result, Cordon)
    posts = cards_of(town, answer.result) if cards else []
    if as_json:
        extra = {"cards": [card.document() for card in posts]} if cards else {}
        show_json({**answer.document, **extra})
        return
    show("\n\n".join([answer.result.summary(lang), *(card.text(lang) for card in posts)]))


def _plan_ahead(place: Workspace, at: str | None, lang: str, *, as_json: bool) -> None:
    """Plan ahead and keep the plans; everybody is on duty unless a moment is named."""
    from api.cordon_plans import make_plans
    from gis.made_up import MARK
    from planner.week import minute_of

    minute = None if at is None else minute_of(at)
    with place.open_store() as store, progress_bar() as tell:
        made = make_plans(place, store, minute=minute, progress=tell)
    if as_json:
        show_json(made.document)
        return
    if made.document["made_up"]:
        say(MARK)
    show(made.texts[lang])


def _of_site(place: Workspace, code: str, preset: str | None, lang: str, *, as_json: bool) -> None:
    """Show the plans of one site: those kept, else made now, which is said."""
    from api.cordon_plans import plans_of_site, site_document

    with place.open_store() as store:
        layers = place.layers(store)
        found = plans_of_site(place, store, layers, code)
    document = site_document(layers, code, found, preset)
    if as_json:
        show_json(document)
        return
    say_made_up(layers)
    if found[1] is None:
        say("No plan is kept for this site; worked out now with all units on duty.")
    lines = [plan["sentences"][lang] for plan in document["presets"].values()]
    show("\n\n".join("\n".join(each) for each in lines))
