//! Small problems against an exact solver, degenerate ones, and what prices promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use microlp::{ComparisonOp, OptimizationDirection, Variable};

use super::*;

const SETTINGS: Settings = Settings { threads: 1, gap: 0.0 };

/// A problem with everything: budgets, volumes, several options per customer, lags; gains that tie as often as not.
fn random(seed: u64, customers: usize) -> Problem {
    let mut random = fastrand::Rng::with_seed(seed);
    let classes = random.usize(1..6);
    let limits = random.usize(0..5);
    let round = random.bool();
    let mut problem = Problem { first: vec![0], amounts: vec![vec![], vec![], vec![]], ..Problem::default() };
    problem.most_per_customer = random.u32(1..4);
    for _ in 0..classes {
        let weight = if random.u8(0..3) == 0 { 0.9 } else { 1.0 };
        let mut uses = Vec::new();
        for limit in 0..limits {
            if random.u8(0..3) > 0 {
                uses.push((limit as u32, random.u32(0..3)));
            }
        }
        problem.classes.push(Class { uses, weight, group: random.u16(0..3) });
    }
    for _ in 0..customers {
        for _ in 0..random.usize(0..5) {
            let class = random.usize(0..classes);
            let gain = if round { f64::from(random.i32(-2..9)) } else { 10.0 * random.f64() - 2.0 };
            problem.gain.push(gain);
            problem.class.push(class as u16);
            problem.day.push(random.i32(0..20));
            problem.amounts[1].push(1.0 + class as f64);
            problem.amounts[2].push((random.f64() * 100.0).round() / 100.0);
        }
        problem.first.push(problem.gain.len() as u32);
    }
    let size = customers as f64;
    for limit in 0..limits {
        let kind = random.u8(0..4);
        let most = (kind != 0).then(|| (size * random.f64()).round());
        let least = (kind < 2).then(|| size * random.f64());
        problem.limits.push(Limit { name: format!("limit {limit}"), most, least, penalty: 5.0 * random.f64() });
    }
    for _ in 0..random.usize(0..4) {
        problem.lags.push(Lag { earlier: random.u16(0..3), later: random.u16(0..3), days: random.i32(0..15) });
    }
    problem
}

fn amount(problem: &Problem, limit: usize, option: usize) -> f64 {
    let class = &problem.classes[usize::from(problem.class[option])];
    let each = |(_, measure): &(u32, u32)| match problem.amounts[*measure as usize].as_slice() {
        [] => 1.0,
        list => list[option],
    };
    class.weight * class.uses.iter().filter(|(at, _)| *at as usize == limit).map(each).sum::<f64>()
}

/// The best there is, by a mixed-integer program over all options.
fn optimum(problem: &Problem) -> f64 {
    let mut exact = microlp::Problem::new(OptimizationDirection::Maximize);
    let weight = |option: usize| problem.classes[usize::from(problem.class[option])].weight;
    let options: Vec<Variable> =
        (0..problem.gain.len()).map(|option| exact.add_binary_var(weight(option) * problem.gain[option])).collect();
    for customer in problem.first.windows(2) {
        let mine = customer[0] as usize..customer[1] as usize;
        let row: Vec<(Variable, f64)> = options[mine.clone()].iter().map(|variable| (*variable, 1.0)).collect();
        exact.add_constraint(row.as_slice(), ComparisonOp::Le, f64::from(problem.most_per_customer));
        for a in mine.clone() {
            for b in mine.clone().filter(|b| *b != a) {
                let group = |option: usize| problem.classes[usize::from(problem.class[option])].group;
                let days = problem.day[b] - problem.day[a];
                let forbids =
                    |lag: &Lag| lag.earlier == group(a) && lag.later == group(b) && days >= 0 && days < lag.days;
                if problem.lags.iter().any(forbids) {
                    exact.add_constraint([(options[a], 1.0), (options[b], 1.0)], ComparisonOp::Le, 1.0);
                }
            }
        }
    }
    for (at, limit) in problem.limits.iter().enumerate() {
        let row: Vec<(Variable, f64)> =
            options.iter().enumerate().map(|(option, variable)| (*variable, amount(problem, at, option))).collect();
        let row: Vec<(Variable, f64)> = row.into_iter().filter(|(_, amount)| *amount > 0.0).collect();
        if let Some(most) = limit.most {
            exact.add_constraint(row.as_slice(), ComparisonOp::Le, most);
        }
        if let Some(least) = limit.least {
            let mut row = row;
            row.push((exact.add_var(-limit.penalty, (0.0, f64::INFINITY)), 1.0));
            exact.add_constraint(row.as_slice(), ComparisonOp::Ge, least);
        }
    }
    exact.solve().unwrap().into_solution().unwrap().objective()
}

