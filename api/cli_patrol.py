"""The commands of patrols: tonight's routes, cards for phones, sheets, files for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli_answers import answer_kind
from api.cli_terms import (
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

if TYPE_CHECKING:
    from api.workspace import Workspace
    from gis.layers import Layers
    from gis.store import Store

DateOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="The evening; else the one planned last."),
]
TeamOption = Annotated[
    str | None, typer.Option(metavar="CODE", help="Only this team; else all that go out.")
]
FolderOption = Annotated[
    Path, typer.Option("-o", "--output", metavar="DIR", help="Folder to write to.")
]
UrlOption = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Address of the folder of cards, for the QR code of a sheet."),
]
Format = Literal["gpx", "kml", "geojson", "ics", "all"]

group = typer.Typer(no_args_is_help=False)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(group, name="patrol")


@group.callback(invoke_without_command=True)
def patrol(
    context: typer.Context,
    *,
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The evening; else today's.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**31 - 1, help="Where the search begins.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="How long to search.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer which way each team walks tonight; or give it out: publish, sheets, export."""
    options = _options(date, seed, seconds)
    if context.invoked_subcommand is None:
        answer_kind("patrol", workspace, as_json, options)
        return
    if seed is not None or seconds is not None or date is not None or as_json:
        msg = f"give --date, --json and the like behind {context.invoked_subcommand}"
        raise typer.BadParameter(msg)
    context.obj = workspace


@group.command()
def publish(
    context: typer.Context,
    *,
    output: FolderOption,
    call: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=NUMBER", help="Whom to call beside the police; repeatable."),
    ] = None,
    date: DateOption = None,
    team: TeamOption = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write one card a team: a page that needs no network, and a tall picture."""
    calls = [_call(text) for text in call or ()]
    place = the_workspace(workspace or context.obj)
    from maps.patrol_card import team_cards
    from maps.route_files import file_stem

    with place.open_store() as store:
        layers, document = place.layers(store), _document(place, store, date)
        cards = team_cards(document, lang, team)
        _keep(store, document)
    output.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    with progress_bar() as tell:
        for done, card in enumerate(cards):
            tell(card.code, done, len(cards))
            written += _write_card(output / file_stem(card), card, layers, calls)
        tell("done", len(cards), len(cards))
    _tell("patrol-cards", layers, document, written, as_json)


@group.command()
def sheets(
    context: typer.Context,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.pdf", help="Where to.")],
    url: UrlOption = None,
    date: DateOption = None,
    team: TeamOption = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write one A4 sheet a team as a PDF: map, stops with times, the way, boxes to tick."""
    place = the_workspace(workspace or context.obj)
    from maps.patrol_card import team_cards
    from maps.patrol_sheet import write_sheets

    with place.open_store() as store:
        layers, document = place.layers(store), _document(place, store, date)
        cards = team_cards(document, lang, team)
        _keep(store, document)
    if cards:
        write_sheets(output, cards, layers, url=url)
    _tell("patrol-sheets", layers, document, [output] if cards else [], as_json)


@group.command()
def export(
    context: typer.Context,
    *,
    output: FolderOption,
    form: Annotated[Format, typer.Option("--format", help="Which files.")] = "all",
    datum: Annotated[
        Literal["wgs84", "gcj02", "bd09"],
        typer.Option(help="gcj02 or bd09 for Chinese map apps that take files as their own."),
    ] = "wgs84",
    date: DateOption = None,
    team: TeamOption = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write each team's route for other programs: GPX, KML, GeoJSON, iCalendar."""
    place = the_workspace(workspace or context.obj)
    from maps.patrol_card import team_cards
    from maps.route_files import FORMATS, write_routes

    with place.open_store() as store:
        layers, document = place.layers(store), _document(place, store, date)
    cards = team_cards(document, lang, team)
    wanted = list(FORMATS) if form == "all" else [form]
    written = write_routes(output, cards, wanted, datum)
    _tell("patrol-export", layers, document, written, as_json)


def _options(date: datetime | None, seed: int | None, seconds: float | None) -> dict[str, Any]:
    """Return the numbers of the plan to change for this time."""
    day = None if date is None else date.date()
    given = {"date": day, "seed": seed, "seconds": seconds}
    options: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if seconds is not None:
        options["iterations"] = None  # as long as was asked for, not as many steps as usual
    return options


def _document(place: Workspace, store: Store, date: datetime | None) -> Mapping[str, Any]:
    """Return the plan of an evening: as given out, else as planned last, else planned now."""
    from api.answers import make_answers
    from api.given_plans import known_plan
    from api.kept import aged, find_answer

    kept = find_answer(store, "patrol")
    if date is not None:
        known = known_plan(store, date.date())
    else:
        known = None if kept is None else kept.document
    if kept is not None and known == kept.document:
        for warning in aged(kept, store.revision):
            say(warning)
    if known is not None:
        return known
    with progress_bar() as tell:
        options = _options(date, None, None)
        made = make_answers(place, store, ["patrol"], again=True, options=options, progress=tell)
    return made["patrol"].document


def _keep(store: Store, document: Mapping[str, Any]) -> None:
    """Keep the plan as the one that was given out, so that check-ins are read against it."""
    from api.given_plans import give_out

    if give_out(store, document):
        say(f"another plan of {document['date']} was given out before: its cards are void")


def _write_card(stem: Path, card: Any, layers: Layers, calls: list[tuple[str, str]]) -> list[Path]:
    """Write the page and the picture of one team."""
    from maps.patrol_card_ground import ground_of
    from maps.patrol_card_page import card_page
    from maps.patrol_card_picture import ASPECT, card_picture

    page, picture = stem.with_name(f"{stem.name}.html"), stem.with_name(f"{stem.name}.png")
    page.write_text(card_page(card, ground_of(card, layers), calls=calls), encoding="utf-8")
    picture.write_bytes(card_picture(card, ground_of(card, layers, aspect=ASPECT)))
    return [page, picture]


def _call(text: str) -> tuple[str, str]:
    name, _, number = text.partition("=")
    if not name.strip() or not any(sign.isdigit() for sign in number):
        msg = f"{text!r} is not NAME=NUMBER"
        raise typer.BadParameter(msg, param_hint="--call")
    return name.strip(), "".join(sign for sign in number if sign.isdigit() or sign in "+-")


def _tell(
    kind: str, layers: Layers, document: Mapping[str, Any], written: list[Path], as_json: bool
) -> None:
    """Show which files were written."""
    if as_json:
        head = document_head(kind, layers, params={"date": document["date"]})
        show_json({**head, "date": document["date"], "files": [str(path) for path in written]})
        return
    for path in written:
        show(str(path))
    if not written:
        say(f"nobody goes out on {document['date']}: nothing was written")
