//! Stories: a line per action and per expectation, in words.
//!
//! ```text
//! agent NAME BALANCE [credit N] [hold until N | keep N until N | split MAX MIN until N | divide N]
//! ticks PER_DAY [days N]      discipline bypass|fifo|priority      bands 8-10 4-7 0-3
//! crediting immediate|deferred                                     unsettled carry_over|cancel
//! offset nothing|pairs|cycles|both [iterations N] [length N] [count N]
//! rate overdraft|delay|deadline|eod|split DECIMAL
//!
//! pay FROM TO AMOUNT [deadline N] [priority N] [divisible] [id TEXT]       (submitted now)
//! at TICK pay ...                                                         (scheduled)
//! refused pay ... / refused at TICK pay ...
//! tick [N]                    run
//!
//! expect NAME BALANCE                 expect settled ID METHOD [at TICK]  expect settled ID by parts [at TICK]
//! expect pending|queued|dropped ID    expect order ID ID ...              expect amounts ID N N ...
//! expect queue1 NAME N                expect queue2 N                     expect history ID KIND KIND ...
//! expect cost NAME KIND DECIMAL       expect total DECIMAL-ROUNDED
//! expect counts arrivals N settlements N offset N
//! ```
//!
//! A story begins with plain RTGS: `bypass`, immediate crediting, no offsetting, nothing costs anything, ten ticks.
//! `counts` are of the last line `tick` or `run`; `order` is that of all settlements.

use std::collections::BTreeMap;

use engine::config::timetable::TimetableConfig;
use engine::config::{
    AgentConfig, AgentCredit, CostRates, CreditRules, Crediting, Discipline, EventLevel, LsmConfig, Policy,
    Reservations, SenderLimits, SettlementConfig, Unsettled,
};
use engine::money::{COST_DECIMALS, Cents, RATE_DECIMALS, Rate};
use engine::tables::COST_KINDS;
use engine::{Batch, Config, Error, GivenColumn, MISSING, Order, Simulation, TickResult};

use crate::days::parties;
use crate::reading::{Event, Transaction, events, transactions};

/// Plays a story; stops at the first line that does not hold.
pub(crate) fn play(text: &str) {
    let mut story = Story { config: plain_rtgs(), simulation: None, last: TickResult::default() };
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap().trim();
        if line.is_empty() {
            continue;
        }
        if let Err(problem) = story.line(&mut Words { rest: line }) {
            panic!("line {number}: {line}\n  {problem}\n{}", story.describe());
        }
    }
}

type Told = Result<(), String>;

/// A line that is being read.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (word, rest) = self.rest.split_once(char::is_whitespace).unwrap_or((self.rest, ""));
        self.rest = rest.trim_start();
        (!word.is_empty()).then_some(word)
    }

    fn word(&mut self) -> Result<&'a str, String> {
        self.next().ok_or_else(|| "a word is missing".to_owned())
    }

    fn number<T: std::str::FromStr>(&mut self) -> Result<T, String> {
        let word = self.word()?;
        word.parse().map_err(|_| format!("'{word}' is no number that fits here"))
    }

    /// Whether the next word is this one, which is then read.
    fn has(&mut self, word: &str) -> bool {
        let mut ahead = Words { rest: self.rest };
        let found = ahead.next() == Some(word);
        if found {
            self.rest = ahead.rest;
        }
        found
    }

    fn optional<T: std::str::FromStr>(&mut self, word: &str, default: T) -> Result<T, String> {
        if self.has(word) { self.number() } else { Ok(default) }
    }

    fn end(&self) -> Told {
        if self.rest.is_empty() { Ok(()) } else { Err(format!("what is '{}'?", self.rest)) }
    }
}

/// A payment as it is told.
struct Payment<'a> {
    order: Order<'a>,
    id: Option<&'a str>,
}

struct Story {
    config: Config,
    simulation: Option<Simulation>,
    last: TickResult,
}

fn plain_rtgs() -> Config {
    Config {
        ticks_per_day: 10,
        num_days: 1,
        rng_seed: 1,
        agents: Vec::new(),
        cost_rates: CostRates {
            overdraft_bps_per_tick: Rate(0),
            delay_cost_per_tick_per_cent: Rate(0),
            eod_penalty_per_transaction: Rate(0),
            deadline_penalty: Rate(0),
            split_friction_cost: Rate(0),
        },
        lsm: LsmConfig { bilateral: false, cycles: false, ..LsmConfig::default() },
        settlement: SettlementConfig::default(),
        unsettled: Unsettled::CarryOver,
        events: EventLevel::Full,
        scenario_events: Vec::new(),
        timetable: TimetableConfig::default(),
        credit: CreditRules::default(),
        ancillary_batches: Vec::new(),
    }
}

