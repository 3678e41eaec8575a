"""Break the engine on purpose, one small edit at a time, and see that tests notice.

`python scripts/mutants.py` copies the tree to a temporary folder and, for each mutant below, edits one rule
of the engine, builds it, and runs the engine's own tests, some random days against the reference model, and
the golden hashes. A mutant that no test notices is an error, and so is an edit whose text the engine lost.
`python scripts/mutants.py WORD ...` tries only mutants whose names have one of the words; `--list` names
them.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENGINE = Path("crates/engine/src")
COPIED = ("Cargo.toml", "Cargo.lock", "pyproject.toml", "crates", "python", "tests")
TIMEOUT_SECONDS = 240
EXAMPLES = "240"
SHOWN = 3


@dataclass(frozen=True)
class Edit:
    """A text that stands once in a file of the engine, and what stands there instead."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """A rule that is broken."""

    name: str
    edits: tuple[Edit, ...]


def mutant(name: str, file: str, old: str, new: str) -> Mutant:
    """A mutant of one edit."""
    return Mutant(name, (Edit(file, old, new),))


def of_costs(name: str, base: str, method: str) -> Mutant:
    """A cost that accrues on nothing, in the total and in the agents' own sums."""
    return Mutant(
        name,
        (
            Edit("costs.rs", f".{method}(self.{base})", f".{method}(0)"),
            Edit("costs.rs", f"i128::from(costs.base.{base}) * ticks", "0 * ticks"),
        ),
    )


