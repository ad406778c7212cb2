"""Which role a request needs: the table `data/profiles/roles.toml`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Literal, get_args

from starlette.routing import compile_path

from gis import profiles
from gis.errors import ParameterError

Role = Literal["public", "viewer", "commander", "planner", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
# Roles that somebody can have.
HELD = ROLES[1:]
# What the audit log calls what was done; "" = not noted.
Action = Literal["", "login", "login_failed", "logout", "change", "export", "link", "user"]
BELOW = "/**"
# What a request brings that is no file.
MOST_BYTES = 1_048_576


@dataclass(frozen=True)
class Rule:
    """A row of the table.

    Parameters
    ----------
    path
        As a route writes it; one that ends in /** means all below it, too.
    methods
        Those it is for; HEAD is asked for as GET.
    role
        The least role that may.
    action
        What the audit log calls such a request where it succeeds: "" = it is not noted, or the
        route does it. None = "change" where it changes something.
    most_bytes
        How much such a request may bring.
    """

    path: str
    methods: tuple[str, ...]
    role: Role
    action: Action | None = None
    most_bytes: int = MOST_BYTES
    pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # As the router reads it, so that both say the same of a path.
        pattern, _, _ = compile_path(self.path.removesuffix(BELOW) or "/")
        if self.path.endswith(BELOW):
            pattern = re.compile(pattern.pattern.removesuffix("$") + "(/.*)?$", re.DOTALL)
        object.__setattr__(self, "pattern", pattern)

    def fits(self, method: str, path: str) -> bool:
        """Return whether this rule is for a request."""
        return method in self.methods and self.pattern.match(path) is not None


def allows(has: Role, needs: Role) -> bool:
    """Return whether who has a role may do what another one may.

    Examples
    --------
    >>> allows("planner", "commander"), allows("viewer", "commander")
    (True, False)
    """
    return ROLES.index(has) >= ROLES.index(needs)


def role_of(name: str) -> Role:
    """Return the role of this name.

    Raises
    ------
    ParameterError
        If nobody can have such a role.
    """
    found = next((role for role in HELD if role == name), None)
    if found is None:
        msg = f"no role {name!r}; there are: {', '.join(HELD)}"
        raise ParameterError(msg)
    return found


@lru_cache(4096)
def rule_of(method: str, path: str) -> Rule | None:
    """Return the rule for a request, None where the table has none.

    Parameters
    ----------
    method
        Such as "POST"; HEAD is what GET is.
    path
        As it was asked for, decoded, without query.

    Examples
    --------
    >>> rule_of("POST", "/duty/car-1").role
    'commander'
    """
    method = "GET" if method == "HEAD" else method
    return next((rule for rule in rules() if rule.fits(method, path)), None)


@cache
def rules() -> tuple[Rule, ...]:
    """Return the table, in its order."""
    return read_rules(profiles.load("roles")["rules"])


def read_rules(rows: Iterable[dict[str, Any]]) -> tuple[Rule, ...]:
    """Return the rows of a table as rules.

    Raises
    ------
    ParameterError
        If rows name roles that there are not, or say what no rule has; all of them are named.
    """
    known = {"path", "methods", "role", "action", "most_bytes"}
    faults, found = [], []
    for row in rows:
        name = row.get("path", "a rule without path")
        faults += [f"{name}: no word {key!r}" for key in row if key not in known]
        if "path" not in row or row.get("role") not in ROLES:
            faults.append(f"{name}: its role is none of {', '.join(ROLES)}")
        elif row.get("action") not in (None, *get_args(Action)):
            faults.append(f"{name}: its action is none of {', '.join(get_args(Action)[1:])}")
        else:
            found.append(
                Rule(
                    row["path"],
                    tuple(row.get("methods", ["GET"])),
                    row["role"],
                    row.get("action"),
                    row.get("most_bytes", MOST_BYTES),
                )
            )
    if faults:
        msg = f"the table of roles: {'; '.join(faults)}"
        raise ParameterError(msg)
    return tuple(found)
