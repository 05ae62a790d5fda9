//! A crate that another package of the workspace calls.

#![allow(unused, clippy::all)]

pub fn fetch() {
    std::thread::park();
}

pub trait Visit {
    fn visit(&self);
}

pub async fn accept(visitor: &(dyn Visit + Sync)) {
    visitor.visit(); //~ park
}

#[cfg(feature = "slow")]
pub async fn only_with_the_feature() {
    std::thread::park(); //+ park
}
