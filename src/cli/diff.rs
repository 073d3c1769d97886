//! `regain diff`: two packs, or two revisions of one: what changed in the rules, and who moves.

mod limit;
mod sides;

use std::sync::Arc;

use clap::{Args, ValueEnum};

use self::limit::MaxMoved;
use self::sides::{One, Sides};
use super::input::{Prepared, report, sources};
use super::{Exit, Failure, Input, Terminal};
use crate::compare::{self, Comparison, Head, Heads, Look, Side};
use crate::data::{Held, RunCounts, Source, read_anew};
use crate::draw::count;
use crate::stage::Receipt;
use crate::watch::Standing;

/// How many reasons are named why the data are read twice.
const SHOWN_REASONS: usize = 3;
/// What the first pack is here.
const EARLIER: &str = "The earlier pack: a folder, or the name of a shipped one (base, retail, telecom, b2b). With --git: the pack \
                       whose revisions are compared";

/// Arguments of `regain diff`.
#[derive(Debug, Args)]
#[command(mut_arg("pack", |pack| pack.index(1).value_name("PACK_A").help(EARLIER).long_help(EARLIER)))]
#[command(
    override_usage = "regain diff [OPTIONS] <PACK_A> <PACK_B>\n       regain diff [OPTIONS] <PACK> --git <REV..REV>"
)]
pub struct DiffArgs {
    /// The earlier pack, data, date.
    #[command(flatten)]
    pub input: Input,
    /// The later pack; its `data` folder is looked into. Not with --git, which compares two revisions of one pack.
    #[arg(index = 2, value_name = "PACK_B", required_unless_present = "git", conflicts_with = "git")]
    pub later: Option<String>,
    /// Compare two git revisions of the pack: main..HEAD; `main..` or `main` with the files as they are now; `main...HEAD` from where
    /// the two went apart. What the pack extends is of the same revision. Data and fitted tables are those of today.
    #[arg(long, value_name = "REV..REV")]
    pub git: Option<String>,
    /// What to print: tables, Markdown for a pull request, or JSON.
    #[arg(long, value_enum, default_value_t = DiffFormat::Table)]
    pub format: DiffFormat,
    /// How many customers with the largest change to show.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// End with exit code 1 if more customers moved than this: a share (5% or 0.05) or a number (100). Customers whom only one side
    /// knows count as moved.
    #[arg(long, value_name = "N|N%")]
    pub max_moved: Option<MaxMoved>,
}

/// What `regain diff` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people.
    Table,
    /// For a pull request.
    Markdown,
    /// For programs.
    Json,
}

/// Runs the command.
///
/// # Errors
/// If a pack has errors, git does not know a revision, or the data cannot be read.
pub fn diff(args: &DiffArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let Sides { old, new } = sides::find(args, terminal)?;
    let old = match old {
        Ok(old) => old,
        Err(then) => return first(args, &new, &then, terminal),
    };
    let sources = Both::of(&old, &new, args);
    let (comparison, heads) = if sources.none() {
        if args.max_moved.is_some() {
            return Err(Failure::new("`--max-moved` counts customers, and no data is given")
                .help(format!("give them with `--data {}=PATH`", new.pack.record.table)));
        }
        let table = &new.pack.record.table;
        terminal
            .note(&format!("no data is given, so only the rules are compared; `--data {table}=PATH` shows who moves"));
        let rules = compare::rules(&old.pack, &new.pack);
        (Comparison { rules, ..Comparison::default() }, heads(&old, &new))
    } else {
        sources.compare(args, &old, &new, terminal)?
    };
    let over = args.max_moved.and_then(|most| most.exceeded(&comparison.moves));
    terminal.print(&shown(args, &comparison, heads, over.as_deref(), terminal))?;
    match over {
        None => Ok(Exit::Fine),
        Some(text) => {
            terminal.error(&Failure::new(text));
            Ok(Exit::Findings)
        }
    }
}

/// The comparison in the form that is wanted. `over` says that too many moved.
fn shown(args: &DiffArgs, comparison: &Comparison, heads: Heads, over: Option<&str>, terminal: &Terminal) -> String {
    match args.format {
        DiffFormat::Table if nothing(comparison) => {
            let all = match comparison.moves.customers {
                0 => String::new(),
                1 => ", and the one customer stays where she is".to_owned(),
                n => format!(", and all {} customers stay where they are", count(n)),
            };
            format!("no difference: the rules say the same{all}\n")
        }
        DiffFormat::Table => {
            let look = Look { columns: terminal.width(), color: terminal.color(), heads: Some(heads) };
            compare::terminal(comparison, &look)
        }
        DiffFormat::Markdown => {
            let text = compare::markdown(comparison, &heads);
            over.map_or_else(|| text.clone(), |over| format!("> [!WARNING]\n> {over}\n\n{text}"))
        }
        DiffFormat::Json => {
            let mut value = compare::json(comparison, &heads);
            if let (Some(most), Some(object)) = (args.max_moved, value.as_object_mut()) {
                object.insert("max_moved".to_owned(), most.to_string().into());
                object.insert("over_max_moved".to_owned(), over.is_some().into());
            }
            format!("{value:#}\n")
        }
    }
}

