"""The reference simulation: a tick reads as the list of steps in the design."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tests.reference.balanced_release import settle_finally
from tests.reference.closing import accrue_costs, drop, end_day
from tests.reference.collateral import read_haircuts, secured_by
from tests.reference.costs import KINDS, CostBook, as_decimal, cents
from tests.reference.daily import begin_day
from tests.reference.debit_times import expire, store_early
from tests.reference.escalation import escalate
from tests.reference.hours import Hours
from tests.reference.interventions import (
    change_priority,
    check_open,
    check_resubmission,
    check_split,
    find,
    move_in_queue,
    resubmit,
    revoke,
    split_queued,
)
from tests.reference.links import Links
from tests.reference.offsetting import offset
from tests.reference.releasing import run_policies
from tests.reference.rules import Rules, exact_rate, read_rules
from tests.reference.scenario import Plan, is_void
from tests.reference.settlement import book_deferred_credits, enter, try_queues
from tests.reference.state import Agent, RefusedError, State, Transaction
from tests.reference.steps import enter_offsetting, run_steps
from tests.reference.submission import as_rows, check

TOTALS = ("num_arrivals", "num_settlements", "num_lsm_releases", "total_cost")


class ReferenceSimulation:
    """The contract's `Orchestrator`, slow and plain.

    Generated arrivals are random, so they are given: `generated` maps a tick to what arrives in it, in order.
    """

    def __init__(
        self, config: Mapping[str, Any], generated: Mapping[int, list[dict[str, Any]]] | None = None
    ) -> None:
        haircuts = read_haircuts(config)
        rules = read_rules(config)
        agents = {given["id"]: _read_agent(given, rules, haircuts) for given in config["agent_configs"]}
        hours = Hours(rules.ticks_per_day)
        self.state = State(
            rules=rules, agents=agents, costs=CostBook(list(agents)), hours=hours, haircuts=haircuts
        )
        self._links = Links(config)
        self.state.transactions += self._links.planned()
        self._plan = Plan(config)
        self._generated = generated or {}
        self._scheduled: list[Transaction] = []
        self._submitted_by_sender = dict.fromkeys(agents, 0)
        self._balance_rows: list[dict[str, Any]] = []
        self._reported_cost = 0

    # --- the tick ---

    def tick(self) -> dict[str, int]:
        """Run one tick."""
        state = self.state
        if state.tick >= state.rules.num_ticks:
            raise RefusedError("the run has ended")
        state.arrivals_in_tick = state.settlements_in_tick = state.lsm_releases_in_tick = 0

        if state.tick % state.rules.ticks_per_day == 0:
            begin_day(state)
        self._plan.apply(state, self._links)
        escalate(state)
        self._let_arrive()
        released = run_policies(state)
        self._links.drop_broken(state, released)
        released = [transaction for transaction in released if transaction.status != "dropped"]
        if state.settles:
            released = store_early(state, released)
            self._enter_released(released)
            offset(state)
            run_steps(state, "tick")
            settle_finally(state)
            self._links.settle(state)
        self._links.reject(state)
        book_deferred_credits(state)
        self._record_waiting(state.waiting_since_the_last_tick + self._links.entered(released))
        state.waiting_since_the_last_tick = []
        accrue_costs(state)
        expire(state)
        if (state.tick + 1) % state.rules.ticks_per_day == 0:
            end_day(state)

        self._record_balances()
        state.tick += 1
        cost_before, self._reported_cost = self._reported_cost, cents(state.costs.total())
        return {
            "tick": state.tick - 1,
            "num_arrivals": state.arrivals_in_tick,
            "num_settlements": state.settlements_in_tick,
            "num_lsm_releases": state.lsm_releases_in_tick,
            "total_cost": self._reported_cost - cost_before,
        }

    def _let_arrive(self) -> None:
        """Step 2: what was scheduled for this tick, in table order; then what is generated."""
        in_batches = self._links.arriving(self.state.tick)
        for transaction in in_batches:
            self._enter_queue1(transaction, "arrived")
            if transaction.status == "pending":
                self.state.agents[transaction.sender].queue1.remove(transaction)
                self._links.wait(self.state, transaction)
        due = [tx for tx in self._scheduled if tx.submit_tick == self.state.tick]
        self._scheduled = [tx for tx in self._scheduled if tx.submit_tick != self.state.tick]
        for row in self._generated.get(self.state.tick, []):
            transaction = Transaction(submit_tick=self.state.tick, **row)
            self.state.transactions.append(transaction)
            due.append(transaction)
        for transaction in due:
            self._enter_queue1(transaction, "arrived")
        self.state.arrivals_in_tick = len(in_batches) + len(due)
        self._links.drop_broken(self.state)

    def _enter_queue1(self, transaction: Transaction, kind: str) -> None:
        self.state.give_sequence_number(transaction)
        self.state.agents[transaction.sender].queue1.append(transaction)
        self.state.record(kind, transaction)
        if is_void(self.state, transaction):
            drop(self.state, transaction)

    def _enter_released(self, released: list[Transaction]) -> None:
        """Step 4: agents whose liquidity grew try their queues; then what was released enters."""
        grown = [agent for agent in self.state.agents.values() if agent.liquidity_grew]
        for agent in grown:
            agent.liquidity_grew = False
        try_queues(self.state, grown)
        linked = [transaction for transaction in released if self._links.of(transaction)]
        for transaction in linked:
            self._links.wait(self.state, transaction)
        self._links.settle(self.state)
        run_steps(self.state, "change")
        for transaction in released:
            if transaction in linked:
                continue
            if not enter_offsetting(self.state, transaction):
                enter(self.state, transaction)
            if transaction.status == "queued":
                run_steps(self.state, "entry")
            run_steps(self.state, "change")

    def _record_waiting(self, released: list[Transaction]) -> None:
        """What entered Queue 2 in this tick and still waits there gets its two rows."""
        for transaction in released:
            if transaction.status == "queued":
                self.state.record("released", transaction)
                self.state.record("queued", transaction)

    def _record_balances(self) -> None:
        for agent in self.state.agents.values():
            if agent.balance != agent.balance_at_last_tick:
                agent.balance_at_last_tick = agent.balance
                self._balance_rows.append(
                    {"agent_id": agent.agent_id, "tick": self.state.tick, "balance": agent.balance}
                )

    # --- the rest of the contract's calls ---

    def run(self, num_ticks: int | None = None) -> dict[str, int]:
        """Run some ticks, or all that are left; the figures are summed."""
        left = self.state.rules.num_ticks - self.state.tick
        summed = {"tick": 0, **dict.fromkeys(TOTALS, 0)}
        for _ in range(left if num_ticks is None else min(num_ticks, left)):
            result = self.tick()
            summed["tick"] = result["tick"]
            for name in TOTALS:
                summed[name] += result[name]
        return summed

    def current_tick(self) -> int:
        """The tick that comes next."""
        return self.state.tick

    def current_day(self) -> int:
        """The day of the tick that comes next."""
        return self.state.tick // self.state.rules.ticks_per_day

    def submit_transaction(  # noqa: PLR0917 - the contract's signature
        self,
        sender: str,
        receiver: str,
        amount: int,
        deadline_tick: int | None = None,
        priority: int = 5,
        divisible: bool = False,  # noqa: FBT001 - the same
        link: str | None = None,
        link_legs: int | None = None,
        earliest_debit_tick: int | None = None,
        latest_debit_tick: int | None = None,
    ) -> str:
        """Submit one transaction now."""
        row = {
            "sender": sender,
            "receiver": receiver,
            "amount": amount,
            "deadline_tick": deadline_tick,
            "priority": priority,
            "divisible": divisible,
            "link": link,
            "link_legs": link_legs,
            "earliest_debit_tick": earliest_debit_tick,
            "latest_debit_tick": latest_debit_tick,
        }
        return self.submit_transactions_batch([row])[0]

    def submit_transactions_batch(self, table: list[dict[str, Any]] | Mapping[str, list[Any]]) -> list[str]:
        """Submit rows now, or schedule them for their `submit_tick`; all or nothing."""
        rows = as_rows(table)
        taken = {transaction.transaction_id for transaction in self.state.transactions}
        for row in rows:
            check(self.state, row, taken)
            if row.get("transaction_id") is not None:
                taken.add(row["transaction_id"])
        self._links.check(rows)
        ids = [self._accept(row) for row in rows]
        self._links.drop_broken(self.state)
        return ids

    def _accept(self, row: Mapping[str, Any]) -> str:
        transaction = Transaction(
            transaction_id=row.get("transaction_id") or self._make_id(row["sender"]),
            sender=row["sender"],
            receiver=row["receiver"],
            amount=row["amount"],
            submit_tick=row.get("submit_tick", self.state.tick),
            deadline_tick=row.get("deadline_tick"),
            priority=row.get("priority", 5),
            divisible=row.get("divisible", False),
            earliest_debit_tick=row.get("earliest_debit_tick"),
            latest_debit_tick=row.get("latest_debit_tick"),
        )
        self.state.transactions.append(transaction)
        if row.get("link") is not None:
            self._links.join(transaction, row["link"], row.get("link_legs"))
        if "submit_tick" in row:
            self._scheduled.append(transaction)
        else:
            self._enter_queue1(transaction, "submitted")
        return transaction.transaction_id

    def _make_id(self, sender: str) -> str:
        self._submitted_by_sender[sender] += 1
        return f"{sender}:s{self._submitted_by_sender[sender]}"

    def change_priority(self, transaction_id: str, priority: int) -> bool:
        """Give a transaction that is scheduled or waits another priority; whether it had another one."""
        transaction = self._find_open(transaction_id)
        return change_priority(self.state, transaction, priority)

    def move_in_queue(self, transaction_id: str, to: str) -> bool:
        """Move what is queued to the front or to the end of its band; whether it was elsewhere."""
        return move_in_queue(self.state, self._find_open(transaction_id), to)

    def revoke(self, transaction_id: str) -> None:
        """Take a transaction back that waits."""
        revoke(self.state, self._find_open(transaction_id))

    def resubmit(self, transaction_id: str) -> None:
        """Submit a transaction again that was taken back."""
        transaction = self._find(transaction_id)
        check_resubmission(self.state, transaction)
        resubmit(self.state, transaction)
        if is_void(self.state, transaction):
            drop(self.state, transaction)

    def split(self, transaction_id: str, parts: int) -> list[str]:
        """Divide a transaction that is queued; the ids of its parts."""
        transaction = self._find_open(transaction_id)
        check_split(self.state, transaction, parts)
        made = split_queued(self.state, transaction, parts)
        self.state.waiting_since_the_last_tick += made
        return [part.transaction_id for part in made]

    def _find(self, transaction_id: str) -> Transaction:
        if self.state.tick >= self.state.rules.num_ticks:
            raise RefusedError("the run has ended")
        return find(self.state, transaction_id)

    def _find_open(self, transaction_id: str) -> Transaction:
        transaction = self._find(transaction_id)
        check_open(transaction)
        return transaction

    def get_agent_ids(self) -> list[str]:
        """In config order."""
        return list(self.state.agents)

    def get_agent_balance(self, agent_id: str) -> int | None:
        """The balance, or None for an unknown agent."""
        agent = self.state.agents.get(agent_id)
        return agent.balance if agent else None

    def get_queue1_size(self, agent_id: str) -> int | None:
        """How many wait in the agent's own queue, or None for an unknown agent."""
        agent = self.state.agents.get(agent_id)
        return len(agent.queue1) if agent else None

    def get_queue2_size(self) -> int:
        """How many wait in the central queue."""
        return sum(len(agent.in_queue2) for agent in self.state.agents.values())

    def get_agent(self, agent_id: str) -> dict[str, Any] | None:
        """The agent's columns, or None."""
        agent = self.state.agents.get(agent_id)
        return self.state.agent_row(agent) if agent else None

    def get_transaction(self, transaction_id: str) -> dict[str, Any] | None:
        """The transaction's columns, or None."""
        found = [tx for tx in self.state.transactions if tx.transaction_id == transaction_id]
        return found[0].row() if found else None

    def transactions(self) -> list[dict[str, Any]]:
        """The table `transactions`, in the order of coming into being."""
        return [transaction.row() for transaction in self.state.transactions]

    def links(self) -> list[dict[str, Any]]:
        """The table `links`: what settles together, in the order of submission."""
        return list(self._links.rows)

    def events(self) -> list[dict[str, Any]]:
        """The table `events`."""
        return list(self.state.events.rows)

    def agents(self) -> list[dict[str, Any]]:
        """The table `agents`, in config order."""
        return [self.state.agent_row(agent) for agent in self.state.agents.values()]

    def balances(self) -> list[dict[str, Any]]:
        """The table `balances`: each agent's balance at the end of the ticks in which it changed."""
        return list(self._balance_rows)

    def costs(self) -> list[dict[str, Any]]:
        """The table `costs`: every agent and kind, exact and in cents."""
        book = self.state.costs
        return [
            {
                "agent_id": agent_id,
                "kind": kind,
                "cents": cents(book.exact(agent_id, kind)),
                "exact": as_decimal(book.exact(agent_id, kind)),
            }
            for agent_id in self.state.agents
            for kind in KINDS
        ]


def _read_agent(given: Mapping[str, Any], rules: Rules, haircuts: Mapping[str, Fraction]) -> Agent:
    own_rate = given.get("overdraft_bps_per_tick")
    return Agent(
        agent_id=given["id"],
        balance=given["opening_balance"],
        unsecured_limit=given.get("credit_limit", 0),
        policy=given["policy"],
        sender_limits=given.get("sender_limits") or {},
        reservations={"highly_urgent": 0, "urgent": 0, **(given.get("reservations") or {})},
        cap=rules.cap_of(given["id"], given["opening_balance"]),
        collateral=dict(given.get("collateral") or {}),
        secured=secured_by(given.get("collateral") or {}, haircuts),
        overdraft_rate=exact_rate(own_rate) if own_rate is not None else None,
        liquidity_pool=given.get("liquidity_pool"),
        in_pool=(given.get("liquidity_pool") or {}).get("amount", 0),
        overdraft_deductible=given.get("overdraft_deductible") or 0,
        escalation=given.get("escalation") or (),
    )
