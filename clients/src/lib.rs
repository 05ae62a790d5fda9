//! Three async clients with synchronous faces, each as a library would ship it. The examples of
//! this package use them, the tests check them against servers, and the benches measure them.
#![allow(
    missing_docs,
    missing_debug_implementations,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "the names are those of other crates, which document them"
)]

pub mod http_client;
pub mod postgres;
#[cfg(unix)]
pub mod redis;
