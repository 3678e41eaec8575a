//! The simulation: the tick as the list of its steps, and the state that lives from tick to tick.

use crate::accounts::Account;
use crate::arrivals::{Arrival, Arrivals};
use crate::balances::BalanceHistory;
use crate::bank_queues::{BankQueues, REFUSED, Released, candidate};
use crate::clock::{Clock, NEVER, Tick};
use crate::collateral::Collateral;
use crate::config::{Config, EventLevel, Unsettled};
use crate::costs::{Base, CostKind, Costs, TooLarge};
use crate::daily::Daily;
use crate::error::Error;
use crate::events::Kind;
use crate::ids::{AgentIndex, AgentNames, Origin, Slot};
use crate::lane::Waiting;
use crate::lsm::Offsetting;
use crate::money::Cents;
use crate::scenario::Scenario;
use crate::schedule::{Run, Schedule};
use crate::settlement::Book;
use crate::tables::{QueuePeak, TickTotals};
use crate::timetable::Timetable;
use crate::transactions::{CAPACITY, Terms, sum_of_amounts};

/// What happened in a tick, or in several.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TickResult {
    /// The last tick that ran.
    pub tick: Tick,
    /// Scheduled and generated transactions that arrived.
    pub num_arrivals: u64,
    /// Settlements by any method.
    pub num_settlements: u64,
    /// Settlements in offset sets.
    pub num_lsm_releases: u64,
    /// Cents accrued.
    pub total_cost: i64,
}

/// A simulation, always between two ticks.
#[derive(Clone, Debug)]
pub struct Simulation {
    pub(crate) config: Config,
    pub(crate) names: AgentNames,
    pub(crate) clock: Clock,
    pub(crate) book: Book,
    pub(crate) schedule: Schedule,
    /// What happens apart from payments, if anything does.
    pub(crate) scenario: Option<Box<Scenario>>,
    /// What goes by the tick of the day, if anything does.
    pub(crate) timetable: Option<Box<Timetable>>,
    /// What secures credit, if anything may.
    pub(crate) collateral: Option<Box<Collateral>>,
    /// What is booked at the start and at the end of each day, if anything is.
    pub(crate) daily: Option<Box<Daily>>,
    pub(crate) arrivals: Arrivals,
    pub(crate) banks: BankQueues,
    /// Transactions that enter in this tick, by sequence number once sorted.
    pub(crate) released: Vec<Waiting>,
    /// Of those, the ones that were submitted since the last tick: they stand in their senders' queues.
    pub(crate) submitted: usize,
    pub(crate) offsetting: Offsetting,
    pub(crate) costs: Costs,
    /// The most that waited centrally at the end of a tick.
    pub(crate) queue2_peak: QueuePeak,
    /// The total cost as last reported.
    pub(crate) reported_cost: Cents,
    pub(crate) balances: BalanceHistory,
    pub(crate) next_sequence: u64,
    /// How many ids each agent has given: generated, and submitted.
    pub(crate) generated: Vec<u32>,
    pub(crate) numbered: Vec<u32>,
    pub(crate) given: crate::given::GivenIndex,
    pub(crate) lookup: crate::lookup::Lookup,
    /// The sum of the amounts of all transactions so far, parts left out.
    pub(crate) total_value: i64,
    /// Why the simulation cannot go on.
    pub(crate) failed: Option<String>,
    /// The sum of all balances.
    pub(crate) money: i128,
    /// What agents were funded with for settlements at the close.
    pub(crate) funded: i64,
}