/// The objective, from the problem alone.
fn worth(problem: &Problem, chosen: &[u32]) -> f64 {
    let gain = |option: &u32| {
        problem.classes[usize::from(problem.class[*option as usize])].weight * problem.gain[*option as usize]
    };
    let fine = |(at, limit): (usize, &Limit)| {
        let used: f64 = chosen.iter().map(|option| amount(problem, at, *option as usize)).sum();
        limit.least.map_or(0.0, |least| limit.penalty * (least - used).max(0.0))
    };
    chosen.iter().map(gain).sum::<f64>() - problem.limits.iter().enumerate().map(fine).sum::<f64>()
}

#[test]
fn small_problems_are_solved_as_an_exact_solver_does() {
    let mut proven = 0;
    for seed in 0..120 {
        let problem = random(seed, 1 + (seed as usize * 7) % 25);
        let found = solve(&problem, &SETTINGS).unwrap();
        let best = optimum(&problem);
        let rounding = 1e-6 * best.abs().max(1.0);
        assert_eq!(check(&problem, &found.chosen), [], "seed {seed}");
        assert!((worth(&problem, &found.chosen) - found.objective).abs() < rounding, "seed {seed}");
        assert!(found.objective <= best + rounding, "seed {seed}: {} beats {best}", found.objective);
        assert!(best <= found.bound + rounding, "seed {seed}: {best} beats the bound {}", found.bound);
        if found.exact {
            assert!((found.objective - best).abs() < rounding, "seed {seed}: {} is not {best}", found.objective);
            proven += 1;
        }
    }
    assert!(proven >= 108, "only {proven} of 120 proven");
}

#[test]
fn threads_do_not_matter() {
    for seed in [3, 4] {
        let problem = random(seed, 9_000);
        let alone = solve(&problem, &SETTINGS).unwrap();
        for threads in [2, 3] {
            let together = solve(&problem, &Settings { threads, ..SETTINGS }).unwrap();
            assert_eq!(format!("{alone:?}"), format!("{together:?}"), "seed {seed}");
        }
        assert_eq!(check(&problem, &alone.chosen), []);
        assert!(alone.gap() < 2e-3, "seed {seed}: {}", alone.gap());
    }
}

/// Calls and cards for customers of different worth, within a budget and hours.
fn winback(customers: usize, hours: f64, budget: f64, cards: f64) -> Problem {
    let mut random = fastrand::Rng::with_seed(11);
    let mut problem =
        Problem { first: vec![0], amounts: vec![vec![], vec![], vec![]], most_per_customer: 1, ..Problem::default() };
    for uses in [vec![(0, 1), (1, 2)], vec![(1, 2), (2, 0)]] {
        problem.classes.push(Class { uses, weight: 1.0, group: 0 });
    }
    for _ in 0..customers {
        let value = 20.0 + 200.0 * random.f64() * random.f64();
        for (class, (chance, cost, time)) in [(0.25, 6.0, 0.25), (0.08, 1.2, 0.0)].into_iter().enumerate() {
            problem.gain.push(chance * (0.5 + random.f64()) * value - cost);
            problem.class.push(class as u16);
            problem.amounts[1].push(time);
            problem.amounts[2].push(cost);
        }
        problem.first.push(problem.gain.len() as u32);
    }
    let most = |name: &str, most| Limit { name: name.to_owned(), most: Some(most), ..Limit::default() };
    let least = Limit { name: "volume.cards".to_owned(), least: Some(cards), penalty: 4.0, ..Limit::default() };
    problem.limits = vec![most("capacity.calls", hours), most("budget.total", budget), least];
    problem
}

