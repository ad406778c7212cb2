from __future__ import annotations

import http.server
import io
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from api import basemaps
from api.app import create_app
from api.settings import Settings
from api.workspace import create_workspace, open_workspace
from gis.errors import FileMissingError, FormatError
from maps.tiles_grid import tile_of

TILE = (16, *tile_of(120.72, 30.15, 16))


def picture(grey: int, form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((256, 256, 3), grey, np.uint8)).save(buffer, form)
    return buffer.getvalue()


class Upstream(http.server.BaseHTTPRequestHandler):
    """A server of tiles: what it does is said by the first part of the path."""

    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        kind = self.path.split("/")[1]
        status, content, headers = {
            "good": (200, picture(7), {}),
            "none": (404, b"", {}),
            "moved": (302, b"", {"Location": "/good/1/1/1.png"}),
            "broken": (500, b"", {}),
            "page": (200, b"<script>alert(1)</script>", {"Content-Type": "image/png"}),
            "large": (200, picture(7) + bytes(2_000_000), {}),
        }[kind]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    Upstream.asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def pmtiles(path: Path, kind: TileType, tiles: dict[tuple[int, int, int], bytes]) -> Path:
    with path.open("wb") as file:
        writer = Writer(file)
        for tile, content in tiles.items():
            writer.write_tile(zxy_to_tileid(*tile), content)
        header = {"tile_type": kind, "tile_compression": Compression.NONE}
        writer.finalize(header, {})
    return path


@pytest.fixture(scope="module")
def folder(upstream: str, town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("basemaps") / "town"
    shutil.copytree(town, place)
    pmtiles(place / "photo.pmtiles", TileType.WEBP, {TILE: picture(9, "WEBP")})
    text = [
        f"[[basemaps]]\nname='{kind}'\ntitle='{kind}'\nkind='xyz'\n"
        f"address='{upstream}/{kind}/{{z}}/{{x}}/{{y}}.png'\n"
        for kind in ("good", "none", "moved", "broken", "page", "large")
    ]
    text.append(
        f"[[basemaps]]\nname='shifted'\ntitle='高德'\nkind='xyz'\ndatum='gcj02'\nmin_zoom=5\n"
        f"max_zoom=17\nattribution='<b>who'\naddress='{upstream}/good/{{z}}/{{x}}/{{y}}.png'\n"
    )
    text.append("[[basemaps]]\nname='dead'\ntitle='x'\nkind='xyz'\n")
    text.append("address='http://127.0.0.1:9/{z}/{x}/{y}.png'\n")
    text.append("[[basemaps]]\nname='photo'\ntitle='x'\nkind='pmtiles'\nfile='photo.pmtiles'\n")
    with (place / "fengqiao.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join(text))
    return place


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(workspace=folder)), base_url="http://127.0.0.1") as asking:
        yield asking


def address(name: str, tile: tuple[int, int, int] = TILE) -> str:
    return "/basemaps/{}/{}/{}/{}.png".format(name, *tile)


