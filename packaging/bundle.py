"""Build one archive that installs and runs on a machine without a network: `make bundle`.

It holds wheels of everything pinned and of the program itself, a Chinese font, the sample town
with its answers, the documents, and `start.sh`, which installs and serves.
"""

from __future__ import annotations

import argparse
import ensurepip
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

PROJECT = Path(__file__).parents[1]
HERE = PROJECT / "packaging"
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
FONT_LICENCE = Path("/usr/share/doc/fonts-noto-cjk/copyright")
LOCKED = ("run.txt", "demo.txt")
DOCUMENTS = ("README.md", "LICENSE", "CHANGELOG.md")
SUMS = "SHA256SUMS"
# Names of wheel platforms from before the C library's version was part of them.
OLD_NAMES = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}
# The archive's pieces are packed already; a higher level takes long and gains nothing.
LEVEL = 3
RUNS = {"start.sh", "fengqiao"}

Version = tuple[int, int]


def main() -> None:
    """Build the archive that the command line asks for."""
    asked = _arguments().parse_args()
    pythons = asked.python or [sys.executable]
    if asked.only_wheels:
        for python in pythons:
            keep_wheels(python, asked.wheels)
        return
    name = f"fengqiao-grid-{metadata.version('fengqiao-grid')}-linux-x86_64"
    asked.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.output, prefix=".bundle-") as scratch:
        root = Path(scratch) / name
        wheels = root / "wheels"
        wheels.mkdir(parents=True)
        gather_wheels(wheels, pythons, asked.wheels)
        add_files(root, asked.font, asked.font_licence)
        add_town(root / "sample", asked.town)
        add_scripts(root, [python_version(python) for python in pythons])
        write_sums(root)
        archive = pack(root, asked.output / f"{name}.tar.gz")
    size = archive.stat().st_size / 1e6
    sys.stdout.write(f"{archive}: {size:.0f} MB, sha256 {sha256(archive)}\n")


def gather_wheels(folder: Path, pythons: Sequence[str], kept: Path) -> None:
    """Fill a folder with the wheels of everything pinned, of pip, and of this program.

    Parameters
    ----------
    folder
        Where to.
    pythons
        Interpreters that the archive is to work with.
    kept
        Folder that wheels are kept in from one build to the next.
    """
    for python in pythons:
        for name in keep_wheels(python, kept):
            shutil.copyfile(kept / name, folder / name)
    _call(
        *(sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)),
        cwd=PROJECT,
    )
    shutil.copy(pip_wheel(), folder)


def keep_wheels(python: str, kept: Path) -> list[str]:
    """Put the wheels of everything pinned into a folder, as one Python takes them; name them."""
    kept.mkdir(parents=True, exist_ok=True)
    names: list[str] = []
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".wheels-") as coming:
        for locked in LOCKED:
            for wheel in _locked_wheels(python, locked, kept, Path(coming) / locked):
                wheel.replace(kept / wheel.name)
                names.append(wheel.name)
    return names


