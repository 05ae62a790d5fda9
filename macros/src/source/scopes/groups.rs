//! How delimiters change the stack.

use crate::source::scopes::frame::{
    After, Angles, Content, Frame, FrameKind, GroupFrame, HeaderKind,
};
use crate::source::scopes::scope::ScopeId;
use crate::source::scopes::stack::Scopes;
use crate::source::scopes::state::{Last, Modifiers, State};
use crate::source::steps::count;
use crate::source::token::Delimiter;

impl Scopes {
    pub(super) fn open(&mut self, delimiter: Delimiter) {
        let Frame { kind, scope } = self.top();
        let before = self.state;
        let mut after = After::Operand;
        let mut is_array = delimiter == Delimiter::Bracket;
        let mut content = if self.is_code() { Content::Code } else { Content::Types };
        match before.last {
            _ if self.is_soup() => content = Content::Soup,
            Last::Hash | Last::HashBang if is_array => {
                content = Content::Soup;
                after = After::Same(self.before_mark);
            }
            Last::Hash | Last::Dollar => return self.open_repetition(delimiter),
            Last::Pub if delimiter == Delimiter::Parenthesis => after = After::Same(before),
            _ if defines_macro(kind, delimiter) => {
                self.leave();
                let scope = ScopeId::MACRO_RULES;
                return self.enter_group(delimiter, Content::Code, false, After::Start, scope);
            }
            Last::Bang => {
                content = Content::Arguments;
                is_array = false;
            }
            _ if delimiter == Delimiter::Brace => return self.open_brace(),
            _ => {}
        }
        self.enter_group(delimiter, content, is_array, after, scope);
    }

    /// Opens `$(…)*`, whose content is what could be in its place.
    fn open_repetition(&mut self, delimiter: Delimiter) {
        let Frame { kind, scope } = self.top();
        let before = self.before_mark;
        let content = match kind {
            FrameKind::Pattern { of_arm: true } if before.item => Content::Arms,
            FrameKind::Group(group) if group.content != Content::Arms => group.content,
            _ if self.is_code() => Content::Code,
            _ => Content::Types,
        };
        self.enter_group(delimiter, content, false, After::Repeated(before), scope);
        self.state = before;
        if content == Content::Arms {
            self.enter(FrameKind::Pattern { of_arm: true });
        }
    }

    fn open_brace(&mut self) {
        let State { last, modifiers, .. } = self.state;
        let Frame { kind, scope } = self.top();
        let (content, after, scope) = match kind {
            FrameKind::Header(HeaderKind::Fn(body)) => {
                self.leave();
                (Content::Code, After::Start, body)
            }
            FrameKind::Header(HeaderKind::Items) => {
                self.leave();
                (Content::Code, After::Start, self.items())
            }
            FrameKind::Header(HeaderKind::Fields) => {
                self.leave();
                (Content::Fields, After::Start, self.items())
            }
            FrameKind::Header(HeaderKind::Value(_)) => {
                self.leave();
                return self.open_brace();
            }
            FrameKind::Angles(angles) if angles != Angles::Generics || last.is_operand() => {
                self.leave();
                return self.open_brace();
            }
            FrameKind::Angles(_) => (Content::Code, After::Operand, scope),
            FrameKind::Group(group) if group.content == Content::Fields => {
                (Content::Fields, After::Operand, scope)
            }
            FrameKind::Closure { returns: true } => (Content::Code, After::Closure, scope),
            _ if !self.is_code() && modifiers.have(Modifiers::CONST) => {
                (Content::Code, After::Operand, ScopeId::CONST)
            }
            _ if !self.is_code() => (Content::Types, After::Operand, scope),
            FrameKind::Head { is_match } if last.is_operand() => {
                self.leave();
                (if is_match { Content::Arms } else { Content::Code }, After::Block, scope)
            }
            _ if modifiers.have(Modifiers::ASYNC) => {
                (Content::Code, After::Operand, ScopeId::ASYNC_BLOCK)
            }
            _ if modifiers.have(Modifiers::CONST) => (Content::Code, After::Block, ScopeId::CONST),
            _ if modifiers.have(Modifiers::EXTERN) => (Content::Code, After::Start, self.items()),
            _ => (Content::Code, After::Block, scope),
        };
        self.enter_group(Delimiter::Brace, content, false, after, scope);
        if content == Content::Arms {
            self.enter(FrameKind::Pattern { of_arm: true });
        }
    }

    fn items(&self) -> ScopeId {
        if self.top().scope == ScopeId::MACRO_RULES { ScopeId::MACRO_RULES } else { ScopeId::ITEMS }
    }

    fn enter_group(
        &mut self,
        delimiter: Delimiter,
        content: Content,
        is_array: bool,
        after: After,
        scope: ScopeId,
    ) {
        let group = GroupFrame {
            delimiter: Some(delimiter),
            content,
            is_array,
            is_blocklike: false,
            after,
        };
        self.open[delimiter as usize] += 1;
        self.enter_scope(FrameKind::Group(group), scope);
        self.state = State::START;
    }

    /// Ignores a delimiter that closes nothing. Groups that are still open within the closed one
    /// are closed too.
    pub(super) fn close(&mut self, delimiter: Delimiter) {
        if self.open[delimiter as usize] == 0 {
            return;
        }
        while let Some(Frame { kind, .. }) = self.frames.pop() {
            count(1);
            let FrameKind::Group(GroupFrame { delimiter: Some(closed), after, .. }) = kind else {
                continue;
            };
            self.open[closed as usize] -= 1;
            if closed == delimiter {
                self.state = self.after_group(delimiter, after);
                break;
            }
        }
    }

    fn after_group(&mut self, delimiter: Delimiter, after: After) -> State {
        // An item can begin after braces, which may be those of a macro call in the place of an
        // item.
        let operand = State { item: delimiter == Delimiter::Brace, ..State::after(Last::Operand) };
        match after {
            After::Operand => operand,
            After::Same(state) => state,
            After::Start => State::START,
            After::Block => match self.top().kind {
                FrameKind::Group(group) if group.is_blocklike => {
                    State { last: Last::BlockEnd, ..operand }
                }
                _ => operand,
            },
            After::Closure => {
                self.leave();
                operand
            }
            After::Repeated(before) => State { last: Last::Repeated, ..before },
        }
    }
}

/// Whether the delimiter opens the rules of a macro, and not the arguments of
/// `macro name($a: expr) { … }`.
fn defines_macro(kind: FrameKind, delimiter: Delimiter) -> bool {
    matches!(kind, FrameKind::Header(HeaderKind::Macro { is_rules }) if is_rules || delimiter == Delimiter::Brace)
}
