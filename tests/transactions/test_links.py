"""Links in payments files: what is read, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.transactions.helpers import read_text, refusal

if TYPE_CHECKING:
    from pathlib import Path

LINKED = "sender,receiver,amount,submit_tick,link,link_legs\n"


def test_links_are_read_as_they_stand(tmp_path: Path) -> None:
    table = read_text(tmp_path, LINKED + "A,B,1,0,x,\nB,A,1,1,x,2\nA,B,1,2,,\nA,B,1,2,y,3\n")
    assert table["link"].to_pylist() == ["x", "x", None, "y"]
    assert table["link_legs"].to_pylist() == [None, 2, None, 3]


def test_without_a_link_the_number_of_legs_is_left_out(tmp_path: Path) -> None:
    table = read_text(tmp_path, "sender,receiver,amount,submit_tick,link_legs\nA,B,1,0,2\n")
    assert {"link", "link_legs"}.isdisjoint(table.column_names)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LINKED + "A,B,1,0,x,1\n", "is not a number of legs from 2 to 10,000"),
        (LINKED + "A,B,1,0,x,two\n", "is not a number of legs"),
        (
            LINKED + "A,B,1,0,x,\nA,B,1,0,x,\nA,B,1,0,x,\n",
            "link 'x' has 3 rows, which say that it has 2 legs",
        ),
        (LINKED + "A,B,1,0,x,2\nA,B,1,0,x,3\n", "link 'x' has 2 rows, which say that it has 2 and 3 legs"),
        (
            "sender,receiver,amount,submit_tick,link,divisible\nA,B,1,0,x,true\n",
            "is the link of a divisible transaction",
        ),
    ],
)
def test_what_cannot_be_linked_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in str(refusal(tmp_path, text))
