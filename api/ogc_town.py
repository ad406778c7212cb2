"""What the features of the town are given out from: looked for anew after a change only."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from api import ogc
from api.incident_source import IncidentSource
from gis.errors import NotFoundError, StoreError
from gis.store import Store
from gis.store_features import (
    FeaturePage,
    FeatureQuery,
    StoredLayer,
    known_features,
    read_features,
    stored_layers,
)
from gis.store_known import KnownLayer, known_layer

log = logging.getLogger(__name__)
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class OfferedTown:
    """The layers that are given out, as they are at one revision; many requests share it.

    Parameters
    ----------
    name
        Name of the town.
    store
        Where they are.
    revision
        Of the town.
    layers
        Each by its name.
    """

    name: str
    store: Store = field(repr=False)
    revision: int
    layers: Mapping[str, StoredLayer] = field(repr=False)
    _known: dict[str, KnownLayer | None] = field(default_factory=dict, init=False, repr=False)

    def layer(self, name: str) -> StoredLayer:
        """Return a layer.

        Raises
        ------
        NotFoundError
            If it is not given out; the message names those that are.
        """
        if name not in self.layers:
            msg = f"no collection {name!r}; there are: {', '.join(self.layers)}"
            raise NotFoundError(msg)
        return self.layers[name]

    def page(self, query: FeatureQuery) -> FeaturePage:
        """Return one page of features of a layer that is given out.

        Whoever asks for a layer first makes it be kept for those who come later.
        """
        if query.boxes and query.layer not in self._known:
            self._known[query.layer] = None
            threading.Thread(target=self._keep, args=(query.layer,), daemon=True).start()
        return self.known_page(query) or read_features(self.store, query)

    def known_page(self, query: FeatureQuery) -> FeaturePage | None:
        """Return one page of features where nothing has to be read for it, else None."""
        known = self._known.get(query.layer)
        return None if known is None else known_features(known, query)

    def _keep(self, layer: str) -> None:
        try:
            self._known[layer] = known_layer(self.store, layer)
        except StoreError as error:
            log.warning("%s is not kept: %s", layer, error)


def offered_town(request: Request) -> OfferedTown:
    """Return what the application that answers gives out now."""
    state = request.app.state
    source: IncidentSource = state.incidents
    made: OfferedTown | None = getattr(state, "offered", None)
    revision = source.store.revision
    if made is None or made.revision != revision:
        with _lock:  # once, by whoever asks first
            made = getattr(state, "offered", None)
            if made is None or made.revision != revision:
                seen, layers = stored_layers(source.store)
                name = source.workspace.name
                made = state.offered = OfferedTown(name, source.store, seen, ogc.offered(layers))
    return made


Offered = Annotated[OfferedTown, Depends(offered_town)]
