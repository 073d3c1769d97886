//! Step 1, identify: the first state whose rule is true.

use crate::engine::{Builder, Choice, Mask, Reg, Segment, Text};
use crate::expr::Value;
use crate::pack::{Pack, Track};

use super::{RowValues, holds, segments};

pub(super) struct Columns {
    choice: Choice,
    pub(super) state: Text,
    pub(super) track: Text,
    /// Rows on each track, in the order of [`Track::ALL`].
    pub(super) on_track: [Mask; 4],
}

pub(super) fn columns(pack: &Pack, b: &mut Builder, kept: Mask) -> Columns {
    let rules: Vec<_> = pack.states.iter().map(|s| s.when.as_ref().map(|w| &w.expr)).collect();
    let choice = b.first_match(&rules, kept);
    let names: Vec<Option<&str>> = pack.states.iter().map(|s| Some(s.state.as_str())).collect();
    let tracks: Vec<Option<&str>> = pack.states.iter().map(|s| s.track.map(Track::word)).collect();
    let state = b.choice_text(choice, &names);
    let track = b.choice_text(choice, &tracks);
    b.bind(pack.decided.state, Reg::Text(state));
    b.bind(pack.decided.track, Reg::Text(track));
    // Read from the column that is shown, not from the choice behind it: so whoever has the column need not choose again.
    let on_track = Track::ALL.map(|on| match pack.states.iter().any(|s| s.track == Some(on)) {
        true => b.text_is(track, on.word()),
        false => b.or(&[]),
    });
    Columns { choice, state, track, on_track }
}

impl Columns {
    pub(super) fn on(&self, track: Track) -> Mask {
        let [termination, recovery, prevention, second_life] = self.on_track;
        match track {
            Track::Termination => termination,
            Track::Recovery => recovery,
            Track::Prevention => prevention,
            Track::SecondLife => second_life,
        }
    }

    pub(super) fn sentences(&self, pack: &Pack, b: &mut Builder) -> Vec<(Mask, Vec<Segment>)> {
        pack.states
            .iter()
            .enumerate()
            .filter(|(_, s)| !s.because.parts.is_empty())
            .map(|(i, s)| (b.chosen(self.choice, i), segments(&s.because)))
            .collect()
    }
}

pub(super) fn row(pack: &Pack, values: &mut RowValues) -> Option<usize> {
    let found = pack.states.iter().position(|s| holds(pack, s.when.as_ref(), values));
    let rule = found.and_then(|i| pack.states.get(i));
    let text = |t: Option<&str>| t.map_or(Value::Missing, Value::text);
    values.set(pack.decided.state, text(rule.map(|s| s.state.as_str())));
    values.set(pack.decided.track, text(rule.and_then(|s| s.track).map(Track::word)));
    found
}
