//! Transactions that are submitted as legs of a link.

use std::collections::BTreeMap;

use super::Links;
use crate::batch::{Batch, ID_BYTES_MAX, MISSING, Problems};
use crate::error::{LinkRefusal, Refusal};
use crate::ids::{Slot, narrow};
use crate::simulation::Simulation;

/// How many legs a link has that does not say.
pub const LINK_LEGS_DEFAULT: i64 = 2;

/// The most legs of a link.
pub const LINK_LEGS_MAX: i64 = 10_000;

/// How many legs links have, and how many of them are known: by name, with those of the same batch.
type Known<'a> = BTreeMap<&'a str, (u32, u32)>;

impl Links {
    /// A transaction becomes a leg of the link with a name, of so many legs.
    fn join(&mut self, (slot, id): (Slot, &str), (name, size): (&str, u32), is_open: bool) {
        let number = self.by_name.get(name).copied().unwrap_or_else(|| self.add(name, size, None));
        self.put(number, slot, id);
        if !is_open {
            self.dropped(slot);
        }
    }
}

impl Simulation {
    /// Whether a transaction may be a leg of a link; returns how many legs that has.
    pub(crate) fn check_link<'a>(
        &self,
        (name, legs): (&'a str, i64),
        divisible: bool,
        known: &mut Known<'a>,
    ) -> Result<u32, LinkRefusal> {
        let legs = if legs == MISSING { LINK_LEGS_DEFAULT } else { legs };
        let Some(size) = u32::try_from(legs).ok().filter(|_| (2..=LINK_LEGS_MAX).contains(&legs)) else {
            return Err(LinkRefusal::LinkLegs { legs, most: LINK_LEGS_MAX });
        };
        if name.is_empty() {
            return Err(LinkRefusal::EmptyLink);
        }
        if name.len() > ID_BYTES_MAX {
            return Err(LinkRefusal::LongLink { start: name.chars().take(40).collect(), bytes_max: ID_BYTES_MAX });
        }
        if divisible {
            return Err(LinkRefusal::LinkDivisible { link: name.to_owned() });
        }
        let of_run = || self.book.links.as_ref().and_then(|links| links.named(name));
        let (expected, so_far) =
            known.entry(name).or_insert_with(|| of_run().map_or((size, 0), |link| (link.size, link.known)));
        if *expected != size {
            return Err(LinkRefusal::LinkSize { link: name.to_owned(), legs, expected: *expected });
        }
        if *so_far == size {
            return Err(LinkRefusal::LinkFull { link: name.to_owned(), legs: size });
        }
        *so_far += 1;
        Ok(size)
    }

    /// Checks the links of a batch, of rows that are not bad already.
    #[cold]
    pub(crate) fn check_links(&self, batch: &Batch, problems: &mut Problems) {
        let mut known = Known::new();
        for (row, link) in batch.links() {
            let divisible = batch.divisible.as_ref().is_some_and(|divisible| divisible[row]);
            if let Err(refusal) = self.check_link(link, divisible, &mut known) {
                problems.add_once(row, Refusal::Link(Box::new(refusal)));
            }
        }
    }

    /// Accepted rows of a batch, of which the first has become this one, become legs.
    #[cold]
    pub(crate) fn join_links(&mut self, batch: &Batch, first: Slot) {
        for (row, (name, legs)) in batch.links() {
            self.join_link(Slot(first.0 + narrow(row)), name, legs);
        }
        self.drop_broken_between_ticks();
    }

    /// An accepted transaction becomes a leg.
    pub(crate) fn join_link(&mut self, slot: Slot, name: &str, legs: i64) {
        let legs = if legs == MISSING { LINK_LEGS_DEFAULT } else { legs };
        let is_open = self.book.transactions.is_open(slot);
        let id = self.id_text(self.book.transactions.terms(slot).id());
        let links = self.book.links.get_or_insert_default();
        // Checked before.
        links.join((slot, &id), (name, u32::try_from(legs).unwrap_or(u32::MAX)), is_open);
    }

    /// What was submitted for a link that lost a leg, or lost one by it, is dropped before the next tick begins.
    pub(crate) fn drop_broken_between_ticks(&mut self) {
        let broken = self.book.links.as_ref().is_some_and(|links| !links.broken.is_empty());
        if broken {
            let now = self.clock.now();
            self.book.totals.tick = now;
            self.book.log.begin(now);
            self.drop_broken();
            self.book.transactions.digest_closed();
        }
    }
}

impl Batch {
    /// The rows that are legs, with the name of their link and how many legs it has.
    fn links(&self) -> impl Iterator<Item = (usize, (&str, i64))> {
        let column = self.link.as_ref();
        column.into_iter().flat_map(move |column| {
            let rows = (0..column.texts.len()).filter(|row| !column.is_missing(*row));
            let legs = |row: usize| self.link_legs.as_ref().map_or(MISSING, |legs| legs[row]);
            rows.map(move |row| (row, (column.texts.get(narrow(row)), legs(row))))
        })
    }
}
