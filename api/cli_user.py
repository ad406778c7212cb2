"""Commands on who may do what: user."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli_terms import (
    ErrorsToExit,
    JsonOption,
    WorkspaceOption,
    document_head,
    say,
    show,
    show_json,
    the_workspace,
)
from gis.errors import FileMissingError, ParameterError

if TYPE_CHECKING:
    from gis.store import Store

# Whom the audit log names where the command did something.
COMMAND = "command"
Role = Literal["viewer", "commander", "planner", "admin"]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
PasswordOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="File whose first line is the password; - reads standard input."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the application."""
    user = typer.Typer(
        cls=ErrorsToExit, no_args_is_help=True, help="Who may log in to the server, and do what."
    )
    user.command("add")(user_add)
    user.command("list")(user_list)
    user.command("role")(user_role)
    user.command("password")(user_password)
    user.command("disable")(user_disable)
    user.command("enable")(user_enable)
    user.command("sessions")(user_sessions)
    user.command("audit")(user_audit)
    app.add_typer(user, name="user")


def user_add(
    name: NameArgument,
    *,
    role: Annotated[Role, typer.Option(help="Each may do what those before it may.")] = "viewer",
    password_file: PasswordOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Make an account; the first one must be an administrator. Its password is asked for."""
    from api.auth_passwords import account_name, check_account, hash_password
    from gis.store_users import add_user, any_user

    name = account_name(name)
    with _store(workspace) as store:
        check_account(name, None)
        if role != "admin" and not any_user(store):
            command = f"fengqiao user add {name} --role admin"
            msg = f"the first account must be an administrator: `{command}`"
            raise ParameterError(msg)
        password = _password(password_file)
        check_account(name, password)
        made = add_user(store, name, role, hash_password(password))
        _note(store, did="add", user=name, role=role)
    show(made.summary())


def user_list(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the accounts."""
    from gis.store_users import users_list

    place = the_workspace(workspace)
    with place.open_store() as store:
        users = users_list(store)
        layers = place.layers(store) if as_json else None
    if as_json:
        rows = [
            {
                "name": user.name,
                "role": user.role,
                "disabled": user.disabled,
                "made_at": user.made_at.isoformat(),
                "changed_at": user.changed_at.isoformat(),
            }
            for user in users
        ]
        show_json({**document_head("users", layers, params={}), "users": rows})
        return
    for user in users:
        show(user.summary())
    if not users:
        say("no account yet: the server answers this machine alone, and asks nobody who they are")


def user_role(
    name: NameArgument,
    role: Annotated[Role, typer.Argument(metavar="viewer|commander|planner|admin")],
    *,
    workspace: WorkspaceOption = None,
) -> None:
    """Let an account do more, or less; who is logged in goes on with the new role."""
    _change(workspace, name, did="role", role=role)


def user_password(
    name: NameArgument,
    *,
    password_file: PasswordOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Set another password; whoever is logged in with this account has to log in again."""
    from api.auth_passwords import check_account, hash_password

    password = _password(password_file)
    check_account(name, password)
    _change(workspace, name, did="password", password=hash_password(password))


def user_disable(name: NameArgument, *, workspace: WorkspaceOption = None) -> None:
    """Let nobody log in with an account any more, and end its sessions."""
    _change(workspace, name, did="disable", disabled=True)


def user_enable(name: NameArgument, *, workspace: WorkspaceOption = None) -> None:
    """Let an account that was disabled log in again."""
    _change(workspace, name, did="enable", disabled=False)


def user_sessions(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", show_default="all")] = None,
    *,
    end: Annotated[bool, typer.Option("--end", help="End them.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List who is logged in, or end the sessions of one account or of all."""
    from gis.store_sessions import end_sessions, sessions_list

    with _store(workspace) as store:
        if end:
            ended = end_sessions(store, name)
            _note(store, did="end sessions", user=name or "all", sessions=ended)
            say(f"{ended} session{'s' if ended != 1 else ''} ended")
            return
        for session in sessions_list(store, name):
            show(session.summary())


def user_audit(
    *,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="How many rows.")] = 50,
    who: Annotated[str | None, typer.Option(metavar="NAME", help="Only of one account.")] = None,
    action: Annotated[
        Literal["login", "login_failed", "logout", "change", "export", "link", "user"] | None,
        typer.Option(help="Only of one kind."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List who changed, exported or gave out what, the last first; kept for 180 days."""
    from gis.store_audit import audit_rows

    place = the_workspace(workspace)
    with place.open_store() as store:
        rows = audit_rows(store, most=most, who=who, action=action)
        layers = place.layers(store) if as_json else None
    if as_json:
        params = {"most": most, "who": who, "action": action}
        told = [
            {"at": r.at.isoformat(), "who": r.who, "action": r.action, "detail": dict(r.detail)}
            for r in rows
        ]
        show_json({**document_head("audit", layers, params=params), "rows": told})
        return
    for row in rows:
        show(row.summary())


def _change(workspace: Path | None, name: str, *, did: str, **changes: Any) -> None:
    """Change an account, write that down, and show it as it is now."""
    from gis.store_users import change_user

    with _store(workspace) as store:
        after = change_user(store, name, **changes)
        more = {"role": after.role} if did == "role" else {}
        _note(store, did=did, user=name, **more)
    show(after.summary())


@contextmanager
def _store(workspace: Path | None) -> Iterator[Store]:
    with the_workspace(workspace).open_store() as store:
        yield store


def _note(store: Store, **detail: Any) -> None:
    from gis.store_audit import add_audit

    add_audit(store, COMMAND, "user", detail)


def _password(file: Path | None) -> str:
    """Return the password that is typed or read, without the end of its line."""
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        msg = f"{file}: there is no such file"
        raise FileMissingError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{file}: the password must be text in UTF-8"
        raise ParameterError(msg) from error
    return text.split("\n", 1)[0].rstrip("\r")
