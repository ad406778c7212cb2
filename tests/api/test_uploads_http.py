"""Files of one's own over HTTP: faults by row, the datum asked, previewed, brought in once."""

from __future__ import annotations

import http.client
import io
import json
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import openpyxl
import pytest

from gis.datum import wgs84_to_gcj02

HEAD = "code,kind,lon,lat\n"
SCRIPT = "<script>alert(1)</script>"


def along_the_street(count: int, *, shifted: bool = False, start: str = "N") -> str:
    """Return cameras along the western street of the tiny town as CSV."""
    rows = []
    for at in range(count):
        lon, lat = 120.00002, 30.0001 + 0.0018 * at / count
        if shifted:
            x, y = wgs84_to_gcj02([lon], [lat])
            lon, lat = float(x[0]), float(y[0])
        rows.append(f"{start}{at},fixed,{lon:.7f},{lat:.7f}")
    return HEAD + "\n".join(rows) + "\n"


def send(client: Any, name: str, content: str | bytes, **fields: str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post("/uploads", files={"file": (name, data)}, data=fields)


def sent(client: Any, name: str, content: str | bytes, **fields: str) -> str:
    answer = send(client, name, content, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_faults_are_told_by_row_on_the_page_and_in_a_workbook(client: httpx2.Client) -> None:
    text = HEAD + "a,fixed,120.0001,30.0005\na,odd,120.0001,30.0006\n"
    name = sent(client, "cameras.csv", text, crs="wgs84")
    found = client.get(f"/uploads/{name}").json()
    assert found["state"] == "faults"
    told = {(f["row"], f["column"]) for f in found["faults"]}
    assert told == {(3, "code"), (3, "kind")}
    page = client.get(f"/planner/files/{name}?lang=zh").text
    assert "“odd”不是认识的词" in page
    assert "与第 2 行的编码重复" in page
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(f"/uploads/{name}/faults.xlsx?lang=en").content)
    )
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows[0] == ("Row", "Column", "What is wrong")
    assert {row[:2] for row in rows[1:]} == {("3", "code"), ("3", "kind")}


def test_a_wrong_datum_is_asked_about_and_mended(client: httpx2.Client) -> None:
    name = sent(client, "摄像机.csv", along_the_street(30, shifted=True))
    found = client.get(f"/uploads/{name}").json()
    assert (found["state"], found["kind"], found["found_out"]) == ("datum", "cameras", True)
    assert found["evidence"][0]["name"] == "gcj02"
    assert found["evidence"][0]["on_roads"] == 1.0
    page = client.get(f"/planner/files/{name}?lang=en").text
    assert "It is GCJ-02" in page
    assert page.count('<svg viewBox="0 0 300 200"') == 3
    client.post(f"/uploads/{name}", json={"crs": "gcj02"})
    seen = client.get(f"/uploads/{name}").json()
    assert seen["state"] == "preview"
    assert seen["import"]["changes"]["cameras"]["counts"]["added"] == 30
    done = client.post(f"/uploads/{name}/apply", json={"revision": seen["revision"]}).json()
    assert done["revision"] == seen["revision"] + 1
    again = client.post(f"/uploads/{name}/apply", json={"revision": done["revision"]})
    assert again.status_code == 409
    assert "revision" in client.get(f"/planner/files/{name}?lang=en").text
    # Where they are now: on the street, not 500 m beside it.
    same = sent(client, "cameras.csv", along_the_street(30), crs="wgs84")
    counts = client.get(f"/uploads/{same}").json()["import"]["changes"]["cameras"]["counts"]
    assert counts["added"] == 0


def test_what_was_looked_at_is_what_is_brought_in(client: httpx2.Client) -> None:
    first = sent(client, "cameras.csv", along_the_street(3, start="A"), crs="wgs84")
    second = sent(client, "cameras.csv", along_the_street(3, start="B"), crs="wgs84")
    looked = client.get(f"/uploads/{first}").json()["revision"]
    other = client.get(f"/uploads/{second}").json()["revision"]
    assert looked == other
    assert client.post(f"/uploads/{first}/apply", json={"revision": looked}).is_success
    late = client.post(f"/uploads/{second}/apply", json={"revision": other})
    assert late.status_code == 409
    assert "meanwhile" in late.json()["detail"]
    assert client.request("DELETE", f"/uploads/{second}", json={}).is_success
    assert client.get(f"/uploads/{second}").status_code == 404


