//! The number functions, on `f64` with NaN for missing.
//!
//! Every function gives NaN if an argument is NaN, and nothing but finite numbers and NaN; -0 never comes out.

use super::Doc;
use crate::expr::Arith;

/// The documentation of this family.
pub(super) const DOCS: &[Doc] = &[
    Doc {
        name: "min",
        signature: "min(a, b, …) -> number or date",
        help: "the smallest of two or more numbers, or the earliest of two or more dates",
        missing: "missing if one of them is; write `(x ?? 0)` for one that may be missing",
        example: "min(3, 1, 2)",
        result: "1",
    },
    Doc {
        name: "max",
        signature: "max(a, b, …) -> number or date",
        help: "the largest of two or more numbers, or the latest of two or more dates",
        missing: "missing if one of them is; write `(x ?? 0)` for one that may be missing",
        example: r#"max(date("2025-01-31"), date("2024-12-24"))"#,
        result: r#"date("2025-01-31")"#,
    },
    Doc {
        name: "clamp",
        signature: "clamp(x: number, low: number, high: number) -> number",
        help: "x, but at least `low` and at most `high`; `high` wins if the two are the wrong way round",
        missing: "missing if one of them is",
        example: "clamp(12.5, 0, 10)",
        result: "10",
    },
    Doc {
        name: "abs",
        signature: "abs(x: number) -> number",
        help: "x without its sign",
        missing: "missing if x is",
        example: "abs(-3)",
        result: "3",
    },
    Doc {
        name: "round",
        signature: "round(x: number, digits: number = 0) -> number",
        help: "x rounded to whole numbers, or to that many decimals (0 to 15); a half goes away from zero",
        missing: "missing if an argument is",
        example: "round(2.345, 1)",
        result: "2.3",
    },
    Doc {
        name: "floor",
        signature: "floor(x: number) -> number",
        help: "the next whole number below x, or x itself",
        missing: "missing if x is",
        example: "floor(-2.5)",
        result: "-3",
    },
    Doc {
        name: "ceil",
        signature: "ceil(x: number) -> number",
        help: "the next whole number above x, or x itself",
        missing: "missing if x is",
        example: "ceil(2.1)",
        result: "3",
    },
    Doc {
        name: "sqrt",
        signature: "sqrt(x: number) -> number",
        help: "the square root",
        missing: "missing if x is, or is negative",
        example: "sqrt(9)",
        result: "3",
    },
    Doc {
        name: "ln",
        signature: "ln(x: number) -> number",
        help: "the natural logarithm",
        missing: "missing if x is, or is not above zero",
        example: "ln(1)",
        result: "0",
    },
    Doc {
        name: "exp",
        signature: "exp(x: number) -> number",
        help: "e to the power of x",
        missing: "missing if x is, or if the result is too large",
        example: "exp(0)",
        result: "1",
    },
    Doc {
        name: "pow",
        signature: "pow(x: number, y: number) -> number",
        help: "x to the power of y; the same as `x ** y`",
        missing: "missing if an argument is, or if the result is not a finite number",
        example: "pow(2, 10)",
        result: "1024",
    },
];

/// The one gate every result passes: NaN for what is not finite, 0 for -0.
#[must_use]
#[inline]
pub fn normalise(x: f64) -> f64 {
    if x.is_finite() { x + 0.0 } else { f64::NAN }
}

/// `a + b`, `a / b`, `a ** b`, …, normalised.
#[must_use]
#[inline]
pub fn arith(op: Arith, a: f64, b: f64) -> f64 {
    match op {
        Arith::Add => normalise(a + b),
        Arith::Sub => normalise(a - b),
        Arith::Mul => normalise(a * b),
        Arith::Div => normalise(a / b),
        Arith::Rem => rem(a, b),
        Arith::Pow => pow(a, b),
    }
}

/// Remainder with the sign of the left side; missing for a right side of 0.
#[must_use]
#[inline]
pub fn rem(a: f64, b: f64) -> f64 {
    normalise(a % b)
}

/// The smaller one; missing if either is.
#[must_use]
#[inline]
pub fn min(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if b < a {
        b
    } else {
        a
    }
}

/// The larger one; missing if either is.
#[must_use]
#[inline]
pub fn max(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        f64::NAN
    } else if b > a {
        b
    } else {
        a
    }
}

/// `min(max(x, low), high)`
#[must_use]
#[inline]
pub fn clamp(x: f64, low: f64, high: f64) -> f64 {
    min(max(x, low), high)
}

/// Without its sign.
#[must_use]
#[inline]
pub fn abs(x: f64) -> f64 {
    normalise(x.abs())
}

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Rounds half away from zero to `digits` decimals (a fraction of `digits` is dropped; 0 to 15).
///
/// It is `round(x * 10^digits) / 10^digits`; where that product has no room for a fraction, x has none to round.
#[must_use]
pub fn round(x: f64, digits: f64) -> f64 {
    if x.is_nan() || digits.is_nan() {
        return f64::NAN;
    }
    let digits = digits.trunc().clamp(0.0, 15.0) as usize;
    let scale = POWERS.get(digits).copied().unwrap_or(1e15);
    let scaled = x * scale;
    // From 2^52 on every double is whole.
    if scaled.abs() >= 4_503_599_627_370_496.0 {
        return normalise(x);
    }
    normalise(scaled.round() / scale)
}

