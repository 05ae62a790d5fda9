//! Being told that the process forked.
//!
//! In a forked child only the forking thread goes on: the workers of every inherited runtime are gone, and whoever waits for one
//! of them waits for ever. The handlers also keep our own lock consistent across the fork, or a child could inherit it locked by a
//! thread that no longer exists.

/// Has `prepare` called before a fork, `parent` and `child` after it on either side.
///
/// Where there is no fork this does nothing. The registration can fail for want of memory only; calls then work as ever, but not in
/// a forked child.
#[cfg(all(unix, not(miri)))]
pub(crate) fn on_fork(
    prepare: unsafe extern "C" fn(),
    parent: unsafe extern "C" fn(),
    child: unsafe extern "C" fn(),
) {
    #[expect(unsafe_code, reason = "no library and no part of std offers fork handlers")]
    // SAFETY: the three functions live as long as the process does, and neither unwinds nor calls back into this function.
    unsafe {
        libc::pthread_atfork(Some(prepare), Some(parent), Some(child));
    }
}

#[cfg(not(all(unix, not(miri))))]
pub(crate) fn on_fork(_: unsafe extern "C" fn(), _: unsafe extern "C" fn(), _: unsafe extern "C" fn()) {}
