//! Fingerprints of what is computed: equal ones give equal values on equal records, whatever program they stand in.
//!
//! A node's fingerprint is made of what it does and of the fingerprints of what it reads. What a graph numbers for itself
//! (texts, inputs, tests, curves, calls) counts by what it is. A script call counts by the texts it may run.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::graph::Graph;
use super::op::{Id, Measure, Op, Relation, TextTest};
use super::plan::{OutputKind, Piece};
use crate::expr::{Type, Value};
use crate::script::{Limits, Scripts, Signature};

/// A fingerprint. Of 128 bits, so that two different computations do not meet; good within one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Print(u64, u64);

impl Print {
    pub(super) fn number(self) -> u128 {
        u128::from(self.0) << 64 | u128::from(self.1)
    }
}

/// Two hashes at once.
struct Printer(DefaultHasher, DefaultHasher);

impl Printer {
    fn new() -> Printer {
        let mut printer = Printer(DefaultHasher::new(), DefaultHasher::new());
        // From here on the two states differ, and so do the hashes.
        printer.1.write_u64(0x9E37_79B9_7F4A_7C15);
        printer
    }

    fn print(self) -> Print {
        Print(self.0.finish(), self.1.finish())
    }
}

impl Hasher for Printer {
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
        self.1.write(bytes);
    }

    fn finish(&self) -> u64 {
        self.0.finish()
    }
}

/// The fingerprints of all nodes of a graph.
pub(super) struct Prints {
    nodes: Vec<Print>,
}

impl Prints {
    pub(super) fn of(graph: &Graph, inputs: &[(String, Type)], scripts: &Scripts) -> Prints {
        let mut prints = Prints { nodes: Vec::with_capacity(graph.len()) };
        let mut calls: HashMap<u32, Print> = HashMap::new();
        for id in 0..graph.len() as Id {
            let print = prints.node(graph, graph.op(id), inputs, scripts, &mut calls);
            prints.nodes.push(print);
        }
        prints
    }

    /// The fingerprint of a node.
    pub(super) fn get(&self, id: Id) -> Print {
        // Operands come before users, so there is always one.
        self.nodes.get(id as usize).copied().unwrap_or(Print(0, 0))
    }

    fn node(
        &self,
        graph: &Graph,
        op: &Op,
        inputs: &[(String, Type)],
        scripts: &Scripts,
        calls: &mut HashMap<u32, Print>,
    ) -> Print {
        let mut printer = Printer::new();
        let mut shape = op.clone();
        let mut operands = Vec::new();
        shape.operands(&mut |id| {
            operands.push(self.get(*id));
            *id = 0;
        });
        let text = |code: u32| graph.constant_text(code);
        // What is numbered within the graph is written out here and taken from the shape. No `_`: a new operation that has
        // such a number must come here, too.
        match &mut shape {
            Op::NumberIn(at) | Op::DateIn(at) | Op::BoolIn(at, _) | Op::TextIn(at) => {
                inputs.get(*at as usize).hash(&mut printer);
                *at = 0;
            }
            Op::Curve(_, at) => {
                if let Some(curve) = graph.curves.get(*at as usize) {
                    for (x, y) in curve.points.iter() {
                        (x.to_bits(), y.to_bits()).hash(&mut printer);
                    }
                }
                *at = 0;
            }
            Op::Measure(at, _) => {
                match graph.measures.get(*at as usize) {
                    Some(Measure::Table(table, otherwise)) => {
                        let mut table: Vec<_> = table.iter().map(|(code, bits)| (text(*code), *bits)).collect();
                        table.sort_by(|a, b| a.0.cmp(&b.0));
                        (table, otherwise).hash(&mut printer);
                    }
                    Some(Measure::Len) | None => 1_u8.hash(&mut printer),
                }
                *at = 0;
            }
            Op::TextIs(_, code, _) | Op::Text(code) => {
                text(*code).hash(&mut printer);
                *code = 0;
            }
            Op::TextOfChoice { texts, .. } => {
                texts.iter().map(|code| text(*code)).collect::<Vec<_>>().hash(&mut printer);
                texts.clear();
            }
            Op::Test(at, ..) => {
                if let Some(test) = graph.tests.get(*at as usize) {
                    print_test(test, graph, &mut printer);
                }
                *at = 0;
            }
            Op::Script { call, .. } => {
                let print = calls.entry(*call).or_insert_with(|| match graph.calls.get(*call as usize) {
                    Some(signature) => of_call(signature, scripts),
                    None => Print(0, 0),
                });
                print.hash(&mut printer);
                *call = 0;
            }
            // Which side is named first is a matter of numbers.
            Op::And(..) | Op::Or(..) | Op::TextSame(..) => operands.sort_unstable(),
            Op::Number(_)
            | Op::Arith(..)
            | Op::Unary(..)
            | Op::Binary(..)
            | Op::Clamp(..)
            | Op::Else(..)
            | Op::Pick(..)
            | Op::OfChoice { .. }
            | Op::Weigh(_)
            | Op::Share { .. }
            | Op::Bands(..)
            | Op::Mean(_)
            | Op::Fill(_)
            | Op::AndNot(..)
            | Op::Not(_)
            | Op::PickMask(..)
            | Op::Compare(..)
            | Op::There(_)
            | Op::TextThere(_)
            | Op::Related(..)
            | Op::Is { .. }
            | Op::First { .. }
            | Op::Highest { .. }
            | Op::Best { .. }
            | Op::Map(..)
            | Op::ElseText(..)
            | Op::PickText(..) => {}
        }
        shape.hash(&mut printer);
        operands.hash(&mut printer);
        printer.print()
    }

