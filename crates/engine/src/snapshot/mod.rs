//! Saved states: going on after loading equals never having stopped.
//!
//! A saved state is a header (name, format version, length, SHA-256 of the rest) and the primary state. Whatever follows
//! from it, such as search trees, flows and indices, is made anew when it is loaded.

mod columns;
mod rules;
mod scenario;
mod soundness;

use sha2::{Digest as _, Sha256};

use crate::clock::Tick;
use crate::collateral::StoredCollateral;
use crate::config::Config;
use crate::costs::AgentCosts;
use crate::daily::Reserve;
use crate::error::{Error, SnapshotError};
use crate::given::GivenIndex;
use crate::ids::{AgentIndex, Slot, narrow};
use crate::lane::Waiting;
use crate::links::StoredLinks;
use crate::money::{Cents, ExactCost};
use crate::pricing::Priced;
use crate::scenario::largest_balance;
use crate::scenario::saved::StoredScenario;
use crate::simulation::Simulation;
use crate::stored::{Reader, Stored, corrupt, stored_struct};
use crate::tables::{BalanceRows, Demand, QueuePeak};
use crate::timetable::{StoredTimetable, Timetable};
use crate::transactions::{Status, Transactions};

/// How a saved state begins.
const MAGIC: &[u8; 8] = b"PAYSIM\r\n";

/// The version of the format, which changes with every change of what is stored.
const VERSION: u32 = 6;

/// Name, version, length, checksum.
const HEADER: usize = 8 + 4 + 8 + 32;

/// What is primary of an account.
struct StoredAccount {
    balance: i64,
    least: i64,
    sent: i64,
    received: i64,
    deferred: i64,
    generated: u32,
    numbered: u32,
    last_balance: i64,
    queue_peak: QueuePeak,
    demand: Demand,
    costs: AgentCosts,
    held: Vec<Waiting>,
    queued: Vec<Waiting>,
    /// Its positions against its sender limits.
    positions: Vec<i64>,
    /// Its limits and the most that it may have, where events change such amounts.
    changed: Vec<i64>,
    /// What it reserves daily for more urgent transactions, and what is left of that.
    reserved: Vec<i64>,
}

stored_struct!(StoredAccount {
    balance,
    least,
    sent,
    received,
    deferred,
    generated,
    numbered,
    last_balance,
    queue_peak,
    demand,
    costs,
    held,
    queued,
    positions,
    changed,
    reserved,
});

stored_struct!(Waiting { order, slot, receiver });

/// What is primary of the rest.
struct StoredRun {
    now: Tick,
    next_sequence: u64,
    total_value: i64,
    total_cost: ExactCost,
    reported_cost: Cents,
    failed: Option<String>,
    touched: Vec<AgentIndex>,
    grown: Vec<AgentIndex>,
    released: Vec<Waiting>,
    /// Parts that entered the central queue since the last tick.
    entered: Vec<Slot>,
    scheduled: Vec<(Tick, Slot)>,
    deadlines: Vec<(Tick, Slot)>,
    streams: Vec<(u128, Tick)>,
    next_order: u64,
    balances: BalanceRows,
    queue_peak: QueuePeak,
    scenario: Option<StoredScenario>,
    funded: i64,
    timetable: Option<StoredTimetable>,
    collateral: Option<StoredCollateral>,
    pricing: Option<Vec<Priced>>,
    reserves: Option<Vec<Reserve>>,
    links: Option<StoredLinks>,
}

stored_struct!(StoredRun {
    now,
    next_sequence,
    total_value,
    total_cost,
    reported_cost,
    failed,
    touched,
    grown,
    released,
    entered,
    scheduled,
    deadlines,
    streams,
    next_order,
    balances,
    queue_peak,
    scenario,
    funded,
    timetable,
    collateral,
    pricing,
    reserves,
    links,
});

