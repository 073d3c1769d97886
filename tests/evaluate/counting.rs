//! What `regain evaluate` counts: each customer once, whatever the order of the rows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;

use regain::stats::split::mix;
use serde_json::Value;

use super::{Files, err, out, plain, uniform};

/// 500 customers with two contacts each, the second by another campaign and dearer: 400 contacted, 100 held out of both by one
/// experiment. Of each arm so many return once, with 100 of revenue and 40 of margin, after both contacts.
fn twice(back: u64, back_held_out: u64) -> Files {
    let mut files = Files::new("customer_id,returned_on,revenue,margin");
    files.plan = files.plan.replace("propensity,", "propensity,experiment,");
    for i in 0..500_u64 {
        let held_out = i % 5 == 0;
        let key = format!("C{i:04}");
        let arm = if held_out { "holdout" } else { "contact" };
        for (campaign, channel, cost, day) in
            [("letter", "post", 2.5, "2026-07-01"), ("call", "phone", 7.5, "2026-07-20")]
        {
            writeln!(
                files.plan,
                "{key},{arm},0.8,all,{campaign},{channel},{day},{cost},0.2,50,0.15,recovery,price,A,100,5,base,0.1.0,x,2026-06-30"
            )
            .unwrap();
        }
        let place = if held_out { i / 5 } else { i - i / 5 - 1 };
        if place < if held_out { back_held_out } else { back } {
            writeln!(files.outcomes, "{key},2026-08-01,100,40").unwrap();
        }
    }
    files
}

#[test]
fn a_customer_with_two_contacts_counts_once() {
    let files = twice(100, 10);
    let json = files.json(&[]);
    let kpis = &json["kpis"];
    assert_eq!((kpis["contacted"].as_u64(), kpis["won_back"].as_u64()), (Some(400), Some(100)), "{kpis}");
    // Each contact costs, and revenue came once: 400 times 10, and 100 times 100.
    assert_eq!((kpis["cost"].as_f64(), kpis["revenue"].as_f64()), (Some(4000.0), Some(10_000.0)), "{kpis}");
    assert_eq!(kpis["regain_profit"].as_f64(), Some(0.0), "{kpis}");
    let whole = &json["whole"];
    assert_eq!((whole["contacted"].as_u64(), whole["held_out"].as_u64()), (Some(400), Some(100)));
    let near =
        |value: &Value, wanted: f64| assert!((value.as_f64().unwrap() - wanted).abs() < 1e-9, "{value} {wanted}");
    near(&whole["effect"]["lift"]["value"], 0.15);
    near(&whole["effect"]["returns"]["value"], 60.0);
    // As wide as that of so many customers with one contact each, not of twice as many.
    let mut single = files.plan.clone();
    single = single.lines().filter(|line| !line.contains(",call,")).collect::<Vec<_>>().join("\n") + "\n";
    let once = Files { plan: single, ..twice(100, 10) }.json(&[]);
    assert_eq!(whole["effect"]["lift"], once["whole"]["effect"]["lift"]);
    assert_eq!(kpis["regain_rate"], once["kpis"]["regain_rate"]);
    // In the tables she stands under both campaigns with what came of her, and once under her grade.
    let family = |name: &str| {
        let families = json["families"].as_array().unwrap();
        families.iter().find(|family| family["by"] == name).unwrap()["rows"].as_array().unwrap().clone()
    };
    let campaigns = family("campaign");
    assert_eq!(campaigns.len(), 2);
    for (row, cost) in campaigns.iter().zip([3000.0, 1000.0]) {
        assert_eq!((row["contacted"].as_u64(), row["cost"].as_f64()), (Some(400), Some(cost)), "{row}");
    }
    assert_eq!(
        (family("grade")[0]["contacted"].as_u64(), family("grade")[0]["cost"].as_f64()),
        (Some(400), Some(4000.0))
    );
    let text = out(&files.run(&[], 200)).replace('\n', " ");
    assert!(text.contains("1,000 contacts of 500 customers planned: 400 customers contacted, 100 held out"), "{text}");
    assert!(text.contains("once under each group"), "{text}");

    // What the outcomes say was spent is hers once, however many contacts she had.
    let mut spent = twice(100, 10);
    spent.outcomes = "customer_id,returned_on,revenue,spent\nC0001,2026-08-01,100,33\n".to_owned();
    assert_eq!(spent.json(&[])["kpis"]["cost"].as_f64(), Some(399.0 * 10.0 + 33.0));
}

