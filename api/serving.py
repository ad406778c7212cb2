"""Serving a workspace: what is checked before, the socket, the processes."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from api.same_site import is_loopback
from api.settings import Settings
from api.workspace import Workspace
from gis.errors import FileMissingError, FormatError, ParameterError

if TYPE_CHECKING:
    from fastapi import FastAPI

# A process that answers nothing for so long is begun anew.
HUNG_S = 20


def check_tls(settings: Settings) -> None:
    """Raise unless the certificate and its key can be used, where there are any.

    Raises
    ------
    FileMissingError
        If one cannot be read.
    FormatError
        If they are not what they should be, or do not belong together.
    """
    if settings.tls_cert is None or settings.tls_key is None:
        return
    for path in (settings.tls_cert, settings.tls_key):
        try:
            path.read_bytes()
        except OSError as error:
            msg = f"{path} cannot be read: {error.strerror}"
            raise FileMissingError(msg) from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password=lambda: "")
    except (ssl.SSLError, ValueError) as error:
        msg = (
            f"{settings.tls_cert} and {settings.tls_key} are not a certificate in PEM form and its "
            f"key without a password: {getattr(error, 'reason', None) or error}"
        )
        raise FormatError(msg) from error


def check_open(settings: Settings, place: Workspace) -> None:
    """Raise if other machines could ask a server that has no administrator.

    Raises
    ------
    ParameterError
        With the command that makes one.
    """
    if is_loopback(settings.host) and not settings.proxy:
        return
    from gis.store_users import has_admin

    with place.open_store() as store:
        if has_admin(store):
            return
    asked = settings.proxy or settings.host
    msg = (
        f"{asked}: other machines can ask this server, and nobody could log in: make an "
        "administrator first with `fengqiao user add NAME --role admin`"
    )
    raise ParameterError(msg)


def unencrypted(settings: Settings) -> bool:
    """Return whether what other machines send can be read on its way."""
    return settings.tls_cert is None and not is_loopback(settings.host) and not settings.proxy


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
        listener.listen()  # whoever reads the address may call at once
    except OSError as error:
        listener.close()
        msg = f"cannot listen on {host}:{port}: {error.strerror}: name another with --port"
        raise ParameterError(msg) from error
    return listener


def address(listener: socket.socket) -> str:
    """Return what a socket listens on, as a browser takes it."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def to_serve(settings: Settings) -> FastAPI | Callable[[], FastAPI]:
    """Return the application, or what makes it in each of several processes."""
    return _made(settings) if settings.workers == 1 else partial(_made, settings)


def run(app: FastAPI | Callable[[], FastAPI], settings: Settings, listener: socket.socket) -> None:
    """Answer until Ctrl-C, by one process or by several that share the socket.

    Parameters
    ----------
    app
        From `to_serve`.
    settings
        Checked by the functions above.
    listener
        From `listen`.
    """
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    several = settings.workers > 1
    config = uvicorn.Config(
        app,
        factory=several,
        http="httptools",
        loop="auto",
        log_level=settings.log_level,
        server_header=False,
        proxy_headers=bool(settings.proxy),
        forwarded_allow_ips=settings.proxy or None,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        workers=settings.workers,
        timeout_worker_healthcheck=HUNG_S,
    )
    with contextlib.suppress(KeyboardInterrupt):
        if several:
            Multiprocess(config, sockets=[listener]).run()
        else:
            uvicorn.Server(config).run(sockets=[listener])


def _made(settings: Settings) -> FastAPI:
    from api.app import create_app

    logging.basicConfig(level=settings.log_level.upper())
    return create_app(settings)
