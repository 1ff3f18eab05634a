//! A machine of a test's own: the shipped files in their places, under the system's own sshd.
//!
//! A [`Site`](crate::Site) and its [`PrivateSshd`](crate::PrivateSshd) name every file of theirs by
//! its path, as any user can. The files in conf/ name none: they are for /etc, for the module among
//! the system's modules, for port 22. So here a thread of root's takes leave of the real machine
//! (namespaces.rs). Everything that it starts is there with it, and what it changes is gone with it.

use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::invented::hashed;
use crate::log::LogLine;
use crate::namespaces::{path_with, prepare, take_leave, text_of};
use crate::outcome::Outcome;
use crate::recipe::Recipe;
use crate::scratch::Scratch;
use crate::site::enrollment;
use crate::sshd::{SSHD, end_with_this_thread, knows_penalties};

/// Where logins come from that belong to the network of the recipes.
pub const OFFICE: &str = "192.0.2.7";
/// Where everybody else comes from.
pub const ELSEWHERE: &str = "198.51.100.9";
/// The system's password of every person, which is not kapu's.
pub const SYSTEM_PASSWORD: &str = "four yellow bricks";

/// The test's own directory, as the machine sees it.
const OWN: &str = "/run/kapu-test";
/// Longest wait for something that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the module writes to the log, and `kapu`.
pub(crate) const LOG: &str = "/var/log/kapu";
const LOG_OF_PROGRAMS: &str = "/var/log/kapu-programs";
/// What sshd does.
pub(crate) const LOG_OF_SSHD: &str = "/var/log/sshd";

/// A machine with kapu installed, bound to nothing, and a running sshd.
#[derive(Debug)]
pub struct Machine {
    sshd: Option<Child>,
    modules: PathBuf,
}

/// Runs `test` on a new machine, in a thread that is at home there. Where the kernel gives no such
/// namespaces, that is said and nothing is tested.
///
/// # Panics
/// When the machine cannot be made, and when the test does.
pub fn on_a_machine(test: impl FnOnce(&mut Machine) + Send) {
    let scratch = Scratch::new();
    prepare(&scratch);
    let ended = thread::scope(|scope| {
        let inside = scope.spawn(|| match Machine::enter(scratch.path()) {
            Some(mut machine) => test(&mut machine),
            None => eprintln!("not tested: this kernel gives no mount and network namespaces"),
        });
        inside.join()
    });
    ended.unwrap_or_else(|panic| resume_unwind(panic));
}

impl Machine {
    /// Takes this thread there, for good.
    fn enter(own: &Path) -> Option<Self> {
        let modules = take_leave(own)?;
        let mut machine = Self {
            sshd: None,
            modules,
        };
        machine.start_sshd();
        Some(machine)
    }

    fn start_sshd(&mut self) {
        self.start_sshd_as(Path::new(SSHD));
    }

    /// Under another path to the same program.
    fn start_sshd_as(&mut self, path: &Path) {
        let log = fs::File::create(LOG_OF_SSHD).expect("a log file for sshd");
        let mut command = Command::new(path);
        command.args(["-D", "-e"]);
        if knows_penalties() {
            command.args(["-o", "PerSourcePenalties=no"]);
        }
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LD_PRELOAD", own("preload.so"))
            .env("KAPU_TEST_LOG", LOG)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        end_with_this_thread(&mut command);
        self.sshd = Some(command.spawn().expect("sshd starts"));
        self.wait_until_it_listens(0);
    }

    fn stop_sshd(&mut self) {
        if let Some(mut sshd) = self.sshd.take() {
            let _ = sshd.kill();
            let _ = sshd.wait();
        }
    }

    /// How often sshd has begun to listen, on each address: it does so anew when it is reloaded.
    fn begun() -> usize {
        let log = fs::read_to_string(LOG_OF_SSHD).unwrap_or_default();
        log.matches("Server listening on 0.0.0.0").count()
    }

