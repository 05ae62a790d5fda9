// errors: 2 because there are as many faults
#[bridgehead::test]
async fn works<T>(number: T) {
    drop(number);
}

fn main() {}