    /// The fingerprint of an output column, its name left out.
    pub(super) fn output(&self, kind: &OutputKind) -> Print {
        let mut printer = Printer::new();
        match kind {
            OutputKind::Number(id) => (0_u8, self.get(*id)).hash(&mut printer),
            OutputKind::Date(id) => (1_u8, self.get(*id)).hash(&mut printer),
            OutputKind::Text(id) => (2_u8, self.get(*id)).hash(&mut printer),
            OutputKind::Bool { yes, no } => (3_u8, self.get(*yes), self.get(*no)).hash(&mut printer),
            OutputKind::Mask(id) => (4_u8, self.get(*id)).hash(&mut printer),
            OutputKind::Input(field, ty) => (5_u8, field, ty).hash(&mut printer),
            OutputKind::Constant(ty, value) => {
                (6_u8, ty).hash(&mut printer);
                print_value(value, &mut printer);
            }
            OutputKind::Sentences(sentences) => {
                (7_u8, sentences.len()).hash(&mut printer);
                for (mask, pieces) in sentences {
                    (self.get(*mask), pieces.len()).hash(&mut printer);
                    for piece in pieces {
                        self.piece(piece, &mut printer);
                    }
                }
            }
        }
        printer.print()
    }

    fn piece(&self, piece: &Piece, printer: &mut Printer) {
        match piece {
            Piece::Written(text) => (0_u8, text).hash(printer),
            Piece::Number(id) => (1_u8, self.get(*id)).hash(printer),
            Piece::Date(id) => (2_u8, self.get(*id)).hash(printer),
            Piece::Text(id) => (3_u8, self.get(*id)).hash(printer),
            Piece::Bool { yes, no } => (4_u8, self.get(*yes), self.get(*no)).hash(printer),
        }
    }
}

fn print_test(test: &TextTest, graph: &Graph, printer: &mut Printer) {
    let relation = |relation: &Relation, text: &str, printer: &mut Printer| (relation, text).hash(printer);
    match test {
        TextTest::Relation(rel, part) => {
            0_u8.hash(printer);
            relation(rel, part, printer);
        }
        TextTest::Flipped(rel, whole) => {
            1_u8.hash(printer);
            relation(rel, whole, printer);
        }
        TextTest::In(codes) => {
            let mut texts: Vec<_> = codes.iter().map(|code| graph.constant_text(*code)).collect();
            texts.sort();
            (2_u8, texts).hash(printer);
        }
        TextTest::Matches(pattern) => (3_u8, &pattern.text).hash(printer),
        TextTest::Mentions(words) => (4_u8, &words.list).hash(printer),
    }
}

fn print_value(value: &Value, printer: &mut Printer) {
    match value {
        Value::Missing => 0_u8.hash(printer),
        Value::Number(x) => (1_u8, x.to_bits()).hash(printer),
        Value::Text(text) => (2_u8, text).hash(printer),
        Value::Bool(b) => (3_u8, b).hash(printer),
        Value::Date(d) => (4_u8, d).hash(printer),
    }
}

/// What a call runs: the function, how it is called, and every text it may reach, within which limits.
fn of_call(signature: &Signature, scripts: &Scripts) -> Print {
    let mut printer = Printer::new();
    (&signature.module, &signature.name, signature.result).hash(&mut printer);
    (signature.on_missing == crate::script::OnMissing::Call).hash(&mut printer);
    for parameter in &signature.parameters {
        parameter.ty.hash(&mut printer);
    }
    scripts.reached(&signature.module).hash(&mut printer);
    let Limits {
        max_operations,
        max_depth,
        max_string,
        max_array,
        max_map,
        max_variables,
        max_expression_depth,
        max_batch_seconds,
        // How many failures are too many changes no value.
        max_error_rate: _,
    } = scripts.limits();
    (max_operations, max_depth, max_string, max_array, max_map, max_variables).hash(&mut printer);
    (max_expression_depth, max_batch_seconds.to_bits()).hash(&mut printer);
    printer.print()
}
