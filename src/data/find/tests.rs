#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use arrow::array::StringArray;

use super::*;
use crate::data::table::Wanted;
use crate::expr::Date;

fn wanted(name: &str, ty: Type) -> Wanted {
    Wanted {
        name: name.to_owned(),
        want: Want::Value(ty),
        from: Vec::new(),
        written: ValueFormat::default(),
        optional: false,
        required: false,
        values: Vec::new(),
        keys: crate::pack::KeyRules::default(),
    }
}

fn spec(columns: Vec<Wanted>) -> TableSpec {
    TableSpec { table: "orders".into(), section: "tables.orders".into(), file: Default::default(), columns }
}

/// Finds the formats of columns of one type, from values divided by `|`; also in the other order of rows.
fn find(ty: Type, columns: &[(&str, &str)]) -> Result<Found, DataError> {
    find_with(columns.iter().map(|(name, _)| wanted(name, ty)).collect(), columns)
}

fn find_with(list: Vec<Wanted>, columns: &[(&str, &str)]) -> Result<Found, DataError> {
    let spec = spec(list);
    let headers: Vec<Option<String>> = columns.iter().map(|(name, _)| Some((*name).to_owned())).collect();
    let sample = |text: &str| Some(text.split('|').map(Some).collect::<StringArray>());
    let turned = |text: &str| Some(text.rsplit('|').map(Some).collect::<StringArray>());
    let there: Vec<_> = columns.iter().map(|(_, text)| sample(text)).collect();
    let back: Vec<_> = columns.iter().map(|(_, text)| turned(text)).collect();
    let (one, two) = (formats(&spec, "orders.csv", &headers, &there), formats(&spec, "orders.csv", &headers, &back));
    match (&one, &two) {
        (Ok(a), Ok(b)) => assert_eq!((&a.formats, &a.notices), (&b.formats, &b.notices), "the order of rows matters"),
        (Err(a), Err(b)) => assert_eq!(a, b, "the order of rows matters"),
        _ => panic!("the order of rows matters: {one:?} {two:?}"),
    }
    one
}

fn numbers(columns: &[(&str, &str)]) -> Found {
    find(Type::Number, columns).unwrap()
}

