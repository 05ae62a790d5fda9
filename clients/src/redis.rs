//! The `redis` crate's async connection with the synchronous face of that crate: all of
//! `redis::Commands`, pipelines, transactions. One connection serves any number of threads and
//! tasks.

use std::io;
use std::sync::LazyLock;

use bridgehead::{Runner, blocking};
use futures_util::Stream;
use redis::aio::{ConnectionLike as _, MultiplexedConnection, PubSub};
use redis::{
    AsyncConnectionConfig, Client, Cmd, Msg, Parser, Pipeline, RedisResult, ToRedisArgs, Value,
};

/// A connection. Clones share it.
#[blocking(type = Connection)]
#[derive(Debug, Clone)]
pub struct AsyncConnection {
    inner: MultiplexedConnection,
    lost: bool,
}

#[blocking(type = Connection, timeout)]
impl AsyncConnection {
    /// Opens a connection. It waits for answers without a limit; the twins have timeouts.
    pub async fn open(client: &Client) -> RedisResult<Self> {
        let client = client.clone();
        let config = AsyncConnectionConfig::new().set_response_timeout(None);
        let open =
            async move { client.get_multiplexed_async_connection_with_config(&config).await };
        Ok(Self { inner: at_home(open).await?, lost: false })
    }

    pub async fn command(&mut self, command: &Cmd) -> RedisResult<Value> {
        let answer = self.inner.send_packed_command(command).await;
        answer.inspect_err(|error| self.lost |= error.is_unrecoverable_error())
    }

    /// Skips `offset` answers, and returns the next `count`.
    async fn pipeline(
        &mut self,
        pipeline: &Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisResult<Vec<Value>> {
        let answers = self.inner.send_packed_commands(pipeline, offset, count).await;
        answers.inspect_err(|error| self.lost |= error.is_unrecoverable_error())
    }
}

/// The crate's synchronous interface calls these methods. Some get bytes, where the async
/// connection takes commands.
impl redis::ConnectionLike for Connection {
    fn req_command(&mut self, command: &Cmd) -> RedisResult<Value> {
        self.command(command)
    }

    fn req_packed_command(&mut self, bytes: &[u8]) -> RedisResult<Value> {
        self.command(&unpack(bytes, 1)?.remove(0))
    }

    fn req_packed_commands(
        &mut self,
        bytes: &[u8],
        offset: usize,
        count: usize,
    ) -> RedisResult<Vec<Value>> {
        let mut commands = unpack(bytes, offset + count)?;
        let mut pipeline = redis::pipe();
        if offset > 0 {
            // The first command is MULTI and the last one is EXEC, which the pipeline adds itself.
            pipeline.atomic();
            commands = commands.drain(1..offset).collect();
        }
        for command in commands {
            pipeline.add_command(command);
        }
        self.pipeline(&pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.as_ref().inner.get_db()
    }

    fn check_connection(&mut self) -> bool {
        redis::cmd("PING").exec(self).is_ok()
    }

    fn is_open(&self) -> bool {
        !self.as_ref().lost
    }
}

fn unpack(mut bytes: &[u8], count: usize) -> RedisResult<Vec<Cmd>> {
    let mut parser = Parser::new();
    let mut command = || {
        let arguments: Vec<Vec<u8>> = redis::from_redis_value(parser.parse_value(&mut bytes)?)?;
        Ok(Cmd::new().arg(arguments).clone())
    };
    (0..count).map(|_| command()).collect()
}

/// A connection that receives messages.
#[blocking(type = Subscriber)]
pub struct AsyncSubscriber(PubSub);

#[blocking(type = Subscriber, timeout)]
impl AsyncSubscriber {
    pub async fn open(client: &Client) -> RedisResult<Self> {
        let client = client.clone();
        at_home(async move { client.get_async_pubsub().await }).await.map(Self)
    }

    pub async fn subscribe(&mut self, channels: impl ToRedisArgs) -> RedisResult<()> {
        self.0.subscribe(channels).await
    }

    pub fn on_message(&mut self) -> impl Stream<Item = Msg> + '_ {
        self.0.on_message()
    }
}

/// Opens the connection on a runtime of its own, since its task runs on the runtime that opens it.
/// On the caller's runtime that task would stop when the runtime blocks or ends.
async fn at_home<T: Send + 'static>(
    open: impl Future<Output = RedisResult<T>> + Send + 'static,
) -> RedisResult<T> {
    static HOME: LazyLock<Runner> =
        LazyLock::new(|| Runner::builder().worker_threads(1).thread_name("redis").build());
    HOME.spawn(open).await.unwrap_or_else(|error| Err(io::Error::other(error.to_string()).into()))
}
