//! The lists `throughput` and `settlement.cut_offs`.

use super::PRIORITY_MAX;
use super::path::Path;
use super::problem::{ProblemKind, Problems};
use super::section::{Section, Shown, read_pair};
use crate::config::Value;
use crate::config::timetable::{CutOff, CutOffAction, Guideline, SHARE_ONE, TimetableConfig};
use crate::money::{RATE_DECIMALS, Rate};

const CUT_OFF_KEYS: &[&str] = &["after", "priorities", "action"];
const ACTIONS: &[(&str, CutOffAction)] = &[("reject", CutOffAction::Reject), ("next_day", CutOffAction::NextDay)];
const GUIDELINE_KEYS: &[&str] = &["by", "share", "penalty"];

/// A ten-thousandth in the units of a rate.
const TEN_THOUSANDTH: i128 = 10_i128.pow(RATE_DECIMALS - 4);

/// Everything that goes by the tick of the day.
pub(super) fn read_timetable(root: &Section<'_>, ticks_per_day: u32, problems: &mut Problems) -> TimetableConfig {
    TimetableConfig {
        throughput: read_throughput(root, ticks_per_day, problems),
        cut_offs: read_cut_offs(root, ticks_per_day, problems),
    }
}

fn read_cut_offs(root: &Section<'_>, ticks_per_day: u32, problems: &mut Problems) -> Vec<CutOff> {
    // What is wrong with the section itself is noted where its other keys are read.
    let Some(value @ Value::Map(_)) = root.get("settlement") else { return Vec::new() };
    let place = root.path_of("settlement");
    let Some(settlement) = Section::open(value, place, problems) else { return Vec::new() };
    let key = "cut_offs";
    let Some(items) = settlement.optional_list(key, "a list of cut-off times", problems) else { return Vec::new() };
    let list = settlement.path_of(key);
    let mut cut_offs: Vec<CutOff> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let path = Path::Item(&list, at, None);
        let Some(cut_off) = read_cut_off(item, path, ticks_per_day, problems) else { continue };
        let (low, high) = cut_off.priorities;
        let overlaps = |other: &&CutOff| low <= other.priorities.1 && other.priorities.0 <= high;
        if let Some(CutOff { priorities: (other_low, other_high), .. }) = cut_offs.iter().find(overlaps) {
            let message = format!("{path}.priorities [{low}, {high}] overlaps with [{other_low}, {other_high}]");
            problems.note(ProblemKind::Value, message);
        }
        cut_offs.push(cut_off);
    }
    cut_offs
}

fn read_cut_off(item: &Value, path: Path<'_>, ticks_per_day: u32, problems: &mut Problems) -> Option<CutOff> {
    let section = Section::of(item, path, CUT_OFF_KEYS, problems)?;
    let key = "priorities";
    let most = u32::from(PRIORITY_MAX);
    let pair = section.get(key).and_then(|pair| read_pair(pair, section.path_of(key), 0, most, problems));
    let (low, high) = pair.unwrap_or((0, most));
    let narrowed = |priority| u8::try_from(priority).unwrap_or(PRIORITY_MAX);
    Some(CutOff {
        after: section.count("after", 0, ticks_per_day.max(1) - 1, None, problems),
        priorities: (narrowed(low), narrowed(high)),
        action: section.choice("action", ACTIONS, CutOffAction::Reject, problems),
    })
}

fn read_throughput(root: &Section<'_>, ticks_per_day: u32, problems: &mut Problems) -> Vec<Guideline> {
    let key = "throughput";
    let Some(items) = root.optional_list(key, "a list of guidelines", problems) else { return Vec::new() };
    let list = root.path_of(key);
    let mut guidelines: Vec<Guideline> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let path = Path::Item(&list, at, None);
        let Some(guideline) = read_guideline(item, path, ticks_per_day, problems) else { continue };
        if let Some(last) = guidelines.last().filter(|last| last.by >= guideline.by) {
            let message =
                format!("{path}.by must be after the {} of the guideline before, not {}", last.by, guideline.by);
            problems.note(ProblemKind::Value, message);
        }
        guidelines.push(guideline);
    }
    guidelines
}

fn read_guideline(item: &Value, path: Path<'_>, ticks_per_day: u32, problems: &mut Problems) -> Option<Guideline> {
    let section = Section::of(item, path, GUIDELINE_KEYS, problems)?;
    Some(Guideline {
        by: section.count("by", 0, ticks_per_day.max(1) - 1, None, problems),
        share: read_share(&section, problems),
        penalty: section.rate("penalty", Rate::default(), problems),
    })
}

/// A share of more than 0 and at most 1, in ten-thousandths.
fn read_share(section: &Section<'_>, problems: &mut Problems) -> u32 {
    let key = "share";
    let Some(value) = section.required(key, problems) else { return SHARE_ONE };
    let before = problems.len();
    let share = section.rate(key, Rate::default(), problems).0;
    let whole = u32::try_from(share / TEN_THOUSANDTH).ok().filter(|whole| (1..=SHARE_ONE).contains(whole));
    match whole {
        Some(whole) if share % TEN_THOUSANDTH == 0 => whole,
        _ if problems.len() > before => SHARE_ONE,
        _ => {
            let wanted = "must be a share of more than 0 and at most 1, with at most four decimals";
            problems.note(ProblemKind::Value, format!("{} {wanted}, not {}", section.path_of(key), Shown(value)));
            SHARE_ONE
        }
    }
}
