//! Rows of the two tables by customer: as they were read, and as numbers.

use std::collections::{BTreeMap, HashMap};

use arrow::array::RecordBatch;

use crate::data::Events;
use crate::pack::Pack;

/// A channel of the history that is none of the pack's, or is not said.
pub(super) const OTHER: u16 = u16::MAX;

/// A contact that was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    /// Days since 1970-01-01.
    pub day: i32,
    /// Index into the pack's channels, or [`OTHER`].
    pub channel: u16,
    /// Index into the pack's campaigns, or [`OTHER`].
    pub campaign: u16,
}

/// A line of the list of those who must not be contacted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    /// `None`: by any channel.
    pub channel: Option<u16>,
    /// The first day.
    pub since: i32,
    /// The last day.
    pub until: i32,
}

/// Where a row stands: batch, row.
type Place = (u32, u32);

/// Things of customers, next to each other.
#[derive(Debug)]
struct ByCustomer<T> {
    /// By customer, where hers begin; one more than there are customers.
    starts: Vec<u32>,
    things: Vec<T>,
}

impl<T> Default for ByCustomer<T> {
    fn default() -> Self {
        ByCustomer { starts: Vec::new(), things: Vec::new() }
    }
}

impl<T> ByCustomer<T> {
    fn of(&self, id: u32) -> &[T] {
        let at = id as usize;
        let range = self.starts.get(at).zip(self.starts.get(at + 1));
        range.and_then(|(from, to)| self.things.get(*from as usize..*to as usize)).unwrap_or_default()
    }
}

/// What a channel in a table means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meant {
    /// All of them: nothing is said, or `all`.
    All,
    /// One of the pack's.
    Channel(u16),
    /// One that the column declares and the pack does not use.
    Foreign,
    /// Nobody knows.
    Unknown,
}

/// What a text of the column `channel` means: a channel's name or label, in small or capital letters.
pub(super) fn meant(pack: &Pack, table: &str, text: Option<&str>) -> Meant {
    let text = text.unwrap_or_default().trim().to_lowercase();
    if text.is_empty() || text == "all" {
        return Meant::All;
    }
    let is = |name: &str| name.trim().to_lowercase() == text;
    let index = pack.channels.values().position(|channel| is(&channel.name) || is(&channel.label));
    if let Some(channel) = index.and_then(|index| u16::try_from(index).ok()) {
        return Meant::Channel(channel);
    }
    let column = pack.tables.get(table).and_then(|table| table.columns.iter().find(|c| c.name == "channel"));
    if column.is_some_and(|column| column.values.iter().any(|value| is(value))) {
        return Meant::Foreign;
    }
    Meant::Unknown
}

/// Which campaign a text of the history means: its name, else its label, in small or capital letters.
pub(super) fn campaign_of(pack: &Pack, text: &str) -> Option<usize> {
    let text = text.trim().to_lowercase();
    let is = |name: &str| name.trim().to_lowercase() == text;
    let named = pack.campaigns.iter().position(|campaign| is(&campaign.name));
    named.or_else(|| pack.campaigns.iter().position(|campaign| is(&campaign.label)))
}

/// The table of contacts made and the column of its time; without one, names that are nobody else's, for what was planned earlier.
pub(super) fn history_of(pack: &Pack) -> (String, String) {
    let table = pack.contact.as_ref().and_then(|contact| contact.history.as_ref());
    let table = table.map(|table| table.name.clone()).unwrap_or_default();
    let time = pack.tables.get(&table).and_then(|table| table.time.clone()).unwrap_or_default();
    (table, time)
}

/// The rows of both tables.
#[derive(Debug, Default)]
pub(super) struct Rows {
    ids: HashMap<Box<str>, u32>,
    /// The history as it was read, and whose rows are where.
    history: Vec<RecordBatch>,
    history_places: ByCustomer<Place>,
    /// By day.
    made: ByCustomer<Made>,
    /// The list as it was read.
    list: Vec<RecordBatch>,
    list_places: ByCustomer<Place>,
    listed: ByCustomer<Listed>,
}

