use std::iter;
use std::time::Duration;

use bridgehead::blocking;
use futures_util::{Stream, stream};
use tokio::sync::mpsc::UnboundedReceiver;

use super::Notification;

/// The notifications that have arrived and will arrive for the channels that the client listens to.
#[blocking(type = Notifications)]
#[derive(Debug)]
pub struct AsyncNotifications<'a> {
    pub(super) receiver: &'a mut UnboundedReceiver<Notification>,
}

#[blocking(type = Notifications, forward)]
impl AsyncNotifications<'_> {
    /// How many have arrived.
    pub fn len(&self) -> usize {
        self.receiver.len()
    }

    pub fn is_empty(&self) -> bool {
        self.receiver.is_empty()
    }

    /// The notifications that have arrived.
    pub fn iter(&mut self) -> impl Iterator<Item = Notification> {
        iter::from_fn(|| self.receiver.try_recv().ok())
    }

    /// The same, and all later ones. The stream ends with the connection.
    #[blocking(name = "blocking_iter")]
    pub fn stream(&mut self) -> impl Stream<Item = Notification> {
        stream::poll_fn(|cx| self.receiver.poll_recv(cx))
    }
}

impl Notifications<'_> {
    /// The same, and later ones until none arrives for `timeout`. The iterator may continue after
    /// that.
    pub fn timeout_iter(&mut self, timeout: Duration) -> impl Iterator<Item = Notification> {
        let mut notifications = self.blocking_iter();
        iter::from_fn(move || notifications.next_timeout(timeout).ok().flatten())
    }
}