def test_a_changed_cell_and_a_vanished_row_are_shown_before_anything_changes(
    client: httpx2.Client,
) -> None:
    name = sent(client, "cameras.csv", along_the_street(2, start="V"), crs="wgs84")
    before = client.get(f"/uploads/{name}").json()["revision"]
    client.post(f"/uploads/{name}/apply", json={"revision": before})
    text = along_the_street(1, start="V").replace("fixed", "dome")
    name = sent(client, "cameras.csv", text, crs="wgs84")
    found = client.get(f"/uploads/{name}").json()["import"]["changes"]["cameras"]
    changed = {(c["code"], c["column"], c["old"], c["new"]) for c in found["changed"]}
    assert ("V0", "kind", "fixed", "dome") in changed
    assert "V1" in found["vanished"]
    page = client.get(f"/planner/files/{name}?lang=en").text
    assert "<del>fixed</del>" in page
    assert "rows of the town are not in the file" in page
    assert client.get(f"/uploads/{name}").json()["choices"]["vanished"] == "keep"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../../tmp/x.csv", "x.csv"),
        ("..\\..\\x.csv", "x.csv"),
        ("/etc/passwd.csv", "passwd.csv"),
    ],
)
def test_a_name_is_shown_and_never_becomes_a_path(
    client: httpx2.Client, name: str, shown: str
) -> None:
    answer = send(client, name, along_the_street(1), layer="cameras")
    assert answer.status_code == 201
    document = answer.json()
    assert document["names"][0].endswith(shown)
    assert "/" not in document["names"][0]
    assert client.request("DELETE", f"/uploads/{document['id']}", json={}).is_success


def test_files_of_other_kinds_and_no_file_are_refused(client: httpx2.Client) -> None:
    assert send(client, "virus.exe", b"MZ").status_code == 400
    assert client.post("/uploads", files={"other": ("a.csv", b"x")}).status_code == 400
    assert client.get("/uploads/" + "x" * 22).status_code == 404
    assert client.get("/uploads/..%2f..%2fetc").status_code in (400, 404)


def test_what_is_too_large_is_refused_before_it_is_read(client: httpx2.Client) -> None:
    url = client.base_url
    with closing(http.client.HTTPConnection(url.host, url.port, timeout=60)) as connection:
        connection.putrequest("POST", "/uploads")
        connection.putheader("Content-Type", "multipart/form-data; boundary=x")
        connection.putheader("Content-Length", "110000000")
        connection.endheaders()
        with connection.getresponse() as answer:  # nothing of the 110 MB was sent
            assert answer.status == 413
            assert "100 MB" in json.loads(answer.read())["detail"]


def test_a_stream_without_a_length_is_cut_off(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parts() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(120):
            yield b"a" * 1_048_576

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    try:
        answer = client.post("/uploads", headers=headers, content=parts())
    except httpx2.WriteError:  # the server has hung up already
        return
    assert answer.status_code == 413


def test_a_zip_bomb_is_refused_by_the_limits_of_reading(client: httpx2.Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 600_000_000)
        archive.writestr("a.dbf", b"\0")
        archive.writestr("a.shx", b"\0")
    name = sent(client, "bomb.zip", packed.getvalue(), layer="cameras")
    assert client.get(f"/uploads/{name}").json()["state"] == "refused"


def test_script_in_every_text_field_is_shown_as_text(client: httpx2.Client) -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [120.00002, 30.0005]},
        "properties": {
            "code": SCRIPT,
            "name": SCRIPT,
            "kind": "fixed",
            SCRIPT: SCRIPT,
        },
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    good = sent(client, f"cameras {SCRIPT}.geojson", text, layer="cameras")
    feature["properties"]["kind"] = SCRIPT  # type: ignore[index]
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    bad = sent(client, "cameras.geojson", text, layer="cameras", crs=SCRIPT[:8])
    wrong = sent(client, "cameras.geojson", text, layer="cameras")
    for name in (good, bad, wrong):
        page = client.get(f"/planner/files/{name}?lang=en")
        assert page.status_code == 200
        assert SCRIPT not in page.text
    assert "&lt;script&gt;" in client.get(f"/planner/files/{wrong}").text
    assert SCRIPT not in client.get("/planner/files").text
    for name in (good, bad, wrong):
        client.request("DELETE", f"/uploads/{name}", json={})


def test_uploads_are_a_planners_and_only_ones_own(
    guarded: Any, enter: Callable[[str], Any]
) -> None:
    for role in ("viewer", "commander"):
        assert send(enter(role), "cameras.csv", HEAD).status_code == 403
    planner, admin = enter("planner"), enter("admin")
    name = sent(planner, "cameras.csv", along_the_street(1), layer="cameras", crs="wgs84")
    assert admin.get(f"/uploads/{name}").status_code == 404
    token = planner.headers.pop("X-CSRF-Token")
    assert send(planner, "cameras.csv", HEAD).status_code == 403
    planner.headers["X-CSRF-Token"] = token
    evil = planner.post(
        "/uploads", files={"file": ("a.csv", b"x")}, headers={"Origin": "https://evil.example"}
    )
    assert evil.status_code == 403
    assert planner.post(f"/uploads/{name}/apply", content=b"x=1").status_code in (400, 403, 415)
    folder = Path(guarded.state.settings.workspace) / "uploads" / name
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} == {"file-001.csv", "upload.json"}
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in folder.glob("file-*"))
    seen = planner.get(f"/uploads/{name}").json()
    assert planner.post(f"/uploads/{name}/apply", json={"revision": seen["revision"]}).is_success
    assert {path.name for path in folder.iterdir()} == {"upload.json"}
