#[bridgehead::entry]
impl Clone for Main {
    fn clone(&self) -> Self {
        Main
    }
}

struct Main;
