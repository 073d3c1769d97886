//! The names a pack declares, where its files refer to them or change them.

use serde_json::{Map, Value};

use super::{Writer, described, suggest};
use crate::pack::format::{self, Keys, Reference};
use crate::pack::{Column, shipped};

impl Writer<'_> {
    /// The name of something declared elsewhere.
    pub(super) fn reference(&self, reference: Reference) -> Value {
        if reference == Reference::Pack {
            return suggest(shipped::names());
        }
        let Some(pack) = self.pack else { return suggest([]) };
        match reference {
            Reference::Pack => suggest(shipped::names()),
            Reference::Offer => suggest(pack.offers.keys().map(String::as_str)),
            Reference::Channel => suggest(pack.channels.keys().map(String::as_str)),
            Reference::Person => suggest(pack.people.keys().map(String::as_str)),
            Reference::Campaign => suggest(pack.campaigns.iter().map(|campaign| campaign.name.as_str())),
            Reference::Dimension => suggest(pack.dimensions.iter().map(|dimension| dimension.name.as_str())),
            Reference::Script => suggest(dedup(pack.scripts.functions().iter().map(|f| f.module.as_str()))),
            Reference::RecordTable => {
                let joins = pack.record.joins.iter().map(|join| join.name.as_str());
                suggest(std::iter::once(pack.record.table.as_str()).chain(joins))
            }
            Reference::EventTable => suggest(pack.tables.keys().map(String::as_str)),
            // The columns of all tables: a schema does not know which one it is in.
            Reference::TimeColumn => suggest(dedup(pack.tables.values().filter_map(|table| table.time.as_deref()))),
        }
    }

    /// The names of things that are there already, with their help: what an overlay may change.
    pub(super) fn declared(&self, keys: &'static Keys) -> Vec<(String, String)> {
        let Some(pack) = self.pack else { return Vec::new() };
        let is = |other: &'static Keys| std::ptr::eq(keys, other);
        let columns = |columns: &[Column]| columns.iter().map(|c| (c.name.clone(), c.help.clone())).collect();
        if is(&format::PARAM) {
            let mut all = Vec::new();
            for param in &pack.params {
                let unit = if param.unit.is_empty() { String::new() } else { format!(" {}", param.unit) };
                all.push((param.name.clone(), format!("{} In force: {}{unit}.", param.help, param.value.literal())));
            }
            all
        } else if is(&format::COLUMN) {
            columns(&pack.record.columns)
        } else if is(&format::JOIN) {
            pack.record.joins.iter().map(|join| (join.name.clone(), join.help.clone())).collect()
        } else if is(&format::TABLE) {
            pack.tables.values().map(|table| (table.name.clone(), table.help.clone())).collect()
        } else if is(&format::ROLLUP) {
            pack.rollups.iter().map(|rollup| (rollup.name.clone(), in_force(&rollup.text))).collect()
        } else if is(&format::FACT) {
            pack.facts.iter().map(|fact| (fact.name.clone(), in_force(&fact.text))).collect()
        } else if is(&format::CRITERION) {
            pack.criteria.iter().map(|criterion| (criterion.name.clone(), criterion.help.clone())).collect()
        } else if is(&format::DIMENSION) {
            pack.dimensions.iter().map(|dimension| (dimension.name.clone(), dimension.label.clone())).collect()
        } else if is(&format::OFFER) {
            pack.offers.values().map(|offer| (offer.name.clone(), offer.help.clone())).collect()
        } else if is(&format::PERSON) {
            pack.people.values().map(|person| (person.name.clone(), person.help.clone())).collect()
        } else if is(&format::CHANNEL) {
            pack.channels.values().map(|channel| (channel.name.clone(), channel.help.clone())).collect()
        } else {
            Vec::new()
        }
    }

    /// Offers the names of a list where one is named: `name`, `before`, `after`, `state`.
    pub(super) fn offer_names(&mut self, keys: &'static Keys, properties: &mut Map<String, Value>) {
        let Some(pack) = self.pack else { return };
        let is = |other: &'static Keys| std::ptr::eq(keys, other);
        let names: Vec<&str> = if is(&format::STATE) {
            pack.states.iter().map(|state| state.name.as_str()).collect()
        } else if is(&format::SUPPRESSION) {
            pack.suppress.iter().map(|suppress| suppress.name.as_str()).collect()
        } else if is(&format::CAUSE) {
            pack.causes.list.iter().map(|cause| cause.name.as_str()).collect()
        } else if is(&format::GRADE) {
            pack.grades.iter().map(|grade| grade.name.as_str()).collect()
        } else if is(&format::CAMPAIGN) {
            pack.campaigns.iter().map(|campaign| campaign.name.as_str()).collect()
        } else if is(&format::FOLLOWUP) {
            pack.followups.iter().map(|followup| followup.name.as_str()).collect()
        } else if is(&format::WARNING) {
            pack.prevention.iter().flat_map(|p| &p.warnings).map(|warning| warning.name.as_str()).collect()
        } else {
            return;
        };
        let states = dedup(pack.states.iter().map(|state| state.state.as_str()));
        let state = if is(&format::STATE) { Some(("state", states.as_slice())) } else { None };
        for (key, names) in ["name", "before", "after"].map(|key| (key, names.as_slice())).into_iter().chain(state) {
            let Some(property) = properties.get_mut(key) else { continue };
            let help = property.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
            let schema = described(suggest(names.iter().copied()), &help, None);
            *property = if key == "state" { self.or_dropped(schema) } else { schema };
        }
    }
}

fn in_force(text: &str) -> String {
    format!("In force: `{text}`")
}

/// Each name once, in order.
pub(super) fn dedup<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}
