//! Exit codes and nothing else.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::from(lancet::app::run(std::env::args_os()))
}
