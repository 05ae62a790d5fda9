//! The error of a fiber whose stack could not be allocated.

use std::error::Error;
use std::fmt;
use std::io;
use std::panic::Location;

use crate::error::RunError;

/// The stack of a fiber could not be allocated.
#[derive(Debug)]
#[non_exhaustive]
pub struct FiberError {
    /// The requested size of the stack, in bytes.
    pub stack_size: usize,
    /// The error of the system.
    pub source: io::Error,
    /// Where the fiber was made.
    pub location: &'static Location<'static>,
}

impl fmt::Display for FiberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stack_size, source, location } = self;
        write!(f, "the fiber made at {location} can't have a stack of {stack_size} bytes: {source}")
    }
}

impl Error for FiberError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

impl From<FiberError> for RunError {
    fn from(error: FiberError) -> Self {
        let location = error.location;
        Self::Build { source: io::Error::new(error.source.kind(), error), location }
    }
}
