//! What runs between the service and the browser: makes the jail around itself, starts the browser, and relays.
//!
//! Started as `… required|off HOME PROGRAM ARGUMENTS…`; standard input takes orders (`open SOCKET`, `close PORT`), standard output
//! answers each with a line. Nothing here is asynchronous before the jail is closed: namespaces and users are a matter of a process
//! with a single thread.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{self, Write as _},
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
};

use nix::{
    sched::{CloneFlags, unshare},
    sys::prctl,
    unistd::{Gid, Uid, getegid, geteuid, setgroups, setresgid, setresuid},
};

use super::{JAILED_USER, loopback, relay};

/// Runs a jail until the browser ends or nobody gives orders any more. `arguments` are those after the command's own name.
///
/// To be called first thing in a process, before there is a second thread.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match enter_and_relay(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _nobody_listens = answer(&message);
            ExitCode::FAILURE
        }
    }
}

fn enter_and_relay(arguments: impl IntoIterator<Item = OsString>) -> Result<(), String> {
    let mut arguments = arguments.into_iter();
    let sandbox = arguments.next().unwrap_or_default();
    let home = PathBuf::from(arguments.next().unwrap_or_default());
    let program = arguments.next().ok_or("the jail was started without a program")?;
    let arguments: Vec<OsString> = arguments.collect();

    if sandbox == "required" {
        separate().map_err(|(what, error)| format!("a jail for the browser cannot be made here: {what} ({error})"))?;
    } else if sandbox != "off" {
        return Err("the jail must be \"required\" or \"off\"".to_owned());
    }
    become_nobody().map_err(|error| format!("the browser's user cannot be changed: {error}"))?;
    prctl::set_no_new_privs().map_err(|error| format!("new privileges cannot be given up: {error}"))?;

    let browser = start(&program, &arguments, &home)
        .map_err(|error| format!("{} cannot be started: {error}", PathBuf::from(&program).display()))?;
    answer("ready").map_err(|error| error.to_string())?;
    relay::run(browser).map_err(|error| error.to_string())
}

/// A network of its own, with only the loopback in it.
fn separate() -> Result<(), (&'static str, io::Error)> {
    if geteuid().is_root() {
        unshare(CloneFlags::CLONE_NEWNET).map_err(|error| {
            ("a network namespace is not allowed; it takes CAP_SYS_ADMIN, or a user that is not root", error.into())
        })?;
    } else {
        let (user, group) = (geteuid(), getegid());
        unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).map_err(|error| {
            ("user namespaces are not allowed; see kernel.unprivileged_userns_clone, user.max_user_namespaces, AppArmor, or the container's seccomp profile", error.into())
        })?;
        let maps = |error| ("the namespace's user cannot be set", error);
        fs::write("/proc/self/setgroups", "deny").map_err(maps)?;
        fs::write("/proc/self/uid_map", format!("{user} {user} 1")).map_err(maps)?;
        fs::write("/proc/self/gid_map", format!("{group} {group} 1")).map_err(maps)?;
    }
    loopback::switch_on().map_err(|error| ("the namespace's loopback cannot be switched on", error))
}

/// Root gives up being root, for good. Whoever is not root already is nobody to the kernel.
fn become_nobody() -> nix::Result<()> {
    if geteuid().is_root() {
        let (user, group) = (Uid::from_raw(JAILED_USER), Gid::from_raw(JAILED_USER));
        setgroups(&[])?;
        setresgid(group, group, group)?;
        setresuid(user, user, user)?;
    }
    Ok(())
}

fn start(program: &OsStr, arguments: &[OsString], home: &PathBuf) -> io::Result<std::process::Child> {
    Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_CACHE_HOME", home)
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
}

/// Answers with one line.
pub(super) fn answer(line: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{}", line.replace('\n', " "))?;
    output.flush()
}
