"""Synthetic days: reproducible, exact in total, of the shape asked for, and readable by our own reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from payment_simulator.errors import TransactionsFileError
from payment_simulator.transactions import Clock, FileRules, open_transactions
from payment_simulator.transactions.synthetic import (
    PRESETS,
    DaySpec,
    Preset,
    generate,
    preset,
    streams,
    write_day,
)
from payment_simulator.transactions.synthetic.generate import blocks
from tests.transactions.helpers import read_parquet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from payment_simulator.transactions.synthetic.generate import Block

SPEC = DaySpec(num_agents=40, num_payments=20_000, total_value=10**13, seed=7)
FORMS: list[dict[str, Any]] = [
    {},
    {"times": "timestamps"},
    {"amounts": "decimal"},
    {
        "times": "timestamps",
        "amounts": "decimal",
        "minor_digits": 3,
        "num_days": 7,
        "timezone": "Europe/Berlin",
        "date": date(2026, 3, 26),
    },
    {"amounts": "decimal", "minor_digits": 0, "currency": "JPY"},
]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "a.parquet", "b.parquet"):
        write_day(SPEC, tmp_path / name, force=True)
    write_day(replace(SPEC, seed=8), tmp_path / "c.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    assert (tmp_path / "a.csv").read_bytes() != (tmp_path / "c.csv").read_bytes()


def test_a_known_day() -> None:
    """Pins the meaning of a seed: these numbers change only with a line in CHANGELOG.md."""
    table = generate(replace(SPEC, num_payments=3, total_value=1_000))
    assert sum(table["amount"].to_pylist()) == 1_000
    assert table["transaction_id"].to_pylist() == ["P1", "P2", "P3"]
    names = ("sender", "receiver", "submit_tick", "priority")
    assert list(zip(*(table[name].to_pylist() for name in names), strict=True)) == KNOWN


KNOWN = [("BANK_01", "BANK_31", 75, 5), ("BANK_01", "BANK_04", 388, 2), ("BANK_01", "BANK_05", 396, 5)]


@pytest.mark.parametrize("changes", FORMS)
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_runs_through_our_own_reader(tmp_path: Path, changes: dict[str, Any], suffix: str) -> None:
    spec = replace(SPEC, **changes)
    written = write_day(spec, tmp_path / f"day{suffix}")
    config = yaml.safe_load(written.config.read_text())
    clock = config["clock"]
    rules = FileRules(
        written.config.parent / config["transactions"]["path"],
        [agent["id"] for agent in config["agents"]],
        config["simulation"]["ticks_per_day"],
        config["simulation"]["num_days"],
        amounts=config["transactions"]["amounts"],
        minor_digits=config["currency"]["minor_digits"],
        clock=Clock(
            date.fromisoformat(clock["date"]),
            time.fromisoformat(clock["opens_at"]),
            clock["tick_seconds"],
            clock["timezone"],
            clock["days"],
        ),
    )
    with open_transactions(rules) as file:
        assert (file.num_rows, file.total_value) == (spec.num_payments, spec.total_value)
        assert file.was_sorted
        assert file.moved_deadlines == 0
        back = pa.Table.from_batches(file.batches())
    plain = generate(replace(spec, times="ticks", amounts="minor_units"))
    assert back.to_pydict() == plain.cast(back.schema).to_pydict()


def test_configuration_fits_the_payments(tmp_path: Path) -> None:
    written = write_day(SPEC, tmp_path / "day.parquet")
    table = read_parquet(written.payments)
    config = yaml.safe_load(written.config.read_text())
    sums = table.group_by("sender").aggregate([("amount", "sum")])
    sent = dict(zip(sums["sender"].to_pylist(), sums["amount_sum"].to_pylist(), strict=True))
    for agent in config["agents"]:
        assert agent["opening_balance"] == round(sent.get(agent["id"], 0) * SPEC.liquidity_share)
        assert agent["credit_limit"] == round(sent.get(agent["id"], 0) * SPEC.credit_share)


def test_shape() -> None:
    table = generate(replace(SPEC, num_payments=200_000, total_value=10**14))
    senders, receivers = table["sender"].to_pylist(), table["receiver"].to_pylist()
    assert all(sender != receiver for sender, receiver in zip(senders, receivers, strict=True))
    core = set(SPEC.agent_ids[: SPEC.num_core])
    assert np.mean([sender in core for sender in senders]) == pytest.approx(SPEC.core_traffic, abs=0.01)
    ticks = np.array(table["submit_tick"].to_pylist())
    assert (np.diff(ticks) >= 0).all()
    busy, calm = (ticks < 60).mean(), ((ticks >= 300) & (ticks < 360)).mean()
    assert busy / calm == pytest.approx(1.6 / 0.8, rel=0.05)
    amounts = np.sort(np.array(table["amount"].to_pylist()))[::-1]
    assert amounts[:2_000].sum() / amounts.sum() > 0.3  # one payment of a hundred has a third of the value
    deadlines = [
        (deadline, tick)
        for deadline, tick in zip(table["deadline_tick"].to_pylist(), ticks, strict=True)
        if deadline is not None
    ]
    assert all(tick < deadline <= 599 for deadline, tick in deadlines)
    priorities = np.array(table["priority"].to_pylist())
    assert (priorities == 5).mean() == pytest.approx(0.7, abs=0.01)


@settings(max_examples=40, deadline=None)
@given(
    agents=st.integers(2, 30),
    payments=st.integers(1, 500),
    value=st.integers(0, 10**15),
    seed=st.integers(0, 2**64),
    core=st.integers(0, 2),
)
def test_totals_are_exact(agents: int, payments: int, value: int, seed: int, core: int) -> None:
    spec = DaySpec(
        num_agents=agents, num_payments=payments, total_value=payments + value, seed=seed, core_agents=core
    )
    amounts = generate(spec)["amount"].to_pylist()
    assert sum(amounts) == spec.total_value
    assert min(amounts) >= 1


def test_blocks_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK_PAYMENTS", 3_000)
    table = generate(replace(SPEC, times="timestamps"))
    assert table.num_rows == SPEC.num_payments
    assert sum(table["amount"].to_pylist()) == SPEC.total_value
    assert table["transaction_id"].to_pylist() == [f"P{number:05d}" for number in range(1, 20_001)]
    ticks = generate(SPEC)["submit_tick"].to_pylist()
    assert ticks == sorted(ticks)


BAD_SPECS: list[tuple[dict[str, Any], str]] = [
    ({"num_agents": 1}, "num_agents"),
    ({"num_payments": 0}, "num_payments"),
    ({"total_value": 10}, "total_value"),
    ({"total_value": 2**63}, "63 bits"),
    ({"ticks_per_day": 2_000}, "24 hours"),
    ({"date": date(2026, 3, 1)}, "business day"),
    ({"core_traffic": 1.5}, "parts"),
    ({"profile": ((0.5, 1.0),)}, "profile"),
    ({"profile": ((1.0, 0.0),)}, "profile"),
    ({"priorities": {11: 1.0}}, "priorities"),
    ({"priorities": {}}, "priorities"),
    ({"deadline_ticks": (0, 5)}, "deadline_ticks"),
    ({"seed": -1}, "seed"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_SPECS)
def test_specifications_that_do_not_work(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SPEC, **changes)


def test_files_are_not_replaced_by_accident(tmp_path: Path) -> None:
    write_day(SPEC, tmp_path / "day.csv")
    with pytest.raises(TransactionsFileError, match="would be replaced"):
        write_day(SPEC, tmp_path / "day.csv")
    write_day(SPEC, tmp_path / "day.csv", force=True)
    with pytest.raises(TransactionsFileError, match=r"\.csv or \.parquet"):
        write_day(SPEC, tmp_path / "day.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["day.csv", "day.yaml"]


def test_two_who_write_the_same_file_at_once_write_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = write_day(SPEC, tmp_path / "alone.csv").payments.read_bytes()
    module = "payment_simulator.transactions.synthetic.write"

    def blocks_beside_another(spec: DaySpec) -> Iterator[Block]:
        monkeypatch.setattr(f"{module}.blocks", blocks)
        yield from blocks(spec)
        write_day(replace(SPEC, seed=8), tmp_path / "day.csv")

    monkeypatch.setattr(f"{module}.blocks", blocks_beside_another)
    write_day(SPEC, tmp_path / "day.csv")
    assert (tmp_path / "day.csv").read_bytes() == alone
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("row", PRESETS, ids=[row.name for row in PRESETS])
def test_presets(row: Preset) -> None:
    spec = preset(row.name, scale=0.01)
    assert spec.num_agents == row.agents
    assert spec.num_payments == round(row.payments * 0.01)
    assert len(row.source) > 10
    amounts = np.array(generate(spec)["amount"].to_pylist())
    assert amounts.sum() == spec.total_value == round(row.value * 0.01) * 100


def test_unknown_preset() -> None:
    with pytest.raises(ValueError, match="did you mean 'rits_2019'"):
        preset("rits_2018")
