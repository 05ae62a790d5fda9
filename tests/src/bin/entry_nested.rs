//! `main` is called again while it runs.
#![allow(clippy::main_recursion, reason = "it is the fault to detect")]

#[bridgehead::entry]
async fn main() {
    println!("reached");
    crate::main();
    println!("returned");
}
