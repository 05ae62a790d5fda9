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
    /// It waits for answers as long as they take: a timeout is the twins' matter.
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

    /// `offset` answers are left out, and `count` are returned.
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

/// All that the crate's synchronous interface is made of. Some of it gives bytes where the async
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
            // The first is MULTI and the last is EXEC, which the pipeline adds.
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

/// A connection for messages.
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

/// A connection is a task of the runtime where it is opened. On the caller's it would stand still
/// or end with that.
async fn at_home<T: Send + 'static>(
    open: impl Future<Output = RedisResult<T>> + Send + 'static,
) -> RedisResult<T> {
    static HOME: LazyLock<Runner> =
        LazyLock::new(|| Runner::builder().worker_threads(1).thread_name("redis").build());
    HOME.spawn(open).await.unwrap_or_else(|error| Err(io::Error::other(error.to_string()).into()))
}
