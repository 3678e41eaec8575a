"""The price of overdrafts: of each tick, or of a day's average."""

from fractions import Fraction

from tests.reference.costs import BPS_IN_ONE
from tests.reference.state import Agent, State


def price_tick(state: State, agent: Agent) -> None:
    """Remember the overdraft at the end of a tick; charge it, where each tick has its price."""
    overdraft = max(0, -agent.balance)
    secured = min(overdraft, agent.secured) if state.rules.overdraft is not None else 0
    agent.overdrafts.append((overdraft - secured, secured))
    if not _averages(state):
        beyond = max(0, overdraft - secured - agent.overdraft_deductible)
        _charge(state, agent, beyond, secured)


def price_day(state: State, agent: Agent) -> None:
    """Charge the average of the day's ticks for all of them, if it is the average that counts."""
    ticks = len(agent.overdrafts)
    if _averages(state):
        unsecured = Fraction(sum(unsecured for unsecured, _ in agent.overdrafts), ticks)
        secured = Fraction(sum(secured for _, secured in agent.overdrafts), ticks)
        beyond = max(Fraction(0), unsecured - agent.overdraft_deductible)
        _charge(
            state,
            agent,
            ticks * beyond,
            ticks * secured,
            waiver=(state.rules.overdraft or {}).get("waiver", 0),
        )
    agent.overdrafts.clear()


def _averages(state: State) -> bool:
    return (state.rules.overdraft or {}).get("pricing") == "daily_average"


def _charge(
    state: State, agent: Agent, unsecured: Fraction | int, secured: Fraction | int, waiver: int = 0
) -> None:
    rate = agent.overdraft_rate
    if rate is None:
        rate = state.rules.rates["overdraft_bps_per_tick"]
    cost = (unsecured * rate + secured * state.rules.secured_rate) / BPS_IN_ONE
    state.costs.charge(agent.agent_id, "overdraft", max(Fraction(0), cost - waiver))
