//! Entry point: settings, then the server. Exit codes: 0 asked to end, 1 could not start, 64 bad settings.

use std::process::ExitCode;

use clap::Parser;
use gateway::cli::Arguments;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Variables that are text; ours are.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| {
        let _ = error.print();
        std::process::exit(if error.use_stderr() { 64 } else { 0 });
    });
    let settings = match arguments.settings(environment()) {
        Ok(settings) => settings,
        Err(error) => {
            eprintln!("gatewright-gateway: {error}");
            return ExitCode::from(64);
        }
    };
    match gateway::server::run(&settings, &arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gatewright-gateway: {error}");
            ExitCode::FAILURE
        }
    }
}
