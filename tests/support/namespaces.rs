//! Where a thread of root's is at home that has taken leave of the real machine: a mount namespace
//! with /etc, /home, /root, /run, /var/lib and /var/log of its own, and a network namespace where
//! there is nothing but loopback, with addresses that are kept for documentation (RFC 5737).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::artefacts;
use crate::scratch::Scratch;

/// The files that an installation is, beside the module and the program.
const CONF: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../conf");

/// Gets $1, the test's own directory, and $2, the directory of the system's PAM modules. Of the
/// system's own configuration of sshd nothing is left but what the package brings.
const MAKE: &str = r#"
mkdir "$1/etc" "$1/security" "$1/run"
mount -n -t tmpfs -o mode=755 kapu-test "$1/etc"
cp -a /etc/. "$1/etc/"
mount -n --move "$1/etc" /etc
mount -n -t tmpfs -o mode=755 kapu-test "$1/security"
cp -a "$2/." "$1/security/"
mount -n --move "$1/security" "$2"
install -m 0644 "$1/pam_kapu.so" "$2/pam_kapu.so"
mount -n -t tmpfs -o mode=755 kapu-test "$1/run"
mkdir -m 755 "$1/run/sshd" "$1/run/kapu-test"
mount -n --bind "$1" "$1/run/kapu-test"
mount -n --move "$1/run" /run
for directory in /home /root /var/lib /var/log; do
    mount -n -t tmpfs -o mode=755 kapu-test $directory
done
chmod 711 /run/kapu-test
rm -rf /etc/kapu /etc/pam.d/kapu* /etc/ssh/sshd_config.d /etc/ssh/ssh_host_*
cp /usr/share/openssh/sshd_config /etc/ssh/sshd_config
mkdir /etc/ssh/sshd_config.d
ssh-keygen -q -A
ip link set lo up
for address in 192.0.2.7 198.51.100.9 203.0.113.1; do
    ip address add $address/32 dev lo
done
echo 203.0.113.1 server1 >>/etc/hosts
install -d -m 0755 /etc/kapu
install -d -m 0700 /var/lib/kapu /var/lib/kapu/accounts
install -m 0644 /run/kapu-test/conf/kapu.toml /etc/kapu/kapu.toml
kapu key >/dev/null
"#;

/// What "systemctl reload ssh" does on Debian; any other call is an error.
const SYSTEMCTL: &str =
    "#!/bin/sh\n[ \"$*\" = 'reload ssh' ] && kill -HUP \"$(cat /run/sshd.pid)\"\n";

/// Lays ready what the machine will be made of.
///
/// # Panics
/// When that is not possible.
pub(crate) fn prepare(scratch: &Scratch) {
    for (ours, name, mode) in [
        (artefacts::program(), "bin/kapu", "755"),
        (artefacts::pam_try(), "bin/pam-try", "755"),
        (artefacts::module(), "pam_kapu.so", "644"),
        (artefacts::shim(), "preload.so", "755"),
    ] {
        run_to_end(
            Command::new("install")
                .args(["-D", "-m", mode])
                .arg(ours)
                .arg(scratch.path().join(name)),
        );
    }
    run_to_end(
        Command::new("cp")
            .args(["-r", CONF])
            .arg(scratch.path().join("conf")),
    );
    scratch.write("bin/systemctl", 0o755, SYSTEMCTL);
}

/// Takes this thread there, for good. Where the system's PAM modules are, or `None` where the kernel
/// gives no such namespaces.
///
/// # Panics
/// When the machine cannot be made.
pub(crate) fn take_leave(own: &Path) -> Option<PathBuf> {
    let modules = module_directory();
    let namespaces =
        || ["mnt", "net"].map(|name| fs::read_link(format!("/proc/thread-self/ns/{name}")).ok());
    let before = namespaces();
    // SAFETY: unshare(2) touches no memory of ours. It is for this thread alone, which shares
    // neither directory nor umask with others afterwards.
    if unsafe { libc::unshare(libc::CLONE_NEWNS | libc::CLONE_NEWNET) } != 0 {
        return None;
    }
    // From here on files of the system are written: not without being sure.
    let after = namespaces();
    assert!(
        before
            .iter()
            .zip(&after)
            .all(|(old, new)| new.is_some() && old != new),
        "{before:?} {after:?}"
    );
    // A container may forbid what it gives namespaces for.
    let mut private = Command::new("mount");
    private.args(["-n", "--make-rprivate", "/"]);
    if !private.output().is_ok_and(|output| output.status.success()) {
        return None;
    }
    let mut make = Command::new("sh");
    make.args(["-euc", MAKE, "sh"])
        .arg(own)
        .arg(&modules)
        .env_clear()
        .env("PATH", path_with(&own.join("bin")));
    run_to_end(&mut make);
    Some(modules)
}

/// As README.md finds it.
fn module_directory() -> PathBuf {
    let output = Command::new("gcc").arg("-print-multiarch").output();
    let multiarch = output.expect("gcc runs").stdout;
    let multiarch = String::from_utf8(multiarch).expect("a name");
    let path = Path::new("/usr/lib")
        .join(multiarch.trim())
        .join("security");
    assert!(path.join("pam_unix.so").exists(), "{}", path.display());
    path
}

pub(crate) fn path_with(first: &Path) -> String {
    format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", first.display())
}

fn run_to_end(command: &mut Command) {
    let output = command.output().expect("a command of the system");
    assert!(output.status.success(), "{command:?}: {}", text_of(&output));
}

pub(crate) fn text_of(output: &Output) -> String {
    format!(
        "{} {} {}",
        output.status,
        String::from_utf8_lossy(&output.stdout).trim(),
        String::from_utf8_lossy(&output.stderr).trim()
    )
}
