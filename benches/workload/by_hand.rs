//! The reference rules as a person would write them in Rust: one loop over the rows of an Arrow batch, every rule spelled out.
//! Not general, not explainable, not changeable without a compiler: the speed to be measured against.

use arrow::array::{Array, AsArray, BooleanArray, PrimitiveArray, RecordBatch, StringArray};
use arrow::datatypes::{ArrowPrimitiveType, Date32Type, Float64Type, Int64Type};

use super::{CAMPAIGNS, TODAY};

/// The same columns a pack decides.
pub(crate) struct Decisions {
    pub(crate) state: Vec<u8>,
    pub(crate) cause: Vec<u8>,
    pub(crate) scores: [Vec<f64>; 12],
    pub(crate) score: Vec<f64>,
    pub(crate) campaign: Vec<u8>,
}

fn column<'a, T: ArrowPrimitiveType>(batch: &'a RecordBatch, name: &str) -> &'a PrimitiveArray<T> {
    batch.column_by_name(name).expect("the table has all columns").as_primitive::<T>()
}

fn flags<'a>(batch: &'a RecordBatch, name: &str) -> &'a BooleanArray {
    batch.column_by_name(name).expect("the table has all columns").as_boolean()
}

fn opt<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    array.is_valid(row).then(|| array.value(row))
}

fn clamp(x: f64) -> f64 {
    x.clamp(0.0, 10.0)
}

