"""The made-up town: villages that fail on purpose are found, and nobody else."""

from __future__ import annotations

from datetime import date

import pytest

from gis.profiles import load
from gis.sample import make_sample
from planner.params import Params
from planner.results_targets import Targets
from planner.targets import evaluate
from planner.targets_profile import load_profile


@pytest.fixture(scope="module")
def result() -> Targets:
    profile, params = load_profile("binhai-2019"), Params.default()
    return evaluate(make_sample(), None, None, profile, params, date(2026, 11, 25))


@pytest.mark.parametrize(
    ("meant", "target"),
    [
        ("too_few_for_community", "A2"),
        ("no_auxiliary", "A3"),
        ("posts_unfilled", "A5"),
        ("head_missing", "A9"),
        ("few_members", "A10"),
        ("not_linked", "A14"),
        ("not_smart", "A15"),
        ("incidents_rising", "A17"),
        ("none_networked", "C2"),
    ],
)
def test_a_village_that_fails_on_purpose_is_found(result: Targets, meant: str, target: str) -> None:
    sample = load("sample")
    rows = result.failing[result.failing["target"] == target]
    for letter in sample["failing"][meant]:
        assert sample["villages"][letter]["code"] in set(rows["village"])


def test_who_handed_in_nothing_is_named(result: Targets) -> None:
    sample = load("sample")
    (silent,) = (sample["villages"][letter] for letter in sample["failing"]["facts_missing"])
    rows = result.lacking[result.lacking["target"].isin(["A1", "A3", "A9", "A17"])]
    assert len(rows) == 4
    assert (rows["places"] == 1).all()
    assert rows["zh"].str.contains(silent["name"]).all()
    cards = result.scorecards.set_index(["scope", "code", "target"])["status"]
    assert cards.loc[("village", silent["code"], "A9")] == "cannot_tell"


def test_the_villages_of_a_target_are_failing_known_or_silent(result: Targets) -> None:
    """Every village is accounted for once in the share of those with the right head."""
    cards = result.scorecards
    cards = cards[(cards["target"] == "A9") & (cards["scope"] == "village")]
    assert cards["status"].value_counts().to_dict() == {"met": 22, "not_met": 1, "cannot_tell": 1}
