//! `--what-if budget.phone=+20%`: another number for a limit, to see what it would change.

use crate::diag::nearest;
use crate::pack::{Limit, LimitKind, Planning};

/// Another number for a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// `budget.phone`
    pub limit: String,
    /// As typed: `+20%`
    pub text: String,
    by: By,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    /// Times so much.
    Factor(f64),
    /// So much more.
    Sum(f64),
    /// This.
    Set(f64),
}

/// What a change does to one limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Index into [`Planning::limits`].
    pub limit: usize,
    /// Which of its numbers: `most`, `least`, `share`.
    pub key: &'static str,
    /// The number before.
    pub from: f64,
    /// The number after.
    pub to: f64,
}

impl Change {
    /// Reads `LIMIT=CHANGE`: `budget.phone=+20%`, `=-10%`, `=+500`, `=7000`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Change, String> {
        let how = "write it as `budget.phone=+20%`, `-10%`, `+500` or `7000`";
        let (limit, change) = text.split_once('=').ok_or_else(|| format!("`{text}` changes nothing: {how}"))?;
        let (limit, change) = (limit.trim(), change.trim().trim_start_matches('='));
        let wrong = || format!("`{change}` is no change: {how}");
        let number = |text: &str| {
            let x: f64 = text.trim().parse().map_err(|_| wrong())?;
            if x.is_finite() { Ok(x) } else { Err(wrong()) }
        };
        let signed = change.starts_with(['+', '-']);
        let by = match (change.strip_suffix('%'), signed) {
            (Some(percent), true) => By::Factor(1.0 + number(percent)? / 100.0),
            (Some(percent), false) => By::Factor(number(percent)? / 100.0),
            (None, true) => By::Sum(number(change)?),
            (None, false) => By::Set(number(change)?),
        };
        if limit.is_empty() {
            return Err(format!("`{text}` names no limit: {how}"));
        }
        Ok(Change { limit: limit.to_owned(), text: change.to_owned(), by })
    }

    /// Changes a plan's limits.
    ///
    /// # Errors
    /// There is no such limit; with what there is. A number below 0, or a share above 1.
    pub fn apply(&self, planning: &mut Planning) -> Result<Changed, String> {
        let names: Vec<String> = planning.limits.iter().map(Limit::full_name).collect();
        let found = planning.limits.iter_mut().enumerate().find(|(_, limit)| limit.full_name() == self.limit);
        let Some((index, limit)) = found else {
            let near = nearest(&self.limit, names.iter().map(String::as_str));
            return Err(match (near, names.is_empty()) {
                (Some(near), _) => format!("there is no limit `{}`; did you mean `{near}`?", self.limit),
                (None, true) => format!("there is no limit `{}`: the pack has none", self.limit),
                (None, false) => {
                    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                    format!("there is no limit `{}`; there is {}", self.limit, names.join(", "))
                }
            });
        };
        let (key, from) = match (limit.kind, limit.most, limit.least) {
            (LimitKind::Reserve, ..) => ("share", limit.share),
            (_, Some(most), _) => ("most", most),
            (_, None, least) => ("least", least.unwrap_or(0.0)),
        };
        let to = match self.by {
            By::Factor(factor) => from * factor,
            By::Sum(sum) => from + sum,
            By::Set(to) => to,
        };
        let wrong =
            |must: &str| Err(format!("`{}={}`: `{key}` would be {to}, and must be {must}", self.limit, self.text));
        match key {
            "share" if !(0.0..=1.0).contains(&to) => return wrong("from 0 to 1"),
            _ if to < 0.0 => return wrong("0 or more"),
            _ => {}
        }
        let changed = Changed { limit: index, key, from, to };
        match key {
            "share" => limit.share = changed.to,
            "most" => {
                limit.most = Some(changed.to);
                limit.least = limit.least.map(|least| least.min(changed.to));
            }
            _ => limit.least = Some(changed.to),
        }
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn planning() -> Planning {
        let loaded = crate::pack::load_from_texts(&[(
            "pack.toml",
            "[pack]\nname = \"p\"\n[record]\nkey = \"id\"\n[[states]]\nname = \"s\"\n[budget.phone]\nmost = 500\n[volume.cards]\nleast = 100\n[reserve.key]\nof = \"budget.phone\"\nshare = 0.1\nwhen = 'state == \"s\"'\n",
        )]);
        loaded.pack.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics)).planning.clone().unwrap()
    }

    #[test]
    fn every_form_of_change() {
        for (text, key, from, to) in [
            ("budget.phone=+20%", "most", 500.0, 600.0),
            ("budget.phone=-10%", "most", 500.0, 450.0),
            ("budget.phone=80%", "most", 500.0, 400.0),
            ("budget.phone=+500", "most", 500.0, 1000.0),
            ("budget.phone=-500", "most", 500.0, 0.0),
            (" budget.phone = 7000", "most", 500.0, 7000.0),
            ("volume.cards=50", "least", 100.0, 50.0),
            ("reserve.key=1", "share", 0.1, 1.0),
        ] {
            let changed = Change::parse(text).unwrap().apply(&mut planning()).unwrap();
            assert_eq!((changed.key, changed.from), (key, from), "{text}");
            assert!((changed.to - to).abs() < 1e-9, "{text}: {}", changed.to);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for text in ["budget.phone", "budget.phone=", "budget.phone=much", "budget.phone=+%", "=5", "budget.phone=inf"]
        {
            assert!(Change::parse(text).is_err(), "{text}");
        }
        let wrong = |text: &str| Change::parse(text).unwrap().apply(&mut planning()).unwrap_err();
        assert_eq!(wrong("budget.phone=-200%"), "`budget.phone=-200%`: `most` would be -500, and must be 0 or more");
        assert_eq!(wrong("reserve.key=2"), "`reserve.key=2`: `share` would be 2, and must be from 0 to 1");
        assert_eq!(wrong("budget.fone=5"), "there is no limit `budget.fone`; did you mean `budget.phone`?");
        assert_eq!(
            wrong("calls=5"),
            "there is no limit `calls`; there is `budget.phone`, `volume.cards`, `reserve.key`"
        );
    }
}
