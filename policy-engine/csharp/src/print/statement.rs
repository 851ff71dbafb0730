//! Statements.
use super::Printer;
use crate::ast::{
    Block, CatchClause, Declarator, Expr, ForInit, ForStmt, ForeachStmt, ForeachTarget, GotoTarget, LambdaBody,
    LocalDeclaration, LocalFunction, Stmt, StmtKind, SwitchLabelKind, SwitchStmt, TryStmt, UsingResource,
};

impl Printer {
    /// One statement on lines of its own.
    pub(super) fn statement(&mut self, statement: &Stmt) {
        self.line_start();
        self.statement_here(statement);
        self.put("\n");
    }

    /// `{ ... }` from where the line stands.
    pub(super) fn braces(&mut self, block: &Block) {
        self.put("{\n");
        self.indent = self.indent.saturating_add(1);
        for statement in &block.statements {
            self.statement(statement);
        }
        self.indent = self.indent.saturating_sub(1);
        self.line_start();
        self.put("}");
    }

    fn statement_here(&mut self, statement: &Stmt) {
        match &statement.kind {
            StmtKind::Error | StmtKind::Empty => self.put(";"),
            StmtKind::Block(block) => self.braces(block),
            StmtKind::Expr(expr) => self.ended("", Some(expr)),
            StmtKind::Local(local) => {
                self.local(local, true);
                self.put(";");
            }
            StmtKind::LocalFunction(function) => self.local_function(function),
            StmtKind::If { condition, then, otherwise } => {
                self.headed("if", condition, then);
                if let Some(otherwise) = otherwise {
                    self.put(" else ");
                    self.statement_here(otherwise);
                }
            }
            StmtKind::While { condition, body } => self.headed("while", condition, body),
            StmtKind::DoWhile { body, condition } => {
                self.put("do ");
                self.statement_here(body);
                self.put(" while (");
                self.expr(condition);
                self.put(");");
            }
            StmtKind::For(statement) => self.for_statement(statement),
            StmtKind::Foreach(statement) => self.foreach_statement(statement),
            StmtKind::Switch(statement) => self.switch_statement(statement),
            StmtKind::Try(statement) => self.try_statement(statement),
            StmtKind::Using(statement) => {
                self.put("using (");
                match &statement.resource {
                    UsingResource::Expr(expr) => self.expr(expr),
                    UsingResource::Local(local) => self.local(local, false),
                }
                self.put(") ");
                self.statement_here(&statement.body);
            }
            StmtKind::Lock { target, body } => self.headed("lock", target, body),
            StmtKind::Checked { checked, body } => {
                self.put(if *checked { "checked " } else { "unchecked " });
                self.braces(body);
            }
            StmtKind::Return(value) => self.ended("return", value.as_ref()),
            StmtKind::Throw(value) => self.ended("throw", value.as_ref()),
            StmtKind::YieldReturn(value) => self.ended("yield return", Some(value)),
            StmtKind::YieldBreak => self.put("yield break;"),
            StmtKind::Break => self.put("break;"),
            StmtKind::Continue => self.put("continue;"),
            StmtKind::Goto(target) => self.goto(target),
            StmtKind::Labeled { label, body } => {
                self.ident(label);
                self.put(": ");
                self.statement_here(body);
            }
        }
    }

    /// `word value;`
    fn ended(&mut self, word: &str, value: Option<&Expr>) {
        self.put(word);
        if let Some(value) = value {
            self.put(if word.is_empty() { "" } else { " " });
            self.expr(value);
        }
        self.put(";");
    }

    /// `word (head) body`
    fn headed(&mut self, word: &str, head: &Expr, body: &Stmt) {
        self.put(word);
        self.put(" (");
        self.expr(head);
        self.put(") ");
        self.statement_here(body);
    }

    fn goto(&mut self, target: &GotoTarget) {
        self.put("goto ");
        match target {
            GotoTarget::Label(label) => self.ident(label),
            GotoTarget::Case(value) => {
                self.put("case ");
                self.expr(value);
            }
            GotoTarget::Default => self.put("default"),
        }
        self.put(";");
    }

