#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::sync::Arc;

use super::model::{Block, Book, Inline};
use super::{book, to_html, to_markdown};
use crate::pack::{Pack, load, load_from_texts, shipped};

/// Little of everything, and names that are not harmless.
const SMALL: &str = r#"
[pack]
name = "small"
version = "1.2"
help = "A <b>bold</b> pack | with *signs*."

[params.sleep_after]
value = 180
unit = "days"
min = 30
max = 730
help = "Silence, see `revenue`."

[record]
key = "id"
columns.last_order = { type = "date", from = ["Letzte | Bestellung"] }
columns.revenue = { type = "number" }
columns.segment = { type = "text", values = ["private", "<script>alert(1)</script>"] }

[facts]
days_silent = { value = 'today - last_order', help = "Days <since>." }

[[suppress]]
name = "cheap"
when = 'revenue < 1'
because = "brings {revenue} & less"

[[states]]
name = "dormant"
track = "recovery"
when = 'days_silent > sleep_after && segment != "private" && revenue != ()'
because = "silent for {days_silent} days"

[[states]]
name = "active"

[[causes]]
name = "price"
class = "bought_away"
label = "<script>alert('x')</script> \"quoted\""
evidence = [ { when = 'revenue > 100 || segment == "a|b"', weight = 3, because = "1. reason" } ]

[criteria.silence]
label = "Silence"
question = "How long?"
dimension = "chance"
value = 'days_silent'
curve = [[0, 10], [100, 2]]
missing = "neutral"

[criteria.size]
dimension = "worth"
value = 'revenue'
bands = [{ below = 100, score = 2 }, { score = 9 }]

[[grades]]
name = "A"

[[campaigns]]
name = "hello"
track = "recovery"
when = 'cause == "price"'
send_on = 'today + 14'
cost = '1.5'
"#;

