//! How keywords and names change the stack.

use crate::source::scopes::frame::{Content, FrameKind, HeaderKind};
use crate::source::scopes::scope::{Scope, ScopeId};
use crate::source::scopes::stack::Scopes;
use crate::source::scopes::state::{Last, Modifiers, State};

impl Scopes {
    pub(super) fn word(&mut self, word: &str) {
        let before = self.state;
        self.state = match before.last {
            Last::Quote => return self.lifetime(),
            _ if before.modifiers.have(Modifiers::FN) => self.name_of_fn(word),
            Last::Dot => State::after(Last::Operand),
            Last::Dollar | Last::Hash => self.interpolated(),
            _ if self.begins_item_by_name(word) => State::after(Last::Operand),
            _ => self.keyword(word),
        };
    }

    /// The name after `fn`.
    fn name_of_fn(&mut self, word: &str) -> State {
        let modifiers = self.state.modifiers;
        let mark = match self.state.last {
            Last::Dollar => "$",
            Last::Hash => "#",
            _ => "",
        };
        let name = format!("{mark}{word}");
        let scope = if modifiers.have(Modifiers::ASYNC) {
            self.table.add(Scope::AsyncFn(name))
        } else if modifiers.have(Modifiers::CONST) {
            self.table.add(Scope::ConstFn(name))
        } else {
            ScopeId::FN
        };
        self.enter(FrameKind::Header(HeaderKind::Fn(scope)));
        State::after(Last::Operand)
    }

    /// `$name` can be anything, such as a visibility or the name of a constant.
    fn interpolated(&mut self) -> State {
        let State { item, modifiers, .. } = self.state;
        if modifiers.have(Modifiers::CONST_ITEM.with(Modifiers::STATIC_ITEM)) {
            self.enter(FrameKind::Header(HeaderKind::Value(self.value_scope())));
        }
        State { last: Last::Operand, item, modifiers: Modifiers::NONE }
    }

    /// Whether this is the name after `const`, `static`, `union` or `macro`.
    fn begins_item_by_name(&mut self, word: &str) -> bool {
        let modifiers = self.state.modifiers;
        let is_value = modifiers.have(Modifiers::CONST_ITEM.with(Modifiers::STATIC_ITEM))
            && !matches!(word, "fn" | "unsafe" | "safe" | "extern" | "async" | "move");
        let item = match () {
            () if is_value => HeaderKind::Value(self.value_scope()),
            () if modifiers.have(Modifiers::UNION) => HeaderKind::Fields,
            () if modifiers.have(Modifiers::MACRO) => HeaderKind::Macro { is_rules: false },
            () => return false,
        };
        self.enter(FrameKind::Header(item));
        true
    }

    /// The scope of the value after `const` or `static`. A macro such as `thread_local!` makes a
    /// function of the value.
    fn value_scope(&self) -> ScopeId {
        let is_argument = matches!(self.top().kind, FrameKind::Group(group) if group.content == Content::Arguments);
        match () {
            () if self.state.modifiers.have(Modifiers::CONST_ITEM) => ScopeId::CONST,
            () if is_argument => ScopeId::FN,
            () => ScopeId::STATIC,
        }
    }

    fn keyword(&mut self, word: &str) -> State {
        let State { item, modifiers, .. } = self.state;
        let is_code = self.is_code();
        let keep = |last| State { last, item, modifiers };
        let add = |new| State { last: Last::Operator, item, modifiers: modifiers.with(new) };
        match word {
            "async" => add(Modifiers::ASYNC),
            "const" if is_code && item => add(Modifiers::CONST.with(Modifiers::CONST_ITEM)),
            "const" => add(Modifiers::CONST),
            "static" if is_code && item => add(Modifiers::STATIC_ITEM),
            "extern" if is_code => add(Modifiers::EXTERN),
            "unsafe" | "move" => keep(Last::Operator),
            "gen" | "use" if modifiers.have(Modifiers::ASYNC) => keep(Last::Operator),
            "fn" => State {
                modifiers: modifiers.without(Modifiers::EXTERN).with(Modifiers::FN),
                ..State::after(Last::Operator)
            },
            "pub" => keep(Last::Pub),
            "union" if is_code && item => {
                State { last: Last::Operand, item, modifiers: Modifiers::UNION }
            }
            "macro" if is_code && item => {
                State { last: Last::Operator, item, modifiers: Modifiers::MACRO }
            }
            "default" | "auto" | "safe" => {
                State { last: Last::Operand, item, modifiers: Modifiers::NONE }
            }
            "macro_rules" => State::after(Last::MacroRules),
            "in" => {
                self.leave_pattern(false);
                State::after(Last::Operator)
            }
            "if" if self.leave_pattern(true) => State::after(Last::Operator),
            _ if is_code => self.keyword_of_code(word),
            _ => State::after(if is_keyword(word) { Last::Operator } else { Last::Operand }),
        }
    }

    fn keyword_of_code(&mut self, word: &str) -> State {
        let mut last = Last::Operator;
        match word {
            "let" => {
                self.enter(FrameKind::Pattern { of_arm: false });
                last = Last::Let;
            }
            "if" | "while" => self.enter(FrameKind::Head { is_match: false }),
            "match" => self.enter(FrameKind::Head { is_match: true }),
            "for" => {
                self.enter(FrameKind::Head { is_match: false });
                self.enter(FrameKind::Pattern { of_arm: false });
                last = Last::For;
            }
            "as" => self.enter(FrameKind::Cast),
            "impl" | "trait" | "mod" if self.state.item => {
                self.enter(FrameKind::Header(HeaderKind::Items));
            }
            "struct" | "enum" if self.state.item => {
                self.enter(FrameKind::Header(HeaderKind::Fields));
            }
            "use" | "type" if self.state.item => self.enter(FrameKind::Header(HeaderKind::Plain)),
            _ if is_keyword(word) => {}
            _ => last = Last::Operand,
        }
        State::after(last)
    }

    /// Ends the current pattern, if it is of that kind. Returns whether it was.
    pub(super) fn leave_pattern(&mut self, arm: bool) -> bool {
        let is_there = matches!(self.top().kind, FrameKind::Pattern { of_arm } if of_arm == arm);
        if is_there {
            self.leave();
        }
        is_there
    }
}

/// Whether it is a word that no expression ends with.
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "as" | "async"
            | "become"
            | "break"
            | "const"
            | "do"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "fn"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "pub"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "try"
            | "type"
            | "unsafe"
            | "use"
            | "where"
            | "while"
            | "yield"
    )
}

/// Whether a statement that begins with this word ends with its braces.
pub(super) fn is_blocklike(word: &str) -> bool {
    matches!(word, "if" | "match" | "loop" | "while" | "for" | "unsafe" | "const" | "try")
}
