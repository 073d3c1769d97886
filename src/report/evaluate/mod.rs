//! An evaluation on a terminal and as JSON: what was done first, then whether it can be believed, then what the contacts did.

mod curve;
mod json;
mod table;
mod words;

pub use json::to_json;

use super::frame::page;
use crate::draw::{Paint, Role, amount, clean, count, share, wrap};
use crate::evaluate::{Effect, Evaluation, Kpis};
use crate::pack::Pack;
use crate::plan::read::Receipt;
use words::{Words, rate, ratio, span};

/// Longer lines of prose are hard to read, however wide the terminal is.
const WIDEST: usize = 110;

/// The whole evaluation in lines of at most `columns`, ending in a line break. Made for 80 to 200 columns.
#[must_use]
pub fn render(evaluation: &Evaluation, receipt: &Receipt, pack: &Pack, columns: usize, color: bool) -> String {
    let draw = Draw {
        evaluation,
        words: Words::new(pack, evaluation),
        paint: Paint::new(color),
        columns: columns.clamp(72, 240),
    };
    let mut blocks = vec![draw.header(receipt, pack), draw.done()];
    // Whether the arms are what they should be comes before every comparison of them.
    blocks.push(draw.mismatches());
    blocks.push(draw.changed());
    blocks.extend(evaluation.families.iter().map(|family| draw.family(family)));
    blocks.push(draw.curves());
    blocks.push(draw.method());
    page(blocks)
}

/// Draws one evaluation.
struct Draw<'a> {
    evaluation: &'a Evaluation,
    words: Words<'a>,
    paint: Paint,
    columns: usize,
}

