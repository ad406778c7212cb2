"""A night whose shift is now, of two teams in the tiny town, and a server of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import httpx2
import real_server
from shapely import Point

from api.plates import issue
from gis.patrol_rows import PlannedNight
from gis.store import open_store
from gis.store_patrols import change_plates, save_nights

EVENING = Path(__file__).parents[1] / "data" / "patrol_evening.json"
ZONE = ZoneInfo("Asia/Shanghai")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00")
# From where the plan was made to the tiny town.
MOVE = (120.0005 - 120.723, 30.0005 - 30.1525)
# A place of the other team, which nobody else may see.
OTHERS = "夜莺队的秘密点"


def evening(depart: datetime | None = None) -> dict[str, Any]:
    """Return the plan of a night that has begun five minutes ago, or begins at a moment.

    Team t1 has the stops p1, x7, x7#2; team t3 has q1, q2.
    """
    begin = depart or datetime.now(ZONE).replace(microsecond=0) - timedelta(minutes=5)
    plan = json.loads(EVENING.read_text("utf-8"))
    by = begin - datetime.fromisoformat(plan["teams"][0]["depart"])

    def later(found: re.Match[str]) -> str:
        return (datetime.fromisoformat(found.group()) + by).isoformat()

    plan = moved(json.loads(MOMENT.sub(later, json.dumps(plan, ensure_ascii=False))))
    plan["date"] = plan["params"]["date"] = begin.date().isoformat()
    first = plan["teams"][0]
    plan["teams"].append({**other_team(first), "code": "t3", "name": "夜莺队"})
    return plan  # type: ignore[no-any-return]


def other_team(team: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(team, ensure_ascii=False)
    text = text.replace('"p1"', '"q1"').replace('"x7"', '"q2"').replace('"x7#2"', '"q2#2"')
    made: dict[str, Any] = json.loads(text)
    for stop in made["stops"]:
        stop["name"] = stop["landmark"] = OTHERS
    return made


def moved(value: Any) -> Any:
    """Return a document with all its places in the tiny town."""
    if isinstance(value, dict):
        return {
            key: part + MOVE[key.endswith("lat")]
            if key.rsplit("_", 1)[-1] in ("lon", "lat")
            else moved(part)
            for key, part in value.items()
        }
    if isinstance(value, list):
        if len(value) == 2 and all(isinstance(part, float) for part in value):
            return [value[0] + MOVE[0], value[1] + MOVE[1]]
        return [moved(part) for part in value]
    return value


@dataclass(frozen=True)
class Served:
    """A server, its folder and the night it knows."""

    folder: Path
    url: str
    night: date
    client: httpx2.Client

    def link(self, team: str = "t1") -> dict[str, Any]:
        answer = self.client.post(f"/patrols/{self.night}/links", json={"teams": [team]})
        assert answer.status_code == 201, answer.text
        (link,) = answer.json()["links"]
        return dict(link)


def give_out(folder: Path, plan: dict[str, Any]) -> None:
    """Keep a plan in a town, with two patrol points and their plates."""
    points = gpd.GeoDataFrame(
        {"code": ["x7", "x9"], "name": ["北门巡更点", "南门巡更点"]},
        geometry=[Point(120.0005, 30.0018), Point(120.0015, 30.0002)],
        crs=4326,
    )
    with open_store(folder / "town.db") as store:
        store.import_layers({"patrol_points": points}, source="a test")
        save_nights(store, [PlannedNight(date.fromisoformat(plan["date"]), 1, plan)])
        change_plates(store, issue(["x7", "x9"], datetime.now(UTC)))


@contextmanager
def serving(folder: Path, plan: dict[str, Any]) -> Iterator[Served]:
    """Yield a server of a town with a plan; it has to end without complaint."""
    give_out(folder, plan)
    with (
        real_server.serving(folder, "--no-worker") as server,
        httpx2.Client(base_url=server.address, timeout=120) as client,
    ):
        yield Served(folder, server.address, date.fromisoformat(plan["date"]), client)
