"""Options and ways of speaking that all commands share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from gis.errors import FengqiaoError

if TYPE_CHECKING:
    from api.workspace import Workspace
    from gis.layers import Layers

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "-w",
        "--workspace",
        metavar="DIR",
        show_default="FENGQIAO_WORKSPACE, else the current folder",
        help="Folder with fengqiao.toml.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Write one JSON document to standard output.")
]

LangOption = Annotated[Literal["zh", "en"], typer.Option(help="Language of what is written.")]


class ErrorsToExit(TyperGroup):
    """A group of commands in which an error ends the program with its message and status 1."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except FengqiaoError as error:
            say(str(error))
        except BrokenPipeError:
            raise
        except OSError as error:
            say(f"{error.filename or 'the system'}: {error.strerror or error}")
        raise typer.Exit(1)


def say_made_up(layers: Layers) -> None:
    """Say so if the town is made up."""
    from gis.made_up import MARK

    if layers.made_up:
        say(MARK)


def clock_text(moment: str) -> str:
    """Return a time of a document as people read it.

    Examples
    --------
    >>> clock_text("2026-11-26T22:00:00+08:00")
    '2026-11-26 22:00'
    """
    return moment[:16].replace("T", " ")


def the_workspace(folder: Path | None) -> Workspace:
    """Return the workspace that was named, else the one of the settings."""
    from api.workspace import open_workspace

    return open_workspace(the_folder(folder))


def the_folder(folder: Path | None) -> Path:
    """Return the folder that was named, else the one of the settings."""
    from api.settings import load_settings

    return folder or load_settings().workspace


def the_town_if_any(folder: Path | None) -> Layers | None:
    """Return the layers of the workspace that was named or found, or None; none is needed."""
    from api.workspace import CONFIG, open_workspace

    place = the_folder(folder)
    if folder is None and not (place / CONFIG).is_file():
        return None
    opened = open_workspace(place)
    with opened.open_store() as store:
        return opened.layers(store)


def document_head(
    kind: str, town: Layers | None, *, params: Mapping[str, Any], warnings: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what every JSON document begins with.

    Parameters
    ----------
    kind
        "find", "check" and so on.
    town
        What it is about; None where there is no workspace.
    params
        What was asked for.
    warnings
        What the reader must know.
    """
    return {
        "schema": f"fengqiao.{kind}/1",
        "town": None if town is None else town.town,
        "made_up": None if town is None else town.made_up,
        "revision": None if town is None else town.revision,
        "params": dict(params),
        "assumed": [],
        "warnings": list(warnings),
    }


def say(message: str) -> None:
    """Write a message for people to standard error."""
    typer.echo(message, err=True)


def show(text: str) -> None:
    """Write a result for people to standard output."""
    typer.echo(text)


def show_json(document: Mapping[str, Any]) -> None:
    """Write one JSON document to standard output, in UTF-8 whatever the terminal speaks."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
    typer.echo(f"{text}\n".encode(), nl=False)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar on standard error; call what it gives with step, done and number of steps."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:  # a log wants lines
        yield lambda step, done, steps: say(step) if done < steps else None
        return
    columns = (TextColumn("{task.description:<10}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("start", total=None)
        yield lambda step, done, steps: bar.update(
            task, description=step, completed=max(done, steps == 0), total=max(steps, 1)
        )
