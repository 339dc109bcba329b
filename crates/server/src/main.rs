//! `sportello`: the server, the sandbox and the tools around them.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The decoder's child gives up its rights before anything else exists: no runtime, no log, no threads.
    if std::env::args_os().nth(1).is_some_and(|arg| arg == "media-worker") {
        return media::run_worker();
    }
    if std::env::args_os().nth(1).is_some_and(|arg| arg == server::analysis::WORKER) {
        return analyzers::local::worker::run();
    }
    server::cli::main()
}
