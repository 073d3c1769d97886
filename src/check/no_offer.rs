#![doc = include_str!("manual/RG0553.md")]

use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, code};
use crate::pack::Track;

/// A campaign that only confirms a notice.
pub const LINT: Lint = Lint {
    code: code::NO_OFFER,
    name: "no_offer",
    level: Level::Warn,
    what: "a campaign for customers who gave notice that offers nothing",
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    let averts = pack.campaigns.iter().filter(|campaign| campaign.track == Some(Track::Termination));
    for campaign in averts.filter(|campaign| campaign.offer.is_none()) {
        let message = format!("campaign `{}` contacts customers who gave notice, and offers nothing", campaign.name);
        let mut diagnostic = Diagnostic::warning(code::NO_OFFER, campaign.span, message).label("no `offer`");
        let channel = campaign.channel.as_ref().and_then(|name| pack.channels.get(name));
        if let Some(channel) = channel {
            diagnostic = diagnostic.related(channel.span, format!("by `{}`", channel.name));
        }
        found.push(
            diagnostic
                .help("a call merely \"to confirm\" a notice is forbidden (LG Kiel, 15 O 99/14), and nothing may stand in the way of one (§ 312k BGB)")
                .help("say what is offered beside the notice, for instance `offer = \"better_terms\"`; a notice is confirmed without a campaign"),
        );
    }
}
