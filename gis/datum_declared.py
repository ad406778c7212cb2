"""What was declared of a file's coordinates against the coordinates: whether it can be at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.crs import NAMED_CRS, degrees_under
from gis.datum import SWAPPED, Declared, degrees_of, guess_projected, sampled
from gis.datum_ground import Box, ground_of
from gis.datum_kernels import CHINA, within
from gis.errors import CrsError
from gis.layers import Layers

# A file belongs to its town if some of it lies within some 100 km.
NEIGHBOURHOOD_DEG = 1.0
MOST = 0.5


def check_declared(
    source: str, said: Declared, x: npt.ArrayLike, y: npt.ArrayLike, town: Layers | None
) -> None:
    """Raise an error if coordinates cannot be what was declared of them.

    Degrees declared to be metres, metres declared to be degrees, axes that are exchanged, or a
    wrong zone, each would put a whole file into another part of the world.

    Parameters
    ----------
    source
        Name of the file, for the message.
    said
        What was declared, as `gis.datum.declared` returns it.
    x, y
        (n,) the two numbers of each point as the file has them; those that are not finite, or
        0 and 0, are passed over.
    town
        Where the points should be, roughly; None if that is not known.

    Raises
    ------
    CrsError
        If they cannot be; the message says what they may be instead.

    Examples
    --------
    >>> from gis.datum import declared
    >>> check_declared("a.csv", declared("EPSG:4549"), [120.7], [30.1], None)
    Traceback (most recent call last):
    gis.errors.CrsError: a.csv was declared to be EPSG:4549, which counts in metres, but its
    coordinates look like degrees (such as 120.7, 30.1): say --crs wgs84, cgcs2000, gcj02 or bd09
    >>> check_declared("a.csv", declared("wgs84"), [120.7], [30.1], None)
    """
    across, along = sampled(x, y)
    if not len(across):
        return
    ground = None if town is None else ground_of(town)
    box = None if ground is None else ground.box
    shown = f"such as {across[0]:.10g}, {along[0]:.10g}"
    head = f"{source} was declared to be {said.name}"
    degrees = np.maximum(np.abs(across), np.abs(along)) <= 180
    if said.crs.is_geographic and degrees.mean() < MOST:
        names = guess_projected(across, along, box) or guess_projected(across, along)
        told = "find out which projected system they are in, and say that with --crs"
        if names:
            told = f"they may be {' or '.join(names)}: if so, {_advice(names[0])}"
        msg = f"{head}, which counts in degrees, but its coordinates are none ({shown}): {told}"
        raise CrsError(msg)
    if said.crs.is_projected and degrees.mean() > MOST:
        msg = (
            f"{head}, which counts in metres, but its coordinates look like degrees ({shown}): "
            "say --crs wgs84, cgcs2000, gcj02 or bd09"
        )
        raise CrsError(msg)
    place, where = _expected(said, box)
    straight, swapped = (
        within(place, *degrees_of(said.crs, *pair)).mean()
        for pair in ((across, along), (along, across))
    )
    if straight < MOST < swapped:
        msg = (
            f"{source} has its axes exchanged ({shown}): as {said.name}, {straight:.0%} of its "
            f"points lie {where}, the other way round {swapped:.0%}. Exchange the two columns"
        )
        raise CrsError(msg)
    if straight == 0:
        names = guess_projected(across, along, box)
        told = f" They may be {' or '.join(names)}: if so, {_advice(names[0])}." if names else ""
        msg = f"{head}, but then none of its points lies {where} ({shown}).{told}"
        raise CrsError(msg)


def _advice(name: str) -> str:
    plain = name.removesuffix(SWAPPED)
    return f"{'exchange the two columns and ' if plain != name else ''}say --crs {plain}"


def _expected(said: Declared, box: Box | None) -> tuple[Box, str]:
    """Return a box in which points should lie, with room to spare, and what it is."""
    if box is not None:
        west, south, east, north = box
        edge = NEIGHBOURHOOD_DEG
        return (west - edge, south - edge, east + edge, north + edge), "within 100 km of the town"
    if said.shift or degrees_under(said.crs) == NAMED_CRS["cgcs2000"]:
        return CHINA, "in China"
    # The poles and the date line are on earth too.
    return (-181.0, -91.0, 181.0, 91.0), "on earth"
