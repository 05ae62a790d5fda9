//! The clients against real servers.

mod actix;
mod http;
mod postgres;
#[cfg(unix)]
mod redis;
mod servers;
