//! A client of the language server protocol, with the requests that these tests make.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::project::Project;

/// The first request waits for cargo to build the macros. That takes far less on a busy machine.
const DEADLINE: Duration = Duration::from_secs(240);

/// The place of the cursor in a text.
pub(crate) const CURSOR: &str = "$0";

/// A rust-analyzer that has loaded a project, with one open file.
pub(crate) struct Server {
    process: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    uri: String,
    requests: u64,
    version: u64,
}

impl Server {
    /// Starts the server, and waits until it has loaded everything.
    pub(crate) fn start(project: &Project, settings: &Value) -> Self {
        let mut process = Command::new(&project.analyzer)
            .current_dir(&project.folder)
            .envs(project.env())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(project.folder.join("server.log")).unwrap())
            .spawn()
            .unwrap();
        let stdin = process.stdin.take().unwrap();
        let stdout = process.stdout.take().unwrap();
        let (send, messages) = mpsc::channel();
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Ok(message) = read(&mut stdout) {
                if send.send(message).is_err() {
                    break;
                }
            }
        });
        let uri = format!("file://{}", project.main().display());
        let mut server = Self { process, stdin, messages, uri, requests: 0, version: 0 };
        server.request(
            "initialize",
            &json!({
                "processId": std::process::id(),
                "rootUri": format!("file://{}", project.folder.display()),
                "capabilities": {
                    "experimental": { "serverStatusNotification": true },
                    "textDocument": { "diagnostic": {}, "hover": { "contentFormat": ["plaintext"] } },
                },
                "initializationOptions": settings,
            }),
        );
        server.notify("initialized", &json!({}));
        let deadline = Instant::now() + DEADLINE;
        loop {
            let message = server.receive(deadline);
            let status = &message["params"];
            if message["method"] == "experimental/serverStatus" && status["quiescent"] == true {
                assert_eq!(status["health"], "ok", "{status}");
                return server;
            }
        }
    }

    /// The names that the server offers at the cursor.
    pub(crate) fn complete(&mut self, text: &str) -> Vec<String> {
        let answer = self.ask("textDocument/completion", text);
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        let name = |item: &Value| {
            let label = item["label"].as_str().unwrap_or_default();
            label.split('(').next().unwrap_or_default().to_owned()
        };
        items.iter().map(name).collect()
    }

    /// The server's description of the word at the cursor.
    pub(crate) fn hover(&mut self, text: &str) -> String {
        self.ask("textDocument/hover", text)["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The file and the line in which the word at the cursor is defined.
    pub(crate) fn definition(&mut self, text: &str) -> Option<(String, usize)> {
        let answer = self.ask("textDocument/definition", text);
        let place = answer.get(0)?;
        let line = place["range"]["start"]["line"].as_u64()?;
        Some((
            place["uri"].as_str()?.trim_start_matches("file://").to_owned(),
            line.try_into().ok()?,
        ))
    }

    /// The faults that the server finds by itself.
    pub(crate) fn diagnostics(&mut self, text: &str) -> Vec<String> {
        self.open(text);
        let answer = self
            .request("textDocument/diagnostic", &json!({ "textDocument": { "uri": self.uri } }));
        let items = answer["items"].as_array().expect("a list of faults");
        items.iter().map(ToString::to_string).collect()
    }

    fn ask(&mut self, what: &str, text: &str) -> Value {
        let (before, after) = text.split_once(CURSOR).expect("a cursor");
        self.open(&format!("{before}{after}"));
        let column = before.rsplit('\n').next().unwrap_or_default().len();
        let position = json!({ "line": before.matches('\n').count(), "character": column });
        self.request(what, &json!({ "textDocument": { "uri": self.uri }, "position": position }))
    }

    fn open(&mut self, text: &str) {
        self.version += 1;
        if self.version == 1 {
            let document =
                json!({ "uri": self.uri, "languageId": "rust", "version": 1, "text": text });
            self.notify("textDocument/didOpen", &json!({ "textDocument": document }));
        } else {
            let document = json!({ "uri": self.uri, "version": self.version });
            let changes = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
            self.notify("textDocument/didChange", &changes);
        }
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.requests += 1;
        let id = self.requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        let deadline = Instant::now() + DEADLINE;
        loop {
            let message = self.receive(deadline);
            if message["id"] == id && message["method"].is_null() {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
        }
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn send(&mut self, message: &Value) {
        let message = message.to_string();
        write!(self.stdin, "Content-Length: {}\r\n\r\n{message}", message.len()).unwrap();
        self.stdin.flush().unwrap();
    }

    /// The next message. What the server itself asks for is granted at once.
    fn receive(&mut self, deadline: Instant) -> Value {
        let left = deadline.saturating_duration_since(Instant::now());
        let message = self.messages.recv_timeout(left).expect("an answer of rust-analyzer in time");
        if !message["method"].is_null() && !message["id"].is_null() {
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }));
        }
        message
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn read(stdout: &mut BufReader<ChildStdout>) -> io::Result<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", number)) => {
                length = number.parse().map_err(io::Error::other)?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut message = vec![0; length];
    stdout.read_exact(&mut message)?;
    serde_json::from_slice(&message).map_err(io::Error::other)
}
