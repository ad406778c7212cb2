"""Which cell lies where, for whole pictures: H3 cells as the plane lattice that they are.

H3 draws its cells as a lattice of regular hexagons on the faces of an icosahedron, and projects
those through the middle of the earth. So on one face the two numbers that count a cell's place in
the lattice are a projective function of the direction from the middle of the earth, and the cell
of a pixel is the nearest point of the lattice: some arithmetic for a picture as a whole, twenty
times as fast as asking the library pixel by pixel, and the same cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from typing import Any

import h3.api.numpy_int as h3
import h3ronpy
import numpy as np
import numpy.typing as npt

from gis import hexes
from gis.hexes import Cells

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]

# So many directions each way are looked at to learn a face's projection, in a box so many times as
# large as what is drawn.
SAMPLES = 25
AROUND = 3.0
LEAST_SAMPLES = 12
# The lattice is told exactly or not at all: by so much of a cell may a known centre be missed.
TOLERANCE = 1e-4
# Where cells lie far apart, a raster of all places between them is too large to be kept.
MOST_PLACES_PER_CELL = 40
ALWAYS_KEPT = 1_000_000


@dataclass(frozen=True, eq=False)
class Lattice:
    """Cells of one resolution by their place in the lattice.

    Parameters
    ----------
    faces
        (k, 3) unit vectors to the middles of the faces that the cells lie on.
    planes
        (k, 3, 3) for each face: direction to (i w, j w, w), with i and j the place in the lattice.
    low
        Smallest i and j.
    rows
        (i, j) position of the cell at each place, -1 where there is none.
    """

    faces: Floats = field(repr=False)
    planes: Floats = field(repr=False)
    low: tuple[int, int]
    rows: Rows = field(repr=False)

    def positions(self, lon: Floats, lat: Floats) -> Rows:
        """Return the position of the cell at each crossing of meridians and parallels.

        Parameters
        ----------
        lon, lat
            (n,) and (m,) degrees.

        Returns
        -------
        (m, n) positions of cells, -1 where there is none.
        """
        found = np.full((len(lat), len(lon)), -1, np.int32)
        face = self._nearest_face(lon, lat)
        for number in range(len(self.faces)):
            here = face == number
            if here.all():
                return self._on_face(number, lon, lat)
            if here.any():
                found[here] = self._on_face(number, lon, lat)[here]
        return found

    def _nearest_face(self, lon: Floats, lat: Floats) -> Any:
        return np.argmax(np.stack([_along(face, lon, lat) for face in self.faces]), axis=0)

    def _on_face(self, number: int, lon: Floats, lat: Floats) -> Rows:
        across, up, whole = (_along(row, lon, lat) for row in self.planes[number])
        place = _nearest_place(across / whole, up / whole)
        i, j = (p - low for p, low in zip(place, self.low, strict=True))
        high, wide = self.rows.shape
        inside = (i >= 0) & (i < high) & (j >= 0) & (j < wide)
        at = np.where(inside, i * wide + j, 0)
        return np.where(inside, self.rows.ravel()[at], np.int32(-1))


def build_lattice(cells: Cells) -> Lattice | None:
    """Return the lattice of some cells, or None where it cannot be told exactly.

    That is where the cells lie far apart or near one of the twelve pentagons, all out at sea.

    Parameters
    ----------
    cells
        (n,) different cells of one resolution, n > 0.

    Examples
    --------
    >>> cells = hexes.cell_of_points([120.72, 120.73], [30.15, 30.15], 12)
    >>> lattice = build_lattice(cells)
    >>> lattice.positions(np.array([120.72, 120.725, 120.73]), np.array([30.15])).tolist()
    [[0, -1, 1]]
    """
    anchor = int(cells[len(cells) // 2])
    try:
        place = _places(cells, anchor)
        planes = list(_planes(cells, anchor))
    except (ValueError, OverflowError):  # the library counts no places that far
        return None
    if not planes or any(plane is None for _, plane in planes):
        return None
    low, high = place.min(axis=1), place.max(axis=1)
    size = high - low + 1
    if size.prod() > max(ALWAYS_KEPT, MOST_PLACES_PER_CELL * len(cells)):
        return None
    rows = np.full(size, -1, np.int32)
    rows[tuple(place - low[:, None])] = np.arange(len(cells))
    faces, known = zip(*planes, strict=True)
    return Lattice(np.array(faces), np.array(known), (int(low[0]), int(low[1])), rows)


def _places(cells: Cells, anchor: int) -> npt.NDArray[np.int64]:
    """Return i and j of cells, (2, n), counted from one of them."""
    counted = h3ronpy.cells_to_localij(np.ascontiguousarray(cells), anchor)
    return np.array([np.asarray(counted["i"]), np.asarray(counted["j"])], np.int64)


def _planes(cells: Cells, anchor: int) -> Iterator[tuple[Floats, Floats | None]]:
    """Yield the faces that cells lie on, and how directions become places there."""
    resolution = int(hexes.resolution_of(cells[:1])[0])
    lon, lat = hexes.centres(cells[:: max(1, len(cells) // 4096)])
    room = 4 * float(np.sqrt(hexes.areas_m2(cells[:1])[0])) / 111_000
    wide = room / max(float(np.cos(np.radians(np.abs(lat).max()))), 0.01)
    box = (lon.min() - wide, lon.max() + wide), (lat.min() - room, lat.max() + room)
    touched = np.unique(_face_of(_directions(*_grid(box, 1.0))))
    around = _directions(*_grid(box, AROUND))
    for number in touched:
        samples = around[_face_of(around) == number]
        yield _faces()[number], _plane(samples, int(number), resolution, anchor)


def _plane(directions: Floats, face: int, resolution: int, anchor: int) -> Floats | None:
    """Return how directions become places on one face, learnt from cells near some directions."""
    lat = np.degrees(np.arcsin(np.clip(directions[:, 2], -1, 1)))
    lon = np.degrees(np.arctan2(directions[:, 1], directions[:, 0]))
    cells = np.unique(hexes.cell_of_points(lon, lat, resolution))
    centre = _directions(*hexes.centres(cells))
    on_face = _face_of(centre) == face
    if on_face.sum() < LEAST_SAMPLES:
        return None
    place = _places(cells[on_face], anchor).astype(float)
    return _projective(centre[on_face], place)


def _projective(directions: Floats, place: Floats) -> Floats | None:
    """Return the projective function that takes directions to places; None where there is none."""
    turned = _turn_towards(directions.mean(axis=0))
    local = directions @ turned.T
    x, y = local[:, 0] / local[:, 2], local[:, 1] / local[:, 2]
    spread, middle = max(np.abs(x).max(), np.abs(y).max()), place.mean(axis=1)
    x, y = x / spread, y / spread
    far = max(float(np.abs(place - middle[:, None]).max()), 1.0)
    i, j = (place - middle[:, None]) / far
    one, none = np.ones_like(x), np.zeros_like(x)
    wanted = np.vstack(
        [
            np.column_stack([x, y, one, none, none, none, -i * x, -i * y]),
            np.column_stack([none, none, none, x, y, one, -j * x, -j * y]),
        ]
    )
    solved = np.linalg.lstsq(wanted, np.concatenate([i, j]), rcond=None)[0]
    flat = np.append(solved, 1.0).reshape(3, 3)
    back = np.array([[far, 0, middle[0]], [0, far, middle[1]], [0, 0, 1]])
    plane: Floats = back @ flat @ np.diag([1 / spread, 1 / spread, 1.0]) @ turned
    found = plane @ directions.T
    missed = np.abs(found[:2] / found[2] - place).max()
    return plane if missed < TOLERANCE else None


def _nearest_place(i: Floats, j: Floats) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the nearest point of a hexagonal lattice whose axes are 120 degrees apart."""
    k = j - i
    near_i, near_j, near_k = np.rint(i), np.rint(j), np.rint(k)
    off_i, off_j, off_k = np.abs(near_i - i), np.abs(near_j - j), np.abs(near_k - k)
    # The three numbers must agree: the one that was rounded by most gives way.
    mend_i = (off_i > off_j) & (off_i > off_k)
    mend_j = ~mend_i & (off_j > off_k)
    return (
        np.where(mend_i, near_j - near_k, near_i).astype(np.int64),
        np.where(mend_j, near_i + near_k, near_j).astype(np.int64),
    )


