//! Submission: single transactions and batches, all of a batch or nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{NEVER, Tick};
use crate::config::{Config, Discipline};
use crate::error::{Error, LinkRefusal, PROBLEMS_SHOWN_MAX, Refusal, RowProblem};
use crate::events::Kind;
use crate::ids::{AgentIndex, GivenIds, Origin, Slot, TransactionId, is_reserved, narrow};
use crate::simulation::Simulation;
use crate::tables::NO_AGENT;
use crate::timetable::debit_times::DebitTimes;
use crate::transactions::{CAPACITY, Terms, sum_of_amounts};

/// A value that is not there, in a column of integers.
pub const MISSING: i64 = i64::MIN;

/// The longest id, so that the text of a chunk of a table stays below 2^31 bytes.
pub const ID_BYTES_MAX: usize = 8_192;

/// The priority of a transaction that does not say.
pub const PRIORITY_DEFAULT: i64 = 5;

/// A transaction to be submitted now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order<'a> {
    /// Who pays.
    pub sender: &'a str,
    /// Who is paid.
    pub receiver: &'a str,
    /// Cents.
    pub amount: i64,
    /// The last tick in which settlement is in time, if any.
    pub deadline_tick: Option<i64>,
    /// 0 to 10.
    pub priority: i64,
    /// Whether the sender may split it.
    pub divisible: bool,
    /// The link of which it is a leg, if any.
    pub link: Option<&'a str>,
    /// How many legs that has, or [`MISSING`].
    pub link_legs: i64,
    /// The first tick in which it may be debited, if any.
    pub earliest_debit_tick: Option<i64>,
    /// The last one, if any.
    pub latest_debit_tick: Option<i64>,
}

/// A column of agents.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PartyColumn {
    /// The agents; [`NO_AGENT`] where the name is unknown or missing.
    pub agents: Vec<AgentIndex>,
    /// The names of the first [`PROBLEMS_SHOWN_MAX`] rows that have [`NO_AGENT`]; `None` where the name is missing.
    pub unknown: BTreeMap<usize, Option<String>>,
}

/// A column of ids.
#[derive(Clone, Debug, Default)]
pub struct GivenColumn {
    /// The ids, one for each row; anything where the id is missing.
    pub texts: GivenIds,
    /// The rows that have no id, ascending: they get one as if the column were not there.
    pub missing: Vec<usize>,
}

impl GivenColumn {
    pub(crate) fn is_missing(&self, row: usize) -> bool {
        !self.missing.is_empty() && self.missing.binary_search(&row).is_ok()
    }
}

/// Transactions to be submitted together, column by column. Without `submit_tick` they are submitted now.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Who pays.
    pub senders: PartyColumn,
    /// Who is paid.
    pub receivers: PartyColumn,
    /// Cents.
    pub amount: Vec<i64>,
    /// When each arrives.
    pub submit_tick: Option<Vec<i64>>,
    /// The last tick in which settlement is in time, or [`MISSING`].
    pub deadline_tick: Option<Vec<i64>>,
    /// 0 to 10.
    pub priority: Option<Vec<i64>>,
    /// Whether the sender may split it.
    pub divisible: Option<Vec<bool>>,
    /// Ids of their own.
    pub transaction_id: Option<GivenColumn>,
    /// The links of which they are legs.
    pub link: Option<GivenColumn>,
    /// How many legs those have, or [`MISSING`].
    pub link_legs: Option<Vec<i64>>,
    /// The first tick in which each may be debited, or [`MISSING`].
    pub earliest_debit_tick: Option<Vec<i64>>,
    /// The last one, or [`MISSING`].
    pub latest_debit_tick: Option<Vec<i64>>,
}

/// What a row asks for, before it is accepted.
#[derive(Clone, Copy, Debug)]
struct Asked {
    sender: AgentIndex,
    receiver: AgentIndex,
    amount: i64,
    submit: i64,
    deadline: i64,
    priority: i64,
    divisible: bool,
}

/// What is acceptable at this point of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acceptance {
    now: Tick,
    num_ticks: Tick,
    bands: [bool; 11],
}

impl Acceptance {
    pub(crate) fn new(config: &Config, now: Tick, num_ticks: Tick) -> Self {
        // Without bands to settle by, priorities are kept but have no effect.
        let mut bands = [config.settlement.discipline != Discipline::Priority; 11];
        for (low, high) in &config.settlement.priority_bands {
            bands[usize::from(*low)..=usize::from(*high)].fill(true);
        }
        Self { now, num_ticks, bands }
    }

