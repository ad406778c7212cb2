"""What wall screens show, in the store: the address that their operator looks at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, select

from gis.errors import NotFoundError, ParameterError
from gis.store import Store
from gis.store_engine import reading, writing
from gis.store_tables_users import displays

MOST_LETTERS = 2000
# Pages that a screen may show: the overview and those of its own that stand beside it.
SHOWN = re.compile(r"/(pages/[a-z]+)?")
NAME = re.compile(r"[A-Za-z0-9-]{1,40}")


@dataclass(frozen=True)
class Display:
    """A wall screen.

    Parameters
    ----------
    name
        What its address calls it.
    address
        Path, query and fragment of what it shows.
    changed_at
        When that was set, UTC.
    """

    name: str
    address: str
    changed_at: datetime

    def summary(self) -> str:
        """Return one line: name and address."""
        return f"{self.name}: {self.address}"


def show_on(store: Store, name: str, address: str, now: datetime) -> Display:
    """Keep what a screen shall show, in place of what it shows, and return it.

    Parameters
    ----------
    store
        The town's.
    name
        Of the screen.
    address
        Path of one of our own pages, with query and fragment, such as "/pages/duty?lang=zh#at=...".
    now
        When, with offset.

    Raises
    ------
    ParameterError
        If the name is none, or the address is not of a page that a screen may show.
    """
    faults = []
    if not NAME.fullmatch(name):
        faults.append("the name of a screen is made of letters, digits and -, at most 40")
    if not may_show(address):
        faults.append("a screen shows pages of this server only")
    if faults:
        raise ParameterError("; ".join(faults))
    made = Display(name, address, now.astimezone(UTC))
    values = {
        "name": name,
        "address": address,
        "changed_at": made.changed_at.isoformat(timespec="milliseconds"),
    }
    with writing(store.engine) as connection:
        connection.execute(delete(displays).where(displays.c.name == name))
        connection.execute(insert(displays).values(**values))
    return made


def display_of(store: Store, name: str) -> Display:
    """Return what a screen shows.

    Raises
    ------
    NotFoundError
        If nothing was ever shown on it.
    """
    with reading(store.engine) as connection:
        row = connection.execute(select(displays).where(displays.c.name == name)).first()
    if row is None:
        msg = f"nothing was shown on the screen {name} yet"
        raise NotFoundError(msg)
    return Display(row.name, row.address, datetime.fromisoformat(row.changed_at))


def may_show(address: str) -> bool:
    """Return whether an address is that of a page which a screen may show.

    Examples
    --------
    >>> may_show("/?lang=zh#at=14/30.1/120.7"), may_show("/pages/incident?lon=120.7&lat=30.1")
    (True, True)
    >>> may_show("//elsewhere.example/"), may_show("/jobs"), may_show("/pages/../users")
    (False, False, False)
    """
    if len(address) > MOST_LETTERS or not address.isprintable() or "\\" in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc and SHOWN.fullmatch(parts.path) is not None
