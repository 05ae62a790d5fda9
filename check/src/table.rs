//! What blocks, what to do instead, and what runs code where it may block.

use crate::symbol::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// It waits for others: a thread, a peer, a lock that is held across waits.
    Blocks,
    /// It is over soon as a rule: files, a mutex.
    MayBlock,
}

/// Functions that have one remedy in common.
struct Group {
    severity: Severity,
    remedy: &'static str,
    /// The paths, separated by whitespace. `Type::{a, b}` has no spaces here: `Type::{a,b}`.
    paths: &'static str,
}

const fn blocks(paths: &'static str, remedy: &'static str) -> Group {
    Group { severity: Severity::Blocks, remedy, paths }
}

const fn may_block(paths: &'static str, remedy: &'static str) -> Group {
    Group { severity: Severity::MayBlock, remedy, paths }
}

const BLOCKS: &[Group] = &[
    blocks("std::thread::{sleep,sleep_ms,sleep_until}", "await `tokio::time::sleep` instead"),
    blocks(
        "std::thread::{park,park_timeout,park_timeout_ms}",
        "await a `tokio::sync::Notify` instead of parking the thread",
    ),
    blocks(
        "std::thread::JoinHandle::join std::thread::ScopedJoinHandle::join std::thread::scope",
        "run the work with `tokio::task::spawn_blocking`, and await its handle",
    ),
    blocks(
        "std::sync::mpsc::Receiver::{recv,recv_timeout,iter} std::sync::mpsc::SyncSender::send",
        "use a channel of `tokio::sync::mpsc`, and await it",
    ),
    blocks(
        "std::sync::Condvar::{wait,wait_while,wait_timeout,wait_timeout_ms,wait_timeout_while}",
        "await a `tokio::sync::Notify` or a `tokio::sync::watch` instead",
    ),
    blocks("std::sync::Barrier::wait", "await a `tokio::sync::Barrier` instead"),
    blocks("std::sync::Once::{wait,wait_force} std::sync::OnceLock::wait", "await a `tokio::sync::OnceCell` instead"),
    blocks(
        "std::net::TcpStream::{connect,connect_timeout,read,read_exact,read_to_end,read_to_string,peek,write,write_all}
         std::net::TcpListener::{accept,incoming}
         std::net::UdpSocket::{recv,recv_from,peek,peek_from,send,send_to} std::net::ToSocketAddrs::to_socket_addrs
         std::os::unix::net::UnixStream::{connect,read,write} std::os::unix::net::UnixListener::{accept,incoming}",
        "use the same type of `tokio::net`, and await it",
    ),
    blocks(
        "std::process::Command::{output,status} std::process::Child::{wait,wait_with_output}",
        "use `tokio::process::Command`, and await it",
    ),
    blocks(
        "std::io::Stdin::{read_line,read,read_to_string,read_to_end,lines} std::io::StdinLock::{read_line,read}
         std::io::read_to_string",
        "read in `tokio::task::spawn_blocking`, or with `tokio::io::stdin`",
    ),
    blocks(
        "tokio::runtime::Runtime::block_on tokio::runtime::Handle::block_on tokio::runtime::LocalRuntime::block_on
         tokio::task::LocalSet::block_on futures_executor::block_on futures_executor::block_on_stream
         futures_executor::LocalPool::{run,run_until} pollster::block_on
         smol::block_on async_io::block_on futures_lite::future::block_on async_std::task::block_on",
        "await the future instead",
    ),
    blocks(
        "tokio::sync::mpsc::Receiver::{blocking_recv,blocking_recv_many} tokio::sync::mpsc::Sender::blocking_send
         tokio::sync::mpsc::UnboundedReceiver::{blocking_recv,blocking_recv_many}
         tokio::sync::oneshot::Receiver::blocking_recv tokio::sync::broadcast::Receiver::blocking_recv
         tokio::sync::Mutex::{blocking_lock,blocking_lock_owned}
         tokio::sync::RwLock::{blocking_read,blocking_write}",
        "call the method without `blocking_`, and await it",
    ),
    blocks(
        "reqwest::blocking::get reqwest::blocking::Client::{new,execute} reqwest::blocking::RequestBuilder::send
         reqwest::blocking::ClientBuilder::build
         reqwest::blocking::Response::{text,text_with_charset,json,bytes,copy_to}",
        "use `reqwest::Client`, and await it",
    ),
    blocks(
        "ureq::Request::{call,send,send_bytes,send_string,send_json,send_form}
         ureq::RequestBuilder::{call,send,send_empty,send_json,send_form} ureq::Agent::run
         minreq::Request::{send,send_lazy}",
        "use a client that is async, such as `reqwest`, or run the request with `tokio::task::spawn_blocking`",
    ),
    blocks(
        "postgres::Client::{connect,execute,query,query_one,query_opt,query_raw,prepare,batch_execute,simple_query}
         postgres::Config::connect postgres::Transaction::{execute,query,query_one,query_opt,commit,rollback}",
        "use `tokio-postgres`, and await it",
    ),
    blocks(
        "rusqlite::Connection::{open,open_with_flags,execute,execute_batch,query_row,query_row_and_then,prepare}
         rusqlite::Statement::{execute,query,query_map,query_row} rusqlite::Transaction::commit
         diesel::Connection::{establish,transaction,batch_execute}
         diesel::RunQueryDsl::{execute,load,load_iter,get_result,get_results,first}
         diesel::query_dsl::RunQueryDsl::{execute,load,load_iter,get_result,get_results,first}",
        "run the query with `tokio::task::spawn_blocking`, or use a database client that is async",
    ),
    blocks(
        "redis::Client::{get_connection,get_connection_with_timeout} redis::Cmd::{query,exec} redis::Pipeline::{query,exec}",
        "use `redis::Client::get_multiplexed_async_connection`, and await its commands",
    ),
    blocks(
        "bridgehead::sync_call! bridgehead::try_sync_call!",
        "await the future instead: make the functions up to here async, or call them in `spawn_blocking` or on a fiber",
    ),
    blocks(
        "bridgehead::run bridgehead::try_run bridgehead::Runner::{run,try_run,close} bridgehead::close_background",
        "await the future instead, or run it with `bridgehead::spawn`",
    ),
    may_block(
        "std::fs::{read,read_to_string,write,copy,rename,remove_file,remove_dir,remove_dir_all,create_dir,create_dir_all,
         read_dir,metadata,symlink_metadata,canonicalize,hard_link,set_permissions,exists}
         std::fs::File::{open,create,create_new,read,read_to_end,read_to_string,write,write_all,sync_all,sync_data,metadata}
         std::fs::OpenOptions::open std::path::Path::{exists,is_file,is_dir,metadata,canonicalize,read_dir}",
        "use the same function of `tokio::fs`, or do all of it in one `tokio::task::spawn_blocking`",
    ),
    may_block(
        "std::sync::Mutex::lock std::sync::RwLock::{read,write} std::sync::LazyLock::force
         std::sync::OnceLock::get_or_init std::sync::Once::{call_once,call_once_force}",
        "hold it for a short time, never across an `.await`; else use the one of `tokio::sync`",
    ),
];

