"""The scenarios are worth their time: what is interesting happens often enough."""

from collections import Counter

from hypothesis import HealthCheck, given, settings

from tests.differential.features import FEATURES, OF_STEPS, RARE_FEATURES, STEP_METHODS, features_of
from tests.differential.scenarios import CREDITINGS, DISCIPLINES, Scenario, scenarios

EXAMPLES = 400
# Shares differ with what else is loaded: Hypothesis also draws constants that it finds in the code.
LEAST_PERCENT = 8
# What is rare must be met at all; the days of its own family of tests are full of it.
LEAST_PERCENT_OF_RARE = LEAST_PERCENT_OF_STEPS = 100 / EXAMPLES


def shares(creditings: tuple[str, ...]) -> dict[str, float]:
    """In how many of a hundred scenarios each feature is found."""
    found: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(scenarios(DISCIPLINES, creditings))
    def count(scenario: Scenario) -> None:
        found.update([*features_of(scenario), "all"])

    count()
    return {feature: 100 * found[feature] / found["all"] for feature in (*FEATURES, *RARE_FEATURES)}


def test_every_feature_is_frequent() -> None:
    found = shares(CREDITINGS)
    del found["second scan"]  # with deferred crediting there is none
    assert min(found[feature] for feature in FEATURES if feature in found) >= LEAST_PERCENT, found


def test_everything_that_happens_by_plan_is_met() -> None:
    found = shares(CREDITINGS)
    assert min(found[feature] for feature in RARE_FEATURES) >= LEAST_PERCENT_OF_RARE, found


def test_repeated_scans_are_frequent_with_immediate_crediting() -> None:
    found = shares(("immediate",))
    assert found["second scan"] >= LEAST_PERCENT, found


def test_every_step_settles_something_often_enough() -> None:
    found: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(scenarios(DISCIPLINES, CREDITINGS, steps=True))
    def count_steps(scenario: Scenario) -> None:
        found.update([*features_of(scenario), "all"])

    count_steps()
    shares_of_steps = {
        feature: 100 * found[feature] / found["all"] for feature in (*STEP_METHODS, *OF_STEPS.values())
    }
    assert min(shares_of_steps.values()) >= LEAST_PERCENT_OF_STEPS, shares_of_steps
