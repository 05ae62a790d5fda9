//! How do I give an async client a synchronous face that works in async programs, too?
//!
//! The face is in `clients/src/http_client.rs`. Here is a program that uses it: on a thread of its
//! own, and in a task, where `reqwest::blocking` panics.

use std::error::Error;
use std::io::{self, BufRead};
use std::thread;

use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};
use bridgehead_clients::http_client::{Body, Client};
use tokio::net::TcpListener;

/// The synchronous code of the program.
fn visit(client: &Client, server: &str, name: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
    let greeting =
        client.get(format!("{server}/hello/{name}")).send()?.error_for_status()?.text()?;
    println!("{greeting}");

    // Both bodies are streamed: the client reads what it sends from a reader, and the response is
    // one.
    let poem = io::Cursor::new("roses are red\nviolets are blue\n".repeat(10_000));
    let echo = client.post(format!("{server}/echo")).body(Body::new(poem)).send()?;
    println!("{name}: {} lines came back", echo.lines().count());
    Ok(())
}

#[bridgehead::entry]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = format!("http://{}", listener.local_addr()?);
    let app = Router::new()
        .route("/hello/{name}", get(async |Path(name): Path<String>| format!("hello {name}")))
        .route("/echo", post(async |body: axum::body::Body| body));
    tokio::spawn(async { axum::serve(listener, app).await });

    let client = Client::new();
    let (clone, url) = (client.clone(), server.clone());
    thread::spawn(move || visit(&clone, &url, "thread")).join().expect("no panic")?;
    tokio::spawn(async move { visit(&client, &server, "task") }).await?
}
