"""Bilateral offsetting of equal amounts only."""

from tests.reference.state import Transaction


def equal_pair(
    there: list[Transaction], back: list[Transaction], held_up: list[Transaction]
) -> list[Transaction]:
    """All of both sides that find one of the same amount at the other side.

    Nothing overtakes one of `held_up`: where such a one finds none, its side ends before it, and all are
    matched anew.
    """
    while True:
        matched = _matched(there, back)
        ends = [_end(side, matched, held_up) for side in (there, back)]
        if ends == [len(there), len(back)]:
            return [transaction for transaction in there + back if transaction in matched]
        there, back = there[: ends[0]], back[: ends[1]]


def _matched(there: list[Transaction], back: list[Transaction]) -> list[Transaction]:
    """Each, in order, with the earliest of the other side that has its amount and is not taken."""
    matched: list[Transaction] = []
    for transaction in there:
        equals = [other for other in back if other.amount == transaction.amount and other not in matched]
        if equals:
            matched += [transaction, equals[0]]
    return matched


def _end(side: list[Transaction], matched: list[Transaction], held_up: list[Transaction]) -> int:
    for place, transaction in enumerate(side):
        if transaction in held_up and transaction not in matched:
            return place
    return len(side)
