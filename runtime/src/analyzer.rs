//! `sync_call!` and `try_sync_call!` as rust-analyzer sees them: of the same types, but without a look at the expression, so that it can
//! complete in one that isn't finished, also where proc macros are off. They are read, and never run.
//!
//! rust-analyzer sets `cfg(rust_analyzer)` for a workspace and its path dependencies. Where this crate comes from a registry it has the
//! proc macros, which emit what they can't parse as well.
//!
//! It compares the output of the unfinished call, where the cursor is, with that of the same call with a name put in there. Up to the
//! cursor both have to be alike to the letter. This is why the rules begin alike, why none calls another, and why those that don't
//! parse write parentheses: rust-analyzer puts them around an `expr`.

/// Waits for a future in an ordinary function, on any thread, and is its output.
#[macro_export]
macro_rules! sync_call {
    ($future:expr, $($options:tt)*) => {
        $crate::__private::wait($crate::__private::enter(), $future)
    };
    (, $($options:tt)*) => {
        $crate::__private::wait($crate::__private::enter(),)
    };
    ($($future:tt)*) => {
        $crate::__private::wait($crate::__private::enter(), ($($future)*))
    };
}

/// As `sync_call!`, but a `Result`: with an optional `timeout`, and with an error where it can't wait.
#[macro_export]
macro_rules! try_sync_call {
    ($future:expr, timeout = $timeout:expr $(, $($options:tt)*)?) => {
        ($crate::__private::try_wait($crate::__private::enter(), $future, $crate::__private::CallOptions::new()), $timeout).0
    };
    ($future:expr, timeout = $($timeout:tt)*) => {
        ($crate::__private::try_wait($crate::__private::enter(), $future, $crate::__private::CallOptions::new()), ($($timeout)*)).0
    };
    ($future:expr, $($options:tt)*) => {
        ($crate::__private::try_wait($crate::__private::enter(), $future, $crate::__private::CallOptions::new()),).0
    };
    (, $($options:tt)*) => {
        ($crate::__private::try_wait($crate::__private::enter(),),).0
    };
    ($($future:tt)*) => {
        ($crate::__private::try_wait($crate::__private::enter(), ($($future)*), $crate::__private::CallOptions::new()),).0
    };
}
