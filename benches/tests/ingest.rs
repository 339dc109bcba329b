//! The measuring itself, on the one receiver that needs nothing but this crate.

use std::process::Command;

#[test]
fn the_bound_is_measured_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(["ingest", "--receivers", "bound", "--rounds", "1", "--seconds", "1", "--connections", "4"])
        .args(["--rate", "50", "--sustained-seconds", "1", "--overload", "0", "--dir"])
        .arg(dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("50 x 200, 0 x 503, 0 other"), "{text}");
    let account = text.lines().last().unwrap();
    assert!(account.starts_with("bound: ") && account.ends_with(", 0 lost"), "{text}");
}
