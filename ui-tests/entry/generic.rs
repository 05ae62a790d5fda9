#[bridgehead::entry]
async fn main<T: Default>() {
    drop(T::default());
}
