//! The conditions of rollups.

use super::super::Finding;
use super::super::solver::{Answer, Solver};
use super::Looker;
use crate::diag::{Code, Diagnostic, Span, code};
use crate::expr::Kind;

impl Looker<'_> {
    /// The conditions of rollups, over the names of their tables.
    pub(super) fn rollups(&mut self, idle: &mut Vec<Span>) {
        let pack = self.pack;
        for table in pack.tables.values() {
            let mut solver = Solver::of_table(pack, table);
            for rollup in pack.rollups.iter().filter(|rollup| rollup.table == table.name) {
                let share = match &rollup.aggregate {
                    crate::pack::Aggregate::Share(part) => Some(part),
                    _ => None,
                };
                for expr in rollup.condition.iter().chain(share) {
                    if matches!(expr.kind, Kind::Const(_)) {
                        continue;
                    }
                    let mut say = |code: Code, message: String, help: &str| {
                        idle.push(expr.span);
                        let diagnostic = Diagnostic::warning(code, expr.span, message).help(help);
                        self.out.findings.push(Finding { diagnostic, region: None });
                    };
                    let (never, always) = (solver.ask(&[expr], &[]), solver.ask(&[], &[expr]));
                    if never == Answer::Impossible {
                        let message =
                            format!("rollup `{}` never counts an event: its condition is true for none", rollup.name);
                        say(code::NEVER_MATCHES, message, "change a part, or drop the rollup");
                    } else if always == Answer::Impossible {
                        let message = format!("the condition of rollup `{}` is true for every event", rollup.name);
                        say(
                            code::ALWAYS_MATCHES,
                            message,
                            "leave it out, or change it; events after `today` are never seen anyway",
                        );
                    }
                    if let (Answer::NotDecided(reason), _) | (_, Answer::NotDecided(reason)) = (&never, &always) {
                        self.out.summary.not_decided += 1;
                        let message = format!("the condition of rollup `{}` is not decided exactly", rollup.name);
                        let diagnostic = Diagnostic::note(code::NOT_DECIDED, expr.span, message).label(reason.clone());
                        self.out.findings.push(Finding { diagnostic, region: None });
                    } else {
                        self.out.summary.exact += 1;
                    }
                }
            }
        }
    }
}
