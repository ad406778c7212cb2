"""The command that serves pages: serve."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from api.cli_terms import WorkspaceOption, say


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(serve)


def serve(
    *,
    host: Annotated[
        str | None,
        typer.Option(
            show_default="127.0.0.1",
            help="Address to listen on; others than this machine need an account.",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, show_default="8000", help="0 takes any free one."),
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificate, with what it was signed by.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its key, without a password.")
    ] = None,
    trusted_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="A name that the server is called by; may be given several times."
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, show_default="1", help="Processes that answer.")
    ] = None,
    proxy: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Address of a server in front of this one, which says for whom it asks.",
        ),
    ] = None,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Do long work, in a process beside.")
    ] = True,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the pages, tiles and answers of a workspace until Ctrl-C."""
    from api.settings import load_settings
    from api.workspace import open_workspace

    settings = load_settings(
        workspace=workspace, host=host, port=port, tls_cert=tls_cert, tls_key=tls_key,
        trusted_hosts=trusted_host or None, workers=workers, proxy=proxy,
    )  # fmt: skip
    place = open_workspace(settings.workspace)  # says what is wrong before anything heavy is loaded
    from api.serving import address, check_open, check_tls, listen, run, to_serve, unencrypted
    from api.worker_child import kept_running, worker_command

    check_tls(settings)
    check_open(settings, place)
    with listen(settings.host, settings.port) as listener:
        app = to_serve(settings)
        scheme = "http" if settings.tls_cert is None else "https"
        say(f"{scheme}://{address(listener)} (Ctrl-C ends)")
        if unencrypted(settings):
            say("passwords travel as they are: --tls-cert FILE --tls-key FILE encrypts them")
        with kept_running(worker_command(settings.workspace)) if worker else nullcontext():
            run(app, settings, listener)