    /// Without `;`. Inside `using (...)` the word `using` is not repeated.
    fn local(&mut self, local: &LocalDeclaration, with_using: bool) {
        self.put(if local.is_const { "const " } else { "" });
        self.put(if local.is_using && with_using { "using " } else { "" });
        self.ty(&local.ty);
        self.put(" ");
        self.list(&local.declarators, Self::declarator);
    }

    fn declarator(&mut self, declarator: &Declarator) {
        self.ident(&declarator.name);
        if let Some(value) = &declarator.value {
            self.put(" = ");
            self.expr(value);
        }
    }

    fn local_function(&mut self, function: &LocalFunction) {
        self.put(if function.is_static { "static " } else { "" });
        self.ty(&function.return_type);
        self.put(" ");
        self.ident(&function.name);
        if !function.type_parameters.is_empty() {
            self.put("<");
            self.list(&function.type_parameters, Self::ident);
            self.put(">");
        }
        self.parameters(&function.parameters);
        function.constraints.iter().for_each(|constraints| self.constraints(constraints));
        match &function.body {
            LambdaBody::Expr(body) => {
                self.put(" => ");
                self.expr(body);
                self.put(";");
            }
            LambdaBody::Block(body) => {
                self.put(" ");
                self.braces(body);
            }
        }
    }

    fn for_statement(&mut self, statement: &ForStmt) {
        self.put("for (");
        match &statement.init {
            ForInit::Exprs(exprs) => self.list(exprs, Self::expr),
            ForInit::Local(local) => self.local(local, true),
        }
        self.put("; ");
        statement.condition.iter().for_each(|condition| self.expr(condition));
        self.put("; ");
        self.list(&statement.step, Self::expr);
        self.put(") ");
        self.statement_here(&statement.body);
    }

    fn foreach_statement(&mut self, statement: &ForeachStmt) {
        self.put("foreach (");
        match &statement.target {
            ForeachTarget::Variable { ty, name } => {
                self.ty(ty);
                self.put(" ");
                self.ident(name);
            }
            ForeachTarget::Deconstruct(target) => self.expr(target),
        }
        self.put(" in ");
        self.expr(&statement.source);
        self.put(") ");
        self.statement_here(&statement.body);
    }

    fn switch_statement(&mut self, statement: &SwitchStmt) {
        self.put("switch (");
        self.expr(&statement.value);
        self.put(") {\n");
        for section in &statement.sections {
            for label in &section.labels {
                self.line_start();
                match &label.kind {
                    SwitchLabelKind::Default => self.put("default"),
                    SwitchLabelKind::Case { pattern, guard } => {
                        self.put("case ");
                        self.pattern(pattern);
                        if let Some(guard) = guard {
                            self.put(" when ");
                            self.expr(guard);
                        }
                    }
                }
                self.put(":\n");
            }
            self.indent = self.indent.saturating_add(1);
            section.body.iter().for_each(|statement| self.statement(statement));
            self.indent = self.indent.saturating_sub(1);
        }
        self.line_start();
        self.put("}");
    }

    fn try_statement(&mut self, statement: &TryStmt) {
        self.put("try ");
        self.braces(&statement.body);
        statement.catches.iter().for_each(|clause| self.catch_clause(clause));
        if let Some(finally) = &statement.finally {
            self.put(" finally ");
            self.braces(finally);
        }
    }

    fn catch_clause(&mut self, clause: &CatchClause) {
        self.put(" catch ");
        if let Some(ty) = &clause.ty {
            self.put("(");
            self.ty(ty);
            if let Some(name) = &clause.name {
                self.put(" ");
                self.ident(name);
            }
            self.put(") ");
        }
        if let Some(filter) = &clause.filter {
            self.put("when (");
            self.expr(filter);
            self.put(") ");
        }
        self.braces(&clause.body);
    }
}
