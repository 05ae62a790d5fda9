//! Calls from one package of the workspace to another.

pub async fn call() {
    legacy::fetch(); //~ park
}

struct Visitor;

impl legacy::Visit for Visitor {
    fn visit(&self) {
        std::thread::park();
    }
}
