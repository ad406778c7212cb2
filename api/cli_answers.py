"""Commands that answer: coverage, response, targets, rectification."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_terms import (
    JsonOption,
    LangOption,
    WorkspaceOption,
    progress_bar,
    say,
    show,
    show_json,
    the_workspace,
)

if TYPE_CHECKING:
    from api.kept import Kept
    from planner.answer import Answer, Kind

MADE_UP = "示例数据 (made-up data)"
NOT_KEPT = "not kept: the maps go on showing {shown}"


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (coverage, response, targets, rectification):
        app.command()(command)


def coverage(
    *,
    at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day to answer for; else as the town stands."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="DATE|WORKSPACE",
            help="Tell what was gained and lost since a day, or compared with another workspace.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer what the cameras see, and where the gaps are."""
    if against is not None:
        _compare(against, at, workspace, as_json)
    elif at is None:
        answer_kind("coverage", workspace, as_json)
    else:
        _coverage_on(at, workspace, as_json)


def response(
    *,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT",
            help="Time of the week, such as 'Mon 20:00' or '周一 20:00'; else every unit counts.",
        ),
    ] = None,
    now: Annotated[
        bool,
        typer.Option(
            "--now", help="For this moment: units as the duty state has them, where they stand by."
        ),
    ] = False,
    level: Annotated[
        int | None, typer.Option(min=1, max=3, help="Level of duty; 3 is the everyday one.")
    ] = None,
    emergency: Annotated[bool, typer.Option("--emergency", help="Cars use blue lights.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer who can be at each place in 1, 3 and 5 minutes."""
    given = {"at": at, "level": level, "emergency": emergency or None}
    options = {name: value for name, value in given.items() if value is not None}
    if now and at is not None:
        msg = "say either --now or a moment"
        raise typer.BadParameter(msg, param_hint="--at")
    if options or now:
        _response_with(options, now, workspace, as_json)
    else:
        answer_kind("response", workspace, as_json)


def targets(
    *,
    profile: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            show_default="that of fengqiao.toml, else binhai-2019",
            help="Targets of the program by name, or a TOML file of your own.",
        ),
    ] = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer whether each target is met, and which places fail it."""
    answer = made("targets", workspace) if profile is None else _targets_of(profile, workspace)
    from planner.results_targets import Targets
    from planner.targets_text import lines

    assert isinstance(answer.result, Targets)
    _tell_lines(answer, lines(answer.result, lang), as_json)


def rectification(
    *,
    closed: Annotated[bool, typer.Option("--all", help="Tell what has been mended, too.")] = False,
    unit: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only what this unit must mend, to the last item."),
    ] = None,
    lang: LangOption = "zh",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer what must be mended, by whom and until when; what is mended closes by itself."""
    kept = made("rectification", workspace)
    from planner.rectification_text import lines
    from planner.results_rectification import Rectification

    assert isinstance(kept.result, Rectification)
    _tell_lines(kept, lines(kept.result, lang, closed=closed, unit=unit), as_json)


def answer_kind(
    kind: Kind, workspace: Path | None, as_json: bool, options: dict[str, Any] | None = None
) -> None:
    """Compute one answer, keep it, and show it."""
    _tell(made(kind, workspace, options), as_json)


def made(kind: Kind, workspace: Path | None, options: dict[str, Any] | None = None) -> Kept:
    """Compute one answer, keep it, and return it."""
    place = the_workspace(workspace)
    from api.answers import make_answers

    with place.open_store() as store, progress_bar() as tell:
        return make_answers(place, store, [kind], again=True, options=options, progress=tell)[kind]


def _response_with(
    options: dict[str, Any], now: bool, workspace: Path | None, as_json: bool
) -> None:
    """Answer for now, or another time of the week, level or way of driving; it is not kept."""
    place = the_workspace(workspace)
    from api.answers_once import response_of

    with place.open_store() as store, progress_bar() as tell:
        answer = response_of(place, store, options, now=now, progress=tell)
    say(NOT_KEPT.format(shown="the circles as the town's numbers have them"))
    _tell(answer, as_json)


def _targets_of(profile: str, workspace: Path | None) -> Answer:
    """Answer for another profile than the town's; it is not kept."""
    place = the_workspace(workspace)
    from api.answers_once import targets_of
    from api.town_targets import town_profile

    chosen = town_profile(place, profile)
    with place.open_store() as store, progress_bar() as tell:
        answer = targets_of(place, store, chosen, progress=tell)
    say(NOT_KEPT.format(shown=f"the targets of {place.targets} (fengqiao.toml)"))
    return answer


def _coverage_on(at: datetime, workspace: Path | None, as_json: bool) -> None:
    """Answer for one day."""
    place = the_workspace(workspace)
    from api.compared import coverage_of_day

    with place.open_store() as store, progress_bar() as tell:
        answer, kept = coverage_of_day(place, store, at.date(), progress=tell)
    if not kept:
        say(NOT_KEPT.format(shown="the town as it stands"))
    _tell(answer, as_json)


def _compare(against: str, at: datetime | None, workspace: Path | None, as_json: bool) -> None:
    """Answer what two coverages differ in, and keep it for the maps."""
    place = the_workspace(workspace)
    from api.compared import compare

    with place.open_store() as store, progress_bar() as tell:
        day = None if at is None else at.date()
        kept = compare(place, store, against, at=day, progress=tell)
    _tell(kept, as_json)


def _tell(answer: Kept | Answer, as_json: bool) -> None:
    """Show an answer: its document, or a few lines."""
    if as_json:
        for warning in answer.document["warnings"]:
            say(warning)
        show_json(answer.document)
    else:
        show(answer.summary())


def _tell_lines(answer: Kept | Answer, lines: list[str], as_json: bool) -> None:
    """Show an answer: its document, or its lines in the language asked for."""
    if as_json:
        _tell(answer, as_json)
        return
    head = [MADE_UP] if answer.document["made_up"] else []
    show("\n".join([*head, *lines, *answer.document["warnings"]]))