impl Story {
    fn line(&mut self, words: &mut Words<'_>) -> Told {
        let word = words.word()?;
        match word {
            "agent" => self.agent(words)?,
            "ticks" => {
                self.config.ticks_per_day = words.number()?;
                self.config.num_days = words.optional("days", 1)?;
            }
            "discipline" | "bands" | "crediting" | "unsettled" | "offset" | "rate" => self.rule(word, words)?,
            "pay" => self.pay(words)?.map_err(|error| error.to_string())?,
            "at" => self.schedule(words)?.map_err(|error| error.to_string())?,
            "refused" => self.refused(words)?,
            "tick" => {
                let ticks = if words.rest.is_empty() { 1 } else { words.number()? };
                self.run(Some(ticks))?;
            }
            "run" => self.run(None)?,
            "expect" => self.expect(words)?,
            _ => return Err(format!("no such line: {word}")),
        }
        words.end()
    }

    fn agent(&mut self, words: &mut Words<'_>) -> Told {
        let id = words.word()?.into();
        let opening_balance = Cents(words.number()?);
        let credit_limit = Cents(words.optional("credit", 0)?);
        let policy = policy(words)?;
        let sender_limits = SenderLimits::default();
        self.config.agents.push(AgentConfig {
            id,
            opening_balance,
            credit_limit,
            policy,
            arrivals: None,
            sender_limits,
            reservations: Reservations::default(),
            credit: AgentCredit::default(),
            escalation: Vec::new(),
        });
        Ok(())
    }

    fn rule(&mut self, rule: &str, words: &mut Words<'_>) -> Told {
        let settlement = &mut self.config.settlement;
        match rule {
            "bands" => {
                settlement.priority_bands = Vec::new();
                while let Some(word) = words.next() {
                    settlement.priority_bands.push(band(word)?);
                }
            }
            "offset" => self.config.lsm = offsetting(words)?,
            "rate" => self.rate(words)?,
            _ => match (rule, words.word()?) {
                ("discipline", "bypass") => settlement.discipline = Discipline::Bypass,
                ("discipline", "fifo") => settlement.discipline = Discipline::Fifo,
                ("discipline", "priority") => settlement.discipline = Discipline::Priority,
                ("crediting", "immediate") => settlement.crediting = Crediting::Immediate,
                ("crediting", "deferred") => settlement.crediting = Crediting::Deferred,
                ("unsettled", "carry_over") => self.config.unsettled = Unsettled::CarryOver,
                ("unsettled", "cancel") => self.config.unsettled = Unsettled::Cancel,
                (_, word) => return Err(format!("{rule} cannot be {word}")),
            },
        }
        Ok(())
    }

    fn rate(&mut self, words: &mut Words<'_>) -> Told {
        let rates = &mut self.config.cost_rates;
        let rate = match words.word()? {
            "overdraft" => &mut rates.overdraft_bps_per_tick,
            "delay" => &mut rates.delay_cost_per_tick_per_cent,
            "deadline" => &mut rates.deadline_penalty,
            "eod" => &mut rates.eod_penalty_per_transaction,
            "split" => &mut rates.split_friction_cost,
            word => return Err(format!("no such rate: {word}")),
        };
        *rate = Rate(decimal(words.word()?, RATE_DECIMALS)?);
        Ok(())
    }

    fn simulation(&mut self) -> &mut Simulation {
        self.simulation.get_or_insert_with(|| Simulation::new(self.config.clone()))
    }

    fn pay(&mut self, words: &mut Words<'_>) -> Result<Result<(), Error>, String> {
        let told = payment(words)?;
        if told.id.is_some() {
            return Err("only a scheduled payment brings an id".to_owned());
        }
        Ok(self.simulation().submit(&told.order).map(|_| ()))
    }