/// Whether there is no difference at all.
fn nothing(comparison: &Comparison) -> bool {
    let Comparison { rules, other, moves, movers } = comparison;
    let moved = moves.moved + moves.gone + moves.new + moves.rescored;
    rules.is_empty() && other.is_empty() && movers.is_empty() && moved == 0
}

/// There was no pack yet: nothing to compare, and nothing wrong.
fn first(args: &DiffArgs, new: &One, then: &str, terminal: &Terminal) -> Result<Exit, Failure> {
    let name = &new.pack.identity.name;
    let text = format!("the pack `{name}` is new: there is none in `{}` at {then}", new.folder);
    terminal.print(&match args.format {
        DiffFormat::Table => format!("{text}\n"),
        DiffFormat::Markdown => {
            format!("### The pack `{name}` is new\n\nThere are no earlier rules to compare it with.\n")
        }
        DiffFormat::Json => format!("{:#}\n", serde_json::json!({ "new_pack": name, "none_at": then })),
    })?;
    Ok(Exit::Fine)
}

/// What the sides are called, without data.
fn heads(old: &One, new: &One) -> Heads {
    let head = |one: &One| {
        let identity = &one.pack.identity;
        let (pack, version, hash) = (identity.name.clone(), identity.version.clone(), identity.hash.clone());
        Head { title: one.title.clone(), receipt: Receipt { pack, version, hash, as_of: String::new() } }
    };
    Heads { old: head(old), new: head(new) }
}

/// That each side reads the data for itself, and why.
fn apart(why: &[String]) -> String {
    let more = why.len().saturating_sub(SHOWN_REASONS);
    let mut list = why.iter().take(SHOWN_REASONS).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    format!("each side reads the data for itself ({list}), and customers are matched by their keys")
}

/// The arguments of each side: its own fitted tables, and the data of the later one.
struct Both {
    old: (Vec<Source>, Input),
    new: (Vec<Source>, Input),
}

impl Both {
    fn of(old: &One, new: &One, args: &DiffArgs) -> Both {
        let side = |one: &One, other: &One| {
            let mut input = Input { pack: one.folder.clone(), ..args.input.clone() };
            // A table that only the other side knows is no mistake; what neither knows is, and reading says so.
            input.data.retain(|source| one.knows(&source.name) || !other.knows(&source.name));
            (sources(&one.pack, &new.folder, &input.data), input)
        };
        Both { old: side(old, new), new: side(new, old) }
    }

    /// Whether there is nothing to read at all.
    fn none(&self) -> bool {
        self.old.0.is_empty() && self.new.0.is_empty()
    }

    /// Decides every customer by both, and compares.
    fn compare(
        self,
        args: &DiffArgs,
        old: &One,
        new: &One,
        terminal: &Terminal,
    ) -> Result<(Comparison, Heads), Failure> {
        let (new_sources, new_input) = self.new;
        let later = Prepared::with(Arc::clone(&new.pack), new_sources, &new_input, None, terminal)?;
        let (old_sources, old_input) = self.old;
        // The same day on both sides, said only once.
        let old_input = Input { as_of: Some(later.as_of), ..old_input };
        let earlier = Prepared::with(Arc::clone(&old.pack), old_sources, &old_input, None, terminal)?;
        let threads = later.threads();

        let held = Arc::new(Held::read(&later.open()?)?);
        let differently = read_anew(&old.pack, &new.pack);
        let same = differently.is_empty();
        let before = if same { Arc::clone(&held) } else { Arc::new(Held::read(&earlier.open()?)?) };
        let from = earlier.context_of(&before, &old_input, terminal)?;
        let to = later.context_of(&held, &new_input, terminal)?;
        let mut standing = Standing::open(Arc::clone(&old.pack), from, Arc::clone(&before), threads)?;
        let heads = |a: &Side<'_>, b: &Side<'_>| Heads { old: Head::of(a, &old.title), new: Head::of(b, &new.title) };
        let (comparison, heads) = if same {
            let followed = standing.follow(Arc::clone(&new.pack), to)?;
            report(&with_errors(&standing), None, terminal);
            let (a, b) = (followed.side(&held), standing.side());
            (compare::compare(&a, &b, args.top), heads(&a, &b))
        } else {
            terminal.note(&apart(&differently));
            let standing_new = Standing::open(Arc::clone(&new.pack), to, held, threads)?;
            let counts = standing_new.held().counts();
            report(&with_errors(&standing_new), None, terminal);
            // The files are the same, and mostly what there is to say about them.
            if before.counts().rejected() != counts.rejected() {
                let (earlier, later) = (count(before.counts().rejected()), count(counts.rejected()));
                terminal.note(&format!("rows set aside: {earlier} by the earlier rules, {later} by the later ones"));
            }
            let (a, b) = (standing.side(), standing_new.side());
            (compare::compare(&a, &b, args.top), heads(&a, &b))
        };
        let moves = &comparison.moves;
        if args.max_moved.is_some() && moves.customers + moves.gone + moves.new == 0 {
            return Err(Failure::new("`--max-moved` counts customers, and there are none in the data"));
        }
        Ok((comparison, heads))
    }
}

/// What became of the rows that were read, with the script errors of the decisions about them.
fn with_errors(standing: &Standing) -> RunCounts {
    let mut counts = standing.held().counts().clone();
    counts.script_errors = standing.decided().failures.clone();
    counts
}
