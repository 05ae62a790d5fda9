//! Functions that `[package.metadata.bridgehead]` adds and allows.

pub struct Device;

impl Device {
    pub fn request(&self) {}

    pub fn quick(&self) {
        std::thread::park();
    }
}

pub struct Pool;

impl Pool {
    pub fn execute(&self, work: impl FnOnce() + Send + 'static) {}
}

pub async fn added(device: Device) {
    device.request(); //~ request
}

pub async fn allowed(device: Device) {
    device.quick();
}

pub async fn offloaded(pool: Pool) {
    pool.execute(|| std::thread::park());
}
