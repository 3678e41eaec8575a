"""What changes a simulation: as a call of the service, and as a call of a local `Simulation`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from payment_simulator.errors import PaymentSimulatorError, UnknownAgentError, UnknownTransactionError
from tests.service.calls import Answer

if TYPE_CHECKING:
    import random

    import httpx2

    from payment_simulator import Simulation
    from tests.service.calls import Calls, Json

NOT_FOUND = (UnknownAgentError, UnknownTransactionError)
PATHS = {
    "change_priority": "priority",
    "move_in_queue": "position",
    "revoke": "revocation",
    "resubmit": "resubmission",
    "split": "split",
}


class Command(Protocol):
    """A command; it can be sent many times, with the same key."""

    def send(self, calls: Calls, simulation_id: str, key: str | None) -> httpx2.Response: ...
    def apply(self, simulation: Simulation) -> Json: ...


@dataclass(frozen=True)
class Submit:
    """One transaction."""

    sender: str
    receiver: str
    amount: int
    deadline_tick: int | None = None
    priority: int = 5
    divisible: bool = False

    def send(self, calls: Calls, simulation_id: str, key: str | None) -> httpx2.Response:
        return calls.ask("POST", f"/simulations/{simulation_id}/transactions", json=asdict(self), key=key)

    def apply(self, simulation: Simulation) -> Json:
        return {"transaction_id": simulation.submit(**asdict(self))}


@dataclass(frozen=True)
class SubmitBatch:
    """Several transactions, all or none."""

    transactions: tuple[Submit, ...]

    def send(self, calls: Calls, simulation_id: str, key: str | None) -> httpx2.Response:
        body = {"transactions": [asdict(row) for row in self.transactions]}
        return calls.ask("POST", f"/simulations/{simulation_id}/transactions/batch", json=body, key=key)

    def apply(self, simulation: Simulation) -> Json:
        rows = [asdict(row) for row in self.transactions]
        ids = list(simulation.submit_batch({name: [row[name] for row in rows] for name in rows[0]}))
        return {"count": len(ids), "transaction_ids": ids}


@dataclass(frozen=True)
class Intervene:
    """What a sender does to a transaction that waits: a method of the façade, and the path of the call."""

    method: str
    transaction_id: str
    values: tuple[tuple[str, int | str], ...] = ()

    def send(self, calls: Calls, simulation_id: str, key: str | None) -> httpx2.Response:
        path = f"/simulations/{simulation_id}/transactions/{self.transaction_id}/{PATHS[self.method]}"
        return calls.ask("POST", path, json=dict(self.values) if self.values else None, key=key)

    def apply(self, simulation: Simulation) -> Json:
        answer = getattr(simulation, self.method)(self.transaction_id, **dict(self.values))
        more: Json = {
            "change_priority": {"changed": answer},
            "move_in_queue": {"changed": answer},
            "split": {"parts": answer},
        }.get(self.method, {})
        return {"transaction_id": self.transaction_id, **more}


@dataclass(frozen=True)
class Tick:
    """Some ticks, or as many as are left."""

    count: int = 1

    def send(self, calls: Calls, simulation_id: str, key: str | None) -> httpx2.Response:
        return calls.ask("POST", f"/simulations/{simulation_id}/tick", params={"count": self.count}, key=key)

    def apply(self, simulation: Simulation) -> Json:
        results: list[Any] = [simulation.tick()]
        results += [simulation.tick() for _ in range(self.count - 1) if not simulation.finished]
        return {"results": results, "final_tick": simulation.current_tick}


@dataclass(frozen=True)
class RunTo:
    """A run in the background, up to the start of a tick."""

    until: int

    def send(self, calls: Calls, simulation_id: str, key: str | None) -> httpx2.Response:
        return calls.ask("POST", f"/simulations/{simulation_id}/run", params={"until": self.until}, key=key)

    def apply(self, simulation: Simulation) -> Json:
        simulation.run(self.until - simulation.current_tick)
        return {}


def expected(command: Command, simulation: Simulation) -> Answer:
    """Apply the command to the local simulation and say what the service must answer."""
    try:
        return Answer(200, command.apply(simulation))
    except NOT_FOUND as error:
        return Answer(404, {"code": error.code})
    except PaymentSimulatorError as error:
        return Answer(400, {"code": error.code})


def random_submit(chance: random.Random, banks: list[str], current_tick: int) -> Submit:
    """A transaction between two of the banks; one in twenty is refused."""
    sender, receiver = chance.sample(banks, 2)
    if chance.random() < 0.05:
        receiver = chance.choice([sender, "BANK_X"])
    deadline = current_tick + chance.randint(1, 40) if chance.random() < 0.7 else None
    return Submit(
        sender=sender,
        receiver=receiver,
        amount=chance.randint(1, 30_000),
        deadline_tick=deadline,
        priority=chance.randint(0, 10),
        divisible=chance.random() < 0.3,
    )


def random_intervention(chance: random.Random, banks: list[str]) -> Intervene:
    """A change to one of the first transactions of a bank, whether it waits or not."""
    transaction_id = f"{chance.choice(banks)}:{chance.choice('gs')}{chance.randint(1, 30)}"
    match chance.choice(list(PATHS)):
        case "change_priority":
            return Intervene("change_priority", transaction_id, (("priority", chance.randint(0, 11)),))
        case "move_in_queue":
            return Intervene("move_in_queue", transaction_id, (("to", chance.choice(["front", "end"])),))
        case "split":
            return Intervene("split", transaction_id, (("parts", chance.randint(1, 5)),))
        case method:
            return Intervene(method, transaction_id)


def random_command(chance: random.Random, banks: list[str], current_tick: int) -> Command:
    """A submission, a batch, a sender's intervention, or some ticks."""
    kind = chance.random()
    if kind < 0.3:
        return random_submit(chance, banks, current_tick)
    if kind < 0.45:
        return random_intervention(chance, banks)
    if kind < 0.6:
        rows = tuple(random_submit(chance, banks, current_tick) for _ in range(chance.randint(1, 8)))
        return SubmitBatch(rows)
    return Tick(chance.choice([1, 1, 1, 2, 5, 20]))
