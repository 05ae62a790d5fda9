//! The async value inside a twin type of `#[blocking]`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem;
use std::ops::{Deref, DerefMut};

use tokio::runtime::Handle;

use crate::call::guard;
use crate::runtimes::serving;

/// An async value that is dropped with a runtime current, as it would be in async code: its `Drop`
/// may spawn a task.
pub struct Twin<T> {
    /// `None` only after `into_inner`, and while the twin is dropped.
    inner: Option<T>,
    /// Whether a runtime was current when the value was wrapped.
    has_met_runtime: bool,
}

impl<T> Twin<T> {
    /// Wraps the value.
    pub fn new(inner: T) -> Self {
        Self { inner: Some(inner), has_met_runtime: Handle::try_current().is_ok() }
    }

    /// Returns the value.
    pub fn into_inner(mut self) -> T {
        match self.inner.take() {
            Some(inner) => inner,
            None => taken_out(),
        }
    }
}

#[cold]
fn taken_out() -> ! {
    unreachable!("it is taken out by value only")
}

impl<T> Deref for Twin<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        match &self.inner {
            Some(inner) => inner,
            None => taken_out(),
        }
    }
}

impl<T> DerefMut for Twin<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.inner {
            Some(inner) => inner,
            None => taken_out(),
        }
    }
}

impl<T> Drop for Twin<T> {
    fn drop(&mut self) {
        // No runtime is started for a value that was created without one.
        let may_need_one = || self.has_met_runtime || serving::serving().is_some();
        if mem::needs_drop::<T>() && self.inner.is_some() && may_need_one() {
            let _runtime = guard::enter_to_drop();
            self.inner = None;
        }
    }
}

impl<T: Clone> Clone for Twin<T> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), has_met_runtime: self.has_met_runtime }
    }
}

impl<T: Default> Default for Twin<T> {
    #[track_caller]
    fn default() -> Self {
        let _runtime = guard::enter();
        Self::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Twin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}

impl<T: PartialEq> PartialEq for Twin<T> {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl<T: Eq> Eq for Twin<T> {}

impl<T: PartialOrd> PartialOrd for Twin<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.inner.partial_cmp(&other.inner)
    }
}

impl<T: Ord> Ord for Twin<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.inner.cmp(&other.inner)
    }
}

impl<T: Hash> Hash for Twin<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        T::hash(self, state);
    }
}
