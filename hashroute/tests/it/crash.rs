use crate::process::{hashroute, stderr};

/// Kills the service with SIGKILL under load and compares what was answered with what is counted; see `hashroute bench crash --help`.
#[test]
fn no_answered_redirect_is_lost_or_doubled_by_kill_9() {
    for durability in ["disk", "process"] {
        let directory = tempfile::tempdir().unwrap();
        let arguments = ["bench", "crash", "--rounds", "2", "--links", "4000", "--durability", durability, "--json"];
        let output = hashroute(directory.path(), &[]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
    }
}
