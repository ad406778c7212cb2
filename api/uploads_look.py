"""What an upload would bring: its faults by row, what its coordinates may be, or what changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from api import incoming as read
from api.imports import Conflicts, Imported, bring_in
from api.incoming import Incoming
from api.uploads import Choices, Upload
from api.uploads_kinds import KINDS, kind_of, template_of
from gis.datum import UNSHIFTS, declared, degrees_of, sampled
from gis.datum_evidence import DATUMS, Evidence, weigh
from gis.errors import (
    ConflictError,
    DatumUndeclaredError,
    Fault,
    FengqiaoError,
    FormatError,
    LayerFaultsError,
    ParameterError,
    StoreError,
)
from gis.layers import Layers
from gis.merge import Vanished
from gis.schema import SCHEMAS
from gis.store import Store

Floats = npt.NDArray[np.float64]
State = Literal["refused", "faults", "datum", "preview"]


@dataclass(frozen=True, eq=False)
class Guess:
    """Where the points of a file would stand if its coordinates were of one kind.

    Parameters
    ----------
    evidence
        What speaks for it.
    points
        (n, 2) some of its points, lon and lat in WGS 84.
    """

    evidence: Evidence
    points: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class Looked:
    """What was found in an upload.

    Parameters
    ----------
    state
        "refused": the file cannot be read; "faults": rows are wrong; "datum": nobody says what
        its coordinates are; "preview": it can be imported.
    kind
        What it was read as; "" where nobody can tell.
    found_out
        Whether that was found out, not said.
    message
        What is wrong, or what the verdict on the coordinates is; "" for nothing.
    faults
        What is wrong, by row.
    guesses
        What its coordinates may be, best first; empty for a file without places.
    imported
        What would change.
    """

    state: State
    kind: str
    found_out: bool = False
    message: str = ""
    faults: tuple[Fault, ...] = field(default=(), repr=False)
    guesses: tuple[Guess, ...] = field(default=(), repr=False)
    imported: Imported | None = field(default=None, repr=False)

    @property
    def conflicts(self) -> int:
        """How many cells and rows both sides changed."""
        changes = {} if self.imported is None else self.imported.changes
        return sum(len(one.conflicts) for one in changes.values())

    @property
    def vanished(self) -> int:
        """How many rows of the town the file has no more."""
        changes = {} if self.imported is None else self.imported.changes
        return sum(len(one.vanished) for one in changes.values())

    @property
    def changes_nothing(self) -> bool:
        """Whether the town has all of it already."""
        changes = {} if self.imported is None else self.imported.changes
        return not any(
            one.added or one.changed or one.vanished or one.conflicts for one in changes.values()
        )


def look_at(upload: Upload, store: Store, town: Layers) -> Looked:
    """Return what an upload would bring; nothing is changed.

    Parameters
    ----------
    upload
        The files, with what was said of them.
    store
        The town's.
    town
        What it holds, to compare coordinates with.
    """
    kind = upload.choices.layer
    try:
        kind = kind or kind_of(upload)
        incoming = read_upload(upload, kind, town)
        imported = bring_in(store, incoming, conflicts="stop", preview=True)
    except DatumUndeclaredError as error:
        guesses = _guesses(upload, kind, town, tuple(cast(Any, error.evidence)))
        return Looked("datum", kind, not upload.choices.layer, upload.told(str(error)), (), guesses)
    except LayerFaultsError as error:
        faults = tuple(replace(one, problem=upload.told(one.problem)) for one in error.faults)
        return Looked("faults", kind, not upload.choices.layer, "", faults)
    except StoreError:
        raise
    except FengqiaoError as error:
        return Looked("refused", kind, not upload.choices.layer, upload.told(str(error)))
    guesses = _guesses(upload, kind, town, (), incoming)
    return Looked("preview", kind, not upload.choices.layer, "", (), guesses, imported)


def take_in(upload: Upload, store: Store, town: Layers, revision: int) -> Imported:
    """Import an upload as one change of the town, and return what it changed.

    Parameters
    ----------
    upload
        The files, with what was said of them.
    store, town
        As for `look_at`.
    revision
        Revision of the town that was looked at.

    Raises
    ------
    ConflictError
        If the town was changed since.
    MergeConflictError
        If both sides changed the same and nobody said whose state is taken.
    InputError
        If anything is wrong with the files.
    """
    if store.revision != revision:
        msg = "the town was changed meanwhile: look again at what this would change"
        raise ConflictError(msg)
    choices = upload.choices
    incoming = read_upload(upload, choices.layer or kind_of(upload), town)
    return bring_in(
        store,
        incoming,
        conflicts=cast(Conflicts, choices.conflicts),
        vanished=cast(Vanished, choices.vanished),
    )


def read_upload(upload: Upload, kind: str, town: Layers, *, crs: str = "") -> Incoming:
    """Return the checked layers of an upload.

    Parameters
    ----------
    upload
        The files.
    kind
        What they are.
    town
        What coordinates are compared with.
    crs
        What the coordinates are; "" for what was said.
    """
    if kind not in KINDS:
        msg = f"no layer {kind!r}; there are: {', '.join(KINDS)}"
        raise ParameterError(msg)
    said = crs or upload.choices.crs or None
    found = _readers(upload, said, town).get(kind, lambda: _layer(upload, kind, said, town))()
    told = tuple(upload.told(one) for one in found.warnings)
    return replace(found, source=upload.title(), warnings=told)


def _readers(upload: Upload, crs: str | None, town: Layers) -> dict[str, Callable[[], Incoming]]:
    """Return what reads the kinds that are no single layer."""
    paths = upload.paths
    profile = upload.choices.profile or None
    return {
        "osm": lambda: read.from_osm(_only(upload), None, whole=False),
        "gb28181": lambda: read.from_catalogue(paths, town, crs=crs),
        "cameras-sheet": lambda: read.from_camera_sheet(
            _only(upload), town, crs=crs, profile=profile
        ),
    }


def _layer(upload: Upload, layer: str, crs: str | None, town: Layers) -> Incoming:
    """Return one layer: of returned workbooks, else of one file."""
    if all(template_of(path) for path in upload.paths):
        place = upload.folder if len(upload.paths) > 1 else upload.paths[0]
        return read.from_returned(place, layer, town)
    return read.from_file(_only(upload), layer, town, crs=crs)


def _only(upload: Upload) -> Path:
    """Return the one file of an upload; the parts of a Shapefile are one."""
    paths = [one for one in upload.paths if one.suffix not in (".shx", ".dbf", ".prj", ".cpg")]
    if len(paths) != 1:
        msg = "this kind of file is imported one at a time"
        raise FormatError(msg)
    return paths[0]


def _guesses(
    upload: Upload,
    kind: str,
    town: Layers,
    evidence: tuple[Evidence, ...],
    incoming: Incoming | None = None,
) -> tuple[Guess, ...]:
    """Return what coordinates may be, with some points under each guess."""
    if kind == "osm" or (kind in SCHEMAS and SCHEMAS[kind].geometry == "table"):
        return ()  # always WGS 84; without places
    found = _as_they_stand(upload, kind, town, incoming)
    if found is None:
        return tuple(Guess(one, np.empty((0, 2))) for one in evidence)
    lon, lat = found
    layer = kind if kind in SCHEMAS else "cameras"
    evidence = evidence or weigh(lon, lat, town, layer=layer)
    return tuple(Guess(one, _placed(one.name, lon, lat)) for one in evidence)


def _as_they_stand(
    upload: Upload, kind: str, town: Layers, incoming: Incoming | None
) -> tuple[Floats, Floats] | None:
    """Return some coordinates of a file in degrees, before any shift is undone; None if unknown."""
    said = upload.choices.crs
    if incoming is None or (said and declared(said).shift):
        try:
            incoming = read_upload(upload, kind, town, crs="wgs84")
        except FengqiaoError:
            return None
    frame = next(iter(incoming.frames.values()), None)
    if not isinstance(frame, gpd.GeoDataFrame):
        return None
    shapes = frame.geometry[frame.geometry.notna() & ~frame.geometry.is_empty]
    if shapes.empty:
        return None
    spots = shapely.point_on_surface(np.array(list(shapes), dtype=object))
    return sampled(shapely.get_x(spots), shapely.get_y(spots))


def _placed(name: str, lon: Floats, lat: Floats) -> Floats:
    """Return points in WGS 84 under a guess; none under one that is not about degrees."""
    if name not in DATUMS:
        return np.empty((0, 2))
    shift = declared(name).shift
    x, y = degrees_of(declared(name).crs, lon, lat)
    if shift:
        x, y = UNSHIFTS[shift](x, y)
    return np.stack([x, y], axis=1)


def changed_choices(upload: Upload, **given: str | None) -> Choices:
    """Return what was said of an upload, with what is said now."""
    told = {name: value for name, value in given.items() if value is not None}
    return replace(upload.choices, **told)