#[test]
fn a_price_says_what_one_unit_more_brings() {
    let size = 20_000;
    let solved = |hours, budget, cards| solve(&winback(size, hours, budget, cards), &SETTINGS).unwrap();
    let found = solved(150.0, 17_000.0, 12_000.0);
    assert!(found.gap() < 1e-4, "{}", found.gap());
    assert_eq!(found.used.len(), 3);
    // Ten hours, a hundred euros, fifty cards more: all scarce, and cards are sent that do not pay.
    let changes = [(10.0, 0.0, 0.0), (0.0, 100.0, 0.0), (0.0, 0.0, 50.0)];
    for ((hours, budget, cards), price) in changes.into_iter().zip(&found.prices) {
        let more = solved(150.0 + hours, 17_000.0 + budget, 12_000.0 + cards);
        let unit = (more.objective - found.objective) / (hours + budget + cards);
        assert!((unit - price).abs() < 0.03 * price.abs() + 0.01, "{unit} and not {price}");
        assert!(price.abs() > 0.1, "{:?}", found.prices);
    }
    assert!(found.prices[0] > 0.0 && found.prices[1] > 0.0 && found.prices[2] < 0.0);
    // What is never reached is worth nothing, exactly.
    let loose = solved(1e6, 1e6, 0.0);
    assert_eq!(loose.prices, [0.0, 0.0, 0.0]);
    assert!(loose.exact);
}

#[test]
fn where_prices_are_undecided_the_smallest_is_told() {
    // Ten customers worth 5 each and ten worth 1, ten calls: an eleventh brings 1, a ninth less costs 5.
    let mut problem = Problem { amounts: vec![vec![]], most_per_customer: 1, ..Problem::default() };
    problem.first = (0..=20).collect();
    problem.gain = (0..20).map(|customer| if customer % 2 == 0 { 5.0 } else { 1.0 }).collect();
    problem.class = vec![0; 20];
    problem.classes = vec![Class { uses: vec![(0, 0)], weight: 1.0, group: 0 }];
    problem.limits = vec![Limit { name: "calls".to_owned(), most: Some(10.0), ..Limit::default() }];
    let found = solve(&problem, &SETTINGS).unwrap();
    assert_eq!((found.objective, found.exact), (50.0, true));
    assert!((found.prices[0] - 1.0).abs() < 1e-3, "{:?}", found.prices);
    // A human's decision has used them all: nothing is left, and nothing is broken.
    problem.limits[0].most = Some(0.0);
    assert!(solve(&problem, &SETTINGS).unwrap().chosen.is_empty());
}

#[test]
fn equals_are_told_apart_by_their_place() {
    // A thousand customers alike, and room for three hundred calls and two hundred letters.
    let mut problem = Problem { first: vec![0], amounts: vec![vec![]], most_per_customer: 1, ..Problem::default() };
    for _ in 0..1000 {
        problem.gain.extend([7.0, 3.0]);
        problem.class.extend([0, 1]);
        problem.first.push(problem.gain.len() as u32);
    }
    problem.classes = [0, 1].map(|limit| Class { uses: vec![(limit, 0)], weight: 1.0, group: 0 }).to_vec();
    problem.limits = [300.0, 200.0].map(|most| Limit { most: Some(most), ..Limit::default() }).to_vec();
    let found = solve(&problem, &SETTINGS).unwrap();
    assert_eq!((found.objective, found.exact), (2700.0, true));
    assert_eq!(found.used, [300.0, 200.0]);
}

