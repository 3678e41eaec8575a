"""What is interesting in a run, to see that the scenarios are worth their time."""

from tests.differential.playing import PlayableModel, Rows, play
from tests.differential.scenarios import Scenario
from tests.reference import RefusedError

EVENT_FEATURES = {
    "queued": "queued",
    "split": "split",
    "overdue": "overdue",
    "penalised": "end-of-day penalty",
    "dropped": "dropped",
}
SCENARIO_FEATURES = {
    kind: kind.replace("_", " ")
    for kind in (
        "outage_began",
        "outage_ended",
        "system_stopped",
        "system_resumed",
        "hours_changed",
        "closed",
        "opened",
        "injected",
        "withdrawn",
        "limit_changed",
        "highly_urgent_reserved",
        "urgent_reserved",
        "policy_changed",
        "defaulted",
        "priority_changed",
        "revoked",
        "resubmitted",
        "intervention_refused",
        "moved",
        "rejected",
        "collateral_posted",
        "collateral_withdrawn",
        "collateral_refused",
        "collateral_shocked",
        "haircut_changed",
        "collateral_revalued",
        "allocated",
        "returned",
        "borrowed",
        "repaid",
        "stored",
        "expired",
    )
}
APART_FEATURES = {"batch": "batch", "linked": "linked"}
METHOD_FEATURES = {"queue": "settled from a queue", "bilateral": "bilateral set", "cycle": "cycle"}
COST_FEATURES = {"throughput_penalty": "short of a throughput guideline"}
RARE_FEATURES = (
    *SCENARIO_FEATURES.values(),
    *COST_FEATURES.values(),
    "arrives in an outage",
    "escalated",
    "batch",
    "waiting batch",
    "rejected batch",
    "linked",
    "lost leg",
    "leg refused at its cut-off",
    "escalated leg",
)
"""What the scenario events, timetables, batches and links of some days bring."""
OF_STEPS = {
    "funded": "funded at the close",
    "sender_limit_changed": "another sender limit",
    "cap_changed": "another cap",
}
"""What is logged only on days with lists of steps, which have sender limits and bands."""
STEP_METHODS = (
    "gridlock_resolution",
    "all_or_nothing",
    "partial",
    "multiple",
    "entry_disposition",
    "balanced_release",
    "final_settlement",
)
FEATURES = (*EVENT_FEATURES.values(), *METHOD_FEATURES.values(), "several wait", "second scan")


def features_of(scenario: Scenario) -> set[str]:
    """The features of the scenario's run in the model, without generated arrivals."""
    model = PlayableModel(scenario.config)
    seen = play(model, scenario, RefusedError, by_tick=True)
    found = {EVENT_FEATURES.get(event["kind"], "") for event in model.events()}
    found |= {SCENARIO_FEATURES.get(event["kind"], "") for event in model.events()}
    if _arrives_in_an_outage(model.events()):
        found.add("arrives in an outage")
    methods = {event["method"] for event in model.events()}
    found |= {METHOD_FEATURES.get(method, "") for method in methods} | methods.intersection(STEP_METHODS)
    if any(tx.escalated_to is not None for tx in model.state.transactions):
        found.add("escalated")
    found |= {OF_STEPS.get(event["kind"], "") for event in model.events()}
    found |= {COST_FEATURES.get(row["kind"], "") for row in model.costs() if row["exact"] > 0}
    found |= {APART_FEATURES.get(method, "") for method in methods}
    found |= _of_batches(model.transactions())
    found |= _of_legs(model)
    if any(": agent" in where and value["queue2_size"] >= 3 for where, value in seen.items()):
        found.add("several wait")
    if model.state.settlements_in_repeated_scans:
        found.add("second scan")
    return found - {""}


def _of_batches(transactions: Rows) -> set[str]:
    """Whether batches waited, or were rejected; only they have names of this form."""
    found = set()
    for row in transactions:
        if row["transaction_id"].startswith("N") and ":" in row["transaction_id"]:
            if row["status"] == "dropped":
                found.add("rejected batch")
            if row["status"] == "settled" and row["settle_tick"] > row["submit_tick"]:
                found.add("waiting batch")
    return found


def _of_legs(model: PlayableModel) -> set[str]:
    """What became of transactions of links, batches left out."""
    legs = {row["transaction_id"] for row in model.links() if row["link"].startswith("L")}
    kinds = {event["kind"] for event in model.events() if event["transaction_id"] in legs}
    names = {"dropped": "lost leg", "rejected": "leg refused at its cut-off"}
    escalated = {tx.transaction_id for tx in model.state.transactions if tx.escalated_to is not None}
    found = {name for kind, name in names.items() if kind in kinds}
    return found if legs.isdisjoint(escalated) else found | {"escalated leg"}


def _arrives_in_an_outage(events: Rows) -> bool:
    """Whether an agent gets something to pay while it can send nothing."""
    out: set[str] = set()
    for event in events:
        if event["kind"] == "outage_began":
            out.add(event["agent"])
        elif event["kind"] == "outage_ended":
            out.discard(event["agent"])
        elif event["kind"] in {"arrived", "submitted"} and event["agent"] in out:
            return True
    return False
