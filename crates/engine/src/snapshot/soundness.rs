//! What must hold of a state that is read, beyond what its types say: whatever is counted on later is checked here, so that a
//! state with a right checksum and wrong numbers is refused rather than believed.

use super::{StoredAccount, StoredRun};
use crate::config::Config;
use crate::daily::Daily;
use crate::error::SnapshotError;
use crate::ids::Slot;
use crate::lane::Waiting;
use crate::links::StoredLinks;
use crate::money::{Cents, ExactCost};
use crate::scenario::{funding_max, largest_balance};
use crate::simulation::Simulation;
use crate::stored::corrupt;
use crate::timetable::{StoredTimetable, Timetable};
use crate::transactions::{Status, Transactions};

/// Counters beyond this have not come about by counting.
const COUNT_MAX: u64 = 1 << 62;

fn require(holds: bool, what: &'static str) -> Result<(), SnapshotError> {
    if holds { Ok(()) } else { Err(corrupt(what)) }
}

/// The numbers of the run and of its accounts, each by itself and their sum.
pub(super) fn check_numbers(config: &Config, run: &StoredRun, accounts: &[StoredAccount]) -> Result<(), SnapshotError> {
    require(run.failed.is_none(), "it was saved after the simulation had stopped on an error")?;
    let opening: i128 = config.agents.iter().map(|agent| i128::from(agent.opening_balance.0)).sum();
    let money: i128 = accounts.iter().map(|account| i128::from(account.balance)).sum();
    let injected = run.scenario.as_ref().map_or(0, |scenario| i128::from(scenario.injected));
    require((0..=funding_max(config)).contains(&run.funded), "funding")?;
    let reserves = run.reserves.as_deref().unwrap_or_default();
    let daily = run.reserves.as_ref().map_or(0, |reserves| Daily::in_the_system(config, reserves));
    require(money == opening + injected + i128::from(run.funded) + daily, "money came or went")?;
    let counted =
        run.next_sequence <= COUNT_MAX && run.next_order <= COUNT_MAX && (0..i64::MAX).contains(&run.total_value);
    require(counted, "a counter")?;
    // What senders were charged since the last tick is reported with the next.
    let reported = || (Cents::ZERO..=run.total_cost.rounded()).contains(&run.reported_cost);
    require(is_cost(run.total_cost) && reported(), "the total cost")?;
    let mut touched = run.touched.clone();
    touched.sort_unstable();
    touched.dedup();
    require(touched.len() == run.touched.len(), "an agent changed twice")?;
    let largest = run.scenario.as_ref().map_or_else(|| largest_balance(config), |scenario| scenario.largest);
    let balances: Vec<i64> = accounts.iter().map(|account| account.balance).collect();
    let kept = run.reserves.is_none() || Daily::are_sound(config, reserves, &balances, largest);
    require(kept, "the liquidity pools")?;
    require(accounts.iter().all(|account| is_sound(account, run, largest)), "an account")?;
    check_timetable(config, run, accounts)
}

/// What goes by the tick of the day is there if the configuration has any of it.
fn check_timetable(config: &Config, run: &StoredRun, accounts: &[StoredAccount]) -> Result<(), SnapshotError> {
    let sent: Vec<i64> = accounts.iter().map(|account| account.sent).collect();
    let expected = Timetable::is_needed(config);
    let sound = |timetable: &StoredTimetable| timetable.is_sound(config, run.now, &sent, run.total_value);
    require((run.timetable.is_some() || !expected) && run.timetable.iter().all(sound), "the timetable")
}

fn is_cost(cost: ExactCost) -> bool {
    cost >= ExactCost::ZERO && cost <= ExactCost::LIMIT
}

fn is_sound(account: &StoredAccount, run: &StoredRun, largest: i64) -> bool {
    let balances = [account.balance, account.least, account.last_balance];
    let values = [account.sent, account.received, account.costs.base.waiting, account.demand.peak];
    let counts = [account.generated, account.numbered];
    balances.iter().all(|balance| balance.unsigned_abs() <= largest.unsigned_abs())
        && account.deferred == 0
        && values.iter().all(|value| (0..=run.total_value).contains(value))
        && account.demand.net_outflow.unsigned_abs() <= run.total_value.unsigned_abs()
        && (0..=largest).contains(&account.costs.base.overdraft)
        && account.costs.since <= run.now
        && account.costs.exact.iter().all(|cost| is_cost(*cost))
        && counts.iter().all(|count| *count <= u32::MAX / 2)
        && account.positions.iter().all(|net| (-account.received..=account.sent).contains(net))
        && is_in_order(&account.held, run.next_sequence)
        && account.queued.iter().all(|waiting| waiting.order < run.next_order)
}

