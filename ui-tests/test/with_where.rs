#[bridgehead::test]
async fn works()
where
    u32: Copy,
{
}

fn main() {}
