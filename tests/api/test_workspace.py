from __future__ import annotations

from pathlib import Path

import pytest

from api.workspace import CONFIG, create_workspace, open_workspace, read_table
from gis.errors import FileMissingError, FormatError, InputError


@pytest.mark.parametrize("name", ["滨海新城", 'a "quoted" \\ name', "🏘️ Ö", "[town]"])
def test_a_name_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    create_workspace(tmp_path / "town", name)
    workspace = open_workspace(tmp_path / "town")
    assert workspace.name == name
    with workspace.open_store() as store:
        assert store.town.name == name
        assert workspace.layers(store).town == name


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "\x7f"])
def test_a_name_that_is_no_line_of_text_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="one line of text"):
        create_workspace(tmp_path / "town", name)
    assert not (tmp_path / "town").exists()


def test_a_workspace_is_never_made_twice(tmp_path: Path) -> None:
    create_workspace(tmp_path, "First")
    with pytest.raises(InputError, match="already"):
        create_workspace(tmp_path, "Second")
    assert open_workspace(tmp_path).name == "First"


def test_a_folder_without_config_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match="fengqiao init"):
        open_workspace(tmp_path)


def test_the_config_wins_over_the_name_in_the_store(tmp_path: Path) -> None:
    create_workspace(tmp_path, "Old")
    (tmp_path / CONFIG).write_text('[town]\nname = "New"\n[response]\nturnout_s = 30\n', "utf-8")
    workspace = open_workspace(tmp_path)
    with workspace.open_store() as store:
        assert workspace.layers(store).town == "New"
    assert workspace.changes == {"response": {"turnout_s": 30}}


def test_the_config_names_the_targets(tmp_path: Path) -> None:
    assert create_workspace(tmp_path, "Town").targets == open_workspace(tmp_path).targets
    (tmp_path / CONFIG).write_text('[targets]\nprofile = "national-2015"\n', "utf-8")
    assert open_workspace(tmp_path).targets == "national-2015"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[town", "fengqiao.toml: "),
        ("[twon]\nname = 'x'", r"\[twon\] is unknown"),
        ("[town]\nnaem = 'x'", r"\[town\] does not know naem"),
        ("[town]\nname = 3", "must be text"),
        ("[targets]\nprofile = 3", "must be text"),
        ("town = 3", "must be a section"),
        ("coverage = 3", "must be a section"),
    ],
)
def test_a_slip_in_the_config_is_named(tmp_path: Path, text: str, said: str) -> None:
    create_workspace(tmp_path, "Town")
    (tmp_path / CONFIG).write_text(text, "utf-8")
    with pytest.raises(FormatError, match=said):
        open_workspace(tmp_path)


def test_all_slips_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text("[a]\n[b]\n", "utf-8")
    with pytest.raises(FormatError, match=r"\[a\] is unknown; \[b\] is unknown"):
        open_workspace(tmp_path)


def test_a_config_of_other_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_bytes("[town]\nname = '枫桥'".encode("gb18030"))
    with pytest.raises(FormatError):
        open_workspace(tmp_path)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError, match=r"no\.toml cannot be read"):
        read_table(tmp_path / "no.toml")