impl Draw<'_> {
    fn prose(&self, role: Role, text: &str) -> Vec<String> {
        let lines = wrap(text, self.columns.min(WIDEST));
        lines.iter().map(|line| self.paint.apply(role, line)).collect()
    }

    fn header(&self, receipt: &Receipt, pack: &Pack) -> Vec<String> {
        let name = format!("{} {}", clean(&pack.identity.name), clean(&pack.identity.version));
        let hash = pack.identity.hash.get(..8).unwrap_or(&pack.identity.hash);
        let made = receipt.as_of.map_or_else(String::new, |day| format!(" · plan of {day}"));
        let rest = format!(" · {hash}{made} · outcomes as of {}", self.evaluation.as_of);
        vec![format!("{}{}", self.paint.strong(&name), self.paint.dim(&rest))]
    }

    /// What was done, and what came back.
    fn done(&self) -> Vec<String> {
        let counts = &self.evaluation.counts;
        let Kpis { contacted, won_back, regain_rate, revenue, cost, regain_profit, regain_return, .. } =
            self.evaluation.kpis;
        let mut lines = vec![self.paint.strong("What was done, and what came back")];
        let mut first = format!(
            "{} planned: {} contacted, {} held out",
            count(counts.planned),
            count(contacted),
            count(self.evaluation.whole.held_out.of)
        );
        if counts.not_yet > 0 {
            first.push_str(&format!(", {} not yet", count(counts.not_yet)));
        }
        lines.extend(self.prose(Role::Plain, &first));
        if let Some((regained, interval)) = regain_rate {
            let text = format!(
                "regain rate {}: {} of {} contacted were won back ({})",
                rate(regained),
                count(won_back),
                count(contacted),
                words::rates(interval)
            );
            lines.extend(self.prose(Role::Plain, &text));
        }
        if let Some(profit) = regain_profit {
            let earned = regain_return.map_or_else(String::new, |x| format!(", {} for each 1 spent", amount(x)));
            let of = revenue.map_or_else(String::new, |x| format!("revenue {}, ", self.words.money(x)));
            let text = format!(
                "{of}spent {}; regain profit {}{earned}, with those who would have come anyway",
                self.words.money(cost),
                self.words.money(profit)
            );
            lines.extend(self.prose(Role::Plain, &text));
        }
        for remark in self.words.remarks(self.evaluation) {
            lines.extend(self.prose(Role::Dim, &remark));
        }
        lines
    }

    fn mismatches(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (column, row) in self.evaluation.mismatches() {
            if lines.is_empty() {
                let text = "The arms are not of the size they should be: something other than chance has sorted customers. \
                            Find out what before any lift is believed.";
                lines.extend(self.prose(Role::Bad, text));
            }
            let Some(found) = row.ratio else { continue };
            let who = match column {
                "" => "the whole plan".to_owned(),
                column => format!("{column} {}", self.words.label(column, &row.name)),
            };
            let text = format!(
                "- {who}: {} contacted where {} were to be expected (sample-ratio check, p {})",
                count(found.observed),
                count(found.expected.round() as u64),
                words::probability(found.p)
            );
            lines.extend(self.prose(Role::Bad, &text));
        }
        lines
    }

    /// The plan as a whole, in sentences.
    fn changed(&self) -> Vec<String> {
        let whole = &self.evaluation.whole;
        let mut lines = vec![self.paint.strong("What the contacts changed")];
        if !self.evaluation.has_holdout() {
            let text = "Nobody was held out, so nothing can be said about the effect: some of those who came back would have come \
                        anyway, and only customers who are not contacted show how many. Give the plan a holdout: `holdout = 0.1` in \
                        `[plan]` or in a campaign.";
            lines.extend(self.prose(Role::Warn, text));
            return lines;
        }
        let verdict = self.words.verdict(&whole.verdict);
        let Some(effect) = whole.effect else {
            lines.extend(self.prose(words::role(&whole.verdict), &format!("{}.", words::sentence(&verdict))));
            return lines;
        };
        lines.extend(self.prose(Role::Plain, &lift_sentence(&effect, words::has_answer(&whole.verdict))));
        let said = format!("{}{}.", words::sentence(&verdict), words::pays(&whole.verdict, effect.worth));
        lines.extend(self.prose(words::role(&whole.verdict), &said));
        if words::has_answer(&whole.verdict) {
            lines.extend(self.money_sentences(&effect));
        } else if let Some(worth) = effect.worth {
            let text = format!("Incremental profit: {}.", span(worth.interval, |x| self.words.money(x)));
            lines.extend(self.prose(Role::Plain, &text));
        }
        lines
    }

    fn money_sentences(&self, effect: &Effect) -> Vec<String> {
        let mut lines = Vec::new();
        let (returns, interval) = effect.returns;
        let mut text =
            format!("That is {} returns ({})", amount(returns.round()), span(interval, |x| amount(x.round())));
        if let Some((anyway, interval)) = effect.anyway {
            text.push_str(&format!(
                "; of those who came back after a contact, {} would have come anyway ({})",
                share(anyway, 1.0),
                // More than all would mean that contacts kept customers away, which the lift says.
                span(interval, |x| share(x.min(anyway.max(1.0)), 1.0))
            ));
        }
        lines.extend(self.prose(Role::Plain, &format!("{text}.")));
        for (what, money) in [("revenue", effect.revenue), ("margin", effect.margin)] {
            let Some(money) = money else { continue };
            let cuped = match money.reduction {
                x if x >= 0.005 => format!("; CUPED took away {} of the variance", share(x, 1.0)),
                _ => String::new(),
            };
            let text = format!(
                "Per customer, {what} {} with a contact and {} without: {} more ({}){cuped}.",
                self.words.money(money.contact),
                self.words.money(money.holdout),
                self.words.money(money.difference),
                span(money.interval, |x| self.words.money(x))
            );
            lines.extend(self.prose(Role::Plain, &text));
        }
        if let Some(worth) = effect.worth {
            let mut text = format!(
                "Incremental profit {} ({})",
                self.words.money(worth.profit),
                span(worth.interval, |x| self.words.money(x))
            );
            if let Some((roi, interval)) = worth.roi {
                let range = interval.map_or_else(String::new, |i| format!(" ({})", span(i, ratio)));
                text.push_str(&format!("; ROI {}{range}: what each 1 spent earned beyond itself", ratio(roi)));
            }
            lines.extend(self.prose(Role::Plain, &format!("{text}.")));
        }
        lines
    }

    /// How to read it, in a few words.
    fn method(&self) -> Vec<String> {
        if !self.evaluation.has_holdout() {
            return Vec::new();
        }
        let settings = &self.evaluation.settings;
        let level = share(1.0 - settings.alpha, 1.0);
        let level = level.replace(".0 %", " %");
        let intervals = if settings.sequential {
            format!("Intervals are always-valid ({level}): they hold however often one looks.")
        } else {
            format!(
                "Intervals ({level}): Newcombe for shares, Welch for money, Fieller for ROI; they hold for one look. Who looks \
                 again and again says `--sequential`."
            )
        };
        let text = format!(
            "{intervals} Effects count as seen after Holm's adjustment within each table. `back`: the share of the contacted who came \
             back; `without`: of those held out; their difference in percentage points is the lift."
        );
        self.prose(Role::Dim, &text)
    }
}

fn lift_sentence(effect: &Effect, answer: bool) -> String {
    let arms = format!(
        "Of 100 contacted {} came back, of 100 held out {}",
        crate::draw::grouped(effect.rate_contact * 100.0, 1),
        crate::draw::grouped(effect.rate_holdout * 100.0, 1)
    );
    if answer {
        let more = if effect.lift < 0.0 { "fewer" } else { "more" };
        let by = crate::draw::grouped((effect.lift * 100.0).abs(), 1);
        return format!("{arms}: with a contact {by} {more} ({} points).", words::signed_span(effect.interval));
    }
    format!("{arms}. The difference may be anything from {} points.", words::signed_span(effect.interval))
}
