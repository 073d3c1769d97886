//! The building blocks of the stages, each against an obvious reading of its documentation, row by row.

use std::sync::Arc;

use arrow::array::{Array, AsArray};
use regain::engine::{Builder, Mask, Num, Reg, Segment, Text};
use regain::expr::{Arith, Compare, Expr, Kind, Row, Type, Value, evaluate};

use super::generate::{Generator, Random};
use super::harness::{World, run, same, span, values};

/// One output and what it must be on each row.
struct Wanted {
    name: String,
    values: Vec<Value>,
}

/// Collects outputs beside what they must be.
struct Bench<'a> {
    world: &'a World,
    random: Random,
    b: Builder,
    wanted: Vec<Wanted>,
}

impl Bench<'_> {
    fn rows(&self) -> usize {
        self.world.records.len()
    }

    fn expr(&mut self, ty: Type) -> Expr {
        let depth = self.random.below(3);
        Generator { random: &mut self.random, world: self.world }.expr(ty, depth)
    }

    fn values(&self, expr: &Expr) -> Vec<Value> {
        self.world.records.iter().map(|r| evaluate(expr, r, &self.world.scripts)).collect()
    }

    /// A number register and its values.
    fn number(&mut self) -> (Num, Vec<Option<f64>>) {
        let expr = self.expr(Type::Number);
        let Reg::Number(num) = self.b.value(&expr) else { panic!("a number is a number") };
        (num, self.values(&expr).iter().map(Value::as_number).collect())
    }

    fn text(&mut self) -> (Text, Vec<Option<String>>) {
        let expr = self.expr(Type::Text);
        let Reg::Text(text) = self.b.value(&expr) else { panic!("a text is a text") };
        (text, self.values(&expr).iter().map(|v| v.as_text().map(str::to_owned)).collect())
    }

    fn mask(&mut self) -> (Mask, Vec<bool>) {
        let expr = self.expr(Type::Bool);
        (self.b.is_true(&expr), self.values(&expr).iter().map(|v| *v == Value::Bool(true)).collect())
    }

    fn masks(&mut self, n: usize) -> (Vec<Mask>, Vec<Vec<bool>>) {
        (0..n).map(|_| self.mask()).unzip()
    }

    fn numbers(&mut self, n: usize) -> (Vec<Num>, Vec<Vec<Option<f64>>>) {
        (0..n).map(|_| self.number()).unzip()
    }

    fn want(&mut self, what: &str, reg: Reg, mut value: impl FnMut(usize) -> Value) {
        let name = format!("{what} {}", self.wanted.len());
        self.b.output(&name, reg);
        let values = (0..self.rows()).map(&mut value).collect();
        self.wanted.push(Wanted { name, values });
    }

    fn want_number(&mut self, what: &str, num: Num, mut value: impl FnMut(usize) -> Option<f64>) {
        self.want(what, Reg::Number(num), |row| value(row).map_or(Value::Missing, Value::number));
    }

    fn want_mask(&mut self, what: &str, mask: Mask, value: impl Fn(usize) -> bool) {
        let name = format!("{what} {}", self.wanted.len());
        self.b.output_mask(&name, mask);
        let values = (0..self.rows()).map(|row| Value::Bool(value(row))).collect();
        self.wanted.push(Wanted { name, values });
    }

    /// A choice, checked through every way of reading it.
    fn want_choice(&mut self, what: &str, choice: regain::engine::Choice, n: usize, chosen: &[Option<usize>]) {
        let texts: Vec<Option<String>> = (0..n).map(|i| (i % 3 != 1).then(|| format!("choice {i}"))).collect();
        let borrowed: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        let text = self.b.choice_text(choice, &borrowed);
        self.want(what, Reg::Text(text), |row| {
            chosen[row].and_then(|i| texts[i].clone()).map_or(Value::Missing, Value::text)
        });
        let (numbers, number_values) = self.numbers(3);
        let options: Vec<Option<Num>> = (0..n).map(|i| (i % 4 != 3).then(|| numbers[i % 3])).collect();
        let number = self.b.choice_number(choice, &options);
        self.want_number(what, number, |row| {
            chosen[row].filter(|i| i % 4 != 3).and_then(|i| number_values[i % 3][row])
        });
        if n > 0 {
            let at = self.random.below(n);
            let is = self.b.chosen(choice, at);
            self.want_mask(what, is, |row| chosen[row] == Some(at));
        }
    }

    fn check(self) {
        let code = self.b.finish("key");
        let (columns, _) = run(&code, &self.world.batch);
        assert_eq!(columns.len(), self.wanted.len());
        for (column, wanted) in columns.iter().zip(&self.wanted) {
            for (row, (got, want)) in column.iter().zip(&wanted.values).enumerate() {
                assert!(same(got, want), "{}: row {row} is {got:?}, not {want:?}", wanted.name);
            }
        }
        // Each alone, too: regions and registers fall differently.
        for (column, wanted) in columns.iter().zip(&self.wanted) {
            let (alone, _) = run(&code.project(&[&wanted.name]), &self.world.batch);
            assert!(alone[0].iter().zip(column).all(|(a, b)| same(a, b)), "{} alone", wanted.name);
        }
    }
}

