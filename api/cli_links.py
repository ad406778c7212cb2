"""The commands of what teams carry: links of their leaders, hazards they report."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli_terms import (
    ErrorsToExit,
    JsonOption,
    LangOption,
    WorkspaceOption,
    document_head,
    show,
    show_json,
    the_workspace,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.links import TeamLink
    from gis.layers import Layers

NightOption = Annotated[
    datetime | None,
    typer.Option("--date", formats=["%Y-%m-%d"], help="The evening; else tonight's."),
]
UrlOption = Annotated[
    str,
    typer.Option(metavar="URL", help="Address of the server as phones see it, to put in front."),
]
# Who gives links out by the command: whoever sits at the machine.
LOCAL = "local"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    links = typer.Typer(
        cls=ErrorsToExit, no_args_is_help=True, help="Links that show one team its route."
    )
    links.command("make")(links_make)
    links.command("list")(links_listed)
    links.command("revoke")(links_revoke)
    app.add_typer(links, name="links")
    hazards = typer.Typer(
        cls=ErrorsToExit, no_args_is_help=True, help="What teams report from their way."
    )
    hazards.command("list")(hazards_listed)
    hazards.command("answer")(hazards_answer)
    app.add_typer(hazards, name="hazards")


def links_make(
    *,
    team: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only this team; else all that go out.")
    ] = None,
    date: NightOption = None,
    url: UrlOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a link for each team of a night; it works until two hours after the shift."""
    place = the_workspace(workspace)
    from api.audit import note
    from api.duty import town_time
    from api.given_plans import plan_of, teams_out
    from api.links import make_link

    night = town_time(place).date() if date is None else date.date()
    with place.open_store() as store:
        layers = place.layers(store)
        teams = team or teams_out(plan_of(store, night))
        made = [make_link(store, code, night, LOCAL) for code in teams]
        for one in made:
            note(store, LOCAL, "link", did="make", team=one.team, night=str(night), jti=one.jti)
    _tell_links(layers, made, url, as_json)


def links_listed(
    *,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only of this evening.")
    ] = None,
    url: UrlOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell which links there are, and which of them work."""
    place = the_workspace(workspace)
    from api.links import links_list

    with place.open_store() as store:
        layers = place.layers(store)
        found = links_list(store, None if date is None else date.date())
    _tell_links(layers, found, url, as_json)


def links_revoke(
    jti: Annotated[str, typer.Argument(metavar="ID", help="As `links list` shows it.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a link back: from now on it shows nothing."""
    place = the_workspace(workspace)
    from api.audit import note
    from api.links import revoke_link

    with place.open_store() as store:
        layers = place.layers(store)
        link = revoke_link(store, jti)
        note(store, LOCAL, "link", did="revoke", team=link.team, night=str(link.night), jti=jti)
    _tell_links(layers, [link], "", as_json)


def hazards_listed(
    *,
    state: Annotated[
        Literal["open", "mending", "done"] | None, typer.Option(help="Only those in this state.")
    ] = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what teams reported, the newest first."""
    place = the_workspace(workspace)
    from api.routes_links import hazard_document
    from gis.store_field import hazards_of
    from maps.panels_leader import hazard_state_word, hazard_word

    with place.open_store() as store:
        layers = place.layers(store)
        found = hazards_of(store, states=None if state is None else (state,))
    if as_json:
        head = document_head("hazards", layers, params={"state": state})
        show_json({**head, "hazards": [hazard_document(one) for one in found]})
        return
    for one in found:
        word, what = hazard_word(one.kind, lang), hazard_state_word(one.state, lang)
        place_text = f"{one.lon:.5f},{one.lat:.5f}"
        parts = [str(one.number), str(one.night), one.team, word, place_text, what, one.answer]
        show("  ".join(part for part in parts if part))


def hazards_answer(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="As `hazards list` shows it.")],
    state: Annotated[
        Literal["open", "mending", "done"], typer.Argument(help="What becomes of it.")
    ],
    *,
    say: Annotated[
        str | None, typer.Option(metavar="TEXT", help="One line that the team sees.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set what becomes of a hazard; its team sees it at the next look."""
    place = the_workspace(workspace)
    from datetime import UTC

    from api.routes_links import hazard_document
    from gis.store_field import answer_hazard

    with place.open_store() as store:
        layers = place.layers(store)
        done = answer_hazard(store, number, state, say, datetime.now(UTC))
    if as_json:
        head = document_head("hazards", layers, params={"number": number})
        show_json({**head, "hazards": [hazard_document(done)]})
    else:
        show(done.summary())


def _tell_links(layers: Layers, found: Sequence[TeamLink], url: str, as_json: bool) -> None:
    """Show links: the address of those that work, the state of the others."""
    from datetime import UTC

    now = datetime.now(UTC)
    if as_json:
        head = document_head("links", layers, params={})
        show_json({**head, "links": [link.document(now) for link in found]})
        return
    names = dict(zip(layers["teams"]["code"], layers["teams"]["name"], strict=True))
    for link in found:
        state = link.state(now)
        shown = f"{url.rstrip('/')}{link.url_path}" if state == "open" else state
        show(f"{link.night} {link.jti} {names.get(link.team) or link.team} {shown}")
