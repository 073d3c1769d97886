//! What permission says: names for counting, words for people, findings about the two tables.

use super::{Barrier, Breach, Earlier};
use crate::data::{DataError, Events};
use crate::pack::Pack;

/// A channel in a sentence.
fn channel(pack: &Pack, index: u16) -> String {
    let Some((_, channel)) = pack.channels.get_index(usize::from(index)) else { return "another channel".to_owned() };
    let label = channel.label.trim();
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        // `SMS` stays as it is.
        (Some(first), Some(second)) if second.is_lowercase() || !second.is_alphabetic() => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

fn name(pack: &Pack, index: u16) -> &str {
    pack.channels.get_index(usize::from(index)).map_or("", |(name, _)| name.as_str())
}

/// `1 day`, `14 days`
fn count(n: impl Into<i64>, one: &str, many: &str) -> String {
    let n = n.into();
    format!("{n} {}", if n == 1 { one } else { many })
}

fn days(n: i32) -> String {
    count(n, "day", "days")
}

impl Barrier {
    /// A short name for counting: the key that says it, `contact.cooldown`, `channels.phone.caps`.
    #[must_use]
    pub fn name(self, pack: &Pack) -> String {
        match self {
            Barrier::Suppressed => "suppress".to_owned(),
            Barrier::Over => "track".to_owned(),
            Barrier::NoConsent(index) => format!("channels.{}.consent", name(pack, index)),
            Barrier::Listed(_) => "contact.do_not_contact".to_owned(),
            Barrier::Cooldown(_) => "contact.cooldown".to_owned(),
            Barrier::ChannelCooldown(later, ..) => format!("channels.{}.cooldown", name(pack, later)),
            Barrier::Again(campaign, _) => match pack.campaigns.get(usize::from(campaign)) {
                Some(campaign) if campaign.again.is_some() => format!("campaigns.{}.again", campaign.name),
                _ => "contact.again".to_owned(),
            },
            Barrier::Cap(..) => "contact.caps".to_owned(),
            Barrier::ChannelCap(channel, ..) => format!("channels.{}.caps", name(pack, channel)),
            Barrier::Quiet => "contact.quiet".to_owned(),
            Barrier::Weekday => "contact.weekdays".to_owned(),
            Barrier::ChannelWeekday(channel) => format!("channels.{}.weekdays", name(pack, channel)),
        }
    }

    /// Why there is no contact, in words: `less than 14 days after another contact`.
    #[must_use]
    pub fn words(self, pack: &Pack) -> String {
        match self {
            Barrier::Suppressed => "suppressed by the day it could be made".to_owned(),
            Barrier::Over => "too late to avert the termination by the day it could be made".to_owned(),
            Barrier::NoConsent(index) => format!("no consent for {} on the day it could be made", channel(pack, index)),
            Barrier::Listed(None) => "on the do-not-contact list".to_owned(),
            Barrier::Listed(Some(index)) => format!("on the do-not-contact list for {}", channel(pack, index)),
            Barrier::Cooldown(n) => format!("less than {} between two contacts", days(n)),
            Barrier::ChannelCooldown(later, earlier, n) if later == earlier => {
                format!("less than {} between two contacts by {}", days(n), channel(pack, later))
            }
            Barrier::ChannelCooldown(later, earlier, n) => {
                let (later, earlier) = (channel(pack, later), channel(pack, earlier));
                format!("{later} less than {} after {earlier}", days(n))
            }
            Barrier::Again(campaign, n) => {
                let name = pack.campaigns.get(usize::from(campaign)).map_or("the campaign", |c| c.label.trim());
                format!("{name} again in less than {}", days(n))
            }
            Barrier::Cap(most, n) => format!("more than {} in {}", count(most, "contact", "contacts"), days(n)),
            Barrier::ChannelCap(index, most, n) => {
                let contacts = count(most, "contact", "contacts");
                format!("more than {contacts} by {} in {}", channel(pack, index), days(n))
            }
            Barrier::Quiet => "a quiet day".to_owned(),
            Barrier::Weekday => "a day of the week without contacts".to_owned(),
            Barrier::ChannelWeekday(index) => format!("a day of the week without {}", channel(pack, index)),
        }
    }
}

impl Earlier {
    /// `phone on 2026-07-03 (comeback_call)`
    #[must_use]
    pub fn words(&self) -> String {
        let channel = self.channel.as_deref().unwrap_or("a contact");
        let planned = if self.planned { ", in the same plan" } else { "" };
        match &self.campaign {
            Some(campaign) => format!("{channel} on {} (`{campaign}`){planned}", self.on),
            None => format!("{channel} on {}{planned}", self.on),
        }
    }
}

impl Breach {
    /// The rule in words, and what it counts from: `less than 14 days between two contacts: phone on 2026-07-03`.
    #[must_use]
    pub fn words(&self, pack: &Pack) -> String {
        let rule = self.barrier.words(pack);
        match &self.earlier {
            Some(earlier) => format!("{rule}: {}", earlier.words()),
            None => rule,
        }
    }
}

/// What to know of the history.
pub(super) fn of_history(pack: &Pack, table: &str, events: &Events) -> Vec<String> {
    if !events.given {
        let Some(contact) = &pack.contact else { return Vec::new() };
        let channels = pack.channels.values().any(|channel| !channel.cooldown.is_empty() || !channel.caps.is_empty());
        let again = contact.again.is_some() || pack.campaigns.iter().any(|campaign| campaign.again.is_some());
        let counts = contact.cooldown.is_some() || again || !contact.caps.is_empty() || channels;
        let unknown = counts.then(|| {
            format!("no contact made before is known: cooldowns and caps count what is planned alone; give the history with `--data {table}=PATH`")
        });
        return unknown.into_iter().collect();
    }
    let later = (events.after_today > 0).then(|| {
        let rows = count(i64::try_from(events.after_today).unwrap_or(i64::MAX), "row", "rows");
        format!("{table}: {rows} later than the as-of date, not seen; contacts that are still to be made are given by `--after PLAN`")
    });
    let unusable = events.reject.as_ref().map(|first| {
        let rows = count(i64::try_from(events.rejected).unwrap_or(i64::MAX), "row", "rows");
        format!(
            "{rows} of `{table}` cannot be used, and no cooldown counts from them; the first is {}: {}",
            first.place(),
            first.reason
        )
    });
    later.into_iter().chain(unusable).collect()
}

/// A list of which some rows cannot be read protects nobody knows whom.
pub(super) fn unreadable(table: &str, events: &Events) -> Option<DataError> {
    if events.rejected == 0 {
        return None;
    }
    let rows = count(i64::try_from(events.rejected).unwrap_or(i64::MAX), "row", "rows");
    let message = format!("{rows} of `{table}` cannot be read, and whoever is on that list must not be contacted");
    let error = DataError::input(message);
    let error = match &events.reject {
        Some(first) => {
            let value = if first.value.is_empty() { String::new() } else { format!(" `{}`", first.value) };
            let column = if first.column.is_empty() { String::new() } else { format!(" `{}`{value}:", first.column) };
            error.help(format!("{}:{column} {}", first.place(), first.reason))
        }
        None => error,
    };
    Some(error.help("no plan is made until every row of it can be read"))
}
