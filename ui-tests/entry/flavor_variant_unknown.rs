#[bridgehead::entry(flavor = bridgehead::Flavor::CurentThread)]
async fn main() {}
