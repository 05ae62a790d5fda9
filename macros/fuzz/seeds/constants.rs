const A: [u8; { const fn f() -> usize { 3 } f() }] = [0; 1 + { 2 }];
static B: fn() -> u8 = || 1;
enum C { D = { 1 }, E(u8) = (2), F { a: [u8; 3], b: u8 = 4 } = 5 }
const fn g<const N: usize = { 3 }>(_: [(); N]) where [(); { N }]: Sized { const { N }; const async unsafe extern "C" fn h() {} }
const _: () = { async fn i() { } };
thread_local! { static J: u8 = const { 1 }; }
union K { l: u8 } fn union(union: u8) { union = 1; } auto trait M {} default impl N {} macro o($p:expr) { $p }
