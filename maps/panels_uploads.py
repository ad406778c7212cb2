"""What an upload would change, as rows; and a sketch of where its points would stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from gis.columns import titles
from gis.layers import Layers
from gis.profiles import load
from gis.schema import SCHEMAS
from maps.units import percent
from maps.words import Words

# A sketch, px.
WIDTH, HEIGHT = 300, 200
DEGREE_M = 111_320.0


@dataclass(frozen=True)
class Row:
    """One fault: its row, its column, what is wrong."""

    row: str
    column: str
    problem: str


@dataclass(frozen=True)
class Cell:
    """One cell that would change: of which row, which column, from what to what."""

    layer: str
    code: str
    column: str
    old: str
    new: str
    base: str = ""
    reason: str = ""


@dataclass(frozen=True)
class LayerChange:
    """What would change in one layer.

    Parameters
    ----------
    title
        Its name in words.
    counts
        Word and number of rows added, changed, vanished, unchanged, and of conflicts.
    added, vanished
        The first codes, as one text.
    """

    title: str
    counts: tuple[tuple[str, int], ...]
    added: str = ""
    vanished: str = ""


@dataclass(frozen=True)
class Preview:
    """What an upload would change.

    Parameters
    ----------
    layers
        Layer by layer.
    changed, conflicts
        The first cells of each.
    more_changed, more_conflicts
        How many are not written out.
    warnings
        What the reader must know.
    revision
        Revision of the town that it was compared with.
    nothing
        Whether the town has all of it already.
    vanished
        How many rows the file has no more.
    """

    layers: tuple[LayerChange, ...]
    changed: tuple[Cell, ...] = field(repr=False)
    conflicts: tuple[Cell, ...] = field(repr=False)
    more_changed: int
    more_conflicts: int
    warnings: tuple[str, ...]
    revision: int
    nothing: bool
    vanished: int


@dataclass(frozen=True)
class Sketch:
    """One guess of what coordinates are, with a small map.

    Parameters
    ----------
    name
        The guess, such as "gcj02".
    title
        It in words.
    rows
        What speaks for it: words and shares.
    streets, points
        Paths of an SVG of `WIDTH` by `HEIGHT`; "" where nothing can be drawn.
    chosen
        Whether it is what was said, or what holds where nobody said.
    """

    name: str
    title: str
    rows: tuple[tuple[str, str], ...]
    streets: str = field(repr=False)
    points: tuple[tuple[float, float], ...] = field(repr=False)
    chosen: bool = False


def preview_of(imported: Any, say: Words) -> Preview:
    """Return what an import would change, as the page shows it.

    Parameters
    ----------
    imported
        As `api.imports.bring_in` returns a preview.
    say
        Words of the page's language.
    """
    most = int(load("planner")["shown"]["changes"])
    layers, changed, conflicts, vanished, touched = [], [], [], 0, 0
    for name, changes in imported.changes.items():
        layers.append(_layer(name, changes, say))
        document = changes.document(most)
        changed += [_cell(name, one, say) for one in document["changed"]]
        conflicts += [_conflict(name, one, say) for one in document["conflicts"]]
        vanished += len(changes.vanished)
        touched += len(changes.added) + len(changes.changed) + len(changes.conflicts)
    every = imported.changes.values()
    return Preview(
        tuple(layers),
        tuple(changed[:most]),
        tuple(conflicts[:most]),
        sum(len(one.changed) for one in every) - len(changed[:most]),
        sum(len(one.conflicts) for one in every) - len(conflicts[:most]),
        tuple(say.sentence(one) for one in imported.incoming.warnings),
        imported.before,
        not touched and not vanished,
        vanished,
    )


def sketches(guesses: Sequence[Any], layers: Layers, said: str, say: Words) -> tuple[Sketch, ...]:
    """Return the guesses of what coordinates are, each with a small map of the same ground.

    Parameters
    ----------
    guesses
        As `api.uploads_look.Guess`, best first.
    layers
        The town; its streets are drawn.
    said
        What the coordinates are taken for; "" where nobody said.
    say
        Words of the page's language.
    """
    middle = next((_middle(one.points) for one in guesses if len(one.points)), None)
    streets = "" if middle is None else _streets(layers, middle)
    return tuple(
        Sketch(
            one.evidence.name,
            _title(one.evidence.name, say),
            _evidence(one.evidence, say),
            streets if len(one.points) else "",
            () if middle is None else _spots(one.points, middle),
            one.evidence.name == said,
        )
        for one in guesses
    )


def _title(name: str, say: Words) -> str:
    plain = name.removesuffix(" swapped")
    title = say.term("datum", plain) if plain in ("wgs84", "gcj02", "bd09") else plain
    return say("{datum}, axes exchanged", datum=title) if plain != name else title


def _evidence(one: Any, say: Words) -> tuple[tuple[str, str], ...]:
    shares = (
        (say("where they should be"), one.well_placed),
        (say("along a street"), one.on_roads),
        (say("in a building"), one.in_buildings),
        (say("in water"), one.in_water),
        (say("in the town"), one.in_town),
    )
    return tuple((text, percent(share)) for text, share in shares if share is not None)


def _middle(points: Any) -> tuple[float, float]:
    """Return a point of a cloud that most others stand around."""
    centre = np.median(points, axis=0)
    nearest = points[np.argmin(((points - centre) ** 2).sum(axis=1))]
    return float(nearest[0]), float(nearest[1])


def _streets(layers: Layers, middle: tuple[float, float]) -> str:
    """Return the streets around a place as one path."""
    table = load("planner")["shown"]
    half = table["sketch_m"] / 2 / DEGREE_M * 1.2
    box = shapely.box(middle[0] - half, middle[1] - half, middle[0] + half, middle[1] + half)
    shapes = layers["streets"].geometry
    near = shapes[shapes.intersects(box)].head(int(table["sketch_streets"]))
    parts = []
    for line in shapely.get_parts(shapely.simplify(list(near), 2e-5)):
        xy = _pixels(shapely.get_coordinates(line), middle)
        parts.append("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in xy))
    return "".join(parts)


def _spots(points: Any, middle: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """Return the points within a sketch, px."""
    most = int(load("planner")["shown"]["sketch_points"])
    inside = [
        (round(x, 1), round(y, 1))
        for x, y in _pixels(points, middle)
        if 0 <= x <= WIDTH and 0 <= y <= HEIGHT
    ]
    return tuple(inside[:most])


def _pixels(points: Any, middle: tuple[float, float]) -> list[tuple[float, float]]:
    """Return places in degrees as px of a sketch."""
    scale = WIDTH / float(load("planner")["shown"]["sketch_m"])
    xy = (np.asarray(points, float) - middle) * DEGREE_M * scale
    east = xy[:, 0] * np.cos(np.radians(middle[1])) + WIDTH / 2
    south = HEIGHT / 2 - xy[:, 1]
    return list(zip(east.tolist(), south.tolist(), strict=True))


def _layer(name: str, changes: Any, say: Words) -> LayerChange:
    most = int(load("planner")["shown"]["codes"])
    counts = changes.counts()
    told = tuple((say.term("merge", what), count) for what, count in counts.items())
    return LayerChange(
        say.term("layer", name), told, _codes(changes.added, most), _codes(changes.vanished, most)
    )


def _codes(codes: Sequence[str], most: int) -> str:
    more = f" … +{len(codes) - most}" if len(codes) > most else ""
    return ", ".join(codes[:most]) + more


def _cell(layer: str, one: dict[str, Any], say: Words) -> Cell:
    return Cell(
        say.term("layer", layer), one["code"], _place(layer, one, say),
        _text(one["old"]), _moved(_text(one["new"]), one["moved_m"], say),
    )  # fmt: skip


def _conflict(layer: str, one: dict[str, Any], say: Words) -> Cell:
    return Cell(
        say.term("layer", layer), one["code"], _place(layer, one, say),
        _text(one["store"]), _text(one["file"]), _text(one["base"]),
        say.term("conflict", one["reason"]),
    )  # fmt: skip


def column_title(layer: str, name: str | None, say: Words) -> str:
    """Return what a column of a layer is called; a column of the file's own as it stands."""
    known = titles(layer) if layer in SCHEMAS else {}
    if name is None:
        return ""
    if name == "geometry":
        return say("position or shape")
    return getattr(known[name], say.lang) if name in known else name


def _place(layer: str, one: dict[str, Any], say: Words) -> str:
    return column_title(layer, one["column"], say) or say("the whole row")


def _text(value: Any) -> str:
    return "–" if value is None else str(value)


def _moved(text: str, moved_m: float | None, say: Words) -> str:
    if moved_m is None:
        return text
    moved = say("moved by {n} m", n=f"{moved_m:.1f}")
    return f"{text} ({moved})"
