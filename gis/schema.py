"""The layers of a town as data: columns, types, units and vocabularies.

Vocabularies that grow (kinds of site, of unit, of area) are in `data/profiles/kinds.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from gis.errors import NotFoundError
from gis.profiles import load

ColumnType = Literal["text", "number", "integer", "flag", "date", "word"]
GeometryKind = Literal["point", "line", "polygon", "point or polygon", "table"]

GEOMETRY_TYPES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "point": frozenset({"Point"}),
        "line": frozenset({"LineString", "MultiLineString"}),
        "polygon": frozenset({"Polygon", "MultiPolygon"}),
        "point or polygon": frozenset({"Point", "Polygon", "MultiPolygon"}),
        "table": frozenset(),
    }
)


@dataclass(frozen=True)
class Column:
    """One column of a layer.

    Parameters
    ----------
    name
        Name, with its unit (`height_m`).
    type
        "text", "number" (float64, NaN = unknown), "integer" (Int64), "flag" (boolean),
        "date" (ISO text, YYYY-MM-DD) or "word" (text out of `words`).
    required
        True if the column must be there and filled in every row.
    low, high
        Limits of a number, both allowed.
    words
        The vocabulary of a "word" column.
    """

    name: str
    type: ColumnType = "text"
    required: bool = False
    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class LayerSchema:
    """One layer: its geometry and its columns; further columns of a file are kept as they are."""

    name: str
    geometry: GeometryKind
    columns: tuple[Column, ...]
    by_name: Mapping[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", MappingProxyType({c.name: c for c in self.columns}))

    @property
    def geometry_types(self) -> frozenset[str]:
        """Geometry types that a row of this layer may have."""
        return GEOMETRY_TYPES[self.geometry]


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def _flags(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "flag") for name in names)


def _number(name: str, low: float | None = 0, high: float | None = None) -> Column:
    return Column(name, "number", low=low, high=high)


def _count(name: str) -> Column:
    return Column(name, "integer", low=0)


def _word(name: str, words: tuple[str, ...], *, required: bool = False) -> Column:
    return Column(name, "word", required=required, words=words)


def _build() -> dict[str, LayerSchema]:
    kinds = {key: tuple(words) for key, words in load("kinds").items()}
    code = Column("code", "text", required=True)
    modes = kinds["mode"]
    tier = Column("tier_min", "integer", low=1, high=60)
    layers: dict[str, tuple[GeometryKind, tuple[Column, ...]]] = {
        "villages": (
            "polygon",
            (
                code,
                Column("name"),
                _word("kind", kinds["village"]),
                *_flags("rural"),
                Column("station"),
                _count("population"),
                _count("households"),
            ),
        ),
        "grids": (
            "polygon",
            (
                code,
                *_text("village", "name"),
                _word("kind", kinds["grid"]),
                _count("households"),
            ),
        ),
        "areas": ("polygon", (code, Column("name"), _word("kind", kinds["area"], required=True))),
        "sites": (
            "point or polygon",
            (
                code,
                Column("name"),
                _word("kind", kinds["site"], required=True),
                _word("area_class", kinds["area_class"]),
                tier,
                _number("weight"),
                _word("status", kinds["site_status"]),
                Column("status_date", "date"),
            ),
        ),
        "addresses": ("point", (code, *_text("name", "aliases", "village", "grid"))),
        "buildings": (
            "polygon",
            (
                code,
                Column("name"),
                _word("kind", kinds["building"]),
                _number("height_m", high=1000),
                _count("households"),
            ),
        ),
        "streets": (
            "line",
            (
                code,
                *_text("name", "highway"),
                _word("oneway", kinds["oneway"]),
                _word("oneway_bicycle", kinds["oneway"]),
                *(_word(mode, kinds["access"]) for mode in ("foot", "bicycle", "car")),
                _number("speed_kmh", low=0, high=200),
                *_flags("lit", "bridge", "tunnel"),
                Column("junction"),
                Column("level", "integer", low=-10, high=10),
            ),
        ),
        "barriers": (
            "point",
            (
                code,
                Column("kind"),
                *(_word(m, kinds["access"]) for m in ("foot", "bicycle", "car")),
            ),
        ),
        "restrictions": (
            "table",
            (
                code,
                _word("kind", kinds["restriction"], required=True),
                Column("from_street", required=True),
                *_text("via_point", "via_streets"),
                Column("to_street", required=True),
                Column("modes"),
            ),
        ),
        "cameras": (
            "point",
            (
                code,
                Column("name"),
                _number("height_m", high=300),
                _number("azimuth_deg", low=0, high=360),
                _number("azimuth_doubt_deg", low=0, high=180),
                _number("fov_deg", low=0.1, high=360),
                _number("vertical_fov_deg", low=0.1, high=360),
                _number("range_m", low=0.1, high=5000),
                _number("tilt_deg", low=-90, high=90),
                _number("focal_mm", low=0.1, high=2000),
                _number("sensor_width_mm", low=0.1, high=100),
                _number("resolution_px", low=1, high=100_000),
                _word("kind", kinds["camera"]),
                *_flags("networked", "hd", "indoor", "mobile", "sign_posted"),
                _word("status", kinds["camera_status"]),
                Column("installed", "date"),
                Column("removed", "date"),
                _number("online_share", high=1),
                *_text("builder", "point_class", "police_unit", "site_code", "pole_no"),
            ),
        ),
        "stations": (
            "point or polygon",
            (code, Column("name"), _word("kind", kinds["station"])),
        ),
        "units": (
            "point",
            (
                code,
                Column("name"),
                _word("kind", kinds["unit"]),
                Column("station"),
                _word("mode", modes),
                tier,
                _number("turnout_s", high=3600),
                Column("duty_hours"),
            ),
        ),
        "teams": (
            "point",
            (
                code,
                *_text("name", "organisation", "station"),
                _word("mode", modes),
                _number("speed_kmh", low=0.5, high=60),
                _count("size"),
                Column("shifts"),
                _number("start_delay_s", high=14_400),
                _number("break_s", high=7200),
                _number("max_length_m", low=100, high=100_000),
            ),
        ),
        "patrol_points": (
            "point",
            (
                code,
                *_text("name", "landmark"),
                _word("manner", kinds["manner"]),
                _number("dwell_s", high=14_400),
                Column("window"),
                Column("visits", "integer", low=1, high=10),
                _number("visit_gap_s", high=43_200),
                Column("every_nights", "integer", low=1, high=31),
                *_flags("required"),
            ),
        ),
        "road_checkpoints": (
            "point",
            (
                code,
                Column("name"),
                _word("kind", kinds["road_checkpoint"]),
                *_text("road", "directions"),
                _number("setup_s", high=7200),
                Column("hours"),
            ),
        ),
        "service_points": (
            "point",
            (code, Column("name"), _word("kind", kinds["service_point"]), Column("hours")),
        ),
        "incidents": (
            "point",
            (
                code,
                Column("kind"),
                Column("date", "date"),
                Column("hour", "integer", low=0, high=23),
                _count("count"),
            ),
        ),
        "facts": (
            "table",
            (
                code,
                *(Column(name, required=True) for name in ("place_layer", "place_code", "key")),
                *_text("period", "value"),
            ),
        ),
    }
    return {
        name: LayerSchema(name, geometry, columns) for name, (geometry, columns) in layers.items()
    }


SCHEMAS: Mapping[str, LayerSchema] = MappingProxyType(_build())


def schema(layer: str) -> LayerSchema:
    """Return the schema of one layer.

    Raises
    ------
    NotFoundError
        If no layer has this name; the message lists those there are.

    Examples
    --------
    >>> schema("cameras").geometry
    'point'
    """
    if layer not in SCHEMAS:
        msg = f"no layer {layer!r}; the layers are: {', '.join(SCHEMAS)}"
        raise NotFoundError(msg)
    return SCHEMAS[layer]