#[test]
fn nothing_to_decide_is_no_error() {
    let none = solve(&Problem::default(), &SETTINGS).unwrap();
    assert_eq!((none.objective, none.bound, none.exact, none.chosen.len()), (0.0, 0.0, true, 0));
    let mut problem = winback(50, 10.0, 100.0, 20.0);
    problem.most_per_customer = 0;
    let none = solve(&problem, &SETTINGS).unwrap();
    assert_eq!((none.objective, none.short.clone(), none.exact), (-80.0, vec![0.0, 0.0, 20.0], true));
    // Customers without options, a `least` above its `most`, endless limits.
    let mut problem = winback(50, f64::INFINITY, 30.0, 1000.0);
    problem.first.extend([100; 5]);
    problem.limits[2].most = Some(10.0);
    let found = solve(&problem, &SETTINGS).unwrap();
    assert_eq!(check(&problem, &found.chosen), []);
    assert!((found.short[2] - (1000.0 - found.used[2])).abs() < 1e-9 && found.bound >= found.objective);
}

#[test]
fn contradictions_are_told() {
    let broken = |change: fn(&mut Problem)| {
        let mut problem = winback(5, 10.0, 100.0, 2.0);
        change(&mut problem);
        solve(&problem, &SETTINGS).unwrap_err().to_string()
    };
    insta::assert_snapshot!(
        [
            broken(|p| p.limits[1].most = Some(-3.0)),
            broken(|p| p.gain[3] = f64::NAN),
            broken(|p| p.amounts[2][1] = -1.0),
            broken(|p| p.amounts[2][1] = f64::INFINITY),
            broken(|p| p.classes[0].weight = -1.0),
            broken(|p| p.limits[2].penalty = f64::NAN),
            broken(|p| p.class[0] = 9),
            broken(|p| p.first[2] = 1_000),
            broken(|p| p.amounts[1].truncate(9)),
            broken(|p| p.classes[1].uses.push((7, 0))),
            broken(|p| p.lags.push(Lag { earlier: 0, later: 0, days: 1 })),
        ]
        .join("\n"),
        @r"
    `budget.total` allows -3: less than nothing, so that no plan keeps it
    the gain of option 3 is NaN, which an allocation cannot use
    the amount by measure 2 of option 1 is -1, which an allocation cannot use
    the amount by measure 2 of option 1 is inf, which an allocation cannot use
    the weight of class 0 is -1, which an allocation cannot use
    the penalty of limit 2 is NaN, which an allocation cannot use
    the allocation problem does not fit together: there is no class 9
    the allocation problem does not fit together: customers do not divide the options between them
    the allocation problem does not fit together: 10 options have 9 amounts
    the allocation problem does not fit together: a class uses measure 0 of limit 7, which is not there
    the allocation problem does not fit together: 10 options have 0 days, and lags look at them
    "
    );
}

#[test]
fn the_check_sees_what_is_broken() {
    let mut problem = winback(5, 0.25, 100.0, 0.0);
    problem.most_per_customer = 2;
    problem.day = vec![3; 10];
    problem.lags = vec![Lag { earlier: 0, later: 0, days: 1 }];
    assert_eq!(check(&problem, &[0, 3]), []);
    let told: Vec<String> = check(&problem, &[0, 1, 2, 2, 99]).iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    option 2 is chosen twice
    option 99 does not exist
    customer 0 gets option 1 less than 1 days after option 0
    customer 0 gets option 0 less than 1 days after option 1
    `capacity.calls` allows 0.25, and 0.5 is used
    ");
    problem.most_per_customer = 1;
    problem.lags.clear();
    assert_eq!(check(&problem, &[0, 1]), [Violation::Count { customer: 0, chosen: 2, most: 1 }]);
}
