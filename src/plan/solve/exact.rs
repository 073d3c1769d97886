//! What is nearly tied, by branch and bound: options whose choice or neglect loses more after prices than the gap are settled, for
//! no better choice differs there (reduced-cost fixing); what is left is often small enough to be proven.
#![expect(clippy::indexing_slicing, reason = "options and limits are those of a checked model")]

use std::collections::BTreeMap;

use microlp::{ComparisonOp, OptimizationDirection, SolveOptions, SolveOutcome, Variable};

use super::exchange::exchange;
use super::model::{Model, NONE};
use super::near::{near, settle};
use super::plan::Choice;
use super::repair;

/// Options that branch and bound is given to prove, and at first to improve.
const PROVE: usize = 500;
const IMPROVE: usize = 120;
/// Nodes of both.
const PROVE_NODES: u64 = 2_000;
const IMPROVE_NODES: u64 = 300;
/// Times it is asked.
const ROUNDS: u32 = 12;

/// Improves a choice and the bound, as far as it pays. `enough` is the gap that is good enough; 0 tries everything.
pub(super) fn improve(choice: &mut Choice<'_, '_>, prices: &[f64], bound: f64, enough: f64, threads: usize) -> f64 {
    let mut bound = bound;
    let mut size = IMPROVE;
    settle(choice, prices);
    if bound - choice.objective() > enough.max(nothing(choice.objective())) {
        exchange(choice, prices, bound, threads);
    }
    for _ in 0..ROUNDS {
        let objective = choice.objective();
        let gap = bound - objective;
        if gap <= enough.max(nothing(objective)) {
            break;
        }
        let near = near(choice, prices, gap * (1.0 + 1e-9), threads);
        let proving = near.len() <= PROVE;
        let free: Vec<u32> = near.iter().take(if proving { PROVE } else { size }).map(|(_, option)| *option).collect();
        let nodes = if proving { PROVE_NODES } else { IMPROVE_NODES };
        let Some(found) = branch_and_bound(choice, free, nodes) else { break };
        if proving {
            // Whatever is better than the choice before is among what was searched.
            bound = bound.min(found.bound.max(choice.objective()));
            break;
        }
        if found.better {
            repair::fill_all(choice, prices, threads);
            exchange(choice, prices, bound, threads);
        } else if size < PROVE {
            size = (size * 2).min(PROVE);
        } else {
            break;
        }
    }
    bound
}

/// A gap that is none.
pub(super) fn nothing(objective: f64) -> f64 {
    1e-9 * objective.abs().max(1e-3)
}

/// What branch and bound says.
struct Found {
    better: bool,
    /// No choice that differs only in what was free is worth more.
    bound: f64,
}

