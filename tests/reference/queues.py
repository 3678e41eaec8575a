"""What may go next from a sender's Queue 2, under each discipline.

A queue is the list of the sender's waiting transactions by order of entry. Pure: here is decided, others act.
"""

from tests.reference.rules import Rules
from tests.reference.state import Transaction


def band_of(rules: Rules, transaction: Transaction) -> int:
    """The place of the transaction's priority band; 0 settles first."""
    for band, (low, high) in enumerate(rules.priority_bands):
        if low <= transaction.priority <= high:
            return band
    raise NotImplementedError(transaction.priority)


def in_order(rules: Rules, queue: list[Transaction]) -> list[Transaction]:
    """The order in which a queue is looked at: by entry; under `priority` by band, then entry."""
    if rules.queue_discipline == "priority":
        return sorted(queue, key=lambda transaction: band_of(rules, transaction))
    return list(queue)


def holds_up_the_rest(rules: Rules, transaction: Transaction) -> bool:
    """Whether nothing behind this waiting transaction may go before it."""
    if rules.queue_discipline == "bypass":
        return False
    if rules.queue_discipline == "fifo":
        return True
    lowest_band = len(rules.priority_bands) - 1
    return band_of(rules, transaction) < lowest_band


def may_settle_at_entry(rules: Rules, queue: list[Transaction], entering: Transaction) -> bool:
    """Whether the discipline lets a transaction that enters now go before those that wait."""
    for waiting in queue:
        if rules.queue_discipline == "priority" and band_of(rules, waiting) > band_of(rules, entering):
            continue
        if holds_up_the_rest(rules, waiting):
            return False
    return True


def front_to(rules: Rules, queue: list[Transaction], receiver: str) -> list[Transaction]:
    """The longest run from the front of this queue that goes to that receiver."""
    run = []
    for transaction in in_order(rules, queue):
        if transaction.receiver != receiver:
            break
        run.append(transaction)
    return run


def may_go_to(rules: Rules, queue: list[Transaction], receiver: str) -> list[Transaction]:
    """What an offset set may take from this queue for that receiver, in order."""
    taken = []
    for transaction in in_order(rules, queue):
        if transaction.receiver == receiver:
            taken.append(transaction)
        elif holds_up_the_rest(rules, transaction):
            break
    return taken
