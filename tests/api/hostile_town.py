"""A town of one block whose every text is an attack, with everything that pages show of a town."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from leader_evening import evening
from shapely import LineString, Point, Polygon, box

from api.answers import make_answers
from api.auth import Who
from api.auth_sessions import token_hash
from api.compared import compare
from api.jobs import submit_job
from api.links import make_link, revoke_link
from api.roster import make_roster
from api.uploads import Choices, keep_upload
from api.workspace import Workspace, create_workspace, open_workspace
from gis.duty_rows import Closure, HandSet, OpenIncident, SentUnit
from gis.patrol_rows import PlannedNight
from gis.schema import SCHEMAS, LayerSchema
from gis.store import Store
from gis.store_duty import add_closure, set_by_hand
from gis.store_field import Hazard, Signal, save_hazard, save_signal
from gis.store_incidents import add_incident
from gis.store_jobs import claim, finish
from gis.store_patrols import save_nights
from gis.store_sessions import Session, start_session
from gis.store_users import add_user

ATTACK = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{7*7}}javascript:alert(3)"""
TOKEN = "the session of the sweep"
PLACE = (120.0018, 30.0019)
RING = [(120.0, 30.0), (120.0, 30.002), (120.002, 30.002), (120.002, 30.0), (120.0, 30.0)]
SQUARE = Polygon(RING)
# So many rows a layer has; text that has a form of its own keeps it.
ROWS = 2
FORMS: dict[tuple[str, str], Any] = {
    ("teams", "shifts"): "19:00-20:00",
    ("patrol_points", "window"): "19:00-21:00",
    ("units", "duty_hours"): "00:00-24:00",
    ("service_points", "hours"): "08:00-17:00",
    ("road_checkpoints", "hours"): "08:00-17:00",
    ("facts", "place_layer"): "villages",
    ("facts", "key"): "officers",
    ("facts", "period"): "2026",
    ("facts", "value"): "1",
    ("streets", "highway"): "residential",
    ("restrictions", "modes"): None,
}
# Columns that name a row of another layer.
POINTS_AT = {
    "village": "villages",
    "grid": "grids",
    "station": "stations",
    "place_code": "villages",
    "from_street": "streets",
    "to_street": "streets",
    "via_streets": "streets",
}
NUMBERS = """
[patrol]
iterations = 5
seconds = 1.0
[nights]
iterations = 5
first_iterations = 5
[video]
address = "http://video.example/live?code={code}"
"""


def code_of(layer: str, row: int) -> str:
    """Return the code of a row."""
    return f"{ATTACK}{layer} {row}"


