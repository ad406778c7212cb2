"""Vector tiles of a server; its pictures are tried in test_app.py."""

from __future__ import annotations

import httpx2
import mapbox_vector_tile
import pytest

from maps.tiles_grid import tile_of


@pytest.mark.parametrize("layer", ["streets", "cameras", "cells", "cells_cameras"])
def test_vector_tiles_are_kept_like_pictures(client: httpx2.Client, layer: str) -> None:
    path = "/tiles/{}/{}/{}/{}.mvt".format(layer, 16, *tile_of(120.0005, 30.0005, 16))
    made = client.get(path)
    assert made.status_code == 200
    assert made.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert mapbox_vector_tile.decode(made.content)[layer]["features"]
    again = client.get(path, headers={"If-None-Match": made.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "path", ["incidents/3/1/1", "base/3/1/1", "streets/3/8/0", "cells/30/1/1", "people/1/1/1"]
)
def test_vector_tiles_that_are_not_there(client: httpx2.Client, path: str) -> None:
    assert client.get(f"/tiles/{path}.mvt").status_code == 404
