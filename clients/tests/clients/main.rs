//! The clients against real servers.

mod http;
mod postgres;
#[cfg(unix)]
mod redis;
mod servers;
