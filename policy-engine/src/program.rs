//! What compilation makes and the executor runs: documents of blocks of statements.
//!
//! [`Cx`] and [`StepResult`] appear here only in the signatures of steps; this module runs nothing.
use std::sync::Arc;

use dotnet::{Ambient, Exception, Type, TypeId, Value};

use crate::run::{Cx, Eventually, PolicyError, StepResult};

/// Type of `context`.
pub(crate) const CONTEXT_TYPE: TypeId = TypeId("Gatewright.Context.IProxyRequestContext");
/// Type of `context.Request`.
pub(crate) const REQUEST_TYPE: TypeId = TypeId("Gatewright.Context.IRequest");
/// Type of `context.Response` and of responses in variables.
pub const RESPONSE_TYPE: TypeId = TypeId("Gatewright.Context.IResponse");

/// Where a document applies, from broad to narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All APIs.
    Global,
    /// A workspace.
    Workspace,
    /// A product.
    Product,
    /// An API.
    Api,
    /// An operation.
    Operation,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Scope; 5] = [Scope::Global, Scope::Workspace, Scope::Product, Scope::Api, Scope::Operation];

    /// As `context.LastError.Scope` names it.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Global => "global",
            Scope::Workspace => "workspace",
            Scope::Product => "product",
            Scope::Api => "api",
            Scope::Operation => "operation",
        }
    }
}

/// A section of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// On the request.
    Inbound,
    /// Around forwarding.
    Backend,
    /// On the response.
    Outbound,
    /// After a fault.
    OnError,
}

impl Section {
    /// All sections in order.
    pub const ALL: [Section; 4] = [Section::Inbound, Section::Backend, Section::Outbound, Section::OnError];

    /// Element name.
    pub fn as_str(self) -> &'static str {
        match self {
            Section::Inbound => "inbound",
            Section::Backend => "backend",
            Section::Outbound => "outbound",
            Section::OnError => "on-error",
        }
    }

    /// Section by element name.
    pub fn named(name: &str) -> Option<Section> {
        Section::ALL.into_iter().find(|s| s.as_str() == name)
    }
}

/// One value for each section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerSection<T> {
    inbound: T,
    backend: T,
    outbound: T,
    on_error: T,
}

impl<T> PerSection<T> {
    /// Value of a section.
    pub fn get(&self, section: Section) -> &T {
        match section {
            Section::Inbound => &self.inbound,
            Section::Backend => &self.backend,
            Section::Outbound => &self.outbound,
            Section::OnError => &self.on_error,
        }
    }

    /// Value of a section, to change.
    pub fn get_mut(&mut self, section: Section) -> &mut T {
        match section {
            Section::Inbound => &mut self.inbound,
            Section::Backend => &mut self.backend,
            Section::Outbound => &mut self.outbound,
            Section::OnError => &mut self.on_error,
        }
    }
}

/// What must be held in memory because something in the program reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The request body, from before inbound on.
    pub request_body: bool,
    /// The response body, from before outbound on.
    pub response_body: bool,
    /// Has the program a step that forwards?
    pub forwards: bool,
}

impl Needs {
    /// Both together.
    #[must_use]
    pub fn union(self, other: Needs) -> Needs {
        Needs {
            request_body: self.request_body || other.request_body,
            response_body: self.response_body || other.response_body,
            forwards: self.forwards || other.forwards,
        }
    }
}

/// A compiled document; shared by all chains it takes part in.
#[derive(Debug)]
pub struct Document {
    /// Scope it was compiled for.
    pub scope: Scope,
    /// Where the text came from.
    pub path: Arc<str>,
    /// Section bodies; a missing section is the same as one that holds only `base`.
    pub sections: PerSection<Option<Block>>,
    /// Needs of each section.
    pub needs: PerSection<Needs>,
    /// Does the section hold `base`, at any depth?
    pub has_base: PerSection<bool>,
    /// How many expressions it holds.
    pub expressions: usize,
}

/// Statements in order.
#[derive(Debug, Default)]
pub struct Block {
    /// The statements.
    pub statements: Box<[Statement]>,
}

/// One policy in its place.
pub struct Statement {
    /// What it does.
    pub op: Op,
    /// Where it stands.
    pub origin: Origin,
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.origin.path)
    }
}

