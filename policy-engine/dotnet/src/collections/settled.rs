//! Contents that are mostly never changed after they are made: read without a lock until somebody writes.
use std::sync::OnceLock;

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Contents with the state they were made in. The first write copies them to where a lock guards them.
#[derive(Default)]
pub(crate) struct Settled<T> {
    first: T,
    changed: OnceLock<RwLock<T>>,
}

/// Contents being looked at. Do not hold them across calls.
pub(crate) enum Seen<'a, T> {
    First(&'a T),
    Changed(RwLockReadGuard<'a, T>),
}

impl<T> std::ops::Deref for Seen<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        match self {
            Seen::First(first) => first,
            Seen::Changed(changed) => changed,
        }
    }
}

impl<T: Clone + Default> Settled<T> {
    /// Contents that are likely to stay.
    pub(crate) fn new(contents: T) -> Settled<T> {
        Settled { first: contents, changed: OnceLock::new() }
    }

    /// Contents that will be written to: nothing to copy then.
    pub(crate) fn open(contents: T) -> Settled<T> {
        Settled { first: T::default(), changed: OnceLock::from(RwLock::new(contents)) }
    }

    #[inline]
    pub(crate) fn read(&self) -> Seen<'_, T> {
        match self.changed.get() {
            None => Seen::First(&self.first),
            Some(changed) => Seen::Changed(changed.read()),
        }
    }

    /// The contents, if they are still those they were made with. These stay as they are, even if others take their place.
    #[inline]
    pub(crate) fn settled(&self) -> Option<&T> {
        if self.changed.get().is_none() { Some(&self.first) } else { None }
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.changed.get_or_init(|| RwLock::new(self.first.clone())).write()
    }

    /// All that it holds, for its end.
    pub(crate) fn contents_mut(&mut self) -> impl Iterator<Item = &mut T> {
        std::iter::once(&mut self.first).chain(self.changed.get_mut().map(RwLock::get_mut))
    }
}

#[cfg(test)]
mod tests {
    use super::Settled;

    #[test]
    fn what_is_written_is_read() {
        let contents = Settled::new(vec![1, 2]);
        assert_eq!(*contents.read(), [1, 2]);
        contents.write().push(3);
        assert_eq!(*contents.read(), [1, 2, 3]);
        let mut open = Settled::open(vec![1]);
        open.write().push(2);
        assert_eq!(*open.read(), [1, 2]);
        assert_eq!(open.contents_mut().map(|c| c.len()).sum::<usize>(), 2);
    }
}
