//! `main` is called again while it runs.
#![expect(clippy::main_recursion, reason = "this is the fault")]

#[bridgehead::entry]
async fn main() {
    println!("reached");
    crate::main();
    println!("returned");
}
