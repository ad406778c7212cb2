"""Rules of the code that no linter knows."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
# Each package may import those before it.
ORDER = ["data", "gis", "planner", "maps", "api"]
LONGEST_FILE = 400

SOURCES = sorted(path for name in ORDER for path in (PROJECT / name).rglob("*.py"))
TESTS = sorted((PROJECT / "tests").rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports between modules are absolute"
            assert node.module is not None
            yield node.module


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def foreign_imports(source: str, package: str) -> set[str]:
    allowed = ORDER[: ORDER.index(package) + 1]
    roots = {name.split(".")[0] for name in imported(ast.parse(source))}
    return roots.intersection(ORDER) - set(allowed)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    package = path.relative_to(PROJECT).parts[0]
    assert not foreign_imports(path.read_text("utf-8"), package)


def test_an_import_upwards_would_be_found() -> None:
    assert foreign_imports("def f():\n    from api.app import create_app", "gis") == {"api"}


def test_solvers_know_arrays_only() -> None:
    for path in (PROJECT / "planner" / "solvers").glob("*.py"):
        roots = {name.split(".")[0] for name in imported(ast.parse(path.read_text("utf-8")))}
        assert not roots & {"pandas", "geopandas", "shapely", "maps", "api"}, name_of(path)


def test_planner_reads_no_file_and_draws_nothing() -> None:
    for path in (PROJECT / "planner").rglob("*.py"):
        names = set(imported(ast.parse(path.read_text("utf-8"))))
        assert not names & {"gis.read", "gis.write", "gis.store", "gis.osm", "folium", "PIL"}, path


def test_settings_alone_read_the_environment() -> None:
    for path in SOURCES:
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        assert not names & {"environ", "getenv"}, name_of(path)


@pytest.mark.parametrize("path", [p for p in SOURCES if p.name == "__init__.py"], ids=name_of)
def test_a_package_holds_a_docstring_only(path: Path) -> None:
    body = ast.parse(path.read_text("utf-8")).body
    assert len(body) == 1
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_files_are_short() -> None:
    lines = {
        name_of(path): len(path.read_text("utf-8").splitlines()) for path in [*SOURCES, *TESTS]
    }
    assert not {name: count for name, count in lines.items() if count > LONGEST_FILE}


def test_tests_are_no_packages_and_have_names_of_their_own() -> None:
    names = [path.name for path in TESTS if path.name != "conftest.py"]
    assert "__init__.py" not in names
    assert len(names) == len(set(names))


def test_all_packages_come_from_one_folder() -> None:
    """Other distributions use these names too; theirs must not stand in the way."""
    folders = {
        Path(str(importlib.import_module(name).__file__)).parents[1].resolve() for name in ORDER
    }
    assert len(folders) == 1


def test_the_command_line_starts_without_heavy_libraries() -> None:
    heavy = ["geopandas", "fastapi", "numba", "folium", "pydantic", "sqlalchemy", "rich.progress"]
    code = f"import sys, api.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
