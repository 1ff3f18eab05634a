//! A whole installation in a directory of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::attempt::Attempt;
use crate::outcome::Outcome;
use crate::privileges::caller;
use crate::scratch::Scratch;
use crate::sshd::module_log;
use crate::{artefacts, log::LogLine};

/// The password of every enrolled account.
pub const PASSWORD: &str = "seven green lanterns";
/// The secret of every enrolled account, in base32: 160 bits.
pub const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
/// The PAM service of a login, unless a test says otherwise.
pub const SERVICE: &str = "kapu-test";

/// Cheap to compute: the suites test the login around the hash, not its strength.
const QUICK_HASH: &str = "[password]\nmemory-kib = 8192\npasses = 1\n";

/// A configuration, a host key, a store, and PAM service files for the built module.
#[derive(Debug)]
pub struct Site {
    scratch: Scratch,
    user: String,
    /// A shell script that makes a mount namespace what it should be.
    namespace: Option<String>,
    /// The defence that the builds of this site do without.
    weakness: Option<&'static str>,
}

/// What `kapu enroll` tells a script.
#[derive(Debug)]
pub struct Enrolled {
    /// The otpauth URI for the app.
    pub uri: String,
    /// The revocation code for the paper.
    pub revocation_code: String,
}

impl Site {
    /// A site with nobody enrolled. Its account is the one that runs the tests.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "it makes an installation: that should be seen"
    )]
    pub fn new() -> Self {
        Self::with("")
    }

    /// As [`new`](Site::new), with more lines in kapu.toml (other tables than `[store]` and
    /// `[password]`).
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn with(configuration: &str) -> Self {
        Self::built(None, configuration)
    }

    /// As [`with`](Site::with), of the build without the defence `weakness`, which one of the
    /// patches in `attack/weak` takes away: what an attack proves is that it succeeds here.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn weakened(weakness: &'static str, configuration: &str) -> Self {
        Self::built(Some(weakness), configuration)
    }

    fn built(weakness: Option<&'static str>, configuration: &str) -> Self {
        let site = Self {
            scratch: Scratch::new(),
            user: caller(),
            namespace: None,
            weakness,
        };
        fs::DirBuilder::new()
            .mode(0o700)
            .create(site.store())
            .expect("a directory for the store");
        site.write(
            "kapu.toml",
            &format!(
                "[store]\npath = \"{}\"\nhost-key = \"{}\"\n{QUICK_HASH}{configuration}",
                site.store().display(),
                site.host_key().display()
            ),
        );
        site.service(SERVICE, &[&format!("auth required {}", site.module())]);
        // What has no file of its own is refused, as on every well-kept host.
        site.service("other", &["auth required pam_deny.so"]);
        let made = site.kapu(&["key"], "");
        assert!(made.status.success(), "kapu key: {}", text_of(&made));
        site
    }

    /// A site where the caller is enrolled with [`PASSWORD`] and [`SECRET`].
    #[must_use]
    pub fn enrolled() -> Self {
        let site = Self::new();
        site.enroll(&site.user);
        site
    }

    /// A site where the caller has [`PASSWORD`] and no device, with more lines in kapu.toml.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn with_password(configuration: &str) -> Self {
        let site = Self::with(configuration);
        site.give_password();
        site
    }

    /// Gives the caller [`PASSWORD`], and no device.
    ///
    /// # Panics
    /// When that fails.
    pub fn give_password(&self) {
        let input = format!("password = \"{PASSWORD}\"\n");
        let made = self.kapu(&["passwd", self.user(), "--from", "-"], &input);
        assert!(made.status.success(), "kapu passwd: {}", text_of(&made));
    }

    /// The account that runs the tests.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The directory that holds everything.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.scratch.path()
    }

    /// Where the accounts are.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.path().join("accounts")
    }

    /// What lies there: the bytes of every account's files, by their paths.
    ///
    /// # Panics
    /// When it cannot be read, and when nobody is enrolled.
    #[must_use]
    pub fn documents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = |directory: PathBuf| {
            let read = fs::read_dir(directory).expect("a directory of the store");
            read.map(|entry| entry.expect("an entry of the store").path())
        };
        let documents: BTreeMap<_, _> = entries(self.store())
            .filter(|path| path.is_dir())
            .flat_map(entries)
            .map(|path| {
                let bytes = fs::read(&path).expect("a document");
                (path, bytes)
            })
            .collect();
        assert!(!documents.is_empty(), "somebody is enrolled");
        documents
    }

    /// Where the key is that seals them.
    #[must_use]
    pub fn host_key(&self) -> PathBuf {
        self.path().join("host.key")
    }

    /// Where the configuration is.
    #[must_use]
    pub fn configuration(&self) -> PathBuf {
        self.path().join("kapu.toml")
    }

    /// Where the PAM service files are.
    #[must_use]
    pub fn pam_directory(&self) -> PathBuf {
        self.path().join("pam.d")
    }

    /// The module with further arguments, as a PAM service file names them.
    #[must_use]
    pub fn module_with(&self, arguments: &str) -> String {
        format!("{} {arguments}", self.module())
    }

    /// The module and its argument, as a PAM service file names them.
    #[must_use]
    pub fn module(&self) -> String {
        self.arguments_for(&match self.weakness {
            None => artefacts::module(),
            Some(_) => artefacts::weak_module(),
        })
    }

    /// Another build of the module, with the same argument.
    #[must_use]
    pub fn arguments_for(&self, module: &Path) -> String {
        format!(
            "{} config={}",
            module.display(),
            self.configuration().display()
        )
    }

    /// Writes a file into the site.
    pub fn write(&self, name: &str, content: &str) -> PathBuf {
        self.scratch.write(name, 0o600, content)
    }

    /// Writes a program into the site.
    pub fn write_script(&self, name: &str, content: &str) -> PathBuf {
        self.scratch.write(name, 0o700, content)
    }

    /// Writes a PAM service file of these lines. The types they leave out are permitted.
    pub fn service(&self, name: &str, lines: &[&str]) {
        let mut file = String::new();
        for line in lines {
            file.push_str(line);
            file.push('\n');
        }
        for kind in ["auth", "account", "session", "password"] {
            if !lines.iter().any(|line| line.starts_with(kind)) {
                file.push_str(kind);
                file.push_str(" required pam_permit.so\n");
            }
        }
        self.write(&format!("pam.d/{name}"), &file);
    }

    /// Enrolls `user` with [`PASSWORD`] and [`SECRET`], as a script does.
    ///
    /// # Panics
    /// When `kapu enroll` does not do it.
    pub fn enroll(&self, user: &str) -> Enrolled {
        self.enroll_from(user, &enrollment(PASSWORD, SECRET))
    }

    /// Enrolls `user` with [`PASSWORD`] and [`SECRET`] in a counter-based device whose next code is
    /// that of `counter`.
    ///
    /// # Panics
    /// When `kapu enroll` does not do it.
    pub fn enroll_counter_based(&self, user: &str, counter: u64) -> Enrolled {
        let document = format!(
            "password = \"{PASSWORD}\"\nsecret = \"{SECRET}\"\ntoken = \"fob\"\n\
             type = \"hotp\"\ncounter = {counter}\n"
        );
        self.enroll_from(user, &document)
    }

    fn enroll_from(&self, user: &str, document: &str) -> Enrolled {
        let output = self.kapu(&["enroll", user, "--from", "-", "--json"], document);
        assert!(output.status.success(), "kapu enroll: {}", text_of(&output));
        let report: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("kapu enroll --json prints JSON");
        let text = |key: &str| {
            report[key]
                .as_str()
                .unwrap_or_else(|| panic!("{key} is missing in {report}"))
                .to_owned()
        };
        Enrolled {
            uri: text("uri"),
            revocation_code: text("revocation_code"),
        }
    }

    /// Enrolls `user` with [`SECRET`] and without a password, for modes that keep none.
    ///
    /// # Panics
    /// When `kapu enroll` does not do it.
    pub fn enroll_without_password(&self, user: &str) -> Enrolled {
        let document = enrollment(PASSWORD, SECRET);
        let (_, rest) = document.split_once('\n').expect("several lines");
        self.enroll_from(user, rest)
    }

    /// What `kapu` says on standard output where all goes well.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn kapu_says(&self, arguments: &[&str]) -> String {
        let output = self.kapu(arguments, "");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// Runs `kapu` on this site with `input` as its standard input.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn kapu(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .kapu_command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("kapu runs");
        let mut stdin = child.stdin.take().expect("its standard input is piped");
        // It may refuse before it has read everything.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("kapu ends")
    }

    /// Lets everything of this site run in mount namespaces of its own, where these files of ours
    /// stand in the place of the system's. `false`, and nothing is changed, where the kernel gives
    /// no such namespace; only root gets one.
    #[must_use]
    pub fn take_for_system(&mut self, files: &[(PathBuf, &str)]) -> bool {
        let mut script = "set -e\n".to_owned();
        for (ours, system) in files {
            script.push_str(&format!("mount --bind '{}' {system}\n", ours.display()));
        }
        let mount = |then: &str| {
            Command::new("unshare")
                .args(["-m", "sh", "-c"])
                .arg(format!("{script}{then}"))
                .output()
        };
        let works = mount("true").is_ok_and(|output| output.status.success());
        if works {
            self.namespace = Some(script + "exec \"$@\"");
        }
        works
    }

    /// A command that runs on this site.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let Some(script) = &self.namespace else {
            return Command::new(program);
        };
        let mut command = Command::new("/usr/bin/unshare");
        command.args(["-m", "sh", "-c", script, "sh"]).arg(program);
        command
    }

    /// The command that [`kapu`](Site::kapu) runs.
    pub fn kapu_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(&match self.weakness {
            None => artefacts::program(),
            Some(_) => artefacts::weak_program(),
        });
        command
            .arg("--config")
            .arg(self.configuration())
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm")
            .env("LD_PRELOAD", artefacts::shim())
            .env("KAPU_TEST_LOG", self.program_log_file())
            .env("KAPU_TEST_JOURNAL", self.journal())
            .env("KAPU_TEST_NAMES", self.names_file());
        self.weaken(&mut command);
        command
    }

    /// Tells the weakened build, where this site is of it, what it does without.
    pub(crate) fn weaken(&self, command: &mut Command) {
        if let Some(weakness) = self.weakness {
            command.env("KAPU_TEST_WEAKNESS", weakness);
        }
    }

    /// Where a [`Journal`](crate::Journal) listens, if one does.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path().join("journal")
    }

    /// Where [`directory`](Site::directory) keeps the names.
    pub(crate) fn names_file(&self) -> PathBuf {
        self.path().join("names")
    }

    /// Puts a directory service in front of the host's own accounts: lines of passwd(5) and the
    /// directives that support/names.c describes. It takes the place of an earlier one.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn directory(&self, lines: &[&[u8]]) {
        let mut content = lines.join(&b'\n');
        content.push(b'\n');
        fs::write(self.names_file(), content).expect("the file of names");
    }

    fn program_log_file(&self) -> PathBuf {
        self.path().join("log-of-programs")
    }

    /// What `kapu` wrote to the log so far.
    #[must_use]
    pub fn program_log(&self) -> Vec<LogLine> {
        self.lines_of(&self.program_log_file())
    }

    /// What the module wrote to the log so far in a [`PrivateSshd`](crate::PrivateSshd).
    #[must_use]
    pub fn sshd_log(&self) -> Vec<LogLine> {
        self.lines_of(&module_log(self))
    }

    /// The lines of a log of this site. docs/logging.md knows each line that any suite sees; what a
    /// weakened build writes may be anything.
    pub(crate) fn lines_of(&self, log: &Path) -> Vec<LogLine> {
        let lines = LogLine::read(log);
        if self.weakness.is_none() {
            lines.iter().for_each(LogLine::assert_documented);
        }
        lines
    }

    /// A login of the site's account, to be described further.
    #[must_use]
    pub fn attempt(&self) -> Attempt<'_> {
        Attempt::new(self)
    }

    /// A login of the site's account with these two answers.
    pub fn log_in(&self, password: &str, code: &str) -> Outcome {
        self.attempt().answers([password, code]).run()
    }
}

/// The document that `kapu enroll --from` reads.
pub(crate) fn enrollment(password: &str, secret: &str) -> String {
    format!(
        "password = \"{password}\"\nsecret = \"{secret}\"\ntoken = \"phone\"\n\
         algorithm = \"SHA1\"\ndigits = 6\nperiod = 30\n"
    )
}

fn text_of(output: &Output) -> String {
    format!(
        "{} {} {}",
        output.status,
        String::from_utf8_lossy(&output.stdout).trim(),
        String::from_utf8_lossy(&output.stderr).trim()
    )
}
