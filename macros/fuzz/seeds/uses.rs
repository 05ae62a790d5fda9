#[bridgehead::entry(worker_threads = f::<A, B>(), thread_name = "a\u{e9}", signals = ["SIGINT", Signal::Terminate], on_unhandled = |a| b(a, |c| d))]
pub(crate) async fn main() -> Result<impl Fn(&str) -> Option<u8>, Box<dyn Error>> { Ok(()) }
#[bridgehead::entry(flavor = "local", start_paused = true, grace_period = "1m30s", shutdown_timeout = Duration::from_secs(1), unhandled = "fail", slow_poll_threshold = "5us", crate = a::b)]
#[allow(unused)] #[doc = "a"] pub async unsafe extern "C" fn main<'a, T: A<{ 3 }>>(mut self: Box<Self>, a: &'a [T; 3], ...) -> ! where T: B { loop {} }
#[bridgehead::test(timeout = "10s", leaks = "fail", event_interval = 0x3D, max_blocking_threads = 1 << 2, thread_keep_alive = KEEP)]
#[rstest] #[case(1, || 2)] #[should_panic = "a"] async fn test(#[case] (a, mut b): (u8, &'static str), _: impl Future) -> Option<&str> { a.await?; }
#[deny_blocking] pub(in a::b) mod m { impl<T> A for B<T> { async fn f(&self) { thread::sleep(a); block_on(b); c.blocking_recv::<D>(); sync_call!(e,); try_sync_call!(g, timeout = h, allow_async) } } }
fn calls() {
    sync_call!(async move { a.await? }, allow_async, crate = b);
    try_sync_call!(a::<B, C>(|d| e, [f; 3])[0].g.await?.h().await, timeout = "250ms");
    sync_call!(match a { B { c, .. } if d => e, _ => return f }, crate = "g");
    try_sync_call!(if a { b } else { unsafe { c } }, timeout = Duration::ZERO,);
    sync_call!({ let a = b; *a += 1; a }.c(async |d| e.await).await);
    sync_call!(tokio::join!(a, b)); sync_call!(vec![a, b]); sync_call!((a, b.await)); sync_call!(a = b); sync_call!(a |= b); sync_call!(let a = b);
    sync_call!(-1i8 as u8); sync_call!('a: loop { break 'a }); sync_call!(&raw const a); sync_call!(yield a); sync_call!(a..=); sync_call!(builtin # b);
}
#[blocking(prefix = "sync_", timeout, crate = a::b)] pub(crate) async unsafe fn fetch<'a, T: A<{ 3 }>, const N: usize>(mut a: &'a [T; N], (b, _): (impl B + 'a, u8), #[cfg(c)] d: T) -> Result<impl D<Item = E> + use<'a, T, N>, F> where T: G { loop {} }
#[blocking(type = BlockingClient, vis = pub, twins(Transaction = BlockingTransaction))] #[must_use] impl<'a, T> Client<'a, T> { const A: u8 = 1; #[blocking(skip)] pub async fn a(self: Pin<&mut Self>) {} #[blocking(name = "c", stream)] fn b(&self, other: &Self) -> impl Stream<Item = Option<Self>> + '_ { d! {} } fn e(self: Arc<Self>) -> Pin<Box<dyn Future<Output = Vec<Transaction<'_>>> + Send + 'a>>; }
#[blocking] pub trait Store: Debug + 'static { type Error: Display; async fn get<'k>(&self, key: &'k str) -> Result<u32, Self::Error> where Self: Sized; #[cfg(a)] fn put(&mut self, _: u8) -> impl Future<Output = ()> + Send { async {} } }
#[blocking(type = BlockingClient)] #[derive(Debug)] pub struct Client<T: A = B>(T) where T: C;