def rows_of(schema: LayerSchema) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return the rows of a layer, every text an attack, every word out of its vocabulary."""
    rows = [{"beside": ATTACK} | _row(schema, n) for n in range(ROWS)]
    if schema.geometry == "table":
        return pd.DataFrame(rows)
    shapes = [_shape(schema.name, schema.geometry, n) for n in range(ROWS)]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=4326)


def make_hostile(folder: Path) -> dict[str, str]:
    """Make the town with its answers and return what addresses of its pages hold, by name."""
    create_workspace(folder, ATTACK)
    with (folder / "fengqiao.toml").open("a", encoding="utf-8") as file:
        file.write(NUMBERS)
    workspace = open_workspace(folder)
    with workspace.open_store() as store:
        frames = {name: rows_of(schema) for name, schema in SCHEMAS.items()}
        store.import_layers(frames, source=ATTACK, attribution=(ATTACK,))
        make_answers(workspace, store, options={"date": date(2026, 11, 24)})
        compare(workspace, store, "2020-01-01")
        make_roster(workspace, store, first=date(2026, 11, 24), nights=2)
        known = _night(store) | _uploads(workspace)
        known["number"] = _now(store)
        _job(store)
        now = datetime.now(UTC)
        for name, role in (("chief", "admin"), (ATTACK, "admin")):
            add_user(store, name, role, "no hash")
        ends = now + timedelta(days=1)
        start_session(store, Session(token_hash(TOKEN), ATTACK, "admin", "csrf", now, now, ends))
    return known


def _row(schema: LayerSchema, n: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for column in schema.columns:
        if column.name == "code":
            made["code"] = code_of(schema.name, n)
        elif (schema.name, column.name) in FORMS:
            made[column.name] = FORMS[schema.name, column.name]
        elif column.name in POINTS_AT:
            made[column.name] = code_of(POINTS_AT[column.name], 0)
        elif column.type == "text":
            made[column.name] = f"{ATTACK}{column.name} {n}"
        elif column.type == "word":
            made[column.name] = column.words[0]
        elif column.type == "date":
            made[column.name] = "2026-01-01"
    return made


def _shape(layer: str, kind: str, n: int) -> Any:
    if layer == "streets":
        return LineString(RING[n * 2 : n * 2 + 3])
    if layer == "villages":
        return box(120.0 + 0.001 * n, 30.0, 120.001 + 0.001 * n, 30.002)
    if kind == "polygon":
        return box(120.0007, 30.0007 + 0.0004 * n, 120.0013, 30.0010 + 0.0004 * n)
    number = list(SCHEMAS).index(layer)
    return Point(120.0001 + 0.0018 * n, 30.0001 + 0.00009 * number)


def _night(store: Store) -> dict[str, str]:
    """Give out a night that is now, and return its links and its date."""
    plan = evening()
    for team in plan["teams"]:
        team["name"] = f"{ATTACK}{team['code']}"
        for stop in team["stops"]:
            stop["name"] = stop["landmark"] = f"{ATTACK}{stop['code']}"
        for step in (step for leg in team.get("legs", ()) for step in leg.get("steps", ())):
            step["street"] = step["text"]["zh"] = step["text"]["en"] = ATTACK
    night = date.fromisoformat(plan["date"])
    save_nights(store, [PlannedNight(night, 1, plan)])
    open_link, ended = (make_link(store, team, night, ATTACK) for team in ("t1", "t3"))
    revoke_link(store, ended.jti)
    save_signal(store, Signal(night, "t1", "set_out", at=datetime.now(UTC)))
    lon, lat = PLACE
    hazard = Hazard("a", "lamp", lon, lat, night, "t1", datetime.now(UTC), "mending", ATTACK)
    save_hazard(store, hazard)
    paths = [link.url_path.removeprefix("/p/") for link in (open_link, ended)]
    return {"token": paths[0], "ended": paths[1], "night": plan["date"]}


def _uploads(workspace: Workspace) -> dict[str, str]:
    """Keep a file that could be imported, and one that could not; return what they are called."""
    good = {"code": ATTACK, "name": ATTACK, "kind": "fixed", ATTACK: ATTACK}
    made = {}
    for name, properties in (("good", good), ("bad", {**good, "kind": ATTACK})):
        point = {"type": "Point", "coordinates": [120.00002, 30.0005]}
        feature = {"type": "Feature", "geometry": point, "properties": properties}
        text = json.dumps({"type": "FeatureCollection", "features": [feature]})
        path = workspace.folder.parent / f"{name}.geojson"
        path.write_text(text, encoding="utf-8")
        with path.open("rb") as file:
            given = [(f"{ATTACK}{name}.geojson", file)]
            kept = keep_upload(workspace, ATTACK, given, Choices("cameras"))
        made[name] = kept.id
    return made


def _now(store: Store) -> str:
    """Let an incident be open, a unit be busy and a street closed; return the incident's number."""
    now, unit = datetime.now(UTC), code_of("units", 0)
    lon, lat = PLACE
    opened = OpenIncident("fight", lon, lat, now, ATTACK, code_of("villages", 1), 3)
    number = add_incident(store, replace(opened, units=(SentUnit(unit, now),))).number
    set_by_hand(store, HandSet(code_of("units", 1), "off", now))
    add_closure(store, Closure(code_of("streets", 1), now, reason=ATTACK))
    return str(number)


def _job(store: Store) -> None:
    """Let a report be made, of which only the file is missing."""
    submit_job(store, "report", {"format": "pdf"}, Who(ATTACK, "admin"))
    job = claim(store, "w")
    assert job is not None
    finish(store, job.id, "w", {"day": "2026-11-24", "file": "report.pdf"})
