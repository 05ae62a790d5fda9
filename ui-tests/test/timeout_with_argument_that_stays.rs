use std::rc::Rc;

// A test without arguments is not built here: `#[cold]` acts as an attribute that passes them.
#[bridgehead::test(timeout = "10s")]
#[cold]
async fn works(number: Rc<u32>) {
    drop(number);
}

fn main() {}
