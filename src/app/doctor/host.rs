//! The host's rows: locked memory, core dumps, files and their modes.

use std::path::Path;

use rustix::fs::Access;
use rustix::process::{Resource, getrlimit};

use super::row::Row;
use crate::config::Folders;
use crate::secret::Secret;
use crate::vault::Vault;

/// The settings' row; `trouble` is why they could not be used.
pub fn settings(folders: &Folders, named: Option<&Path>, trouble: Option<String>) -> Row {
    let name = "settings";
    if let Some(words) = trouble {
        return Row::fail(
            name,
            &words,
            "mend that line; lancet --print-config shows what is possible",
        );
    }
    let file = named.map_or_else(|| folders.config_file(), Path::to_path_buf);
    if file.exists() {
        Row::ok(name, &file.display().to_string())
    } else {
        Row::ok(
            name,
            &format!("the defaults; {} is not there", file.display()),
        )
    }
}

/// Every other row.
pub fn rows(folders: &Folders) -> Vec<Row> {
    let mut rows = vec![locked_memory(), core_dumps()];
    rows.extend(vault_rows(folders));
    rows.extend(writable(folders));
    rows
}

fn locked_memory() -> Row {
    let name = "locked memory";
    let limit = match getrlimit(Resource::Memlock).current {
        Some(bytes) => format!("the limit is {} KiB", bytes / 1024),
        None => "no limit".to_owned(),
    };
    if Secret::new().is_locked() {
        return Row::ok(name, &format!("secrets stay out of swap; {limit}"));
    }
    Row::warn(
        name,
        &format!("secrets may be swapped out; {limit}"),
        "ulimit -l 1024, or LimitMEMLOCK=1M for a service, or a host without swap",
    )
}

fn core_dumps() -> Row {
    let name = "core dumps";
    let limited = getrlimit(Resource::Core).current == Some(0);
    #[cfg(target_os = "linux")]
    let dumpable =
        rustix::process::dumpable_behavior() != Ok(rustix::process::DumpableBehavior::NotDumpable);
    #[cfg(not(target_os = "linux"))]
    let dumpable = false;
    match (limited, dumpable) {
        (true, false) => Row::ok(name, "off: a crash writes no memory to disk"),
        (true, true) => Row::warn(
            name,
            "the limit is 0, and the process is still open to other programs of yours",
            "this Lancet could not close itself: is it run under a debugger or a sandbox?",
        ),
        (false, _) => Row::warn(
            name,
            "possible: a crash may write memory to disk",
            "ulimit -c 0",
        ),
    }
}

/// Modes and owners of the vault and its older generations.
fn vault_rows(folders: &Folders) -> Vec<Row> {
    let name = "key vault";
    // A folder that others may use is no matter before there is a vault in it.
    if !Vault::exists(&folders.data) {
        return vec![Row::ok(name, "no keys are stored")];
    }
    let problems = Vault::problems(&folders.data);
    if problems.is_empty() {
        let path = Vault::path(&folders.data);
        return vec![Row::ok(name, &format!("{}, for you alone", path.display()))];
    }
    // The vault's sentences end with their mend.
    let rows = problems.iter().map(|told| match told.rsplit_once(": ") {
        Some((words, mend)) => Row::fail(name, words, mend),
        None => Row::fail(name, told, ""),
    });
    rows.collect()
}

fn writable(folders: &Folders) -> Vec<Row> {
    let all = [
        ("state folder", &folders.state),
        ("data folder", &folders.data),
    ];
    let rows = all.map(|(name, folder)| {
        let words = folder.display().to_string();
        // One that is not there yet is made below the nearest that is.
        let there = folder.ancestors().find(|path| path.exists());
        let can = there.is_some_and(|path| {
            path.is_dir() && rustix::fs::access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok()
        });
        if can {
            Row::ok(name, &words)
        } else {
            let mend = "make it yours (chown, chmod 700), or set XDG_STATE_HOME and XDG_DATA_HOME";
            Row::fail(name, &format!("{words} cannot be written"), mend)
        }
    });
    rows.to_vec()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::app::doctor::row::State;

    fn folders(base: &Path) -> Folders {
        let below = |name: &str| base.join(name).join("lancet");
        Folders {
            config: below("config"),
            state: below("state"),
            data: below("data"),
            cache: below("cache"),
        }
    }

    #[test]
    fn modes_that_let_others_in_are_named_with_their_mend() {
        let dir = tempfile::tempdir().unwrap();
        let folders = folders(dir.path());
        assert_eq!(vault_rows(&folders)[0].words, "no keys are stored");
        std::fs::create_dir_all(&folders.data).unwrap();
        let file = folders.data.join("keys.vault");
        std::fs::write(&file, "x").unwrap();
        let set = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        set(&folders.data, 0o755);
        set(&file, 0o640);
        let rows = vault_rows(&folders);
        assert!(rows.iter().all(|row| row.state == State::Fail));
        assert!(rows[0].mend.contains("chmod 700"), "{rows:?}");
        set(&folders.data, 0o700);
        let rows = vault_rows(&folders);
        assert_eq!((rows.len(), rows[0].state), (1, State::Fail));
        assert!(rows[0].mend.contains("chmod 600"), "{rows:?}");
        set(&file, 0o600);
        let rows = vault_rows(&folders);
        assert_eq!((rows.len(), rows[0].state), (1, State::Ok));
    }

    #[test]
    fn folders_that_are_not_there_yet_can_be_made_or_not() {
        let dir = tempfile::tempdir().unwrap();
        let good = writable(&folders(dir.path()));
        assert!(good.iter().all(|row| row.state == State::Ok), "{good:?}");
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        let bad = writable(&folders(&file));
        assert!(
            bad.iter()
                .all(|row| row.state == State::Fail && !row.mend.is_empty())
        );
    }

    #[test]
    fn broken_settings_fail_with_their_line() {
        let dir = tempfile::tempdir().unwrap();
        let folders = folders(dir.path());
        let row = settings(&folders, None, Some("config.toml:3: unknown".to_owned()));
        assert_eq!(row.state, State::Fail);
        assert!(row.words.contains(":3"));
        assert!(
            settings(&folders, None, None)
                .words
                .contains("the defaults")
        );
    }
}