def test_tiles_come_through_the_server_and_are_kept(client: TestClient) -> None:
    first = client.get(address("good"))
    assert first.status_code == 200
    assert first.content == picture(7)
    assert first.headers["content-type"] == "image/png"
    assert "max-age" in first.headers["cache-control"]
    seen = len(Upstream.asked)
    again = client.get(address("good"), headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert len(Upstream.asked) == seen


def test_a_shifted_one_is_put_together(client: TestClient) -> None:
    Upstream.asked.clear()
    made = client.get(address("shifted"))
    image = np.asarray(Image.open(io.BytesIO(made.content)).convert("RGB"))
    assert (image == 7).all()
    assert len({*Upstream.asked}) == len(Upstream.asked) == 4
    # What two tiles share is asked for once.
    client.get(address("shifted", (TILE[0], TILE[1] + 1, TILE[2])))
    assert len(Upstream.asked) == 6


def test_where_there_is_no_tile_a_clear_one_comes(client: TestClient) -> None:
    for tile in (address("none"), address("photo", (3, 0, 0))):
        made = client.get(tile)
        assert made.status_code == 200
        assert not np.asarray(Image.open(io.BytesIO(made.content)).convert("RGBA")).any()


@pytest.mark.parametrize("name", ["moved", "broken", "page", "large", "dead"])
def test_what_cannot_be_had_is_told(client: TestClient, name: str) -> None:
    made = client.get(address(name))
    assert made.status_code == 502
    assert made.json()["detail"].find(name) >= 0
    assert "127.0.0.1" not in made.json()["detail"]


def test_redirects_are_not_followed(client: TestClient) -> None:
    Upstream.asked.clear()
    client.get(address("moved", (1, 1, 1)))
    assert Upstream.asked == ["/moved/1/1/1.png"]


def test_a_server_that_is_away_is_left_alone_for_a_while(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(address("dead", (2, 1, 1)))
    tried: list[str] = []

    def stream(*_: Any) -> None:
        tried.append("again")

    known = client.app.state.basemaps._sources["dead"]  # type: ignore[attr-defined]
    monkeypatch.setattr(known._client, "stream", stream)
    assert client.get(address("dead", (2, 1, 2))).status_code == 502
    assert tried == []
    monkeypatch.setattr(known, "_rests_until", time.monotonic() - 1)
    with pytest.raises(TypeError):
        client.get(address("dead", (2, 1, 2)))
    assert tried == ["again"]


@pytest.mark.parametrize(
    "path",
    [
        "/basemaps/other/3/1/1.png",
        address("shifted", (4, 1, 1)),
        address("shifted", (18, 1, 1)),
        address("good", (3, 8, 0)),
        "/basemaps/..%2Fgood/3/1/1.png",
    ],
)
def test_what_is_not_configured_is_not_there(client: TestClient, path: str) -> None:
    Upstream.asked.clear()
    assert client.get(path).status_code == 404
    assert Upstream.asked == []


def test_tiles_of_a_file(client: TestClient) -> None:
    made = client.get(address("photo"))
    assert made.headers["content-type"] == "image/webp"
    assert made.content == picture(9, "WEBP")


def test_files_that_cannot_be_base_maps_are_refused(tmp_path: Path) -> None:
    shapes = pmtiles(tmp_path / "shapes.pmtiles", TileType.MVT, {(0, 0, 0): b"x"})
    with pytest.raises(FormatError, match=r"MVT tiles: base maps are pictures"):
        basemaps.TileFile(shapes)
    for content in (b"", b"PMTiles", b"PK" + bytes(200)):
        (tmp_path / "other").write_bytes(content)
        with pytest.raises(FormatError, match="PMTiles"):
            basemaps.TileFile(tmp_path / "other")
    with pytest.raises(FileMissingError, match="no file of a base map"):
        basemaps.TileFile(tmp_path / "missing")


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    path = pmtiles(tmp_path / "a.pmtiles", TileType.PNG, {(0, 0, 0): picture(1)})
    whole = bytearray(path.read_bytes())
    whole[127:140] = bytes(13)  # the list of tiles
    path.write_bytes(whole)
    with pytest.raises(basemaps.UpstreamError, match="damaged"):
        basemaps.TileFile(path).tile(0, 0, 0)


def test_what_is_kept_stays_within_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = basemaps._Kept()
    monkeypatch.setattr(kept, "_most_bytes", 10)
    made: list[str] = []

    def make(key: str) -> bytes:
        made.append(key)
        return b"1234"

    for key in ("a", "b", "a", "c", "a", "b"):
        assert kept.get(key, lambda key=key: make(key)) == b"1234"
    assert made == ["a", "b", "c", "b"]
    assert kept._bytes == 8


def test_settings_with_faults_stop_the_program(tmp_path: Path) -> None:
    create_workspace(tmp_path, "Town")
    with (tmp_path / "fengqiao.toml").open("a", encoding="utf-8") as file:
        file.write("[[basemaps]]\nname='a'\nkind='xyz'\n")
    with pytest.raises(FormatError, match=r"title is missing; .*address is missing"):
        open_workspace(tmp_path)


@pytest.mark.parametrize("page", ["/", "/planner", "/pages/duty", "/pages/coverage"])
def test_pages_offer_them(client: TestClient, upstream: str, page: str) -> None:
    text = client.get(f"{page}?lang=zh").text
    assert 'data-basemap="shifted"' in text
    assert "高德" in text
    assert f"{'' if page.count('/') == 1 else '../'}basemaps/shifted/{{z}}/{{x}}/{{y}}.png" in text
    assert "<b>who" not in text
    assert upstream not in text
