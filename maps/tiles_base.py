"""The quiet base map: water, streets, buildings and village borders as PNG tiles."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image, ImageDraw

from gis.layers import Layers
from maps.style import style
from maps.tiles_grid import MAX_LAT, SIZE_PX, check_tile, png

# Drawn at twice the size and halved: Pillow's lines have no smooth edges of their own.
SCALE = 2
BUILDINGS_FROM_ZOOM = 13
BUILDING_LINES_FROM_ZOOM = 16
PATH_CASINGS_FROM_ZOOM = 17
# Streets grow by less than the ground does, as on paper maps of several scales.
GROWTH = 1.55
CLASSES = ("path", "minor", "main")

Points = list[tuple[float, float]]
Tile = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class BaseTiles:
    """What the base map shows, in the unit square of tile 0/0/0, with an index of each kind.

    Parameters
    ----------
    water, buildings, villages
        Polygons.
    streets
        Class ("path", "minor", "main") to lines.
    """

    water: shapely.STRtree = field(repr=False)
    buildings: shapely.STRtree = field(repr=False)
    villages: shapely.STRtree = field(repr=False)
    streets: dict[str, shapely.STRtree] = field(repr=False)

    @classmethod
    def build(cls, layers: Layers) -> BaseTiles:
        """Return the base map of a town.

        Parameters
        ----------
        layers
            The town; what it lacks is left out.
        """
        streets = layers["streets"]
        kind = streets["highway"].fillna("")
        main = kind.isin(style()["base"]["main_kinds"])
        path = kind.isin(style()["base"]["path_kinds"])
        chosen = {"path": path, "minor": ~(main | path), "main": main}
        lines = streets.geometry.to_numpy()
        areas = layers["areas"]
        return cls(
            _tree(areas[areas["kind"] == "water"].geometry.to_numpy()),
            _tree(layers["buildings"].geometry.to_numpy()),
            _tree(layers["villages"].geometry.to_numpy()),
            {name: _tree(lines[which.to_numpy()]) for name, which in chosen.items()},
        )

    def png(self, z: int, x: int, y: int) -> bytes:
        """Return one tile.

        Raises
        ------
        NotFoundError
            If there is no such tile.
        """
        check_tile(z, x, y)
        tile, colours = (z, x, y), style()["base"]
        image = Image.new("L", (SIZE_PX * SCALE, SIZE_PX * SCALE), colours["ground"])
        draw = ImageDraw.Draw(image)
        water = (colours["water"], colours["water_line"], colours["ground"])
        for shape in _near(self.water, tile):
            _draw_polygon(draw, shape, tile, water)
        if z >= BUILDINGS_FROM_ZOOM:
            lined = z >= BUILDING_LINES_FROM_ZOOM
            line = colours["building_line"] if lined else colours["building"]
            for shape in _near(self.buildings, tile):
                _draw_polygon(draw, shape, tile, (colours["building"], line, colours["ground"]))
        self._draw_streets(draw, tile)
        for shape in _near(self.villages, tile):
            for ring in _rings(shape):
                _draw_dashes(draw, _points(ring, tile), colours["village_line"])
        return png(image.resize((SIZE_PX, SIZE_PX), Image.Resampling.BOX))

    def _draw_streets(self, draw: ImageDraw.ImageDraw, tile: Tile) -> None:
        """Draw every casing before any street, so that crossings stay open."""
        z = tile[0]
        shown = []
        for name in CLASSES:
            colour, casing, width_px, first_zoom = style()["base"]["streets"][name]
            if z >= first_zoom:
                width = max(0.8, width_px * GROWTH ** (z - 16)) * SCALE
                lines = [_points(line, tile) for line in _near(self.streets[name], tile)]
                shown.append((name, lines, colour, casing, width))
        for name, lines, _, casing, width in shown:
            if name != "path" or z >= PATH_CASINGS_FROM_ZOOM:
                for line in lines:
                    draw.line(line, fill=casing, width=round(width + 2 * SCALE), joint="curve")
        for _, lines, colour, _, width in shown:
            for line in lines:
                draw.line(line, fill=colour, width=max(1, round(width)), joint="curve")


def _tree(geometry: npt.NDArray[np.object_]) -> shapely.STRtree:
    """Return single geometries in the unit square: x and y from 0 to 1, y southward."""

    def project(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        lat = np.radians(np.clip(xy[:, 1], -MAX_LAT, MAX_LAT))
        return np.column_stack(
            [(xy[:, 0] + 180) / 360, (1 - np.arcsinh(np.tan(lat)) / math.pi) / 2]
        )

    present = geometry[~shapely.is_missing(geometry)]
    return shapely.STRtree(shapely.transform(shapely.get_parts(shapely.force_2d(present)), project))


def _near(tree: shapely.STRtree, tile: Tile) -> npt.NDArray[np.object_]:
    """Return what touches a tile or its rim, in order."""
    z, x, y = tile
    rim = 0.05
    box = shapely.box(*((v / 2**z) for v in (x - rim, y - rim, x + 1 + rim, y + 1 + rim)))
    found: npt.NDArray[np.object_] = tree.geometries[np.sort(tree.query(box))]
    return found


def _points(line: shapely.Geometry, tile: Tile) -> Points:
    """Return a line's vertices as pixels of a tile's large image."""
    z, x, y = tile
    xy = (shapely.get_coordinates(line) * 2**z - (x, y)) * SIZE_PX * SCALE
    return [(float(px), float(py)) for px, py in xy]


def _rings(polygon: shapely.Polygon) -> list[shapely.Geometry]:
    return [polygon.exterior, *polygon.interiors]


def _draw_polygon(
    draw: ImageDraw.ImageDraw, polygon: shapely.Polygon, tile: Tile, greys: tuple[int, int, int]
) -> None:
    """Draw a building or water in the greys of its inside, its edge and what is in its holes."""
    inside, edge, hole = greys
    outer, *holes = (_points(ring, tile) for ring in _rings(polygon))
    draw.polygon(outer, fill=inside, outline=edge)
    for ring in holes:
        draw.polygon(ring, fill=hole, outline=edge)


def _draw_dashes(draw: ImageDraw.ImageDraw, points: Points, colour: int) -> None:
    """Draw a ring in dashes of about 8 px, only where it passes the tile."""
    side = SIZE_PX * SCALE
    line = shapely.clip_by_rect(shapely.LineString(points), -SCALE, -SCALE, side, side)
    for part in shapely.get_parts(line):
        steps = np.arange(0, part.length, 14 * SCALE)
        starts = shapely.line_interpolate_point(part, steps)
        ends = shapely.line_interpolate_point(part, np.minimum(steps + 8 * SCALE, part.length))
        for start, end in zip(starts, ends, strict=True):
            draw.line([(start.x, start.y), (end.x, end.y)], fill=colour, width=round(1.5 * SCALE))