    /// Checks all of a row but its names and its id.
    #[inline]
    fn check(&self, asked: &Asked) -> Result<Terms, Refusal> {
        let Asked { amount, submit, deadline, priority, .. } = *asked;
        if amount <= 0 {
            let missing = amount == MISSING;
            return Err(if missing { Refusal::Missing { column: "amount" } } else { Refusal::Amount { amount } });
        }
        let submit_tick = match Tick::try_from(submit) {
            Ok(tick) if tick >= self.now && tick < self.num_ticks => tick,
            _ if submit == MISSING => return Err(Refusal::Missing { column: "submit_tick" }),
            _ => return Err(Refusal::SubmitTick { submit, now: self.now, last: self.num_ticks.saturating_sub(1) }),
        };
        if deadline != MISSING && deadline <= submit {
            return Err(Refusal::Deadline { deadline, submit: submit_tick });
        }
        let Some(deadline) = to_deadline(deadline) else {
            return Err(Refusal::DeadlineTooFar { deadline, last: NEVER - 1 });
        };
        Ok(Terms {
            sender: asked.sender,
            origin: Origin::Submitted,
            number: 0,
            part: 0,
            receiver: asked.receiver,
            amount,
            submit_tick,
            deadline,
            priority: self.check_priority(priority)?,
            divisible: asked.divisible,
        })
    }

    #[inline]
    pub(crate) fn check_priority(&self, priority: i64) -> Result<u8, Refusal> {
        let known = u8::try_from(priority).ok().filter(|priority| usize::from(*priority) < self.bands.len());
        match known {
            Some(known) if self.bands[usize::from(known)] => Ok(known),
            Some(_) => Err(Refusal::PriorityBand { priority }),
            None if priority == MISSING => Err(Refusal::Missing { column: "priority" }),
            None => Err(Refusal::Priority { priority }),
        }
    }
}

/// A deadline as it is kept; `None` for one that cannot be.
#[inline]
fn to_deadline(deadline: i64) -> Option<Tick> {
    if deadline == MISSING { Some(NEVER) } else { Tick::try_from(deadline).ok().filter(|tick| *tick < NEVER) }
}

/// Debit times as they are kept, of a transaction that is submitted in a tick.
fn check_debit_times(earliest: i64, latest: i64, submit: Tick) -> Result<DebitTimes, Refusal> {
    let read = |column: &'static str, tick: i64, missing: Tick| match Tick::try_from(tick) {
        _ if tick == MISSING => Ok(missing),
        Ok(known) if known < NEVER => Ok(known),
        _ => Err(Refusal::DebitTick { column, tick, last: NEVER - 1 }),
    };
    let earliest = read("earliest_debit_tick", earliest, DebitTimes::ANY.earliest)?;
    let latest = read("latest_debit_tick", latest, DebitTimes::ANY.latest)?;
    if earliest > latest {
        return Err(Refusal::DebitTimes { earliest, latest });
    }
    if latest < submit { Err(Refusal::LatestDebit { latest, submit }) } else { Ok(DebitTimes { earliest, latest }) }
}

/// The bad rows of a batch: the first ones in full, all counted.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    shown: Vec<RowProblem>,
    rows: BTreeSet<usize>,
    total: usize,
}

impl Problems {
    fn add(&mut self, row: usize, refusal: Refusal) {
        self.total += 1;
        if self.shown.len() < PROBLEMS_SHOWN_MAX {
            self.rows.insert(row);
            self.shown.push(RowProblem { row, refusal });
        }
    }

    /// The same of a row that may be bad already, and counts once.
    pub(crate) fn add_once(&mut self, row: usize, refusal: Refusal) {
        if !self.rows.contains(&row) {
            self.add(row, refusal);
        }
    }

    fn into_error(self) -> Option<Error> {
        (self.total > 0).then_some(Error::Batch { problems: self.shown, total: self.total })
    }
}

impl Batch {
    fn len(&self) -> usize {
        self.senders.agents.len()
    }

    fn check_lengths(&self) -> Result<(), Error> {
        let expected = self.len();
        let columns = [
            ("receiver", Some(self.receivers.agents.len())),
            ("amount", Some(self.amount.len())),
            ("submit_tick", self.submit_tick.as_ref().map(Vec::len)),
            ("deadline_tick", self.deadline_tick.as_ref().map(Vec::len)),
            ("priority", self.priority.as_ref().map(Vec::len)),
            ("divisible", self.divisible.as_ref().map(Vec::len)),
            ("earliest_debit_tick", self.earliest_debit_tick.as_ref().map(Vec::len)),
            ("latest_debit_tick", self.latest_debit_tick.as_ref().map(Vec::len)),
            ("transaction_id", self.transaction_id.as_ref().map(|ids| ids.texts.len())),
            ("link", self.link.as_ref().map(|links| links.texts.len())),
            ("link_legs", self.link_legs.as_ref().map(Vec::len)),
        ];
        for (column, found) in columns {
            if let Some(found) = found.filter(|found| *found != expected) {
                return Err(Error::ColumnLength { column, found, expected });
            }
        }
        Ok(())
    }

