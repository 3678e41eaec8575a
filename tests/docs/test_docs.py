"""The documentation is complete, its links lead somewhere, and it names no machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pyarrow as pa
import pytest
import typer

from payment_simulator import Simulation, errors
from payment_simulator._core import Orchestrator
from payment_simulator.cli.app import app
from payment_simulator.config import SYSTEMS, json_schema, profile_settings
from payment_simulator.config.policies import Policy
from payment_simulator.results import COST_KINDS, METHODS, TABLES
from tests.docs.pages import DOCS, ROOT, all_pages, anchors, headings, label, links, prose

if TYPE_CHECKING:
    from collections.abc import Iterator

CONCEPTS = DOCS / "concepts"
TWO_BANKS: dict[str, Any] = {
    "simulation": {"ticks_per_day": 2, "num_days": 1, "rng_seed": 1},
    "agents": [{"id": name, "opening_balance": 1, "policy": {"type": "Fifo"}} for name in ("A", "B")],
}
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:home|root|work|tmp|Users|mnt|opt|usr)/|[A-Z]:\\")
ENGINE_FILES_WITHOUT_A_LINE = {"lib", "mod"}


def _named(page: Path) -> set[str]:
    """Return every word that a page sets as code, in whatever phrase."""
    return {word for code in re.findall(r"`([^`\n]+)`", prose(page)) for word in re.findall(r"[\w.-]+", code)}


# --- completeness: whatever a user can name is explained ---


def _policies() -> Iterator[str]:
    for variant in get_args(get_args(Policy)[0]):
        yield from get_args(variant.model_fields["type"].annotation)


@pytest.mark.parametrize("policy", list(_policies()))
def test_each_policy_has_its_heading(policy: str) -> None:
    assert policy in headings(CONCEPTS / "policies.md")


def _event_kinds() -> list[str]:
    engine = Orchestrator({**TWO_BANKS["simulation"], "agent_configs": TWO_BANKS["agents"]})
    engine.run()
    chunk: pa.DictionaryArray = pa.table(engine.events())["kind"].chunk(0)
    return [str(kind) for kind in chunk.dictionary.to_pylist()]


@pytest.mark.parametrize("kind", _event_kinds())
def test_each_kind_of_event_has_its_heading(kind: str) -> None:
    assert kind in headings(CONCEPTS / "events.md")


@pytest.mark.parametrize("kind", COST_KINDS)
def test_each_kind_of_cost_has_its_heading(kind: str) -> None:
    assert kind in headings(CONCEPTS / "costs.md")


@pytest.mark.parametrize("method", METHODS)
def test_each_method_of_settlement_is_explained(method: str) -> None:
    assert method in _named(CONCEPTS / "queues.md")


@pytest.mark.parametrize("table", TABLES)
def test_each_table_has_its_heading_and_its_columns(table: str) -> None:
    page = DOCS / "guides" / "results.md"
    assert table in headings(page)
    explained = _named(page) | _named(CONCEPTS / "events.md")
    columns = getattr(Simulation(TWO_BANKS).run(), table).column_names
    assert set(columns) <= explained


def _config_keys() -> set[str]:
    schema = json_schema()
    sections = [schema, *schema["$defs"].values()]
    return {key for section in sections for key in section.get("properties", {})}


@pytest.mark.parametrize("key", sorted(_config_keys()))
def test_each_key_of_the_configuration_is_in_the_reference(key: str) -> None:
    assert key in _named(DOCS / "reference" / "config.md")


@pytest.mark.parametrize("section", sorted(json_schema()["properties"]))
def test_each_section_of_the_configuration_is_in_the_guide(section: str) -> None:
    assert section in _named(DOCS / "guides" / "configuration.md")


@pytest.mark.parametrize("command", sorted(typer.main.get_group(app).commands))
def test_each_command_has_its_heading_and_is_used(command: str) -> None:
    assert f"payment-sim {command}" in headings(DOCS / "reference" / "cli.md")
    written = "".join(page.read_text(encoding="utf-8") for page in sorted((DOCS / "guides").iterdir()))
    assert f"payment-sim {command}" in written + (DOCS / "tutorial.md").read_text(encoding="utf-8")


def _indicators() -> set[str]:
    summary = Simulation(TWO_BANKS).run().summary
    return {*_keys(summary["metrics"]), *_keys(summary["indicators"])}


def _keys(section: dict[str, Any]) -> Iterator[str]:
    for key, value in section.items():
        yield key
        if isinstance(value, dict):
            yield from _keys(value)


@pytest.mark.parametrize("indicator", sorted(_indicators()))
def test_each_indicator_is_defined(indicator: str) -> None:
    assert indicator in _named(CONCEPTS / "indicators.md")


def _error_classes() -> list[type[errors.PaymentSimulatorError]]:
    known = [value for value in vars(errors).values() if isinstance(value, type)]
    return [one for one in known if issubclass(one, errors.PaymentSimulatorError) and one.code != "error"]


@pytest.mark.parametrize("error", _error_classes(), ids=lambda error: error.__name__)
def test_each_error_is_listed_with_its_code(error: type[errors.PaymentSimulatorError]) -> None:
    page = (DOCS / "guides" / "python.md").read_text(encoding="utf-8")
    row = re.search(rf"(?m)^\| `{error.__name__}` \| (.*) \| `{error.code}` \|$", page)
    assert row, f"{error.__name__} with the code {error.code} has no row"
    builtins = [base.__name__ for base in error.__mro__ if base.__module__ == "builtins"]
    assert set(re.findall(r"`(\w+)`", row[1])) <= set(builtins)


def test_each_module_of_the_engine_is_on_the_map() -> None:
    source = ROOT / "crates" / "engine" / "src"
    modules = {path.stem for path in source.iterdir()} | {path.stem for path in (source / "lsm").iterdir()}
    assert modules - ENGINE_FILES_WITHOUT_A_LINE <= _named(ROOT / "ARCHITECTURE.md")


def test_each_package_is_on_the_map() -> None:
    packages = {path.parent.name for path in (ROOT / "python" / "payment_simulator").glob("*/__init__.py")}
    named = {name.rpartition(".")[2] for name in _named(ROOT / "ARCHITECTURE.md")}
    assert packages <= named


def test_each_decision_is_in_both_lists() -> None:
    decisions = {path.name for path in (DOCS / "decisions").iterdir()}
    for page in (ROOT / "ARCHITECTURE.md", DOCS / "README.md"):
        assert decisions <= {Path(target).name for target in links(page)}, label(page)


@pytest.mark.parametrize("page", sorted(CONCEPTS.iterdir()), ids=label)
def test_each_concept_names_its_sources(page: Path) -> None:
    assert {"Sources", "Source"} & set(headings(page))


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_says_where_its_rules_stand_and_what_is_not_there(system: str) -> None:
    page = DOCS / "systems" / f"{system}.md"
    assert headings(page)[1:] == ["Simplified", "Left out", "Sources"]
    text, sources = page.read_text(encoding="utf-8").split("## Sources")
    rows = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert rows
    assert [row for row in rows if "[" not in row.strip("| ").split(" | ")[-1]] == []
    assert set(re.findall(r"(?m)^(\d+)\.", sources)) == set(re.findall(r"\[(\d+)\]", text))
    assert f"../../scenarios/{system}/README.md" in links(page)


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_setting_of_a_profile_is_on_the_page_of_its_system(system: str) -> None:
    settings = profile_settings(system)
    settlement = settings.pop("settlement")
    keys = {"clock", "ticks_per_day", "queue_discipline", "currency", *settings.get("cost_rates", ())}
    keys |= {step["algorithm"] for step in settlement["offsetting"]}
    keys |= settings.keys() - {"simulation", "cost_rates"}
    pages = (DOCS / "systems" / f"{system}.md", DOCS / "systems" / "README.md")
    assert keys <= set().union(*map(_named, pages))


# --- links ---


@pytest.mark.parametrize("page", all_pages(), ids=label)
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{label(page)}: {target} is not there"
        if anchor:
            assert anchor in anchors(file), f"{label(page)}: {target} has no such heading"


def test_every_page_is_reached_from_the_index() -> None:
    reached: set[Path] = set()
    ahead = [DOCS / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            paths = [target.partition("#")[0] for target in links(page)]
            ahead += [(page.parent / path).resolve() for path in paths if path]
    assert set(DOCS.rglob("*.md")) <= reached


# --- form ---


@pytest.mark.parametrize("page", all_pages(), ids=label)
def test_no_page_names_a_machine(page: Path) -> None:
    assert MACHINE_PATHS.search(page.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("page", all_pages(), ids=label)
def test_each_page_has_one_title(page: Path) -> None:
    titles = re.findall(r"(?m)^# .+", prose(page))
    assert len(titles) == 1


def test_nothing_is_left_to_be_filled_in() -> None:
    left = re.compile(r"\b(?:BENCH:|TODO|FIXME|TBD)")
    pages = [label(page) for page in all_pages() if left.search(page.read_text(encoding="utf-8"))]
    assert pages == []


def test_the_changelog_has_the_version() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    version = re.search(r'(?m)^version = "(.*)"$', pyproject)
    assert version
    assert version[1] in headings(ROOT / "CHANGELOG.md")
