//! `regain show`: the pack in force, every value with the file and line it comes from.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Exit, Failure, Terminal};
use crate::diag::nearest;
use crate::draw::{Cell, Column, Overflow, Paint, Role, Table};
use crate::pack::effective::functions::{self, Function};
use crate::pack::effective::{self, Block, Leaf, blocks, dropped, keep, render};
use crate::pack::{self, Pack, format};

/// Arguments of `regain show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// A pack: a folder, or the name of a shipped one (base, retail, telecom, b2b).
    pub pack: String,
    /// Show only what stands under this path: `params.sleep_after`, `states.dormant`, `record.columns`, `scripts.prestige`, or a
    /// name anywhere (`sleep_after`).
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    /// Show only this section (params, facts, states, …; scripts are the functions of scripts). May be repeated.
    #[arg(long = "section", value_name = "SECTION")]
    pub sections: Vec<String>,
    /// Show only a part of the values.
    #[arg(long, value_enum)]
    pub only: Option<Only>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = ShowFormat::Toml)]
    pub format: ShowFormat,
}

/// Which values `regain show` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Only {
    /// What the pack itself says: added, changed, dropped.
    Changed,
}

/// What `regain show` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    /// TOML with comments, to be pasted anywhere.
    Toml,
    /// One object per value, for programs.
    Json,
    /// One line per value.
    Table,
}

/// Runs the command. Exit code 2 if the pack has errors.
///
/// # Errors
/// If there is nothing under the path, or no such section.
pub fn show(args: &ShowArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let loaded = pack::load(&args.pack);
    let Some(pack) = loaded.pack else {
        terminal.diagnostics(&loaded.diagnostics, &loaded.sources);
        return Err(Failure::new(format!("the pack `{}` has errors, so no values are in force", args.pack)));
    };
    let mut blocks = blocks(&pack);
    if !args.sections.is_empty() {
        for section in &args.sections {
            known_section(section)?;
        }
        blocks.retain(|block| args.sections.iter().any(|section| section == block.section));
    }
    let mut scripts = functions::functions(&pack);
    if !args.sections.is_empty() && !args.sections.iter().any(|section| section == SCRIPTS) {
        scripts.clear();
    }
    let mut gone = dropped(&pack);
    if let Some(path) = &args.path {
        let wanted = path.trim_matches('.');
        let kept = under(&blocks, wanted);
        let known: Vec<String> = scripts.iter().map(|function| function.path.clone()).collect();
        scripts.retain(|function| function.is_under(wanted));
        if kept.is_empty() && scripts.is_empty() {
            return Err(nothing_there(&blocks, &known, wanted, &pack));
        }
        blocks = kept;
        gone.retain(|gone| gone.path == wanted || gone.path.starts_with(&format!("{wanted}.")));
    }
    let section_of = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    gone.retain(|gone| args.sections.is_empty() || args.sections.contains(&section_of(&gone.path)));
    if args.only.is_some() {
        blocks = keep(blocks, |leaf| pack.is_own(leaf.span));
        scripts.retain(|function| function.own);
    } else {
        gone.clear();
    }
    let text = match args.format {
        ShowFormat::Toml => toml(args, &pack, (&blocks, &scripts), &gone, terminal),
        ShowFormat::Json => json_text(&pack, (&blocks, &scripts), &gone),
        ShowFormat::Table => table(&pack, (&blocks, &scripts), &gone, terminal),
    };
    terminal.print(&text)?;
    Ok(Exit::Fine)
}

/// The functions of scripts, as if they were a section.
const SCRIPTS: &str = "scripts";

fn known_section(section: &str) -> Result<(), Failure> {
    let mut names = format::PACK.names();
    names.push(SCRIPTS);
    if names.contains(&section) {
        return Ok(());
    }
    let failure = Failure::new(format!("a pack has no section `{section}`"));
    Err(match nearest(section, names.iter().copied()) {
        Some(name) => failure.help(format!("did you mean `{name}`?")),
        None => failure.help(format!("its sections are {}", names.join(", "))),
    })
}