    /// The debit times of a row, for a submission in a tick.
    fn check_debit_times(&self, row: usize, submit: Tick) -> Result<DebitTimes, Refusal> {
        let of = |column: &Option<Vec<i64>>| column.as_ref().map_or(MISSING, |ticks| ticks[row]);
        let times = check_debit_times(of(&self.earliest_debit_tick), of(&self.latest_debit_tick), submit)?;
        let is_leg = self.link.as_ref().is_some_and(|link| !link.is_missing(row));
        if is_leg && times != DebitTimes::ANY { Err(Refusal::DebitOfLeg) } else { Ok(times) }
    }

    fn has_debit_times(&self) -> bool {
        self.earliest_debit_tick.is_some() || self.latest_debit_tick.is_some()
    }

    #[inline]
    fn asked(&self, row: usize, now: Tick) -> Asked {
        Asked {
            sender: self.senders.agents[row],
            receiver: self.receivers.agents[row],
            amount: self.amount[row],
            submit: self.submit_tick.as_ref().map_or(i64::from(now), |ticks| ticks[row]),
            deadline: self.deadline_tick.as_ref().map_or(MISSING, |ticks| ticks[row]),
            priority: self.priority.as_ref().map_or(PRIORITY_DEFAULT, |priorities| priorities[row]),
            divisible: self.divisible.as_ref().is_some_and(|divisible| divisible[row]),
        }
    }
}

/// Checks the debit times of a batch. A row that is bad already counts once.
#[cold]
fn check_all_debit_times(batch: &Batch, acceptance: &Acceptance, problems: &mut Problems) {
    for row in 0..batch.len() {
        let submit = Tick::try_from(batch.asked(row, acceptance.now).submit).unwrap_or_default();
        if let Err(refusal) = batch.check_debit_times(row, submit) {
            problems.add_once(row, refusal);
        }
    }
}

impl Simulation {
    /// Submits one transaction now.
    ///
    /// # Errors
    ///
    /// [`Error::Transaction`] when it is not acceptable, [`Error::Finished`] after the end of the run.
    pub fn submit(&mut self, order: &Order<'_>) -> Result<TransactionId, Error> {
        self.check_open()?;
        let asked = Asked {
            sender: self.find_agent(order.sender, "sender")?,
            receiver: self.find_agent(order.receiver, "receiver")?,
            amount: order.amount,
            submit: i64::from(self.clock.now()),
            // The smallest integer stands for none inside; as a deadline it is refused like its neighbour.
            deadline: order.deadline_tick.map_or(MISSING, |deadline| deadline.max(MISSING + 1)),
            priority: order.priority,
            divisible: order.divisible,
        };
        if asked.sender == asked.receiver {
            return Err(Error::Transaction(Refusal::SameAgent { name: order.sender.to_owned() }));
        }
        let acceptance = Acceptance::new(&self.config, self.clock.now(), self.clock.num_ticks());
        let new = acceptance.check(&asked).map_err(Error::Transaction)?;
        if order.link.is_some() || order.link_legs != MISSING {
            self.check_leg(order)?;
        }
        let tick = |tick: Option<i64>| tick.map_or(MISSING, |tick| tick.max(MISSING + 1));
        let (earliest, latest) = (tick(order.earliest_debit_tick), tick(order.latest_debit_tick));
        let times = check_debit_times(earliest, latest, new.submit_tick).map_err(Error::Transaction)?;
        if order.link.is_some() && times != DebitTimes::ANY {
            return Err(Error::Transaction(Refusal::DebitOfLeg));
        }
        self.check_room(1)?;
        let amount = order.amount;
        self.total_value =
            sum_of_amounts(self.total_value, amount).ok_or(Error::Transaction(Refusal::TotalValue { amount }))?;
        let slot = Slot(narrow(self.book.transactions.len()));
        let id = self.accept_now(new, None);
        self.set_debit_times(slot, std::iter::once(times));
        if let Some(link) = order.link {
            self.join_link(slot, link, order.link_legs);
            self.drop_broken_between_ticks();
        }
        Ok(id)
    }

