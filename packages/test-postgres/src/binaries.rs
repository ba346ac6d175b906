//! Where PostgreSQL's programs are, and whom they run as.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

/// The directory that holds `initdb` and `postgres`: the newest version where there are several.
pub(crate) fn find() -> Result<PathBuf, Error> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let from_path = std::env::split_paths(&path).find(|directory| is_complete(directory));
    from_path.or_else(from_pg_config).or_else(from_debian).ok_or(Error::NotInstalled)
}

fn is_complete(directory: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|program| directory.join(program).is_file())
}

fn from_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let directory = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    is_complete(&directory).then_some(directory)
}

fn from_debian() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let directory = entry.path().join("bin");
            is_complete(&directory).then_some((version, directory))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, directory)| directory)
}

/// A user id and a group id.
pub(crate) type User = (u32, u32);

/// Whom to run the server as when this process is root's.
pub(crate) fn unprivileged() -> Result<User, Error> {
    let passwd = std::fs::read_to_string("/etc/passwd").map_err(crate::io("read /etc/passwd"))?;
    ["postgres", "nobody"].iter().find_map(|name| entry(&passwd, name)).ok_or(Error::NoUser)
}

fn entry(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some((uid, gid))
    })
}

#[cfg(test)]
mod tests {
    use super::entry;

    #[test]
    fn users_are_found_by_their_whole_name() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\nnobodyelse:x:7:8::/:/bin/false\nnobody:x:65534:65533::/:/bin/false\n";
        assert_eq!(entry(passwd, "nobody"), Some((65534, 65533)));
        assert_eq!(entry(passwd, "postgres"), None);
    }
}