/// Decides the free options anew, all others staying as they are.
fn branch_and_bound(choice: &mut Choice<'_, '_>, mut free: Vec<u32>, nodes: u64) -> Option<Found> {
    let model = choice.model;
    free.sort_unstable();
    let is_free = |option: u32| free.binary_search(&option).is_ok();
    let mut by_customer: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for option in &free {
        let customer = model.problem.first.partition_point(|first| first <= option) - 1;
        by_customer.entry(customer).or_default().push(*option);
    }
    let objective = choice.objective();
    let fixed = choice.taken.iter().copied().filter(|option| *option != NONE && !is_free(*option));
    let settled = model.used(fixed.clone());
    let settled_gain: f64 = fixed.map(|option| model.gain(option as usize)).sum();

    let mut problem = microlp::Problem::new(OptimizationDirection::Maximize);
    let size = free.iter().map(|option| model.gain(*option as usize).abs()).fold(0.0, f64::max);
    let size = if size > 0.0 { size } else { 1.0 };
    let mut variables: Vec<(u32, Variable)> = Vec::new();
    let mut hint = Vec::new();
    for (customer, options) in &by_customer {
        let kept: Vec<u32> = choice.of(*customer).iter().copied().filter(|o| *o != NONE && !is_free(*o)).collect();
        let start = variables.len();
        for option in options {
            if !kept.iter().any(|kept| model.lagged() && model.apart(*kept as usize, *option as usize)) {
                let variable = problem.add_binary_var(model.gain(*option as usize) / size);
                variables.push((*option, variable));
                let taken = choice.of(*customer).contains(option);
                hint.push((variable, f64::from(u8::from(taken))));
            }
        }
        let mine = &variables[start..];
        let most = model.most - kept.len().min(model.most);
        if mine.len() > most {
            let row: Vec<(Variable, f64)> = mine.iter().map(|(_, variable)| (*variable, 1.0)).collect();
            problem.add_constraint(row.as_slice(), ComparisonOp::Le, most as f64);
        }
        if model.lagged() && most > 1 {
            for clique in cliques(model, mine) {
                let row: Vec<(Variable, f64)> = clique.iter().map(|variable| (*variable, 1.0)).collect();
                problem.add_constraint(row.as_slice(), ComparisonOp::Le, 1.0);
            }
        }
    }
    let mut rows: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); model.bounds.len()];
    for (option, variable) in &variables {
        model.uses(*option as usize, |limit, amount| {
            if amount > 0.0 {
                match rows[limit].iter_mut().find(|(v, _)| v == variable) {
                    Some((_, sum)) => *sum += amount,
                    None => rows[limit].push((*variable, amount)),
                }
            }
        });
    }
    let mut constant = settled_gain;
    for ((bound, row), settled) in model.bounds.iter().zip(rows).zip(settled) {
        let largest = row.iter().map(|(_, amount)| *amount).fold(0.0, f64::max);
        let total: f64 = row.iter().map(|(_, amount)| amount).sum();
        let scaled = || row.iter().map(|(variable, amount)| (*variable, amount / largest)).collect::<Vec<_>>();
        if total > bound.cap - settled {
            problem.add_constraint(scaled().as_slice(), ComparisonOp::Le, ((bound.cap - settled) / largest).max(0.0));
        }
        if bound.penalty > 0.0 && settled < bound.wanted {
            if row.is_empty() {
                constant -= bound.fine(settled);
                continue;
            }
            // Short, in units of the largest amount.
            let short = (bound.wanted - settled) / largest;
            let missing = problem.add_var(-bound.penalty * largest / size, (0.0, short));
            let mut row = scaled();
            row.push((missing, 1.0));
            problem.add_constraint(row.as_slice(), ComparisonOp::Ge, short);
        }
    }
    let mut options = SolveOptions::default();
    options.node_limit = Some(nodes);
    options.warm_start = Some(hint);
    let outcome = problem.solve_with(options).ok()?;
    let bound = match outcome.stats().best_bound {
        Some(bound) => bound * size + constant,
        None => f64::INFINITY,
    };
    let SolveOutcome::Solution(solution) = &outcome else { return Some(Found { better: false, bound }) };
    let bound = if outcome.is_optimal() { solution.objective() * size + constant } else { bound };

    let before = choice.taken.clone();
    for (customer, options) in &by_customer {
        let mut taken: Vec<u32> =
            choice.of(*customer).iter().copied().filter(|o| *o != NONE && !options.contains(o)).collect();
        let chosen = variables
            .iter()
            .filter(|(option, variable)| options.binary_search(option).is_ok() && solution.var_value(*variable) > 0.5);
        taken.extend(chosen.map(|(option, _)| *option));
        taken.resize(taken.len().max(model.most), NONE);
        if taken.len() > model.most {
            choice.taken = before;
            return Some(Found { better: false, bound });
        }
        choice.taken[customer * model.most..(customer + 1) * model.most].copy_from_slice(&taken);
    }
    choice.sum_again();
    let kept = choice.used.iter().zip(&model.bounds).all(|(used, bound)| *used <= bound.cap);
    let better = kept && choice.objective() > objective;
    if !better {
        choice.taken = before;
        choice.sum_again();
    }
    Some(Found { better, bound })
}

/// Rows that forbid every pair of a customer's options that exclude each other; as few and as wide as a greedy search finds.
fn cliques(model: &Model<'_>, mine: &[(u32, Variable)]) -> Vec<Vec<Variable>> {
    let apart = |a: usize, b: usize| model.apart(mine[a].0 as usize, mine[b].0 as usize);
    let mut covered = vec![false; mine.len() * mine.len()];
    let mut found = Vec::new();
    for a in 0..mine.len() {
        for b in a + 1..mine.len() {
            if covered[a * mine.len() + b] || !apart(a, b) {
                continue;
            }
            let mut clique = vec![a, b];
            for other in (0..mine.len()).filter(|other| *other != a && *other != b) {
                if clique.iter().all(|member| apart(*member, other)) {
                    clique.push(other);
                }
            }
            for one in &clique {
                for other in &clique {
                    covered[one * mine.len() + other] = true;
                }
            }
            found.push(clique.into_iter().map(|at| mine[at].1).collect());
        }
    }
    found
}
