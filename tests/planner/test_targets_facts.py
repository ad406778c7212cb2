from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planner.targets_facts import FactBook, fact_book, years_before

COLUMNS = ["place_layer", "place_code", "key", "period", "value"]


def book(*rows: tuple[str, str, str, str | None, str], today: date = date(2026, 6, 1)) -> FactBook:
    return fact_book(pd.DataFrame(rows, columns=COLUMNS), today)


def test_each_place_answers_with_the_latest_year_and_older_ones_are_marked() -> None:
    facts = book(
        ("villages", "a", "officers", "2024", "1"),
        ("villages", "a", "officers", "2025", "2"),
        ("villages", "b", "officers", "2023", "4"),
        ("villages", "b", "officers", "2024", "3"),
        ("grids", "a", "officers", "2025", "9"),
    )
    number, old = facts.of("villages", "officers", ["a", "b", "c"])
    assert number.tolist() == pytest.approx([2, 3, np.nan], nan_ok=True)
    assert old.tolist() == [False, True, False]
    number, old = facts.of("villages", "officers", ["a", "b"], back=1)
    assert number.tolist() == [1, 3]
    assert not old.any()
    assert facts.as_of("villages", "officers") == date(2025, 12, 31)
    assert facts.as_of("villages", "officers", back=1) == date(2024, 12, 31)


def test_months_make_a_mean_and_other_periods_the_last() -> None:
    facts = book(
        ("stations", "s", "visits", "2025-01", "100"),
        ("stations", "s", "visits", "2025-02", "200"),
        ("stations", "s", "officers", "2025-02", "5"),
        ("stations", "s", "officers", "2025-01", "4"),
    )
    assert facts.of("stations", "visits", ["s"])[0].tolist() == [150]
    assert facts.of("stations", "officers", ["s"])[0].tolist() == [5]


def test_a_period_that_has_not_begun_is_passed_over() -> None:
    rows = [("villages", "a", "officers", "2025", "1"), ("villages", "a", "officers", "2027", "9")]
    assert book(*rows).of("villages", "officers", ["a"])[0].tolist() == [1]
    this_year = book(("villages", "a", "officers", "2026", "1"))
    assert this_year.as_of("villages", "officers") == date(2026, 6, 1)


def test_flags_days_and_what_is_neither() -> None:
    facts = book(
        ("villages", "a", "mediation_head", "2025", "是"),
        ("villages", "b", "mediation_head", "2025", "no"),
        ("villages", "c", "mediation_head", "2025", "perhaps"),
        ("sites", "p", "smart_built_on", None, "2020-01-02"),
        ("sites", "q", "smart_built_on", None, "2030-01-01"),
        ("sites", "p", "nobody_knows", "2025", "1"),
    )
    flags = facts.of("villages", "mediation_head", ["a", "b", "c"])[0]
    assert flags.tolist() == pytest.approx([1, 0, np.nan], nan_ok=True)
    days = facts.of("sites", "smart_built_on", ["p", "q"])[0]
    assert days.tolist() == [date(2020, 1, 2).toordinal(), date(2030, 1, 1).toordinal()]
    past = facts.of("sites", "smart_built_on", ["p", "q"], back=1)[0]
    assert past.tolist() == pytest.approx([date(2020, 1, 2).toordinal(), np.nan], nan_ok=True)


def test_of_several_days_the_last_that_has_come_counts() -> None:
    facts = book(
        ("sites", "p", "checked_on", "2024", "2024-05-01"),
        ("sites", "p", "checked_on", "2025", "2025-04-01"),
    )
    assert facts.of("sites", "checked_on", ["p"])[0].tolist() == [date(2025, 4, 1).toordinal()]
    past = facts.of("sites", "checked_on", ["p"], back=1)[0]
    assert past.tolist() == [date(2024, 5, 1).toordinal()]


def test_the_code_of_the_town_is_the_one_it_reports_under() -> None:
    assert book(("town", "330602017", "service_items", "2025", "3")).town_code() == "330602017"
    assert book().town_code() == "town"


def test_a_leap_day_has_its_day_before() -> None:
    assert years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)
    assert years_before(date(2025, 3, 1), 2) == date(2023, 3, 1)
