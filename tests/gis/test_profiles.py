from __future__ import annotations

from importlib import resources

import pytest

from gis.errors import NotFoundError
from gis.profiles import load
from gis.schema import SCHEMAS

TABLES = [
    entry.name.removesuffix(".toml")
    for entry in (resources.files("data") / "profiles").iterdir()
    if entry.name.endswith(".toml")
]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_toml_with_something_in_it(name: str) -> None:
    assert load(name)


def test_a_table_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(NotFoundError, match=r"no table 'colours'.*speeds"):
        load("colours")


def test_tiers_speak_the_words_of_the_layers() -> None:
    tiers, kinds = load("response")["tiers_min"], load("kinds")
    assert set(tiers["by_kind"]) <= set(kinds["site"])
    assert set(tiers["by_area_class"]) == set(kinds["area_class"])
    assert set(load("optics")["defaults"]) == set(kinds["camera"])


def test_no_layer_has_a_column_about_persons() -> None:
    known = {column.name for schema in SCHEMAS.values() for column in schema.columns}
    assert not known & {"person", "plate", "face", "phone", "id_card", "mac", "imei", "owner"}
