#[bridgehead::test]
async fn works<T: Default>() {
    drop(T::default());
}

fn main() {}
