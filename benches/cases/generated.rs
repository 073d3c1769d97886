//! Texts for the benchmark: a pack of 500 rules, and tables of cases for the rules of `retail`.

use std::fmt::Write as _;

/// How many rules the generated pack has: 100 states, 200 pieces of evidence, 60 criteria, 100 campaigns and 40 facts.
pub(crate) const RULES: usize = 500;

/// A pack as a large client might grow it, `times` as large. Every rule is a condition of its own, over columns, facts and
/// parameters.
pub(crate) fn pack(times: usize) -> String {
    let mut t = String::from(
        "[pack]\nname = \"large\"\nversion = \"1.0.0\"\n\n[record]\nkey = \"customer_id\"\n\n[record.columns]\n",
    );
    for i in 0..40 {
        let _ = writeln!(t, "n{i} = {{ type = \"number\" }}");
    }
    for i in 0..10 {
        let _ = writeln!(t, "d{i} = {{ type = \"date\" }}");
        let _ = writeln!(t, "s{i} = {{ type = \"text\", values = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\"] }}");
        let _ = writeln!(t, "b{i} = {{ type = \"bool\" }}");
    }
    t.push_str("said = { type = \"text\" }\n\n[params]\n");
    for i in 0..20 {
        let _ = writeln!(t, "p{i} = {{ value = {}, help = \"A threshold.\" }}", 10 + 7 * i);
    }
    t.push_str("\n[facts]\n");
    for i in 0..40 * times {
        let n = i % 40;
        let fact = match i % 4 {
            0 => format!("today - d{}", i / 4 % 10),
            1 => format!("n{n} / max(n{}, 1)", (i + 7) % 40),
            2 => format!("if n{n} > p{} {{ n{n} - p{} }} else {{ 0 }}", i % 20, i % 20),
            _ => format!("(n{n} ?? 0) + (n{} ?? 0) * 0.5", (i + 3) % 40),
        };
        let _ = writeln!(t, "f{i} = '{fact}'");
    }
    for i in 0..100 * times {
        let (n, m) = (i % 40, (i * 7 + 3) % 40);
        let low = 1000 * times - i * 10;
        let when = match i % 5 {
            0 => format!("n{n} > {low} && n{m} < {} && s{} == \"a\"", i + 1, i % 10),
            1 => format!("n{n} >= {low} && s{} in [\"b\", \"c\"] && !(b{} ?? false)", i % 10, (i / 10) % 10),
            2 => format!("f{} > p{} && (n{m} ?? 0) <= {}", (i % 10) * 4, i % 20, i * 3),
            3 => format!("d{} <= today - {} && n{m} > {low}", i % 10, 30 + i),
            _ => format!("(b{} || n{n} > {low}) && f{} < {}", i % 10, (i * 3) % 40, i * 2 + 1),
        };
        let track = ["termination", "recovery", "prevention", "second_life"][i % 4];
        let _ = writeln!(
            t,
            "\n[[states]]\nname = \"state{i}\"\ntrack = \"{track}\"\nwhen = '{when}'\nbecause = \"n{n} is {{n{n}}}\""
        );
    }
    t.push_str("\n[[states]]\nname = \"active\"\n");
    for i in 0..40 * times {
        let class = ["pushed_away", "pulled_away", "bought_away", "moved_away", "involuntary"][i % 5];
        let _ = writeln!(t, "\n[[causes]]\nname = \"cause{i}\"\nclass = \"{class}\"\nevidence = [");
        let _ = writeln!(
            t,
            "  {{ when = 'mentions(said, [\"word{i}\", \"other{i}\"])', weight = 5, because = \"said so\" }},"
        );
        for k in 0..4 {
            let (n, f) = ((i * 4 + k) % 40, (i + 11 * k) % 40);
            let _ = writeln!(
                t,
                "  {{ when = 'n{n} > {} && f{f} <= p{}', weight = {}, because = \"n{n}\" }},",
                i * 13 + k,
                (i + k) % 20,
                k + 1
            );
        }
        t.push_str("]\n");
    }
    for i in 0..60 * times {
        let dimension = if i % 2 == 0 { "worth" } else { "chance" };
        let _ = writeln!(t, "\n[criteria.c{i}]\ndimension = \"{dimension}\"\nweight = {}", i % 5 + 1);
        let _ = match i % 3 {
            0 => writeln!(t, "value = 'n{}'\ncurve = [[0, 0], [{}, 5], [{}, 10]]", i % 40, i + 10, 3 * i + 40),
            1 => writeln!(
                t,
                "value = 'f{}'\nbands = [{{ below = {}, score = 10 }}, {{ below = {}, score = 5 }}, {{ score = 0 }}]",
                i % 40,
                i + 1,
                2 * i + 30
            ),
            _ => writeln!(t, "score = 'clamp(n{} / {}, 0, 10)'", i % 40, i + 2),
        };
    }
    t.push_str("\n[[grades]]\nname = \"A\"\nwhen = 'worth >= 7'\n[[grades]]\nname = \"B\"\n\n[channels.mail]\nconsent = 'b0'\n");
    for i in 0..100 * times {
        let track = ["termination", "recovery", "prevention", "second_life"][i % 4];
        let _ = writeln!(
            t,
            "\n[[campaigns]]\nname = \"campaign{i}\"\ntrack = \"{track}\"\nwhen = 'grade == \"A\" && n{} > {} && cause != \"cause{}\"'\nchannel = \"mail\"\ncost = '{}'\nsuccess = '0.1 + 0.01 * (chance ?? 5)'\nvalue = 'f{}'",
            i % 40,
            i * 5,
            i % 40,
            i % 7 + 1,
            (i % 10) * 4 + 3
        );
    }
    t
}

/// A table of cases for `retail`. With events: four orders and a complaint each; else the rollups they come to.
pub(crate) fn cases(rows: usize, events: bool) -> String {
    let mut t = String::from("name,as_of,segment,consent_email,price_increase,");
    t.push_str(if events {
        "orders,complaints,"
    } else {
        "last_order,order_count,revenue,usual_gap,long_gap,complaint_count,"
    });
    t.push_str("expect.state,expect.order_count,expect.worth,expect.campaign,expect.reasons\n");
    let months = [1, 3, 6, 9];
    for i in 0..rows {
        let (year, day, amount) = (2022 + i % 4, i % 28 + 1, 20 + i % 300);
        let segment = ["private", "family", "business"][i % 3];
        let _ = write!(t, "customer {i},2026-06-30,{segment},{},0.{:02},", i % 2 == 0, i % 10);
        if events {
            let orders: Vec<String> = months
                .iter()
                .map(|m| format!("{{\"\"ordered_on\"\":\"\"{year}-{m:02}-{day:02}\"\",\"\"amount\"\":{amount}}}"))
                .collect();
            let _ = write!(t, "\"[{}]\",", orders.join(","));
            let _ =
                write!(t, "\"[{{\"\"opened_on\"\":\"\"{year}-10-{day:02}\"\",\"\"text\"\":\"\"too expensive\"\"}}]\",");
        } else {
            let _ = write!(t, "{year}-09-{day:02},4,{},90,92,1,", amount * 4);
        }
        t.push_str("any,4,0..10,,\n");
    }
    t
}
