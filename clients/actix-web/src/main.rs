//! How do I share an async client between the handlers of actix-web, async ones and synchronous
//! ones?
//!
//! Each worker of actix-web drives a current-thread runtime of its own. A connection that a client
//! opens there makes progress only while that worker isn't blocked. So all requests of this client
//! are served by the background runtime, and each handler may use every connection.

use actix_web::error::{ErrorBadGateway, ErrorInternalServerError};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App, HttpServer, Result};
use bridgehead::{background, sync_call};

/// A client that all workers share.
#[derive(Clone)]
pub(crate) struct Store {
    client: reqwest::Client,
    url: String,
}

impl Store {
    /// A client of the server there.
    pub(crate) fn new(url: String) -> Self {
        Self { client: reqwest::Client::new(), url }
    }

    /// For async code.
    async fn get(self) -> reqwest::Result<String> {
        self.client.get(&self.url).send().await?.error_for_status()?.text().await
    }

    /// For synchronous code, such as a trait that a handler calls.
    fn get_blocking(&self) -> reqwest::Result<String> {
        sync_call!(self.clone().get(), on = "background")
    }
}

async fn in_async_code(store: Data<Store>) -> Result<String> {
    let task = background().map_err(ErrorInternalServerError)?.spawn((**store).clone().get());
    task.await.map_err(ErrorInternalServerError)?.map_err(ErrorBadGateway)
}

async fn in_synchronous_code(store: Data<Store>) -> Result<String> {
    // The call blocks its worker, as synchronous code does, but it can't deadlock.
    store.get_blocking().map_err(ErrorBadGateway)
}

async fn in_blocking_work(store: Data<Store>) -> Result<String> {
    web::block(move || store.get_blocking()).await?.map_err(ErrorBadGateway)
}

/// The handlers, with the store that they share.
pub(crate) fn configure(config: &mut ServiceConfig, store: &Store) {
    config
        .app_data(Data::new(store.clone()))
        .route("/async", web::get().to(in_async_code))
        .route("/sync", web::get().to(in_synchronous_code))
        .route("/block", web::get().to(in_blocking_work));
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:8000/".to_owned());
    let store = Store::new(url);
    let server = HttpServer::new(move || App::new().configure(|config| configure(config, &store)));
    server.bind(("127.0.0.1", 8080))?.run().await
}