impl Rows {
    /// Puts the rows of each customer together; with what a person should know of them.
    pub(super) fn of(pack: &Pack, history: Vec<RecordBatch>, list: Vec<RecordBatch>) -> (Rows, Vec<String>) {
        let mut rows = Rows { history, list, ..Rows::default() };
        let (history, time) = history_of(pack);
        let list = pack.contact.as_ref().and_then(|contact| contact.do_not_contact.as_ref());
        let list = list.map(|table| table.name.clone()).unwrap_or_default();
        let (ids_of_history, ids_of_list) = (number(&mut rows.ids, &rows.history), number(&mut rows.ids, &rows.list));
        rows.history_places = gather(rows.ids.len(), ids_of_history);
        rows.list_places = gather(rows.ids.len(), ids_of_list);
        let mut notices = Vec::new();

        let mut words = Words::new(pack, &history);
        let mut campaigns: HashMap<String, u16> = HashMap::new();
        let mut made = Vec::with_capacity(rows.history_places.things.len());
        for (batch, row) in places(&rows.history, &rows.history_places) {
            // Rows without a time are set aside when they are read; the places must stay in step.
            let day = Events::day(batch, &time, row).map_or(i32::MIN, crate::expr::Date::days);
            let channel = match words.meant(Events::text(batch, "channel", row)) {
                Meant::Channel(channel) => channel,
                _ => OTHER,
            };
            let campaign = match Events::text(batch, "campaign", row) {
                Some(text) => *campaigns.entry(text.to_owned()).or_insert_with(|| {
                    let index = campaign_of(pack, text).and_then(|index| u16::try_from(index).ok());
                    index.unwrap_or(OTHER)
                }),
                None => OTHER,
            };
            made.push(Made { day, channel, campaign });
        }
        rows.made = ByCustomer { starts: rows.history_places.starts.clone(), things: made };
        for pair in rows.made.starts.windows(2) {
            if let [from, to] = pair
                && let Some(hers) = rows.made.things.get_mut(*from as usize..*to as usize)
            {
                hers.sort_by_key(|made| made.day);
            }
        }
        notices.extend(words.notice("counts for no channel, only for all of them together", false));

        let mut words = Words::new(pack, &list);
        let mut listed = Vec::with_capacity(rows.list_places.things.len());
        for (batch, row) in places(&rows.list, &rows.list_places) {
            let since = Events::day(batch, "since", row).map_or(i32::MIN, crate::expr::Date::days);
            let until = Events::day(batch, "ends_on", row).map_or(i32::MAX, crate::expr::Date::days);
            listed.push(match words.meant(Events::text(batch, "channel", row)) {
                Meant::Channel(channel) => Listed { channel: Some(channel), since, until },
                // In doubt nobody is contacted.
                Meant::All | Meant::Unknown => Listed { channel: None, since, until },
                // A time that has no day.
                Meant::Foreign => Listed { channel: None, since: i32::MAX, until: i32::MIN },
            });
        }
        rows.listed = ByCustomer { starts: rows.list_places.starts.clone(), things: listed };
        notices.extend(words.notice("whoever it is about is not contacted at all", true));
        (rows, notices)
    }

    /// The number of a customer who is in one of the tables.
    pub(super) fn id(&self, key: &str) -> Option<u32> {
        self.ids.get(key).copied()
    }

    /// Contacts made with a customer, by day.
    pub(super) fn made(&self, id: u32) -> &[Made] {
        self.made.of(id)
    }

    /// What the list says of a customer.
    pub(super) fn listed(&self, id: u32) -> &[Listed] {
        self.listed.of(id)
    }

    /// The rows of the history about a customer, as they were read.
    pub(super) fn raw_history(&self, key: &str) -> impl Iterator<Item = (&RecordBatch, usize)> {
        raw(&self.history, self.id(key).map_or(&[], |id| self.history_places.of(id)))
    }

