//! What rust-analyzer offers in the arguments and bodies of the macros, also where these don't
//! parse. It expands the proc macros, as for a crate that depends on this one from the registry.
#![cfg(unix)]

mod project;
mod server;

use std::fs;

use serde_json::{Value, json};

use crate::project::Project;
use crate::server::{CURSOR, Server};

const PRELUDE: &str = "
use std::time::Duration;
use bridgehead::{blocking, entry, sync_call, try_sync_call};
struct Answer;
impl Answer { fn status(&self) -> u16 { 200 } }
struct Key;
impl Key { fn of(_name: &str) -> Self { Self } }
struct Client;
impl Client {
    async fn fetch(&self) -> Answer { Answer }
    async fn fetch_by(&self, _key: Key) -> Answer { Answer }
    fn key(&self) -> Key { Key::of(\"a\") }
}
fn client() -> Client { Client }
";

/// Code in a function that has a `client: Client`, and a name that is offered at the cursor.
const CALLS: &[(&str, &str)] = &[
    // While the future is typed,
    ("sync_call!(cli$0)", "client"),
    ("sync_call!(client.$0)", "fetch"),
    ("sync_call!(client.fet$0)", "fetch"),
    ("sync_call!(client.fet$0ch());", "fetch"),
    ("let answer = sync_call!(client.$0);\n    let more = 4;", "fetch"),
    ("bridgehead::sync_call!(client.$0);", "fetch"),
    ("println!(\"{}\", sync_call!(client.$0));", "fetch"),
    ("let closure = || sync_call!(client.$0);", "fetch"),
    ("try_sync_call!(client.$0)", "fetch"),
    ("try_sync_call!(client.$0)?;", "fetch"),
    // in an argument,
    ("sync_call!(client.fetch_by($0))", "client"),
    ("sync_call!(client.fetch_by(client.$0))", "key"),
    ("sync_call!(client.fetch_by(Key::$0))", "of"),
    ("sync_call!(client.fetch_by(sync_call!(client.$0)))", "key"),
    ("sync_call!(std::future::ready::<Result<Key, Key>>(client.$0))", "key"),
    // in a block,
    ("sync_call!(async { client.$0 })", "fetch"),
    ("sync_call!(async { client.fetch().await.$0 })", "status"),
    ("sync_call!(match 4 { 4 => client.fetch(), _ => client.$0 })", "fetch"),
    // before options,
    ("sync_call!(client.$0, crate = bridgehead)", "fetch"),
    ("sync_call!(client.$0, allow_async)", "fetch"),
    ("try_sync_call!($0, timeout = \"1s\")", "client"),
    ("try_sync_call!(client.$0, timeout = \"1s\")", "fetch"),
    ("try_sync_call!(client.$0, allow_async, timeout = \"1s\")", "fetch"),
    ("try_sync_call!(client.$0, timeout = Duration::from_secs(1));", "fetch"),
    ("try_sync_call!(client.fetch_by(client.$0), timeout = \"1s\", crate = bridgehead)", "key"),
    // and behind the call.
    ("sync_call!(client.fetch()).$0", "status"),
    ("sync_call!(client.fetch(), crate = bridgehead).$0", "status"),
    ("sync_call!(client.fetch(), allow_async).$0", "status"),
    ("let answer = sync_call!(client.fetch());\n    answer.$0", "status"),
    ("sync_call!(async { client.fetch().await }).$0", "status"),
    ("try_sync_call!(client.fetch()).$0", "unwrap_or_else"),
    ("try_sync_call!(client.fetch()).unwrap().$0", "status"),
    ("try_sync_call!(client.fetch(), timeout = \"1s\").unwrap().$0", "status"),
    (
        "let limit = Duration::ZERO;\n    try_sync_call!(client.fetch(), timeout = limit).unwrap().$0",
        "status",
    ),
];

/// Names that are not offered. If they were, the other lists would prove little.
const CALLS_IN_VAIN: &[(&str, &str)] = &[
    ("sync_call!(client.$0)", "status"),
    ("sync_call!(client.fetch()).$0", "fetch"),
    // The argument is empty or doesn't parse, so the macro emits an error, in which there is
    // nothing to complete.
    ("sync_call!($0)", "client"),
    ("try_sync_call!(client.fetch(), timeout = Duration::$0)", "from_secs"),
    // rust-analyzer expands no macro without its closing parenthesis, except in an attribute's
    // item. An editor writes both at once.
    ("sync_call!(client.$0", "fetch"),
];

/// An attribute, a signature, code in the body, where there is a `client` as well, and a name that
/// is offered at the cursor.
const BODIES: &[(&str, &str, &str, &str)] = &[
    ("#[entry]", "async fn main()", "client.fet$0ch().await;", "fetch"),
    ("#[entry]", "async fn main()", "client.$0", "fetch"),
    ("#[entry]", "async fn main()", "client.$0\n    let more = 4;", "fetch"),
    ("#[entry]", "async fn main()", "if client.$0", "fetch"),
    ("#[entry]", "async fn main()", "drop(client.$0", "fetch"),
    ("#[entry]", "async fn main()", "client.fetch().$0", "await"),
    ("#[entry]", "async fn main()", "client.fetch().await.$0", "status"),
    ("#[entry]", "async fn main()", "sync_call!(client.$0)", "fetch"),
    ("#[entry]", "async fn main()", "sync_call!(client.$0", "fetch"),
    ("#[entry]", "async fn main() -> Result<(), String>", "client.$0", "fetch"),
    ("#[entry(worker_threads = 2)]", "async fn main()", "client.$0", "fetch"),
    // With a fault in the options,
    ("#[entry(worker_thread = 2)]", "async fn main()", "client.fet$0ch();", "fetch"),
    ("#[entry(worker_thread = 2)]", "async fn main()", "client.$0", "fetch"),
    ("#[entry(worker_)]", "async fn main()", "client.$0", "fetch"),
    ("#[entry(worker_threads = )]", "async fn main()", "client.$0", "fetch"),
    // and in the signature.
    ("#[entry]", "fn main()", "client.$0", "fetch"),
    ("#[entry]", "fn main()", "client.fetch().await.$0", "status"),
    ("#[entry]", "async fn main(key: Key)", "client.$0", "fetch"),
    ("#[entry]", "async fn main(answer: Answer)", "answer.$0", "status"),
    ("#[entry]", "async fn main<T>()", "client.$0", "fetch"),
    ("#[entry]", "async fn start()", "client.$0", "fetch"),
    ("#[bridgehead::test]", "async fn works()", "client.fet$0ch().await;", "fetch"),
    ("#[bridgehead::test]", "async fn works()", "client.$0", "fetch"),
    ("#[bridgehead::test]", "async fn works()", "client.fetch().await.$0", "status"),
    ("#[bridgehead::test(leak = \"fail\")]", "async fn works()", "client.$0", "fetch"),
    ("#[bridgehead::test]", "fn works()", "client.$0", "fetch"),
    ("#[bridgehead::test]", "async fn works(answer: Answer)", "answer.$0", "status"),
];

/// An item with the attribute, and a name that is offered at the cursor in it.
const ITEMS: &[(&str, &str)] = &[
    // In the body of an async function,
    ("#[blocking]\nasync fn all(client: Client) {\n    client.$0\n}", "fetch"),
    ("#[blocking]\nasync fn all(client: Client) {\n    client.fetch().await.$0\n}", "status"),
    (
        "#[blocking]\nimpl Client {\n    async fn all(&self) {\n        self.fet$0ch().await;\n    }\n}",
        "fetch",
    ),
    ("#[blocking]\nimpl Client {\n    async fn all(&self) {\n        self.$0\n    }\n}", "fetch"),
    (
        "#[blocking]\nimpl Client {\n    async fn all(&self) {\n        if self.$0\n    }\n}",
        "fetch",
    ),
    (
        "#[blocking]\nimpl Client {\n    fn plain(&self) {\n        sync_call!(self.$0)\n    }\n}",
        "fetch",
    ),
    (
        "#[blocking]\ntrait All {\n    async fn all(&self, client: Client) {\n        client.$0\n    }\n}",
        "fetch",
    ),
    (
        "#[blocking(type = Twin)]\nimpl Client {\n    async fn all(&self) {\n        self.$0\n    }\n}",
        "fetch",
    ),
    // also with a fault in the options,
    (
        "#[blocking(timeot)]\nimpl Client {\n    async fn all(&self) {\n        self.$0\n    }\n}",
        "fetch",
    ),
    (
        "#[blocking]\nimpl Client {\n    #[blocking(skp)]\n    async fn all(&self) {\n        self.$0\n    }\n}",
        "fetch",
    ),
    // and in a signature.
    ("#[blocking]\nimpl Client {\n    async fn all(&self) -> Ans$0 {}\n}", "Answer"),
    ("#[blocking]\nimpl Client {\n    async fn all(&self, key: K$0) {}\n}", "Key"),
];

/// An item, code that uses its twin in a function with a `client`, and a name that is offered.
const TWINS: &[(&str, &str, &str)] = &[
    (
        "#[blocking]\nimpl Client { async fn all(&self) -> Answer { Answer } }",
        "client.blocking_$0",
        "blocking_all",
    ),
    (
        "#[blocking]\nimpl Client { async fn all(&self) -> Answer { Answer } }",
        "client.blocking_all().$0",
        "status",
    ),
    (
        "#[blocking(timeout)]\nimpl Client { async fn all(&self) {} }",
        "client.blocking_$0",
        "blocking_all_timeout",
    ),
    (
        "#[blocking(type = Twin)]\nstruct Other;\n#[blocking(type = Twin)]\nimpl Other { async fn new() -> Self { Other } }",
        "Twin::$0",
        "new",
    ),
    (
        "#[blocking]\ntrait All { async fn all(&self) {} }\nimpl All for Client {}",
        "client.$0",
        "blocking_all",
    ),
];

/// Correct code, in which rust-analyzer must report no fault of its own.
const CORRECT: &str = "
fn correct(client: &Client, timeout: Duration) -> Result<u16, bridgehead::CallError> {
    let plain: Answer = sync_call!(client.fetch(),);
    let other: Answer = sync_call!(client.fetch_by(Key::of(\"b\")), crate = ::bridgehead);
    let limited: Answer = try_sync_call!(client.fetch(), timeout = timeout)?;
    let literal: Answer = try_sync_call!(client.fetch(), timeout = \"1s\", crate = bridgehead)?;
    let unlimited: Answer = try_sync_call!(client.fetch())?;
    let [a, b, c] = [&limited, &literal, &unlimited].map(Answer::status);
    Ok(plain.status() + other.status() + a + b + c)
}
#[blocking(timeout)]
impl Client {
    async fn twin(&self) -> Answer { self.fetch().await }
}
#[entry(worker_threads = 2, signals = true)]
async fn main() -> Result<(), String> {
    let answer: Answer = client().fetch().await;
    let twins: (Answer, Result<Answer, bridgehead::CallError>) =
        (client().blocking_twin(), client().blocking_twin_timeout(Duration::ZERO));
    drop(twins);
    correct(&client(), Duration::ZERO).map_err(|error| error.to_string()).map(|sum| drop((sum, answer)))
}
";

fn settings(project: &Project) -> Value {
    json!({
        "cachePriming": { "enable": false },
        "cargo": { "cfgs": ["debug_assertions"], "sysrootSrc": project.library },
        "checkOnSave": false,
        "procMacro": { "enable": true },
    })
}

fn in_a_function(code: &str) -> String {
    in_a_crate("", code)
}

fn in_a_crate(item: &str, code: &str) -> String {
    format!("{PRELUDE}{item}\nfn caller(client: Client) {{\n    {code}\n}}\nfn main() {{}}\n")
}

fn in_an_item(attribute: &str, signature: &str, code: &str) -> String {
    format!("{PRELUDE}{attribute}\n{signature} {{\n    let client = client();\n    {code}\n}}\n")
}

/// The cases in which a name is not offered, and the names that are.
fn missing(
    server: &mut Server,
    cases: impl IntoIterator<Item = (String, &'static str)>,
) -> Vec<String> {
    let ask = |(text, name): (String, &str)| {
        let offered = server.complete(&text);
        let missing = !offered.iter().any(|other| other == name);
        missing.then(|| {
            format!("`{name}` is not among {offered:?} in {}", text.trim_start_matches(PRELUDE))
        })
    };
    cases.into_iter().filter_map(ask).collect()
}

fn calls(cases: &[(&str, &'static str)]) -> impl Iterator<Item = (String, &'static str)> {
    cases.iter().map(|(code, name)| (in_a_function(code), *name))
}

fn check_calls(server: &mut Server) {
    let missing_names = missing(server, calls(CALLS));
    assert!(missing_names.is_empty(), "{missing_names:#?}");
    let in_vain = missing(server, calls(CALLS_IN_VAIN));
    assert_eq!(in_vain.len(), CALLS_IN_VAIN.len(), "{in_vain:#?}");
    check_words(server, "sync_call!(client.fet$0ch());");
    check_words(server, "try_sync_call!(client.fet$0ch(), timeout = \"1s\").unwrap();");
}

fn check_correct_code(server: &mut Server) {
    let faults = server.diagnostics(&format!("{PRELUDE}{CORRECT}"));
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Checks that rust-analyzer resolves the word at the cursor, `fetch`.
fn check_words(server: &mut Server, code: &str) {
    let text = in_a_function(code);
    assert!(server.hover(&text).contains("async fn fetch(&self) -> Answer"), "{code}");
    let (file, line) = server.definition(&text).expect(code);
    assert!(file.ends_with("src/main.rs"), "{file}");
    assert!(
        text.replace(CURSOR, "").lines().nth(line).unwrap().contains("async fn fetch"),
        "{line}"
    );
}

#[test]
fn calls_in_functions() {
    let Some(project) = Project::new("calls") else { return };
    let mut server = Server::start(&project, &settings(&project));
    check_calls(&mut server);
    check_correct_code(&mut server);
}

#[test]
fn attributes() {
    let Some(project) = Project::new("attributes") else { return };
    let mut server = Server::start(&project, &settings(&project));
    let bodies = BODIES
        .iter()
        .map(|(attribute, signature, code, name)| (in_an_item(attribute, signature, code), *name));
    let missing = missing(&mut server, bodies);
    assert!(missing.is_empty(), "{missing:#?}");
    check_correct_code(&mut server);
    let of_items = ITEMS.iter().map(|(item, name)| (in_a_crate(item, ""), *name));
    let of_twins = TWINS.iter().map(|(item, code, name)| (in_a_crate(item, code), *name));
    let missing = self::missing(&mut server, of_items.chain(of_twins));
    assert!(missing.is_empty(), "{missing:#?}");

    let option = in_an_item("#[entry(worker_thr$0eads = 2)]", "async fn main()", "drop(client);");
    assert!(server.hover(&option).contains("pub fn worker_threads(self, count: usize) -> Self"));
    let (file, line) = server.definition(&option).expect("a method");
    let file = fs::read_to_string(file).unwrap();
    assert!(file.lines().nth(line).unwrap().contains("pub fn worker_threads"), "{line}");
}
