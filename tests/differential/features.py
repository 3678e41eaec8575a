"""What is interesting in a run, to see that the scenarios are worth their time."""

from tests.differential.playing import PlayableModel, play
from tests.differential.scenarios import Scenario
from tests.reference import RefusedError

EVENT_FEATURES = {
    "queued": "queued",
    "split": "split",
    "overdue": "overdue",
    "penalised": "end-of-day penalty",
    "dropped": "dropped",
}
METHOD_FEATURES = {"queue": "settled from a queue", "bilateral": "bilateral set", "cycle": "cycle"}
STEP_METHODS = (
    "gridlock_resolution",
    "all_or_nothing",
    "partial",
    "multiple",
    "entry_disposition",
)
FEATURES = (*EVENT_FEATURES.values(), *METHOD_FEATURES.values(), "several wait", "second scan")


def features_of(scenario: Scenario) -> set[str]:
    """The features of the scenario's run in the model, without generated arrivals."""
    model = PlayableModel(scenario.config)
    seen = play(model, scenario, RefusedError, by_tick=True)
    found = {EVENT_FEATURES.get(event["kind"], "") for event in model.events()}
    methods = {event["method"] for event in model.events()}
    found |= {METHOD_FEATURES.get(method, "") for method in methods} | methods.intersection(STEP_METHODS)
    if any(": agent" in where and value["queue2_size"] >= 3 for where, value in seen.items()):
        found.add("several wait")
    if model.state.settlements_in_repeated_scans:
        found.add("second scan")
    return found - {""}
