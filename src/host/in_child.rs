//! Tests that change the whole process (its limits, its memory) or count what it has: each runs
//! alone, in a child that is this test program again.

use std::env;
use std::process::Command;

use nix::sys::resource::{Resource, setrlimit};

/// Tells the child that it is the child.
const MARK: &str = "KAPU_TEST_CHILD";

/// Runs `body` in a child process and fails where it does; `test` is the path of the calling test.
pub(crate) fn run(test: &str, body: impl FnOnce()) {
    if env::var_os(MARK).is_some() {
        body();
        return;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(MARK, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{}: {said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Lowers a limit of this process (setrlimit(2)), which only a child should do.
pub(crate) fn limit(resource: Resource, to: usize) {
    assert!(env::var_os(MARK).is_some());
    let to = u64::try_from(to).unwrap();
    setrlimit(resource, to, to).unwrap();
}
