//! An evaluation on a terminal and as JSON: what was done first, then whether it can be believed, then what the contacts did.

mod curve;
mod json;
mod table;
mod words;

pub use json::to_json;

use super::frame::page;
use crate::draw::{Paint, Role, amount, clean, count, share, wrap};
use crate::evaluate::{Effect, Evaluation, Kpis, Money, Verdict};
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
        mismatches: mismatches(evaluation, pack),
        words: Words::new(pack, evaluation),
        paint: Paint::new(color),
        columns: columns.clamp(72, 240),
    };
    let mut blocks = vec![draw.header(receipt, pack), draw.done()];
    // Whether the arms are what they should be comes before every comparison of them.
    blocks.push(draw.mismatches.iter().flat_map(|text| draw.prose(Role::Bad, text)).collect());
    blocks.push(draw.changed());
    // Where nobody has returned, there is nothing that a table or a method could be about.
    if !evaluation.nobody_returned() {
        blocks.extend(evaluation.families.iter().map(|family| draw.family(family)));
        blocks.push(draw.curves());
        blocks.push(draw.method());
    }
    page(blocks)
}

/// The sample-ratio checks that failed, in sentences: what they mean first. Nothing if all hold.
#[must_use]
pub fn mismatches(evaluation: &Evaluation, pack: &Pack) -> Vec<String> {
    let words = Words::new(pack, evaluation);
    let mut lines = Vec::new();
    for (column, row) in evaluation.mismatches() {
        if lines.is_empty() {
            lines.push(
                "The arms are not of the size they should be: something other than chance has sorted customers. Find out what \
                 before any lift is believed."
                    .to_owned(),
            );
        }
        let Some(found) = row.ratio else { continue };
        let who = match column {
            "" => "the whole plan".to_owned(),
            column => format!("{column} {}", words.label(column, &row.name)),
        };
        lines.push(format!(
            "- {who}: {} contacted where {} were to be expected (sample-ratio check, p {})",
            count(found.observed),
            count(found.expected.round() as u64),
            words::probability(found.p)
        ));
    }
    lines
}

/// Draws one evaluation.
struct Draw<'a> {
    evaluation: &'a Evaluation,
    mismatches: Vec<String>,
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
        let held_out = count(self.evaluation.whole.held_out.of);
        let mut first = if counts.again > 0 {
            let (rows, customers) = (count(counts.planned), count(counts.customers));
            format!(
                "{rows} contacts of {customers} customers planned: {} customers contacted, {held_out} held out",
                count(contacted)
            )
        } else {
            format!("{} planned: {} contacted, {held_out} held out", count(counts.planned), count(contacted))
        };
        if counts.not_yet > 0 {
            let what = if counts.again > 0 { "contacts not yet" } else { "not yet" };
            first.push_str(&format!(", {} {what}", count(counts.not_yet)));
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

    /// The plan as a whole, in sentences.
    fn changed(&self) -> Vec<String> {
        let whole = &self.evaluation.whole;
        let mut lines = vec![self.paint.strong("What the contacts changed")];
        if self.evaluation.nobody_returned() {
            let counts = &self.evaluation.counts;
            let text = if counts.any_planned() {
                "Nobody has returned yet: nothing can be said about the effect."
            } else if counts.outcomes == 0 {
                "Nobody has returned yet: there is not a single row of outcomes that can be used, so nothing can be said about the effect."
            } else {
                "No outcome belongs to the plan: all are of customers who are not in it. Either nobody has returned yet, or keys are \
                 not written in the same way, or the outcomes are those of another plan. Nothing can be said about the effect."
            };
            lines.extend(self.prose(Role::Warn, text));
            return lines;
        }
        if !self.evaluation.has_holdout() {
            let text = "Nobody was held out, so nothing can be said about the effect: some of those who came back would have come \
                        anyway, and only customers who are not contacted show how many. Give the plan a holdout: `holdout = 0.1` in \
                        `[plan]` or in a campaign.";
            lines.extend(self.prose(Role::Warn, text));
            return lines;
        }
        if whole.verdict == Verdict::NotTrusted {
            let text = "Not to be trusted, so nothing is said: lift, returns brought, profit and Qini curves compare the arms, and these \
                        are not of the size they should be (see above).";
            lines.extend(self.prose(Role::Bad, text));
            return lines;
        }
        if !self.mismatches.is_empty() {
            let text = "Read this with the failed check above in mind: those customers are part of the whole. Qini curves are left out.";
            lines.extend(self.prose(Role::Bad, text));
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
            let text = self.money_sentence(what, &money);
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

    /// Two means and their difference, which is adjusted where a covariate is given: then it is not that of the means.
    fn money_sentence(&self, what: &str, money: &Money) -> String {
        let words = &self.words;
        let more = if money.difference < 0.0 { "less" } else { "more" };
        let means = format!(
            "Per customer, {what} {} with a contact and {} without",
            words.money(money.contact),
            words.money(money.holdout)
        );
        let by =
            format!("{} {more} ({})", words.money(money.difference.abs()), span(money.interval, |x| words.money(x)));
        if !money.adjusted {
            return format!("{means}: {by}.");
        }
        let cuped = match money.reduction {
            x if x >= 0.0005 => format!("CUPED, {} less variance", share(x, 1.0)),
            _ => "CUPED".to_owned(),
        };
        format!("{means} (raw means). Adjusted for {} before the contact ({cuped}): {by}.", words.covariate())
    }

    /// How to read it, in a few words.
    fn method(&self) -> Vec<String> {
        if !self.evaluation.has_holdout() || self.evaluation.whole.verdict == Verdict::NotTrusted {
            return Vec::new();
        }
        let settings = &self.evaluation.settings;
        let level = share(1.0 - settings.alpha, 1.0);
        let level = level.replace(".0 %", " %");
        let intervals = if settings.sequential {
            format!(
                "Intervals of what contacts changed (lift, returns brought, who would have come anyway, money, profit, ROI) are \
                 always-valid ({level}): they hold however often one looks. Those of the regain rate and of Qini coefficients are \
                 not: they hold for one look."
            )
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
