//! Twelve typical expressions beside the same logic in Rust by hand, in Lua (`mlua`) and in `rhai`. Every engine is compiled beforehand, sees
//! the same request, and calls the same Rust functions for what its language lacks. All four must give the same answer before anything is
//! measured.
mod cases;
mod world;

use mlua::Lua;
use policy_engine::eval::{Prepared, Surroundings};
use rhai::{AST, Dynamic, Scope};

use self::cases::{CASES, Case};
use self::world::World;

/// 2024-05-06T07:08:09Z, for everybody.
const NOW_TICKS: i64 = 638_505_760_890_000_000;
const NOW_UNIX: i64 = 1_714_979_289;

/// The surroundings of every evaluation: a clock that stands, a die that shows four.
pub(crate) fn around<T>(work: impl FnOnce(&mut Surroundings<'_>) -> T) -> T {
    work(&mut Surroundings { utc_ticks: &|| NOW_TICKS, random: &mut || 4 })
}

/// The engines and what they see.
pub(crate) struct Bench {
    world: World,
    engine: rhai::Engine,
    scope: Scope<'static>,
    /// Length of the scope that all rhai scripts share.
    mark: usize,
    _lua: Lua,
    pub(crate) all: Vec<Ready>,
}

/// A case, ready in all four.
pub(crate) struct Ready {
    case: &'static Case,
    policy: Prepared,
    lua: mlua::Function,
    rhai: AST,
}

impl Ready {
    pub(crate) fn name(&self) -> &'static str {
        self.case.name
    }
}

impl Bench {
    /// Compiles all cases in all languages, and holds them to one answer.
    pub(crate) fn new(around: &mut Surroundings<'_>) -> Bench {
        let (context, lua) = (world::context(), world::lua().expect("Lua"));
        let (engine, scope) = world::rhai();
        let mut prepare = |case: &'static Case| Ready {
            case,
            policy: Prepared::new(case.policy, &context, around)
                .unwrap_or_else(|answer| panic!("{}: {answer:?}", case.name)),
            lua: lua.load(case.lua).into_function().expect(case.name),
            rhai: engine.compile_with_scope(&scope, case.rhai).expect(case.name),
        };
        let all = CASES.iter().map(&mut prepare).collect();
        let mark = scope.len();
        let mut bench = Bench { world: world::world(), engine, scope, mark, _lua: lua, all };
        bench.agree(around);
        bench
    }

    fn agree(&mut self, around: &mut Surroundings<'_>) {
        for r in &mut self.all {
            let (name, want) = (r.case.name, (r.case.rust)(&self.world));
            for _ in 0..3 {
                let value = r.policy.run(around).expect(name);
                assert_eq!(value.as_str().unwrap_or_default(), want, "{name}");
                assert_eq!(r.lua.call::<String>(()).expect(name), want, "{name} in Lua");
                let value = self.engine.eval_ast_with_scope::<Dynamic>(&mut self.scope, &r.rhai).expect(name);
                assert_eq!(value.to_string(), want, "{name} in rhai");
                self.scope.rewind(self.mark);
            }
        }
    }

    // One evaluation in each; whether it succeeded.

    pub(crate) fn policy(&mut self, case: usize, around: &mut Surroundings<'_>) -> bool {
        self.all[case].policy.run(around).is_ok()
    }

    pub(crate) fn rust(&self, case: usize) -> String {
        (self.all[case].case.rust)(std::hint::black_box(&self.world))
    }

    pub(crate) fn lua(&self, case: usize) -> bool {
        self.all[case].lua.call::<mlua::Value>(()).is_ok()
    }

    pub(crate) fn rhai(&mut self, case: usize) -> bool {
        let done = self.engine.eval_ast_with_scope::<Dynamic>(&mut self.scope, &self.all[case].rhai).is_ok();
        self.scope.rewind(self.mark);
        done
    }
}
