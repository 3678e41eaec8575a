//! Collateral: what agents have posted, and the credit that it secures after haircuts.
//!
//! It acts in one place, the floor of an account; nothing asks for it when transactions settle.

use crate::clock::Tick;
use crate::config::Config;
use crate::ids::AgentIndex;
use crate::memory;
use crate::money::Rate;
use crate::stored::stored_struct;

/// How much of an asset an agent has posted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Holding {
    /// As a place in the configuration.
    asset: u32,
    value: i64,
    /// When some of it was posted last; none for what was there before the run.
    posted: Option<Tick>,
}

stored_struct!(Holding { asset, value, posted });

/// The collateral of all agents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Collateral {
    /// By asset.
    haircuts: Vec<Rate>,
    /// By agent, each agent's by asset.
    holdings: Vec<Vec<Holding>>,
    /// What each agent's holdings secure.
    credit: Vec<i64>,
    minimum_holding_ticks: u32,
}

/// What does not follow from the configuration.
pub(crate) struct StoredCollateral {
    haircuts: Vec<Rate>,
    holdings: Vec<Vec<Holding>>,
}

stored_struct!(StoredCollateral { haircuts, holdings });

impl Collateral {
    /// The collateral before the run; `None` where nothing may secure credit.
    pub(crate) fn new(config: &Config) -> Option<Box<Self>> {
        if config.credit.assets.is_empty() {
            return None;
        }
        let holding =
            |(asset, value): &(u32, crate::money::Cents)| Holding { asset: *asset, value: value.0, posted: None };
        let mut collateral = Self {
            haircuts: config.credit.assets.iter().map(|asset| asset.haircut).collect(),
            holdings: config.agents.iter().map(|agent| agent.credit.collateral.iter().map(holding).collect()).collect(),
            credit: vec![0; config.agents.len()],
            minimum_holding_ticks: config.credit.minimum_holding_ticks,
        };
        collateral.assess_all();
        Some(Box::new(collateral))
    }

    /// What an agent's holdings secure.
    pub(crate) fn credit(&self, agent: AgentIndex) -> i64 {
        self.credit[agent.at()]
    }

    fn assess_all(&mut self) {
        for (credit, holdings) in self.credit.iter_mut().zip(&self.holdings) {
            *credit = assess(holdings, &self.haircuts);
        }
    }

    /// More of an asset is there from this tick on.
    pub(crate) fn post(&mut self, agent: AgentIndex, asset: u32, value: i64, tick: Tick) {
        let holdings = &mut self.holdings[agent.at()];
        match holdings.binary_search_by_key(&asset, |holding| holding.asset) {
            Ok(place) => {
                holdings[place].value += value;
                holdings[place].posted = Some(tick);
            }
            Err(place) => holdings.insert(place, Holding { asset, value, posted: Some(tick) }),
        }
        self.credit[agent.at()] = assess(holdings, &self.haircuts);
    }

    /// Takes as much of an asset as there is, up to `value`, if what stays secures at least `needed`; returns whether
    /// anything was taken.
    pub(crate) fn withdraw(&mut self, agent: AgentIndex, asset: u32, value: i64, needed: i64, tick: Tick) -> bool {
        let holdings = &mut self.holdings[agent.at()];
        let Ok(place) = holdings.binary_search_by_key(&asset, |holding| holding.asset) else { return false };
        let before = holdings[place];
        let held_back = before.posted.is_some_and(|posted| tick - posted < self.minimum_holding_ticks);
        if before.value == 0 || held_back {
            return false;
        }
        holdings[place].value -= value.min(before.value);
        let credit = assess(holdings, &self.haircuts);
        if credit < needed {
            holdings[place] = before;
            return false;
        }
        self.credit[agent.at()] = credit;
        true
    }

    /// What an agent has posted of an asset loses a share of its value.
    pub(crate) fn devalue(&mut self, agent: AgentIndex, asset: u32, share: Rate) {
        let holdings = &mut self.holdings[agent.at()];
        for holding in holdings.iter_mut().filter(|holding| holding.asset == asset) {
            holding.value = share.left_of(holding.value);
        }
        self.credit[agent.at()] = assess(holdings, &self.haircuts);
    }

    /// An asset has another haircut.
    pub(crate) fn set_haircut(&mut self, asset: u32, haircut: Rate) {
        self.haircuts[asset as usize] = haircut;
        self.assess_all();
    }

    /// What is to be kept of it.
    pub(crate) fn stored(&self) -> StoredCollateral {
        StoredCollateral { haircuts: self.haircuts.clone(), holdings: self.holdings.clone() }
    }

    /// Goes on from what was kept; returns whether that can be of this run, in which all of it is worth
    /// `most` cents at most.
    pub(crate) fn restore(&mut self, stored: &StoredCollateral, now: Tick, most: i128) -> bool {
        let assets = self.haircuts.len();
        let holds = |holding: &Holding| {
            (holding.asset as usize) < assets && holding.value >= 0 && holding.posted.is_none_or(|tick| tick < now)
        };
        let in_order = |holdings: &Vec<Holding>| {
            holdings.iter().all(holds) && holdings.is_sorted_by(|left, right| left.asset < right.asset)
        };
        let values = stored.holdings.iter().flatten().map(|holding| i128::from(holding.value));
        let sound = stored.haircuts.len() == assets
            && stored.haircuts.iter().all(|haircut| haircut.is_share())
            && stored.holdings.len() == self.holdings.len()
            && stored.holdings.iter().all(in_order)
            && values.sum::<i128>() <= most;
        if sound {
            self.haircuts.clone_from(&stored.haircuts);
            self.holdings.clone_from(&stored.holdings);
            self.assess_all();
        }
        sound
    }

    /// The memory that it takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let holdings: usize = self.holdings.iter().map(memory::of).sum();
        size_of::<Self>()
            + holdings
            + memory::of(&self.haircuts)
            + memory::of(&self.holdings)
            + memory::of(&self.credit)
    }
}

/// What holdings secure: of each asset what its haircut leaves, rounded down.
fn assess(holdings: &[Holding], haircuts: &[Rate]) -> i64 {
    holdings.iter().map(|holding| haircuts[holding.asset as usize].left_of(holding.value)).sum()
}
