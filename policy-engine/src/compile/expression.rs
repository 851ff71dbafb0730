//! The only file that knows the C# compiler: wraps its programs, maps its findings back, keeps what was compiled before.
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::session::Session;
use super::spec::Refused;
use crate::diagnostics::codes;
use crate::program::Evaluate;
use crate::source::Mapped;

/// Most expressions kept.
const MAX_KEPT: usize = 100_000;

/// Expressions compiled before, by their text: the same text stands in many documents, and fragments are compiled wherever
/// they are included. Only programs without findings are kept.
#[derive(Default)]
pub struct ExpressionCache {
    programs: Mutex<HashMap<Arc<str>, Arc<dyn Evaluate>>>,
}

impl std::fmt::Debug for ExpressionCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} expressions", self.programs.lock().len())
    }
}

impl ExpressionCache {
    fn find(&self, text: &str) -> Option<Arc<dyn Evaluate>> {
        self.programs.lock().get(text).cloned()
    }

    #[allow(dead_code, reason = "used as soon as the compiler's face is published")]
    fn keep(&self, text: &str, program: &Arc<dyn Evaluate>) {
        let mut programs = self.programs.lock();
        if programs.len() >= MAX_KEPT {
            programs.clear();
        }
        programs.insert(text.into(), Arc::clone(program));
    }
}

/// Compiles the expression `@(...)` or `@{...}`.
pub(super) fn compile(session: &mut Session<'_>, text: &Mapped) -> Result<Arc<dyn Evaluate>, Refused> {
    if let Some(program) = session.env.expressions.find(text.as_str()) {
        return Ok(program);
    }
    session.error(codes::EXPRESSION, text.whole(), "expressions cannot be compiled yet");
    Err(Refused)
}
