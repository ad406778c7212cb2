"""Milliseconds to find places among 50,000 names, beside pandas' `str.contains`.

    python -P benchmarks/places.py [NAMES]

The town is made up: addresses along roads, sites, cameras, roads. The peer looks for the words in
columns of names and of pinyin made ready before, and does not rank what it finds.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString

from gis.layers import Layers, conform
from gis.pinyin import initials, readings
from gis.places import build_index

REPEATS = 5
FIRST = "海舜沥南北东西百联华城新光明民伟三四二金银滨江湖星月云和平安宁康乐永兴"
SECOND = "东南西北海江山河湖光华安宁兴盛昌荣丰泰祥和平"
SITES = ("小学", "幼儿园", "卫生院", "农贸市场", "银行", "花园", "公园", "超市", "加油站", "工业园")

QUERIES = (
    *("海东路", "海东路12号", "海东路 12号", "12号 海东路", "海东路十二号", "路", "号", "1"),
    *("haidonglu", "haidong", "hdl", "hdl12h", "haidl", "h", "hl", "xinanlu 8hao", "l h"),
    *("农贸市场", "nongmao", "nmsc", "和平 银行", "heping yinhang", "330602", "c0012", "way/7"),
    *("海东路与江山路口", "海东路 / 江山路", "不存在的地方", "zzzz", "ａｂｃ１２"),
)


def town(names: int, seed: int = 1) -> Layers:
    """Return a made-up town with about so many names."""
    random = np.random.default_rng(seed)
    stems = [a + b for a, b in product(FIRST, SECOND)]
    roads = [f"{stem}路" for stem in stems[: max(names // 60, 2)]]
    n_sites, n_cameras = names // 10, names // 10
    n_addresses = names - n_sites - n_cameras - len(roads)
    of_road = random.integers(0, len(roads), n_addresses)
    numbers = np.arange(n_addresses) // len(roads) + 1
    addresses = [f"{roads[r]}{n}号" for r, n in zip(of_road, numbers, strict=True)]
    kinds, at = random.integers(0, len(SITES), n_sites), random.integers(0, len(stems), n_sites)
    sites = [f"{stems[s]}{SITES[k]}" for s, k in zip(at, kinds, strict=True)]
    cameras = [f"{roads[r]}摄像机" for r in random.integers(0, len(roads), n_cameras)]
    starts = random.uniform((120.6, 30.1), (120.8, 30.2), (len(roads), 2))
    lines = [LineString([(x, y), (x + 0.01, y + 0.002)]) for x, y in starts.tolist()]
    frames = {
        "addresses": points(addresses, "330602017", random),
        "sites": points(sites, "way/", random).assign(kind="other"),
        "cameras": points(cameras, "c", random),
        "streets": gpd.GeoDataFrame(
            {"code": [f"r{n}" for n in range(len(roads))], "name": roads}, geometry=lines, crs=4326
        ),
    }
    return Layers("Made up", {name: conform(rows, name) for name, rows in frames.items()})


def points(names: list[str], prefix: str, random: np.random.Generator) -> gpd.GeoDataFrame:
    lon, lat = random.uniform((120.6, 30.1), (120.8, 30.2), (len(names), 2)).T
    codes = [f"{prefix}{n:05d}" for n in range(len(names))]
    places = gpd.points_from_xy(lon, lat)
    return gpd.GeoDataFrame({"code": codes, "name": names}, geometry=places, crs=4326)


def peer(layers: Layers) -> Callable[[str], int]:
    """Return a search of every column with pandas: how many rows hold all the words."""
    frames = [layers[name] for name in ("addresses", "sites", "cameras", "streets")]
    table = pd.concat([pd.DataFrame(frame[["code", "name"]]) for frame in frames])
    full = ["".join(readings(sign)[0] for sign in name) for name in table["name"]]
    table = table.assign(full=full, short=[initials(name) for name in table["name"]])

    def find(words: str) -> int:
        held = pd.Series(True, index=range(len(table)))
        for word in words.split():
            columns = ("name", "full", "short", "code") if word.isascii() else ("name",)
            hits = [table[c].str.contains(word, regex=False).to_numpy() for c in columns]
            held &= np.any(hits, axis=0)
        return int(held.sum())

    return find


def milliseconds(find: Callable[[str], object], words: str) -> float:
    """Return the middle of several runs."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        find(words)
        times.append(1000 * (time.perf_counter() - begin))
    return float(np.median(times))


def main() -> None:
    names = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    print(f"load {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores, pandas {pd.__version__}")
    layers = town(names)
    begin = time.perf_counter()
    index = build_index(layers)
    print(f"{index.summary()}; index made in {time.perf_counter() - begin:.2f} s")
    searches: dict[str, Callable[[str], object]] = {"find": index.find}
    searches["str.contains"] = peer(layers)
    table = pd.DataFrame(
        {name: [milliseconds(find, words) for words in QUERIES] for name, find in searches.items()},
        index=pd.Index(QUERIES, name="words"),
    )
    print(table.round(2).to_string())
    for name, times in table.items():
        print(f"{name}: p50 {times.median():.2f} ms, max {times.max():.2f} ms ({times.idxmax()})")


if __name__ == "__main__":
    main()
