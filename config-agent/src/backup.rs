//! The last good revisions on disk: written whole and renamed into place, the older ones kept beside, every digest verified when one is read.

use config_model::{Bundle, backup};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// How many revisions are kept where nothing else is said.
pub(crate) const DEFAULT_COUNT: usize = 3;

/// Name of the newest file; older ones have `.1`, `.2` ... behind it.
const FILE_NAME: &str = "snapshot.gws";

/// A folder of backups.
#[derive(Debug, Clone)]
pub(crate) struct Backups {
    folder: PathBuf,
    count: usize,
}

/// Why a backup was not stored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("cannot write below `{}`: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
    #[error(transparent)]
    Encode(#[from] backup::BackupError),
}

impl Backups {
    pub(crate) fn new(folder: impl Into<PathBuf>, count: usize) -> Self {
        Self { folder: folder.into(), count: count.max(1) }
    }

    fn path(&self, age: usize) -> PathBuf {
        match age {
            0 => self.folder.join(FILE_NAME),
            age => self.folder.join(format!("{FILE_NAME}.{age}")),
        }
    }

    /// The newest file that is sound, and what was wrong with the newer ones.
    pub(crate) fn load(&self) -> (Option<Bundle>, Vec<String>) {
        let mut problems = Vec::new();
        for path in (0..self.count).map(|age| self.path(age)) {
            match File::open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => problems.push(format!("`{}` cannot be read: {error}", path.display())),
                Ok(file) => match backup::read(file) {
                    Ok(bundle) => return (Some(bundle), problems),
                    Err(error) => problems.push(format!("`{}`: {error}", path.display())),
                },
            }
        }
        (None, problems)
    }

    /// Stores a revision as the newest; the same revision again changes nothing.
    pub(crate) fn store(&self, bundle: &Bundle) -> Result<(), StoreError> {
        let mut bytes = Vec::new();
        backup::write(bundle, &mut bytes)?;
        if fs::read(self.path(0)).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        self.replace(&bytes).map_err(|error| StoreError::Io(self.folder.clone(), error))
    }

    fn replace(&self, bytes: &[u8]) -> io::Result<()> {
        if !self.folder.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        }
        let fresh = self.folder.join(format!("{FILE_NAME}.new"));
        write_private(&fresh, bytes)?;
        for age in (1..self.count).rev() {
            rename_if_there(&self.path(age.saturating_sub(1)), &self.path(age), age == 1)?;
        }
        fs::rename(&fresh, self.path(0))?;
        File::open(&self.folder)?.sync_all()
    }
}

/// Writes a file that only its owner can read, and waits until it is on the disk.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A leftover may have any mode; the mode of `open` only counts for new files.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The newest file is linked rather than moved, so that there is one at any moment.
fn rename_if_there(from: &Path, to: &Path, keep: bool) -> io::Result<()> {
    let done = if keep {
        match fs::remove_file(to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::hard_link(from, to),
        }
    } else {
        fs::rename(from, to)
    };
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config_model::testkit::Builder;
    use std::os::unix::fs::PermissionsExt;

    fn bundle(value: &str) -> Bundle {
        Builder::new().named_value("v", value).bundle()
    }

    #[test]
    fn the_newest_sound_file_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let backups = Backups::new(folder.path().join("a/b"), 3);
        assert_eq!(backups.load(), (None, vec![]));
        for value in ["1", "2", "2", "3", "4"] {
            backups.store(&bundle(value)).unwrap();
        }
        assert_eq!(backups.load().0, Some(bundle("4")));
        let mode = fs::metadata(backups.path(0)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!backups.path(3).exists(), "three are kept");

        let mut damaged = fs::read(backups.path(0)).unwrap();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        fs::write(backups.path(0), &damaged).unwrap();
        let (loaded, problems) = backups.load();
        assert_eq!(loaded, Some(bundle("3")));
        assert_eq!(problems.len(), 1);

        fs::write(backups.path(1), "").unwrap();
        fs::write(backups.path(2), &damaged[..middle]).unwrap();
        let (loaded, problems) = backups.load();
        assert_eq!((loaded, problems.len()), (None, 3));
        backups.store(&bundle("5")).unwrap();
        assert_eq!(backups.load().0, Some(bundle("5")), "damaged files do not hinder new ones");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error = Backups::new(folder.path().join("file/below"), 3).store(&bundle("1")).unwrap_err();
        assert!(error.to_string().contains("cannot write below"), "{error}");
    }
}
