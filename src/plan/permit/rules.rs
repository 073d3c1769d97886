//! The rules of a pack as numbers: cooldowns between channels, caps.

use crate::pack::{Cap, Pack, Rule};
use crate::plan::solve::Lag;

/// At most so many contacts in so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    /// The channel whose contacts count; `None`: all.
    pub channel: Option<u16>,
    /// 1 or more.
    pub most: u32,
    /// 1 or more.
    pub days: i32,
}

/// What the pack says, all figures worked out.
#[derive(Debug)]
pub(super) struct Rules {
    /// Days between any two contacts.
    pub cooldown: i32,
    /// `after[later][earlier]`: days from a contact by one channel to one by the other. The last channel stands for none.
    pub after: Vec<Vec<i32>>,
    /// Of all channels, then by channel.
    pub limits: Vec<Limit>,
    /// The channel of each campaign; one more than the last for one without.
    channels: Vec<u16>,
    /// By campaign: days before it comes again.
    again: Vec<i32>,
    /// The longest time any rule looks back.
    pub longest: i32,
}

/// In one plan a campaign reaches a customer once: no plan is longer.
const EVER: i32 = 10_000;

/// The index of a channel; one more than the last where there is none.
fn channel(pack: &Pack, channel: Option<&str>) -> u16 {
    let index = channel.and_then(|name| pack.channels.get_index_of(name)).unwrap_or(pack.channels.len());
    u16::try_from(index).unwrap_or(u16::MAX)
}

impl Rules {
    pub(super) fn of(pack: &Pack) -> Rules {
        // Whole and within bounds, as the resolver has seen.
        let figure = |rule: &Rule| pack.figure(rule).map_or(0, |x| x as i32);
        let contact = pack.contact.as_ref();
        let cooldown = contact.and_then(|contact| contact.cooldown.as_ref()).map_or(0, figure);
        let channels = pack.channels.len() + 1;
        let mut after = vec![vec![cooldown; channels]; channels];
        let mut limits = Vec::new();
        let mut limit = |channel: Option<u16>, caps: &[Cap]| {
            for cap in caps {
                let (most, days) = (figure(&cap.most), figure(&cap.days));
                if let (Ok(most @ 1..), 1..) = (u32::try_from(most), days) {
                    limits.push(Limit { channel, most, days });
                }
            }
        };
        limit(None, contact.map_or(&[], |contact| &contact.caps));
        for (index, channel) in pack.channels.values().enumerate() {
            limit(u16::try_from(index).ok(), &channel.caps);
            for cooldown in &channel.cooldown {
                let earlier = pack.channels.get_index_of(&cooldown.after).unwrap_or(usize::MAX);
                if let Some(days) = after.get_mut(index).and_then(|row| row.get_mut(earlier)) {
                    *days = (*days).max(figure(&cooldown.days));
                }
            }
        }
        let again: Vec<i32> = (0..pack.campaigns.len()).map(|campaign| pack.again(campaign)).collect();
        let days = after.iter().flatten().chain(&again).copied();
        let longest = days.chain(limits.iter().map(|limit| limit.days)).max().unwrap_or(0);
        let channels = pack.campaigns.iter().map(|campaign| channel(pack, campaign.channel.as_deref())).collect();
        Rules { cooldown, after, limits, channels, again, longest }
    }

    /// The channel of a campaign.
    pub(super) fn channel(&self, campaign: usize) -> u16 {
        let none = u16::try_from(self.after.len().saturating_sub(1)).unwrap_or(u16::MAX);
        self.channels.get(campaign).copied().unwrap_or(none)
    }

    /// Days before a campaign comes again; 0 if it may at once.
    pub(super) fn again(&self, campaign: usize) -> i32 {
        self.again.get(campaign).copied().unwrap_or(0)
    }

    /// Days from a contact by one channel to one by another; a channel nobody knows is under the general cooldown alone.
    pub(super) fn between(&self, earlier: u16, later: u16) -> i32 {
        let row = self.after.get(usize::from(later));
        row.and_then(|row| row.get(usize::from(earlier))).copied().unwrap_or(self.cooldown)
    }

    /// Every two campaigns that must lie apart.
    pub(super) fn lags(&self) -> Vec<Lag> {
        let mut lags = Vec::new();
        for (later, to) in self.channels.iter().enumerate() {
            for (earlier, from) in self.channels.iter().enumerate() {
                let counts = |limit: &&Limit| {
                    limit.most == 1 && limit.channel.is_none_or(|channel| channel == *from && channel == *to)
                };
                let capped = self.limits.iter().filter(counts).map(|limit| limit.days).max().unwrap_or(0);
                let days = if earlier == later { EVER } else { capped.max(self.between(*from, *to)) };
                if let (Ok(earlier), Ok(later), 1..) = (u16::try_from(earlier), u16::try_from(later), days) {
                    lags.push(Lag { earlier, later, days });
                }
            }
        }
        lags
    }
}
