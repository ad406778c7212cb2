"""Links of teams: what opens them, and all that does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import jwt
import pytest
from leader_evening import ZONE, evening

from api.given_plans import teams_out
from api.links import LinkRefusedError, link_of, links_list, make_link, revoke_link
from gis.errors import InputError, NotFoundError
from gis.patrol_rows import PlannedNight
from gis.store import Store, open_store
from gis.store_patrols import save_nights
from gis.store_users import secret

NIGHT = date(2026, 11, 24)
DEPART = datetime(2026, 11, 24, 19, tzinfo=ZONE)
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
# The way home ends at 19:50.
EXPIRES = datetime(2026, 11, 24, 13, 50, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://", create=True) as opened:
        save_nights(opened, [PlannedNight(NIGHT, 1, evening(DEPART))])
        yield opened


def token_of(store: Store, team: str = "t1") -> str:
    return make_link(store, team, NIGHT, "desk", now=NOON).url_path.removeprefix("/p/")


def test_a_link_opens_its_team_until_two_hours_after_the_shift(store: Store) -> None:
    token = token_of(store)
    for now in (NOON, EXPIRES - timedelta(seconds=1), NOON):
        link = link_of(store, token, now=now)
        assert (link.team, link.night, link.expires_at) == ("t1", NIGHT, EXPIRES)
    with pytest.raises(LinkRefusedError) as refused:
        link_of(store, token, now=EXPIRES)
    assert (refused.value.reason, refused.value.jti) == ("expired", link.jti)


def test_the_end_of_the_shift_counts_where_it_is_later(store: Store) -> None:
    plan = evening(DEPART)
    plan["teams"][0]["shift_end"] = "2026-11-24T21:00:00+08:00"
    save_nights(store, [PlannedNight(NIGHT, 1, plan)])
    assert make_link(store, "t1", NIGHT, "desk", now=NOON).expires_at == EXPIRES + timedelta(
        minutes=70
    )


def test_a_link_taken_back_says_so_though_it_has_run_out_too(store: Store) -> None:
    token = token_of(store)
    jti = link_of(store, token, now=NOON).jti
    assert revoke_link(store, jti, now=NOON).state(NOON) == "revoked"
    for now in (NOON, EXPIRES + timedelta(days=1)):
        with pytest.raises(LinkRefusedError) as refused:
            link_of(store, token, now=now)
        assert refused.value.reason == "revoked"
    with pytest.raises(NotFoundError):
        revoke_link(store, "nothing")


def test_every_altered_letter_is_found(store: Store) -> None:
    token = token_of(store)
    for at in range(0, len(token), 7):
        letter = "A" if token[at] != "A" else "B"
        altered = token[:at] + letter + token[at + 1 :]
        with pytest.raises(LinkRefusedError) as refused:
            link_of(store, altered, now=NOON)
        assert refused.value.reason == "altered", at


def test_a_token_cannot_be_made_without_the_key(store: Store) -> None:
    token = token_of(store)
    claims = jwt.decode(token, options={"verify_signature": False})
    head, body, _ = token.split(".")
    none = jwt.encode(claims, None, algorithm="none")
    for forged in (
        jwt.encode({**claims, "team": "t3"}, b"x" * 32, "HS256"),
        none,
        f"{none.split('.')[0]}.{body}.",
        f"{head}.{body}.",
        "",
        "..",
        "a.b.c",
        "é" * 20,
        token * 5,
    ):
        with pytest.raises(LinkRefusedError) as refused:
            link_of(store, forged, now=NOON)
        assert refused.value.reason == "altered", forged


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "elsewhere"},
        {"scope": "admin"},
        {"team": "t3"},
        {"night": "2026-11-25"},
        {"jti": "unknown"},
        {"exp": None},
        {"exp": "soon"},
        {"team": None},
    ],
    ids=str,
)
def test_what_our_own_key_signed_for_something_else_opens_nothing(
    store: Store, change: dict[str, Any]
) -> None:
    claims = jwt.decode(token_of(store), options={"verify_signature": False})
    changed = {key: value for key, value in {**claims, **change}.items() if value is not None}
    try:
        token = jwt.encode(changed, secret(store, "links"), "HS256")
    except TypeError:
        pytest.skip("no such token can be signed")
    with pytest.raises(LinkRefusedError) as refused:
        link_of(store, token, now=NOON)
    assert refused.value.reason == "altered"


def test_another_town_has_another_key(store: Store) -> None:
    with open_store("sqlite://", create=True) as other, pytest.raises(LinkRefusedError):
        link_of(other, token_of(store), now=NOON)


def test_links_are_shown_again_as_they_were_given_out(store: Store) -> None:
    made = [make_link(store, team, NIGHT, "desk", now=NOON) for team in ("t1", "t3")]
    assert list(links_list(store, NIGHT)) == made
    revoke_link(store, made[0].jti, now=NOON)
    told = [link.document(NOON) for link in links_list(store)]
    assert [(one["state"], one["path"]) for one in told] == [
        ("revoked", None),
        ("open", made[1].url_path),
    ]
    assert links_list(store, NIGHT + timedelta(days=1)) == ()


def test_no_link_is_made_of_what_is_not_there(store: Store) -> None:
    assert list(teams_out(evening(DEPART))) == ["t1", "t3"]
    with pytest.raises(NotFoundError, match="no route"):
        make_link(store, "t2", NIGHT, "desk", now=NOON)
    with pytest.raises(NotFoundError, match="not planned"):
        make_link(store, "t1", NIGHT + timedelta(days=1), "desk", now=NOON)
    with pytest.raises(InputError, match="over"):
        make_link(store, "t1", NIGHT, "desk", now=EXPIRES)
