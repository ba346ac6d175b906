//! The limit of connections against the system's limit of open files: a connection is an open file.

use super::Limits;

/// Open files that are not connections: databases, the click log, listeners, one more for each that is being refused.
const RESERVE: u64 = 200;

impl Limits {
    /// Raises the process's limit of open files as far as the system allows, and lowers the limit of connections to what fits below
    /// it: a connection too many is then told so instead of waiting for ever in the kernel's queue.
    #[must_use]
    pub fn within_open_files(self) -> Self {
        let open_files = rlimit::increase_nofile_limit(rlimit::INFINITY).or_else(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "the limit of open files could not be raised");
            rlimit::Resource::NOFILE.get_soft()
        });
        let open_files = match open_files {
            Ok(open_files) => open_files,
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the limit of open files is not known");
                return self;
            }
        };
        let connections = fitting(self.connections, open_files);
        if connections < self.connections {
            tracing::warn!(
                open_files,
                connections,
                wanted = self.connections,
                "fewer connections at a time than usual: raise the limit of open files (`ulimit -n`, LimitNOFILE=)"
            );
        }
        Self { connections, ..self }
    }
}

/// At least one: a service that refuses everybody helps nobody.
fn fitting(wanted: usize, open_files: u64) -> usize {
    let room = open_files.saturating_sub(RESERVE).max(1);
    usize::try_from(room).map_or(wanted, |room| wanted.min(room))
}

#[cfg(test)]
mod tests {
    use rlimit::Resource;

    use super::*;

    #[test]
    fn connections_leave_room_for_other_open_files() {
        assert_eq!(fitting(20_000, 1_048_576), 20_000);
        assert_eq!(fitting(20_000, rlimit::INFINITY), 20_000);
        assert_eq!(fitting(20_000, 20_199), 19_999);
        assert_eq!(fitting(20_000, 1_024), 824);
        assert_eq!(fitting(20_000, 64), 1);
    }

    #[test]
    fn the_soft_limit_of_open_files_is_raised_to_the_hard_one() {
        let (_, hard) = Resource::NOFILE.get().unwrap();
        Resource::NOFILE.set(hard.min(1_000), hard).unwrap();
        let limits = Limits { connections: usize::MAX, ..Limits::default() }.within_open_files();
        assert_eq!(Resource::NOFILE.get().unwrap(), (hard, hard));
        assert_eq!(limits.connections, fitting(usize::MAX, hard));
    }
}
