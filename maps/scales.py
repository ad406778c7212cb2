"""Classes that cells are coloured by: limits, colours and words, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.profiles import load
from maps.style import style

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]

NEXT_TO_NOTHING = 1e-9


@dataclass(frozen=True)
class Scale:
    """Classes of a value, the lowest first.

    Parameters
    ----------
    name
        "seen", "cameras", "picture" or "change".
    limits
        What parts each class from the next, ascending.
    colours, opacities, hatched
        How each class is drawn.
    half
        True where a parent cell has the class that half of its ground reaches, False where it
        has the class of its mean.
    least
        Values closer to 0 than this are left out.
    upper
        True where a limit belongs to the class above it.
    """

    name: str
    limits: tuple[float, ...]
    colours: tuple[str, ...]
    opacities: tuple[float, ...]
    hatched: tuple[bool, ...]
    half: bool = False
    least: float = 0.0
    upper: bool = False

    def classes(self, values: npt.ArrayLike) -> Bytes:
        """Return the class of each value, 0 for the lowest; -1 where a value is unknown.

        Parameters
        ----------
        values
            (n,) values, NaN = unknown.

        Examples
        --------
        >>> scale("cameras").classes([0, 1, 2, 3, 9, float("nan")]).tolist()
        [0, 1, 2, 3, 3, -1]
        """
        numbers = np.asarray(values, float)
        found = np.searchsorted(self.limits, numbers, side="right" if self.upper else "left")
        return np.where(np.isnan(numbers), -1, found).astype(np.int8)

    def classes_of_parents(self, values: Floats, weight: Floats, parent: npt.NDArray[Any]) -> Bytes:
        """Return the class of each parent cell.

        Parameters
        ----------
        values, weight
            (n,) values and open ground of the cells.
        parent
            (n,) number of each cell's parent, 0..k-1.

        Examples
        --------
        >>> values, half = np.array([0.0, 3.0, 1.0]), np.array([1.0, 1.0, 2.0])
        >>> scale("cameras").classes_of_parents(values, half, np.array([0, 0, 0])).tolist()
        [1]
        """
        whole = np.bincount(parent, weight)
        if not self.half:
            return self.classes(np.bincount(parent, weight * values) / whole)
        reached = self.classes(values)
        found = np.zeros(len(whole), np.int8)
        for number in range(1, len(self.colours)):
            found += np.bincount(parent, weight * (reached >= number)) >= whole / 2
        return found


@cache
def scale(name: str, first_step: str = "") -> Scale:
    """Return the classes of a theme.

    Parameters
    ----------
    name
        "seen", "cameras", "picture" or "change".
    first_step
        Of "picture": the step of its ladder that counts as seen.

    Examples
    --------
    >>> scale("picture", "detect").limits
    (1e-09, 62.5, 125.0, 250.0)
    """
    table = style()[name]
    # Whatever is seen at all belongs to the first step.
    finer = tuple(picture_steps(first_step).values())[1:]
    limits = table.get("limits") or (NEXT_TO_NOTHING, *finer)
    chosen = np.linspace(0, len(table["colours"]) - 1, len(limits) + 1).round().astype(int)
    return Scale(
        name,
        tuple(limits),
        tuple(table["colours"][k] for k in chosen),
        tuple(table["opacities"][k] for k in chosen),
        tuple(table.get("hatched", [False] * len(chosen))),
        table.get("mean") == "half",
        table.get("least", 0.0),
        "limits" not in table,
    )


@cache
def picture_steps(first: str) -> Mapping[str, float]:
    """Return the steps of a picture's fineness that a map tells apart, with their pixels a metre.

    Parameters
    ----------
    first
        The step that counts as seen; finer ones of its ladder follow, as far as there are
        colours for them. The last stands for all that are finer still.

    Examples
    --------
    >>> list(picture_steps("observe"))
    ['observe', 'recognise', 'identify', 'inspect']
    """
    for ladder in load("optics")["ladders"].values():
        told = {name: about for name, about in ladder.items() if isinstance(about, dict)}
        steps = {name: float(about["px_per_m"]) for name, about in told.items()}
        if first in steps:
            fine = sorted((px, name) for name, px in steps.items() if px >= steps[first])
            many = len(style()["picture"]["colours"]) - 1
            return MappingProxyType({name: px for px, name in fine[:many]})
    return MappingProxyType({})