/// The next whole number below.
#[must_use]
#[inline]
pub fn floor(x: f64) -> f64 {
    normalise(x.floor())
}

/// The next whole number above.
#[must_use]
#[inline]
pub fn ceil(x: f64) -> f64 {
    normalise(x.ceil())
}

/// The square root; missing for a negative.
#[must_use]
#[inline]
pub fn sqrt(x: f64) -> f64 {
    normalise(x.sqrt())
}

/// The natural logarithm; missing for 0 and below.
#[must_use]
#[inline]
pub fn ln(x: f64) -> f64 {
    normalise(x.ln())
}

/// e to the power of x; missing on overflow.
#[must_use]
#[inline]
pub fn exp(x: f64) -> f64 {
    normalise(x.exp())
}

/// x to the power of y; missing where that is not a finite number.
#[must_use]
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    // `powf` gives 1 for NaN to the power of 0 and for 1 to the power of NaN; here missing stays missing.
    if x.is_nan() || y.is_nan() { f64::NAN } else { normalise(x.powf(y)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn round_goes_half_away_from_zero() {
        for (x, digits, expected) in [
            (2.5, 0.0, 3.0),
            (-2.5, 0.0, -3.0),
            (0.499_999_999_999_999_94, 0.0, 0.0),
            (0.125, 2.0, 0.13),
            (-0.125, 2.0, -0.13),
            (2.345, 1.0, 2.3),
            (1234.5, -3.0, 1235.0),
            (1.23, 1.9, 1.2),
            (0.1, 99.0, 0.1),
            (1e300, 15.0, 1e300),
            (9_007_199_254_740_993.0, 2.0, 9_007_199_254_740_992.0),
            (123_456_789_012.345, 15.0, 123_456_789_012.345),
            (-0.2, 0.0, 0.0),
        ] {
            let got = round(x, digits);
            assert_eq!(got.to_bits(), f64::to_bits(expected), "round({x}, {digits}) is {got}");
        }
    }

    #[test]
    fn missing_stays_missing() {
        let nan = f64::NAN;
        for x in [0.0, 1.0, -1.0, 2.5] {
            for (name, y) in [
                ("min", min(x, nan)),
                ("min", min(nan, x)),
                ("max", max(x, nan)),
                ("max", max(nan, x)),
                ("pow", pow(x, nan)),
                ("pow", pow(nan, x)),
                ("clamp", clamp(nan, x, x)),
                ("clamp", clamp(x, nan, x)),
                ("clamp", clamp(x, x, nan)),
                ("round", round(nan, x)),
                ("round", round(x, nan)),
                ("rem", rem(x, nan)),
                ("rem", rem(nan, x)),
            ] {
                assert!(y.is_nan(), "{name} with {x}");
            }
        }
        for f in [abs, floor, ceil, sqrt, ln, exp] {
            assert!(f(nan).is_nan());
        }
    }

    #[test]
    fn what_is_no_number_is_missing() {
        for x in
            [arith(Arith::Div, 1.0, 0.0), rem(1.0, 0.0), sqrt(-1.0), ln(0.0), ln(-1.0), exp(1000.0), pow(-1.0, 0.5)]
        {
            assert!(x.is_nan());
        }
        assert!(arith(Arith::Mul, 1e300, 1e300).is_nan());
        assert!(pow(0.0, -1.0).is_nan());
    }

    #[test]
    fn results_are_finite_or_missing_and_never_minus_zero() {
        let values = [
            0.0,
            1.0,
            -1.0,
            0.5,
            -0.5,
            -0.3,
            2.5,
            1e-320,
            -1e-320,
            1e15,
            -1e308,
            1.7e308,
            f64::NAN,
            f64::EPSILON,
            4_503_599_627_370_496.5,
        ];
        let fine = |x: f64| x.is_nan() || (x.is_finite() && (x != 0.0 || x.is_sign_positive()));
        for x in values {
            for f in [abs, floor, ceil, sqrt, ln, exp] {
                assert!(fine(f(x)), "{x}");
            }
            for y in values {
                for op in [Arith::Add, Arith::Sub, Arith::Mul, Arith::Div, Arith::Rem, Arith::Pow] {
                    assert!(fine(arith(op, x, y)), "{x} {} {y}", op.symbol());
                }
                assert!(fine(round(x, y)) && fine(min(x, y)) && fine(max(x, y)), "{x} {y}");
                for z in values {
                    assert!(fine(clamp(x, y, z)));
                }
            }
        }
    }

    #[test]
    fn clamp_ends_with_the_upper_bound() {
        assert_eq!(clamp(12.0, 0.0, 10.0), 10.0);
        assert_eq!(clamp(-1.0, 0.0, 10.0), 0.0);
        assert_eq!(clamp(5.0, 10.0, 0.0), 0.0);
    }
}
