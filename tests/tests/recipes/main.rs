//! The code of the guide "Recipes", in every context in which it has to work. Each file begins with
//! the code of the page.
#![expect(unsafe_code, reason = "functions for C, and some of C's")]

mod at_exit;
mod callbacks;
mod drops;
mod main_loops;
mod object_stores;
mod panic_hooks;
mod rayon;
mod servers;
mod statics;

use bridgehead_tests::pages;

#[test]
fn the_guide_shows_what_is_tested() {
    let page = include_str!("../../../runtime/docs/guide/recipes.md");
    let sources = [
        include_str!("at_exit.rs"),
        include_str!("callbacks.rs"),
        include_str!("drops.rs"),
        include_str!("drops/at_exit.rs"),
        include_str!("main_loops.rs"),
        include_str!("object_stores.rs"),
        include_str!("panic_hooks.rs"),
        include_str!("rayon.rs"),
        include_str!("statics.rs"),
    ];
    pages::assert_code_is_of(page, "rust", &sources);
    pages::assert_code_is_of(page, "rust,ignore", &sources);
}
