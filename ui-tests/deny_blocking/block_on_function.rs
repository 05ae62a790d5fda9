fn block_on<F: Future>(_: F) {}

#[bridgehead::deny_blocking]
fn outer() -> impl Future<Output = ()> {
    async { block_on::<_>(async {}) }
}

fn main() {
    drop(outer());
}
