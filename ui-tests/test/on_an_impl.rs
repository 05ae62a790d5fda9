#[bridgehead::test]
impl Clone for Works {
    fn clone(&self) -> Self {
        Works
    }
}

struct Works;

fn main() {}