fn bench(seed: u64, rows: usize, test: impl Fn(&mut Bench<'_>)) {
    let mut random = Random::new(seed);
    let world = World::new(&mut random, rows);
    let mut bench = Bench { b: world.builder(), world: &world, random, wanted: Vec::new() };
    for _ in 0..10 {
        test(&mut bench);
    }
    bench.check();
}

fn number(x: f64) -> Option<f64> {
    Value::number(x).as_number()
}

#[test]
fn masks() {
    bench(1, 1300, |t| {
        let n = t.random.below(4);
        let (masks, values) = t.masks(n);
        let all = t.b.and(&masks);
        t.want_mask("and", all, |row| values.iter().all(|v| v[row]));
        let any = t.b.or(&masks);
        t.want_mask("or", any, |row| values.iter().any(|v| v[row]));
        let (mask, value) = t.mask();
        let not = t.b.not(mask);
        t.want_mask("not", not, |row| !value[row]);
        let every = t.b.all();
        t.want_mask("all", every, |_| true);
    });
}

#[test]
fn first_match() {
    bench(2, 2500, |t| {
        let n = t.random.below(7);
        let rules: Vec<Option<Expr>> =
            (0..n).map(|i| (i + 1 < n || t.random.below(2) == 0).then(|| t.expr(Type::Bool))).collect();
        let (within, inside) = t.mask();
        let borrowed: Vec<Option<&Expr>> = rules.iter().map(Option::as_ref).collect();
        let choice = t.b.first_match(&borrowed, within);
        let values: Vec<Vec<bool>> = rules
            .iter()
            .map(|r| match r {
                Some(rule) => t.values(rule).iter().map(|v| *v == Value::Bool(true)).collect(),
                None => vec![true; t.rows()],
            })
            .collect();
        let chosen: Vec<Option<usize>> =
            (0..t.rows()).map(|row| if inside[row] { values.iter().position(|v| v[row]) } else { None }).collect();
        t.want_choice("first match", choice, n, &chosen);

        let (masks, held) = t.masks(3);
        let choice = t.b.first_of(&masks);
        let chosen: Vec<Option<usize>> = (0..t.rows()).map(|row| held.iter().position(|v| v[row])).collect();
        t.want_choice("first of", choice, 3, &chosen);
    });
}

/// Rules behind one that always holds are never reached: what they alone need is skipped, and that must not show.
#[test]
fn skipped_rules_leave_no_trace() {
    bench(3, 1500, |t| {
        let always = Expr {
            kind: Kind::IsMissing { item: Box::new(t.world.read("absent")), missing: true },
            ty: Type::Bool,
            span: span(),
        };
        let (early, late) = (t.expr(Type::Bool), t.expr(Type::Bool));
        let all = t.b.all();
        let choice = t.b.first_match(&[Some(&early), Some(&always), Some(&late)], all);
        let held = t.values(&early);
        let chosen: Vec<Option<usize>> = held.iter().map(|v| Some(usize::from(*v != Value::Bool(true)))).collect();
        t.want_choice("skipped", choice, 3, &chosen);
        // The late rule is used again outside.
        let (again, values) = (t.b.is_true(&late), t.values(&late));
        t.want_mask("late rule", again, |row| values[row] == Value::Bool(true));
    });
}

#[test]
fn many_alternatives() {
    for n in [254, 255, 400] {
        bench(4, 1100, |t| {
            let read = t.world.read("n0");
            let slot = t.world.slot("n0");
            let rules: Vec<Expr> = (0..n)
                .map(|i| Expr {
                    kind: Kind::Compare(
                        Compare::Lt,
                        Box::new(read.clone()),
                        Box::new(Expr { kind: Kind::Const(Value::number(i as f64)), ty: Type::Number, span: span() }),
                    ),
                    ty: Type::Bool,
                    span: span(),
                })
                .collect();
            let borrowed: Vec<Option<&Expr>> = rules.iter().map(Some).collect();
            let all = t.b.all();
            let choice = t.b.first_match(&borrowed, all);
            let chosen: Vec<Option<usize>> = t
                .world
                .records
                .iter()
                .map(|r| r.get(slot).as_number().and_then(|x| (0..n).position(|i| x < i as f64)))
                .collect();
            t.want_choice("many", choice, n, &chosen);

            let (numbers, known) = t.numbers(4);
            let (within, inside) = t.mask();
            let many: Vec<Num> = (0..n).map(|i| numbers[i % 4]).collect();
            let (choice, share) = t.b.highest(&many, 0.5, within);
            check_highest(t, choice, share, &(0..n).map(|i| known[i % 4].clone()).collect::<Vec<_>>(), 0.5, &inside);
            let (masks, held) = t.masks(3);
            let alternatives: Vec<(Mask, Num)> = (0..n).map(|i| (masks[i % 3], numbers[i % 4])).collect();
            let choice = t.b.best(&alternatives);
            let all: Vec<(Vec<bool>, Vec<Option<f64>>)> =
                (0..n).map(|i| (held[i % 3].clone(), known[i % 4].clone())).collect();
            check_best(t, choice, &all);
        });
    }
}

fn check_highest(
    t: &mut Bench<'_>,
    choice: regain::engine::Choice,
    share: Num,
    known: &[Vec<Option<f64>>],
    minimum: f64,
    inside: &[bool],
) {
    let mut chosen = Vec::new();
    let mut shares = Vec::new();
    for row in 0..t.rows() {
        let mut best: Option<(usize, f64)> = None;
        let mut total = 0.0;
        for (i, values) in known.iter().enumerate() {
            if let Some(x) = values[row] {
                total += x;
                if x >= minimum && x > 0.0 && best.is_none_or(|(_, b)| x > b) {
                    best = Some((i, x));
                }
            }
        }
        let best = best.filter(|_| inside[row]);
        chosen.push(best.map(|b| b.0));
        shares.push(best.and_then(|(_, x)| number(x / number(total)?)));
    }
    t.want_choice("highest", choice, known.len(), &chosen);
    t.want_number("share", share, |row| shares[row]);
}

fn check_best(t: &mut Bench<'_>, choice: regain::engine::Choice, all: &[(Vec<bool>, Vec<Option<f64>>)]) {
    let chosen: Vec<Option<usize>> = (0..t.rows())
        .map(|row| {
            let mut best: Option<(usize, Option<f64>)> = None;
            for (i, (held, known)) in all.iter().enumerate().filter(|(_, (held, _))| held[row]) {
                let _ = held;
                let better = match (best, known[row]) {
                    (None, _) => true,
                    (Some((_, None)), x) => x.is_some(),
                    (Some((_, Some(b))), Some(x)) => x > b,
                    (Some((_, Some(_))), None) => false,
                };
                if better {
                    best = Some((i, known[row]));
                }
            }
            best.map(|b| b.0)
        })
        .collect();
    t.want_choice("best", choice, all.len(), &chosen);
}

#[test]
fn highest_and_best() {
    bench(5, 1300, |t| {
        let n = t.random.below(5);
        let (numbers, known) = t.numbers(n);
        let (within, inside) = t.mask();
        let minimum = [0.0, 1.0, -3.0, 50.0][t.random.below(4)];
        let (choice, share) = t.b.highest(&numbers, minimum, within);
        check_highest(t, choice, share, &known, minimum, &inside);
        let (masks, held) = t.masks(n);
        let alternatives: Vec<(Mask, Num)> = masks.iter().copied().zip(numbers.iter().copied()).collect();
        let choice = t.b.best(&alternatives);
        let all: Vec<(Vec<bool>, Vec<Option<f64>>)> = held.into_iter().zip(known).collect();
        check_best(t, choice, &all);
    });
}

#[test]
fn weights() {
    bench(6, 1300, |t| {
        let n = t.random.below(6);
        let (masks, held) = t.masks(n);
        let weights: Vec<f64> = (0..n).map(|_| [1.0, 2.0, 0.1, 0.3, 5.5][t.random.below(5)]).collect();
        let evidence: Vec<(Mask, f64)> = masks.iter().copied().zip(weights.iter().copied()).collect();
        let sum = t.b.weigh(&evidence);
        t.want_number("weigh", sum, |row| {
            let mut sum = 0.0;
            for (held, weight) in held.iter().zip(&weights) {
                if held[row] {
                    sum += weight;
                }
            }
            Some(sum)
        });
        let (numbers, known) = t.numbers(n);
        let terms: Vec<(Num, f64)> = numbers.iter().copied().zip(weights.iter().copied()).collect();
        let mean = t.b.weighted_mean(&terms);
        t.want_number("weighted mean", mean, |row| {
            let (mut sum, mut total, mut any) = (0.0, 0.0, false);
            for (known, weight) in known.iter().zip(&weights) {
                if let Some(x) = known[row] {
                    sum += weight * x;
                    total += weight;
                    any = true;
                }
            }
            if any { number(sum / total) } else { None }
        });
    });
}

#[test]
fn scores() {
    bench(7, 1300, |t| {
        let (x, known) = t.number();
        let n = 1 + t.random.below(5);
        let mut bands: Vec<(Option<f64>, f64)> =
            (0..n).map(|i| (Some(i as f64 * 20.0 - 40.0), t.random.below(11) as f64)).collect();
        if t.random.below(2) == 0 {
            bands.push((None, 3.0));
        }
        let banded = t.b.bands(x, &bands);
        t.want_number("bands", banded, |row| {
            let x = known[row]?;
            bands.iter().find(|(below, _)| below.is_none_or(|b| x < b)).map(|(_, score)| *score)
        });

        let n = [1, 2, 3, 8, 12, 13, 40, 3000][t.random.below(8)];
        let mut at = -100.0;
        let points: Arc<[(f64, f64)]> = (0..n)
            .map(|_| {
                at += 0.001 + t.random.below(1000) as f64 / 100.0;
                (at, t.random.below(100) as f64 / 10.0 - 1.0)
            })
            .collect();
        let curved = t.b.curve(x, Arc::clone(&points));
        t.want_number("curve", curved, |row| {
            let x = known[row]?;
            if x <= points[0].0 {
                return Some(points[0].1);
            }
            if x >= points[n - 1].0 {
                return Some(points[n - 1].1);
            }
            let i = points.iter().rposition(|p| p.0 <= x)?;
            let ((x0, y0), (x1, y1)) = (points[i], points[i + 1]);
            if x == x0 { Some(y0) } else { number(y0 + (x - x0) * ((y1 - y0) / (x1 - x0))) }
        });

        let (text, known_text) = t.text();
        let map = vec![("price".to_owned(), 7.5), ("a".to_owned(), 1.0), ("never there".to_owned(), 2.0)];
        let otherwise = (t.random.below(2) == 0).then_some(4.25);
        let mapped = t.b.map(text, &map, otherwise);
        t.want_number("map", mapped, |row| {
            let text = known_text[row].as_ref()?;
            map.iter().find(|(key, _)| key == text).map(|(_, n)| *n).or(otherwise)
        });

        let clamped = t.b.clamp(x, 0.0, 10.0);
        t.want_number("clamp", clamped, |row| Some(known[row]?.clamp(0.0, 10.0)));
        let filled = t.b.or_number(x, 5.0);
        t.want_number("or number", filled, |row| known[row].or(Some(5.0)));
        let (y, other) = t.number();
        let product = t.b.arith(Arith::Mul, x, y);
        t.want_number("times", product, |row| number(known[row]? * other[row]?));
        let k = t.b.number(Some(12.5));
        let difference = t.b.arith(Arith::Sub, k, x);
        t.want_number("12.5 - x", difference, |row| number(12.5 - known[row]?));
        let (within, inside) = t.mask();
        let only = t.b.only(Reg::Number(x), within);
        t.want("only", only, |row| known[row].filter(|_| inside[row]).map_or(Value::Missing, Value::number));
        let only = t.b.only(Reg::Text(text), within);
        t.want("only", only, |row| known_text[row].clone().filter(|_| inside[row]).map_or(Value::Missing, Value::text));
    });
}

/// Causes: the heaviest evidence wins. Few masks each, so that sums are compared without being added up.
#[test]
fn the_heaviest_evidence_wins() {
    bench(14, 1300, |t| {
        let n = t.random.below(6);
        let mut sums = Vec::new();
        let mut known: Vec<Vec<Option<f64>>> = Vec::new();
        for _ in 0..n {
            // Five are more than are compared that way.
            let terms = [0, 1, 1, 2, 3, 4, 5][t.random.below(7)];
            let (masks, held) = t.masks(terms);
            // 0.1 + 0.2 is not 0.3, and many sums are equal.
            let weights: Vec<f64> =
                (0..terms).map(|_| [1.0, 2.0, 3.0, 0.1, 0.2, 0.3, 1e-20][t.random.below(7)]).collect();
            let evidence: Vec<(Mask, f64)> = masks.iter().copied().zip(weights.iter().copied()).collect();
            sums.push(t.b.weigh(&evidence));
            let sum = |row: usize| {
                let held = held.iter().zip(&weights).filter(|(held, _)| held[row]);
                held.fold(0.0, |sum, (_, weight)| sum + weight)
            };
            known.push((0..t.rows()).map(|row| Some(sum(row))).collect());
        }
        let (within, inside) = t.mask();
        let minimum = [0.0, 0.3, 0.30000000000000004, 2.0][t.random.below(4)];
        let (choice, share) = t.b.highest(&sums, minimum, within);
        check_highest(t, choice, share, &known, minimum, &inside);
    });
}

/// A curve whose slope overflows: exact at its points, missing between.
#[test]
fn a_steep_curve() {
    let mut random = Random::new(8);
    let world = World::new(&mut random, 200);
    let mut b = world.builder();
    let Reg::Number(x) = b.value(&world.read("n2")) else { panic!("n2 is a number") };
    let points: Arc<[(f64, f64)]> = Arc::new([(0.0, -1e308), (1.0, 1.7e308), (2.0, 3.0)]);
    let curve = b.curve(x, points);
    b.output("curve", Reg::Number(curve));
    let (columns, _) = run(&b.finish("key"), &world.batch);
    for (record, value) in world.records.iter().zip(&columns[0]) {
        let wanted = match record.get(world.slot("n2")).as_number() {
            None => Value::Missing,
            Some(x) if x <= 0.0 => Value::Number(-1e308),
            Some(1.0) => Value::Number(1.7e308),
            Some(_) => Value::Number(3.0),
        };
        assert!(same(value, &wanted), "{value:?}, not {wanted:?}");
    }
}

#[test]
fn outputs() {
    let mut random = Random::new(9);
    let world = World::new(&mut random, 1111);
    let mut b = world.builder();
    let (n, t, d, f) = (world.read("n0"), world.read("t0"), world.read("d0"), world.read("b0"));
    let long = b.is_true(&f);
    let always = b.all();
    let nothing = b.not(always);
    b.output_input("customer", "key");
    b.output_text("pack", "base");
    b.output_value("as_of", Type::Date, Value::Missing);
    let written = |text: &str| Segment::Text(text.to_owned());
    b.output_sentences(
        "reasons",
        vec![
            (long, vec![written("paid "), Segment::Value(n.clone()), written(" for "), Segment::Value(t.clone())]),
            (nothing, vec![written("never")]),
            (long, vec![written("on "), Segment::Value(d.clone()), written(", "), Segment::Value(f.clone())]),
        ],
    );
    let value = b.value(&n);
    b.output("n", value);
    let code = b.finish("key");
    assert_eq!(code.output_schema().fields().len(), 5);
    let fields: Vec<String> = code.input_schema().fields().iter().map(|f| f.name().clone()).collect();
    assert_eq!(fields, ["key", "n0", "d0", "t0", "b0"], "the columns in use, the key first");

    let (made, failures) = code.run(&world.batch).unwrap();
    assert!(failures.is_empty());
    assert_eq!(made.schema(), code.output_schema_for(&world.batch.schema()));
    let keys = world.batch.column_by_name("key").unwrap();
    assert_eq!(made.column(0).to_data().buffers()[0].as_ptr(), keys.to_data().buffers()[0].as_ptr(), "not copied");
    assert!(values(made.column(1)).iter().all(|v| *v == Value::text("base")));
    assert_eq!(made.column(2).null_count(), 1111);
    let reasons = values(made.column(3));
    for (record, reason) in world.records.iter().zip(&reasons) {
        let of = |e: &Expr| evaluate(e, record, &world.scripts);
        let wanted = match of(&f) {
            Value::Bool(true) => Value::text(format!("paid {} for {}; on {}, yes", of(&n), of(&t), of(&d))),
            _ => Value::Missing,
        };
        assert_eq!(*reason, wanted);
    }
    // The same constants again, on fewer and on more rows.
    for rows in [5, 0, 1111] {
        let (made, _) = code.run(&world.batch.slice(0, rows)).unwrap();
        assert_eq!(values(made.column(1)), vec![Value::text("base"); rows]);
        assert_eq!(values(made.column(3)), reasons[..rows]);
    }
    let only = code.project(&["pack", "customer", "no such column"]);
    assert_eq!(only.run(&world.batch).unwrap().0.num_columns(), 2);
    assert_eq!(only.project(&["n"]).run(&world.batch).unwrap().0.num_columns(), 1, "a projection can be widened");
    let none = code.project(&[]).run(&world.batch).unwrap().0;
    assert_eq!((none.num_columns(), none.num_rows()), (0, 1111));
}

/// Physical types that come from elsewhere.
#[test]
fn columns_of_every_kind() {
    use arrow::array::{ArrayRef, Decimal128Array, DictionaryArray, Float64Array, Int64Array, NullArray, StringArray};
    use arrow::array::{TimestampSecondArray, UInt16Array, UInt64Array};
    use arrow::datatypes::{DataType, UInt16Type};
    let mut random = Random::new(15);
    let world = World::new(&mut random, 1);
    let strings: ArrayRef = Arc::new(StringArray::from(vec![Some("b"), None, Some("a")]));
    let keys = UInt16Array::from(vec![Some(2), None, Some(1), Some(0), Some(2)]);
    let texts: ArrayRef = Arc::new(DictionaryArray::<UInt16Type>::try_new(keys.clone(), strings).unwrap());
    let doubles: ArrayRef = Arc::new(Float64Array::from(vec![Some(0.5), None, Some(f64::INFINITY)]));
    let coded: ArrayRef = Arc::new(DictionaryArray::<UInt16Type>::try_new(keys, doubles).unwrap());
    let decimals = Decimal128Array::from(vec![Some(1250), None, Some(-1), Some(0), Some(99)]);
    let decimals: ArrayRef = Arc::new(decimals.with_precision_and_scale(10, 2).unwrap());
    let large: ArrayRef = Arc::new(UInt64Array::from(vec![Some(u64::MAX), None, Some(0), Some(1), Some(2)]));
    let edges: ArrayRef = Arc::new(Int64Array::from(vec![i64::MAX, i64::MIN, -1, 0, (1 << 53) + 1]));
    // Before 1970 a day ends with its last second; far away there is no day at all.
    let seconds = TimestampSecondArray::from(vec![Some(-1), None, Some(i64::MAX), Some(86_399), Some(86_400)]);
    let seconds: ArrayRef = Arc::new(seconds);
    let utc: ArrayRef = Arc::new(TimestampSecondArray::from(vec![-1, 0, 1, 86_399, 86_400]).with_timezone("+00:00"));
    let none: ArrayRef = Arc::new(NullArray::new(5));
    let n = |x: f64| Value::number(x);
    let d = |days: i64| regain::expr::Date::from_days(days).map_or(Value::Missing, Value::Date);
    let missing = || Value::Missing;
    for (name, array, wanted) in [
        ("t0", &texts, vec![Value::text("a"), missing(), missing(), Value::text("b"), Value::text("a")]),
        ("n0", &coded, vec![missing(), missing(), missing(), n(0.5), missing()]),
        ("n0", &decimals, vec![n(12.5), missing(), n(-0.01), n(0.0), n(0.99)]),
        ("n0", &large, vec![n(u64::MAX as f64), missing(), n(0.0), n(1.0), n(2.0)]),
        ("n0", &edges, vec![n(i64::MAX as f64), n(i64::MIN as f64), n(-1.0), n(0.0), n(9_007_199_254_740_992.0)]),
        ("d0", &seconds, vec![d(-1), missing(), missing(), d(0), d(1)]),
        ("d0", &utc, vec![d(-1), d(0), d(0), d(0), d(1)]),
        ("n0", &none, vec![missing(); 5]),
        ("t0", &none, vec![missing(); 5]),
        ("b0", &none, vec![missing(); 5]),
        ("d0", &none, vec![missing(); 5]),
    ] {
        let mut b = world.builder();
        let value = b.value(&world.read(name));
        b.output("x", value);
        let batch = arrow::array::RecordBatch::try_from_iter([(name, array.clone())]).unwrap();
        let code = b.finish("key");
        for (from, rows) in [(0, 5), (1, 3), (4, 1)] {
            let (columns, _) = run(&code, &batch.slice(from, rows));
            assert!(columns[0].iter().zip(&wanted[from..]).all(|(a, b)| same(a, b)), "{name}: {:?}", columns[0]);
        }
        assert_ne!(code.output_schema().field(0).data_type(), &DataType::Null);
    }
}

#[test]
fn a_column_of_the_wrong_type_is_a_sentence() {
    let mut random = Random::new(10);
    let world = World::new(&mut random, 70);
    let fields = world.batch.schema();
    for (wrong, name, expected) in [
        ("t0", "n0", "column `n0` is a text, but the rules need a number"),
        ("b0", "n0", "column `n0` is a bool, but the rules need a number"),
        ("n0", "t0", "column `t0` is a number, but the rules need a text"),
        ("t1", "d0", "column `d0` is a text, but the rules need a date"),
        ("d0", "b0", "column `b0` is a date, but the rules need a bool"),
        ("d2", "t1", "column `t1` is a point in time, but the rules need a text"),
    ] {
        let mut b = world.builder();
        let value = b.value(&world.read(name));
        b.output("x", value);
        let schema: Vec<_> = fields
            .fields()
            .iter()
            .map(|f| {
                let ty =
                    if f.name() == name { fields.field_with_name(wrong).unwrap().data_type() } else { f.data_type() };
                f.as_ref().clone().with_data_type(ty.clone())
            })
            .collect();
        let columns = fields
            .fields()
            .iter()
            .map(|f| world.batch.column_by_name(if f.name() == name { wrong } else { f.name() }).unwrap().clone());
        let schema = Arc::new(arrow::datatypes::Schema::new(schema));
        let batch = arrow::array::RecordBatch::try_new(schema, columns.collect()).unwrap();
        let error = b.finish("key").run(&batch).unwrap_err();
        assert_eq!(error.to_string(), format!("Invalid argument error: {expected}"));
    }
}

#[test]
fn failing_scripts_are_reported_by_customer() {
    let mut random = Random::new(12);
    let world = World::new(&mut random, 1500);
    let mut b = world.builder();
    let signature = world.scripts.find("script", "fails").unwrap().clone();
    let call = Expr { kind: Kind::Script(signature, vec![world.read("n2")]), ty: Type::Number, span: span() };
    let scope = b.is_true(&world.read("b0"));
    b.call_within(scope);
    let value = b.value(&call);
    b.output("x", value);
    let (made, failures) = b.finish("key").run(&world.batch).unwrap();
    let rows = |fails: bool| -> Vec<usize> {
        let of = |row: &usize, name: &str| world.records[*row].get(world.slot(name));
        let called = (0..1500).filter(|row| of(row, "b0") == Value::Bool(true));
        called.filter(|row| of(row, "n2").as_number().is_some_and(|x| (x > 0.0) == fails)).collect()
    };
    assert_eq!(failures.failed(), rows(true).len() as u64);
    assert_eq!(failures.called(), (rows(true).len() + rows(false).len()) as u64);
    let keys: Vec<String> = rows(true).iter().take(3).map(usize::to_string).collect();
    let list = failures.list();
    assert_eq!((list.len(), list[0].rows, &list[0].first), (1, failures.failed(), &keys));
    assert!(list[0].message.as_ref().unwrap().contains("above zero"), "{list:?}");
    let column = made.column(0).as_primitive::<arrow::datatypes::Float64Type>();
    // Beyond the scope nothing is called; what runs as an expression may have a value there.
    let within = |row: &usize| world.records[*row].get(world.slot("b0")) == Value::Bool(true);
    assert_eq!((0..1500).filter(within).filter(|i| column.is_valid(*i)).count(), rows(false).len());
}

/// A script is called on a row only if the row interpreter would call it.
#[test]
fn scripts_are_called_only_where_they_decide() {
    let mut random = Random::new(13);
    let world = World::new(&mut random, 1500);
    let of = |kind, ty| Expr { kind, ty, span: span() };
    let number = |x: f64| of(Kind::Const(Value::number(x)), Type::Number);
    let n2 = world.read("n2");
    let above = of(Kind::Compare(Compare::Gt, Box::new(n2.clone()), Box::new(number(0.0))), Type::Bool);
    let not_above = of(Kind::Not(Box::new(above.clone())), Type::Bool);
    // Fails above zero.
    let signature = world.scripts.find("script", "fails").unwrap().clone();
    let call = of(Kind::Script(signature, vec![n2.clone()]), Type::Number);
    let asks = of(Kind::Compare(Compare::Eq, Box::new(call.clone()), Box::new(number(0.0))), Type::Bool);
    let either = |first: &Expr, then: Expr, otherwise: Expr| {
        let branches = vec![(first.clone(), then)];
        of(Kind::If { branches, otherwise: Box::new(otherwise) }, Type::Number)
    };
    let guarded = [
        either(&above, number(1.0), call.clone()),
        either(&not_above, call.clone(), number(1.0)),
        of(
            Kind::Switch {
                item: Box::new(above.clone()),
                arms: vec![(vec![Value::Bool(true)], number(1.0)), (vec![Value::Bool(false)], call.clone())],
                otherwise: Box::new(call.clone()),
            },
            Type::Number,
        ),
        of(
            Kind::Coalesce(vec![
                either(&above, n2.clone(), of(Kind::Const(Value::Missing), Type::Number)),
                call.clone(),
            ]),
            Type::Number,
        ),
        of(Kind::And(vec![not_above.clone(), asks.clone()]), Type::Bool),
        of(Kind::Or(vec![above.clone(), asks.clone()]), Type::Bool),
        of(
            Kind::In {
                item: Box::new(n2.clone()),
                list: [1.0, 2.0, 3.0, 255.0].map(number).into_iter().chain([call.clone()]).collect(),
                negated: false,
            },
            Type::Bool,
        ),
    ];
    for expr in &guarded {
        let (columns, failures) = run(&super::harness::compile(&world, std::slice::from_ref(expr)), &world.batch);
        assert_eq!(failures.failed(), 0, "{:#?}", expr.kind);
        for (record, value) in world.records.iter().zip(&columns[0]) {
            assert!(same(value, &evaluate(expr, record, &world.scripts)));
        }
    }
    let mut b = world.builder();
    let all = b.all();
    let choice = b.first_match(&[Some(&above), Some(&asks)], all);
    let text = b.choice_text(choice, &[Some("above"), Some("zero")]);
    b.output("x", Reg::Text(text));
    assert!(b.finish("key").run(&world.batch).unwrap().1.is_empty(), "rules behind the first that holds are not asked");
    let unguarded = super::harness::compile(&world, &[call]);
    assert!(run(&unguarded, &world.batch).1.failed() > 300, "it does fail");
}
