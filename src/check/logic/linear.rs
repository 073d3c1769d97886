//! Linear inequalities: Fourier and Motzkin's elimination, which finds a contradiction or leads back to a solution.

use super::domain::Interval;

/// `sum of factor * variable <= bound`, or `<` if strict. Variables are places in a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Inequality {
    /// By variable, factors not 0.
    pub(super) terms: Vec<(usize, f64)>,
    /// The right side.
    pub(super) bound: f64,
    /// Whether the bound itself is outside.
    pub(super) strict: bool,
}

/// What is known of a set of inequalities.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Solved {
    /// Nothing fulfils them.
    Impossible,
    /// These values do.
    Values(Vec<f64>),
    /// Too many, or no whole numbers were found.
    Unknown,
}

/// So many inequalities are kept at a time.
const MOST: usize = 300;

impl Inequality {
    fn factor(&self, var: usize) -> f64 {
        self.terms.iter().find(|(v, _)| *v == var).map_or(0.0, |(_, c)| *c)
    }

    /// Over whole numbers a bound is whole and reached.
    fn tighten(&mut self, vars: &[(Interval, f64)]) {
        let whole =
            |(v, c): &(usize, f64)| c.fract() == 0.0 && vars.get(*v).is_some_and(|(interval, _)| interval.whole);
        if !self.terms.is_empty() && self.terms.iter().all(whole) {
            if self.strict && self.bound.fract() == 0.0 {
                self.bound -= 1.0;
            } else {
                self.bound = self.bound.floor();
            }
            self.strict = false;
        }
    }

    /// Whether it can never hold; of one without variables.
    fn contradicts(&self, exact: bool, scale: f64) -> bool {
        let slack = if exact { 0.0 } else { 1e-9 * scale };
        self.terms.is_empty() && (self.bound < -slack || (self.strict && self.bound == 0.0))
    }
}

/// Solves inequalities over variables, each with its interval and a wish. What stands first is chosen first.
pub(super) fn solve(vars: &[(Interval, f64)], given: Vec<Inequality>) -> Solved {
    let mut rest = given;
    for (var, (interval, _)) in vars.iter().enumerate() {
        if interval.has_low() {
            rest.push(Inequality { terms: vec![(var, -1.0)], bound: 0.0 - interval.low, strict: interval.low_open });
        }
        if interval.has_high() {
            rest.push(Inequality { terms: vec![(var, 1.0)], bound: interval.high, strict: interval.high_open });
        }
    }
    let exact = rest.iter().all(|i| (i.bound * 1024.0).fract() == 0.0 && i.terms.iter().all(|(_, c)| c.fract() == 0.0));
    let scale = rest.iter().fold(1.0_f64, |scale, i| scale.max(i.bound.abs()));
    let mut stages: Vec<Vec<Inequality>> = Vec::new();
    for var in (0..vars.len()).rev() {
        rest.iter_mut().for_each(|i| i.tighten(vars));
        let (about, mut others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|i| i.factor(var) != 0.0);
        let (upper, lower): (Vec<_>, Vec<_>) = about.iter().cloned().partition(|i| i.factor(var) > 0.0);
        if upper.len() * lower.len() + others.len() > MOST {
            return Solved::Unknown;
        }
        for u in &upper {
            for l in &lower {
                add(&mut others, join(u, l, var));
            }
        }
        if others.iter().any(|i| i.contradicts(exact, scale)) {
            return Solved::Impossible;
        }
        others.retain(|i| !i.terms.is_empty());
        stages.push(about);
        rest = others;
    }
    let mut values = Vec::new();
    for (var, (stage, (interval, wish))) in stages.iter().rev().zip(vars).enumerate() {
        let mut interval = interval.clone();
        for inequality in stage {
            let factor = inequality.factor(var);
            let others: f64 = inequality
                .terms
                .iter()
                .filter(|(v, _)| *v != var)
                .map(|(v, c)| c * values.get(*v).copied().unwrap_or(0.0))
                .sum();
            let bound = (inequality.bound - others) / factor;
            if factor > 0.0 {
                interval.below(bound, inequality.strict);
            } else {
                interval.above(bound, inequality.strict);
            }
        }
        match interval.choose(*wish) {
            Some(value) => values.push(value),
            None => return Solved::Unknown,
        }
    }
    Solved::Values(values)
}

/// The sum of two in which a variable falls out.
fn join(upper: &Inequality, lower: &Inequality, var: usize) -> Inequality {
    let (up, down) = (upper.factor(var), -lower.factor(var));
    let mut terms: Vec<(usize, f64)> = Vec::new();
    for (inequality, by) in [(upper, down), (lower, up)] {
        for (v, c) in &inequality.terms {
            match terms.iter_mut().find(|(known, _)| known == v) {
                Some((_, old)) => *old += c * by,
                None => terms.push((*v, c * by)),
            }
        }
    }
    terms.retain(|(v, c)| *v != var && *c != 0.0);
    terms.sort_by_key(|(v, _)| *v);
    let mut bound = upper.bound * down + lower.bound * up;
    // One scale for equal inequalities, so that they are seen to be.
    let lead = terms.first().map_or(1.0, |(_, c)| c.abs());
    if lead != 1.0 {
        terms.iter_mut().for_each(|(_, c)| *c /= lead);
        bound /= lead;
    }
    Inequality { terms, bound, strict: upper.strict || lower.strict }
}

/// Keeps the narrower of two with the same left side.
fn add(list: &mut Vec<Inequality>, new: Inequality) {
    match list.iter_mut().find(|old| old.terms == new.terms) {
        Some(old) => {
            if new.bound < old.bound || (new.bound == old.bound && new.strict) {
                *old = new;
            }
        }
        None => list.push(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn less(a: usize, b: usize, bound: f64, strict: bool) -> Inequality {
        Inequality { terms: vec![(a, 1.0), (b, -1.0)], bound, strict }
    }

    #[test]
    fn a_circle_of_less_is_impossible() {
        let free = vec![(Interval::all(false), 0.0); 3];
        let circle = vec![less(0, 1, 0.0, true), less(1, 2, 0.0, false), less(2, 0, 0.0, false)];
        assert_eq!(solve(&free, circle), Solved::Impossible);
        let chain = vec![less(0, 1, 0.0, true), less(1, 2, -3.0, false)];
        assert!(matches!(solve(&free, chain), Solved::Values(_)));
    }

    #[test]
    fn whole_numbers_leave_no_room_between() {
        let days = vec![(Interval::all(true), 0.0); 2];
        let between = vec![less(0, 1, 0.0, true), less(1, 0, 1.0, true)];
        assert_eq!(solve(&days, between.clone()), Solved::Impossible);
        let real = vec![(Interval::all(false), 0.0); 2];
        assert!(matches!(solve(&real, between), Solved::Values(_)));
    }
}