impl Simulation {
    /// The state as bytes.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        self.config.write(&mut payload);
        self.stored_run().write(&mut payload);
        for agent in 0..narrow(self.names.len()) {
            self.stored_account(AgentIndex(agent)).write(&mut payload);
        }
        self.book.transactions.write(&mut payload);
        self.book.log.write(&mut payload);
        let mut bytes = Vec::with_capacity(HEADER + payload.len());
        bytes.extend_from_slice(MAGIC);
        VERSION.write(&mut bytes);
        (payload.len() as u64).write(&mut bytes);
        bytes.extend_from_slice(&Sha256::digest(&payload));
        bytes.extend_from_slice(&payload);
        bytes
    }

    /// The simulation that was saved.
    ///
    /// # Errors
    ///
    /// [`Error::Snapshot`] when the bytes are not a whole and intact saved state of this version.
    pub fn load(bytes: &[u8]) -> Result<Self, Error> {
        Self::load_if(bytes, |_| true)
    }

    /// The same, if it runs by this configuration, to the last value of it. Otherwise it is refused before any room is
    /// made for its agents.
    ///
    /// # Errors
    ///
    /// [`Error::Snapshot`] also when the configuration is another one.
    pub fn load_of(bytes: &[u8], config: &Config) -> Result<Self, Error> {
        Self::load_if(bytes, |found| found == config)
    }

    fn load_if(bytes: &[u8], expected: impl Fn(&Config) -> bool) -> Result<Self, Error> {
        let payload = check_header(bytes)?;
        let mut reader = Reader::new(payload);
        let config: Config = reader.read()?;
        if !expected(&config) {
            return Err(SnapshotError::OtherConfig.into());
        }
        let simulation = read(config, &mut reader)?;
        reader.finish()?;
        Ok(simulation)
    }

    fn stored_run(&self) -> StoredRun {
        StoredRun {
            now: self.clock.now(),
            next_sequence: self.next_sequence,
            total_value: self.total_value,
            total_cost: self.costs.total,
            reported_cost: self.reported_cost,
            failed: self.failed.clone(),
            touched: self.book.accounts.touched.clone(),
            grown: self.book.grown.clone(),
            released: self.released.clone(),
            entered: self.book.entered().to_vec(),
            scheduled: self.schedule.iter().collect(),
            deadlines: self.book.deadlines.iter().map(|(tick, slot)| (tick, *slot)).collect(),
            streams: self.arrivals.positions().collect(),
            next_order: self.book.queue.next_order(),
            balances: self.balances.rows.clone(),
            queue_peak: self.queue2_peak,
            scenario: self.scenario.as_ref().map(|scenario| scenario.stored()),
            funded: self.funded,
            timetable: self.timetable.as_ref().map(|timetable| timetable.stored()),
            collateral: self.collateral.as_ref().map(|collateral| collateral.stored()),
            reserves: self.daily.as_ref().map(|daily| daily.reserves.clone()),
            pricing: self.costs.pricing.as_ref().map(|pricing| pricing.agents.clone()),
            links: self.book.links.as_ref().map(|links| links.stored()),
        }
    }

    fn stored_account(&self, agent: AgentIndex) -> StoredAccount {
        let account = self.book.accounts.get(agent);
        StoredAccount {
            balance: account.balance,
            least: account.least,
            sent: account.sent,
            received: account.received,
            deferred: account.deferred,
            generated: self.generated[agent.at()],
            numbered: self.numbered[agent.at()],
            last_balance: self.balances.last[agent.at()],
            queue_peak: self.book.accounts.queue2_peaks[agent.at()],
            demand: self.book.accounts.demands[agent.at()],
            costs: self.costs.agents[agent.at()],
            held: self.banks.held_by(agent).collect(),
            queued: self.book.queue.of_sender(agent).collect(),
            positions: self.book.accounts.limits.iter().flat_map(|limits| limits.positions(agent)).collect(),
            changed: self.book.accounts.limits.iter().flat_map(|limits| limits.changed(agent)).collect(),
            reserved: self.book.accounts.limits.iter().flat_map(|limits| limits.reserved(agent)).collect(),
        }
    }

    fn restore_run(&mut self, run: StoredRun) -> Result<(), SnapshotError> {
        if run.now > self.clock.num_ticks() {
            return Err(corrupt("the tick is beyond the run"));
        }
        let largest = run.scenario.as_ref().map_or_else(|| largest_balance(&self.config), |scenario| scenario.largest);
        self.clock.advance_to(run.now);
        self.next_sequence = run.next_sequence;
        self.total_value = run.total_value;
        self.costs.total = run.total_cost;
        self.reported_cost = run.reported_cost;
        self.failed = run.failed;
        self.funded = run.funded;
        self.book.grown = run.grown;
        self.submitted = run.released.len();
        self.released = run.released;
        self.book.restore_entered(run.entered);
        self.book.accounts.restore_touched(run.touched, run.now);
        for due in run.scheduled.chunk_by(|left, right| left.0 == right.0) {
            self.schedule.add_scattered(due[0].0, due.iter().map(|(_, slot)| *slot).collect());
        }
        for (tick, slot) in run.deadlines {
            self.book.deadlines.add(tick, slot);
        }
        self.arrivals.seek(&run.streams).ok_or(corrupt("arrival processes"))?;
        self.balances.rows = run.balances;
        self.queue2_peak = run.queue_peak;
        let fits = |stored: &StoredTimetable| stored.fits(&self.config, &self.book.transactions, run.now);
        if !run.timetable.iter().all(fits) {
            return Err(corrupt("what goes by the time of the day"));
        }
        self.timetable =
            run.timetable.map(|stored| Box::new(Timetable::restored(stored, &self.book.transactions, run.now)));
        if self.timetable.is_some() {
            self.restore_gates(run.now);
        }
        self.restore_scenario(run.scenario, run.now)?;
        self.restore_collateral(run.collateral.as_ref(), run.now)?;
        let kept = match (&mut self.costs.pricing, run.pricing) {
            (None, None) => true,
            (Some(pricing), Some(stored)) => pricing.restore(stored, run.now, largest),
            _ => false,
        };
        if !self.restore_daily(run.reserves) {
            return Err(corrupt("the liquidity pools"));
        }
        if kept { Ok(()) } else { Err(corrupt("the price of overdrafts")) }
    }

    fn restore_account(&mut self, agent: AgentIndex, stored: &StoredAccount) -> Result<(), SnapshotError> {
        let at = agent.at();
        self.generated[at] = stored.generated;
        self.numbered[at] = stored.numbered;
        self.balances.last[at] = stored.last_balance;
        self.book.accounts.queue2_peaks[at] = stored.queue_peak;
        self.book.accounts.demands[at] = stored.demand;
        self.costs.agents[at] = stored.costs;
        let mut account = *self.book.accounts.get(agent);
        account.balance = stored.balance;
        account.least = stored.least;
        account.sent = stored.sent;
        account.received = stored.received;
        account.deferred = stored.deferred;
        self.book.accounts.restore(agent, account);
        let (positions, changed) = (&stored.positions, &stored.changed);
        let limits = &mut self.book.accounts.limits;
        let none = positions.is_empty() && changed.is_empty();
        let kept = limits.as_mut().map_or(none, |limits| limits.restore(agent, positions, changed, &self.config));
        if !kept {
            return Err(corrupt("a position is beyond its limit, or a limit is none of its agent"));
        }
        let reservations = limits.as_mut().and_then(|limits| limits.reservations.as_mut());
        let reserved = &stored.reserved;
        let kept = reservations.map_or(reserved.is_empty(), |own| own.restore(agent, reserved, &self.config));
        if !kept {
            return Err(corrupt("a reservation is none of its agent"));
        }
        self.restore_line(agent, &stored.held, Status::Pending)?;
        self.restore_line(agent, &stored.queued, Status::Queued)
    }

    fn restore_line(&mut self, agent: AgentIndex, line: &[Waiting], status: Status) -> Result<(), SnapshotError> {
        for waiting in line {
            let transactions = &self.book.transactions;
            let fits = waiting.slot.at() < transactions.len()
                && transactions.terms(waiting.slot).sender == agent
                && transactions.terms(waiting.slot).receiver == waiting.receiver
                && transactions.fate(waiting.slot).status == status;
            if !fits || (status == Status::Pending && self.banks.releases_all(agent)) {
                return Err(corrupt("a queue holds what does not belong to it"));
            }
            match status {
                Status::Pending => self.restore_held(agent, *waiting),
                _ if self.book.restore_queued(*waiting) => {}
                _ => return Err(corrupt("a queue is not in order")),
            }
        }
        Ok(())
    }

    fn restore_held(&mut self, agent: AgentIndex, waiting: Waiting) {
        let candidate = crate::bank_queues::candidate(&self.book.transactions, waiting.slot);
        self.banks.hold(agent, waiting, candidate, self.clock.now());
        self.book.accounts.queue1_size[agent.at()] += 1;
        self.book.accounts.queue1_value[agent.at()] += candidate.amount;
    }

    /// Counts what was submitted since the last tick into its senders' queues, and what is stored.
    fn restore_submitted(&mut self) {
        for waiting in self.stored_early() {
            self.count_stored(waiting);
        }
        for waiting in &self.released {
            let terms = self.book.transactions.terms(waiting.slot);
            self.book.accounts.queue1_size[terms.sender.at()] += 1;
            self.book.accounts.queue1_value[terms.sender.at()] += terms.amount;
        }
    }
}

