//! A test whose body runs in a process of its own.

/// Runs a test's body in a child, with a deadline.
macro_rules! in_child {
    ($(#[$attribute:meta])* $name:ident, $body:expr) => {
        #[test]
        $(#[$attribute])*
        fn $name() {
            const NAME: &str = stringify!($name);
            if bridgehead_tests::child::is_child(NAME) {
                return bridgehead_tests::within(NAME, $body);
            }
            bridgehead_tests::child::assert_success(NAME, &bridgehead_tests::child::run(NAME));
        }
    };
}