    #[cold]
    fn check_leg(&self, order: &Order<'_>) -> Result<(), Error> {
        let Some(link) = order.link else {
            return Err(Error::Transaction(Refusal::Link(Box::new(LinkRefusal::LegsWithoutLink {
                legs: order.link_legs,
            }))));
        };
        let checked = self.check_link((link, order.link_legs), order.divisible, &mut BTreeMap::new());
        checked.map(|_| ()).map_err(|refusal| Error::Transaction(Refusal::Link(Box::new(refusal))))
    }

    /// Submits a batch, all of it or nothing; returns the ids in row order.
    ///
    /// # Errors
    ///
    /// [`Error::Batch`] with the bad rows, [`Error::ColumnLength`], [`Error::Capacity`], or [`Error::Finished`] after
    /// the end of the run.
    pub fn submit_batch(&mut self, batch: &Batch) -> Result<Vec<TransactionId>, Error> {
        let first = Slot(narrow(self.book.transactions.len()));
        let ids = self.submit_rows(batch)?;
        self.keep_debit_times(batch, first);
        if batch.link.is_some() {
            self.join_links(batch, first);
        }
        Ok(ids)
    }

    fn submit_rows(&mut self, batch: &Batch) -> Result<Vec<TransactionId>, Error> {
        self.check_open()?;
        batch.check_lengths()?;
        self.check_room(batch.len())?;
        let acceptance = Acceptance::new(&self.config, self.clock.now(), self.clock.num_ticks());
        let mut given = self.check_batch(batch, &acceptance)?.into_iter();
        let mut next_given = move || given.next().flatten();
        self.book.transactions.reserve(batch.len());
        // Every row has been checked, so none is left out here.
        let mut ids = Vec::with_capacity(batch.len());
        if batch.submit_tick.is_none() {
            for row in 0..batch.len() {
                if let Ok(new) = acceptance.check(&batch.asked(row, acceptance.now)) {
                    ids.push(self.accept_now(new, next_given()));
                }
            }
            return Ok(ids);
        }
        let first = Slot(narrow(self.book.transactions.len()));
        for row in 0..batch.len() {
            if let Ok(new) = acceptance.check(&batch.asked(row, acceptance.now)) {
                let terms = self.identify(new, next_given());
                self.book.transactions.schedule(terms);
                ids.push(terms.id());
            }
        }
        self.schedule.add_rows(first, self.book.transactions.terms_from(first));
        Ok(ids)
    }

    /// The rows of a batch, which are in memory from `first` on, have the debit times that were asked for.
    fn keep_debit_times(&mut self, batch: &Batch, first: Slot) {
        if batch.has_debit_times() {
            // Every row has been checked.
            let times = |row| batch.check_debit_times(row, 0).unwrap_or(DebitTimes::ANY);
            self.set_debit_times(first, (0..batch.len()).map(times));
        }
    }

    pub(crate) fn check_open(&self) -> Result<(), Error> {
        if let Some(reason) = &self.failed {
            return Err(Error::Failed(reason.clone()));
        }
        if self.clock.finished() {
            return Err(Error::Finished { num_ticks: self.clock.num_ticks() });
        }
        Ok(())
    }

    fn find_agent(&self, name: &str, role: &'static str) -> Result<AgentIndex, Error> {
        let unknown = || Error::Transaction(Refusal::UnknownAgent { role, name: name.to_owned() });
        self.names.find(name).ok_or_else(unknown)
    }

    pub(crate) fn check_room(&self, wanted: usize) -> Result<(), Error> {
        let open = self.book.transactions.len();
        if wanted > CAPACITY - open { Err(Error::Capacity { wanted, open, capacity: CAPACITY }) } else { Ok(()) }
    }

    /// Checks all rows of a batch; keeps its given ids and returns their numbers, row by row. When a row is bad, nothing
    /// is kept.
    fn check_batch(&mut self, batch: &Batch, acceptance: &Acceptance) -> Result<Vec<Option<u32>>, Error> {
        let mut problems = Problems::default();
        let total = self.check_rows(batch, acceptance, &mut problems);
        if batch.link.is_some() || batch.link_legs.is_some() {
            self.check_links(batch, &mut problems);
        }
        if batch.has_debit_times() {
            check_all_debit_times(batch, acceptance, &mut problems);
        }
        let known = narrow(self.book.transactions.given.len());
        let numbers =
            batch.transaction_id.as_ref().map_or_else(Vec::new, |column| self.keep_given(column, &mut problems));
        problems.shown.sort_by_key(|problem| problem.row);
        if let Some(error) = problems.into_error() {
            self.book.transactions.given.truncate(known);
            self.given.truncate(known);
            return Err(error);
        }
        self.total_value = total;
        Ok(numbers)
    }

