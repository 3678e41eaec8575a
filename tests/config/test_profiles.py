"""Profiles: each is a configuration that runs, and `system: NAME` stands for what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from payment_simulator import Simulation, SimulationResult
from payment_simulator.config import (
    SYSTEMS,
    LsmConfig,
    Settlement,
    SimulationConfig,
    json_schema,
    load_config,
    profile_settings,
    profile_text,
    profile_title,
)
from payment_simulator.config import system as system_key
from payment_simulator.config.profiles import merged
from tests.config.cases import MINIMAL, problems

if TYPE_CHECKING:
    from pathlib import Path

each_system = pytest.mark.parametrize("name", SYSTEMS)
VALIDATOR = Draft202012Validator(json_schema())


def named(name: str, **sections: object) -> dict[str, Any]:
    """The least that a user writes who names a system."""
    return {
        "system": name,
        "simulation": {"num_days": 1, "rng_seed": 1},
        "agents": MINIMAL["agents"],
        **sections,
    }


def written(name: str) -> dict[str, Any]:
    """A profile as any reader of YAML reads it."""
    read: dict[str, Any] = yaml.safe_load(profile_text(name))
    return read


@each_system
def test_a_profile_is_a_configuration_that_runs(name: str, tmp_path: Path) -> None:
    path = tmp_path / "day.yaml"
    path.write_text(profile_text(name), encoding="utf-8")
    VALIDATOR.validate(written(name))
    metrics = Simulation(path).run().summary["metrics"]
    assert metrics["total_settlements"] > metrics["total_arrivals"] / 2


@each_system
def test_to_name_a_system_is_to_write_its_profile(name: str, tmp_path: Path) -> None:
    path = tmp_path / "day.yaml"
    path.write_text(profile_text(name), encoding="utf-8")
    whole = load_config(path)
    users = {"simulation": {"num_days": 1, "rng_seed": 1}, "agents": written(name)["agents"]}
    short = SimulationConfig.from_dict({"system": name, **users})
    assert short == whole
    assert short.digest() == whole.digest()
    assert short.to_ffi_dict() == whole.to_ffi_dict()
    assert short.clock is not None
    assert short.settlement.offsetting is not None


@each_system
def test_the_schema_asks_for_no_more_than_a_system_leaves_open(name: str) -> None:
    VALIDATOR.validate(named(name))
    assert SimulationConfig.from_dict(named(name)).simulation.num_days == 1
    assert not VALIDATOR.is_valid({**named(name), "system": None})
    assert not VALIDATOR.is_valid({key: value for key, value in named(name).items() if key != "system"})


@each_system
def test_a_resolved_configuration_says_everything_itself(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = SimulationConfig.from_dict(named(name))
    plain = yaml.safe_load(config.to_yaml())
    assert "system" not in plain
    monkeypatch.setattr(system_key, "profile_settings", lambda _: pytest.fail("a profile was read"))
    assert SimulationConfig.from_dict(plain) == config
    assert SimulationConfig.from_dict(config.model_dump(mode="json", exclude_none=True)) == config


@each_system
def test_a_profile_has_its_title_and_a_reason_for_each_section(name: str) -> None:
    lines = profile_text(name).splitlines()
    assert profile_title(name)
    assert f"docs/systems/{name}.md" in profile_text(name)
    sections = [at for at, line in enumerate(lines) if line[:1].isalpha()]
    assert [lines[at] for at in sections if not lines[at - 1].startswith("# ")] == []


def test_there_is_no_profile_of_another_name() -> None:
    with pytest.raises(KeyError):
        profile_text("target1")


@pytest.mark.parametrize(
    ("given", "key", "expected"),
    [
        ({"settlement": {"crediting": "deferred"}}, ("settlement", "crediting"), "deferred"),
        ({"settlement": {"crediting": "deferred"}}, ("settlement", "queue_discipline"), "priority"),
        ({"settlement": {"priority_bands": [[0, 10]]}}, ("settlement", "priority_bands"), ((0, 10),)),
        ({"settlement": {"offsetting": []}}, ("settlement", "offsetting"), ()),
        ({"settlement": {"offsetting": None}}, ("settlement", "offsetting"), None),
        ({"settlement": {"offsetting": None}}, ("lsm_config", "enabled"), True),
        ({}, ("lsm_config", "enabled"), False),
        ({"lsm_config": {}}, ("lsm_config", "enabled"), True),
        ({"clock": {"days": "calendar"}}, ("clock", "timezone"), "Europe/Berlin"),
        ({"clock": {"days": "calendar"}}, ("clock", "days"), "calendar"),
    ],
    ids=str,
)
def test_what_the_user_writes_wins(given: dict[str, Any], key: tuple[str, ...], expected: object) -> None:
    found: object = SimulationConfig.from_dict(named("t2", **given))
    for part in key:
        found = getattr(found, part)
    assert found == expected


def test_sections_made_in_python_say_what_was_given_to_them() -> None:
    data = named("t2", settlement=Settlement(crediting="deferred"), lsm_config=LsmConfig())
    settlement = SimulationConfig(**data).settlement
    assert settlement.crediting == "deferred"
    assert settlement.queue_discipline == "priority"
    assert settlement.offsetting


def test_blocks_are_merged_and_lists_are_taken_whole() -> None:
    defaults = {"a": {"b": 1, "c": [1, 2]}, "d": {"e": {"f": 1}}}
    given = {"a": {"c": [3]}, "d": {"e": {"g": 2}, "h": None}, "i": 5}
    both = {"a": {"b": 1, "c": [3]}, "d": {"e": {"f": 1, "g": 2}, "h": None}, "i": 5}
    assert merged(defaults, given) == both
    assert defaults == {"a": {"b": 1, "c": [1, 2]}, "d": {"e": {"f": 1}}}


def test_who_changes_the_settings_of_a_profile_changes_a_copy() -> None:
    profile_settings("t2")["settlement"]["offsetting"].clear()
    assert profile_settings("t2")["settlement"]["offsetting"]


@pytest.mark.parametrize(
    ("system", "message"),
    [
        ("chip", "unknown system 'chip'; did you mean 'chips'?"),
        ("bojnet", "unknown system 'bojnet'; there are: t2, target2_2008, chaps, "),
    ],
)
def test_an_unknown_system_is_refused(system: str, message: str) -> None:
    assert any(found.startswith(f"system: {message}") for found in problems(named(system)))


def test_a_problem_with_a_rule_of_the_system_names_it() -> None:
    data = named("t2")
    data["simulation"]["ticks_per_day"] = 5_000
    expected = (
        "clock.tick_seconds: must be such that ticks_per_day x tick_seconds is at most 86400, but it is "
    )
    assert problems(data) == [f"{expected}300000; `system: t2` says so"]
    own = named("t2", clock={"tick_seconds": 600})
    assert problems(own) == [f"{expected}396000"]


def test_problems_of_the_users_own_keys_are_said_as_ever() -> None:
    data = named("t2", settlment={}, settlement={"crediting": "later"})
    assert problems(data) == [
        "settlement.crediting: must be 'immediate' or 'deferred'",
        "settlment: unknown key 'settlment'; did you mean 'settlement'?",
    ]


def test_what_a_run_leaves_behind_does_not_ask_for_the_profile_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation({**named("t2"), "agents": written("t2")["agents"]})
    simulation.run(300)
    simulation.save(tmp_path / "saved")
    result = simulation.run()
    result.write(tmp_path / "results")
    monkeypatch.setattr(system_key, "profile_settings", lambda _: pytest.fail("a profile was read"))
    resumed = Simulation.load(tmp_path / "saved").run()
    assert resumed.summary["simulation"]["state_hash"] == result.summary["simulation"]["state_hash"]
    again = Simulation(tmp_path / "results" / "config.yaml")
    assert again.config == simulation.config
    assert again.run().summary["simulation"]["state_hash"] == result.summary["simulation"]["state_hash"]
    assert SimulationResult.read(tmp_path / "results").manifest["config_digest"] == simulation.config.digest()
