"""A tiny town, and the command."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner, Result

from api.cli import app

# Tests are no packages: what they share is found by its folder.
sys.path.insert(0, str(Path(__file__).parent))

Run = Callable[..., Result]

# A square of four streets around one block, 220 x 220 m, with a police post at a corner, a bank
# and a camera looking north along the western street.
OSM = """<osm version="0.6">
<node id="1" version="1" lat="30.000" lon="120.000"/>
<node id="2" version="1" lat="30.002" lon="120.000"/>
<node id="3" version="1" lat="30.002" lon="120.002"/>
<node id="4" version="1" lat="30.000" lon="120.002"/>
<node id="5" version="1" lat="30.0007" lon="120.0007"/>
<node id="6" version="1" lat="30.0013" lon="120.0007"/>
<node id="7" version="1" lat="30.0013" lon="120.0013"/>
<node id="8" version="1" lat="30.0007" lon="120.0013"/>
<node id="11" version="1" lat="30.0002" lon="120.0001">
  <tag k="amenity" v="police"/><tag k="name" v="枫桥派出所"/>
</node>
<node id="12" version="1" lat="30.0019" lon="120.0018">
  <tag k="amenity" v="bank"/><tag k="name" v="Bank"/>
</node>
<node id="13" version="1" lat="30.0005" lon="120.0001">
  <tag k="man_made" v="surveillance"/><tag k="camera:direction" v="0"/>
</node>
<way id="21" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
  <tag k="highway" v="residential"/><tag k="name" v="Ring"/>
</way>
<way id="22" version="1"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="8"/><nd ref="5"/>
  <tag k="building" v="yes"/>
</way>
</osm>
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that calls the command in the test's folder, within this process."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str | Path, code: int = 0) -> Result:
        done = CliRunner().invoke(app, [str(word) for word in words])
        # Anything but an exit on purpose would be a traceback for the user.
        assert isinstance(done.exception, SystemExit | None), done.exception
        assert done.exit_code == code, done.stderr
        return done

    return call


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of the tiny town with every answer; tests do not change it.

    The command runs within this process: as programs of their own, the eight of them would load
    all libraries eight times.
    """
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "town.osm").write_text(OSM, encoding="utf-8")
    town = str(folder / "town")
    for words in (
        ["init", town, "--name", "枫桥"],
        ["import", "osm", str(folder / "town.osm"), "-w", town],
        ["coverage", "-w", town],
        ["response", "-w", town],
        ["patrol", "-w", town, "--seconds", "1", "--seed", "1", "--date", "2026-11-24"],
        ["targets", "-w", town],
        ["rectification", "-w", town],
        ["coverage", "-w", town, "--against", "2020-01-01"],
    ):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
    return folder / "town"


@pytest.fixture(scope="module")
def client(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """Return a client of a server of a copy of the tiny town, which the tests of a file change."""
    folder = shutil.copytree(town, tmp_path_factory.mktemp("served") / "town")
    from real_server import serving

    with (
        serving(folder, "--no-worker") as server,
        httpx2.Client(base_url=server.address, timeout=120) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the application of an empty town with an account of each role, named after it.

    The password of all is "right horse 电池".
    """
    from api.app import create_app
    from api.auth_passwords import hash_password
    from api.settings import Settings
    from api.workspace import create_workspace
    from gis.store_users import add_user

    folder = tmp_path_factory.mktemp("guarded") / "town"
    create_workspace(folder, "枫桥")
    app, hashed = create_app(Settings(workspace=folder)), hash_password("right horse 电池")
    for role in ("admin", "planner", "commander", "viewer"):
        add_user(app.state.accounts.store, role, role, hashed)
    yield app
    app.state.incidents.close()
    app.state.source.close()


@pytest.fixture
def enter(guarded: Any) -> Callable[[str], Any]:
    """Return a function that gives a client who is logged in to `guarded` with a role; "" = not.

    It is quicker than the login. The client's `headers` say the session's token.
    """
    from fastapi.testclient import TestClient

    from api.auth_sessions import CSRF, SESSION, token_hash
    from gis.store_sessions import Session, end_sessions, start_session
    from gis.store_users import change_user

    accounts, now = guarded.state.accounts, datetime.now(UTC)
    end_sessions(accounts.store)
    accounts._remembered.clear()
    for role in ("admin", "planner", "commander", "viewer"):
        change_user(accounts.store, role, role=role, disabled=False)

    def entered(role: str) -> Any:
        client = TestClient(guarded, base_url="http://localhost", follow_redirects=False)
        if role:
            token, ends = f"token of {role}", now + timedelta(days=7)
            session = Session(token_hash(token), role, role, f"csrf of {role}", now, now, ends)
            start_session(accounts.store, session)
            client.cookies.set(SESSION, token, domain="localhost.local")
            client.cookies.set(CSRF, session.csrf, domain="localhost.local")
            client.headers["X-CSRF-Token"] = session.csrf
        return client

    return entered
