//! Opening the socket: a stale file is replaced, a living agent or any other file is not; the mode is set before anybody is let in.

use super::Allowed;
use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt, chown},
        net::UnixStream as BlockingStream,
    },
    path::{Path, PathBuf},
};
use tokio::net::UnixListener;

/// Mode for one user.
const PRIVATE_MODE: u32 = 0o600;

/// Mode for a user and a group.
const GROUP_MODE: u32 = 0o660;

/// Where the socket is and who may use it.
#[derive(Debug, Clone, Default)]
pub(crate) struct SocketSettings {
    pub(crate) path: PathBuf,
    /// Group that may connect too, by number.
    pub(crate) group: Option<u32>,
    pub(crate) uids: Vec<u32>,
    pub(crate) gids: Vec<u32>,
}

/// Why the socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    #[error("`{}` is served by another agent", .0.display())]
    InUse(PathBuf),
    #[error("`{}` exists and is no socket", .0.display())]
    NotASocket(PathBuf),
    #[error("cannot open the socket `{}`: {}", .0.display(), .1)]
    Io(PathBuf, io::Error),
}

/// Opens the socket. Must be called within a runtime.
pub(super) fn bind(settings: &SocketSettings) -> Result<(UnixListener, Allowed), BindError> {
    let path = &settings.path;
    let failed = |error| BindError::Io(path.clone(), error);
    remove_stale(path)?;
    let listener = UnixListener::bind(path).map_err(failed)?;
    // Between these lines the mode is that of the umask; whoever connects in between is still judged by its credentials.
    let mode = if settings.group.is_some() { GROUP_MODE } else { PRIVATE_MODE };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(failed)?;
    if let Some(group) = settings.group {
        chown(path, None, Some(group)).map_err(failed)?;
    }
    let own = fs::metadata(path).map_err(failed)?.uid();
    let uids = settings.uids.iter().copied().chain([own]).collect();
    let gids = settings.gids.iter().copied().chain(settings.group).collect();
    Ok((listener, Allowed { uids, gids }))
}

fn remove_stale(path: &Path) -> Result<(), BindError> {
    let failed = |error| BindError::Io(path.to_owned(), error);
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(metadata) if !metadata.file_type().is_socket() => return Err(BindError::NotASocket(path.to_owned())),
        Ok(_) => {}
    }
    match BlockingStream::connect(path) {
        Ok(_) => Err(BindError::InUse(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}