impl Simulation {
    /// A simulation at its start.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let mut simulation = Self::bare(config);
        simulation.plan_batches();
        simulation
    }

    /// A simulation without transactions.
    pub(crate) fn bare(config: Config) -> Self {
        let agents = config.agents.len();
        let clock = Clock::new(config.ticks_per_day, config.num_days);
        let book = Book::new(&config, clock.num_ticks());
        Self {
            names: AgentNames::new(config.agents.iter().map(|agent| agent.id.clone())),
            clock,
            money: book.accounts.money(),
            book,
            schedule: Schedule::default(),
            scenario: Scenario::new(&config),
            timetable: Timetable::new(&config),
            collateral: Collateral::new(&config),
            daily: Daily::new(&config),
            arrivals: Arrivals::new(&config),
            banks: BankQueues::new(&config),
            released: Vec::new(),
            submitted: 0,
            offsetting: Offsetting::new(&config),
            costs: Costs::new(&config),
            queue2_peak: QueuePeak::default(),
            reported_cost: Cents::ZERO,
            balances: BalanceHistory::new(&config),
            next_sequence: 0,
            generated: vec![0; agents],
            numbered: vec![0; agents],
            given: crate::given::GivenIndex::default(),
            lookup: crate::lookup::Lookup::default(),
            total_value: 0,
            failed: None,
            funded: 0,
            config,
        }
    }

    /// Runs one tick.
    ///
    /// # Errors
    ///
    /// [`Error::Finished`] after the last tick; [`Error::CostOverflow`] and [`Error::ValueOverflow`] when numbers
    /// outgrow what can be counted, after which the simulation refuses to go on.
    pub fn tick(&mut self) -> Result<TickResult, Error> {
        self.check_usable()?;
        if self.clock.finished() {
            return Err(Error::Finished { num_ticks: self.clock.num_ticks() });
        }
        self.run_tick().inspect_err(|error| self.failed = Some(error.to_string()))
    }

    /// Runs `num_ticks` ticks, or all that are left; with nothing left it returns zeros. `keep_going` is asked between
    /// ticks.
    ///
    /// # Errors
    ///
    /// As [`Simulation::tick`]; a run that is over is no error here.
    pub fn run(&mut self, num_ticks: Option<u32>, keep_going: &mut dyn FnMut() -> bool) -> Result<TickResult, Error> {
        self.check_usable()?;
        let left = self.clock.num_ticks() - self.clock.now();
        let end = self.clock.now() + num_ticks.map_or(left, |ticks| ticks.min(left));
        let mut sum = TickResult::default();
        while self.clock.now() < end && keep_going() {
            self.pass_quiet_ticks(end, &mut sum);
            if self.clock.now() < end {
                let result = self.tick()?;
                sum.tick = result.tick;
                sum.num_arrivals += result.num_arrivals;
                sum.num_settlements += result.num_settlements;
                sum.num_lsm_releases += result.num_lsm_releases;
                sum.total_cost += result.total_cost;
            }
        }
        Ok(sum)
    }

    /// Runs up to `num_ticks` ticks, or all that are left, and returns what happened in each. `keep_going` is asked
    /// between ticks.
    ///
    /// # Errors
    ///
    /// As [`Simulation::tick`], when it is the first tick that fails; before a later one it ends, and the next call
    /// fails. A run that is over is no error here.
    pub fn ticks(&mut self, num_ticks: u32, keep_going: &mut dyn FnMut() -> bool) -> Result<Vec<TickResult>, Error> {
        self.check_usable()?;
        let left = self.clock.num_ticks() - self.clock.now();
        let end = self.clock.now() + num_ticks.min(left);
        let mut results = Vec::new();
        while self.clock.now() < end && keep_going() {
            match self.tick() {
                Ok(result) => results.push(result),
                Err(error) if results.is_empty() => return Err(error),
                // What the ticks before it did must not get lost; the next call says what is wrong.
                Err(_) => break,
            }
        }
        Ok(results)
    }

    /// Refuses to go on after an error in the midst of a tick.
    ///
    /// # Errors
    ///
    /// [`Error::Failed`].
    pub fn check_usable(&self) -> Result<(), Error> {
        self.failed.as_ref().map_or(Ok(()), |reason| Err(Error::Failed(reason.clone())))
    }

    /// The steps of a tick.
    fn run_tick(&mut self) -> Result<TickResult, Error> {
        let tick = self.clock.now();
        self.begin_tick(tick);
        if self.books_daily() && self.clock.tick_of_day() == 0 {
            self.begin_day(tick)?;
        }
        self.apply_scenario(tick)?;
        if self.timetable.is_some() {
            self.begin_times(tick);
        }
        self.take_arrivals(tick)?;
        self.apply_policies(tick)?;
        if self.book.links.is_some() {
            self.drop_broken();
        }
        if self.settles() {
            if self.timetable.is_some() {
                self.store_early(tick);
            }
            self.enter_released();
            if self.timetable.is_some() {
                self.keep_release_ticks();
            }
            let funded = self.offsetting.run(&mut self.book, &self.clock);
            self.funded += funded;
            self.money += i128::from(funded);
            if self.book.links.is_some() {
                self.book.settle_links();
            }
        }
        if self.book.links.is_some() {
            self.reject_batches(tick);
        }
        self.book.book_deferred_credits();
        self.accrue_costs(tick)?;
        if self.timetable.is_some() {
            self.note_times(tick);
        }
        if tick == self.clock.last_tick_of_day(tick) {
            self.end_day(tick)?;
        }
        Ok(self.end_tick(tick))
    }

    /// The sum of all balances, after they were restored.
    pub(crate) fn recount_money(&mut self) {
        self.money = self.book.accounts.money();
    }

    fn begin_tick(&mut self, tick: Tick) {
        self.book.totals = TickTotals { tick, ..TickTotals::default() };
        self.book.log.begin(tick);
    }

    /// Scheduled transactions that are due, in order of submission; then generated ones, agents in config order.
    #[inline(never)]
    fn take_arrivals(&mut self, tick: Tick) -> Result<(), Error> {
        if self.book.links.is_some() {
            self.arrive_batches(tick);
        }
        for run in self.schedule.take_due(tick) {
            match run {
                Run::Rows { first, len } => self.arrive(first, len, tick),
                Run::Scattered(slots) => slots.iter().for_each(|slot| self.arrive(*slot, 1, tick)),
            }
        }
        if self.arrivals.next_tick() == tick {
            let mut arrivals = std::mem::take(&mut self.arrivals);
            let mut drawn = Ok(());
            arrivals.draw_due(tick, |arrival| {
                // Set on an error only: to drop what was there before would cost something for each arrival.
                if drawn.is_ok()
                    && let Err(error) = self.generate(arrival, tick)
                {
                    drawn = Err(error);
                }
            });
            self.arrivals = arrivals;
            drawn?;
        }
        if self.book.links.is_some() {
            self.drop_broken();
        }
        Ok(())
    }

    fn generate(&mut self, arrival: Arrival, tick: Tick) -> Result<(), Error> {
        self.total_value = sum_of_amounts(self.total_value, arrival.amount).ok_or(Error::ValueOverflow { tick })?;
        let open = self.book.transactions.len();
        if open >= CAPACITY {
            return Err(Error::Capacity { wanted: 1, open, capacity: CAPACITY });
        }
        let count = &mut self.generated[arrival.sender.at()];
        *count += 1;
        let slot = self.book.transactions.push(Terms {
            sender: arrival.sender,
            origin: Origin::Generated,
            number: *count,
            part: 0,
            receiver: arrival.receiver,
            amount: arrival.amount,
            submit_tick: tick,
            deadline: arrival.deadline,
            priority: arrival.priority,
            divisible: arrival.divisible,
        });
        self.arrive(slot, 1, tick);
        Ok(())
    }

    /// Scheduled or generated transactions that lie one after the other enter their senders' queues.
    #[inline]
    fn arrive(&mut self, first: Slot, count: u32, tick: Tick) {
        if self.has_defaults() {
            self.arrive_after_default(first, count, tick);
        } else {
            self.arrive_together(first, count, tick);
        }
    }

    /// One by one, because what concerns a closed account is cancelled right after it arrived.
    #[cold]
    fn arrive_after_default(&mut self, first: Slot, count: u32, tick: Tick) {
        for slot in (first.0..first.0 + count).map(Slot) {
            let Terms { sender, receiver, amount, .. } = *self.book.transactions.terms(slot);
            if self.is_void(sender, receiver) {
                self.book.log.note(Kind::Arrived, slot);
                self.book.totals.num_arrivals += 1;
                self.book.totals.arrived_value += amount;
                self.book.accounts.ask(sender, receiver, amount);
                self.drop_on_arrival(slot);
            } else {
                self.arrive_together(slot, 1, tick);
            }
        }
    }

    #[expect(clippy::inline_always, reason = "on the way of each transaction; see count_instructions.py")]
    #[inline(always)]
    fn arrive_together(&mut self, first: Slot, count: u32, tick: Tick) {
        self.book.log.arrived(first, count);
        self.book.totals.num_arrivals += u64::from(count);
        for slot in (first.0..first.0 + count).map(Slot) {
            let terms = self.book.transactions.terms(slot);
            let (sender, receiver) = (terms.sender, terms.receiver);
            let amount = terms.amount;
            self.book.totals.arrived_value += amount;
            self.book.accounts.ask(sender, receiver, amount);
            let waiting = Waiting { order: self.next_sequence, slot, receiver };
            self.next_sequence += 1;
            if self.banks.releases_all(sender) {
                self.released.push(waiting);
            } else {
                self.hold(waiting, tick);
            }
        }
    }

    /// The next sequence number goes to a transaction.
    #[inline]
    pub(crate) fn number(&mut self, slot: Slot) -> Waiting {
        let receiver = self.book.transactions.terms(slot).receiver;
        let waiting = Waiting { order: self.next_sequence, slot, receiver };
        self.next_sequence += 1;
        waiting
    }

    /// A transaction waits in its sender's queue for the policy's decision.
    pub(crate) fn hold(&mut self, waiting: Waiting, tick: Tick) {
        let transactions = &self.book.transactions;
        let sender = transactions.terms(waiting.slot).sender;
        let candidate = candidate(transactions, waiting.slot);
        self.banks.hold(sender, waiting, candidate, tick);
        self.book.accounts.queue1_size[sender.at()] += 1;
        self.book.accounts.queue1_value[sender.at()] += candidate.amount;
        self.book.accounts.touch(sender, tick);
        self.book.watch(waiting.slot);
    }

    /// Each agent in config order walks its queue; what its policy releases enters in the next step.
    fn apply_policies(&mut self, tick: Tick) -> Result<(), Error> {
        self.leave_submitted();
        self.banks.become_urgent(&self.book.transactions, tick);
        let mut decided = Vec::new();
        for agent in self.banks.take_marked() {
            let balance = self.book.accounts.get(agent).balance;
            self.banks.walk(agent, balance, &self.book.transactions, tick, |released| decided.push(released));
            for released in decided.drain(..) {
                self.release(agent, released, tick)?;
            }
        }
        Ok(())
    }

    /// What was submitted since the last tick by agents that release everything leaves their queues.
    fn leave_submitted(&mut self) {
        for waiting in &self.released[..self.submitted] {
            let terms = self.book.transactions.terms(waiting.slot);
            self.book.accounts.queue1_size[terms.sender.at()] -= 1;
            self.book.accounts.queue1_value[terms.sender.at()] -= terms.amount;
        }
        self.submitted = 0;
    }

    /// A policy's decision is carried out.
    fn release(&mut self, agent: AgentIndex, released: Released, tick: Tick) -> Result<(), Error> {
        let slot = released.waiting.slot;
        self.book.accounts.queue1_size[agent.at()] -= 1;
        self.book.accounts.queue1_value[agent.at()] -= self.book.transactions.terms(slot).amount;
        self.book.accounts.touch(agent, tick);
        if released.parts == 1 {
            self.released.push(released.waiting);
            return Ok(());
        }
        if released.parts == REFUSED {
            self.book.reject(slot);
            return Ok(());
        }
        let first = self.book.transactions.split(slot, released.parts, tick);
        self.book.log.note(Kind::Split, slot);
        for part in 0..u32::from(released.parts) {
            let part = Slot(first.0 + part);
            self.book.log.note(Kind::Part, part);
            let waiting = self.number(part);
            self.released.push(waiting);
        }
        let further_parts = u32::from(released.parts) - 1;
        self.costs
            .charge(agent, CostKind::SplitFriction, further_parts)
            .map_err(|TooLarge| Error::CostOverflow { tick })
    }

    /// First the queues of agents whose liquidity grew; then what was released enters, by sequence number.
    fn enter_released(&mut self) {
        self.book.try_grown();
        let mut released = std::mem::take(&mut self.released);
        if !released.is_sorted_by_key(|waiting| waiting.order) {
            released.sort_unstable_by_key(|waiting| waiting.order);
        }
        if self.book.links.is_some() {
            self.enter_links(&mut released);
        }
        if self.offsetting.acts_at_entry() {
            self.enter_offsetting(&released);
        } else {
            self.book.enter_all(&released);
        }
        released.clear();
        self.released = released;
    }

    /// The same where offsetting has a part in it.
    #[cold]
    fn enter_offsetting(&mut self, released: &[Waiting]) {
        self.offsetting.before_entries(&mut self.book);
        for waiting in released {
            if !self.offsetting.settle_at_entry(&mut self.book, waiting.slot) {
                self.book.enter_all(std::slice::from_ref(waiting));
            }
            self.offsetting.after_entry(&mut self.book, waiting.slot);
        }
    }

    /// Overdraft and delay on the state at the end of the tick; penalties for deadlines that passed.
    fn accrue_costs(&mut self, tick: Tick) -> Result<(), Error> {
        self.book.note_waiting();
        self.queue2_peak.note(self.book.queue.len() as u64, self.book.queue.value());
        self.charge_deadlines(tick)
            .and_then(|()| self.rebase(tick))
            .map_err(|TooLarge| Error::CostOverflow { tick })?;
        self.costs.accrue(1).map_err(|TooLarge| Error::CostOverflow { tick })
    }

    fn charge_deadlines(&mut self, tick: Tick) -> Result<(), TooLarge> {
        let mut due = self.book.deadlines.take_due(tick);
        due.retain(|slot| self.book.transactions.is_open(*slot) && !self.book.transactions.is_split(*slot));
        self.book.transactions.sort_by_arrival(&mut due);
        for slot in due {
            self.book.log.note(Kind::Overdue, slot);
            self.costs.charge(self.book.transactions.terms(slot).sender, CostKind::DeadlinePenalty, 1)?;
        }
        Ok(())
    }

    /// Accounts that changed cost something else from now on.
    fn rebase(&mut self, tick: Tick) -> Result<(), TooLarge> {
        if self.book.accounts.touched.is_empty() {
            return Ok(());
        }
        if self.costs.pricing.is_some() || self.books_daily() {
            return self.rebase_otherwise(tick);
        }
        let mut touched = std::mem::take(&mut self.book.accounts.touched);
        touched.sort_unstable();
        for agent in &touched {
            let account = *self.book.accounts.get(*agent);
            self.costs.rebase(*agent, self.base(*agent, &account), tick)?;
            let accounts = &mut self.book.accounts;
            let value = accounts.queue2_value[agent.at()];
            accounts.queue2_peaks[agent.at()].note(u64::from(account.queue2_size), value);
            if self.balances.note(*agent, tick, account.balance) {
                self.banks.mark(*agent);
            }
        }
        touched.clear();
        self.book.accounts.touched = touched;
        debug_assert!(self.book.accounts.money() == self.money, "no money comes or goes");
        self.costs.rebased()
    }

    #[inline]
    pub(crate) fn base(&self, agent: AgentIndex, account: &Account) -> Base {
        let accounts = &self.book.accounts;
        Base {
            overdraft: (-account.balance).max(0),
            waiting: accounts.queue1_value[agent.at()] + accounts.queue2_value[agent.at()],
        }
    }

    /// Penalties for what is unsettled, which then waits on or is dropped.
    fn end_day(&mut self, tick: Tick) -> Result<(), Error> {
        let unsettled = self.unsettled();
        for slot in &unsettled {
            self.book.log.note(Kind::Penalised, *slot);
            let sender = self.book.transactions.terms(*slot).sender;
            self.costs.charge(sender, CostKind::EodPenalty, 1).map_err(|TooLarge| Error::CostOverflow { tick })?;
        }
        self.end_timed_day(tick)?;
        if self.config.unsettled == Unsettled::Cancel && !unsettled.is_empty() {
            self.cancel(&unsettled, tick).map_err(|TooLarge| Error::CostOverflow { tick })?;
        }
        if self.books_daily() {
            self.close_day(tick)?;
        }
        self.costs.end_day(tick + 1).map_err(|TooLarge| Error::CostOverflow { tick })?;
        self.book.end_day();
        self.book.log.day_ended();
        Ok(())
    }

    /// Everything that has arrived and has not settled, by sequence number.
    pub(crate) fn unsettled(&self) -> Vec<Slot> {
        let agents = (0..crate::ids::narrow(self.names.len())).map(AgentIndex);
        let queued = agents.flat_map(|agent| self.book.queue.of_sender(agent));
        let mut unsettled: Vec<Slot> = self.banks.all_held().chain(queued).map(|waiting| waiting.slot).collect();
        unsettled.extend(self.apart());
        unsettled.extend(self.stored_early().iter().map(|waiting| waiting.slot));
        self.book.transactions.sort_by_arrival(&mut unsettled);
        unsettled
    }

    fn cancel(&mut self, unsettled: &[Slot], tick: Tick) -> Result<(), TooLarge> {
        for slot in unsettled {
            self.book.drop_unsettled(*slot);
        }
        self.banks.clear();
        self.clear_stored();
        self.book.clear_queue();
        // This tick's costs have accrued on what was there; the next tick begins with nothing.
        for agent in (0..crate::ids::narrow(self.names.len())).map(AgentIndex) {
            self.book.accounts.queue1_size[agent.at()] = 0;
            self.book.accounts.queue1_value[agent.at()] = 0;
            let account = *self.book.accounts.get(agent);
            self.rebase_agent(agent, &account, tick + 1)?;
        }
        self.costs.rebased()
    }

    /// The tick is over: what is reported of it.
    fn end_tick(&mut self, tick: Tick) -> TickResult {
        self.book.transactions.digest_closed();
        let total_cost = self.report_cost();
        let totals = TickTotals { total_cost, ..self.book.totals };
        self.book.log.tick_ended(totals);
        self.clock.advance_to(tick + 1);
        TickResult {
            tick,
            num_arrivals: totals.num_arrivals,
            num_settlements: totals.num_settlements,
            num_lsm_releases: totals.num_lsm_releases,
            total_cost,
        }
    }

    /// The cents that came to the rounded total since it was last reported, so that ticks add up to it.
    fn report_cost(&mut self) -> i64 {
        let before = self.reported_cost;
        self.reported_cost = self.costs.total.rounded();
        (self.reported_cost - before).0
    }

    /// Passes over ticks in which nothing happens but that costs accrue, up to `end`.
    fn pass_quiet_ticks(&mut self, end: Tick, sum: &mut TickResult) {
        let now = self.clock.now();
        let next = self.next_busy_tick(now).min(end);
        if next == now {
            return;
        }
        if self.costs.accrue(next - now).is_err() {
            // Tick by tick it will show in which tick costs become too large.
            return;
        }
        sum.total_cost += self.report_cost();
        sum.tick = next - 1;
        self.clock.advance_to(next);
    }

    /// The next tick in which anything can happen.
    fn next_busy_tick(&self, now: Tick) -> Tick {
        let book = &self.book;
        let settles = self.settles();
        let waits_for_nothing = self.released.is_empty()
            && (!settles || book.grown.is_empty())
            && book.accounts.touched.is_empty()
            && self.config.events != EventLevel::Summary;
        if !waits_for_nothing {
            return now;
        }
        [
            self.scenario.as_ref().map_or(NEVER, |scenario| scenario.next_tick(now, &self.config)),
            self.next_timed_tick(now),
            self.schedule.next_tick(),
            self.arrivals.next_tick(),
            self.banks.next_tick(now),
            book.deadlines.next_tick(),
            self.clock.last_tick_of_day(now),
            if settles { self.offsetting.next_tick(book, &self.clock) } else { NEVER },
            if self.books_daily() { self.clock.next_start_of_day() } else { NEVER },
            book.links.as_ref().map_or(NEVER, |links| links.next_tick(now, settles, book)),
        ]
        .into_iter()
        .min()
        .unwrap_or(NEVER)
        .max(now)
    }
}
