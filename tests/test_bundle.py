"""The archive for machines without a network: what is in it, and that it installs and serves."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PIL import ImageFont

from api.workspace import create_workspace
from maps import pictures_marks

PROJECT = Path(__file__).parents[1]
SCRIPTS = PROJECT / "packaging"
WHEELS = PROJECT / "dist" / "wheels"
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


# One street with a camera beside it, in Helsinki's harbour.
TOWN = """<osm version="0.6">
<node id="1" version="1" lat="60.165" lon="24.95"/>
<node id="2" version="1" lat="60.166" lon="24.95"/>
<node id="3" version="1" lat="60.1655" lon="24.9501">
  <tag k="man_made" v="surveillance"/><tag k="camera:direction" v="0"/>
</node>
<node id="4" version="1" lat="60.1657" lon="24.9502">
  <tag k="amenity" v="police"/><tag k="name" v="Police"/>
</node>
<way id="5" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
</osm>
"""


@pytest.fixture(scope="module")
def bundle() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fengqiao_bundle", SCRIPTS / "bundle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def unpacked(bundle: ModuleType, tmp_path: Path) -> Path:
    """Return an archive's folder whose wheels are no wheels."""
    root = tmp_path / "unpacked 包"
    (root / "wheels").mkdir(parents=True)
    (root / "wheels" / "a-1-py3-none-any.whl").write_text("no wheel", encoding="utf-8")
    bundle.add_scripts(root, [sys.version_info[:2]])
    for name in ("start.sh", "fengqiao"):
        (root / name).chmod(0o755)
    bundle.write_sums(root)
    return root


