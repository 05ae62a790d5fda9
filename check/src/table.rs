//! The functions that block, what to do instead, and the functions that run a closure where it may
//! block.

use crate::symbol::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// It waits for something else: a thread, a peer, a lock that is held across waits.
    Blocks,
    /// It usually returns soon: files, a mutex.
    MayBlock,
}

/// Functions that have one remedy in common.
struct Group {
    severity: Severity,
    remedy: &'static str,
    /// The paths, separated by whitespace. `Type::{a, b}` has no spaces here: `Type::{a,b}`.
    /// `Trait::*` is every method.
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
        "std::thread::{park,park_timeout,park_timeout_ms} crossbeam_utils::sync::Parker::{park,park_timeout}",
        "await a `tokio::sync::Notify` instead of parking the thread",
    ),
    blocks(
        "std::thread::{JoinHandle,ScopedJoinHandle}::join std::thread::scope crossbeam_utils::thread::scope
         crossbeam_utils::thread::ScopedJoinHandle::join",
        "run the work with `tokio::task::spawn_blocking`, and await its handle",
    ),
    blocks(
        "std::sync::mpsc::Receiver::{recv,recv_timeout,iter} std::sync::mpsc::SyncSender::send
         crossbeam_channel::Receiver::{recv,recv_timeout,recv_deadline,iter}
         flume::Receiver::{recv,recv_timeout,recv_deadline,iter} kanal::Receiver::{recv,recv_timeout}
         async_channel::Receiver::recv_blocking async_channel::Sender::send_blocking",
        "use a channel of `tokio::sync::mpsc`, and await it",
    ),
    blocks(
        "std::sync::Condvar::{wait,wait_while,wait_timeout,wait_timeout_ms,wait_timeout_while}
         parking_lot::Condvar::{wait,wait_for,wait_until,wait_while,wait_while_for,wait_while_until}",
        "await a `tokio::sync::Notify` or a `tokio::sync::watch` instead",
    ),
    blocks("std::sync::Barrier::wait", "await a `tokio::sync::Barrier` instead"),
    blocks("crossbeam_utils::sync::WaitGroup::wait", "use a `tokio::task::JoinSet`, and await its tasks"),
    blocks(
        "std::sync::Once::{wait,wait_force} std::sync::OnceLock::wait once_cell::sync::OnceCell::wait",
        "await a `tokio::sync::OnceCell` instead",
    ),
    blocks(
        "std::net::TcpStream::{connect,connect_timeout,peek,read,read_exact,read_to_end,read_to_string,read_until,
         read_line,lines,bytes,write,write_all}
         std::net::TcpListener::{accept,incoming}
         std::net::UdpSocket::{recv,recv_from,peek,peek_from,send,send_to}
         std::os::unix::net::UnixStream::{connect,read,read_exact,read_to_end,read_to_string,read_line,
         lines,write,write_all} std::os::unix::net::UnixListener::{accept,incoming}",
        "use the same type of `tokio::net`, and await it",
    ),
    blocks(
        "std::net::ToSocketAddrs::to_socket_addrs std::net::{str,String}::to_socket_addrs",
        "await `tokio::net::lookup_host` instead",
    ),
    blocks(
        "std::process::Command::{output,status} std::process::Child::{wait,wait_with_output}
         std::process::{ChildStdout,ChildStderr}::{read,read_exact,read_line,read_to_string,read_to_end,read_until,lines,bytes}
         duct::Expression::{run,read} duct::Handle::{wait,output} xshell::Cmd::{run,read,output}",
        "use `tokio::process::Command`, and await it",
    ),
    blocks(
        "std::io::Stdin::{read,read_exact,read_line,read_to_string,read_to_end,read_until,lines,bytes}
         std::io::read_to_string rpassword::{prompt_password,read_password}
         dialoguer::{Confirm,FuzzySelect,Input,MultiSelect,Password,Select,Sort}::{interact,interact_opt}
         dialoguer::Input::interact_text
         inquire::{Confirm,CustomType,Editor,MultiSelect,Password,Select,Text}::{prompt,prompt_skippable}",
        "read in `tokio::task::spawn_blocking`, or with `tokio::io::stdin`",
    ),
    blocks(
        "std::fs::File::{lock,lock_shared} {fs2,fs4}::{FileExt,File}::{lock_exclusive,lock_shared}",
        "lock the file in `tokio::task::spawn_blocking`, and await that",
    ),
    blocks(
        "tokio::runtime::{Runtime,Handle,LocalRuntime}::block_on
         tokio::task::LocalSet::block_on futures_executor::{block_on,block_on_stream}
         futures_executor::LocalPool::{run,run_until} pollster::block_on pollster::FutureExt::block_on
         smol::block_on async_io::block_on futures_lite::future::block_on async_std::task::block_on
         async_global_executor::block_on actix_rt::{SystemRunner,Runtime}::block_on actix_rt::SystemRunner::run",
        "await the future instead",
    ),
    blocks(
        "tokio::runtime::Runtime::shutdown_timeout",
        "call `shutdown_background`, or shut the runtime down outside of async code",
    ),
    blocks(
        "tokio::sync::mpsc::Receiver::{blocking_recv,blocking_recv_many} tokio::sync::mpsc::Sender::blocking_send
         tokio::sync::mpsc::UnboundedReceiver::{blocking_recv,blocking_recv_many}
         tokio::sync::{oneshot,broadcast}::Receiver::blocking_recv
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
         ureq::Body::{read_to_string,read_json,read_to_vec} ureq::Response::{into_string,into_json}
         minreq::Request::{send,send_lazy} attohttpc::RequestBuilder::send",
        "use a client that is async, such as `reqwest`, or run the request with `tokio::task::spawn_blocking`",
    ),
    blocks(
        "tungstenite::client::{connect,connect_with_config}
         tungstenite::WebSocket::{read,read_message,send,write_message,flush}",
        "use `tokio-tungstenite`, and await it",
    ),
    blocks("lettre::Transport::{send,send_raw}", "use `lettre::AsyncTransport`, and await it"),
    blocks(
        "git2::Repository::clone git2::RepoBuilder::clone git2::Remote::{connect,connect_auth,download,fetch,push}",
        "run it with `tokio::task::spawn_blocking`, and await that",
    ),
    blocks(
        "postgres::Client::{connect,execute,query,query_one,query_opt,query_raw,query_typed,prepare,prepare_typed,
         batch_execute,simple_query,transaction,copy_in,copy_out,is_valid}
         postgres::GenericClient::{execute,query,query_one,query_opt,query_raw,prepare,batch_execute,transaction}
         postgres::Config::connect postgres::Transaction::{execute,query,query_one,query_opt,prepare,batch_execute,
         commit,rollback}",
        "use `tokio-postgres`, and await it",
    ),
    blocks(
        "rusqlite::Connection::{open,open_with_flags,execute,execute_batch,query_row,query_row_and_then,query_one,
         pragma_query,pragma_query_value,pragma_update}
         rusqlite::Statement::{execute,query,query_map,query_and_then,query_row,query_one,exists,insert}
         rusqlite::Rows::next rusqlite::Transaction::commit
         diesel::{Connection,SqliteConnection,PgConnection,MysqlConnection}::establish
         diesel::Connection::{transaction,batch_execute}
         diesel::RunQueryDsl::{execute,load,load_iter,get_result,get_results,first}
         diesel::SaveChangesDsl::save_changes
         diesel_migrations::MigrationHarness::{run_pending_migrations,revert_last_migration}
         r2d2::Pool::{get,get_timeout}
         mysql::Pool::{new,get_conn,try_get_conn} mysql::Conn::new mysql::Queryable::*",
        "run the query with `tokio::task::spawn_blocking`, or use a database client that is async",
    ),
    blocks(
        "redis::Client::{get_connection,get_connection_with_timeout} redis::Cmd::{query,exec} redis::Pipeline::{query,exec}
         redis::{Commands,TypedCommands}::* redis::{Connection,ConnectionLike}::{req_command,req_packed_command}",
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
        "{std::fs,fs_err}::{read,read_to_string,write,copy,rename,remove_file,remove_dir,remove_dir_all,create_dir,
         create_dir_all,read_dir,metadata,symlink_metadata,canonicalize,hard_link,set_permissions,exists}
         {std::fs,fs_err}::File::{open,create,create_new,sync_all,sync_data,metadata,set_len}
         std::fs::File::{read,read_exact,read_line,read_to_end,read_to_string,read_until,lines,write,write_all} {std::fs,fs_err}::OpenOptions::open
         std::path::Path::{exists,try_exists,is_file,is_dir,is_symlink,metadata,symlink_metadata,canonicalize,read_dir}
         walkdir::WalkDir::new tempfile::{tempdir,tempfile} tempfile::NamedTempFile::new",
        "use the same function of `tokio::fs`, or do all of it in one `tokio::task::spawn_blocking`",
    ),
    may_block(
        "std::sync::Mutex::lock std::sync::RwLock::{read,write} std::sync::LazyLock::force
         std::sync::OnceLock::get_or_init std::sync::Once::{call_once,call_once_force}
         lock_api::Mutex::lock lock_api::RwLock::{read,write}",
        "hold it for a short time, never across an `.await`; else use the one of `tokio::sync`",
    ),
    may_block(
        "crossterm::event::{poll,read}",
        "await `crossterm::event::EventStream`; neither waits where an event is known to be there",
    ),
    may_block(
        "crossbeam_channel::Sender::{send,send_timeout} flume::Sender::{send,send_timeout} kanal::Sender::send",
        "it waits if the channel is full: use a channel of `tokio::sync::mpsc`, and await it",
    ),
];

