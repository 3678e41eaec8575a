"""What keeps a transaction waiting for the others of its link, or of its batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payment_simulator.simulation.explanation import Explanation, Reason

if TYPE_CHECKING:
    from payment_simulator._core import Link
    from payment_simulator.simulation.explaining.inquiry import Inquiry

_SHOWN_MAX: Final = 5


def linked(inquiry: Inquiry, where: str, link: Link) -> Explanation:
    """Explain a transaction that was released and is linked.

    Args:
        inquiry: The inquiry.
        where: The sentence that says where it waits.
        link: What it is linked with.
    """
    one = inquiry.transaction
    lacking = tuple((name, cents) for name, cents in link["lacking"])
    if len(link["waiting"]) < link["link_legs"]:
        reason, said, lacking = Reason.LINK, _missing(inquiry, link), ()
    else:
        reason, said = Reason.LINK_LIQUIDITY, _lacking(inquiry, lacking)
    return Explanation(
        one.transaction_id,
        one.status,
        reason,
        link["link"],
        due_tick=None,
        lacking=lacking,
        sentences=(where, _together(link), *said, *_ends(link)),
    )


def _together(link: Link) -> str:
    what = "link" if link["until"] is None else "batch"
    others = link["link_legs"] - 1
    return (
        f"It settles only together with the {others} other{'s' * (others > 1)} of the {what} {link['link']}."
    )


def _missing(inquiry: Inquiry, link: Link) -> list[str]:
    """Say which are not released, and which are not even there."""
    said = []
    held = [name for name in link["legs"] if name not in link["waiting"]]
    for name in held[:_SHOWN_MAX]:
        other = inquiry.simulation.transaction(name)
        in_queue1 = name in inquiry.simulation.queued(other.sender).queue1
        scheduled = other.submit_tick >= inquiry.tick and not in_queue1
        state = (
            f"is scheduled for tick {other.submit_tick}" if scheduled else "was not released by its sender"
        )
        said.append(f"{name} {state}.")
    if more := len(held) - _SHOWN_MAX if len(held) > _SHOWN_MAX else 0:
        said.append(f"{more} more were not released.")
    if absent := link["link_legs"] - len(link["legs"]):
        said.append(f"{absent} of its {link['link_legs']} were not submitted yet.")
    return said


def _lacking(inquiry: Inquiry, lacking: tuple[tuple[str, int], ...]) -> list[str]:
    """Say who lacks how much."""
    if not lacking:
        return ["All are there, and everybody has what it takes: it is tried in the next tick."]
    shown = [f"{name} {inquiry.money(cents)}" for name, cents in lacking[:_SHOWN_MAX]]
    more = [f"and {len(lacking) - _SHOWN_MAX} more"] if len(lacking) > _SHOWN_MAX else []
    return [f"All are there; missing on the net of all of them: {', '.join([*shown, *more])}."]


def _ends(link: Link) -> list[str]:
    return [] if link["until"] is None else [f"It is rejected if it has not settled in tick {link['until']}."]