def _along(row: Floats, lon: Floats, lat: Floats) -> Floats:
    """Return the product of a row with the directions of a grid, (lat, lon)."""
    meridian, parallel = np.radians(lon), np.radians(lat)
    level = row[0] * np.cos(meridian) + row[1] * np.sin(meridian)
    grid: Floats = np.outer(np.cos(parallel), level)
    grid += (row[2] * np.sin(parallel))[:, None]
    return grid


def _grid(box: tuple[tuple[float, float], tuple[float, float]], times: float) -> list[Floats]:
    """Return lon and lat of points of a box that is made so many times as large."""
    sides = []
    for (low, high), most in zip(box, (180.0, 89.0), strict=True):
        middle, half = (low + high) / 2, (high - low) / 2 * times
        sides.append(np.linspace(max(middle - half, -most), min(middle + half, most), SAMPLES))
    return [side.ravel() for side in np.meshgrid(*sides)]


def _directions(lon: Floats, lat: Floats) -> Floats:
    """Return unit vectors, (n, 3)."""
    meridian, parallel = np.radians(lon), np.radians(lat)
    level = np.cos(parallel)
    return np.column_stack([level * np.cos(meridian), level * np.sin(meridian), np.sin(parallel)])


def _turn_towards(direction: Floats) -> Floats:
    """Return the rotation that turns a direction to the third axis."""
    third = direction / np.linalg.norm(direction)
    first = np.cross(np.eye(3)[np.argmin(np.abs(third))], third)
    first /= np.linalg.norm(first)
    return np.array([first, np.cross(third, first), third])


def _face_of(directions: Floats) -> Any:
    """Return the number of the face that each direction passes through."""
    return np.argmax(directions @ _faces().T, axis=1)


@cache
def _faces() -> Floats:
    """Return unit vectors to the middles of the 20 faces: between corners that are neighbours."""
    pentagons = np.array(h3.get_pentagons(0), np.uint64)
    corners = _directions(*hexes.centres(pentagons))
    near = corners @ corners.T > 0.4  # the cosine of neighbours is 0.447, of others at most -0.447
    threes = [
        t for t in combinations(range(12), 3) if all(near[a, b] for a, b in combinations(t, 2))
    ]
    middles = corners[threes].sum(axis=1)
    return np.asarray(middles / np.linalg.norm(middles, axis=1, keepdims=True))
