//! The kinds of runtimes.

/// The kind of a runtime.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flavor {
    /// Tasks run on several worker threads. In `#[entry]`: `"multi_thread"`, the default.
    #[default]
    MultiThread,
    /// Tasks run on the thread that runs the main future. In `#[entry]`: `"current_thread"`.
    CurrentThread,
    /// Like `CurrentThread`, but tasks need not be `Send`: [`tokio::task::spawn_local`] works
    /// without a `LocalSet`. In `#[entry]`: `"local"`.
    Local,
}
