//! Which functions are leaves: short ones that call nothing that could call back into the program. Calls of them can neither recurse nor
//! use much native stack, so they are neither counted in depth nor given a look at the stack.
use dotnet::{Type, TypeKind, TypeTable, ids};

use super::Lower;
use crate::binder::tree::{Call, Expr, Kind, Passed, Piece, Property};

/// Most expressions and statements in a leaf; each may take a frame of native stack.
const MOST_NODES: u32 = 64;

/// What is known so far of the function being lowered.
#[derive(Default)]
pub(super) struct Leafness {
    nodes: u32,
    calls_back: bool,
}

impl Leafness {
    pub(super) fn is_leaf(&self) -> bool {
        !self.calls_back && self.nodes <= MOST_NODES
    }

    /// Something that may call back stands in the function.
    pub(super) fn refute(&mut self) {
        self.calls_back = true;
    }

    /// Counts an expression or a statement.
    pub(super) fn count(&mut self) {
        self.nodes = self.nodes.saturating_add(1);
    }
}

impl<'a> Lower<'_, 'a> {
    /// Counts an expression and looks at what it calls itself; its operands are lowered, and so looked at, on their own.
    pub(super) fn note_expression(&mut self, e: &Expr<'a>) {
        self.current.leafness.count();
        self.current.writes |= writes(e);
        if !is_quiet(self.table, e) {
            self.current.leafness.refute();
        }
    }
}

/// Does it write to a variable that it names?
fn writes(e: &Expr<'_>) -> bool {
    let by_place = |args: &[Passed<'_>]| args.iter().any(|a| !matches!(a, Passed::Value(_)));
    match &e.kind {
        Kind::Assign { .. } | Kind::Compound(_) => true,
        Kind::Call(c) => by_place(&c.args),
        Kind::Invoke { args, .. } | Kind::CallLocal { args, .. } => by_place(args),
        _ => false,
    }
}

/// Calls nothing but members that cannot call back. What is not listed counts as a call.
fn is_quiet(table: &TypeTable, e: &Expr<'_>) -> bool {
    match &e.kind {
        Kind::Call(c) => call_is_quiet(table, c),
        Kind::Property(p) => property_is_quiet(table, p),
        Kind::Convert { operand, .. } => holds_no_code(table, &operand.ty) || holds_no_code(table, &e.ty),
        Kind::Text(pieces) => pieces.iter().all(|p| match p {
            Piece::Text(_) => true,
            Piece::Hole { value, .. } => holds_no_code(table, &value.ty),
        }),
        Kind::Local(_)
        | Kind::Global(_)
        | Kind::Const
        | Kind::Default
        | Kind::Element { .. }
        | Kind::CharAt { .. }
        | Kind::Field { .. }
        | Kind::Index { .. }
        | Kind::Range { .. }
        | Kind::Slice { .. }
        | Kind::Negate { .. }
        | Kind::Complement { .. }
        | Kind::Not { .. }
        | Kind::Binary(_)
        | Kind::And(..)
        | Kind::Or(..)
        | Kind::Coalesce { .. }
        | Kind::Conditional { .. }
        | Kind::Let { .. }
        | Kind::Sequence { .. }
        | Kind::NullConditional { .. }
        | Kind::HasValue(_)
        | Kind::NullableValue(_)
        | Kind::Is { .. }
        | Kind::As { .. }
        | Kind::Throw(_)
        | Kind::Tuple(_)
        | Kind::NewAnonymous(_)
        | Kind::NewArray { .. }
        | Kind::ArrayOf { .. }
        | Kind::TypeOf(_) => true,
        Kind::Assign { target, .. } => matches!(target.kind, Kind::Local(_) | Kind::Element { .. }),
        Kind::Compound(c) => matches!(c.target.kind, Kind::Local(_) | Kind::Element { .. }),
        _ => false,
    }
}

fn call_is_quiet(table: &TypeTable, c: &Call<'_>) -> bool {
    c.args.iter().all(|a| match a {
        Passed::Value(e) | Passed::Ref(e) | Passed::Out(Some(e)) => holds_no_code(table, &e.ty),
        Passed::Out(None) => true,
    })
}

fn property_is_quiet(table: &TypeTable, p: &Property<'_>) -> bool {
    let receiver = p.receiver.as_deref();
    receiver.into_iter().chain(&p.args).all(|e| holds_no_code(table, &e.ty))
}

/// Can no value of this static type run code of the program when a member gets it: neither a delegate nor a deferred sequence, nor
/// something that may turn out to be one?
fn holds_no_code(table: &TypeTable, ty: &Type) -> bool {
    match ty {
        Type::Void | Type::Null => true,
        Type::Simple(id) => match table.get(*id).map(|d| d.kind) {
            Some(TypeKind::Struct | TypeKind::Enum { .. } | TypeKind::Static) => true,
            Some(TypeKind::Class) => !matches!(*id, ids::OBJECT | ids::DELEGATE),
            // Those of .NET may be sequences; those of `context` are views of the request.
            Some(TypeKind::Interface) => !id.0.starts_with("System."),
            Some(TypeKind::Delegate) | None => false,
        },
        // Their members compare items, but never walk or call them.
        Type::Generic(id, _) => matches!(
            *id,
            ids::NULLABLE
                | ids::LIST_T
                | ids::DICTIONARY_T
                | ids::IDICTIONARY_T
                | ids::READ_ONLY_DICTIONARY_T
                | ids::KEY_VALUE_PAIR_T
        ),
        Type::Array(_) => true,
        Type::Error | Type::Param(..) | Type::Anonymous(_) | Type::Tuple(_) => false,
    }
}
