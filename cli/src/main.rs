//! `gatewright`: the author's and operator's tool. One command is one file; this one only reads arguments.
//!
//! Exit codes: 0 fine, 1 findings or failures, 2 wrong usage.
mod check;
mod dev;
mod eval;
mod load;
mod private;
mod report;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs, checks and evaluates API Management configuration.
#[derive(Parser)]
#[command(name = "gatewright", version, max_term_width = 120)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a configuration folder on this machine and reload it when a file changes
    Dev(dev::Arguments),
    /// Check configuration folders or single policy files with the production loader and compiler
    Check(check::Arguments),
    /// Evaluate a policy expression, or a file of expressions with expected answers
    Eval(eval::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Dev(a) => dev::run(&a),
        Command::Check(a) => check::run(&a),
        Command::Eval(a) => eval::run(&a),
    };
    done.unwrap_or_else(|e| {
        // Whoever reads no further (`| head`) has seen enough.
        if e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe) {
            return ExitCode::FAILURE;
        }
        eprintln!("gatewright: {e:#}");
        ExitCode::from(2)
    })
}
