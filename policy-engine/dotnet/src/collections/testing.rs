//! Surroundings for the tests of this package: no limits but a step count, a still clock.
use crate::ambient::Ambient;
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::table::{Builder, TypeTable};
use crate::types::Type;
use crate::value::{Callable, Value};
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// The whole library's table.
pub(crate) fn table() -> &'static TypeTable {
    static TABLE: OnceLock<TypeTable> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut b = Builder::default();
        crate::standard(&mut b);
        b.build()
    })
}

/// A bounded evaluation.
pub(crate) struct Bench {
    pub(crate) steps: u64,
    pub(crate) bytes: usize,
    pub(crate) depth: usize,
}

impl Default for Bench {
    fn default() -> Self {
        Bench { steps: 1_000_000, bytes: 8 << 20, depth: 0 }
    }
}

impl Ambient for Bench {
    fn utc_now_ticks(&mut self) -> i64 {
        638_505_824_891_234_567
    }
    fn random_u64(&mut self) -> u64 {
        4
    }
    fn charge_steps(&mut self, steps: u64) -> Result<()> {
        self.steps = self.steps.checked_sub(steps).ok_or_else(|| Exception::limit("steps"))?;
        Ok(())
    }
    fn note_steps(&mut self, steps: u64) {
        self.steps = self.steps.saturating_sub(steps);
    }
    fn charge_bytes(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(|| Exception::limit("bytes"))?;
        Ok(())
    }
    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > 200 { Err(Exception::limit("depth")) } else { Ok(()) }
    }
    fn leave(&mut self) {
        self.depth -= 1;
    }
    fn types(&self) -> &TypeTable {
        table()
    }
    fn host(&mut self) -> &mut dyn Any {
        self
    }
}

/// Calls the member whose signature text is exactly `signature` on `type_name`.
pub(crate) fn call(type_name: &str, signature: &str, types: &[Type], args: &mut [Value]) -> Result<Value> {
    call_in(&mut Bench::default(), type_name, signature, types, args)
}

/// The same in given surroundings.
pub(crate) fn call_in(
    cx: &mut Bench,
    type_name: &str,
    signature: &str,
    types: &[Type],
    args: &mut [Value],
) -> Result<Value> {
    let def = table().types().into_iter().find(|d| d.id.0 == type_name).expect(type_name);
    let member = def.members.iter().find(|m| m.text == signature).expect(signature);
    (member.native.expect("native"))(&mut Call { cx, types, args })
}

struct Lambda<F>(F, Type);

impl<F: Fn(&mut [Value]) -> Result<Value> + Send + Sync> Callable for Lambda<F> {
    fn call(&self, _: &mut dyn Ambient, args: &mut [Value]) -> Result<Value> {
        (self.0)(args)
    }
    fn net_type(&self) -> Type {
        self.1.clone()
    }
}

/// A delegate.
pub(crate) fn lambda(f: impl Fn(&mut [Value]) -> Result<Value> + Send + Sync + 'static) -> Value {
    Value::Func(Arc::new(Lambda(f, Type::OBJECT)))
}

/// `int[]`
pub(crate) fn ints(items: &[i32]) -> Value {
    super::new_array(Type::INT, items.iter().map(|i| Value::Int32(*i)).collect())
}

/// A value as canonical-looking text: sequences in brackets.
pub(crate) fn show(value: &Value) -> String {
    let cx = &mut Bench::default();
    match value {
        Value::Object(o) if o.count().is_some() || matches!(o.net_type(), Type::Generic(..) | Type::Array(_)) => {
            match super::to_vec(cx, value) {
                Ok(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(",")),
                Err(_) => crate::object::text(cx, value).map_or_else(|e| e.to_string(), |s| s.to_string()),
            }
        }
        Value::Null => "null".into(),
        v => crate::object::text(cx, v).map_or_else(|e| e.to_string(), |s| s.to_string()),
    }
}

/// A result as text; exceptions as `Type: message`.
pub(crate) fn outcome(result: Result<Value>) -> String {
    match result {
        Ok(v) => show(&v),
        Err(e) => e.to_string(),
    }
}

#[test]
fn the_table_has_no_mistakes() {
    let ours = ["System.Collections", "System.Linq", "System.Array", "Newtonsoft"];
    let problems: Vec<_> = table().problems().iter().filter(|p| ours.iter().any(|o| p.starts_with(o))).collect();
    assert!(problems.is_empty(), "{problems:#?}");
}
