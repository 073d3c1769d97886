//! What packs mean, and that no text makes loading one panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use super::*;
use crate::diag::{has_errors, render_human, render_json, render_short};
use crate::expr::Type;

const HEAD: &str = "[pack]\nname = 'test'\n[record]\nkey = 'id'\n";

fn pack(text: &str) -> Arc<Pack> {
    let all = format!("{HEAD}{text}");
    let loaded = load_from_texts(&[("pack.toml", &all)]);
    assert!(!has_errors(&loaded.diagnostics), "{}", render_short(&loaded.diagnostics, &loaded.sources));
    loaded.pack.unwrap()
}

#[test]
fn defaults() {
    let pack = pack("[offers.come-back_15]\n[[causes]]\nname = 'price'\nclass = 'bought_away'\n");
    assert_eq!(pack.identity.version, "0.0.0");
    assert_eq!(pack.record.table, "customers");
    assert_eq!(pack.offers["come-back_15"].label, "Come back 15");
    assert_eq!(pack.causes.minimum, 1.0);
    assert_eq!(pack.causes.list[0].label, "Price");
    assert_eq!(pack.dimensions.iter().map(|d| d.name.as_str()).collect::<Vec<_>>(), ["worth", "chance"]);
    assert_eq!(pack.names.get(pack.today).name, "today");
    assert_eq!(pack.names.get(pack.decided.grade).name, "grade");
    assert!(pack.priority.rule.is_none() && pack.money.is_none());
}

#[test]
fn facts_stand_in_an_order_in_which_they_can_be_computed() {
    let pack = pack("[facts]\nd = 'c + b'\nc = 'a'\nb = 'a * 2'\na = '1'\ne = 'd'\n");
    assert_eq!(pack.facts.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["a", "c", "b", "d", "e"]);
    for (index, fact) in pack.facts.iter().enumerate() {
        for slot in fact.expr.slots() {
            assert!(pack.facts[..index].iter().any(|earlier| earlier.slot == slot), "{}", fact.name);
        }
    }
}

#[test]
fn a_long_chain_of_facts_does_not_overflow_the_stack() {
    let mut text = String::from("[facts]\n");
    for i in 0..5000 {
        text.push_str(&format!("f{i} = 'f{} + 1'\n", i + 1));
    }
    text.push_str("f5000 = '1'\n");
    assert_eq!(pack(&text).facts.len(), 5001);
}

#[test]
fn tables_share_the_slots_of_what_is_the_same_for_all() {
    let pack = pack(
        "[params]\nwindow = 3\nday = 2025-12-31\n[record.columns]\nx = { type = 'number' }\n\
         [tables.orders]\nkey = 'id'\ntime = 'on'\nmerge = 'day'\ncolumns.on = { type = 'date' }\n\
         columns.amount = { type = 'number' }\ncolumns.paid = { type = 'bool' }\n\
         columns.shop = { type = 'text', merge = 'max' }\n\
         [rollups]\nlast = 'max(orders.on)'\nn = { value = 'count(orders, orders.on > today - window)', help = 'x' }\n",
    );
    let table = &pack.tables["orders"];
    for name in ["today", "window", "day"] {
        assert_eq!(table.names.find(name), pack.names.find(name), "{name}");
    }
    assert_eq!(table.names.find("x"), None);
    assert_eq!(table.names.get(table.columns[1].slot).name, "orders.amount");
    assert_eq!(
        table.columns.iter().map(|c| c.merge).collect::<Vec<_>>(),
        [MergeBy::Min, MergeBy::Sum, MergeBy::Max, MergeBy::Max]
    );
    assert_eq!(pack.rollups[1].text, "count(orders, orders.on > today - window)");
    assert_eq!(pack.names.get(pack.rollups[0].slot).ty, Type::Date);
    assert_eq!(pack.params[1].value.to_string(), "2025-12-31");
}

#[test]
fn dimensions_stand_in_the_order_of_their_first_use() {
    let pack = pack(
        "[dimensions.later]\n[dimensions.image]\nlabel = 'How it looks'\n[criteria.a]\nscore = '1'\ndimension = 'chance'\n\
         [criteria.b]\nscore = '1'\ndimension = 'image'\n[criteria.c]\nscore = '1'\ndimension = 'chance'\n",
    );
    let names: Vec<&str> = pack.dimensions.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["chance", "image", "worth", "later"]);
    assert_eq!(pack.criteria.iter().map(|c| c.dimension).collect::<Vec<_>>(), [0, 1, 0]);
    assert_eq!(pack.dimensions[1].label, "How it looks");
    assert_eq!(pack.names.get(pack.criteria[1].slot).name, "score.b");
}