/// The last three only store a closure. It runs where it is called, which isn't known.
const OFFLOADS: &str = "
    tokio::task::{spawn_blocking,block_in_place} tokio::runtime::{Handle,Runtime}::spawn_blocking
    tokio::task::JoinSet::{spawn_blocking,spawn_blocking_on} tokio::task::Builder::spawn_blocking
    tokio::task::JoinMap::spawn_blocking tokio_util::task::TaskTracker::{spawn_blocking,spawn_blocking_on}
    std::thread::spawn std::thread::Builder::{spawn,spawn_scoped} std::thread::Scope::spawn
    rayon_core::{spawn,spawn_fifo,join,scope,scope_fifo,in_place_scope} rayon_core::ThreadPool::{spawn,spawn_fifo,install}
    rayon_core::Scope::spawn threadpool::ThreadPool::execute
    bridgehead::{to_thread,fiber,spawn_fiber} blocking::unblock smol::unblock
    async_std::task::spawn_blocking actix_web::web::block actix_rt::task::spawn_blocking actix_web::rt::task::spawn_blocking
    async_global_executor::spawn_blocking crossbeam_utils::thread::{Scope,ScopedThreadBuilder}::spawn
    alloc::boxed::Box::new alloc::sync::Arc::new alloc::rc::Rc::new";

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

/// Separates the paths.
fn expand(text: &str) -> Vec<String> {
    let text: String = text.split(",\n").map(str::trim_start).collect::<Vec<_>>().join(",");
    text.split_whitespace().flat_map(alternatives).collect()
}

fn alternatives(path: &str) -> Vec<String> {
    match path.split_once('{').and_then(|(start, rest)| Some((start, rest.split_once('}')?))) {
        Some((start, (names, end))) => {
            names.split(',').flat_map(|name| alternatives(&format!("{start}{name}{end}"))).collect()
        }
        None => vec![path.to_owned()],
    }
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
        assert!(names.contains("inquire::Text::prompt") && names.contains("fs_err::File::open"));
        assert!(offloads().iter().any(|path| path.last() == "spawn_blocking"));
    }
}