/// What stands under a path; if nothing does, under a name anywhere.
fn under(all: &[Block], path: &str) -> Vec<Block> {
    let below = format!("{path}.");
    let is = |leaf: &Leaf| leaf.path == path || leaf.path.starts_with(&below);
    let kept = keep(all.to_vec(), is);
    if !kept.is_empty() {
        return kept;
    }
    // A thing without keys, such as `[offers.voucher]`.
    let bare: Vec<Block> = all.iter().filter(|block| block.path == path).cloned().collect();
    if !bare.is_empty() {
        return bare;
    }
    let (middle, end) = (format!(".{path}."), format!(".{path}"));
    keep(all.to_vec(), |leaf| leaf.path.contains(&middle) || leaf.path.ends_with(&end))
}

fn nothing_there(all: &[Block], functions: &[String], path: &str, pack: &Pack) -> Failure {
    let failure = Failure::new(format!("the pack `{}` has nothing under `{path}`", pack.identity.name));
    if let Some(gone) =
        dropped(pack).into_iter().find(|gone| gone.path == path || gone.path.ends_with(&format!(".{path}")))
    {
        return failure.help(format!("it drops `{}` in {}", gone.path, pack.line_of(gone.span)));
    }
    let mut known: Vec<&str> = Vec::new();
    let leaves = all.iter().flat_map(|block| &block.lines).flat_map(|line| &line.leaves);
    for leaf in leaves.map(|leaf| &leaf.path).chain(functions) {
        // Every start of a path, and the names in it.
        for (at, _) in leaf.match_indices('.') {
            known.extend(leaf.get(..at));
        }
        known.push(leaf);
        known.extend(leaf.split('.').skip(1));
    }
    known.sort_unstable();
    known.dedup();
    match nearest(path, known) {
        Some(name) => failure.help(format!("did you mean `{name}`?")),
        None => {
            failure.help("a path is a section, a name and a key, such as `params.sleep_after` or `states.dormant.when`")
        }
    }
}

/// What is shown: values, and functions of scripts.
type Shown<'a> = (&'a [Block], &'a [Function]);

fn toml(
    args: &ShowArgs,
    pack: &Pack,
    (blocks, scripts): Shown<'_>,
    gone: &[effective::Dropped],
    terminal: &Terminal,
) -> String {
    let dim = anstyle::Style::new().dimmed();
    let own = anstyle::Style::new().fg_color(Some(anstyle::AnsiColor::Cyan.into()));
    let overlay = !pack.identity.extends.is_empty();
    let color = terminal.color();
    let paint = |text: &str, is_own: bool| {
        if !color {
            return text.to_owned();
        }
        let style = if is_own && overlay { own } else { dim };
        format!("{style}{text}{style:#}")
    };
    let mut out = String::new();
    if args.path.is_none() {
        let chain: Vec<&str> = pack.layers.iter().map(|layer| layer.name.as_str()).collect();
        let what = match args.only {
            Some(Only::Changed) if overlay => "what it says itself",
            _ => "as it is in force",
        };
        let below: String = chain.iter().skip(1).map(|name| format!(" over {name}")).collect();
        let title = format!("# {} {}{below}, {what}", pack.identity.name, pack.identity.version);
        out.push_str(&paint(&title, false));
        out.push_str("\n\n");
    }
    out.push_str(&render(pack, blocks, terminal.width(), &paint));
    if !gone.is_empty() {
        out.push('\n');
        let longest = gone.iter().map(|gone| gone.path.chars().count()).max().unwrap_or(0);
        for gone in gone {
            let place = pack.line_of(gone.span);
            out.push_str(&paint(&format!("# dropped: {:<longest$}  {place}", gone.path), true));
            out.push('\n');
        }
    }
    if !scripts.is_empty() {
        if !blocks.is_empty() || !gone.is_empty() {
            out.push('\n');
        }
        out.push_str(&paint("# functions of scripts", false));
        out.push('\n');
        out.push_str(&functions::render(pack, scripts, terminal.width(), &paint));
    }
    out
}