#[test]
fn a_contact_that_stands_in_the_plan_twice_counts_once_or_is_refused() {
    let mut files = plain(200, 20);
    let copy = files.plan.lines().find(|line| line.starts_with("C0001,")).unwrap().to_owned();
    writeln!(files.plan, "{copy}").unwrap();
    let output = files.run(&["--format", "json"], 80);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((json["kpis"]["contacted"].as_u64(), json["kpis"]["cost"].as_f64()), (Some(800), Some(2000.0)));
    assert!(err(&output).contains("1 row of the plan is there again"), "{}", err(&output));
    writeln!(files.plan, "{}", copy.replace(",contact,", ",holdout,")).unwrap();
    let output = files.run(&[], 80);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("twice for `letter` on 2026-07-01: contacted and held out"), "{}", err(&output));
}

#[test]
fn nothing_depends_on_the_order_of_the_rows() {
    let made = |turned: bool| {
        let mut files = Files::new("customer_id,returned_on,revenue,margin");
        let mut rows = Vec::new();
        for i in 0..400_u64 {
            let (mut one, key) = (Files::new(""), format!("C{i:04}"));
            one.plan.clear();
            one.plan(&key, if i % 4 == 0 { "holdout" } else { "contact" }, 0.75, "letter", "2026-07-01");
            // Costs of which no sum is exact.
            rows.push(one.plan.replace(",2.5,", &format!(",{}.{:02},", 2 + i % 17, 10 + i % 89)));
            if uniform(3, i, 1) < 0.3 {
                let revenue = 1.0 + (uniform(4, i, 1) * 1e5).floor() / 100.0;
                writeln!(files.outcomes, "{key},2026-08-01,{revenue},{}", revenue / 3.0).unwrap();
            }
        }
        if turned {
            rows.sort_by_key(|row| mix(row.bytes().map(u64::from).sum::<u64>() * 7919 + row.len() as u64));
            rows.reverse();
        }
        files.plan.extend(rows);
        files
    };
    let (straight, turned) = (made(false), made(true));
    assert_ne!(straight.plan, turned.plan);
    assert_eq!(straight.json(&["--by", "chance"]), turned.json(&["--by", "chance"]));
    // Right to the cent: the sum of the cents.
    let cents = |line: &str| {
        let cost = line.split(',').nth(6).unwrap();
        cost.replace('.', "").parse::<u64>().unwrap() * u64::from(line.contains(",contact,"))
    };
    let spent: u64 = turned.plan.lines().skip(1).map(cents).sum();
    assert_eq!(turned.json(&[])["kpis"]["cost"].as_f64(), Some(spent as f64 / 100.0));
}

#[test]
fn two_orders_are_two_rows_where_no_column_counts_them() {
    let mut files = Files::new("customer_id,ordered_on,amount");
    for i in 0..60 {
        files.plan(&format!("C{i}"), if i % 2 == 0 { "contact" } else { "holdout" }, 0.5, "letter", "2026-07-01");
    }
    for row in ["C0,2026-07-05,10", "C0,2026-07-09,10", "C2,2026-07-05,10", "C1,2026-07-05,5", "C1,2027-07-05,5"] {
        writeln!(files.outcomes, "{row}").unwrap();
    }
    assert_eq!(files.json(&[])["kpis"]["won_back"], 2);
    let pack = files.folder.path().join("two");
    std::fs::create_dir_all(&pack).unwrap();
    std::fs::write(
        pack.join("pack.toml"),
        "[pack]\nname = \"two\"\nextends = \"base\"\n[params.orders_back]\nvalue = 2\n",
    )
    .unwrap();
    let two = |files: &Files| -> Value {
        let output = files.run_pack(pack.to_str().unwrap(), &["--format", "json"], 80);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}\n{}", err(&output)))
    };
    let json = two(&files);
    // C0 has ordered twice, C2 once; the second order of C1, who is held out, comes too late.
    assert_eq!((&json["whole"]["won_back"], &json["whole"]["came_back_held_out"]), (&1.into(), &0.into()));
    // A column of their number says it in one row.
    files.outcomes = "customer_id,returned_on,orders\nC4,2026-07-05,2\nC6,2026-07-05,1\n".to_owned();
    assert_eq!(two(&files)["whole"]["won_back"], 1);
}