fn small() -> Arc<Pack> {
    let loaded = load_from_texts(&[("pack.toml", SMALL)]);
    loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

#[test]
fn a_small_pack_as_markdown() {
    insta::assert_snapshot!(to_markdown(&book(&small())));
}

/// The page without its style and the table of contents.
#[test]
fn a_small_pack_as_a_page() {
    let html = to_html(&book(&small()));
    let from = html.find("<section id=\"states\"").unwrap();
    let to = html.find("<section id=\"grades\"").unwrap();
    insta::assert_snapshot!(html[from..to].replace("<article", "\n<article").replace("<section", "\n<section"));
}

#[test]
fn what_a_pack_says_is_never_taken_for_signs() {
    let book = book(&small());
    let html = to_html(&book);
    assert!(!html.contains("<script"), "a label became a script");
    assert!(html.contains("&lt;script&gt;alert('x')&lt;/script&gt;"));
    assert!(html.contains("A &lt;b&gt;bold&lt;/b&gt; pack"));
    let markdown = to_markdown(&book);
    let visible = markdown.replace("`<script>alert(1)</script>`", "");
    assert!(!visible.contains("<script") && !visible.contains("<b>"), "{visible}");
    assert!(markdown.contains("A &lt;b&gt;bold&lt;/b&gt; pack \\| with \\*signs\\*."));
    // A stroke within a table's cell would be its end.
    assert!(markdown.contains(r#"`revenue > 100 \|\| segment == "a\|b"`"#), "{markdown}");
}

/// Anchors, and where links lead.
fn anchors(book: &Book) -> (Vec<String>, Vec<String>) {
    let html = to_html(book);
    let all = |pattern: &str| -> Vec<String> {
        let regex = regex::Regex::new(pattern).unwrap();
        regex.captures_iter(&html).map(|c| c[1].to_owned()).collect()
    };
    (all(r#" id="([^"]*)""#), all(r##"href="#([^"]*)""##))
}

fn everything_is_said(pack: &Pack) {
    let name = &pack.identity.name;
    let book = book(pack);
    let (ids, links) = anchors(&book);
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "{name}: an anchor is there twice");
    for link in &links {
        assert!(ids.contains(link), "{name}: a link leads nowhere: {link}");
    }
    let (html, markdown) = (to_html(&book), to_markdown(&book));
    let names = (pack.params.iter().map(|x| ("param", &x.name)))
        .chain(pack.suppress.iter().map(|x| ("suppress", &x.name)))
        .chain(pack.states.iter().map(|x| ("state", &x.name)))
        .chain(pack.causes.list.iter().map(|x| ("cause", &x.name)))
        .chain(pack.criteria.iter().map(|x| ("criterion", &x.name)))
        .chain(pack.grades.iter().map(|x| ("grade", &x.name)))
        .chain(pack.campaigns.iter().map(|x| ("campaign", &x.name)))
        .chain(pack.followups.iter().map(|x| ("followup", &x.name)))
        .chain(pack.facts.iter().map(|x| ("fact", &x.name)))
        .chain(pack.rollups.iter().map(|x| ("rollup", &x.name)))
        .chain(pack.record.columns.iter().map(|x| ("column", &x.name)));
    for (kind, thing) in names {
        let id = super::index::anchor(kind, thing);
        assert!(html.contains(&format!("<article id=\"{id}\"")), "{name}: no {kind} {thing} on the page");
        assert!(markdown.contains(&format!("<a id=\"{id}\"></a>")), "{name}: no {kind} {thing} in Markdown");
    }
    assert!(!html.contains("NaN") && !markdown.contains("NaN"), "{name}");
    assert!(
        !html.contains("<script") && !html.contains("http://") && !html.contains("src="),
        "{name}: not self-contained"
    );
}

#[test]
fn every_shipped_pack_and_example_is_said_in_full() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut packs: Vec<String> = shipped::names().map(str::to_owned).collect();
    for example in ["b2b", "cdnow", "plugin", "retail", "telco", "telecom"] {
        packs.push(examples.join(example).to_str().unwrap().to_owned());
    }
    for pack in packs {
        let loaded = load(&pack);
        everything_is_said(&loaded.pack.unwrap_or_else(|| panic!("{pack}: {:?}", loaded.diagnostics)));
    }
}

#[test]
fn a_change_says_what_was_there() {
    let base = (
        "base/pack.toml",
        "[pack]\nname = \"base\"\n[params.x]\nvalue = 180\n[record]\nkey = \"id\"\n[[states]]\nname = \"a\"\n",
    );
    let over = ("pack.toml", "[pack]\nname = \"ours\"\nextends = \"./base\"\n[params]\nx = 120\n");
    let loaded = load_from_texts(&[base, over]);
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let markdown = to_markdown(&book(&pack));
    assert!(markdown.contains("set by ours in `pack.toml:5`; base has `180`"), "{markdown}");
}

#[test]
fn the_least_of_packs_is_a_book() {
    let loaded = load_from_texts(&[(
        "pack.toml",
        "[pack]\nname = \"least\"\n[record]\nkey = \"id\"\n[[states]]\nname = \"a\"\n",
    )]);
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let book = book(&pack);
    assert!(book.sections.iter().all(|section| !section.blocks.is_empty()));
    assert!(to_html(&book).contains("nothing above fits"));
    let (ids, links) = anchors(&book);
    assert!(links.iter().all(|link| ids.contains(link)), "{links:?}");
    let ours = book.sections.iter().flat_map(|section| &section.blocks);
    assert!(
        ours.into_iter()
            .any(|block| matches!(block, Block::Paragraph(line) if line.contains(&Inline::Code("id".to_owned()))))
    );
}

#[test]
fn a_function_says_who_uses_it_and_what_it_takes_the_place_of() {
    let texts = [
        (
            "base/pack.toml",
            "[pack]\nname = \"base\"\n[record]\nkey = \"id\"\ncolumns.x = { type = \"number\" }\n[[states]]\nname = \"a\"\n\
             [criteria.size]\nplugin = \"size\"\n[facts]\ntwice = 'other::twice'\n[[followups]]\nname = \"f\"\nwhen = 'twice > 1'\n",
        ),
        (
            "base/scripts/size.rhai",
            "/// (x: number) -> number\n/// How *large* it is, in kilometres as the crow flies.\nfn score(x) { x }\n/// () -> number\nfn idle() { 1.0 }\n",
        ),
        (
            "base/scripts/other.rhai",
            "/// (x: number) -> number\n/// missing: call\nfn twice(x) { size::score(x) * 2.0 }\n",
        ),
        ("pack.toml", "[pack]\nname = \"ours\"\nextends = \"./base\"\n"),
        ("scripts/size.rhai", "fn score(x) { x / 2.0 }\n"),
    ];
    let loaded = load_from_texts(&texts);
    let pack = loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let book = book(&pack);
    let (ids, links) = anchors(&book);
    assert!(links.iter().all(|link| ids.contains(link)), "{links:?}");
    assert!(links.iter().any(|link| link == "script-size~3a~3ascore"), "a criterion leads to its function");
    let markdown = to_markdown(&book);
    let chapter = &markdown[markdown.find("## Functions").unwrap()..];
    for said in [
        "`size::score` · *ours instead of base*",
        "How \\*large\\* it is, in kilometres as the crow flies.",
        "If this is unknown, so is the result.",
        "It is asked also where this is unknown.",
        "written in `scripts/size.rhai:1` · takes the place of `base/scripts/size.rhai:3` · used by [Size](#criterion-size), `other::twice`",
        "used by [twice](#fact-twice)",
        "used by nothing",
    ] {
        assert!(chapter.contains(said), "{said}\n{chapter}");
    }
}

#[test]
fn rules_about_contacts_in_words() {
    let text = format!(
        "{}{}",
        "[pack]\nname = 'a'\n[record]\nkey = 'id'\n[params.gap]\nvalue = 14\nunit = 'days'\n[channels.post]\nlabel = 'Letter'\n",
        "[channels.phone]\ncooldown = { phone = 90, post = 'gap' }\ncaps = [{ most = 1, days = 7 }]\nweekdays = [2, 4]\nbasis = '\"consent\"'\n\
         [contact]\ncooldown = 'gap'\ncaps = [{ most = 3, days = 90 }]\nweekdays = [1, 2, 3, 4, 5]\n\
         quiet = ['12-24..12-26', '01-01', '12-31..01-01', 2026-05-01, '2026-05-01..2026-05-03']\n"
    );
    let pack = load_from_texts(&[("pack.toml", &text)]).pack.unwrap();
    let book = to_markdown(&book(&pack));
    for line in [
        "- Between any two contacts with a customer lie at least [gap](#param-gap) (14 days), whatever the campaign and the channel.",
        "- At most 3 contacts in any 90 days, of all channels together.",
        "- Contacts are made on Monday to Friday.",
        "- Nobody is contacted on 24 to 26 December every year; 1 January every year; 31 December to 1 January every year; 2026-05-01; 2026-05-01 to 2026-05-03.",
        "- **Legal basis**: “consent”",
        "- **Waits**: not within 90 days of the last one",
        "- **Waits**: not within [gap](#param-gap) (14 days) of a contact by [Letter](#channel-post)",
        "- **Capped**: At most 1 contact in any 7 days",
        "- **Used on**: Tuesday and Thursday",
    ] {
        assert!(book.contains(line), "{line}\n{book}");
    }
}