MUTANTS = (
    mutant("no offsetting", "simulation.rs", "self.offsetting.run(&mut self.book, &self.clock);", ""),
    mutant(
        "no pairs",
        "lsm/bilateral.rs",
        "View::of(book).partner(first, after) {",
        "View::of(book).partner(first, after).filter(|_| false) {",
    ),
    mutant("no cycles", "lsm/cycles.rs", "while *left > 0 {", "while *left > u32::MAX - 1 {"),
    mutant("no steps of the list", "lsm/mod.rs", "step.run(book, &mut self.workshop);", ""),
    mutant(
        "a limit leaves one cent more",
        "limits.rs",
        "self.limit.saturating_sub(self.net)",
        "self.limit.saturating_sub(self.net).saturating_add(1)",
    ),
    mutant("limits count no receipts", "limits.rs", "self.lines[line].net -= amount;", ""),
    mutant("limits go on over days", "limits.rs", "line.net = 0;", ""),
    mutant(
        "who is overdrawn gives up all that it lacks",
        "lsm/tally.rs",
        "self.lacks(view, agent).min(self.paid[agent.at()].max(0))",
        "self.lacks(view, agent)",
    ),
    mutant(
        "a higher limit has no queue tried",
        "limits.rs",
        "std::mem::replace(&mut line.limit, limit) < limit",
        "std::mem::replace(&mut line.limit, limit) > limit",
    ),
    mutant("a cap stays", "caps.rs", "self.most[agent.at()] = cap;", "let _ = (agent, cap);"),
    mutant(
        "what is reserved goes to all", "reservations.rs", "remains += (held - sent).max(0);", "remains = 0;"
    ),
    mutant(
        "reservations are of one day", "reservations.rs", "reserve.left = reserve.daily;", "let _ = reserve;"
    ),
    mutant(
        "a band leaves one cent more",
        "caps.rs",
        "self.most[agent.at()].saturating_sub(",
        "self.most[agent.at()].saturating_add(1).saturating_sub(",
    ),
    mutant(
        "who would be above its band is paid all the same",
        "lsm/whole.rs",
        "= self.farthest_above(view) {",
        "= self.farthest_above(view).filter(|_| false) {",
    ),
    mutant(
        "who is not paid in a set of all queues is not looked at again",
        "lsm/whole.rs",
        "self.lacking.add(waiting.receiver);\n                if",
        "if",
    ),
    mutant(
        "who would be above its band is not paid what entered first",
        "lsm/incoming.rs",
        "each.2.waiting.order - oldest",
        "newest - each.2.waiting.order",
    ),
    mutant(
        "what was searched in vain is never searched again",
        "exhausted.rs",
        "self.0 == Some(book.changes)",
        "self.0.is_some_and(|_| book.changes > 0)",
    ),
    mutant(
        "collateral is taken from what is drawn", "collateral.rs", "if credit < needed {", "if credit < 0 {"
    ),
    mutant(
        "collateral is held a tick less",
        "collateral.rs",
        "tick - posted < self.minimum_holding_ticks",
        "tick - posted + 1 < self.minimum_holding_ticks",
    ),
    mutant("haircuts are rounded up", "money.rs", "i128::from(cents) / one)", "i128::from(cents) / one + 1)"),
    mutant("nothing is waived", "pricing.rs", "(cost.0 - waived.0).max(0)", "(cost.0 - 0 * waived.0).max(0)"),
    mutant(
        "secured credit is drawn last",
        "pricing.rs",
        "overdraft.min(secured_credit)",
        "overdraft.min(secured_credit) / 2",
    ),
    mutant(
        "what was paid away returns to the pool",
        "daily.rs",
        "allocated.min(self.book.accounts.get(agent).balance.max(0))",
        "allocated",
    ),
    mutant(
        "overnight loans stay",
        "daily.rs",
        "let borrowed = std::mem::take(&mut reserve.borrowed);",
        "let borrowed = 0 * std::mem::take(&mut reserve.borrowed);",
    ),
    mutant(
        "cut-offs come a tick late",
        "timetable/cut_offs.rs",
        "cut_off.after < within",
        "cut_off.after + 1 < within",
    ),
    mutant("nobody is short of a guideline", "timetable/throughput.rs", "wanted.max(0)", "0 * wanted.max(0)"),
    mutant(
        "what was moved to the front is not tried",
        "settlement.rs",
        "if moved {\n            self.after_intervention(entry.sender);\n        }",
        "",
    ),
    mutant(
        "gridlock resolution ignores limits",
        "lsm/tally.rs",
        "if beyond > worst.amount {",
        "if beyond > i64::MAX - 1 {",
    ),
    mutant(
        "partial takes from whom lacks least",
        "lsm/whole.rs",
        "(shortfall.amount, Reverse(agent))",
        "(-shortfall.amount, Reverse(agent))",
    ),
    mutant(
        "cycles by the least value",
        "lsm/best_cycles.rs",
        "Prefer::Value => amounts.iter().sum(),",
        "Prefer::Value => -amounts.iter().sum::<i64>(),",
    ),
    mutant(
        "what enters takes all that it can offset",
        "lsm/entry.rs",
        "offers.iter().position(",
        "offers.iter().rposition(",
    ),
    of_costs("no delay cost", "waiting", "cost_of"),
    of_costs("no overdraft cost", "overdraft", "basis_point_cost_of"),
    mutant(
        "no second look at what waits, after an entry",
        "settlement.rs",
        "if !self.to_try.is_empty() {\n                self.try_queues();\n            }",
        "self.to_try.clear();",
    ),
    mutant(
        "no second look at what waits, after a set",
        "settlement.rs",
        "            }\n        }\n        self.try_queues();",
        "            }\n        }\n        self.to_try.clear();",
    ),
    mutant(
        "no second look at what waits, after deferred credits",
        "settlement.rs",
        "self.to_try.sort_unstable();\n        self.to_try.dedup();\n        self.try_queues();",
        "self.to_try.clear();",
    ),
    mutant(
        "who is out goes on sending",
        "scenario/mod.rs",
        "self.banks.set_silent(agent, !settles || standing.out_until > 0);",
        "self.banks.set_silent(agent, !settles);",
    ),
    mutant(
        "more is withdrawn than there is",
        "scenario/changes.rs",
        "amount.min(account.liquidity().max(0))",
        "amount",
    ),
    mutant(
        "a link settles before all its legs wait",
        "links/mod.rs",
        "self.stage == Stage::Open && self.waiting.len() == self.size as usize",
        "self.stage == Stage::Open",
    ),
    mutant(
        "a leg that is refused at its cut-off drops no other",
        "simulation.rs",
        """        self.apply_policies(tick)?;
        if self.book.links.is_some() {
            self.drop_broken();
        }
""",
        "        self.apply_policies(tick)?;\n",
    ),
    mutant(
        "a batch is tried after its last tick",
        "links/ancillary.rs",
        "links.ending.take_due(tick)",
        "links.ending.take_due(tick.saturating_sub(1))",
    ),
    mutant(
        "an escalation comes a tick late",
        "timetable/escalation.rs",
        "terms.deadline.saturating_sub(step.within_ticks)",
        "terms.deadline.saturating_sub(step.within_ticks).saturating_add(1)",
    ),
    mutant(
        "of several escalations that are due the first counts",
        "timetable/escalation.rs",
        "steps[..passed].last()",
        "steps[..passed].first()",
    ),
    mutant(
        "what is submitted again escalates no more",
        "timetable/escalation.rs",
        "next.filter(|_| stage.due == NEVER)",
        "next.filter(|_| false)",
    ),
    mutant(
        "what is stored enters one tick after its earliest debit tick",
        "timetable/debit_times.rs",
        "split_off(&(tick + 1, 0))",
        "split_off(&(tick, 0))",
    ),
    mutant(
        "parts of a transaction have none of its debit times",
        "timetable/debit_times.rs",
        "self.times.get(&transactions.whole_of(slot))",
        "self.times.get(&slot)",
    ),
    mutant(
        "what leaves its store enters all the same at its earliest debit tick",
        "timetable/debit_times.rs",
        ".is_some_and(|key| self.stored.remove(&key).is_some())",
        ".is_some()",
    ),
    mutant(
        "what others owe a failed agent is not cancelled",
        "scenario/default.rs",
        " || to == agent",
        "",
    ),
    mutant(
        "what stood behind a cancelled transaction is not tried",
        "scenario/default.rs",
        "self.liquidity_grew(sender);",
        "",
    ),
    mutant(
        "a condition comes again unasked",
        "scenario/conditions.rs",
        "comes && !condition.each_time || ",
        "",
    ),
    mutant(
        "an outage within an outage ends it",
        "scenario/changes.rs",
        "standing.out_until = standing.out_until.max(until);",
        "standing.out_until = until;",
    ),
    mutant(
        "of equally large ones the earliest is dropped",
        "lsm/bilateral.rs",
        "Reverse((offers[*place as usize].amount, *place))",
        "(Reverse(offers[*place as usize].amount), *place)",
    ),
    mutant(
        "the earliest that cures a shortfall is dropped",
        "lsm/bilateral.rs",
        ".rposition(|offer| offer.amount >= shortfall)",
        ".position(|offer| offer.amount >= shortfall)",
    ),
    mutant(
        "deferred crediting is immediate",
        "settlement.rs",
        "Crediting::Deferred => self.accounts.credit_later(entry.receiver, entry.amount, tick),",
        "Crediting::Deferred => if self.accounts.credit(entry.receiver, entry.amount, tick) "
        "{ self.to_try.push(entry.receiver); },",
    ),
    mutant(
        "no penalty at the end of the day",
        "simulation.rs",
        "CostKind::EodPenalty, 1)",
        "CostKind::EodPenalty, 0)",
    ),
    mutant(
        "no penalty for a deadline",
        "simulation.rs",
        "CostKind::DeadlinePenalty, 1)",
        "CostKind::DeadlinePenalty, 0)",
    ),
    mutant(
        "bands are ignored",
        "central_queue.rs",
        "band_of[usize::from(priority)] = u8::try_from(band).unwrap_or(0);",
        "band_of[usize::from(priority)] = u8::try_from(band * 0).unwrap_or(0);",
    ),
    mutant("fifo is bypass", "central_queue.rs", "Discipline::Fifo => true,", "Discipline::Fifo => false,"),
    mutant("the remainder is on the last part", "transactions.rs", "if part == 1 {", "if part == parts {"),
    mutant(
        "cents are rounded half up",
        "money.rs",
        "(rest == half && whole % 2 == 1)",
        "(rest == half && whole % 2 < 2)",
    ),
    mutant(
        "the limit is never quite reached",
        "settlement.rs",
        "first && entry.amount <= account.liquidity()",
        "first && entry.amount < account.liquidity()",
    ),
    mutant(
        "urgent a tick late",
        "policy.rs",
        "deadline.saturating_sub(threshold)",
        "deadline.saturating_sub(threshold) + 1",
    ),
    mutant(
        "friction for the first part too",
        "simulation.rs",
        "u32::from(released.parts) - 1;",
        "u32::from(released.parts);",
    ),
    mutant(
        "nothing is cancelled", "simulation.rs", "self.config.unsettled == Unsettled::Cancel &&", "false &&"
    ),
    mutant(
        "ticks with untried sets are passed over",
        "simulation.rs",
        "if settles { self.offsetting.next_tick(book, &self.clock) } else { NEVER }",
        "NEVER",
    ),
    mutant(
        "a saved state forgets whose liquidity grew",
        "snapshot/mod.rs",
        "grown: self.book.grown.clone(),",
        "grown: Vec::new(),",
    ),
)