def start(root: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHON": sys.executable}
    return subprocess.run(
        [root / "start.sh", *words],
        capture_output=True, text=True, check=False, env={**environment, **variables},
    )  # fmt: skip


def test_the_c_library_that_is_needed_is_that_of_the_most_demanding_wheel(
    bundle: ModuleType,
) -> None:
    wheels = [
        "a-1-py3-none-any.whl",
        "b-1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "c-1-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        "d-1-cp311-abi3-manylinux1_x86_64.manylinux_2_28_x86_64.manylinux_2_5_x86_64.whl",
    ]
    assert bundle.needed_glibc(wheels) == (2, 27)
    assert bundle.needed_glibc([*wheels, "e-1-cp311-cp311-manylinux_2_28_x86_64.whl"]) == (2, 28)
    for name in ("f-1-cp311-cp311-macosx_11_0_arm64.whl", "g-1-cp311-cp311-linux_x86_64.whl"):
        with pytest.raises(SystemExit, match="is not made for Linux"):
            bundle.needed_glibc([name])


def test_checksums_are_those_of_sha256sum(unpacked: Path) -> None:
    command = ["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"]
    assert subprocess.run(command, cwd=unpacked, check=False).returncode == 0
    (unpacked / "README.txt").write_text("changed", encoding="utf-8")
    done = subprocess.run(command, cwd=unpacked, capture_output=True, check=False)
    assert done.returncode == 1


def test_no_mark_is_left_in_the_scripts(unpacked: Path) -> None:
    for name in ("start.sh", "fengqiao", "README.txt", "fengqiao.service"):
        assert not re.search(r"@[A-Z]+@", (unpacked / name).read_text(encoding="utf-8"))
    subprocess.run(["sh", "-n", unpacked / "start.sh"], check=True)


def test_a_damaged_file_is_not_installed(unpacked: Path) -> None:
    (unpacked / "wheels" / "a-1-py3-none-any.whl").write_text("altered", encoding="utf-8")
    done = start(unpacked, "--install")
    assert done.returncode == 1
    assert "文件已损坏" in done.stderr
    assert "unpack the archive anew" in done.stderr
    assert not (unpacked / ".venv").exists()


def test_another_python_is_refused_by_name(unpacked: Path) -> None:
    script = unpacked / "start.sh"
    script.write_text(script.read_text("utf-8").replace(HERE, "3.999"), encoding="utf-8")
    done = start(unpacked, "--install")
    assert done.returncode == 1
    assert "of version 3.999" in done.stderr


def test_an_older_c_library_is_refused_by_name(unpacked: Path) -> None:
    script = unpacked / "start.sh"
    text = script.read_text("utf-8").replace("= 0.0 ]", "= 99.0 ]")
    script.write_text(text.replace("'%s\\n%s\\n' 0.0", "'%s\\n%s\\n' 99.0"), encoding="utf-8")
    done = start(unpacked, "--install")
    assert done.returncode == 1
    assert "The C library is too old" in done.stderr


def test_a_broken_installation_is_not_taken_for_whole(unpacked: Path) -> None:
    done = start(unpacked, "--install")  # there is no wheel of pip
    assert done.returncode == 1
    assert "The installation failed" in done.stderr
    assert not (unpacked / ".venv" / "complete").exists()


def test_the_command_says_that_it_is_not_installed(unpacked: Path) -> None:
    done = subprocess.run([unpacked / "fengqiao"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "--install" in done.stderr


@pytest.fixture
def fresh_fonts() -> Iterator[None]:
    """Forget which fonts were found, before and after."""
    for look in (pictures_marks.font, pictures_marks.has_chinese, pictures_marks._chinese_font):
        look.cache_clear()
    yield
    for look in (pictures_marks.font, pictures_marks.has_chinese, pictures_marks._chinese_font):
        look.cache_clear()


@pytest.mark.usefixtures("fresh_fonts")
def test_pictures_find_the_font_beside_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not FONT.exists():
        pytest.skip(f"no font at {FONT}: install fonts-noto-cjk")
    (tmp_path / "share" / "fonts").mkdir(parents=True)
    shutil.copyfile(FONT, tmp_path / "share" / "fonts" / "Beside.ttc")
    files = {"fonts": {"files": [["/nowhere/Beside.ttc", 2]]}}
    monkeypatch.setattr(pictures_marks, "load", lambda _: files)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "none"))
    assert not pictures_marks.has_chinese()
    for look in (pictures_marks.has_chinese, pictures_marks._chinese_font):
        look.cache_clear()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert pictures_marks.has_chinese()
    found = pictures_marks.font(20)
    assert isinstance(found, ImageFont.FreeTypeFont)
    assert (found.size, found.getname()[0]) == (20, "Noto Sans CJK SC")


def without_network() -> list[str]:
    """Return what runs a command with loopback alone, where this machine allows it."""
    alone = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    alone += ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    try:
        tried = subprocess.run([*alone, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return []
    return alone if tried.returncode == 0 else []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an archive that was built, unpacked and installed without a network."""
    if not WHEELS.is_dir() or not FONT.exists():
        pytest.skip("no wheels in dist/wheels, or no font: `make test` gathers them")
    folder = tmp_path_factory.mktemp("bundle")
    create_workspace(folder / "town", "Town")
    build = [sys.executable, "-P", SCRIPTS / "bundle.py", "-o", folder, "--town"]
    subprocess.run([*build, folder / "town", "--wheels", WHEELS], check=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "there", filter="data")
    (root,) = (folder / "there").iterdir()
    called(root, root / "start.sh", "--install")
    again = start(root, "--install")
    assert (again.returncode, again.stderr) == (0, "")
    return root


def closed_off(root: Path) -> dict[str, str]:
    """Return an environment that leads nowhere."""
    closed = "http://127.0.0.1:9"
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(root), "PYTHON": sys.executable}
    # Without compiling everything ahead, which takes longer than all else.
    environment |= {"LANG": "C.UTF-8", "PIP_NO_COMPILE": "1"}
    return environment | {"http_proxy": closed, "https_proxy": closed}


def called(root: Path, *command: str | Path) -> str:
    """Return what a command says where there is no network."""
    done = subprocess.run(
        [*without_network(), *command],
        capture_output=True, text=True, cwd=root, check=False, env=closed_off(root),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


def test_it_serves_without_a_network(installed: Path) -> None:
    command = [*without_network(), installed / "start.sh", "--port", "0", "--no-worker"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=closed_off(installed)
    ) as process:
        assert process.stderr is not None
        told = ""
        try:
            for line in process.stderr:
                told += line
                if found := re.search(r"http://\S+", line):
                    break
            assert found, told
            asked = ["curl", "--silent", "--noproxy", "*", f"{found.group()}/healthz"]
            inside = ["nsenter", "--net", "--target", str(process.pid)]
            inside = inside if without_network() and os.geteuid() == 0 else []
            if inside or not without_network():
                health = subprocess.run([*inside, *asked], capture_output=True, text=True)
                assert '"ok"' in health.stdout
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def test_its_commands_work_without_a_network(installed: Path, tmp_path: Path) -> None:
    fengqiao, town = installed / "fengqiao", tmp_path / "town"
    assert called(installed, fengqiao, "--version").startswith("fengqiao-grid ")
    (tmp_path / "town.osm").write_text(TOWN, encoding="utf-8")
    called(installed, fengqiao, "init", town, "--name", "Harbour")
    called(installed, fengqiao, "import", "osm", tmp_path / "town.osm", "-w", town)
    coverage = json.loads(called(installed, fengqiao, "coverage", "--json", "-w", town))
    assert coverage["town"] == "Harbour"
    assert coverage["totals"]["cameras"]["total"] == 1
    called(installed, fengqiao, "map", "-o", tmp_path / "maps", "-w", town)
    assert list((tmp_path / "maps").glob("*.html"))
