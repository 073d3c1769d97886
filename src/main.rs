//! The `regain` command: parse arguments, dispatch, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use regain::cli::{self, Command, Exit};

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let terminal = cli::Terminal::detect(arguments.color);
    let result = match arguments.command {
        Command::Run(options) => cli::run::run(&options, &terminal),
        Command::Plan(options) => cli::plan::plan(&options, &terminal),
        Command::Evaluate(options) => cli::evaluate::evaluate(&options, &terminal),
        Command::Suggest(options) => cli::suggest::suggest(&options, &terminal),
        Command::Causes(options) => cli::causes::causes(&options, &terminal),
        Command::SecondLife(options) => cli::second_life::second_life(&options, &terminal),
        Command::Check(options) => cli::check::check(&options, &terminal),
        Command::Explain(options) => cli::explain::explain(&options, &terminal),
        Command::Fit(options) => cli::fit::fit(&options, &terminal),
        Command::Test(options) => cli::test::test(&options, &terminal),
        Command::Init(options) => cli::init::init(&options, &terminal),
        Command::Show(options) => cli::show::show(&options, &terminal),
        Command::Eval(options) => cli::eval::eval(&options, &terminal),
        Command::Watch(options) => cli::watch::watch(&options, &terminal),
        Command::Diff(options) => cli::diff::diff(&options, &terminal),
        Command::Docs(options) => cli::docs::docs(&options, &terminal),
        Command::Schema(options) => cli::schema::schema(&options, &terminal),
        Command::Profile(options) => cli::profile::profile(&options, &terminal),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal.error(&error);
            Exit::CouldNotRun.into()
        }
    }
}
