from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payment_simulator.config import (
    ConfigError,
    ConfigNotFoundError,
    SimulationConfig,
    ValidationError,
    load_config,
)
from tests.config.cases import FULL

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
# A day of two banks
simulation: {ticks_per_day: 100, num_days: 1, rng_seed: 12345}
agents:
  - id: BANK_A
    opening_balance: 1_000_000
    policy: &policy {type: Fifo}
    arrival_config:
      rate_per_tick: 0.5
      amount_distribution: {type: Normal, mean: 100_000, std_dev: 2e4}
      counterparty_weights: {BANK_B: 1}
      deadline_range: [5, 20]
  - {id: BANK_B, opening_balance: 1000000, policy: *policy}
clock: {date: 2026-03-02, opens_at: 07:00, tick_seconds: 60}
"""

TEN_MISTAKES = """\
simulation:
  tick_per_day: 100
  num_days: 0
  rng_seed: 1
agents:
  - id: BANK_A
    opening_balance: 10_000.50
    policy: {type: Fifoo}
    policy: {type: Fifo}
  - id: BANK_B
    opening_balance: 1_000_000
    policy:
      type: Deadline
      urgency_threshold: soon
    arrival_config:
      rate_per_tick: 0.5
      amount_distribution: {type: Normal, mean: 1, std_dev: 0}
      counterparty_weights: {BANK_A: 1, BNK_A: 1}
      deadline_range: [5, 20]
cost_rates:
  deadline_penalty: 0.00010000000000000000001
lsm_config:
  enable_cycles: NO
"""
TEN_PROBLEMS = """\
day.yaml has 10 problems:
  line 1: simulation.ticks_per_day: is missing: the number of ticks in a day
  line 2: simulation.tick_per_day: unknown key 'tick_per_day'; did you mean 'ticks_per_day'?
  line 3: simulation.num_days: must be greater than 0 (found 0)
  line 7: agents[0].opening_balance (agent BANK_A): must be a whole number (found 10_000.50)
  line 8: agents[0].policy.type (agent BANK_A): unknown policy 'Fifoo'; did you mean 'Fifo'?
  line 9: agents[0].policy (agent BANK_A): stands twice; it is on line 8 already
  line 14: agents[1].policy.urgency_threshold (agent BANK_B): must be a whole number (found 'soon')
  line 18: agents[1].arrival_config.counterparty_weights.BNK_A (agent BANK_B): \
unknown agent 'BNK_A'; did you mean 'BANK_A'?
  line 21: cost_rates.deadline_penalty: must have at most 18 decimals (found 0.00010000000000000000001)
  line 23: lsm_config.enable_cycles: must be true or false (found 'NO')"""


def written(folder: Path, content: str | bytes) -> Path:
    file = folder / "day.yaml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_loads_what_the_dict_says(tmp_path: Path) -> None:
    data = {key: value for key, value in FULL.items() if key != "transactions"}
    expected = SimulationConfig.from_dict(data)
    assert load_config(written(tmp_path, GOOD)) == expected
    assert load_config(str(tmp_path / "day.yaml")) == expected
    assert load_config(written(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())) == expected


def test_names_every_problem_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(written(tmp_path, TEN_MISTAKES))
    assert str(caught.value) == TEN_PROBLEMS
    assert isinstance(caught.value.__cause__, ValidationError)
    assert caught.value.code == "config_invalid"


def test_relative_paths_count_from_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "scenario"
    folder.mkdir()
    written(folder, GOOD + "transactions: {path: data/day.csv}\n")
    monkeypatch.chdir(tmp_path)
    config = load_config("scenario/day.yaml")
    assert config.transactions is not None
    assert config.transactions.path == folder / "data" / "day.csv"


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigNotFoundError, match=r"there is no configuration file .*nothing\.yaml"):
        load_config(tmp_path / "nothing.yaml")
    with pytest.raises(FileNotFoundError):
        load_config(str(tmp_path / "nothing.yaml"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "day.yaml: line 1: the file is empty"),
        (b"---\n...\n", "has sections such as `simulation:`, not an empty file"),
        (b"- a\n- b\n", "has sections such as `simulation:`, not a list"),
        (b"hello", "has sections such as `simulation:`, not 'hello'"),
        (b"a: 1\nb: \xff", "day.yaml: line 2: the file is not in UTF-8"),
        (GOOD.encode("utf-16"), "the file is not in UTF-8"),
        (b"a: [", "day.yaml: line 1: not YAML|day.yaml: line 2: not YAML"),
        (b"a: 1", "unknown key 'a'"),
        (GOOD.encode() + b"clock: {}\n", "line 14: clock: stands twice; it is on line 13 already"),
        (GOOD.encode() + b"format_version: 2\n", "line 14: format_version: must be 1, the only format"),
        (GOOD.encode() + b"output:\n", r"line 14: output: must be a block .* \(found nothing\)"),
        (GOOD.encode() + b"currency: {code: '" + b"x" * 100 + b"'}\n", r"\(found 'x+\.\.\.\)"),
        (
            GOOD.replace("BANK_A", "12").encode(),
            r"line 4: agents\[0\].id: must be text; write it in quotes \(found 12\)",
        ),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_refuses(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(written(tmp_path, content))


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config("a\0b")


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("payment_simulator.config.loading._BYTES_MAX", 100)
    with pytest.raises(ConfigError, match=r"day\.yaml has more than 100 bytes"):
        load_config(written(tmp_path, GOOD))


def test_a_problem_in_a_merged_block_stands_where_it_is_merged(tmp_path: Path) -> None:
    text = GOOD.replace("*policy", "{<<: *policy, type: Deadline, urgency_threshold: -1}")
    with pytest.raises(
        ConfigError, match=r"line 12: agents\[1\]\.policy\.urgency_threshold \(agent BANK_B\)"
    ):
        load_config(written(tmp_path, text))


def test_yaml_traps(tmp_path: Path) -> None:
    text = GOOD.replace("BANK_A", "NO").replace("BANK_B", "on")
    assert [agent.id for agent in load_config(written(tmp_path, text)).agents] == ["NO", "on"]
