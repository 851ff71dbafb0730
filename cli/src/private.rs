//! The temporary folder of `gatewright dev`, which holds the socket between agent and gateway.
//!
//! It goes when the command ends. A command that was killed leaves its own behind; the next one takes it away. Which folders are in
//! use is told by a lock that ends with the process that holds it, so that it is true for other users' processes and for containers
//! too.
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

const PREFIX: &str = "gatewright-dev-";
/// Held as long as the folder is in use.
const LOCK: &str = "lock";
/// Folders that are looked at; others stay for the next time.
const MOST: usize = 1000;

/// A folder of this process.
pub(crate) struct Private {
    folder: TempDir,
    _lock: File,
}

impl Private {
    /// Makes one, and removes those of processes that are gone.
    pub(crate) fn new(parent: &Path) -> io::Result<Private> {
        sweep(parent);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        // Locked before it has its name: nobody may find it free.
        let (making, made) = (folder.path().join("lock.new"), folder.path().join(LOCK));
        let lock = File::create(&making)?;
        lock.try_lock()?;
        fs::rename(making, made)?;
        Ok(Private { folder, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes folders whose lock nobody holds. What cannot be removed is somebody else's, or will be the next time.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let named = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for folder in named.take(MOST).map(|entry| entry.path()).filter(is_left) {
        let _ = fs::remove_dir_all(folder);
    }
}

fn is_left(folder: &PathBuf) -> bool {
    // No link: it could lead anywhere.
    fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir())
        && File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(parent: &Path) -> Vec<String> {
        fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn only_what_nobody_uses_is_swept() {
        let parent = tempfile::tempdir().unwrap();
        let left = parent.path().join("gatewright-dev-left");
        let others = ["gatewright-dev-no-lock", "something-else"].map(|name| parent.path().join(name));
        fs::create_dir(&left).unwrap();
        fs::write(left.join(LOCK), "").unwrap();
        others.iter().for_each(|other| fs::create_dir(other).unwrap());
        let first = Private::new(parent.path()).unwrap();
        assert!(!left.exists() && others.iter().all(|other| other.exists()));
        let second = Private::new(parent.path()).unwrap();
        assert!(first.path().exists() && second.path().exists());
        drop((first, second));
        assert_eq!(names(parent.path()).len(), 2, "{:?}", names(parent.path()));
    }
}