    fn schedule(&mut self, words: &mut Words<'_>) -> Result<Result<(), Error>, String> {
        let tick: i64 = words.number()?;
        if !words.has("pay") {
            return Err("at TICK pay ...".to_owned());
        }
        let told = payment(words)?;
        let simulation = self.simulation();
        let place = |name: &str| {
            simulation.agents().find(name).map(engine::ids::AgentIndex::at).ok_or(format!("who is {name}?"))
        };
        let mut batch = Batch {
            senders: parties(std::iter::once(place(told.order.sender)?)),
            receivers: parties(std::iter::once(place(told.order.receiver)?)),
            ..Batch::default()
        };
        batch.amount = vec![told.order.amount];
        batch.submit_tick = Some(vec![tick]);
        batch.deadline_tick = Some(vec![told.order.deadline_tick.unwrap_or(MISSING)]);
        batch.priority = Some(vec![told.order.priority]);
        batch.divisible = Some(vec![told.order.divisible]);
        if let Some(id) = told.id {
            let mut given = GivenColumn::default();
            given.texts.push(id);
            batch.transaction_id = Some(given);
        }
        Ok(simulation.submit_batch(&batch).map(|_| ()))
    }

    fn refused(&mut self, words: &mut Words<'_>) -> Told {
        let before = self.simulation().state_hash();
        let outcome = match words.word()? {
            "pay" => self.pay(words)?,
            "at" => self.schedule(words)?,
            word => return Err(format!("what is {word}?")),
        };
        if outcome.is_ok() {
            return Err("it was accepted".to_owned());
        }
        same("the state", self.simulation().state_hash(), before)
    }

    fn run(&mut self, ticks: Option<u32>) -> Told {
        let outcome = self.simulation().run(ticks, &mut || true);
        self.last = outcome.map_err(|error| error.to_string())?;
        Ok(())
    }

    fn expect(&mut self, words: &mut Words<'_>) -> Told {
        match words.word()? {
            "settled" => self.expect_settled(words),
            status @ ("pending" | "queued" | "dropped") => {
                let row = self.transaction(words.word()?)?;
                same("status", row.status, status)?;
                same("tick of settlement", row.settle, None)
            }
            "order" => {
                let settled = self.events().into_iter().filter(|event| event.kind == "settled");
                let found: Vec<String> = settled.map(|event| event.id).collect();
                same("order of settlement", found.join(" "), std::mem::take(&mut words.rest).to_owned())
            }
            "amounts" => {
                let parent = words.word()?;
                let parts = self.transactions().into_iter().filter(|row| row.parent == parent);
                let found: Vec<String> = parts.map(|row| row.amount.to_string()).collect();
                same("parts", found.join(" "), std::mem::take(&mut words.rest).to_owned())
            }
            "history" => {
                let id = words.word()?;
                let kinds: Vec<&str> =
                    self.events().into_iter().filter(|event| event.id == id).map(|event| event.kind).collect();
                same("history", kinds.join(" "), std::mem::take(&mut words.rest).to_owned())
            }
            "counts" => self.expect_counts(words),
            word => self.expect_number(word, words),
        }
    }

    fn expect_settled(&mut self, words: &mut Words<'_>) -> Told {
        let row = self.transaction(words.word()?)?;
        same("status", row.status, "settled")?;
        if words.has("by") {
            same("what follows 'by'", words.word()?, "parts")?;
            same("method", row.method, None)?;
        } else {
            same("method", row.method, Some(words.word()?))?;
        }
        if words.has("at") { same("tick of settlement", row.settle, Some(words.number()?)) } else { Ok(()) }
    }

    fn expect_counts(&mut self, words: &mut Words<'_>) -> Told {
        let last = self.last;
        let counted =
            [("arrivals", last.num_arrivals), ("settlements", last.num_settlements), ("offset", last.num_lsm_releases)];
        for (word, found) in counted {
            if words.has(word) {
                same(word, found, words.number()?)?;
            }
        }
        Ok(())
    }

    fn expect_number(&mut self, word: &str, words: &mut Words<'_>) -> Told {
        match word {
            "queue1" => {
                let agent = self.find(words.word()?)?;
                same("Queue 1", self.simulation().queue1_size(agent), words.number()?)
            }
            "queue2" => same("Queue 2", self.simulation().queue2_size(), words.number()?),
            "cost" => {
                let agent = self.find(words.word()?)?;
                let kind = words.word()?;
                let place = COST_KINDS.iter().position(|known| *known == kind).ok_or(format!("no kind {kind}"))?;
                let found = self.simulation().agent_row(agent).costs[place];
                same("exact cost", found, decimal(words.word()?, COST_DECIMALS)?)
            }
            "total" => same("cents accrued", self.last.total_cost, words.number()?),
            name => {
                let agent = self.find(name)?;
                same("balance", self.simulation().balance(agent), words.number()?)
            }
        }
    }