#[test]
fn templates_are_texts_and_values() {
    let pack = pack("[[states]]\nname = 'x'\nbecause = 'since {today} {{or so}}'\n");
    match pack.states[0].because.parts.as_slice() {
        [Part::Text(a), Part::Value(value), Part::Text(b)] => {
            assert_eq!((a.as_str(), b.as_str()), ("since ", " {or so}"));
            assert_eq!(pack.sources.text(value.span), "today");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_overlay_keeps_what_it_does_not_name() {
    let base =
        "[pack]\nname = 'b'\n[params.x]\nvalue = 1\nunit = 'days'\n[record]\nkey = 'id'\n[[states]]\nname = 'a'\n";
    let over = "[pack]\nname = 'o'\nextends = './base'\n[params]\nx = 2\n[[states]]\nname = 'n'\nwhen = 'x > 1'\nbefore = 'a'\n";
    let loaded = load_from_texts(&[("base/pack.toml", base), ("pack.toml", over)]);
    let pack = loaded.pack.unwrap();
    assert_eq!((pack.identity.name.as_str(), pack.identity.extends.as_slice()), ("o", ["b".to_owned()].as_slice()));
    assert_eq!((pack.params[0].value.as_number(), pack.params[0].unit.as_str()), (Some(2.0), "days"));
    assert_eq!(pack.sources.place(pack.params[0].span).to_string(), "pack.toml:5:5");
    assert_eq!(pack.states.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["n", "a"]);
    assert_eq!(pack.sources.place(pack.states[1].span).file, "base/pack.toml");
}

#[test]
fn the_hash_is_of_names_and_texts_alone() {
    let hash = |texts: &[(&str, &str)]| load_from_texts(texts).pack.unwrap().identity.hash.clone();
    let head = ("pack.toml", HEAD);
    let plain = hash(&[head, ("a.toml", "[params]\nx = 1\n")]);
    assert_eq!(plain, hash(&[("a.toml", "[params]\nx = 1\n"), head, ("cases/c.toml", "x"), ("notes.txt", "x")]));
    assert_ne!(plain, hash(&[head, ("b.toml", "[params]\nx = 1\n")]));
    assert_ne!(plain, hash(&[head, ("a.toml", "[params]\nx = 1\n\n")]));
    assert!(plain.len() == 64 && plain.bytes().all(|b| b.is_ascii_hexdigit()));
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, seeded, good enough to pick places.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

/// Loads texts and shows what is said about them in every form.
fn survives(texts: &[(&str, &str)]) -> bool {
    let loaded = load_from_texts(texts);
    let _ = render_human(&loaded.diagnostics, &loaded.sources, true, 60);
    let _ = render_json(&loaded.diagnostics, &loaded.sources);
    let _ = render_short(&loaded.diagnostics, &loaded.sources);
    assert_eq!(loaded.pack.is_none(), has_errors(&loaded.diagnostics));
    loaded.pack.is_some()
}

#[test]
fn random_bytes_are_no_pack_and_no_panic() {
    let mut random = Random(1);
    for _ in 0..400 {
        let bytes: Vec<u8> = (0..random.below(200)).map(|_| random.next() as u8).collect();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!survives(&[("pack.toml", &text), ("scripts/s.rhai", &text)]));
        survives(&[("pack.toml", HEAD), ("a.toml", &text)]);
    }
}

/// Shipped packs with a few characters, lines or words changed.
#[test]
fn mutated_packs_are_no_panic() {
    const ODD: [&str; 24] = [
        "'",
        "\"",
        "[",
        "]",
        "[[",
        "{",
        "}",
        "=",
        "\n",
        "ä",
        "日",
        "\0",
        "\u{feff}",
        "-1",
        "1e999",
        "()",
        "true",
        "''",
        "today",
        "score",
        "remove = true\n",
        "extends = \"base\"\n",
        "name = \"x\"\n",
        ".",
    ];
    let mut random = Random(2);
    let mut fine = 0;
    for round in 0..300 {
        let (_, texts) = shipped::SHIPPED[random.below(shipped::SHIPPED.len())];
        let mut texts: Vec<(&str, String)> = texts.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        for _ in 0..=random.below(3) {
            let which = random.below(texts.len());
            mutate(&mut texts[which].1, &mut random, &ODD);
        }
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        fine += usize::from(survives(&texts));
        assert!(round < 299 || fine > 0, "some changes are harmless, such as one in a comment");
    }
}

fn mutate(text: &mut String, random: &mut Random, odd: &[&str]) {
    let mut at = random.below(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    match random.below(5) {
        0 => text.insert_str(at, odd[random.below(odd.len())]),
        1 => drop(text.remove(at)),
        2 => text.truncate(at),
        3 => {
            // A line twice.
            let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
            let end = text[at..].find('\n').map_or(text.len(), |i| at + i + 1);
            let line = text[start..end].to_owned();
            text.insert_str(start, &line);
        }
        _ => {
            // A value in place of another.
            if let Some(equals) = text[at..].find(" = ") {
                let start = at + equals + 3;
                let end = text[start..].find('\n').map_or(text.len(), |i| start + i);
                text.replace_range(start..end, odd[random.below(odd.len())]);
            }
        }
    }
}

/// A pack with a plugin for everything that can have one.
const PLUGIN: &str = "[pack]\nname = 'p'\n[record]\nkey = 'id'\ncolumns.segment = { type = 'text' }\n[[states]]\nname = 'a'\n\
    [criteria.image]\nplugin = 'looks'\n[criteria.named]\nplugin = 'looks'\nlabel = 'Named'\nhelp = 'Mine.'\n\
    [[causes]]\nname = 'c'\nclass = 'unknown'\nevidence = [{ plugin = 'looks' }]\n\
    [[campaigns]]\nname = 'call'\nplugin = 'looks'\nvalue = '7'\n";

const LOOKS: &str = "/// (segment: text) -> number\n/// Good looks. The more they are\n/// seen, the better.\nfn score(segment) { 5.0 }\n\
    /// (segment: text) -> bool\nfn evidence(segment) { true }\n/// (grade: text) -> number\nfn success(grade) { 0.5 }\n\
    /// () -> number\nfn value() { 9.0 }\n";

#[test]
fn a_plugin_makes_ordinary_rules() {
    let loaded = load_from_texts(&[("pack.toml", PLUGIN), ("scripts/looks.rhai", LOOKS)]);
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let [image, named] = pack.criteria.as_slice() else { panic!() };
    assert_eq!((image.label.as_str(), image.help.as_str()), ("Good looks", "The more they are seen, the better."));
    assert_eq!((named.label.as_str(), named.help.as_str()), ("Named", "Mine."));
    let Method::Score(score) = &image.method else { panic!() };
    let evidence = &pack.causes.list[0].evidence[0].when;
    let campaign = &pack.campaigns[0];
    let (success, value) = (campaign.success.as_ref().unwrap(), campaign.value.as_ref().unwrap());
    let shown = |rule: &Rule| (rule.text.clone(), pack.sources.text(rule.span).to_owned());
    assert_eq!(shown(score), ("looks::score(segment)".to_owned(), "looks".to_owned()));
    assert_eq!(shown(evidence), ("looks::evidence(segment)".to_owned(), "looks".to_owned()));
    assert_eq!(shown(success), ("looks::success(grade)".to_owned(), "looks".to_owned()));
    assert_eq!(shown(value), ("7".to_owned(), "7".to_owned()), "a key that is written out goes first");
    score.expr.walk(&mut |part| assert_eq!(pack.sources.text(part.span), "looks"));
}

#[test]
fn the_plugin_of_an_overlay_takes_the_place_of_what_is_written_below() {
    let over = "[pack]\nname = 'o'\nextends = './p'\n[[campaigns]]\nname = 'call'\nplugin = 'offers'\n";
    let offers = "/// () -> number\nfn value() { 8.0 }\n";
    let texts = [
        ("p/pack.toml", PLUGIN),
        ("p/scripts/looks.rhai", LOOKS),
        ("pack.toml", over),
        ("scripts/offers.rhai", offers),
    ];
    let loaded = load_from_texts(&texts);
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let campaign = &pack.campaigns[0];
    assert_eq!(campaign.value.as_ref().unwrap().text, "offers::value()");
    assert!(campaign.success.is_none(), "the plugin below is replaced as a whole");
    let was: Vec<&str> = pack
        .overrides
        .iter()
        .filter(|change| change.path == "campaigns.call.plugin")
        .map(|change| pack.sources.text(change.base))
        .collect();
    assert_eq!(was, ["looks", "7"]);
}
