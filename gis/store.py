"""The store: one town's layers and results in one database.

A SQLite file by default, the same tables on PostgreSQL. Every change is one transaction and
one revision; whoever reads sees the state before it or the state after it.

    store_tables    the tables
    store_engine    connections and transactions
    store_version   making a database and bringing it up to date
    store_rows      frames to rows and back
    store_frames    layers out of their rows
    store_changes   writing layers
    store_merge     joining files into layers by code
    store_search    spatial searches in plain SQL
    store_town, store_results   the town as a whole; answers
    store_duty, store_incidents who is ready, closed streets; what goes on, beside the revisions
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import Connection, Engine, func, select

from gis import store_tables as tables
from gis.errors import ParameterError, StoreError
from gis.layers import Layers
from gis.schema import schema
from gis.store_changes import Mode, add_revision, write_layers
from gis.store_engine import connect_engine, reading, store_name, store_url, writing
from gis.store_frames import read_frame
from gis.store_merge import MergeRules, merge_layers
from gis.store_results import StoredResult, read_result, result_text, write_result
from gis.store_rows import encode
from gis.store_search import may_touch
from gis.store_town import Extent, Town, each_once, extent_value, read_town, write_values
from gis.store_version import bring_up_to_date, check_file


def open_store(
    url_or_path: str | Path, *, create: bool = False, busy_timeout_s: float = 10.0
) -> Store:
    """Open a store, brought up to date if an older version of the program made it.

    Parameters
    ----------
    url_or_path
        Path of a SQLite file, or an SQLAlchemy URL.
    create
        Make the database if it is not there yet.
    busy_timeout_s
        How long to wait for another program that is writing, in seconds.

    Raises
    ------
    FileMissingError
        If there is no such file and `create` is not set.
    FormatError
        If the file is not a database of this program.
    StoreError
        If a newer program made it, or it cannot be opened.

    Examples
    --------
    >>> with open_store("sqlite://", create=True) as store:
    ...     store.set_town(name="Example")
    ...     print(store.layers().summary())
    1
    Example, revision 1: no layers yet
    """
    url = store_url(url_or_path)
    if url.get_backend_name() == "sqlite" and url.database:
        check_file(Path(url.database), create=create)
    engine = connect_engine(url, busy_timeout_s=busy_timeout_s)
    try:
        bring_up_to_date(engine, create=create)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)


class Store:
    """An open store; `open_store` makes one, a `with` block closes it.

    Parameters
    ----------
    engine
        Connected to a database that is up to date.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({store_name(self._engine.url)!r})"

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """The connections, for the other files of the store."""
        return self._engine

    @property
    def revision(self) -> int:
        """Number of the last change; 0 before the first."""
        with reading(self._engine) as connection:
            return _revision(connection)

    @property
    def stamp(self) -> tuple[int | str, ...]:
        """What changes with every change of the town and every new answer, and with nothing else.

        Duty states and incidents do not change it.
        """
        query = select(tables.results.c.kind, tables.results.c.made_at)
        with reading(self._engine) as connection:
            made = connection.execute(query.order_by(tables.results.c.kind))
            return (_revision(connection), *(text for row in made for text in row))

    @property
    def town(self) -> Town:
        """Name, extent and attribution of the town."""
        with reading(self._engine) as connection:
            return read_town(connection)

    def set_town(
        self,
        *,
        name: str | None = None,
        made_up: bool | None = None,
        extent: Extent | None = None,
        attribution: Sequence[str] | None = None,
    ) -> int:
        """Change what is given about the town as a whole and return the new revision.

        Parameters
        ----------
        name
            Name, as pages show it.
        made_up
            True if any data are made up.
        extent
            Area that the files cover, EPSG:4326.
        attribution
            Whom the maps must name beside those whom layers bring.
        """
        values: dict[str, Any] = {"name": name, "made_up": made_up}
        values["extent"] = None if extent is None else extent_value(extent)
        values["attribution"] = None if attribution is None else each_once(attribution)
        values = {key: value for key, value in values.items() if value is not None}
        if not values:
            return self.revision
        with writing(self._engine) as connection:
            write_values(connection, values)
            return add_revision(connection, "town", {"changed": list(values)})

    def import_layers(
        self,
        frames: Mapping[str, gpd.GeoDataFrame],
        *,
        source: str,
        mode: Mode = "replace",
        extent: Extent | None = None,
        attribution: Sequence[str] = (),
        action: str = "import",
        rules: Mapping[str, MergeRules] | None = None,
        expected_revision: int | None = None,
    ) -> int:
        """Write layers, all or none of them, and return the new revision.

        Parameters
        ----------
        frames
            Layer name to its rows, EPSG:4326, checked by `gis.validate`. Other layers stay.
        source
            File or place the rows came from.
        mode
            "replace" what each of these layers held, "append" below it, or "merge" with it by
            code (`gis.merge`): rows keep their order, those added follow, and the history counts
            what was added, changed and vanished.
        extent
            Area that the source covers, EPSG:4326: replaces that of the town, or is added to it.
        attribution
            Whom the maps must name as long as these layers are there.
        action
            What the history calls this change.
        rules
            Layer name to how it is merged; only for "merge". The comparison is made within the
            transaction, with what the store holds then.
        expected_revision
            Revision that the caller has looked at; None where that does not matter.

        Raises
        ------
        LayerFaultsError
            If codes are there twice, in the frame or with those in the store, or a value cannot
            be kept.
        CrsError
            If a frame is not in EPSG:4326.
        InputError
            If a position is not on earth.
        StoreError
            If another program is writing or has changed the town since `expected_revision`, or the
            database cannot be written.

        Examples
        --------
        >>> from shapely import Point
        >>> frame = gpd.GeoDataFrame(
        ...     {"code": ["c1"], "lens": ["wide"]}, geometry=[Point(8.69, 49.41)], crs=4326
        ... )
        >>> with open_store("sqlite://", create=True) as store:
        ...     store.import_layers({"cameras": frame}, source="an example")
        ...     store.layer("cameras")[["code", "lens"]].values.tolist()
        1
        [['c1', 'wide']]
        """
        if not frames:
            msg = f"{source}: no layer to import"
            raise ParameterError(msg)
        if rules is not None and mode != "merge":
            msg = f"{source}: rules of merging were given for the mode {mode!r}"
            raise ParameterError(msg)
        # Every fault is found before the first lock is taken.
        rows = {layer: encode(frame, layer, source) for layer, frame in frames.items()}
        with writing(self._engine) as connection:
            if expected_revision is not None and _revision(connection) != expected_revision:
                msg = f"{source}: the town was changed by another program; import the file again"
                raise StoreError(msg)
            changes = None
            if mode == "merge":
                rows, changes = merge_layers(connection, rows, rules or {}, source)
            return write_layers(
                connection,
                rows,
                source=source,
                mode=mode,
                extent=extent,
                attribution=each_once(attribution),
                action=action,
                changes=changes,
            )

    def layers(self) -> Layers:
        """Return everything known about the town, as it is at one moment."""
        with reading(self._engine) as connection:
            town = read_town(connection)
            names = connection.execute(select(tables.layers.c.layer)).scalars().all()
            return Layers(
                town=town.name,
                frames={name: read_frame(connection, name) for name in names},
                extent=town.extent,
                made_up=town.made_up,
                revision=_revision(connection),
                attribution=town.attribution,
            )

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return one layer; without rows where the town has not got it.

        Raises
        ------
        NotFoundError
            If no layer has this name.
        """
        schema(name)
        with reading(self._engine) as connection:
            return read_frame(connection, name)

    def features_in(self, layer: str, polygon: Extent) -> gpd.GeoDataFrame:
        """Return the rows of a layer that touch an area, its edge included.

        Parameters
        ----------
        layer
            Name of the layer.
        polygon
            Area, EPSG:4326.

        Returns
        -------
        GeoDataFrame
            As from `layer`, in the same order.

        Raises
        ------
        NotFoundError
            If no layer has this name.
        ParameterError
            If the area is not a valid polygon.
        """
        schema(layer)
        if not shapely.is_valid(polygon):
            msg = f"the area is not a valid polygon: {shapely.is_valid_reason(polygon)}"
            raise ParameterError(msg)
        if polygon.is_empty:
            return self.layer(layer).iloc[:0]
        with reading(self._engine) as connection:
            near = read_frame(connection, layer, may_touch(layer, polygon.bounds))
        shapes = np.asarray(near.geometry.array, dtype=object)
        shapely.prepare(polygon)
        return near.loc[shapely.intersects(polygon, shapes)].reset_index(drop=True)

    def save_result(
        self, kind: str, document: dict[str, Any], tables: Mapping[str, bytes], *, revision: int
    ) -> None:
        """Keep an answer in place of the last one of its kind.

        Parameters
        ----------
        kind
            "coverage", "response", "patrol" ...: also the command that makes it.
        document
            The answer as it is given out as JSON.
        tables
            Name to Parquet bytes.
        revision
            Revision of the layers that it was made from.

        Raises
        ------
        ParameterError
            If the document is not JSON, or the store has no such revision.
        """
        text = result_text(kind, document)
        # To the microsecond: an answer made anew within the second is another one; see `stamp`.
        made_at = datetime.now(UTC).isoformat(timespec="microseconds")
        result = {"kind": kind, "revision": revision, "made_at": made_at, "document": text}
        with writing(self._engine) as connection:
            write_result(connection, result, tables)

    def load_result(self, kind: str) -> StoredResult:
        """Return the last answer of one kind; its `revision` tells whether it is stale.

        Raises
        ------
        NotFoundError
            If there is none yet; the message names the command that makes it.
        """
        with reading(self._engine) as connection:
            return read_result(connection, kind)


def _revision(connection: Connection) -> int:
    return connection.execute(select(func.max(tables.revisions.c.id))).scalar() or 0
