//! Step 3: what is offered, through which channel, by whom, and to whom.

use super::super::index::anchor;
use super::super::model::{Block, Inline, Section};
use super::super::words::text;
use super::states::tag;
use super::{Writer, section, thing};
use crate::pack::{Campaign, Labelled, Track};

impl Writer<'_> {
    pub(super) fn offers(&self) -> Section {
        let mut blocks = Vec::new();
        let pack = self.pack;
        let heading = |id: &str, words: &str| Block::Heading { id: id.to_owned(), text: words.to_owned() };
        if !pack.offers.is_empty() {
            blocks.push(heading("offers-list", "Offers"));
            blocks.extend(pack.offers.values().map(|offer| self.labelled("offer", "offers", offer)));
        }
        if !pack.channels.is_empty() {
            blocks.push(heading("channels-list", "Channels"));
            blocks.push(Block::text("What is not known is not allowed, unless the rule says so."));
        }
        for channel in pack.channels.values() {
            let id = anchor("channel", &channel.name);
            let path = format!("channels.{}", channel.name);
            let mut entry = self.entry(id, channel.label.clone(), &channel.name, &channel.help, (channel.span, path));
            let consent = match &channel.consent {
                Some(rule) => vec![self.condition(rule)],
                None => vec![Block::text("always; no consent is asked for")],
            };
            let mut terms = vec![("Allowed if".to_owned(), consent)];
            terms.extend(self.channel_terms(channel));
            entry.blocks.push(Block::Terms(terms));
            blocks.push(thing(entry));
        }
        if !pack.people.is_empty() {
            blocks.push(heading("people-list", "Who speaks"));
            blocks.extend(pack.people.values().map(|person| self.labelled("person", "people", person)));
        }
        section("offers", "Offers, channels and people", blocks)
    }

    fn labelled(&self, kind: &str, key: &str, item: &Labelled) -> Block {
        let path = format!("{key}.{}", item.name);
        let mut entry =
            self.entry(anchor(kind, &item.name), item.label.clone(), &item.name, &item.help, (item.span, path));
        let users = self.pack.campaigns.iter().filter(|c| {
            let named = if kind == "offer" { &c.offer } else { &c.speaker };
            named.as_ref() == Some(&item.name)
        });
        let mut line = Vec::new();
        for campaign in users {
            line.push(Inline::Soft(if line.is_empty() { "used by " } else { ", " }.to_owned()));
            line.push(self.campaign_link(campaign));
        }
        if line.is_empty() {
            line.push(Inline::Soft("used by no campaign".to_owned()));
        }
        entry.notes.push(line);
        thing(entry)
    }

    fn campaign_link(&self, campaign: &Campaign) -> Inline {
        Inline::Link {
            to: anchor("campaign", &campaign.name),
            text: campaign.label.clone(),
            hint: campaign.help.clone(),
        }
    }

    pub(super) fn campaigns(&self) -> Section {
        let pack = self.pack;
        if pack.campaigns.is_empty() {
            return section("campaigns", "Step 3: the campaigns", Vec::new());
        }
        let mut blocks = vec![Block::text(
            "A customer may get a campaign if her grade is not let go, the track fits, the condition holds and its channel is allowed. Proposed is the one with the highest gain to be expected: probability of success × value − cost. Of equals, the one that stands first.",
        )];
        let mut tracks: Vec<Option<Track>> = Track::ALL.into_iter().map(Some).collect();
        tracks.push(None);
        for track in tracks {
            let list: Vec<&Campaign> = pack.campaigns.iter().filter(|c| c.track == track).collect();
            if list.is_empty() {
                continue;
            }
            let (id, words) = match track {
                Some(Track::Termination) => ("termination", "Avert: notice is given"),
                Some(Track::Recovery) => ("recovery", "Win back: gone or asleep"),
                Some(Track::Prevention) => ("prevention", "Prevent: at risk"),
                Some(Track::SecondLife) => ("second-life", "Keep: came back"),
                None => ("any", "On any track"),
            };
            blocks.push(Block::Heading { id: format!("campaigns-{id}"), text: words.to_owned() });
            blocks.extend(list.into_iter().map(|campaign| self.campaign(campaign)));
        }
        section("campaigns", "Step 3: the campaigns", blocks)
    }

    fn campaign(&self, c: &Campaign) -> Block {
        let id = anchor("campaign", &c.name);
        let path = format!("campaigns.{}", c.name);
        let mut entry = self.entry(id, c.label.clone(), &c.name, &c.help, (c.span, path));
        entry.tags.extend(c.track.map(tag));
        let mut terms = Vec::new();
        let who = match (&c.when, c.track) {
            (Some(rule), _) => vec![self.condition(rule)],
            (None, Some(_)) => vec![Block::text("everybody on this track")],
            (None, None) => vec![Block::text("everybody")],
        };
        terms.push(("Who".to_owned(), who));
        let thing_of = |kind: &str, name: &str, label: Option<&str>, hint: Option<&str>| {
            let link = Inline::Link {
                to: anchor(kind, name),
                text: label.unwrap_or(name).to_owned(),
                hint: hint.unwrap_or_default().to_owned(),
            };
            vec![Block::Paragraph(vec![link])]
        };
        let pack = self.pack;
        if let Some(name) = &c.offer {
            let offer = pack.offers.get(name);
            terms.push((
                "Offer".to_owned(),
                thing_of("offer", name, offer.map(|o| o.label.as_str()), offer.map(|o| o.help.as_str())),
            ));
        }
        if let Some(name) = &c.channel {
            let channel = pack.channels.get(name);
            terms.push((
                "Channel".to_owned(),
                thing_of("channel", name, channel.map(|o| o.label.as_str()), channel.map(|o| o.help.as_str())),
            ));
        }
        if let Some(name) = &c.speaker {
            let person = pack.people.get(name);
            terms.push((
                "Speaks".to_owned(),
                thing_of("person", name, person.map(|o| o.label.as_str()), person.map(|o| o.help.as_str())),
            ));
        }
        let when = c.send_on.as_ref().map_or_else(|| Block::text("today"), |rule| self.value(rule));
        terms.push(("Sent".to_owned(), vec![when]));
        let cost = c.cost.as_ref().map_or_else(|| Block::text("nothing"), |rule| self.value(rule));
        terms.push(("Cost".to_owned(), vec![cost]));
        let rules = [("Success", &c.success, "not said"), ("Value", &c.value, "not said")];
        for (word, rule, none) in rules {
            let block = rule.as_ref().map_or_else(|| Block::Paragraph(vec![text(none)]), |rule| self.value(rule));
            terms.push((word.to_owned(), vec![block]));
        }
        terms.extend(self.reason(&c.because));
        entry.blocks.push(Block::Terms(terms));
        thing(entry)
    }
}
