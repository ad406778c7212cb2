"""OGC API - Features: what the standard asks for, and a program that reads it."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pyogrio
import pytest

from api.ogc_query import feature_query
from gis.errors import ParameterError

PARTS = ["/ogc", "/ogc/conformance", "/ogc/collections", "/ogc/collections/streets",
         "/ogc/collections/streets/items"]  # fmt: skip


def linked(document: dict[str, Any], rel: str) -> dict[str, str]:
    """Return the one link of a kind that is no page."""
    links: list[dict[str, str]] = [
        one for one in document["links"] if one["rel"] == rel and one["type"] != "text/html"
    ]
    assert len(links) == 1, rel
    return links[0]


def test_everything_is_found_from_the_landing_page(client: httpx2.Client) -> None:
    landing = client.get("/ogc").json()
    api = client.get(linked(landing, "service-desc")["href"])
    assert api.json()["openapi"].startswith("3.")
    conforms = client.get(linked(landing, "conformance")["href"]).json()["conformsTo"]
    assert any(one.endswith("/conf/core") for one in conforms)
    collections = client.get(linked(landing, "data")["href"]).json()["collections"]
    assert {one["id"] for one in collections} >= {"streets", "cameras", "sites"}
    for one in collections:
        assert client.get(linked(one, "self")["href"]).json() == one
        items = client.get(linked(one, "items")["href"])
        assert items.headers["content-type"] == "application/geo+json"
        assert items.json()["numberReturned"] == len(items.json()["features"])


def test_pages_lead_to_each_other_and_to_each_feature(client: httpx2.Client) -> None:
    every = client.get("/ogc/collections/streets/items").json()
    page = client.get("/ogc/collections/streets/items", params={"limit": 1}).json()
    seen = page["features"]
    while any(one["rel"] == "next" for one in page["links"]):
        page = client.get(linked(page, "next")["href"]).json()
        seen += page["features"]
    assert seen == every["features"]
    assert every["numberMatched"] == len(seen) > 0
    one = client.get(f"/ogc/collections/streets/items/{seen[0]['id']}").json()
    assert one["properties"] == seen[0]["properties"]
    assert linked(one, "collection")["href"].endswith("/ogc/collections/streets")


@pytest.mark.parametrize("path", PARTS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_browsers_get_a_page(client: httpx2.Client, path: str, lang: str) -> None:
    answer = client.get(path, params={"lang": lang}, headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer.headers["content-type"].startswith("text/html")
    assert f'<html lang="{lang}' in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]
    for address in re.findall(r'<link rel="stylesheet" href="([^"]+)"', answer.text):
        assert client.get(answer.url.join(address)).status_code == 200
    assert client.get(path, params={"f": "json"}, headers={"Accept": "text/html"}).json()


@pytest.mark.parametrize("path", PARTS)
def test_what_has_not_changed_is_not_sent_again(client: httpx2.Client, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    page = client.get(path, params={"f": "html"})
    assert page.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("path", [*PARTS, "/healthz", "/coverage", "/pages/coverage", "/docs"])
def test_head_says_what_get_says(client: httpx2.Client, path: str) -> None:
    head, full = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag"):
        assert head.headers.get(name) == full.headers.get(name)


def test_head_of_a_stream_ends(client: httpx2.Client) -> None:
    answer = client.head("/displays/hall/events")
    assert answer.headers["content-type"].startswith("text/event-stream")


def test_head_is_no_way_round_a_refusal(client: httpx2.Client) -> None:
    assert client.head("/nothing").status_code == 404
    assert client.head("/jobs/1/cancel").status_code == 405


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("colour=red", "colour: no such parameter"),
        ("bbox=1,2,3", "bbox: "),
        ("bbox=1,2,nan,4", "bbox: "),
        ("bbox=0,40,1,30", "bbox: "),
        ("bbox=0,0,1,1&bbox=0,0,1,1", "bbox: is given twice"),
        ("datetime=yesterday", "datetime: "),
        ("datetime=2026-02-01/2026-01-01", "datetime: begins after"),
        ("datetime=2026-01-01T00:00:00", "datetime: "),
        ("limit=0", "limit: "),
        ("limit=many", "limit: "),
        ("speed_kmh=fast", "speed_kmh: 'fast' is no number"),
        ("lit=maybe", "lit: "),
        ("crs=http://www.opengis.net/def/crs/EPSG/0/4490", "crs: there is only"),
    ],
)
def test_what_is_asked_wrongly_is_named(client: httpx2.Client, query: str, fault: str) -> None:
    answer = client.get(
        f"/ogc/collections/streets/items?{query}", headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 400
    assert fault in answer.json()["detail"]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(ParameterError, match=r"colour.*bbox"):
        feature_query("streets", [("colour", "red"), ("bbox", "1")])


@pytest.mark.parametrize(
    "text", ["2026-11-26", "2026-11-26T20:00:00Z", "../2026-11-26", "2026-01-01/.."]
)
def test_datetimes_of_the_standard_are_taken(text: str) -> None:
    assert feature_query("streets", [("datetime", text)]).where == {}


def test_more_than_there_may_be_is_what_there_may_be() -> None:
    assert feature_query("streets", [("limit", "99999")]).limit == 10_000


def test_a_box_across_the_date_line_is_two() -> None:
    assert feature_query("streets", [("bbox", "170,-10,-170,10")]).boxes == (
        (170, -10, 180, 10),
        (-180, -10, -170, 10),
    )


def test_layers_that_hold_totals_of_incidents_are_not_there(client: httpx2.Client) -> None:
    names = {one["id"] for one in client.get("/ogc/collections").json()["collections"]}
    assert not names & {"incidents", "facts", "restrictions"}
    assert client.get("/ogc/collections/facts/items").status_code == 404


def test_a_link_to_the_next_page_keeps_the_question(client: httpx2.Client) -> None:
    asked = {"bbox": "119,29,121,31", "limit": "1", "datetime": "2026-11-26"}
    page = client.get("/ogc/collections/buildings/items", params=asked).json()
    assert "numberMatched" not in page
    query = dict(parse_qsl(urlsplit(linked(page, "self")["href"]).query))
    assert query == asked


def test_gdal_reads_it(client: httpx2.Client) -> None:
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("this GDAL has no driver OAPIF")
    source = f"OAPIF:{str(client.base_url).rstrip('/')}/ogc"
    names = set(pyogrio.list_layers(source)[:, 0])
    assert {"streets", "cameras"} <= names
    streets = pyogrio.read_dataframe(source, layer="streets")
    told = client.get("/ogc/collections/streets/items").json()["features"]
    assert streets["code"].tolist() == [one["id"] for one in told]
    assert streets.geometry.to_wkt().tolist() == [
        pyogrio.read_dataframe(json.dumps(one)).geometry.to_wkt()[0] for one in told
    ]
    assert len(pyogrio.read_dataframe(source, layer="cameras", bbox=(0, 0, 1, 1))) == 0