fn check_header(bytes: &[u8]) -> Result<&[u8], SnapshotError> {
    if !bytes.starts_with(MAGIC) {
        return Err(SnapshotError::NotASnapshot);
    }
    let mut header = Reader::new(&bytes[MAGIC.len()..]);
    let truncated = |expected| SnapshotError::Truncated { found: bytes.len(), expected };
    let version: u32 = header.read().map_err(|_| truncated(HEADER as u64))?;
    if version != VERSION {
        return Err(SnapshotError::Version { found: version, supported: VERSION });
    }
    let length: u64 = header.read().map_err(|_| truncated(HEADER as u64))?;
    let checksum: [u8; 32] = header.read().map_err(|_| truncated(HEADER as u64))?;
    let payload = &bytes[HEADER..];
    if (payload.len() as u64) < length {
        return Err(truncated(length.saturating_add(HEADER as u64)));
    }
    if payload.len() as u64 != length || Sha256::digest(payload).as_slice() != checksum {
        return Err(corrupt("its checksum does not agree"));
    }
    Ok(payload)
}

fn read(config: Config, reader: &mut Reader<'_>) -> Result<Simulation, SnapshotError> {
    rules::check(&config)?;
    let mut run: StoredRun = reader.read()?;
    let agents = config.agents.len();
    let mut accounts = Vec::new();
    for _ in 0..agents {
        accounts.push(reader.read::<StoredAccount>()?);
    }
    soundness::check_numbers(&config, &run, &accounts)?;
    let mut simulation = Simulation::bare(config);
    let transactions: Transactions = reader.read()?;
    transactions.check(agents).map_err(corrupt)?;
    simulation.book.transactions = transactions;
    simulation.book.log.restore(reader)?;
    check_run(&run, &simulation)?;
    soundness::check_places(&run, &accounts, &simulation.book.transactions)?;
    let (next_order, links) = (run.next_order, run.links.take());
    simulation.restore_run(run)?;
    for (agent, account) in (0..).map(AgentIndex).zip(accounts) {
        simulation.restore_account(agent, &account)?;
    }
    simulation.restore_submitted();
    simulation.restore_links(links)?;
    simulation.book.queue.restore_next_order(next_order);
    simulation.costs.restored().map_err(|_| corrupt("costs"))?;
    simulation.given = GivenIndex::of(&simulation.book.transactions.given);
    simulation.recount_money();
    soundness::check_whole(&simulation)?;
    Ok(simulation)
}

