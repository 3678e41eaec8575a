"""What a sender may do to its own transactions while they wait."""

from tests.reference.queues import band_of
from tests.reference.releasing import split
from tests.reference.rules import Rules
from tests.reference.state import RefusedError, State, Transaction

MOST_PARTS = 10
HIGHEST_PRIORITY = 10


def find(state: State, transaction_id: str) -> Transaction:
    """The transaction of this id."""
    found = [tx for tx in state.transactions if tx.transaction_id == transaction_id]
    if not found:
        raise KeyError(transaction_id)
    return found[0]


def check_open(transaction: Transaction) -> None:
    """Refuse to change what has settled, was cancelled or taken back, was split, or is linked."""
    if transaction.status in {"settled", "dropped"} or transaction.parts or transaction.link:
        raise RefusedError("it does not wait", transaction.transaction_id)


def change_priority(state: State, transaction: Transaction, priority: int) -> bool:
    """Write another priority on a transaction; whether it had another one.

    A queue is a list by entry, looked at by band: so what changes its band stands by its entry there. Then
    the queue is tried as if liquidity had grown. Of what has not arrived nothing is in the log.
    """
    if not is_a_priority(state.rules, priority):
        raise RefusedError("priority is in no band", priority)
    if transaction.priority == priority:
        return False
    sender = state.agents[transaction.sender]
    if state.rules.queue_discipline != "priority":
        transaction.priority = priority
    else:
        band = band_of(state.rules, transaction)
        transaction.priority = priority
        if transaction in sender.queue2 and band_of(state.rules, transaction) != band:
            sender.liquidity_grew = True
    if transaction.sequence_number is not None:
        state.record("priority_changed", transaction)
    return True


def move_in_queue(state: State, transaction: Transaction, to: str) -> bool:
    """Change places within a band: the others keep their order, and each place stays in its band."""
    queue = state.agents[transaction.sender].queue2
    if transaction not in queue:
        raise RefusedError("it is not queued", transaction.transaction_id)
    by_band = state.rules.queue_discipline == "priority"
    band = band_of(state.rules, transaction) if by_band else None
    peers = [tx for tx in queue if not by_band or band_of(state.rules, tx) == band]
    others = [tx for tx in peers if tx is not transaction]
    moved = [transaction, *others] if to == "front" else [*others, transaction]
    if moved == peers:
        return False
    places = [(queue.index(tx), tx.entry_number) for tx in peers]
    for (place, entry_number), tx in zip(places, moved, strict=True):
        queue[place], tx.entry_number = tx, entry_number
    state.agents[transaction.sender].liquidity_grew = True
    state.record("moved", transaction)
    return True


def revoke(state: State, transaction: Transaction) -> None:
    """Take a transaction back: it leaves its queue, and until it is submitted again nothing happens to it."""
    _check_whole(transaction)
    sender = state.agents[transaction.sender]
    if transaction in sender.queue1:
        sender.queue1.remove(transaction)
    else:
        sender.queue2.remove(transaction)
        sender.liquidity_grew = True  # what stood behind it is to be tried
    transaction.revoked, transaction.stored, transaction.status = True, False, "dropped"
    state.record("revoked", transaction)


def check_resubmission(state: State, transaction: Transaction) -> None:
    """Refuse to submit again what was not taken back, or what could not be submitted now."""
    deadline = transaction.deadline_tick
    if not transaction.revoked:
        raise RefusedError("it was not taken back", transaction.transaction_id)
    if deadline is not None and deadline <= state.tick:
        raise RefusedError("deadline must be after submission", transaction.transaction_id)
    if transaction.latest_debit_tick is not None and transaction.latest_debit_tick < state.tick:
        raise RefusedError("its latest debit tick has passed", transaction.transaction_id)


def resubmit(state: State, transaction: Transaction) -> None:
    """What was taken back stands at the end of its sender's Queue 1."""
    transaction.revoked, transaction.status, transaction.release_tick = False, "pending", None
    state.give_sequence_number(transaction)
    state.agents[transaction.sender].queue1.append(transaction)
    state.record("resubmitted", transaction)


def check_arrived(transaction: Transaction) -> None:
    """Refuse what a scenario event cannot know yet."""
    if transaction.sequence_number is None:
        raise RefusedError("it has not arrived", transaction.transaction_id)


def check_split(state: State, transaction: Transaction, count: int) -> None:
    """Refuse to divide what is not in Queue 2, or what cannot be divided so."""
    _check_whole(transaction)
    is_queued = transaction in state.agents[transaction.sender].queue2
    if not (is_queued and transaction.divisible and 2 <= count <= min(MOST_PARTS, transaction.amount)):
        raise RefusedError("it cannot be divided so", transaction.transaction_id)


def split_queued(state: State, parent: Transaction, count: int) -> list[Transaction]:
    """Divide what waits in Queue 2: its parts stand at the end, and the queue is to be tried."""
    sender = state.agents[parent.sender]
    sender.queue2.remove(parent)
    parts = split(state, parent, count)
    for part in parts:
        part.status = "queued"
        part.entry_number = state.next_entry_number()
        sender.queue2.append(part)
    sender.liquidity_grew = True
    return parts


def _check_whole(transaction: Transaction) -> None:
    check_arrived(transaction)
    if transaction.parent:
        raise RefusedError("it is a part", transaction.transaction_id)


def is_a_priority(rules: Rules, priority: int) -> bool:
    """Whether a band has it; where there are none to settle by, any will do."""
    if rules.queue_discipline != "priority":
        return 0 <= priority <= HIGHEST_PRIORITY
    return any(low <= priority <= high for low, high in rules.priority_bands)
