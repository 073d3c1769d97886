#![doc = include_str!("manual/RG0552.md")]

use super::{Level, Lint, Subject};
use crate::diag::{Diagnostic, code};

/// A channel that asks nobody.
pub const LINT: Lint = Lint {
    code: code::NO_CONSENT,
    name: "no_consent",
    level: Level::Warn,
    what: "a channel that campaigns use and that has no consent rule",
    run,
};

fn run(subject: &Subject<'_>, found: &mut Vec<Diagnostic>) {
    let pack = subject.pack;
    for channel in pack.channels.values().filter(|channel| channel.consent.is_none()) {
        let campaigns: Vec<_> =
            pack.campaigns.iter().filter(|campaign| campaign.channel.as_ref() == Some(&channel.name)).collect();
        let Some(first) = campaigns.first() else { continue };
        let many = match campaigns.len() {
            1 => format!("campaign `{}` contacts", first.name),
            n => format!("{n} campaigns contact"),
        };
        let message = format!("{many} customers by `{}`, and no `consent` says who may be contacted so", channel.name);
        let mut diagnostic = Diagnostic::warning(code::NO_CONSENT, channel.span, message).label("no `consent`");
        for campaign in campaigns.iter().take(3) {
            diagnostic = diagnostic.related(campaign.span, format!("campaign `{}` uses it", campaign.name));
        }
        found.push(diagnostic.help("e-mail and phone need prior consent (§ 7 UWG, GDPR Art. 7): `consent = 'consent_email ?? false'`")
            .help("post may rest on a legitimate interest unless the customer objected (GDPR Art. 6(1)(f), 21): `consent = 'consent_post ?? true'`, or `# regain: allow(no_consent) why`"));
    }
}