pub(crate) fn decide(batch: &RecordBatch) -> Decisions {
    let n = batch.num_rows();
    let first_order = column::<Date32Type>(batch, "first_order");
    let last_order = column::<Date32Type>(batch, "last_order");
    let cancelled_on = column::<Date32Type>(batch, "cancelled_on");
    let orders = column::<Int64Type>(batch, "orders");
    let revenue = column::<Float64Type>(batch, "revenue");
    let margin = column::<Float64Type>(batch, "margin");
    let revenue_12m = column::<Float64Type>(batch, "revenue_12m");
    let avg_gap_days = column::<Float64Type>(batch, "avg_gap_days");
    let returns = column::<Int64Type>(batch, "returns");
    let discount_share = column::<Float64Type>(batch, "discount_share");
    let late_payments = column::<Int64Type>(batch, "late_payments");
    let invoices = column::<Int64Type>(batch, "invoices");
    let credit_rating = column::<Int64Type>(batch, "credit_rating");
    let complaints = column::<Int64Type>(batch, "complaints");
    let support_hours = column::<Float64Type>(batch, "support_hours");
    let nps = column::<Int64Type>(batch, "nps");
    let referrals = column::<Int64Type>(batch, "referrals");
    let industry_growth = column::<Float64Type>(batch, "industry_growth");
    let sympathy = column::<Int64Type>(batch, "sympathy");
    let image = column::<Int64Type>(batch, "image");
    let innovative = flags(batch, "innovative");
    let consent_email = flags(batch, "consent_email");
    let do_not_contact = flags(batch, "do_not_contact");
    let cancel_reason: &StringArray =
        batch.column_by_name("cancel_reason").expect("the table has all columns").as_string();

    let mut out = Decisions {
        state: Vec::with_capacity(n),
        cause: Vec::with_capacity(n),
        scores: std::array::from_fn(|_| Vec::with_capacity(n)),
        score: Vec::with_capacity(n),
        campaign: Vec::with_capacity(n),
    };
    let mut reason = String::new();
    for i in 0..n {
        let tenure = f64::from(TODAY - first_order.value(i));
        let idle = opt(last_order, i).map(|d| f64::from(TODAY - d));
        let since_cancel = opt(cancelled_on, i).map(|d| f64::from(TODAY - d));
        let n_orders = orders.value(i) as f64;
        let revenue = opt(revenue, i);
        let margin = opt(margin, i);
        let revenue_12m = opt(revenue_12m, i);
        let gap = opt(avg_gap_days, i);
        let discount = opt(discount_share, i);
        let credit = opt(credit_rating, i).map(|x| x as f64);
        let nps = opt(nps, i).map(|x| x as f64);
        let late_rate = late_payments.value(i) as f64 / invoices.value(i) as f64;
        let complaint_rate = complaints.value(i) as f64 / n_orders;
        let return_rate = returns.value(i) as f64 / n_orders;
        let freq_year = n_orders * 365.0 / tenure;

        let below = |share: f64| matches!((revenue_12m, revenue), (Some(m), Some(r)) if m < share * r);
        let state: u8 = match (since_cancel, idle) {
            (Some(days), _) if days <= 30.0 => 0,
            (Some(_), _) => 1,
            (None, Some(idle)) if idle > 730.0 => 1,
            (None, Some(idle)) if idle > 180.0 && gap.is_some_and(|gap| idle > 3.0 * gap) => 2,
            (None, Some(idle)) if idle > 365.0 => 2,
            (None, Some(idle)) if gap.is_some_and(|gap| idle > 2.0 * gap) && below(0.25) => 3,
            _ => 4,
        };

        reason.clear();
        if cancel_reason.is_valid(i) {
            reason.push_str(cancel_reason.value(i));
            reason.make_ascii_lowercase();
        }
        let has = |word: &str| !reason.is_empty() && reason.contains(word);
        let cause: u8 = if has("price") || has("expensive") {
            0
        } else if has("competitor") {
            1
        } else if has("service") || complaint_rate > 0.3 {
            2
        } else if has("quality") || return_rate > 0.4 {
            3
        } else if has("late") {
            4
        } else if has("billing") {
            5
        } else if has("moved") || has("no need") {
            6
        } else if discount.is_some_and(|d| d > 0.6) && below(0.2) {
            0
        } else if late_rate > 0.5 && credit.is_some_and(|c| c > 400.0) {
            7
        } else if nps.is_some_and(|n| n <= 6.0) {
            8
        } else {
            9
        };

        let aov = revenue.map_or(0.0, |r| clamp(r / n_orders / 50.0));
        let margin_rate = match (margin, revenue) {
            (Some(m), Some(r)) if r != 0.0 => clamp(m / r * 25.0),
            _ => 0.0,
        };
        let scores = [
            0.4 * clamp(tenure / 365.0 * 2.0) + 0.3 * clamp(freq_year * 1.5) + 0.3 * aov,
            margin_rate,
            opt(image, i).map_or(5.0, |x| x as f64),
            clamp(
                referrals.value(i) as f64 * 4.0
                    + match nps {
                        Some(n) if n >= 9.0 => 3.0,
                        Some(n) if n >= 7.0 => 1.0,
                        _ => 0.0,
                    },
            ),
            opt(industry_growth, i)
                .map_or(0.0, |g| clamp(5.0 + g * 60.0 + if innovative.value(i) { 2.0 } else { 0.0 })),
            discount.map_or(0.0, |d| clamp(10.0 - d * 10.0)),
            match discount {
                Some(d) if d < 0.1 => 10.0,
                Some(d) if d < 0.25 => 8.0,
                Some(d) if d < 0.5 => 5.0,
                Some(d) if d < 0.75 => 2.0,
                _ => 0.0,
            },
            clamp(10.0 - late_rate * 12.0),
            match credit {
                Some(c) if c < 200.0 => 10.0,
                Some(c) if c < 300.0 => 7.0,
                Some(c) if c < 400.0 => 4.0,
                Some(c) if c < 500.0 => 1.0,
                _ => 0.0,
            },
            opt(support_hours, i).map_or(0.0, |h| clamp(10.0 - h * 0.9)),
            opt(sympathy, i).map_or(5.0, |x| x as f64),
            clamp(10.0 - complaint_rate * 15.0),
        ];
        let [
            history,
            margin_score,
            image,
            referral,
            future,
            price,
            bargain,
            payment,
            credit,
            care,
            sympathy,
            complaint,
        ] = scores;
        let score = (3.0 * history
            + 4.0 * margin_score
            + image
            + 2.0 * referral
            + 2.0 * future
            + price
            + bargain
            + 2.0 * payment
            + 2.0 * credit
            + care
            + sympathy
            + complaint)
            / 21.0;
        let value = margin.unwrap_or(0.0) * 0.6;
        let consent = consent_email.value(i);

        let campaign: usize = match state {
            _ if do_not_contact.value(i) => 9,
            0 if score >= 5.0 && cause == 0 => 0,
            0 if score >= 4.0 => 1,
            1 if cause == 2 && score >= 6.0 => 2,
            1 if cause == 0 && score >= 5.0 && value > 50.0 => 3,
            1 if cause == 3 && score >= 5.0 => 4,
            2 if consent && score >= 4.0 => 5,
            2 if score >= 6.0 => 6,
            3 if consent => 7,
            1 if score >= 7.0 => 8,
            _ => 9,
        };
        debug_assert!(campaign < CAMPAIGNS.len());
        out.state.push(state);
        out.cause.push(cause);
        for (column, x) in out.scores.iter_mut().zip(scores) {
            column.push(x);
        }
        out.score.push(score);
        out.campaign.push(campaign as u8);
    }
    out
}
