"""What the guide shows is what happens: its blocks run against a real service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.client.conftest import KEY
from tests.docs.pages import DOCS, blocks, label
from tests.docs.sessions import Session, assert_shows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.process import Service

GUIDE = DOCS / "guides" / "client.md"


def test_the_guide_shows_what_happens(service: Service, tmp_path: Path) -> None:
    session, printed, shown = Session(tmp_path), "", 0
    for block in blocks(GUIDE):
        if block.language == "py":
            here = block.text.replace("http://127.0.0.1:8000", service.url).replace("your-key", KEY)
            printed = session.python(replace(block, text=here), label(GUIDE))
        elif block.language == "text" and block.follows:
            assert_shows(block.text, printed, f"{label(GUIDE)}, line {block.line}")
            shown += 1
    assert shown == 4
