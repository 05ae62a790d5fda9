//! Macros that make it hard to find out where a call is.
use std::fs;

use proc_macro::{TokenStream, TokenTree};

fn file(tokens: &TokenTree) -> String {
    tokens.to_string().trim_matches('"').to_owned()
}

/// Writes other bytes into a file.
#[proc_macro]
pub fn write(input: TokenStream) -> TokenStream {
    let tokens: Vec<_> = input.into_iter().collect();
    let bytes = tokens[2].to_string();
    let bytes = bytes.trim_start_matches("b\"").trim_end_matches('"');
    let mut text = Vec::new();
    for piece in bytes.replace("\\n", "\n").split_inclusive("\\xFF") {
        let (piece, garbage) = piece.strip_suffix("\\xFF").map_or((piece, false), |piece| (piece, true));
        text.extend(piece.bytes());
        text.extend(garbage.then_some(0xFF));
    }
    fs::write(file(&tokens[0]), text).unwrap();
    TokenStream::new()
}

/// Removes a file.
#[proc_macro]
pub fn remove(input: TokenStream) -> TokenStream {
    fs::remove_file(file(&input.into_iter().next().unwrap())).unwrap();
    TokenStream::new()
}

#[proc_macro_attribute]
pub fn unchanged(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

#[proc_macro_attribute]
pub fn without_async(_: TokenStream, item: TokenStream) -> TokenStream {
    item.into_iter().filter(|token| token.to_string() != "async").collect()
}

/// A synchronous function. All of its tokens have the location of the macro's call.
#[proc_macro]
pub fn generate(_: TokenStream) -> TokenStream {
    "fn generated() { bridgehead::sync_call!(crate::ready(1)); }".parse().unwrap()
}

/// A call in a closure. Both have the location of the macro's call.
#[proc_macro]
pub fn on_a_thread(input: TokenStream) -> TokenStream {
    format!("::std::thread::spawn(|| ::bridgehead::sync_call!({input}))").parse().unwrap()
}
