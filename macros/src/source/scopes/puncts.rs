//! How operators and separators change the stack.

use crate::source::scopes::frame::{Angles, Content, FrameKind, HeaderKind};
use crate::source::scopes::scope::ScopeId;
use crate::source::scopes::stack::Scopes;
use crate::source::scopes::state::{Last, Modifiers, State};

impl Scopes {
    pub(super) fn punct(&mut self, char: char, joint: bool) {
        let before = self.state;
        self.state = match char {
            '#' | '$' => {
                self.before_mark = before;
                State { last: if char == '#' { Last::Hash } else { Last::Dollar }, ..before }
            }
            '\'' => State { last: Last::Quote, ..before },
            '*' | '+' | '?' if before.last == Last::Repeated => {
                State { last: Last::Operand, ..before }
            }
            '!' => State::after(self.bang()),
            '|' => State::after(self.bar(joint)),
            '<' => State::after(self.less(joint)),
            '>' => self.greater(),
            '=' => State::after(self.equals(joint)),
            ',' => self.comma(),
            ';' => self.semicolon(),
            ':' if before.last == Last::Label => State::START,
            ':' if before.last == Last::Colon => State::after(Last::PathSep),
            ':' if joint => State::after(Last::Colon),
            '.' if matches!(before.last, Last::Dot | Last::DotDot | Last::DotDotMark) => {
                State::after(if joint { Last::DotDotMark } else { Last::DotDot })
            }
            '.' => State::after(Last::Dot),
            '-' if before.last == Last::ParamsEnd => State::after(Last::ParamsMinus),
            '-' if joint => State::after(Last::Minus),
            '?' => State::after(Last::Operand),
            _ => State::after(Last::Operator),
        };
    }

    fn bang(&mut self) -> Last {
        match self.state.last {
            Last::Hash => Last::HashBang,
            Last::MacroRules => {
                self.enter(FrameKind::Header(HeaderKind::Macro { is_rules: true }));
                Last::Operator
            }
            last if last.is_operand() => Last::Bang,
            _ => Last::Operator,
        }
    }

    fn bar(&mut self, joint: bool) -> Last {
        let State { last, modifiers, .. } = self.state;
        if let FrameKind::Params { is_async } = self.top().kind {
            self.leave();
            let scope = if is_async { ScopeId::ASYNC_CLOSURE } else { ScopeId::CLOSURE };
            self.enter_scope(FrameKind::Closure { returns: false }, scope);
            return Last::ParamsEnd;
        }
        match last {
            _ if !self.is_code() => Last::Operator,
            last if last.is_operand() => {
                if joint {
                    Last::Bar
                } else {
                    Last::Operator
                }
            }
            Last::Bar => Last::Operator,
            _ => {
                self.enter(FrameKind::Params { is_async: modifiers.have(Modifiers::ASYNC) });
                Last::Operator
            }
        }
    }

    fn less(&mut self, joint: bool) -> Last {
        let last = self.state.last;
        if last == Last::For && self.leave_pattern(false) {
            // `for<'a> |…| …`
            self.leave();
            self.enter(FrameKind::Angles(Angles::Binder));
        } else if self.is_soup() {
        } else if !self.is_code() || last == Last::PathSep {
            self.enter_scope(FrameKind::Angles(Angles::Generics), ScopeId::CONST);
        } else if last.is_operand() {
            return if joint { Last::Less } else { Last::Operator };
        } else if last == Last::Less {
            return Last::Operator;
        } else {
            self.enter(FrameKind::Angles(Angles::Qualified));
        }
        if joint { Last::Angle } else { Last::Operator }
    }

    fn greater(&mut self) -> State {
        match self.state.last {
            Last::Equals => return self.fat_arrow(),
            Last::ParamsMinus => {
                if let FrameKind::Closure { returns } = &mut self.top_mut().kind {
                    *returns = true;
                }
            }
            Last::Minus if self.is_code() => self.enter(FrameKind::Cast),
            Last::Minus => {}
            _ => {
                if let FrameKind::Angles(angles) = self.top().kind {
                    self.leave();
                    let is_binder = angles == Angles::Binder;
                    return State::after(if is_binder { Last::Operator } else { Last::Operand });
                }
            }
        }
        State::after(Last::Operator)
    }

    fn fat_arrow(&mut self) -> State {
        while matches!(
            self.top().kind,
            FrameKind::Cast
                | FrameKind::Closure { .. }
                | FrameKind::Head { .. }
                | FrameKind::Params { .. }
                | FrameKind::Pattern { .. }
                | FrameKind::Value
                | FrameKind::Header(HeaderKind::Value(_))
        ) {
            self.leave();
        }
        State::START
    }

    fn equals(&mut self, joint: bool) -> Last {
        match self.state.last {
            // `..=`
            Last::DotDotMark => return Last::Operator,
            // `a as u8 <= b`
            Last::Angle if matches!(self.top().kind, FrameKind::Angles(_)) => {
                self.leave();
                if matches!(self.top().kind, FrameKind::Cast) {
                    self.leave();
                }
                return Last::Operator;
            }
            _ => {}
        }
        match self.top().kind {
            FrameKind::Header(HeaderKind::Value(scope)) => {
                self.leave();
                self.enter_scope(FrameKind::Value, scope);
            }
            // An attribute of a tag in `html!` or a similar macro.
            FrameKind::Angles(Angles::Qualified) => self.leave(),
            FrameKind::Group(group) if group.content == Content::Fields => {
                self.enter_scope(FrameKind::Value, ScopeId::CONST);
            }
            _ => {
                self.leave_pattern(false);
            }
        }
        if joint { Last::Equals } else { Last::Operator }
    }

    fn comma(&mut self) -> State {
        while matches!(
            self.top().kind,
            FrameKind::Cast
                | FrameKind::Closure { .. }
                | FrameKind::Head { .. }
                | FrameKind::Pattern { .. }
                | FrameKind::Value
                | FrameKind::Header(HeaderKind::Value(_))
        ) {
            self.leave();
        }
        if let FrameKind::Group(group) = &mut self.top_mut().kind {
            group.is_blocklike = false;
            if group.content == Content::Arms {
                self.enter(FrameKind::Pattern { of_arm: true });
            }
        }
        State { last: Last::Operator, item: true, modifiers: Modifiers::NONE }
    }

    fn semicolon(&mut self) -> State {
        while !matches!(self.top().kind, FrameKind::Group(_)) {
            self.leave();
        }
        let frame = self.top_mut();
        if let FrameKind::Group(group) = &mut frame.kind
            && group.is_array
        {
            group.content = Content::Code;
            frame.scope = ScopeId::CONST;
        }
        State::START
    }
}
