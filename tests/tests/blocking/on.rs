//! Twins whose calls are served by a runtime that the user has chosen, in every context.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bridgehead::{CallError, Flavor, Runner, background, blocking};
use bridgehead_tests::contexts::everywhere;
use tokio::runtime::{Handle, Id};
use tokio::sync::{mpsc, oneshot};

use crate::pause;

/// Doubles numbers, in a task of the runtime on which it was connected.
#[blocking(type = BlockingConnection)]
#[derive(Debug)]
struct Connection {
    questions: mpsc::Sender<(u32, oneshot::Sender<u32>)>,
    connected_on: Id,
}

#[blocking(type = BlockingConnection, on = "background", timeout, forward)]
impl Connection {
    pub(crate) async fn connect() -> Result<Self, String> {
        pause().await;
        Ok(Self::spawned())
    }

    /// Connects without an `.await`.
    pub(crate) fn spawned() -> Self {
        let (questions, mut asked) = mpsc::channel::<(u32, oneshot::Sender<u32>)>(1);
        tokio::spawn(async move {
            while let Some((number, answer)) = asked.recv().await {
                pause().await;
                let _ = answer.send(2 * number);
            }
        });
        Self { questions, connected_on: Handle::current().id() }
    }

    pub(crate) async fn double(&mut self, number: u32) -> u32 {
        let (answer, answered) = oneshot::channel();
        self.questions.send((number, answer)).await.expect("the connection");
        answered.await.expect("an answer")
    }

    pub(crate) async fn never(&self) {
        std::future::pending::<()>().await;
    }

    pub(crate) fn is_current(&self) -> bool {
        Handle::current().id() == self.connected_on
    }

    pub(crate) async fn close(self) -> Id {
        pause().await;
        Handle::current().id()
    }
}

/// Makes calls in its `Drop`, as the container of a test does.
struct Guard(Option<BlockingConnection>);

impl Drop for Guard {
    fn drop(&mut self) {
        let mut connection = self.0.take().expect("a connection");
        assert_eq!(connection.double(4), 8);
        assert_eq!(connection.close(), background().expect("the runtime").id());
    }
}

#[test]
fn a_connection_of_the_background_runtime() {
    everywhere(|_| {
        for mut connection in
            [BlockingConnection::connect().expect("one"), BlockingConnection::spawned()]
        {
            assert_eq!(connection.double(2), 4);
            assert!(connection.is_current());
            assert_eq!(connection.double_timeout(3, Duration::MAX).expect("in time"), 6);
            let (line, error) =
                (line!(), connection.never_timeout(Duration::from_millis(2)).unwrap_err());
            assert!(matches!(error, CallError::Timeout { .. }));
            assert_eq!((error.location().file(), error.location().line()), (file!(), line));
            drop(Guard(Some(connection)));
        }
    });
}

/// Owns the runtime that serves its connection.
#[blocking(type = BlockingOwner)]
#[derive(Debug)]
struct Owner {
    runner: Arc<Runner>,
    connection: Connection,
}

#[blocking(type = BlockingOwner, on = self.runner, forward)]
impl Owner {
    #[blocking(on = runner)]
    pub(crate) async fn connect(runner: Arc<Runner>) -> Result<Self, String> {
        Ok(Self { runner, connection: Connection::connect().await? })
    }

    #[blocking(on = runner)]
    pub(crate) fn new(runner: Arc<Runner>) -> Self {
        Self { runner, connection: Connection::spawned() }
    }

    pub(crate) async fn double(&mut self, number: u32) -> u32 {
        self.connection.double(number).await
    }

    pub(crate) async fn runtime(&self) -> Id {
        pause().await;
        Handle::current().id()
    }

    pub(crate) async fn boxed(self: Box<Self>) -> Box<Self> {
        pause().await;
        assert!(self.connection.is_current());
        self
    }

    pub(crate) fn is_current(&self) -> bool {
        self.connection.is_current()
    }

    pub(crate) async fn close(self) -> (Arc<Runner>, Id) {
        pause().await;
        (self.runner, Handle::current().id())
    }
}

fn owns_a_runtime(flavor: Flavor) {
    everywhere(move |_| {
        let runner = Arc::new(Runner::builder().flavor(flavor).build());
        for mut owner in
            [BlockingOwner::connect(runner.clone()).expect("one"), BlockingOwner::new(runner)]
        {
            assert_eq!(owner.double(2), 4);
            assert!(owner.is_current());
            let mut owner = *Box::new(owner).boxed();
            assert_eq!(owner.double(3), 6);
            let runtime = owner.runtime();
            let (runner, closed_on) = owner.close();
            assert_eq!(runtime, closed_on);
            drop(runner);
        }
    });
}

#[test]
fn a_twin_that_owns_a_current_thread_runtime() {
    owns_a_runtime(Flavor::CurrentThread);
}

#[test]
fn a_twin_that_owns_a_multi_thread_runtime() {
    owns_a_runtime(Flavor::MultiThread);
}

static RUNNER: LazyLock<Runner> = LazyLock::new(Runner::new);

#[blocking(on = *RUNNER)]
async fn served_by_a_static() -> Id {
    pause().await;
    Handle::current().id()
}

#[blocking(on = handle, timeout)]
async fn served_by_an_argument(handle: Handle) -> bool {
    pause().await;
    handle.id() == Handle::current().id()
}

struct Plain {
    handle: Handle,
}

#[blocking(on = self.handle, timeout)]
impl Plain {
    async fn by_reference(&self) -> bool {
        pause().await;
        self.handle.id() == Handle::current().id()
    }

    async fn by_mut(&mut self) -> &mut Self {
        assert!(self.by_reference().await);
        self
    }

    async fn by_value(self) -> bool {
        self.by_reference().await
    }

    #[blocking(on = self::background().expect("the runtime"))]
    async fn other() -> Id {
        pause().await;
        Handle::current().id()
    }
}

#[blocking(on = self.handle(), timeout)]
trait HasHandle {
    fn handle(&self) -> &Handle;
    async fn is_current(&self) -> bool;
}

impl HasHandle for Plain {
    fn handle(&self) -> &Handle {
        &self.handle
    }

    async fn is_current(&self) -> bool {
        self.by_reference().await
    }
}

#[test]
fn whatever_the_attribute_is_on() {
    everywhere(|_| {
        assert_eq!(blocking_served_by_a_static(), blocking_served_by_a_static());
        let background = background().expect("the runtime");
        assert!(blocking_served_by_an_argument(background.clone()));
        assert!(
            blocking_served_by_an_argument_timeout(background.clone(), Duration::MAX)
                .expect("in time")
        );
        let id = background.id();
        let mut plain = Plain { handle: background };
        assert!(plain.blocking_by_reference() && plain.blocking_is_current());
        assert!(plain.blocking_is_current_timeout(Duration::MAX).expect("in time"));
        assert!(
            plain.blocking_by_mut_timeout(Duration::MAX).expect("in time").blocking_by_reference()
        );
        assert_eq!(Plain::blocking_other(), id);
        assert!(plain.blocking_by_mut().blocking_by_reference() && plain.blocking_by_value());
    });
}