/// Whatever is named must be there.
fn check_run(run: &StoredRun, simulation: &Simulation) -> Result<(), SnapshotError> {
    let agents = simulation.names.len();
    let rows = simulation.book.transactions.len();
    let known_agents = run.touched.iter().chain(&run.grown).chain(&run.balances.agent).all(|agent| agent.at() < agents);
    let slots = run.released.iter().map(|waiting| waiting.slot);
    let due = run.scheduled.iter().chain(&run.deadlines).map(|(_, slot)| *slot);
    let known_slots = slots.chain(due).all(|slot| slot.at() < rows);
    let timely = run.scheduled.iter().chain(&run.deadlines).all(|(tick, _)| *tick >= run.now)
        && run.streams.iter().all(|(_, tick)| *tick >= run.now);
    let noted = simulation.book.log.notes.iter().flat_map(|note| [note.agent, note.counterparty]);
    let known_agents = known_agents && { noted }.all(|agent| agent.at() < agents || agent == crate::tables::NO_AGENT);
    let logged = simulation.book.log.rows.iter().filter_map(|row| row.last()).all(|slot| slot.at() < rows);
    let linked = run.links.as_ref().is_none_or(|links| links.names_rows(rows));
    if linked && known_agents && known_slots && timely && logged {
        Ok(())
    } else {
        Err(corrupt("it names what is not there"))
    }
}
