"""The pages of the documentation, their fenced blocks, headings and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
TOP_PAGES: Final = tuple(
    ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
)
_FENCE: Final = "```"
_HEADING: Final = re.compile(r"#+ (.*)")
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        language: What stands right after the fence.
        name: What stands after that: the name of a file.
        text: What it holds, with a line break at its end.
        line: The line of the page on which its text begins, from 1.
        follows: Whether nothing but empty lines stands between this block and the one before.
    """

    language: str
    name: str
    text: str
    line: int
    follows: bool


def all_pages() -> list[Path]:
    return [*TOP_PAGES, *sorted(DOCS.rglob("*.md"))]


def label(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page, in order, each of which must have an end."""
    opened: tuple[str, str, int] | None = None
    text: list[str] = []
    follows = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if opened is None and line.startswith(_FENCE):
            language, _, name = line.removeprefix(_FENCE).partition(" ")
            opened, text = (language, name, number + 1), []
        elif opened is not None and line == _FENCE:
            yield Block(opened[0], opened[1], "".join(f"{each}\n" for each in text), opened[2], follows)
            opened, follows = None, True
        elif opened is not None:
            text.append(line)
        elif line.strip():
            follows = False
    assert opened is None, f"{label(page)}: a block has no end"


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return re.sub(r"(?ms)^```.*?^```$", "", page.read_text(encoding="utf-8"))


def headings(page: Path) -> list[str]:
    return _HEADING.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """Return what `#...` may name in links to a page, made as forges make it."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings(page)}


def links(page: Path) -> list[str]:
    """Return where a page's links lead within the repository: `path#anchor`, one of which may be empty."""
    return [target for target in _LINK.findall(prose(page)) if not target.startswith(("http://", "https://"))]
