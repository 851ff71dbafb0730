//! `gatewright-agent`: the configuration service. Everything is in the library.

fn main() -> std::process::ExitCode {
    config_agent::cli::main(std::env::args_os())
}