    fn wait_until_it_listens(&mut self, before: usize) {
        let since = Instant::now();
        while Self::begun() <= before {
            let ended = self.sshd.as_mut().expect("it runs").try_wait();
            assert!(
                matches!(ended, Ok(None)) && since.elapsed() < PATIENCE,
                "sshd does not listen: {}",
                fs::read_to_string(LOG_OF_SSHD).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs a script as root, where conf/ is, and waits until sshd is back where it was reloaded.
    /// What it printed.
    ///
    /// # Panics
    /// When a command in it fails.
    pub fn run(&mut self, script: &str) -> String {
        let before = Self::begun();
        let output = self.shell(script).output().expect("sh runs");
        assert!(output.status.success(), "{script}\n{}", text_of(&output));
        if script.contains("systemctl reload") {
            self.wait_until_it_listens(before);
        }
        String::from_utf8(output.stdout).expect("text")
    }

    /// A script as [`run`](Self::run) runs it.
    fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command
            .args(["-euc", script])
            .current_dir(own("conf"))
            .env_clear()
            .env("PATH", path_with(&own("bin")))
            .env("LC_ALL", "C.UTF-8")
            .env("LD_PRELOAD", own("preload.so"))
            .env("KAPU_TEST_LOG", LOG_OF_PROGRAMS)
            .stdin(Stdio::null());
        command
    }

    /// Does what a recipe says for the sshd that is here.
    ///
    /// # Panics
    /// When a command of it fails, and when what is looked at is not as the recipe says.
    pub fn follow(&mut self, recipe: &str) {
        let recipe = Recipe::of(recipe);
        for script in recipe.commands(knows_service_name()) {
            self.run(script);
        }
        for (script, expected) in recipe.looks() {
            assert_eq!(sorted(&self.run(script)), sorted(expected), "{script}");
        }
    }

    /// As [`follow`](Self::follow), with the recipe's file for /etc/pam.d also where sshd has no
    /// PAMServiceName: such a one calls its PAM service by the name that it was started under.
    ///
    /// # Panics
    /// When a command of the recipe fails.
    pub fn follow_with_its_pam_file(&mut self, recipe: &str) {
        const DROP_IN: &str = "/etc/ssh/sshd_config.d/10-kapu.conf";
        if knows_service_name() {
            self.follow(recipe);
            return;
        }
        let mut service = String::new();
        for script in Recipe::of(recipe).commands(true) {
            if service.is_empty() {
                self.run(script);
                service = self.run(&format!("sed -n 's/^PAMServiceName //p' {DROP_IN}"));
                self.run(&format!("sed -i '/^PAMServiceName/d' {DROP_IN}"));
            } else {
                self.run(script);
            }
        }
        let path = own("bin").join(service.trim());
        std::os::unix::fs::symlink(SSHD, &path).expect("a name for sshd");
        self.stop_sshd();
        self.start_sshd_as(&path);
    }

    /// The commands of a recipe that somebody else than root runs.
    ///
    /// # Panics
    /// When there are none.
    #[must_use]
    pub fn commands(&self, recipe: &str) -> String {
        Recipe::of(recipe).commands(knows_service_name()).collect()
    }

    /// A person with a home and [`SYSTEM_PASSWORD`], and not enrolled.
    pub fn person(&mut self, name: &str) {
        let hash = hashed(SYSTEM_PASSWORD);
        self.run(&format!(
            "useradd --create-home --shell /bin/sh --password '{hash}' {name}"
        ));
    }

    /// Enrolls somebody with these lines of `kapu enroll --from`.
    ///
    /// # Panics
    /// When it cannot be done.
    pub fn enroll(&mut self, name: &str, password: Option<&str>, secret: &str) {
        let mut document = enrollment(password.unwrap_or_default(), secret);
        if password.is_none() {
            document = document
                .split_once('\n')
                .expect("several lines")
                .1
                .to_owned();
        }
        self.run(&format!(
            "kapu enroll {name} --from - --json <<'END'\n{document}END\n"
        ));
    }

    /// Pretends to be some other program: calls these functions of libpam as root, for `user`, who
    /// has this answer.
    ///
    /// # Panics
    /// When that is not possible.
    #[must_use]
    pub fn transaction(&self, service: &str, user: &str, hooks: &str, answer: &str) -> Outcome {
        let output = self
            .shell("exec pam-try --confdir /etc/pam.d --service \"$SERVICE\" --user \"$NAME\" --hooks \"$HOOKS\" --answer \"$ANSWER\"")
            .env("SERVICE", service)
            .env("NAME", user)
            .env("HOOKS", hooks)
            .env("ANSWER", answer)
            .output()
            .expect("sh runs");
        assert!(output.status.success(), "{}", text_of(&output));
        Outcome::read(&String::from_utf8_lossy(&output.stdout), Vec::new())
    }

    /// Whether a command of root's succeeds.
    #[must_use]
    pub fn succeeds(&self, script: &str) -> bool {
        let output = self.shell(script).output().expect("sh runs");
        output.status.success()
    }

    /// Where the module is installed.
    #[must_use]
    pub fn module(&self) -> PathBuf {
        self.modules.join("pam_kapu.so")
    }

    /// What the module has logged in sshd so far.
    #[must_use]
    pub fn log(&self) -> Vec<LogLine> {
        LogLine::read(Path::new(LOG))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.stop_sshd();
    }
}

/// Whether sshd can be told which PAM service it is.
///
/// # Panics
/// When it does not run.
#[must_use]
pub fn knows_service_name() -> bool {
    let output = Command::new(SSHD)
        .args(["-T", "-o", "PAMServiceName=sshd"])
        .output();
    output.expect("sshd runs").status.success()
}

/// A file of the test's own directory.
pub(crate) fn own(name: &str) -> PathBuf {
    Path::new(OWN).join(name)
}

/// Versions of sshd print their options in different orders.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}
