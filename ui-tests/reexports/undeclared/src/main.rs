use facade::bridgehead::{blocking, entry};

#[blocking]
async fn twin() -> u32 {
    4
}

#[entry]
async fn main() {
    twin().await;
}

#[facade::bridgehead::test]
async fn works() {
    twin().await;
}

async fn in_async() {
    facade::wait!(twin());
}
