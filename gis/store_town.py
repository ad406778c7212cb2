"""What holds for the town as a whole: its name, its extent, whom to name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

import shapely
from shapely import MultiPolygon, Polygon
from sqlalchemy import Connection, delete, insert, select

from gis import store_tables as tables

Extent = Polygon | MultiPolygon


@dataclass(frozen=True)
class Town:
    """A town without its layers.

    Parameters
    ----------
    name
        Name, as pages show it; empty if none was given yet.
    made_up
        True if any of its data are made up.
    extent
        Area that the files cover, EPSG:4326, or None.
    attribution
        Whom the maps must name, for the town and for every layer it has now.
    """

    name: str = ""
    made_up: bool = False
    extent: Extent | None = field(default=None, repr=False)
    attribution: tuple[str, ...] = ()

    def summary(self) -> str:
        """Return one line: the name, and whether the data are made up."""
        return f"{self.name or 'a town without a name'}{' (made-up data)' if self.made_up else ''}"


def read_town(connection: Connection) -> Town:
    """Return the town as the connection sees it."""
    known = read_values(connection)
    extent = known.get("extent")
    by_layer = connection.execute(select(tables.layers.c.attribution)).scalars()
    return Town(
        name=known.get("name", ""),
        made_up=known.get("made_up", False),
        extent=None if extent is None else cast("Extent", shapely.from_wkb(extent)),
        attribution=each_once(known.get("attribution", ()), *by_layer),
    )


def read_values(connection: Connection) -> dict[str, Any]:
    """Return the rows of the table `town`, by key."""
    query = select(tables.town.c.key, tables.town.c.value)
    return {row.key: row.value for row in connection.execute(query)}


def write_values(connection: Connection, values: dict[str, Any]) -> None:
    """Replace the rows of the table `town` that have these keys."""
    if values:
        connection.execute(delete(tables.town).where(tables.town.c.key.in_(values)))
        rows = [{"key": key, "value": value} for key, value in values.items()]
        connection.execute(insert(tables.town), rows)


def extent_value(extent: Extent) -> str:
    """Return an area as the table `town` keeps it."""
    return shapely.to_wkb(extent, hex=True)


def each_once(*groups: Iterable[str] | str) -> tuple[str, ...]:
    """Return the texts of all groups in order, each once; a lone text counts as a group of one.

    Examples
    --------
    >>> each_once(["b", "a"], "c", ("a",))
    ('b', 'a', 'c')
    """
    lists = ([group] if isinstance(group, str) else group for group in groups)
    return tuple(dict.fromkeys(text for texts in lists for text in texts))
