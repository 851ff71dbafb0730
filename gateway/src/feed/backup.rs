//! Good revisions on disk: the newest and the one before, each written whole or not at all, readable by their owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use config_model::backup::{self, BackupError};
use config_model::{Bundle, Snapshot};

/// The newest good revision.
const CURRENT: &str = "current.snapshot";
/// The one before.
const PREVIOUS: &str = "previous.snapshot";
/// Being written.
const PARTIAL: &str = "partial.snapshot";

/// Reads a snapshot file.
pub(crate) fn read(path: &Path) -> Result<Bundle, BackupError> {
    backup::read(BufReader::new(File::open(path)?))
}

/// Reads the newest usable revision of a directory; what could not be used is told.
pub(crate) fn newest(directory: &Path) -> Option<Bundle> {
    [CURRENT, PREVIOUS].into_iter().find_map(|name| {
        let path = directory.join(name);
        match read(&path) {
            Ok(bundle) => Some(bundle),
            Err(BackupError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                log::warn!(file = path.display().to_string(), error = error.to_string(); "a backup cannot be used");
                None
            }
        }
    })
}

/// Keeps a revision.
pub(crate) fn keep(directory: &Path, snapshot: &Snapshot) -> Result<PathBuf, BackupError> {
    let bundle = snapshot.to_bundle()?;
    fs::create_dir_all(directory)?;
    let (partial, current) = (directory.join(PARTIAL), directory.join(CURRENT));
    let _ = fs::remove_file(&partial);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    backup::write(&bundle, &mut file)?;
    file.flush()?;
    file.sync_all()?;
    if current.exists() {
        fs::rename(&current, directory.join(PREVIOUS))?;
    }
    fs::rename(&partial, &current)?;
    Ok(current)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn named(name: &str) -> Snapshot {
        let mut snapshot = Snapshot::default();
        snapshot.settings.service_name = Some(name.to_owned());
        snapshot
    }

    #[test]
    fn a_damaged_backup_gives_way_to_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        assert!(newest(folder.path()).is_none());
        keep(folder.path(), &named("one")).unwrap();
        let current = keep(folder.path(), &named("two")).unwrap();
        assert_eq!(fs::metadata(&current).unwrap().permissions().mode() & 0o777, 0o600);
        let name = |bundle: Bundle| bundle.to_snapshot().unwrap().settings.service_name;
        assert_eq!(name(newest(folder.path()).unwrap()).as_deref(), Some("two"));
        let mut bytes = fs::read(&current).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&current, bytes).unwrap();
        assert_eq!(name(newest(folder.path()).unwrap()).as_deref(), Some("one"));
    }
}
