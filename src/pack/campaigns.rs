//! Step 3, what is done: offers, people, channels, campaigns, follow-ups.

use super::{Cap, Cooldown, Rule, Template, Track, Weekdays};
use crate::diag::Span;

/// Something with a label and a help text: an offer, a person.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// A way to reach a customer.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// Must be true for a customer to be contacted through it; `None` if no consent is needed.
    pub consent: Option<Rule>,
    /// A text: the legal basis of a contact, written into the plan.
    pub basis: Option<Rule>,
    /// The day of the consent.
    pub consent_on: Option<Rule>,
    /// Days to wait after a contact by this or another channel.
    pub cooldown: Vec<Cooldown>,
    /// How many contacts there may be by it.
    pub caps: Vec<Cap>,
    /// Days of the week on which it may be used.
    pub weekdays: Weekdays,
    /// What it is, and the legal basis.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// A campaign: which offer, through which channel, when, and who speaks.
///
/// A customer is a candidate if her grade is not let go, `track` fits, `when` is true and the channel's consent is true.
/// Her best candidate is the one with the highest `success * value - cost` (an absent or missing cost counts 0);
/// where `success` or `value` is absent or missing it comes after all that have both. Ties go to the earlier campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// Only customers on this track.
    pub track: Option<Track>,
    /// Who may get it; `None` everybody.
    pub when: Option<Rule>,
    /// A key of [`super::Pack::offers`].
    pub offer: Option<String>,
    /// A key of [`super::Pack::channels`].
    pub channel: Option<String>,
    /// A key of [`super::Pack::people`].
    pub speaker: Option<String>,
    /// When it is sent; `today` if `None`.
    pub send_on: Option<Rule>,
    /// What one contact costs.
    pub cost: Option<Rule>,
    /// The probability that she returns; clamped to 0 to 1.
    pub success: Option<Rule>,
    /// What a return is worth: the second life only.
    pub value: Option<Rule>,
    /// The probability that she returns without any contact, if it differs from that of `[plan]`.
    pub anyway: Option<Rule>,
    /// Hours of work one contact takes; none if `None`.
    pub hours: Option<Rule>,
    /// Days after `send_on` within which it may still be sent.
    pub within: u32,
    /// Days before a customer gets it again, if it says otherwise than `[contact]`.
    pub again: Option<u32>,
    /// The share of `success` that is lost with every day after `send_on`, 0 to 1.
    pub fade: f64,
    /// What to say.
    pub say: Template,
    /// By how much it is said to raise the share that returns; 0.03 is 3 percentage points.
    pub effect: Option<f64>,
    /// The share of its customers that is held out, 0 to 1.
    pub holdout: Option<f64>,
    /// The name whose hash with the key decides who is held out; its own name if `None`.
    pub experiment: Option<String>,
    /// Why, in words.
    pub because: Template,
    /// What it is.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}

/// A step for customers who returned.
#[derive(Debug, Clone)]
pub struct FollowUp {
    /// Its name.
    pub name: String,
    /// How it is called on screen.
    pub label: String,
    /// When it is due: what is written there, from `day` to `until` of the second life, for these causes.
    pub when: Rule,
    /// When it is not due yet, and will be within a week if nothing else changes; `None` without a `day`.
    pub soon: Option<Rule>,
    /// The day of the second life on which it is due.
    pub day: Option<u32>,
    /// The last day on which it is still due.
    pub until: Option<u32>,
    /// Only for who had left for one of these causes; empty for all.
    pub causes: Vec<String>,
    /// Only for causes of these classes; empty for all.
    pub classes: Vec<String>,
    /// Who does it: a key of [`super::Pack::people`].
    pub speaker: Option<String>,
    /// Why, in words.
    pub because: Template,
    /// What to do.
    pub help: String,
    /// Where it is declared.
    pub span: Span,
}