def _locked_wheels(python: str, locked: str, kept: Path, target: Path) -> list[Path]:
    """Put the wheels of one list of packages into a folder: those kept, else downloaded ones."""
    pip = [python, "-I", "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    pip += ["--only-binary", ":all:", "--require-hashes", "--no-deps", "--find-links", str(kept)]
    pip += ["--dest", str(target), "-r", str(PROJECT / "requirements" / locked)]
    if subprocess.run([*pip, "--no-index"], capture_output=True, check=False).returncode != 0:
        _call(*pip)
    return list(target.glob("*.whl"))


def pip_wheel() -> Path:
    """Return the wheel of pip that this Python brings: the other machine's may bring none."""
    bundled = Path(ensurepip.__file__).parent / "_bundled"
    for folder in (bundled, Path("/usr/share/python-wheels")):
        if found := sorted(folder.glob("pip-*.whl")):
            return found[-1]
    sys.exit("This Python has no wheel of pip (ensurepip; on Debian the package python3-venv).")


def add_files(root: Path, font: Path, font_licence: Path) -> None:
    """Put the lists of packages, the font with its licence and the documents into the archive."""
    lists = root / "requirements"
    lists.mkdir()
    for locked in LOCKED:
        shutil.copyfile(PROJECT / "requirements" / locked, lists / locked)
    (own,) = (root / "wheels").glob("fengqiao_grid-*.whl")
    version = own.name.split("-")[1]
    line = f"fengqiao-grid=={version} --hash=sha256:{sha256(own)}\n"
    (lists / "own.txt").write_text(line, encoding="utf-8")
    for path in (font, font_licence):
        if not path.is_file():
            sys.exit(f"{path} is missing: install Debian's fonts-noto-cjk, or name another.")
    fonts = root / "share" / "fonts"
    fonts.mkdir(parents=True)
    shutil.copyfile(font, fonts / font.name)
    shutil.copyfile(font_licence, fonts / "LICENCE.txt")
    for name in DOCUMENTS:
        shutil.copyfile(PROJECT / name, root / name)
    pages = shutil.ignore_patterns("*.py", "__pycache__")
    shutil.copytree(PROJECT / "docs", root / "docs", ignore=pages)


def add_town(folder: Path, given: Path | None) -> None:
    """Put a town with all its answers into the archive: the sample, or a workspace that is given.

    Parameters
    ----------
    folder
        Where to.
    given
        Workspace that no server is using; None makes the sample town.
    """
    if given is None:
        _call(str(Path(sys.executable).parent / "fengqiao"), "demo", str(folder))
    else:
        left = shutil.ignore_patterns("*-wal", "*-shm", "uploads", "jobs")
        shutil.copytree(given, folder, ignore=left)


def add_scripts(root: Path, pythons: Sequence[Version]) -> None:
    """Put the scripts and the unit into the archive, with what they must know of this build."""
    glibc = needed_glibc(path.name for path in (root / "wheels").iterdir())
    names = [f"{major}.{minor}" for major, minor in sorted(set(pythons))]
    known = {
        "@VERSION@": metadata.version("fengqiao-grid"),
        "@PYTHONS@": " ".join(names),
        "@GLIBC@": "{}.{}".format(*glibc),
    }
    for name in ("start.sh", "fengqiao", "README.txt", "fengqiao.service"):
        text = (HERE / name).read_text(encoding="utf-8")
        for mark, value in known.items():
            text = text.replace(mark, value)
        (root / name).write_text(text, encoding="utf-8")


def needed_glibc(wheels: Iterable[str]) -> Version:
    """Return the oldest version of the C library that all wheels work with.

    Parameters
    ----------
    wheels
        File names.

    Examples
    --------
    >>> needed_glibc(["a-1-py3-none-any.whl", "b-2-cp311-cp311-manylinux_2_27_x86_64.whl"])
    (2, 27)
    """
    return max((_glibc(name) for name in wheels), default=(0, 0))


def _glibc(wheel: str) -> Version:
    platforms = wheel.removesuffix(".whl").rsplit("-", 1)[1].split(".")
    if platforms == ["any"]:
        return (0, 0)
    found = [
        OLD_NAMES.get(name.removesuffix("_x86_64")) or _named(name)
        for name in platforms
        if name.startswith("manylinux") and name.endswith("_x86_64")
    ]
    if not found:
        sys.exit(f"{wheel}: is not made for Linux on x86_64")
    return min(found)


def _named(platform: str) -> Version:
    match = re.fullmatch(r"manylinux_(\d+)_(\d+)_x86_64", platform)
    if match is None:
        sys.exit(f"{platform}: no platform that is known")
    return int(match[1]), int(match[2])


def write_sums(root: Path) -> None:
    """Write the checksum of every file of a folder, as `sha256sum --check` reads them."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    lines = [f"{sha256(path)}  {path.relative_to(root).as_posix()}\n" for path in files]
    (root / SUMS).write_text("".join(lines), encoding="utf-8")


def sha256(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pack(root: Path, archive: Path) -> Path:
    """Pack a folder, owned by nobody in particular, and return the archive."""
    part = archive.with_name(f".{archive.name}.part")
    with tarfile.open(part, "w:gz", compresslevel=LEVEL) as tar:
        tar.add(root, arcname=root.name, filter=_plain)
    return part.replace(archive)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mode = 0o755 if entry.isdir() or Path(entry.name).name in RUNS else 0o644
    return entry


def python_version(python: str) -> Version:
    """Return the version of an interpreter."""
    code = "import sys; print(*sys.version_info[:2])"
    told = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    major, minor = told.stdout.split()
    return int(major), int(minor)


def _call(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, check=False)
    if done.returncode != 0:
        sys.exit(f"this did not work: {' '.join(command)}")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, default=PROJECT / "dist")
    parser.add_argument(
        "--wheels", type=Path, default=PROJECT / "dist" / "wheels", help="kept between builds"
    )
    parser.add_argument("--only-wheels", action="store_true", help="gather them, and end")
    parser.add_argument(
        "--python", action="append", help="that it is to work with; may be given several times"
    )
    parser.add_argument("--town", type=Path, help="workspace to take instead of the sample town")
    parser.add_argument("--font", type=Path, default=FONT)
    parser.add_argument("--font-licence", type=Path, default=FONT_LICENCE)
    return parser


if __name__ == "__main__":
    main()
