//! Calls in many places. A line with `//~ text` has one error, whose message contains the text.
//! Every other line has none.
#![allow(dead_code, unused, clippy::all)]

// Change the files after the compiler has read them, and before it expands the calls in them.
meddler::write!("src/changed.rs", b"async fn another() {\n    // of the same length\n}\n");
meddler::write!("src/garbled.rs", b"async fn f() {\n    bridgehead::sync_call!(\xFF)\n}\n");
meddler::remove!("src/removed.rs");

// For `definitions`. The comma is a token of this file: it shows that the call is here, whichever
// file uses the macro.
macro_rules! block_elsewhere {
    ($future:expr) => {
        bridgehead::sync_call!($future,)
    };
}

mod accepted;
mod attributes;
mod bom;
mod changed;
mod crlf;
mod definitions;
mod directly;
mod garbled;
mod invocations;
mod removed;
mod tabs;
mod utf8;

#[path = "elsewhere/moved.rs"]
mod somewhere;

mod included {
    include!("elsewhere/items.rs");

    // The file is an expression, which doesn't show what it is included in.
    async fn expression() -> u32 {
        include!("elsewhere/expression.rs")
    }
}

async fn ready(value: u32) -> u32 {
    value
}
