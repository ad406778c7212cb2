"""The workspace: one folder that holds one town, `fengqiao.toml` beside `town.db`."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gis.errors import FileMissingError, FormatError, InputError

if TYPE_CHECKING:  # the command line starts without them
    from gis.layers import Layers
    from gis.store import Store
    from maps.basemaps import Basemap
    from planner.params import Params

CONFIG = "fengqiao.toml"
DATABASE = "town.db"
TARGETS = "binhai-2019"
# Sections that `planner.params` checks, and those of our own with what they may hold.
PARTS = ("coverage", "response", "patrol", "cordon", "nights")
SECTIONS: Mapping[str, frozenset[str] | None] = {
    "town": frozenset({"name"}),
    "store": frozenset({"url"}),
    "check": frozenset({"codes"}),
    "targets": frozenset({"profile"}),
    "video": frozenset({"address"}),
    **dict.fromkeys(PARTS),
}
# Sections of which there may be several: `maps.basemaps` checks them.
BASEMAPS = "basemaps"

TEMPLATE = """\
# A town of fengqiao-grid. Numbers to change go below, section by section;
# their meaning and their usual values: data/profiles of the program.
[town]
name = {name}

# [check]
# codes = "auto"   # which rule codes of villages and grids follow: data/profiles/codes.toml

# [targets]
# profile = "{profile}"   # of data/targets, or a file such as "our-targets.toml" beside this one

# [coverage]
# near_camera_m = 50.0

# [response]
# turnout_s = 0

# [cordon]
# setup_s = 30

# [video]
# address = "http://10.0.0.5/live?code={{code}}"   # of the town's own video platform

# [[basemaps]]   # as many as there are; all that can be said: docs/basemaps.md of the program
# name = "city"
# title = "{title}"
# kind = "xyz"
# address = "http://10.0.0.7/tiles/{{z}}/{{x}}/{{y}}.png"
"""


@dataclass(frozen=True)
class Workspace:
    """An existing workspace; `open_workspace` finds it, `create_workspace` makes it.

    Parameters
    ----------
    folder
        Where it is.
    name
        Name of the town.
    changes
        Sections "coverage", "response", "patrol", "cordon" of `fengqiao.toml`.
    url
        Address of the database where it is not `town.db`.
    codes
        Profile of code patterns that `check` holds the town to.
    targets
        Profile of targets that the town is held to, or a TOML file beside `fengqiao.toml`.
    video
        Address of a camera's picture in the town's own video platform, {code} for its code.
    basemaps
        Base maps that the town supplies.
    """

    folder: Path
    name: str
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    url: str | None = field(default=None, repr=False)
    codes: str = "auto"
    targets: str = TARGETS
    video: str = ""
    basemaps: tuple[Basemap, ...] = ()

    @property
    def database(self) -> Path | str:
        """Path of the SQLite file, or the address of another database."""
        return self.url or self.folder / DATABASE

    def open_store(self) -> Store:
        """Return the open store; use it in a `with` block."""
        from gis.store import open_store

        return open_store(self.database)

    def layers(self, store: Store) -> Layers:
        """Return the town's layers under the name that `fengqiao.toml` gives it now."""
        return replace(store.layers(), town=self.name)

    def params(self) -> Params:
        """Return every tunable number, with those of `fengqiao.toml` in their place."""
        from planner.params import Params

        return Params.from_toml(self.changes)


def open_workspace(folder: str | Path) -> Workspace:
    """Return the workspace in a folder.

    Raises
    ------
    FileMissingError
        If the folder holds none; the message names the command that makes one.
    FormatError
        If its `fengqiao.toml` cannot be read, or has a section or name that nobody knows.
    """
    folder = Path(folder)
    config = folder / CONFIG
    if not config.is_file():
        msg = (
            f"{folder.absolute()} is no workspace (it has no {CONFIG}): make one with "
            f"`fengqiao init DIR --name NAME`, or name yours with `-w DIR`"
        )
        raise FileMissingError(msg)
    table = read_table(config)
    _check_sections(config, table)
    own = ("town", "store", "check", "targets")
    town, store, check, targets = (table.get(name, {}) for name in own)
    changes: dict[str, Mapping[str, Any]] = {name: table[name] for name in PARTS if name in table}
    name = town.get("name", folder.absolute().name)
    return Workspace(
        folder,
        name,
        changes,
        store.get("url"),
        check.get("codes", "auto"),
        targets.get("profile", TARGETS),
        table.get("video", {}).get("address", ""),
        _basemaps(table, config),
    )


def create_workspace(folder: str | Path, name: str) -> Workspace:
    """Make a workspace with an empty store and return it.

    Parameters
    ----------
    folder
        Where to make it; may be there already, but hold no workspace.
    name
        Name of the town.

    Raises
    ------
    InputError
        If there is a workspace already, or the name is empty or has control characters.
    """
    from gis.store import open_store

    folder = Path(folder)
    if not name.strip() or not name.isprintable():
        msg = f"the name of a town must be one line of text, not {name!r}"
        raise InputError(msg)
    if (folder / CONFIG).exists():
        msg = f"{folder} holds a workspace already; nothing was changed"
        raise InputError(msg)
    folder.mkdir(parents=True, exist_ok=True)
    with open_store(folder / DATABASE, create=True) as store:
        store.set_town(name=name)
    # Last, and in one step: a folder is a workspace only once its store is there.
    half = folder / f"{CONFIG}.part"
    # What JSON writes as a printable text, TOML reads as the same text.
    text = TEMPLATE.format(
        name=json.dumps(name, ensure_ascii=False), profile=TARGETS, title="市局影像图"
    )
    half.write_text(text, encoding="utf-8")
    half.replace(folder / CONFIG)
    return Workspace(folder, name)


def read_table(path: str | Path) -> dict[str, Any]:
    """Return a TOML file as a dict.

    Raises
    ------
    FileMissingError
        If there is no such file.
    FormatError
        If it is not TOML.
    """
    path = Path(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise FileMissingError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path}: {error}"
        raise FormatError(msg) from error


def _basemaps(table: Mapping[str, Any], config: Path) -> tuple[Basemap, ...]:
    if BASEMAPS not in table:
        return ()
    from maps.basemaps import read_basemaps

    return read_basemaps(table[BASEMAPS], config)


def _video_faults(video: Any) -> list[str]:
    """Return what is wrong with the address of the video platform."""
    address = video.get("address") if isinstance(video, dict) else None
    if not isinstance(address, str) or not address:
        return []
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return ["[video] address is no web address"]
    plain = address.isascii() and address.isprintable() and not set(address) & set(" \"'<>\\")
    if parts.scheme not in ("http", "https") or not host or not plain:
        return ["[video] address must begin with http:// or https://"]
    if "{code}" not in parts.path + parts.query + parts.fragment:
        return ["[video] address must hold {code}, where the camera's code goes"]
    return []


def _check_sections(config: Path, table: Mapping[str, Any]) -> None:
    """Raise if the file says anything that would be passed over without a word."""
    faults = [f"[{name}] is unknown" for name in table if name not in (*SECTIONS, BASEMAPS)]
    for name, known in SECTIONS.items():
        section = table.get(name, {})
        if not isinstance(section, dict):
            faults.append(f"{name} must be a section: [{name}]")
        elif known is not None:
            faults += [f"[{name}] does not know {key}" for key in section if key not in known]
            faults += [
                f"[{name}] {key} must be text"
                for key in known
                if key in section and not isinstance(section[key], str)
            ]
    faults += _video_faults(table.get("video", {}))
    if faults:
        msg = f"{config}: {'; '.join(faults)}"
        raise FormatError(msg)
