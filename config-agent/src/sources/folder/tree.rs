//! The tree of a folder: names first, contents when they are asked for.

use config_model::{Digest, Finding, codes};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// How deep the tree is read; the deepest known layout has eight levels (a workspace's operation). It also ends loops of symbolic links.
const MAX_DEPTH: usize = 12;

/// How many files and folders are read.
const MAX_ENTRIES: usize = 500_000;

/// A file in the tree.
#[derive(Debug, Clone)]
pub(super) struct FilePath {
    pub(super) on_disk: PathBuf,
    /// Relative to the root, with `/`.
    pub(super) shown: String,
}

/// A folder in the tree.
#[derive(Debug, Default)]
pub(super) struct Folder {
    pub(super) name: String,
    /// Relative to the root, with `/`.
    pub(super) path: String,
    pub(super) files: BTreeMap<String, FilePath>,
    pub(super) folders: BTreeMap<String, Folder>,
}

impl Folder {
    /// Reads the names below a root.
    pub(super) fn open(root: &Path) -> Result<Self, Finding> {
        let mut left = MAX_ENTRIES;
        Self::read(root, String::new(), String::new(), MAX_DEPTH, &mut left)
    }

    fn read(on_disk: &Path, name: String, path: String, depth: usize, left: &mut usize) -> Result<Self, Finding> {
        let shown = if path.is_empty() { on_disk.display().to_string() } else { path.clone() };
        let unreadable = |error: std::io::Error| {
            Finding::error(codes::UNREADABLE, format!("`{shown}` cannot be read: {error}")).in_file(&shown)
        };
        let mut folder = Self { name, path, ..Self::default() };
        for entry in fs::read_dir(on_disk).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let Ok(name) = entry.file_name().into_string() else {
                let message = format!("a name in `{shown}` is not UTF-8 text");
                return Err(Finding::error(codes::UNREADABLE, message).in_file(&shown));
            };
            // `.git`, editors' files, and the `..data` of mounted config maps, whose content is linked from beside.
            if name.starts_with('.') {
                continue;
            }
            *left = left.checked_sub(1).ok_or_else(|| {
                Finding::error(codes::TOO_LARGE, format!("more than {MAX_ENTRIES} files and folders")).in_file(&shown)
            })?;
            let child = if folder.path.is_empty() { name.clone() } else { format!("{}/{name}", folder.path) };
            let kind = match fs::metadata(entry.path()) {
                Ok(kind) => kind,
                // A link that leads nowhere, or in circles, stands for something that must not be left out in silence.
                Err(error) if entry.file_type().is_ok_and(|kind| kind.is_symlink()) => {
                    let message = format!("`{child}` is a link that cannot be followed: {error}");
                    return Err(Finding::error(codes::UNREADABLE, message).in_file(&child));
                }
                // A file that vanished since it was listed is not there; the watcher will call again.
                Err(_) => continue,
            };
            if kind.is_dir() {
                let depth = depth.checked_sub(1).ok_or_else(|| {
                    Finding::error(codes::TOO_LARGE, format!("`{child}` lies deeper than {MAX_DEPTH} folders"))
                        .in_file(&shown)
                })?;
                let below = Self::read(&entry.path(), name.clone(), child, depth, left)?;
                folder.folders.insert(name, below);
            } else if kind.is_file() {
                folder.files.insert(name, FilePath { on_disk: entry.path(), shown: child });
            }
        }
        Ok(folder)
    }

    /// A file of this folder; letter case does not count.
    pub(super) fn file(&self, name: &str) -> Option<&FilePath> {
        self.files
            .get(name)
            .or_else(|| self.files.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, path)| path))
    }

    /// A folder of this folder; letter case does not count.
    pub(super) fn folder(&self, name: &str) -> Option<&Folder> {
        let by_case = || self.folders.values().find(|folder| folder.name.eq_ignore_ascii_case(name));
        self.folders.get(name).or_else(by_case)
    }
}

/// A digest over names, sizes and times of everything below some paths: it changes when a file does, and costs no reading.
pub(crate) fn fingerprint(paths: &[PathBuf]) -> Digest {
    let mut text = String::new();
    for path in paths {
        describe(path, MAX_DEPTH, &mut text);
    }
    Digest::of(text)
}

fn describe(path: &Path, depth: usize, text: &mut String) {
    let Ok(metadata) = fs::metadata(path) else {
        text.push_str(&format!("{} -\n", path.display()));
        return;
    };
    let (inode, size) = (metadata.ino(), metadata.size());
    let times = (metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec());
    if !metadata.is_dir() {
        text.push_str(&format!("{} {inode} {size} {times:?} {:o}\n", path.display(), metadata.mode()));
        return;
    }
    text.push_str(&format!("{}/ {inode} {:o}\n", path.display(), metadata.mode()));
    let Some(depth) = depth.checked_sub(1) else { return };
    let mut children: Vec<_> = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    children.sort();
    children.retain(|child| !child.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
    for child in children {
        describe(&child, depth, text);
    }
}
