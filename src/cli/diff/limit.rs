//! How many customers may move before a comparison is a finding.

use std::fmt;
use std::str::FromStr;

use crate::compare::Moves;
use crate::draw::{count, share};

/// More customers moved than this are a finding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxMoved {
    /// So many.
    Customers(u64),
    /// Such a share of all, in per cent.
    Percent(f64),
}

impl FromStr for MaxMoved {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write a share or a number of customers, for example 5%, 0.05 or 100".to_owned();
        let text = text.trim();
        let percent = match text.strip_suffix('%') {
            Some(percent) => percent.trim_end().parse::<f64>().map_err(|_| wrong())?,
            None => match text.parse::<u64>() {
                Ok(customers) => return Ok(MaxMoved::Customers(customers)),
                Err(_) => text.parse::<f64>().map_err(|_| wrong())? * 100.0,
            },
        };
        if (0.0..=100.0).contains(&percent) { Ok(MaxMoved::Percent(percent)) } else { Err(wrong()) }
    }
}

impl fmt::Display for MaxMoved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MaxMoved::Customers(customers) => f.write_str(&count(*customers)),
            // `0.07 * 100` has digits that nobody wrote.
            MaxMoved::Percent(percent) => write!(f, "{}%", (percent * 1e6).round() / 1e6),
        }
    }
}

impl MaxMoved {
    /// What to say if more moved; customers whom only one side knows count as moved.
    pub(super) fn exceeded(self, moves: &Moves) -> Option<String> {
        let moved = moves.moved + moves.gone + moves.new;
        let all = moves.customers + moves.gone + moves.new;
        let over = match self {
            MaxMoved::Customers(most) => moved > most,
            // Compared as counts, and with room for the last digit of a share such as 7 %, so that 7 of 100 are not more.
            MaxMoved::Percent(percent) => moved as f64 > percent / 100.0 * all as f64 + 1e-9 * all as f64,
        };
        let most = self.to_string().replace('%', " %");
        let part = share(moved as f64, all as f64);
        over.then(|| format!("{} of {} customers moved ({part}), and at most {most} may", count(moved), count(all)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn shares_and_numbers() {
        for (text, shown) in [
            ("5%", "5%"),
            (" 0.5 %", "0.5%"),
            ("0.05", "5%"),
            ("0.07", "7%"),
            ("100", "100"),
            ("0", "0"),
            ("1.0", "100%"),
            ("1", "1"),
        ] {
            assert_eq!(text.parse::<MaxMoved>().unwrap().to_string(), shown, "{text}");
        }
        for wrong in ["", "%", "-1", "1.5", "101%", "NaN", "inf", "many", "-0.1"] {
            assert!(wrong.parse::<MaxMoved>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_customer_too_many_is_a_finding() {
        let moves = |moved, gone, new, customers| Moves { moved, gone, new, customers, ..Moves::default() };
        let over = |text: &str, moves: &Moves| text.parse::<MaxMoved>().unwrap().exceeded(moves);
        assert_eq!(over("7%", &moves(7, 0, 0, 100)), None);
        assert_eq!(over("0.07", &moves(7, 0, 0, 100)), None);
        assert_eq!(over("7%", &moves(8, 0, 0, 100)).unwrap(), "8 of 100 customers moved (8.0 %), and at most 7 % may");
        assert_eq!(over("2", &moves(1, 1, 0, 1999)), None);
        assert_eq!(over("2", &moves(1, 1, 1, 1998)).unwrap(), "3 of 2,000 customers moved (0.2 %), and at most 2 may");
        assert_eq!(over("0%", &moves(0, 0, 0, 0)), None);
    }
}
