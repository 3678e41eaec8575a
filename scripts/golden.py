"""Makes the golden summaries of the scenarios anew, and the tables of figures on their pages.

python scripts/golden.py [--check]

A golden figure changes only with a line in CHANGELOG.md that says why.
"""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from payment_simulator import Simulation
from tests.scenarios.stories import BEGIN, END, STORIES, Story, figures, kept_of


def wanted() -> dict[Path, str]:
    """What the golden files and the pages should hold."""
    kept = {story: kept_of(Simulation(story.config).run().summary) for story in STORIES}
    texts = {story.golden: json.dumps(one, indent=2) + "\n" for story, one in kept.items()}
    for page, stories in groupby(STORIES, lambda story: story.page):
        texts[page] = _page(page, list(stories), kept)
    return texts


def _page(page: Path, stories: list[Story], kept: dict[Story, dict[str, Any]]) -> str:
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    return before + figures(stories, [kept[story] for story in stories]) + rest.split(END)[1]


def main(arguments: list[str]) -> int:
    """Writes what has changed, or only names it; the number of changed files decides on the exit code."""
    texts = wanted()
    changed = [
        path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for path in changed:
            sys.stderr.write(f"{path} is not what `python scripts/golden.py` writes\n")
        return min(len(changed), 1)
    for path in changed:
        path.write_text(texts[path], encoding="utf-8")
        sys.stderr.write(f"wrote {path}; say why in CHANGELOG.md\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