fn leaves(blocks: &[Block]) -> impl Iterator<Item = &Leaf> {
    blocks.iter().flat_map(|block| &block.lines).flat_map(|line| &line.leaves)
}

fn json_text(pack: &Pack, (blocks, scripts): Shown<'_>, gone: &[effective::Dropped]) -> String {
    let place = |span| {
        let place = pack.sources.place(span);
        (place.file, place.line)
    };
    let mut values: Vec<Value> = leaves(blocks)
        .map(|leaf| {
            let (file, line) = place(leaf.span);
            let mut value = json!({
                "path": leaf.path,
                "value": leaf.value,
                "file": file,
                "line": line,
                "own": pack.is_own(leaf.span),
            });
            let replaced: Vec<Value> = leaf
                .replaced
                .iter()
                .map(|replaced| {
                    let (file, line) = place(replaced.span);
                    json!({ "toml": replaced.text, "file": file, "line": line, "same": replaced.same })
                })
                .collect();
            if !replaced.is_empty()
                && let Value::Object(map) = &mut value
            {
                map.insert("replaces".to_owned(), Value::Array(replaced));
            }
            value
        })
        .collect();
    values.extend(gone.iter().map(|gone| {
        let (file, line) = place(gone.span);
        json!({ "path": gone.path, "dropped": true, "file": file, "line": line, "own": true })
    }));
    values.extend(scripts.iter().map(|function| {
        let (file, line) = place(function.span);
        let mut value = json!({
            "path": function.path,
            "value": function.declaration,
            "file": file,
            "line": line,
            "own": function.own,
        });
        let replaced: Vec<Value> = function
            .replaces
            .iter()
            .map(|span| {
                let (file, line) = place(*span);
                json!({ "file": file, "line": line })
            })
            .collect();
        if !replaced.is_empty()
            && let Value::Object(map) = &mut value
        {
            map.insert("replaces".to_owned(), Value::Array(replaced));
        }
        value
    }));
    let mut text = serde_json::to_string_pretty(&values).unwrap_or_default();
    text.push('\n');
    text
}

fn table(pack: &Pack, (blocks, scripts): Shown<'_>, gone: &[effective::Dropped], terminal: &Terminal) -> String {
    let mut table = Table::new(vec![
        Column::text("value").overflow(Overflow::Cut(28)),
        Column::text("is").overflow(Overflow::Cut(12)),
        Column::text("from").overflow(Overflow::Cut(14)),
        Column::text("instead of").overflow(Overflow::Cut(12)),
    ]);
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for leaf in leaves(blocks) {
        let instead: Vec<String> = leaf
            .replaced
            .iter()
            .map(|replaced| match replaced.same {
                true => format!("the same in {}", pack.line_of(replaced.span)),
                false => format!("{} ({})", replaced.text, pack.line_of(replaced.span)),
            })
            .collect();
        table.row(vec![
            // `value` is what a parameter or fact is anyway.
            leaf.path.trim_end_matches(".value").into(),
            one_line(&leaf.text).into(),
            Cell::new(pack.line_of(leaf.span), Role::Dim),
            Cell::new(instead.join(", "), Role::Dim),
        ]);
    }
    for gone in gone {
        table.row(vec![
            gone.path.as_str().into(),
            Cell::new("dropped", Role::Dim),
            Cell::new(pack.line_of(gone.span), Role::Dim),
        ]);
    }
    for function in scripts {
        let instead: Vec<String> = function.replaces.iter().map(|span| pack.line_of(*span)).collect();
        table.row(vec![
            function.path.as_str().into(),
            function.declaration.as_str().into(),
            Cell::new(pack.line_of(function.span), Role::Dim),
            Cell::new(instead.join(", "), Role::Dim),
        ]);
    }
    let mut text = table.draw(terminal.width(), Paint::new(terminal.color())).join("\n");
    text.push('\n');
    text
}
