"""Seconds for the sample town and what is done with its files; best of `RUNS`, load printed.

    python -P benchmarks/town_files.py

Asked: the sample town in under 20 s; `check` has no figure, 3 s is ours.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gis.checks import check_town
from gis.gb28181 import read_catalogue
from gis.layers import Layers
from gis.merge import compare
from gis.read import read_layer
from gis.sample import make_sample
from gis.store import open_store
from gis.template import write_template
from gis.write import write_layer

RUNS = 5
ITEMS = 20
MESSAGE = (
    "<Response><CmdType>Catalog</CmdType><SN>1</SN><DeviceID>33060200002000000001</DeviceID>"
    "<SumNum>{total}</SumNum><DeviceList Num='{count}'>{items}</DeviceList></Response>"
)
ITEM = (
    "<Item><DeviceID>{code}</DeviceID><Name>{name}</Name><Status>ON</Status>"
    "<Longitude>{lon}</Longitude><Latitude>{lat}</Latitude>"
    "<Info><PTZType>3</PTZType><DirectionType>1</DirectionType></Info></Item>"
)


def best_s(work: Callable[[], object]) -> float:
    """Return the seconds of the quickest run."""
    seconds = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def write_catalogue(town: Layers, folder: Path) -> Path:
    """Write the town's cameras as the messages of a platform, 20 a message."""
    cameras = town["cameras"]
    rows = zip(cameras["code"], cameras["name"], cameras.geometry, strict=True)
    items = [ITEM.format(code=c, name=n, lon=p.x, lat=p.y) for c, n, p in rows]
    folder.mkdir()
    for number, start in enumerate(range(0, len(items), ITEMS)):
        part = items[start : start + ITEMS]
        text = MESSAGE.format(total=len(items), count=len(part), items="".join(part))
        (folder / f"{number:03}.xml").write_text(text, encoding="gb18030")
    return folder


def main() -> None:
    town = make_sample()
    print(f"best of {RUNS}, load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores\n")
    print("| what | seconds |")
    print("|---|---|")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        messages = write_catalogue(town, folder / "catalogue")
        buildings = write_layer(town["buildings"], folder / "buildings.gpkg", revision=1)
        moved = town["buildings"].assign(name="x")
        works: dict[str, Callable[[], object]] = {
            "make the sample town": make_sample,
            "check it": lambda: check_town(town),
            "read a catalogue of 1,400 cameras in 70 messages": lambda: read_catalogue(
                messages, crs="wgs84", town=town
            ),
            "write 12,000 buildings as GeoPackage with base and style": lambda: write_layer(
                town["buildings"], folder / "again.gpkg", "buildings", revision=1
            ),
            "read them back": lambda: read_layer(buildings, "buildings", town=town),
            "compare 12,000 buildings, all changed": lambda: compare(town["buildings"], moved),
            "write the facts template, 28 sheets": lambda: write_template(
                folder / "facts.xlsx", "facts", town=town
            ),
        }
        for name, work in works.items():
            print(f"| {name} | {best_s(work):.2f} |", flush=True)
        with open_store(folder / "town.db", create=True) as store:
            store.import_layers(town.frames, source="sample")
            seconds = best_s(
                lambda: store.import_layers({"buildings": moved}, source="x", mode="merge")
            )
        print(f"| merge 12,000 buildings into the store | {seconds:.2f} |")


if __name__ == "__main__":
    main()