fn said(error: &DataError) -> String {
    std::iter::once(error.message.as_str()).chain(error.help.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
}

#[test]
fn plain_numbers_need_no_word() {
    for text in ["1|2|3", "0.125|12|-3", "1.5|12.50", "1e6|3", "", "n/a|-|5", "1234.567"] {
        let found = numbers(&[("amount", text)]);
        assert_eq!(found.notices, Vec::<String>::new(), "{text}");
    }
    let found = numbers(&[("amount", "1.5|1.234")]);
    assert_eq!(found.formats[0].number("1.234"), Ok(1.234), "0.5 and 1.5 settle the point");
    assert!(!found.formats[0].is_unsettled());
    assert!(numbers(&[("amount", "1|2")]).formats[0].is_unsettled());
}

#[test]
fn decimal_comma() {
    let found = numbers(&[("items", "1|2"), ("amount", "1.234,50|7,5|1.000")]);
    assert_eq!(
        found.notices,
        ["`orders.csv`: numbers are written with a decimal comma (`1.234,50` in `amount`); \
          `decimal = \",\"` and `thousands = \".\"` in `[tables.orders.file]` say so"]
    );
    assert_eq!(found.formats[1].number("1.000"), Ok(1000.0));
    assert_eq!(found.formats[0].number("1.000"), Ok(1000.0), "as the other columns of the file");
    assert!(!found.formats[0].is_unsettled());
    let found = numbers(&[("amount", "12,5|0,125")]);
    assert_eq!(found.formats[0].number("0,125"), Ok(0.125));
    assert!(found.notices[0].contains("`decimal = \",\"` in `[tables.orders.file]` says so"), "{:?}", found.notices);
}

#[test]
fn thousands() {
    for (text, value, number) in [
        ("1,234.56|5", "1,234.56", 1234.56),
        ("1 234,56|5", "1 234,56", 1234.56),
        ("1'234.50|5", "1'234.50", 1234.5),
        ("1,234,567|5", "1,234", 1234.0),
        ("1.234.567|5", "1.234", 1234.0),
        ("1 234|5", "1 234", 1234.0),
    ] {
        let found = numbers(&[("amount", text)]);
        assert_eq!(found.formats[0].number(value), Ok(number), "{text}");
        assert_eq!(found.notices.len(), 1, "{text}: {:?}", found.notices);
    }
    let found = numbers(&[("amount", "1,234.56|5")]);
    assert_eq!(
        found.notices,
        ["`orders.csv`: numbers are written with `,` between thousands (`1,234.56` in `amount`); \
          `decimal = \".\"` and `thousands = \",\"` in `[tables.orders.file]` say so"]
    );
}

#[test]
fn what_could_be_either_is_asked() {
    let text = said(&find(Type::Number, &[("amount", "1.234|2.500|12")]).unwrap_err());
    assert_eq!(
        text,
        "`orders.csv`: `1.234` in `amount` may be 1234 or 1.234, and nothing in the file tells which\n\
         if it is 1234, write `decimal = \",\"` and `thousands = \".\"` in `[tables.orders.file]`\n\
         if it is 1.234, write `decimal = \".\"` in `[tables.orders.file]`"
    );
    let text = said(&find(Type::Number, &[("amount", "12,345|1")]).unwrap_err());
    assert!(text.contains("may be 12345 or 12.345"), "{text}");
    assert!(text.contains("if it is 12.345, write `decimal = \",\"` in"), "{text}");
    // A single value does not settle a hundred.
    let many = vec!["1.234"; 100].join("|") + "|0.5";
    assert!(find(Type::Number, &[("amount", &many)]).is_err());
    let torn = said(&find(Type::Number, &[("amount", "1.5|1,5")]).unwrap_err());
    assert!(torn.contains("as many decimal points (`1.5`) as decimal commas (`1,5`)"), "{torn}");
}

#[test]
fn other_columns_settle_it_if_they_agree() {
    let found = numbers(&[("amount", "1.234"), ("price", "12,5")]);
    assert_eq!(found.formats[0].number("1.234"), Ok(1234.0));
    assert!(
        found.notices.iter().any(|n| n.contains("`1.234` in `amount` is read as 1234, as the other columns")),
        "{:?}",
        found.notices
    );
    let text = said(&find(Type::Number, &[("amount", "1.234"), ("price", "12,5"), ("rate", "0.5")]).unwrap_err());
    assert!(text.contains("`[tables.orders.columns.amount] decimal = \",\"`"), "{text}");
}

#[test]
fn columns_that_differ_are_named() {
    let found = numbers(&[("amount", "12,5"), ("rate", "0.5")]);
    assert_eq!(
        found.notices,
        [
            "`orders.csv`: numbers are written in different ways, `amount` with a decimal comma (`12,5`) and `rate` with a \
          decimal point (`0.5`); `[tables.orders.columns.amount] decimal = \",\"` says so"
        ]
    );
    assert_eq!((found.formats[0].number("1,5"), found.formats[1].number("1.5")), (Ok(1.5), Ok(1.5)));
}

#[test]
fn a_few_odd_values_do_not_matter() {
    let many = vec!["12,50"; 50].join("|") + "|7.5|many|1,2,3";
    let found = numbers(&[("amount", &many)]);
    assert_eq!(found.formats[0].number("12,50"), Ok(12.5));
    assert!(found.formats[0].number("7.5").is_err());
}

#[test]
fn what_is_declared_is_not_looked_at() {
    let mut amount = wanted("amount", Type::Number);
    amount.written.decimal = Some(',');
    let found = find_with(vec![amount.clone()], &[("amount", "1.234|2.500")]).unwrap();
    assert_eq!(found.formats[0].number("1.234"), Ok(1234.0), "the comma is said, so the points are thousands");
    amount.written.thousands = Some(Thousands::None);
    let found = find_with(vec![amount], &[("amount", "1.234|2.500")]).unwrap();
    assert!(found.formats[0].number("1.234").is_err());
    let mut none = wanted("amount", Type::Number);
    none.written.thousands = Some(Thousands::None);
    let found = find_with(vec![none], &[("amount", "1.234|2.500")]).unwrap();
    assert_eq!(found.formats[0].number("1.234"), Ok(1.234), "no thousands, so it is a fraction");
    let mut group = wanted("amount", Type::Number);
    group.written.thousands = Some(Thousands::Sign('.'));
    let found = find_with(vec![group], &[("amount", "1.234|2.500")]).unwrap();
    assert_eq!(found.formats[0].number("1.234"), Ok(1234.0));
    let mut date = wanted("day", Type::Date);
    date.written.dates = vec!["%m/%d/%Y".into()];
    let found = find_with(vec![date], &[("day", "31/12/2025")]).unwrap();
    assert!(found.notices.is_empty());
    assert!(found.formats[0].date("31/12/2025").is_err());
}

#[test]
fn percent_and_currencies() {
    let found = numbers(&[("rate", "12.5 %|3 %"), ("amount", "5 EUR|7 USD")]);
    assert!(
        found.notices.iter().any(|n| n.contains("`percent = \"share\"` in `[tables.orders.file]`")),
        "{:?}",
        found.notices
    );
    assert!(found.notices.iter().any(|n| n.contains("several currencies") && n.contains("`EUR` and `USD`")));
    assert_eq!(found.formats[0].number("12.5 %"), Ok(0.125));
}

#[test]
fn dates() {
    let day = Date::from_ymd(2025, 12, 31).unwrap();
    for (text, format) in [
        ("31.12.2025|01.02.2025", "%d.%m.%Y"),
        ("31.12.25", "%d.%m.%y"),
        ("31/12/2025|03/04/2025", "%d/%m/%Y"),
        ("12/31/2025 10:30 PM|03/04/2025", "%m/%d/%Y"),
        ("2025/12/31", "%Y/%m/%d"),
        ("20251231", "%Y%m%d"),
        ("31-12-2025", "%d-%m-%Y"),
        ("12-31-2025", "%m-%d-%Y"),
        ("2025.12.31", "%Y.%m.%d"),
        ("31 Dec 2025", "%d %b %Y"),
        ("31-Dez-2025", "%d-%b-%Y"),
        ("December 31, 2025", "%b %d, %Y"),
        ("31. Dezember 2025", "%d. %b %Y"),
    ] {
        let found = find(Type::Date, &[("day", text)]).unwrap();
        let first = text.split('|').next().unwrap();
        assert_eq!(found.formats[0].date(first), Ok(day), "{text}");
        assert_eq!(found.notices.len(), 1, "{text}");
        let line = format!("`date = \"{format}\"` in `[tables.orders.file]` says so");
        assert!(found.notices[0].contains(&line), "{:?}", found.notices);
    }
    for text in ["2025-12-31|2025-01-01T10:00:00Z", "", "n/a|0000-00-00"] {
        assert!(find(Type::Date, &[("day", text)]).unwrap().notices.is_empty(), "{text}");
    }
}

#[test]
fn a_date_that_could_be_two_is_asked() {
    let text = said(&find(Type::Date, &[("day", "03/04/2025|05/06/2025")]).unwrap_err());
    assert_eq!(
        text,
        "`orders.csv`: `03/04/2025` in `day` may be 2025-04-03 or 2025-03-04, and nothing in the file tells which\n\
         if it is 2025-04-03, write `[tables.orders.columns.day] format = \"%d/%m/%Y\"`\n\
         if it is 2025-03-04, write `[tables.orders.columns.day] format = \"%m/%d/%Y\"`"
    );
    // Days that are the same in both do not ask, but what comes later may.
    let same = find(Type::Date, &[("day", "04/04/2025")]).unwrap();
    assert!(same.formats[0].rival().is_some());
    assert!(find(Type::Date, &[("day", "04/04/2025|31/12/2024")]).unwrap().formats[0].rival().is_none());
    let found = find(Type::Date, &[("day", "03/04/2025"), ("other", "12/31/24")]).unwrap();
    assert_eq!(found.formats[0].date("03/04/2025"), Ok(Date::from_ymd(2025, 3, 4).unwrap()));
    assert!(found.notices.iter().any(|n| n.contains("as the other dates of the file")), "{:?}", found.notices);
}

#[test]
fn a_column_may_be_written_in_two_ways_if_one_is_iso() {
    for text in [
        "2025-12-31|2025-12-30|31.12.2025|01.02.2025",
        "2025-12-31 10:00:00|2025-12-30T10:00:00Z|31.12.2025|1.2.2025|3.2.2025",
    ] {
        let found = find(Type::Date, &[("day", text)]).unwrap();
        for value in text.split('|') {
            assert!(found.formats[0].date(value).is_ok(), "{value}");
        }
        assert_eq!(found.notices.len(), 1);
        assert!(
            found.notices[0].contains("`%Y-%m-%d`") && found.notices[0].contains("`%d.%m.%Y`"),
            "{:?}",
            found.notices
        );
    }
    // Two ways that could be one another: the better one counts.
    let found = find(Type::Date, &[("day", "2025-12-31|2025-12-30|03/04/2025|05/06/2025")]).unwrap();
    assert!(found.formats[0].date("03/04/2025").is_err());
    assert_eq!(guessed("2025-12-31|2025-12-30|31.12.2025|01.02.2025").ty, Type::Date);
    assert_eq!(guessed("ja|nein|Ja|vielleicht").ty, Type::Bool);
}

#[test]
fn dates_that_differ_are_named() {
    let found = find(Type::Date, &[("day", "31.12.2025"), ("since", "2025-12-31")]).unwrap();
    assert!(
        found.notices[0].contains("`[tables.orders.columns.day] format = \"%d.%m.%Y\"` says so"),
        "{:?}",
        found.notices
    );
}

#[test]
fn truth() {
    assert!(find(Type::Bool, &[("vip", "true|No|1")]).unwrap().notices.is_empty());
    let found = find(Type::Bool, &[("vip", "ja|nein|Ja"), ("news", "1|0")]).unwrap();
    assert_eq!(
        found.notices,
        ["`orders.csv`: `ja` is read as yes and `nein` as no (in `vip`); `true = [\"1\", \"ja\"]` and \
          `false = [\"0\", \"nein\"]` in `[tables.orders.file]` say so"]
    );
    let found = find(Type::Bool, &[("vip", "x||X")]).unwrap();
    assert!(found.notices[0].contains("missing, not no"), "{:?}", found.notices);
}

fn guessed(text: &str) -> guess::Guess {
    guess(&text.split('|').map(Some).collect::<StringArray>())
}

#[test]
fn types_are_guessed() {
    for (text, ty) in [
        ("1|2|3.5", Type::Number),
        ("1.234,50|7,5", Type::Number),
        ("5 EUR|7 EUR", Type::Number),
        ("1|0|1", Type::Bool),
        ("1|1|1", Type::Number),
        ("0|1|2", Type::Number),
        ("ja|nein|", Type::Bool),
        ("J|N", Type::Bool),
        ("N|N", Type::Text),
        ("NO|SE", Type::Text),
        ("x||", Type::Bool),
        ("2025-12-31|2024-01-01", Type::Date),
        ("31.12.2025|n/a", Type::Date),
        ("20251231|20240101|20230505", Type::Date),
        ("12345678|87654321|23456789", Type::Text),
        ("00042|7", Type::Text),
        ("01067|80331", Type::Text),
        ("80331|10115|10115", Type::Number),
        ("4006381333931|4006381333948|4006381333955", Type::Text),
        ("+49 170 123 456|+49 171 123 456", Type::Text),
        ("anna|bert", Type::Text),
        ("", Type::Text),
        ("n/a|-", Type::Text),
        ("12345678901234567|2", Type::Text),
    ] {
        assert_eq!(guessed(text).ty, ty, "{text}");
    }
}

#[test]
fn a_guess_says_what_does_not_fit() {
    let many = vec!["12,50"; 40].join("|") + "|many|n/a|N/A";
    let found = guessed(&many);
    assert_eq!((found.ty, found.values, found.misfits), (Type::Number, 41, 1));
    assert_eq!(found.written.decimal, Some(','));
    assert_eq!(found.missing.get("n/a"), Some(&2));
    let open = guessed("1.234|2.500|3").ambiguous.unwrap();
    assert_eq!(open.value, "1.234");
    assert_eq!((open.readings[0].0.as_str(), open.readings[1].0.as_str()), ("1.234", "1234"));
    assert_eq!(open.readings[1].1.thousands, Some(Thousands::Sign('.')));
    let open = guessed("03/04/2025").ambiguous.unwrap();
    assert_eq!((open.readings[0].0.as_str(), open.readings[1].0.as_str()), ("2025-04-03", "2025-03-04"));
}