    fn find(&mut self, name: &str) -> Result<engine::ids::AgentIndex, String> {
        self.simulation().agents().find(name).ok_or(format!("who or what is {name}?"))
    }

    fn transaction(&mut self, id: &str) -> Result<Transaction, String> {
        let found = self.simulation().transaction(id).ok_or(format!("there is no {id}"))?;
        transactions(&[found]).pop().ok_or(format!("there is no row of {id}"))
    }

    fn transactions(&mut self) -> Vec<Transaction> {
        transactions(&self.simulation().transaction_rows())
    }

    fn events(&mut self) -> Vec<Event> {
        events(&self.simulation().event_rows())
    }

    /// What a reader of a failure wants to see.
    fn describe(&mut self) -> String {
        let names: BTreeMap<u32, String> =
            (0..).zip(self.simulation().agents().iter().map(ToOwned::to_owned)).collect();
        let events = self.events();
        let line = |event: &Event| {
            let who = names.get(&event.agent.0).map_or("-", String::as_str);
            let method = event.method.unwrap_or_default();
            format!("  tick {} {} {} {who} {} {method}", event.tick, event.kind, event.id, event.amount)
        };
        events.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it reads better where it is called")]
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Told {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}")) }
}

fn policy(words: &mut Words<'_>) -> Result<Policy, String> {
    let until = |words: &mut Words<'_>| words.optional("until", 0);
    Ok(match words.next() {
        None => Policy::Fifo,
        Some("hold") => Policy::Deadline { urgency_threshold: until(words)? },
        Some("keep") => {
            Policy::LiquidityAware { target_buffer: Cents(words.number()?), urgency_threshold: until(words)? }
        }
        Some("split") => Policy::LiquiditySplitting {
            max_splits: words.number()?,
            min_split_amount: Cents(words.number()?),
            urgency_threshold: until(words)?,
        },
        Some("divide") => Policy::FixedSplitting { num_splits: words.number()? },
        Some(word) => return Err(format!("no such policy: {word}")),
    })
}

fn offsetting(words: &mut Words<'_>) -> Result<LsmConfig, String> {
    let (bilateral, cycles) = match words.word()? {
        "nothing" => (false, false),
        "pairs" => (true, false),
        "cycles" => (false, true),
        "both" => (true, true),
        word => return Err(format!("cannot offset {word}")),
    };
    Ok(LsmConfig {
        bilateral,
        cycles,
        max_iterations: words.optional("iterations", 3)?,
        max_cycle_length: words.optional("length", 4)?,
        max_cycles_per_tick: words.optional("count", 10)?,
    })
}

fn band(word: &str) -> Result<(u8, u8), String> {
    let (low, high) = word.split_once('-').ok_or(format!("{word} is no band"))?;
    Ok((low.parse().map_err(|_| "no priority")?, high.parse().map_err(|_| "no priority")?))
}

fn payment<'a>(words: &mut Words<'a>) -> Result<Payment<'a>, String> {
    let mut order = Order {
        sender: words.word()?,
        receiver: words.word()?,
        amount: words.number()?,
        deadline_tick: None,
        priority: 5,
        divisible: false,
        link: None,
        link_legs: MISSING,
        earliest_debit_tick: None,
        latest_debit_tick: None,
    };
    let mut id = None;
    while let Some(word) = words.next() {
        match word {
            "deadline" => order.deadline_tick = Some(words.number()?),
            "priority" => order.priority = words.number()?,
            "divisible" => order.divisible = true,
            "id" => id = Some(words.word()?),
            word => return Err(format!("what is {word}?")),
        }
    }
    Ok(Payment { order, id })
}

/// A decimal number in units of its last of so many decimals.
fn decimal(word: &str, decimals: u32) -> Result<i128, String> {
    let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
    let width = usize::try_from(decimals).unwrap();
    format!("{whole}{fraction:0<width$}").parse().map_err(|_| format!("'{word}' is no decimal"))
}
