//! Calls and functions that a comment allows to block.

use std::thread::park;

pub async fn call() {
    park(); // bridgehead: allow blocking, nothing else runs yet
    // bridgehead: allow blocking, nothing else runs yet,
    // as the caller sees to
    park();
}

// bridgehead: allow blocking, its thread is its own
pub async fn function() {
    park();
}

pub async fn through() {
    quick();
    slow(); //~ park
}

/// Is quick.
// bridgehead: allow blocking, it is short
#[inline]
fn quick() {
    park();
}

fn slow() {
    park();
}

pub async fn call_on_the_way() {
    way();
}

fn way() {
    // bridgehead: allow blocking, it is short
    slow();
}
