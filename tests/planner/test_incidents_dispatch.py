"""Steps of an incident: what may follow what, and what is kept when it is closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gis.duty_rows import LONGER, NOBODY_CAME, IncidentTotal, OpenIncident
from gis.errors import ConflictError
from planner.dispatch import arrive, band_of, clear, close, send

BEGUN = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
UNITS = ("A", "B")


def after(seconds: float) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def incident(number: int = 1, **about: object) -> OpenIncident:
    return OpenIncident("fight", 120.7, 30.1, BEGUN, number=number, tier_min=3, **about)  # type: ignore[arg-type]


def test_the_whole_way() -> None:
    there = arrive(send(incident(), "A", after(20)), "A", after(140))
    assert there.engaged() == ("A",)
    free = clear(there, "A", after(600))
    assert free.engaged() == ()
    total = close(free, after(700))
    assert total == IncidentTotal("2026-11", "", "fight", 3, 180, 1, 1, 140.0)


def test_the_first_to_arrive_counts_and_late_is_late() -> None:
    both = send(send(incident(village="v"), "A", after(10)), "B", after(10))
    both = arrive(arrive(both, "B", after(200)), "A", after(181))
    total = close(both, after(300))
    assert (total.village, total.band_s, total.within_tier, total.sum_s) == ("v", 300, 0, 181.0)


def test_nobody_came_and_far_too_late() -> None:
    assert close(incident(), after(0)).band_s == NOBODY_CAME
    late = arrive(send(incident(), "A", after(0)), "A", after(3600))
    assert close(late, after(3600)).band_s == LONGER == band_of(3600)


def test_the_month_is_that_of_the_town() -> None:
    last = OpenIncident("fight", 0, 0, datetime(2026, 11, 30, 20, tzinfo=UTC))
    shanghai = timezone(timedelta(hours=8))
    total = close(last, datetime(2026, 12, 1, 9, tzinfo=shanghai))
    assert (total.month, total.tier_min, total.within_tier) == ("2026-12", 0, 0)


def test_a_unit_that_is_free_may_be_sent_again_and_keeps_its_arrival() -> None:
    back = send(
        clear(arrive(send(incident(), "A", after(0)), "A", after(50)), "A", after(60)),
        "A",
        after(70),
    )
    assert back.engaged() == ("A",)
    assert close(back, after(80)).sum_s == 50.0


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (lambda one: send(one, "A", after(9)), "A was sent to this incident already"),
        (lambda one: send(one, "B", after(-1)), "before the incident began"),
        (lambda one: arrive(one, "B", after(9)), "B was not sent"),
        (lambda one: arrive(one, "A", after(1)), "cannot arrive before it was sent"),
        (lambda one: arrive(arrive(one, "A", after(9)), "A", after(9)), "A has arrived already"),
        (lambda one: clear(one, "B", after(9)), "B was not sent"),
        (lambda one: clear(one, "A", after(1)), "cannot be free before"),
        (lambda one: clear(clear(one, "A", after(9)), "A", after(9)), "A is free again"),
        (lambda one: arrive(clear(one, "A", after(9)), "A", after(9)), "A is free again"),
        (lambda one: close(one, after(4)), "cannot be closed before"),
    ],
)
def test_what_cannot_be_is_refused_by_name(step, problem: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConflictError, match=problem):
        step(send(incident(), "A", after(5)))


def test_a_unit_that_is_elsewhere_is_refused() -> None:
    other = send(incident(2), "A", after(0))
    with pytest.raises(ConflictError, match="A was sent to incident 2 already"):
        send(incident(1), "A", after(5), others=[other])
    free = clear(other, "A", after(4))
    assert send(incident(1), "A", after(5), others=[free]).engaged() == ("A",)


class Dispatch(RuleBasedStateMachine):
    """Two incidents and two units: the model knows only where each unit is."""

    def __init__(self) -> None:
        super().__init__()
        self.open = {1: incident(1), 2: incident(2)}
        self.at: dict[str, int] = {}
        self.there: set[str] = set()
        self.closed = 0
        self.clock = 0

    def tick(self) -> datetime:
        self.clock += 1
        return after(self.clock)

    @precondition(lambda self: self.open)
    @rule(number=st.sampled_from([1, 2]), unit=st.sampled_from(UNITS))
    def sends(self, number: int, unit: str) -> None:
        if number not in self.open:
            return
        one, every = self.open[number], self.open.values()
        if unit in self.at:
            with pytest.raises(ConflictError):
                send(one, unit, self.tick(), others=every)
            return
        self.open[number] = send(one, unit, self.tick(), others=every)
        self.at[unit] = number
        sent = next(s for s in self.open[number].units if s.unit == unit)
        if sent.arrived_at is not None:
            self.there.add(unit)

    @rule(number=st.sampled_from([1, 2]), unit=st.sampled_from(UNITS), leaves=st.booleans())
    def arrives_or_leaves(self, number: int, unit: str, leaves: bool) -> None:
        if number not in self.open:
            return
        change = clear if leaves else arrive
        possible = self.at.get(unit) == number and (leaves or unit not in self.there)
        if not possible:
            with pytest.raises(ConflictError):
                change(self.open[number], unit, self.tick())
            return
        self.open[number] = change(self.open[number], unit, self.tick())
        if leaves:
            del self.at[unit]
            self.there.discard(unit)
        else:
            self.there.add(unit)

    @rule(number=st.sampled_from([1, 2]))
    def closes(self, number: int) -> None:
        if number not in self.open:
            return
        total = close(self.open.pop(number), self.tick())
        assert total.incidents == 1
        assert total.within_tier <= 1
        self.at = {unit: where for unit, where in self.at.items() if where != number}
        self.there &= set(self.at)
        self.closed += 1

    @invariant()
    def nobody_is_at_two_places(self) -> None:
        engaged = [unit for one in self.open.values() for unit in one.engaged()]
        assert sorted(engaged) == sorted(self.at)
        assert len(self.open) + self.closed == 2


TestDispatch = Dispatch.TestCase
TestDispatch.settings = settings(max_examples=60, stateful_step_count=25)
