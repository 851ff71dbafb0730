//! Expressions.
use super::Printer;
use super::types::array_parts;
use crate::ast::{
    Argument, ArrayCreation, CollectionAdd, CollectionElement, Expr, ExprKind, FromClause, Initializer,
    InitializerKind, JoinClause, Lambda, LambdaBody, MemberTarget, MemberValue, ObjectCreation, ObjectMember, Passing,
    Query, QueryBody, QueryClause, QueryEnd, SwitchExpr, TypeSyntax,
};

impl Printer {
    pub(super) fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Error | ExprKind::ConditionalReceiver => {}
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Interpolated(parts) => self.interpolated(parts),
            ExprKind::Name(name) => self.simple_name(name),
            ExprKind::AliasName { alias, name } => {
                self.ident(alias);
                self.put("::");
                self.simple_name(name);
            }
            ExprKind::Predefined(ty) => self.put(ty.keyword()),
            ExprKind::Paren(inner) => self.call_like("", inner),
            ExprKind::Tuple(elements) => {
                self.put("(");
                self.list(elements, |p, element| {
                    if let Some(name) = &element.name {
                        p.ident(name);
                        p.put(": ");
                    }
                    p.expr(&element.value);
                });
                self.put(")");
            }
            ExprKind::Declaration { ty, designation } => {
                self.ty(ty);
                self.put(" ");
                self.designation(designation);
            }
            ExprKind::Member { target, name } => {
                self.expr(target);
                self.put(".");
                self.simple_name(name);
            }
            ExprKind::ConditionalAccess { target, access } => {
                self.expr(target);
                self.put("?");
                self.expr(access);
            }
            ExprKind::Call { target, args } => {
                self.expr(target);
                self.arguments("(", args, ")");
            }
            ExprKind::Index { target, args } => {
                self.expr(target);
                self.arguments("[", args, "]");
            }
            ExprKind::Unary { op, operand } => {
                self.put(op.text());
                if matches!(operand.kind, ExprKind::Unary { .. }) {
                    self.put(" ");
                }
                self.expr(operand);
            }
            ExprKind::Postfix { op, operand } => {
                self.expr(operand);
                self.put(op.text());
            }
            ExprKind::Binary { op, left, right, .. } => self.infix(left, op.text(), right),
            ExprKind::Assign { op, target, value, .. } => {
                let operator = format!("{}=", op.map_or("", |op| op.text()));
                self.infix(target, &operator, value);
            }
            ExprKind::Conditional { condition, then, otherwise } => {
                self.infix(condition, "?", then);
                self.put(" : ");
                self.expr(otherwise);
            }
            ExprKind::Range { start, end } => {
                start.iter().for_each(|start| self.expr(start));
                self.put("..");
                end.iter().for_each(|end| self.expr(end));
            }
            ExprKind::Is { operand, pattern } => {
                self.expr(operand);
                self.put(" is ");
                self.pattern(pattern);
            }
            ExprKind::As { operand, ty } => {
                self.expr(operand);
                self.put(" as ");
                self.ty(ty);
            }
            ExprKind::Cast { ty, operand } => {
                self.type_call("", ty);
                self.expr(operand);
            }
            ExprKind::Lambda(lambda) => self.lambda(lambda),
            ExprKind::Query(query) => self.query(query),
            ExprKind::New(creation) => self.object_creation(creation),
            ExprKind::NewArray(creation) => self.array_creation(creation),
            ExprKind::NewAnonymous(members) => {
                self.put("new { ");
                self.list(members, |p, member| {
                    if let (Some(name), false) = (&member.name, member.inferred) {
                        p.ident(name);
                        p.put(" = ");
                    }
                    p.expr(&member.value);
                });
                self.put(" }");
            }
            ExprKind::ArrayInitializer(elements) => self.braced(elements),
            ExprKind::Collection(elements) => {
                self.put("[");
                self.list(elements, |p, element| match element {
                    CollectionElement::Expr(expr) => p.expr(expr),
                    CollectionElement::Spread(expr) => {
                        p.put("..");
                        p.expr(expr);
                    }
                });
                self.put("]");
            }
            ExprKind::Default(None) => self.put("default"),
            ExprKind::Default(Some(ty)) => self.type_call("default", ty),
            ExprKind::TypeOf(ty) => self.type_call("typeof", ty),
            ExprKind::SizeOf(ty) => self.type_call("sizeof", ty),
            ExprKind::NameOf(inner) => self.call_like("nameof", inner),
            ExprKind::Checked { checked, operand } => {
                self.call_like(if *checked { "checked" } else { "unchecked" }, operand)
            }
            ExprKind::Switch(switch) => self.switch(switch),
            ExprKind::With { operand, members } => {
                self.expr(operand);
                self.put(" with ");
                self.members(members);
            }
            ExprKind::Throw(value) => self.prefixed("throw ", value),
            ExprKind::Ref(value) => self.prefixed("ref ", value),
            ExprKind::Await(value) => self.prefixed("await ", value),
        }
    }

    fn prefixed(&mut self, word: &str, value: &Expr) {
        self.put(word);
        self.expr(value);
    }

    fn infix(&mut self, left: &Expr, operator: &str, right: &Expr) {
        self.expr(left);
        self.put(" ");
        self.put(operator);
        self.put(" ");
        self.expr(right);
    }

    fn call_like(&mut self, name: &str, inner: &Expr) {
        self.put(name);
        self.put("(");
        self.expr(inner);
        self.put(")");
    }

    fn type_call(&mut self, name: &str, ty: &TypeSyntax) {
        self.put(name);
        self.put("(");
        self.ty(ty);
        self.put(")");
    }

    pub(super) fn arguments(&mut self, open: &str, args: &[Argument], close: &str) {
        self.put(open);
        self.list(args, |p, arg| {
            if let Some(name) = &arg.name {
                p.ident(name);
                p.put(": ");
            }
            p.put(match arg.passing {
                Passing::Value => "",
                Passing::Ref => "ref ",
                Passing::Out => "out ",
                Passing::In => "in ",
            });
            p.expr(&arg.value);
        });
        self.put(close);
    }

    fn braced(&mut self, elements: &[Expr]) {
        self.put("{ ");
        self.list(elements, Self::expr);
        self.put(" }");
    }

    fn lambda(&mut self, lambda: &Lambda) {
        self.put(if lambda.is_static { "static " } else { "" });
        self.put(if lambda.is_anonymous_method { "delegate " } else { "" });
        if let Some(ty) = &lambda.return_type {
            self.ty(ty);
            self.put(" ");
        }
        if let Some(parameters) = &lambda.parameters {
            self.parameters(parameters);
        }
        self.put(if lambda.is_anonymous_method { " " } else { " => " });
        match &lambda.body {
            LambdaBody::Expr(body) => self.expr(body),
            LambdaBody::Block(body) => self.braces(body),
        }
    }

    fn switch(&mut self, switch: &SwitchExpr) {
        self.expr(&switch.value);
        self.put(" switch { ");
        self.list(&switch.arms, |p, arm| {
            p.pattern(&arm.pattern);
            if let Some(guard) = &arm.guard {
                p.put(" when ");
                p.expr(guard);
            }
            p.put(" => ");
            p.expr(&arm.value);
        });
        self.put(" }");
    }

    // === creation ===

    fn object_creation(&mut self, creation: &ObjectCreation) {
        self.put("new");
        if let Some(ty) = &creation.ty {
            self.put(" ");
            self.ty(ty);
        }
        if let Some(args) = &creation.args {
            self.arguments("(", args, ")");
        }
        if let Some(initializer) = &creation.initializer {
            self.put(" ");
            self.initializer(initializer);
        }
    }

    fn initializer(&mut self, initializer: &Initializer) {
        match &initializer.kind {
            InitializerKind::Object(members) => self.members(members),
            InitializerKind::Collection(adds) => {
                self.put("{ ");
                self.list(adds, Self::add);
                self.put(" }");
            }
        }
    }

    fn add(&mut self, add: &CollectionAdd) {
        match add.args.as_slice() {
            // `{ { a } }` and `{ a }` both add one value.
            [single] if add.span.start == single.span.start => self.expr(single),
            args => self.braced(args),
        }
    }

    fn members(&mut self, members: &[ObjectMember]) {
        self.put("{ ");
        self.list(members, |p, member| {
            match &member.target {
                MemberTarget::Name(name) => p.ident(name),
                MemberTarget::Index(args) => p.arguments("[", args, "]"),
            }
            p.put(" = ");
            match &member.value {
                MemberValue::Expr(value) => p.expr(value),
                MemberValue::Nested(nested) => p.initializer(nested),
            }
        });
        self.put(" }");
    }

    fn array_creation(&mut self, creation: &ArrayCreation) {
        let (element, inner) = creation.element.as_ref().map(array_parts).unzip();
        self.put("new");
        if let Some(element) = element {
            self.put(" ");
            self.ty(element);
        }
        if creation.sizes.is_empty() {
            self.ranks(&[creation.rank]);
        } else {
            self.put("[");
            self.list(&creation.sizes, Self::expr);
            self.put("]");
        }
        self.ranks(&inner.unwrap_or_default());
        if let Some(initializer) = &creation.initializer {
            self.put(" ");
            self.expr(initializer);
        }
    }

    // === queries ===

    fn query(&mut self, query: &Query) {
        self.first_clause(&query.from);
        self.query_body(&query.body);
    }

    fn range_variable(&mut self, ty: Option<&TypeSyntax>, name: &crate::ast::Ident, source: &Expr) {
        if let Some(ty) = ty {
            self.ty(ty);
            self.put(" ");
        }
        self.ident(name);
        self.put(" in ");
        self.expr(source);
    }

    fn first_clause(&mut self, from: &FromClause) {
        self.put("from ");
        self.range_variable(from.ty.as_ref(), &from.name, &from.source);
    }

    fn query_body(&mut self, body: &QueryBody) {
        for clause in &body.clauses {
            self.put(" ");
            self.query_clause(clause);
        }
        match &body.end {
            QueryEnd::Select { value, .. } => self.prefixed(" select ", value),
            QueryEnd::Group { element, key, .. } => {
                self.prefixed(" group ", element);
                self.prefixed(" by ", key);
            }
        }
        if let Some(continuation) = &body.continuation {
            self.put(" into ");
            self.ident(&continuation.name);
            self.query_body(&continuation.body);
        }
    }

    fn query_clause(&mut self, clause: &QueryClause) {
        match clause {
            QueryClause::From(from) => self.first_clause(from),
            QueryClause::Let { name, value, .. } => {
                self.put("let ");
                self.ident(name);
                self.prefixed(" = ", value);
            }
            QueryClause::Where { condition, .. } => self.prefixed("where ", condition),
            QueryClause::Join(join) => self.join(join),
            QueryClause::OrderBy { orderings, .. } => {
                self.put("orderby ");
                self.list(orderings, |p, ordering| {
                    p.expr(&ordering.key);
                    p.put(if ordering.descending { " descending" } else { "" });
                });
            }
        }
    }

    fn join(&mut self, join: &JoinClause) {
        self.put("join ");
        self.range_variable(join.ty.as_ref(), &join.name, &join.source);
        self.prefixed(" on ", &join.left);
        self.prefixed(" equals ", &join.right);
        if let Some(into) = &join.into {
            self.put(" into ");
            self.ident(into);
        }
    }
}