fn is_in_order(line: &[Waiting], next: u64) -> bool {
    line.is_sorted_by(|left, right| left.order < right.order) && line.last().is_none_or(|last| last.order < next)
}

/// Each open transaction stands in exactly one place, and all of them together are not worth more than was submitted.
pub(super) fn check_places(
    run: &StoredRun,
    accounts: &[StoredAccount],
    transactions: &Transactions,
) -> Result<(), SnapshotError> {
    require(is_in_order(&run.released, run.next_sequence), "what was submitted is not in order")?;
    let entered = |slot: &Slot| {
        slot.at() < transactions.len()
            && transactions.fate(*slot).status == Status::Queued
            && transactions.terms(*slot).part > 0
    };
    let in_order = run.entered.is_sorted_by(|left, right| left < right);
    require(in_order && run.entered.iter().all(entered), "what entered since the last tick")?;
    let mut places = vec![0_u8; transactions.len()];
    let mut stand = |slot: Slot, status: Status| {
        let place = &mut places[slot.at()];
        *place = place.saturating_add(1);
        transactions.fate(slot).status == status && !transactions.is_split(slot)
    };
    let scheduled = run.scheduled.iter().map(|(_, slot)| *slot);
    let in_batches = run.links.iter().flat_map(StoredLinks::to_come);
    let debits = run.timetable.iter().filter_map(|timetable| timetable.debits.as_ref());
    let stored: Vec<Waiting> = debits.flat_map(|debits| debits.stored.iter().copied()).collect();
    let known = stored.iter().all(|waiting| waiting.slot.at() < transactions.len());
    require(known && is_in_order(&stored, run.next_sequence), "what waits for its debit time is not in order")?;
    let stored = stored.iter().map(|waiting| waiting.slot);
    let released = run.released.iter().map(|waiting| waiting.slot);
    let mut pending = released.chain(scheduled).chain(in_batches).chain(stored);
    let mut fits = pending.all(|slot| stand(slot, Status::Pending));
    fits &= run.links.iter().flat_map(StoredLinks::waiting).all(|slot| stand(slot, Status::Queued));
    for account in accounts {
        let rows = |line: &[Waiting]| line.iter().all(|waiting| waiting.slot.at() < transactions.len());
        require(rows(&account.held) && rows(&account.queued), "a queue names what is not there")?;
        fits &= account.held.iter().all(|waiting| stand(waiting.slot, Status::Pending));
        fits &= account.queued.iter().all(|waiting| stand(waiting.slot, Status::Queued));
    }
    let mut value = 0_i128;
    for (place, slot) in places.iter().zip((0..).map(Slot)) {
        let waits = transactions.is_open(slot) && !transactions.is_split(slot);
        fits &= *place == u8::from(waits);
        value += if waits { i128::from(transactions.terms(slot).amount) } else { 0 };
    }
    require(fits, "a transaction stands in no queue, or in two")?;
    let settled = accounts.iter().map(|account| account.sent.max(account.received)).max().unwrap_or(0);
    require(value + i128::from(settled) <= i128::from(run.total_value), "more waits than was submitted")
}

/// What is counted again from the parts of a whole state.
pub(super) fn check_whole(simulation: &Simulation) -> Result<(), SnapshotError> {
    let log = &simulation.book.log;
    require(log.drained <= COUNT_MAX && log.len <= COUNT_MAX, "the event log")?;
    let now = simulation.current_tick();
    let past =
        log.marks.last().is_none_or(|mark| mark.tick <= now) && log.totals.last().is_none_or(|last| last.tick < now);
    require(past, "an event lies in the future")?;
    let sender = |waiting: &Waiting| simulation.book.transactions.terms(waiting.slot).sender;
    let on_sight = simulation.released.iter().all(|waiting| simulation.banks.releases_all(sender(waiting)));
    require(on_sight, "something is released whose sender releases nothing on sight")?;
    let rows = &simulation.balances.rows;
    require(rows.agent.len() == rows.tick.len() && rows.agent.len() == rows.balance.len(), "the balances")
}
