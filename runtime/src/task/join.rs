//! Awaiting a task, blocking work, or a fiber.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::oneshot;
use tokio::task::{JoinError, JoinHandle};

use crate::error::RunError;
use crate::task::token::Token;

/// How a task, blocking work or a fiber has ended. `None` if it was dropped.
pub(crate) type Joined<T> = Result<Option<T>, NotJoined>;

#[derive(Debug)]
pub(crate) enum NotJoined {
    Aborted,
    Panicked(Box<dyn Any + Send>),
    /// It could not be started.
    Refused(RunError),
}

impl From<RunError> for NotJoined {
    fn from(error: RunError) -> Self {
        Self::Refused(error)
    }
}

impl From<JoinError> for NotJoined {
    fn from(error: JoinError) -> Self {
        error.try_into_panic().map_or(Self::Aborted, Self::Panicked)
    }
}

#[derive(Debug)]
pub(crate) enum Join<T> {
    Task(JoinHandle<Option<T>>),
    Fiber(Joining<T>),
}

impl<T> From<Joining<T>> for Join<T> {
    fn from(joining: Joining<T>) -> Self {
        Self::Fiber(joining)
    }
}

impl<T> Join<T> {
    pub(crate) fn abort(&self) {
        match self {
            Self::Task(handle) => handle.abort(),
            Self::Fiber(joining) => joining.abort(),
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        match self {
            Self::Task(handle) => handle.is_finished(),
            Self::Fiber(joining) => joining.is_finished(),
        }
    }
}

impl<T> Future for Join<T> {
    type Output = Joined<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Joined<T>> {
        match self.get_mut() {
            Self::Task(handle) => Pin::new(handle).poll(cx).map_err(NotJoined::from),
            Self::Fiber(joining) => joining.poll(cx),
        }
    }
}

/// Awaits a fiber on one of the threads for fibers.
#[derive(Debug)]
pub(crate) struct Joining<T> {
    pub(crate) receiver: oneshot::Receiver<Joined<T>>,
    pub(crate) abort: Arc<Token>,
}

impl<T> Joining<T> {
    fn abort(&self) {
        self.abort.cancel();
    }

    fn is_finished(&self) -> bool {
        !self.receiver.is_empty()
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Joined<T>> {
        Pin::new(&mut self.receiver).poll(cx).map(|received| received.unwrap_or(Ok(None)))
    }
}