    /// The rows of the list about a customer, as they were read.
    pub(super) fn raw_list(&self, key: &str) -> impl Iterator<Item = (&RecordBatch, usize)> {
        raw(&self.list, self.id(key).map_or(&[], |id| self.list_places.of(id)))
    }
}

fn raw<'a>(batches: &'a [RecordBatch], places: &'a [Place]) -> impl Iterator<Item = (&'a RecordBatch, usize)> {
    places.iter().filter_map(|(batch, row)| Some((batches.get(*batch as usize)?, *row as usize)))
}

fn places<'a>(batches: &'a [RecordBatch], of: &'a ByCustomer<Place>) -> impl Iterator<Item = (&'a RecordBatch, usize)> {
    raw(batches, &of.things)
}

/// The customer of each row, and where the row stands; new customers get the next number.
fn number(ids: &mut HashMap<Box<str>, u32>, batches: &[RecordBatch]) -> Vec<(u32, Place)> {
    let mut all = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for (at, batch) in batches.iter().enumerate() {
        let Some(keys) = Events::keys(batch) else { continue };
        for (row, key) in keys.iter().enumerate() {
            let (Some(key), Ok(at), Ok(row)) = (key, u32::try_from(at), u32::try_from(row)) else { continue };
            let id = match ids.get(key) {
                Some(id) => *id,
                None => {
                    let id = u32::try_from(ids.len()).unwrap_or(u32::MAX);
                    ids.insert(key.into(), id);
                    id
                }
            };
            all.push((id, (at, row)));
        }
    }
    all
}

/// Puts what belongs to one customer next to each other, in its order.
fn gather(customers: usize, mut rows: Vec<(u32, Place)>) -> ByCustomer<Place> {
    // They come in order of key, so this is nearly always sorted already.
    rows.sort_by_key(|(id, _)| *id);
    let mut starts = vec![0_u32; customers + 1];
    for (id, _) in &rows {
        if let Some(count) = starts.get_mut(*id as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    ByCustomer { starts, things: rows.into_iter().map(|(_, place)| place).collect() }
}

/// What the texts of one column mean, each looked at once.
struct Words<'a> {
    pack: &'a Pack,
    table: &'a str,
    known: HashMap<String, Meant>,
    unknown: BTreeMap<String, u64>,
}

impl<'a> Words<'a> {
    fn new(pack: &'a Pack, table: &'a str) -> Self {
        Words { pack, table, known: HashMap::new(), unknown: BTreeMap::new() }
    }

    fn meant(&mut self, text: Option<&str>) -> Meant {
        let text = text.unwrap_or_default();
        let found = match self.known.get(text) {
            Some(found) => *found,
            None => {
                let found = meant(self.pack, self.table, Some(text));
                self.known.insert(text.to_owned(), found);
                found
            }
        };
        if found == Meant::Unknown {
            match self.unknown.get_mut(text) {
                Some(rows) => *rows += 1,
                None => drop(self.unknown.insert(text.to_owned(), 1)),
            }
        }
        found
    }

    /// A sentence about texts that are no channel. `way_out`: how to say that one is meant to be none.
    fn notice(&self, then: &str, way_out: bool) -> Option<String> {
        const SHOWN: usize = 3;
        let rows: u64 = self.unknown.values().sum();
        if rows == 0 {
            return None;
        }
        let mut words: Vec<String> = self.unknown.keys().take(SHOWN).map(|word| format!("`{word}`")).collect();
        if self.unknown.len() > SHOWN {
            words.push("…".to_owned());
        }
        let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        let mut text = format!(
            "`{}.channel` names {} in {rows}, which is no channel of the pack: {then}",
            self.table,
            words.join(", "),
        );
        if way_out {
            text.push_str(&format!(
                "; if it is a channel that is never used, list it: `columns.channel.values` of `[tables.{}]`",
                self.table
            ));
        }
        Some(text)
    }
}