const OFFLOADS: &str = "
    tokio::task::{spawn_blocking,block_in_place} tokio::runtime::{Handle,Runtime}::spawn_blocking
    tokio::task::JoinSet::{spawn_blocking,spawn_blocking_on} tokio::task::Builder::spawn_blocking
    std::thread::spawn std::thread::Builder::{spawn,spawn_scoped} std::thread::Scope::spawn
    rayon_core::{spawn,spawn_fifo,join,scope,scope_fifo,in_place_scope} rayon_core::ThreadPool::{spawn,spawn_fifo,install}
    rayon_core::Scope::spawn threadpool::ThreadPool::execute
    bridgehead::{to_thread,fiber,spawn_fiber} blocking::unblock smol::unblock
    async_std::task::spawn_blocking actix_web::web::block actix_rt::task::spawn_blocking actix_web::rt::task::spawn_blocking
    async_global_executor::spawn_blocking crossbeam_utils::thread::ScopedThreadBuilder::spawn";

/// A function that blocks.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) path: Path,
    pub(crate) name: String,
    pub(crate) severity: Severity,
    pub(crate) remedy: &'static str,
}

pub(crate) fn entries() -> Vec<Entry> {
    let entries = BLOCKS.iter().flat_map(|group| {
        expand(group.paths).into_iter().map(|name| Entry {
            path: Path::written(&name),
            name,
            severity: group.severity,
            remedy: group.remedy,
        })
    });
    entries.collect()
}

pub(crate) fn offloads() -> Vec<Path> {
    expand(OFFLOADS).iter().map(|path| Path::written(path)).collect()
}

/// Each path on its own.
fn expand(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let text: String = text.split(",\n").map(str::trim_start).collect::<Vec<_>>().join(",");
    for path in text.split_whitespace() {
        match path.split_once('{').and_then(|(start, rest)| Some((start, rest.split_once('}')?))) {
            Some((start, (names, end))) => {
                paths.extend(names.split(',').map(|name| format!("{start}{name}{end}")));
            }
            None => paths.push(path.to_owned()),
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{entries, offloads};

    #[test]
    fn each_path_is_one_and_is_there_once() {
        let entries = entries();
        let names: BTreeSet<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names.len(), entries.len());
        assert!(
            names.iter().all(|name| name.contains("::") && !name.contains(['{', '}', ',', ' '])),
            "{names:?}"
        );
        assert!(names.contains("std::fs::read_dir") && names.contains("std::fs::create_dir_all"));
        assert!(offloads().iter().any(|path| path.last() == "spawn_blocking"));
    }
}
