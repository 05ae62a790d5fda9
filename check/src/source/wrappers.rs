//! Finds functions of the workspace that run their closure as `spawn_blocking` does, since they
//! pass it to such a function.

use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

use crate::index::File;
use crate::source::calls;
use crate::symbol::Path;

/// Adds the wrappers in all files. A wrapper may call another wrapper, so the search goes on until
/// it finds no more.
pub(super) fn add(files: &[(&File, &syn::File)], offloads: &mut Vec<Path>) {
    loop {
        let mut found = Vec::new();
        for (file, parsed) in files {
            let mut search = Search { file, offloads, found: Vec::new() };
            search.visit_file(parsed);
            found.append(&mut search.found);
        }
        found.retain(|path| !offloads.contains(path));
        if found.is_empty() {
            return;
        }
        offloads.append(&mut found);
    }
}

struct Search<'a> {
    file: &'a File,
    offloads: &'a [Path],
    found: Vec<Path>,
}

impl Search<'_> {
    fn function(&mut self, signature: &Signature, body: &Block) {
        let symbol = self.file.symbols.get(&calls::start(&signature.ident));
        if let Some(symbol) = symbol
            && calls::hands_on(signature, body, self.file, self.offloads)
        {
            self.found.push(symbol.path.clone());
        }
    }
}

impl<'ast> Visit<'ast> for Search<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}
