use std::cell::Cell;

fn handler() -> impl Fn(&bridgehead::Failure) {
    let count = Cell::new(0);
    move |_| count.set(count.get() + 1)
}

#[bridgehead::entry(on_unhandled = handler())]
async fn main() {}
