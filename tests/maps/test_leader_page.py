"""The page of a leader as text: its words, its colours at night, what it never holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gis.layers import Layers
from gis.profiles import load
from maps.pages_leader import SCRIPTS, gone_page, leader_page, worker_script
from maps.panels_leader import CARD_WORDS, LeaderSheet, hazard_kinds, hazard_word, leader_sheet
from maps.patrol_card import team_cards
from maps.patrol_card_ground import ground_of
from maps.style import contrast, style
from maps.words import Lang
from maps.written import LANGUAGES

EVENING = json.loads(
    (Path(__file__).parents[1] / "data" / "patrol_evening.json").read_text("utf-8")
)
TEMPLATES = Path(__file__).parents[2] / "maps" / "templates"
HOLE = re.compile(r"\{\w+\}")
CJK = re.compile(r"[\u4e00-\u9fff]")


def sheet(town: Layers, lang: Lang = "zh", plan: dict[str, Any] = EVENING) -> LeaderSheet:
    (card,) = team_cards(plan, lang, "t1")
    return leader_sheet(card, ground_of(card, town), {"x7": "7", "x8": "8", "p1": "1"})


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return dict(json.loads(found.group(1)))


def test_names_cannot_break_out(town: Layers) -> None:
    plan = json.loads(json.dumps(EVENING))
    nasty = "</script><script>alert(1)</script><!-- \u2028"
    plan["teams"][0]["name"] = plan["teams"][0]["stops"][0]["name"] = nasty
    page = leader_page(sheet(town, plan=plan), "j", "?lang=en")
    assert page.count("<script") == 2
    assert "<!-- " not in page
    assert data_of(page)["stops"][0]["t"] == nasty


def test_everything_is_in_the_page_and_named_by_its_hash(town: Layers) -> None:
    page = leader_page(sheet(town), "j", "?lang=en", calls=[("派出所", "05751234")])
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "unsafe" not in policy.group(1)
    assert policy.group(1).count("sha256-") == 2
    assert not re.search(r"(?:src|href)=\"(?!data:|tel:|\?|#)", page)
    assert not re.search(
        r"\son[a-z]+=|\sstyle=", re.sub(r"<script.*?</script>", "", page, flags=re.S)
    )
    assert 'href="tel:110"' in page
    assert 'href="tel:05751234"' in page


def test_plates_of_the_route_have_their_numbers_and_no_others(town: Layers) -> None:
    data = sheet(town).data
    assert [stop["p"] for stop in data["stops"]] == ["", "7", "7"]
    assert '"8"' not in json.dumps(data["stops"])


def test_the_map_is_measured_in_degrees(town: Layers) -> None:
    made = sheet(town)
    ground = made.data["ground"]
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', made.svg)
    assert box is not None
    wide, high = map(int, box.groups())
    assert wide / high == pytest.approx(ground["width"] / ground["height"], rel=0.01)
    assert ground["left"] < 0 < ground["left"] + ground["width"]
    assert ground["top"] < 0 < ground["top"] + ground["height"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_word_is_there_in_each_language(town: Layers, lang: Lang) -> None:
    at = LANGUAGES.index(lang)
    for key, pair in load("leader")["words"].items():
        assert len(pair) == 2, key
        if key != "language":
            assert bool(CJK.search(pair[at])) == (lang == "zh"), key
        assert sorted(HOLE.findall(pair[0])) == sorted(HOLE.findall(pair[1])), key
    scripts = "".join((TEMPLATES / name).read_text("utf-8") for name in SCRIPTS)
    used = set(re.findall(r"\bsay\.([a-z_0-9]+)", scripts)) | set(
        re.findall(r'"(refused_\w+)"', scripts)
    )
    words = sheet(town, lang).data["words"]
    assert used <= set(words)
    rungs = {rung["rung"] for rung in EVENING["teams"][0]["ladder"]}
    assert rungs <= set(words)
    assert set(CARD_WORDS) - rungs <= used | {"scan"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_there_are_eight_kinds_of_hazards_with_word_and_sign(lang: Lang) -> None:
    kinds = hazard_kinds(lang)
    assert len(kinds) == 8
    assert len({kind["word"] for kind in kinds}) == 8
    assert len({kind["sign"] for kind in kinds}) == 8
    assert all(re.fullmatch(r"[MLHVCSQTAZmlhvcsqtaz0-9 .,-]+", kind["sign"]) for kind in kinds)
    assert hazard_word("unknown", lang) == "unknown"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", ["altered", "expired", "revoked", "many"])
def test_a_page_that_is_gone_says_why_and_what_to_do(lang: Lang, reason: Any) -> None:
    page = gone_page(reason, lang, "j1")
    assert ("派出所" if lang == "zh" else "station") in page
    assert 'data-key="leader j1"' in page
    assert 'href="tel:110"' in page
    assert 'data-key=""' in gone_page(reason, lang)


def test_the_worker_says_what_is_not_kept_in_both_languages() -> None:
    script = worker_script()
    assert "没有信号" in script
    assert "No signal" in script
    assert "{nothing}" not in script


def test_colours_at_night_can_be_read() -> None:
    """Texts 4.5:1, large ones and edges 3:1, on what they stand on in the dark."""
    dark, night = style()["tokens"]["dark"], load("leader")["night"]
    on = [
        ("text", "background"), ("text", "panel"), ("muted", "background"), ("muted", "panel"),
        ("accent", "panel"), ("accent", "background"), ("not_met_words", "panel"),
        ("met_words", "panel"), ("background", "accent"), ("panel", "text"),
    ]  # fmt: skip
    for above, below in on:
        assert contrast(dark[above], dark[below]) >= 4.5, (above, below)
    assert contrast(night["muted"], night["ground"]) >= 4.5
    for colour in load("publish")["colours"]["next"]:
        assert contrast(colour, night["ground"]) >= 3
        assert contrast(colour, "#ffffff") >= 3
    assert contrast(night["street"], night["ground"]) > contrast(night["path"], night["ground"])


def test_the_map_turns_dark_by_the_colours_of_the_card(town: Layers) -> None:
    made = sheet(town)
    for name in ("ground", "building", "street"):
        colour = load("publish")["colours"][name]
        assert f'"{colour}"' in made.svg
        assert f'="{colour}"]' in made.css
