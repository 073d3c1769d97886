//! Small drawings made of block characters: bars and single cells of a sparkline.

/// A horizontal bar of `cells` columns, filled from the left in eighths, padded with blanks.
///
/// Anything above nothing shows at least a sliver; missing or negative is empty.
#[must_use]
pub fn bar(fraction: f64, cells: usize) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let fraction = if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 };
    let mut eighths = (fraction * cells as f64 * 8.0).round() as usize;
    if fraction > 0.0 {
        eighths = eighths.max(1);
    }
    let (full, rest) = (eighths / 8, eighths % 8);
    let mut out: String = "█".repeat(full);
    let mut drawn = full;
    if rest > 0 {
        out.push(EIGHTHS.get(rest).copied().unwrap_or(' '));
        drawn += 1;
    }
    out.push_str(&" ".repeat(cells.saturating_sub(drawn)));
    out
}

/// A score of 0 to 10 as ten steps: `██████░░░░`; unknown is `··········`.
#[must_use]
pub fn steps(score: Option<f64>) -> String {
    match score.filter(|s| s.is_finite()) {
        None => "·".repeat(10),
        Some(score) => {
            let full = score.clamp(0.0, 10.0).round() as usize;
            format!("{}{}", "█".repeat(full), "░".repeat(10 - full))
        }
    }
}

/// A score of 0 to 10 as one cell: `▁` for the lowest eighth to `█` for the highest, `·` for unknown.
#[must_use]
pub fn spark(score: Option<f64>) -> char {
    const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    match score.filter(|s| s.is_finite()) {
        None => '·',
        Some(score) => {
            let level = (score.clamp(0.0, 10.0) * 0.8).floor() as usize;
            LEVELS.get(level.min(7)).copied().unwrap_or('█')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_fill_in_eighths() {
        assert_eq!(bar(0.0, 4), "    ");
        assert_eq!(bar(1.0, 4), "████");
        assert_eq!(bar(0.5, 4), "██  ");
        assert_eq!(bar(0.5, 1), "▌");
        assert_eq!(bar(1e-9, 4), "▏   ");
        assert_eq!(bar(7.0, 2), "██");
        assert_eq!(bar(f64::NAN, 2), "  ");
        assert_eq!(bar(-1.0, 2), "  ");
    }

    #[test]
    fn scores_have_ten_steps() {
        assert_eq!(steps(Some(0.0)), "░░░░░░░░░░");
        assert_eq!(steps(Some(6.4)), "██████░░░░");
        assert_eq!(steps(Some(10.0)), "██████████");
        assert_eq!(steps(Some(99.0)), "██████████");
        assert_eq!(steps(None), "··········");
    }

    #[test]
    fn sparks_span_the_scale() {
        let drawn: String =
            [0.0, 1.25, 2.5, 3.75, 5.0, 6.25, 7.5, 8.75, 10.0].map(|s| spark(Some(s))).into_iter().collect();
        assert_eq!(drawn, "▁▂▃▄▅▆▇██");
        assert_eq!(spark(None), '·');
    }
}