@dataclass
class Outcome:
    """What was noticed of a mutant."""

    failed: set[str] = field(default_factory=set)
    seconds: float = 0.0


class Workshop:
    """A copy of the tree in which the engine is broken and mended."""

    def __init__(self, folder: Path) -> None:
        self._root = folder / "tree"
        self._environment = {
            **os.environ,
            "CARGO_TARGET_DIR": str(folder / "target"),
            "CARGO_NET_OFFLINE": "true",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "hypothesis"),
            "PATH": f"{Path.home() / '.cargo/bin'}:{os.environ['PATH']}",
            "PROPTEST_MAX_SHRINK_ITERS": "0",
            "PYTHONPATH": str(self._root / "python"),
            "RUST_BACKTRACE": "0",
            "SOAK_EXAMPLES": EXAMPLES,
        }
        self._library = folder / "target/debug/lib_core.so"
        self._root.mkdir()
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
                shutil.copytree(source, self._root / name, ignore=ignored)
            else:
                shutil.copy(source, self._root / name)

    def check_edits(self) -> list[str]:
        """Which mutants can no longer be made."""
        problems = []
        for one in MUTANTS:
            for edit in one.edits:
                count = (self._root / ENGINE / edit.file).read_text(encoding="utf-8").count(edit.old)
                if count != 1:
                    problems.append(f"{one.name}: {edit.file} has this {count} times: {edit.old}")
        return problems

    def try_out(self, one: Mutant | None) -> Outcome:
        """Break the engine, run the tests, mend it."""
        begun = time.monotonic()
        originals: dict[Path, str] = {}
        for edit in one.edits if one else ():
            path = self._root / ENGINE / edit.file
            text = path.read_text(encoding="utf-8")
            originals.setdefault(path, text)
            path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
        try:
            failed = self._engine_tests() | self._package_tests()
        finally:
            for path, text in originals.items():
                path.write_text(text, encoding="utf-8")
        return Outcome(failed, time.monotonic() - begun)

    def _engine_tests(self) -> set[str]:
        ran = self._run("cargo", "test", "--locked", "--no-fail-fast", "-p", "payment-simulator-engine")
        if ran is None:
            return {"engine: no end"}
        if "could not compile" in ran:
            raise SystemExit(ran)
        return {f"engine: {name}" for name in re.findall(r"^test (\S+) \.\.\. FAILED$", ran, re.MULTILINE)}

    def _package_tests(self) -> set[str]:
        built = self._run("cargo", "build", "--locked", "-p", "payment-simulator-bindings")
        if built is None or "could not compile" in built:
            raise SystemExit(built)
        target = self._root / "python/payment_simulator/_core.abi3.so"
        target.unlink(missing_ok=True)
        shutil.copy(self._library, target)
        # The soak's test takes as many examples as it is told.
        tests = ["tests/differential/test_differential.py", "tests/proof/test_golden.py"]
        ran = self._run(
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-k",
            "test_soak or test_the_end_is",
            "--timeout=120",
            *tests,
        )
        if ran is None:
            return {"package: no end"}
        return {
            f"package: {name}"
            for name in re.findall(r"^FAILED tests/\S*?::(.+?)(?: - .*)?$", ran, re.MULTILINE)
        }

    def _run(self, *command: str) -> str | None:
        """What a command says; None when it does not come to an end."""
        try:
            ran = subprocess.run(
                command,
                cwd=self._root,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
                timeout=TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return None
        return ran.stdout


def describe(failed: set[str]) -> str:
    """A few of the tests that noticed, and how many there were."""
    by_kind = [sorted(name for name in failed if name.startswith(kind)) for kind in ("engine", "package")]
    return "; ".join(", ".join(names[:SHOWN]) + more_than_shown(names) for names in by_kind if names)


def more_than_shown(names: list[str]) -> str:
    """How many names are not shown."""
    return f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""


def main(words: list[str]) -> int:
    """Try out the mutants; the exit code is 1 when one survives."""
    chosen = [one for one in MUTANTS if not words or any(word in one.name for word in words)]
    if "--list" in words:
        print(*(one.name for one in MUTANTS), sep="\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        workshop = Workshop(Path(folder))
        problems = workshop.check_edits()
        if problems:
            print("these edits do not fit the engine any more:", *problems, sep="\n  ")
            return 1
        sound = workshop.try_out(None)
        print(
            f"the engine as it is ({sound.seconds:.0f} s): {describe(sound.failed) or 'nothing fails'}",
            flush=True,
        )
        survivors = []
        for one in chosen:
            outcome = workshop.try_out(one)
            noticed = outcome.failed - sound.failed
            if not noticed:
                survivors.append(one.name)
            print(f"{one.name} ({outcome.seconds:.0f} s): {describe(noticed) or 'SURVIVES'}", flush=True)
    print(
        f"{len(chosen) - len(survivors)} of {len(chosen)} mutants were noticed",
        *survivors,
        sep="\n  survived: ",
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
