"""Every command and every Python block of the documentation runs, and shows what the page says."""

from pathlib import Path

import pytest

from tests.docs.pages import all_pages, blocks, label
from tests.docs.sessions import Session, answered, assert_shows, typed

_RUNNABLE = {"console", "python", "transcript"}


def _runnable_pages() -> list[Path]:
    return [page for page in all_pages() if any(block.language in _RUNNABLE for block in blocks(page))]


@pytest.mark.parametrize("page", _runnable_pages(), ids=label)
def test_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    Session(tmp_path).play(page)


def test_the_tutorial_and_the_readme_are_among_them() -> None:
    assert {"README.md", "docs/tutorial.md"} <= {label(page) for page in _runnable_pages()}


def test_the_blocks_of_a_transcript_are_one_session(tmp_path: Path) -> None:
    session = Session(tmp_path)
    command = 'while read -r line; do echo "$((n += 1)) $line"; done'
    assert session.transcript(command, ["one", "two"]) == "1 one\n2 two\n"
    assert session.transcript(command, ["three"]) == "3 three\n"
    assert session.transcript("cat", ["another"]) == "another\n"
    page = tmp_path / "page.md"
    page.write_text("```transcript cat\n> one\nONE\n> two\n```\n", encoding="utf-8")
    (block,) = blocks(page)
    assert (block.name, typed(block), answered(block)) == ("cat", ["one", "two"], "ONE\n")
    with pytest.raises(AssertionError, match="this is what happens"):
        assert_shows(answered(block), session.transcript("cat -n", typed(block)), "here")


def test_a_page_that_shows_something_else_is_noticed(tmp_path: Path) -> None:
    session = Session(tmp_path)
    output = session.shell("echo one; echo two >&2; exit 3")
    assert (output.exit_code, output.stdout, output.stderr) == (3, "one\n", "two\n")
    assert_shows("a ... c\n...\nend\n", "a b c\nmore\nand more\nend\n", "here")
    with pytest.raises(AssertionError, match="this is what happens"):
        assert_shows("one\n", "two\n", "here")
