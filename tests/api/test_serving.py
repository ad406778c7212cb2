"""Servers as programs of their own: addresses, TLS, several processes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.serving import check_open, check_tls, unencrypted
from api.settings import Settings, load_settings
from api.workspace import create_workspace, open_workspace
from gis.errors import FileMissingError, FormatError, ParameterError
from gis.store_users import add_user

FENGQIAO = Path(sys.executable).parent / "fengqiao"
OPENSSL = shutil.which("openssl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workspace of an empty town with an administrator."""
    from api.auth_passwords import hash_password

    place = create_workspace(tmp_path_factory.mktemp("served") / "town", "Town")
    with place.open_store() as store:
        add_user(store, "chief", "admin", hash_password("right horse 1"))
    return place.folder


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate of this machine, signed by itself, and its key."""
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    place = tmp_path_factory.mktemp("tls")
    files = place / "cert.pem", place / "key.pem"
    subprocess.run(
        [
            *(OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost", "-out", files[0]),
            *("-keyout", files[1], "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    return files


@contextmanager
def serving(folder: Path, *options: str | Path) -> Iterator[tuple[str, int]]:
    """Give the address and the process of a server, which must end well."""
    command = [FENGQIAO, "serve", "-w", folder, "--port", "0", "--no-worker", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        found = re.search(r"https?://\S+", first)
        assert found, first + process.stderr.read()
        yield found.group(), process.pid
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert "Traceback" not in process.stderr.read()


def children(pid: int) -> set[int]:
    """Return the processes that answer, which a process has begun."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    found = {int(child) for child in listed.read_text().split()}
    commands = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in found}
    return {child for child, words in commands.items() if b"spawn_main" in words}


def test_tls_with_a_certificate_of_ones_own(folder: Path, certificate: tuple[Path, Path]) -> None:
    cert, key = certificate
    with serving(folder, "--tls-cert", cert, "--tls-key", key) as (root, _):
        assert root.startswith("https://127.0.0.1:")
        trusted = ssl.create_default_context(cafile=str(cert))
        with httpx2.Client(base_url=root, verify=trusted, timeout=60) as client:
            answer = client.get("/healthz")
            assert answer.status_code == 200
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            data = {"name": "chief", "password": "right horse 1"}
            entered = client.post("/login", data=data, headers={"Origin": root})
            assert entered.status_code == 303
            given = entered.headers.get_list("set-cookie")
            assert any(text.startswith("__Host-fq_session=") for text in given)
            assert all("Secure" in text for text in given)
            assert client.get("/coverage").status_code == 404
            asked = {"X-CSRF-Token": client.cookies["fq_csrf"], "Origin": root}
            assert (
                client.request("DELETE", "/closures/a", json={}, headers=asked).status_code == 404
            )
            asked["Origin"] = root.replace("https", "http")
            assert (
                client.request("DELETE", "/closures/a", json={}, headers=asked).status_code == 403
            )
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"{root}/healthz")
        old = ssl.create_default_context(cafile=str(cert))
        old.maximum_version = ssl.TLSVersion.TLSv1_2
        assert httpx2.get(f"{root}/healthz", verify=old).status_code == 200


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_several_processes_share_a_socket_and_sessions(folder: Path) -> None:
    with (
        serving(folder, "--workers", "2") as (root, pid),
        httpx2.Client(base_url=root, timeout=120) as client,
    ):
        deadline = time.monotonic() + 120
        assert client.get("/healthz").status_code == 200
        data = {"name": "chief", "password": "right horse 1"}
        assert client.post("/login", data=data).status_code == 303
        csrf, cookie = client.cookies["fq_csrf"], f"fq_session={client.cookies['fq_session']}"
        before = children(pid)
        assert len(before) == 2
        # A new connection each time: either process may answer.
        for _ in range(20):
            answer = httpx2.get(f"{root}/coverage", headers={"Cookie": cookie}, timeout=60)
            assert answer.status_code == 404
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        while killed in children(pid) or len(children(pid)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        said = {"Cookie": cookie, "X-CSRF-Token": csrf}
        for _ in range(4):
            answer = httpx2.request("DELETE", f"{root}/closures/a", headers=said, timeout=60)
            assert answer.status_code in (404, 415)


def test_other_addresses_need_an_administrator(folder: Path, tmp_path: Path) -> None:
    bare = create_workspace(tmp_path / "bare", "Bare")
    done = CliRunner().invoke(app, ["serve", "-w", str(bare.folder), "--host", "0.0.0.0"])
    assert done.exit_code == 1
    assert "fengqiao user add NAME --role admin" in done.stderr
    for more in ({"host": "0.0.0.0"}, {"host": "::"}, {"proxy": "127.0.0.1"}):
        with pytest.raises(ParameterError, match="user add NAME --role admin"):
            check_open(Settings(workspace=bare.folder, **more), bare)
        check_open(Settings(workspace=folder, **more), open_workspace(folder))
    for host in ("127.0.0.1", "::1", "localhost", "127.1.2.3"):
        check_open(Settings(workspace=bare.folder, host=host), bare)


def test_who_listens_to_others_is_told_what_that_means(folder: Path) -> None:
    assert unencrypted(Settings(workspace=folder, host="0.0.0.0"))
    assert not unencrypted(Settings(workspace=folder))
    with serving(folder, "--host", "0.0.0.0") as (root, _):
        port = int(root.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=60):
            answer = httpx2.get(f"http://127.0.0.1:{port}/coverage", timeout=60)
        assert answer.status_code == 401


def test_certificates_that_will_not_do(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    cert, key = certificate
    check_tls(Settings(tls_cert=cert, tls_key=key))
    with pytest.raises(FileMissingError, match=r"none\.pem"):
        check_tls(Settings(tls_cert=cert, tls_key=tmp_path / "none.pem"))
    (tmp_path / "bad.pem").write_text("no certificate")
    with pytest.raises(FormatError, match=r"bad\.pem.*PEM"):
        check_tls(Settings(tls_cert=tmp_path / "bad.pem", tls_key=key))
    with pytest.raises(FormatError):
        check_tls(Settings(tls_cert=cert, tls_key=cert))
    locked = tmp_path / "locked.pem"
    assert OPENSSL is not None
    command = [OPENSSL, "ec", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(FormatError, match="without a password"):
        check_tls(Settings(tls_cert=cert, tls_key=locked))


def test_settings_of_the_server_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_TRUSTED_HOSTS", "Grid.town.lan, grid ,")
    monkeypatch.setenv("FENGQIAO_WORKERS", "3")
    settings = load_settings()
    assert (settings.trusted_hosts, settings.workers) == (("grid.town.lan", "grid"), 3)
    assert load_settings(trusted_hosts=["other"]).trusted_hosts == ("other",)
    monkeypatch.setenv("FENGQIAO_TLS_CERT", "cert.pem")
    with pytest.raises(ParameterError, match=r"^a certificate and its key belong together"):
        load_settings()
