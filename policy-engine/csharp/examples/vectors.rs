//! Runs files of expression vectors against the standard table and says which answers differ: `vectors FILE...`.
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use csharp::{Kind, Limits, Meter, Options};
use dotnet::{Ambient, Builder, Result, TypeTable};

struct Surroundings {
    table: Arc<TypeTable>,
    meter: Meter,
    seed: u64,
}

impl Ambient for Surroundings {
    fn utc_now_ticks(&mut self) -> i64 {
        638_500_000_000_000_000
    }
    fn random_u64(&mut self) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.seed
    }
    fn charge_steps(&mut self, steps: u64) -> Result<()> {
        self.meter.charge_steps(steps, || 0)
    }
    fn charge_bytes(&mut self, bytes: usize) -> Result<()> {
        self.meter.charge_bytes(bytes)
    }
    fn enter(&mut self) -> Result<()> {
        self.meter.enter()
    }
    fn leave(&mut self) {
        self.meter.leave();
    }
    fn types(&self) -> &TypeTable {
        &self.table
    }
    fn host(&mut self) -> &mut dyn Any {
        self
    }
}

fn main() {
    let mut b = Builder::default();
    dotnet::standard(&mut b);
    let table = Arc::new(b.build());
    for p in table.problems() {
        println!("table: {p}");
    }
    let (mut good, mut bad, mut codes_good, mut codes_bad) = (0, 0, 0, 0);
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        let (mut file_good, mut file_bad) = (0, 0);
        for line in text.lines() {
            let v: BTreeMap<String, serde_json::Value> = serde_json::from_str(line).unwrap();
            let expr = v["expr"].as_str().unwrap();
            let expect = &v["expect"];
            let portable = v.get("portable").and_then(serde_json::Value::as_bool).unwrap_or(true);
            let (status, ty, value, exception, codes) = answer(&table, expr);
            let same = expect["status"] == status
                && (status != "value" || (expect["type"] == ty && expect["value"].as_str() == value.as_deref()))
                && (status != "exception" || expect["exception_type"] == exception);
            if status == "compile-error" && expect["status"] == "compile-error" {
                let wanted: Vec<String> =
                    expect["codes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect();
                let found: Vec<String> = codes.iter().map(|c| c.split(' ').next().unwrap().to_owned()).collect();
                if wanted.iter().any(|w| found.contains(w)) {
                    codes_good += 1;
                } else {
                    codes_bad += 1;
                    println!("CODES {} {expr} want {wanted:?} got {codes:?}", v["id"]);
                }
            }
            if same || !portable {
                file_good += 1;
            } else {
                file_bad += 1;
                println!("FAIL {} {expr}\n   want {expect}\n   got {status} {ty} {value:?} {exception} {codes:?}", v["id"]);
            }
        }
        println!("{path}: {file_good} passed, {file_bad} failed");
        good += file_good;
        bad += file_bad;
    }
    println!("{good} passed, {bad} failed; codes {codes_good} agree, {codes_bad} differ");
}

fn answer(table: &Arc<TypeTable>, expr: &str) -> (&'static str, String, Option<String>, String, Vec<String>) {
    let none = String::new;
    let inner = &expr[2..expr.len() - 1];
    let kind = if expr.starts_with("@(") { Kind::Expression } else { Kind::Block };
    let made = csharp::compile(inner, kind, table, &Options::default());
    let Some(program) = made.program else {
        let codes = made.diagnostics.iter().filter(|d| d.is_error());
        let codes = codes.map(|d| format!("CS{:04} {}", d.csharp_code.unwrap_or(0), d.message)).collect();
        return ("compile-error", none(), None, none(), codes);
    };
    let mut cx = Surroundings { table: table.clone(), meter: Meter::new(Limits::default()), seed: 1 };
    let done = program.call(&mut cx).and_then(|v| csharp::answer::render(&mut cx, &v, program.result_type()));
    match done {
        Ok((ty, text)) => ("value", ty, text, none(), vec![]),
        Err(e) if e.is_limit() => ("timeout", none(), None, none(), vec![e.to_string()]),
        Err(e) => ("exception", none(), None, e.type_id().0.to_owned(), vec![e.message().to_string()]),
    }
}