/// Where a statement stands, for `context.LastError` and traces.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Element name.
    pub element: &'static str,
    /// Path within the section: `choose[3]/when[2]/set-header[1]`.
    pub path: Arc<str>,
    /// `id` attribute.
    pub id: Option<Arc<str>>,
}

/// What a statement does.
pub enum Op {
    /// Runs at once.
    Sync(Box<dyn Step>),
    /// May wait.
    Async(Box<dyn AsyncStep>),
    /// Picks a block to go on with; costs no future.
    Branch(Box<dyn Branch>),
    /// The same section of the next broader document.
    Base,
}

impl Op {
    /// A step that runs at once.
    pub fn step(step: impl Step + 'static) -> Op {
        Op::Sync(Box::new(step))
    }

    /// A step that may wait.
    pub fn async_step(step: impl AsyncStep + 'static) -> Op {
        Op::Async(Box::new(step))
    }

    /// A step that picks a block.
    pub fn branch(branch: impl Branch + 'static) -> Op {
        Op::Branch(Box::new(branch))
    }
}

/// A compiled policy that runs at once.
pub trait Step: Send + Sync {
    /// Runs it.
    fn run(&self, cx: &mut Cx<'_>) -> StepResult;
}

/// A compiled policy that may wait. It answers [`Eventually::Ready`] where nothing has to be waited for.
pub trait AsyncStep: Send + Sync {
    /// Starts it.
    fn run<'r>(&'r self, cx: &'r mut Cx<'_>) -> Eventually<'r, StepResult>;
}

/// A compiled policy that picks what goes on.
pub trait Branch: Send + Sync {
    /// The block to run, if any. A fault may name a place below the statement's own (`when[2]`).
    fn pick<'b>(&'b self, cx: &mut Cx<'_>) -> Result<Option<&'b Block>, PolicyError>;
}

/// A compiled expression, without the compiler behind it.
pub trait Evaluate: Send + Sync {
    /// Evaluates it.
    fn evaluate(&self, cx: &mut dyn Ambient) -> Result<Value, Exception>;
    /// Static type of the result.
    fn result_type(&self) -> &Type;
    /// What it looks at.
    fn reads(&self) -> Reads {
        Reads::default()
    }
    /// Its value, when that is the same in every evaluation.
    fn constant(&self) -> Option<&Value> {
        None
    }
}

/// What an expression looks at, as far as others must know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// `context.Request.Body`
    pub request_body: bool,
    /// `context.Response.Body`
    pub response_body: bool,
    /// `context.Response` or anything of it
    pub response: bool,
}

/// A value of a policy: constant and already converted, or an expression.
#[derive(Clone)]
pub(crate) enum Attr<T> {
    /// Known at compile time.
    Const(T),
    /// Evaluated and converted for each request.
    Expr(Arc<dyn Evaluate>),
}

impl<T> Attr<T> {
    /// The constant, if it is one.
    pub(crate) fn constant(&self) -> Option<&T> {
        match self {
            Attr::Const(value) => Some(value),
            Attr::Expr(_) => None,
        }
    }

    /// What its expression looks at; nothing for a constant.
    pub(crate) fn reads(&self) -> Reads {
        match self {
            Attr::Const(_) => Reads::default(),
            Attr::Expr(program) => program.reads(),
        }
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Attr<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Attr::Const(value) => value.fmt(f),
            Attr::Expr(_) => f.write_str("@(...)"),
        }
    }
}

/// Something a policy value can be: read from literal text at compile time, from an expression's value at run time.
pub(crate) trait AttrValue: Clone + Send + Sync + Sized + 'static {
    /// What may stand there, for messages: `a whole number`.
    fn expects() -> String;
    /// From literal text.
    fn from_text(text: &str) -> Option<Self>;
    /// From an expression's value; the default goes through its text.
    fn from_value(value: &Value, cx: &mut dyn Ambient) -> Result<Option<Self>, Exception> {
        Ok(Self::from_text(&crate::run::text_of(value, cx)?))
    }
    /// Can an expression of this static type give it? `object` always may.
    fn accepts(ty: &Type) -> bool {
        let _ = ty;
        true
    }
}
