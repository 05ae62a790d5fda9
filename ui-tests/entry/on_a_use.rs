#[bridgehead::entry]
use std::future::ready;
fn f() { drop(ready(4)); }
