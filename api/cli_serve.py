"""The command that serves pages: serve."""

from __future__ import annotations

import contextlib
import socket
from typing import Annotated

import typer

from api.cli_terms import WorkspaceOption, say
from gis.errors import ParameterError


def add_to(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(serve)


def serve(
    *,
    host: Annotated[
        str | None,
        typer.Option(show_default="127.0.0.1", help="Address to listen on."),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, show_default="8000", help="0 takes any free one."),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the pages, tiles and answers of a workspace until Ctrl-C."""
    import logging

    from api.settings import load_settings
    from api.workspace import open_workspace

    settings = load_settings(workspace=workspace, host=host, port=port)
    open_workspace(settings.workspace)  # says what is wrong before anything heavy is loaded
    import uvicorn

    from api.app import create_app

    logging.basicConfig(level=settings.log_level.upper())
    with listen(settings.host, settings.port) as listener:
        app = create_app(settings)
        config = uvicorn.Config(
            app, http="httptools", loop="auto", log_level=settings.log_level, server_header=False
        )
        say(f"http://{_address(listener)} (Ctrl-C ends)")
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises
    ------
    ParameterError
        If the port is taken or the address is not of this machine; the message names the option.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        msg = f"cannot listen on {host}: {error.strerror}: name another address with --host"
        raise ParameterError(msg) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()  # whoever reads the address below may call at once
    except OSError as error:
        listener.close()
        msg = f"cannot listen on {host}:{port}: {error.strerror}: name another with --port"
        raise ParameterError(msg) from error
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
