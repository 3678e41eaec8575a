"""The page that maps the contract's lines to tests names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
PAGE = TESTS / "contract/README.md"
LINES = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
NAMED = sorted(set(re.findall(r"`([a-z_/]+::test_\w+)`", PAGE.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_exists(name: str) -> None:
    file, function = name.split("::")
    tree = ast.parse((TESTS / f"{file}.py").read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_line_names_a_test() -> None:
    assert len(LINES) > 60
    for line in LINES:
        if not line.startswith("| what the contract says"):
            assert "::test_" in line, line


def test_every_test_of_this_folder_is_on_the_page() -> None:
    for path in sorted(TESTS.glob("contract/test_*.py")):
        if path.name == Path(__file__).name:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                assert f"contract/{path.stem}::{node.name}" in NAMED
