//! The stack of what is open around the next token.

use crate::source::scopes::frame::{After, Content, Frame, FrameKind, GroupFrame};
use crate::source::scopes::scope::{Scope, ScopeId, ScopeTable};
use crate::source::scopes::state::State;
use crate::source::steps::count;

/// Takes tokens, and knows the scope of what follows them.
#[derive(Debug)]
pub(crate) struct Scopes {
    /// The first one is the file, and is never left.
    pub(super) frames: Vec<Frame>,
    /// The number of open groups of each delimiter. A delimiter that closes none is recognized
    /// without a search.
    pub(super) open: [usize; 3],
    pub(super) state: State,
    /// The state before a `#` or `$`.
    pub(super) before_mark: State,
    pub(super) table: ScopeTable,
}

impl Scopes {
    pub(crate) fn new() -> Self {
        let file = GroupFrame {
            delimiter: None,
            content: Content::Code,
            is_array: false,
            is_blocklike: false,
            after: After::Start,
        };
        Self {
            frames: vec![Frame { kind: FrameKind::Group(file), scope: ScopeId::ITEMS }],
            open: [0; 3],
            state: State::START,
            before_mark: State::START,
            table: ScopeTable::new(),
        }
    }

    /// The scope of what comes next.
    pub(crate) fn current(&self) -> &Scope {
        self.table.get(self.current_id())
    }

    pub(crate) fn current_id(&self) -> ScopeId {
        self.top().scope
    }

    pub(crate) fn into_table(self) -> ScopeTable {
        self.table
    }

    pub(super) fn top(&self) -> Frame {
        self.frames[self.frames.len() - 1]
    }

    pub(super) fn top_mut(&mut self) -> &mut Frame {
        let top = self.frames.len() - 1;
        &mut self.frames[top]
    }

    pub(super) fn enter(&mut self, kind: FrameKind) {
        let scope = self.current_id();
        self.enter_scope(kind, scope);
    }

    pub(super) fn enter_scope(&mut self, kind: FrameKind, scope: ScopeId) {
        count(1);
        self.frames.push(Frame { kind, scope });
    }

    /// Leaves a frame that isn't a group; `close` leaves groups.
    pub(super) fn leave(&mut self) {
        count(1);
        self.frames.pop();
    }

    /// Whether expressions, statements or items are expected here, and not types, patterns or an
    /// attribute.
    pub(super) fn is_code(&self) -> bool {
        match self.top().kind {
            FrameKind::Group(group) => {
                matches!(group.content, Content::Code | Content::Arguments | Content::Arms)
            }
            FrameKind::Closure { returns } => !returns,
            FrameKind::Head { .. } | FrameKind::Value => true,
            FrameKind::Angles(_)
            | FrameKind::Params { .. }
            | FrameKind::Pattern { .. }
            | FrameKind::Cast
            | FrameKind::Header(_) => false,
        }
    }

    pub(super) fn is_soup(&self) -> bool {
        matches!(self.top().kind, FrameKind::Group(group) if group.content == Content::Soup)
    }
}
