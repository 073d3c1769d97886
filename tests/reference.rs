//! The function reference is written from the functions' own manual pages. `REGAIN_UPDATE=1 cargo test --release reference` rewrites it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::path::Path;

use regain::expr::functions;

/// Aggregates are read by the rollup parser, not by the function table.
const ROLLUPS: &[(&str, &str, &str)] = &[
    ("count(t)", "number", "Rows. `count(t.x)` counts the values that are there. 0 if there are none."),
    ("sum(t.x)", "number", "The sum, added up in order of time."),
    ("mean(t.x)", "number", "The mean."),
    ("min(t.x)", "as `x`", "The smallest number or text, the earliest date."),
    ("max(t.x)", "as `x`", "The largest number or text, the latest date."),
    ("median(t.x)", "number", "The median; the mean of the middle two."),
    ("quantile(t.x, 0.9)", "number", "The quantile, linear between the two nearest (Hyndman and Fan's type 7)."),
    ("first(t.x)", "as `x`", "Of the earliest row where it is there."),
    ("last(t.x)", "as `x`", "Of the latest row where it is there."),
    ("share(t, part)", "number", "Share of rows for which `part` is true; `share(t.x, part)` of the sum."),
    ("count_distinct(t.x)", "number", "Different values. 0 if there are none."),
    (
        "median_gap(t.day)",
        "number",
        "Median of the days between one event and the next; unknown with fewer than two days.",
    ),
    ("quantile_gap(t.day, 0.9)", "number", "The same for any quantile."),
];

fn page() -> String {
    let mut text = String::from(
        "# Functions of expressions\n\n\
         Written from the functions' own manual pages, whose examples run as tests. A missing argument gives missing, unless said otherwise.\n\n\
         | function | what it gives | missing | example |\n|---|---|---|---|\n",
    );
    let cell = |t: &str| t.replace('|', "\\|");
    for doc in functions::docs() {
        writeln!(
            text,
            "| `{}` | {} | {} | `{}` is `{}` |",
            cell(doc.signature),
            cell(doc.help),
            cell(doc.missing),
            cell(doc.example),
            cell(doc.result)
        )
        .unwrap();
    }
    text.push_str(
        "\n# Aggregates of rollups\n\n\
         Each may have a condition as its last argument: `sum(orders.amount, orders.channel == \"shop\")`. Values that are missing are left out; \
         of no values the result is missing, unless said otherwise. Rows later than the as-of date are never seen.\n\n\
         | aggregate | type | what it gives |\n|---|---|---|\n",
    );
    for (form, ty, help) in ROLLUPS {
        writeln!(text, "| `{form}` | {ty} | {help} |").unwrap();
    }
    text
}

#[test]
fn the_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/expr/functions/REFERENCE.md");
    let page = page();
    if std::env::var_os("REGAIN_UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "run with REGAIN_UPDATE=1 and review the diff");
}
