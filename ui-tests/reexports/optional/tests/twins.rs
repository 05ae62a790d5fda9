#![cfg(feature = "blocking")]

use std::time::Duration;

use optional::blocking::Builder;
use optional::{BlockingClient, Client};

/// What an option has taken away is not found as a twin's.
trait Other {
    fn never(&self) -> &'static str {
        "no twin"
    }

    fn length(&self) -> &'static str {
        "another name"
    }
}

impl Other for Builder<u32> {}

#[test]
fn options_on_functions_count() {
    let mut builder = Builder::from(optional::Builder::default());
    assert_eq!(builder.add(4).add(5).size(), 2);
    assert_eq!((builder.never(), builder.length()), ("no twin", "another name"));
    builder.always();
    builder.always_timeout(Duration::MAX).unwrap();
    assert_eq!(BlockingClient::from(Client("a")).ask(), "a");
}