    /// Checks all of a batch but its ids; returns the sum of all amounts with it.
    fn check_rows(&self, batch: &Batch, acceptance: &Acceptance, problems: &mut Problems) -> i64 {
        let mut total = self.total_value;
        for row in 0..batch.len() {
            let asked = batch.asked(row, acceptance.now);
            let known = asked.sender != NO_AGENT && asked.receiver != NO_AGENT;
            let checked = if known && asked.sender != asked.receiver {
                acceptance.check(&asked)
            } else {
                Err(self.bad_parties(batch, row))
            };
            match checked {
                Ok(new) => match sum_of_amounts(total, new.amount) {
                    Some(sum) => total = sum,
                    None => problems.add(row, Refusal::TotalValue { amount: new.amount }),
                },
                Err(refusal) => problems.add(row, refusal),
            }
        }
        total
    }

    fn bad_parties(&self, batch: &Batch, row: usize) -> Refusal {
        for (role, column) in [("sender", &batch.senders), ("receiver", &batch.receivers)] {
            if column.agents[row] == NO_AGENT {
                return match column.unknown.get(&row) {
                    Some(None) => Refusal::Missing { column: role },
                    Some(Some(name)) => Refusal::UnknownAgent { role, name: name.clone() },
                    None => Refusal::UnknownAgent { role, name: "?".to_owned() },
                };
            }
        }
        Refusal::SameAgent { name: self.names.name(batch.senders.agents[row]).to_owned() }
    }

    /// Keeps the ids of a batch, which must not be reserved, and unique; returns their numbers. A row that is bad already
    /// counts once.
    fn keep_given(&mut self, column: &GivenColumn, problems: &mut Problems) -> Vec<Option<u32>> {
        self.given.reserve(column.texts.len());
        let mut numbers = Vec::with_capacity(column.texts.len());
        for row in 0..column.texts.len() {
            if column.is_missing(row) {
                numbers.push(None);
                continue;
            }
            let kept = self.keep_id(column.texts.get(narrow(row)));
            numbers.push(kept.as_ref().ok().copied());
            if let Err(refusal) = kept
                && !problems.rows.contains(&row)
            {
                problems.add(row, refusal);
            }
        }
        numbers
    }

    fn keep_id(&mut self, id: &str) -> Result<u32, Refusal> {
        if id.len() > ID_BYTES_MAX {
            let start: String = id.chars().take(40).collect();
            return Err(Refusal::LongId { start, bytes_max: ID_BYTES_MAX });
        }
        if is_reserved(id, &self.names) {
            return Err(Refusal::ReservedId { id: id.to_owned() });
        }
        let given = &mut self.book.transactions.given;
        let number = given.push(id);
        if self.given.add(given, number) { Ok(number) } else { Err(Refusal::DuplicateId { id: id.to_owned() }) }
    }

    /// An accepted transaction gets its id.
    fn identify(&mut self, new: Terms, given: Option<u32>) -> Terms {
        if let Some(number) = given {
            Terms { origin: Origin::Given, number, ..new }
        } else {
            let count = &mut self.numbered[new.sender.at()];
            *count += 1;
            Terms { number: *count, ..new }
        }
    }

    /// An accepted transaction enters its sender's queue now.
    fn accept_now(&mut self, new: Terms, given: Option<u32>) -> TransactionId {
        let terms = self.identify(new, given);
        let slot = self.book.transactions.push(terms);
        self.book.accounts.ask(terms.sender, terms.receiver, terms.amount);
        let now = self.clock.now();
        self.book.log.begin(now);
        self.book.log.note(Kind::Submitted, slot);
        if self.is_void(terms.sender, terms.receiver) {
            self.drop_on_arrival(slot);
            self.book.transactions.digest_closed();
            return terms.id();
        }
        self.stand_in_line(slot, now);
        terms.id()
    }

    /// A transaction that comes from outside stands at the end of its sender's queue.
    #[inline]
    pub(crate) fn stand_in_line(&mut self, slot: Slot, now: Tick) {
        let waiting = self.number(slot);
        let Terms { sender, amount, .. } = *self.book.transactions.terms(slot);
        if self.banks.releases_all(sender) {
            self.released.push(waiting);
            self.submitted += 1;
            self.book.accounts.queue1_size[sender.at()] += 1;
            self.book.accounts.queue1_value[sender.at()] += amount;
        } else {
            self.hold(waiting, now);
        }
    }
}
