//! Expressions that would never end: each ends within its bounds, and other requests on the same worker go on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is the failure of the test"
)]

mod support;

use config_model::PolicyScope;
use support::{Backend, Start, one_api};

/// Time, memory, backtracking, depth, and input that is too deep: by the path that asks for them.
const ATTACKS: [(&str, &str); 5] = [
    ("loop", "@{ while (true) { } }"),
    ("text", "@{ var s = \"x\"; while (true) { s += s; } }"),
    ("regex", "@(Regex.IsMatch(new string('a', 40) + \"!\", @\"^(a+)+\\1b$\"))"),
    ("depth", "@{ Func<int, int> f = null; f = n => f(n + 1) + 1; return f(0); }"),
    ("json", "@(JToken.Parse(new string('[', 1000000)))"),
];

#[test]
fn other_requests_go_on() {
    let attack = |(name, expression): (&str, &str)| {
        format!(
            r#"<when condition="@(context.Request.Url.Path.EndsWith("{name}"))"><set-variable name="v" value="{expression}" /></when>"#
        )
    };
    let branches: String = ATTACKS.into_iter().map(attack).collect();
    let policy = format!(
        "<policies><inbound><choose>{branches}</choose></inbound><backend><forward-request /></backend></policies>"
    );
    let backend = Backend::plain();
    let start = Start::with(one_api(&backend).policy(PolicyScope::Global, &policy));
    let gateway = start.set("gatewright.workers=1").run();
    std::thread::scope(|scope| {
        let attackers = ATTACKS.map(|(name, _)| {
            let gateway = &gateway;
            scope.spawn(move || [(); 3].map(|()| gateway.get(&format!("/a/{name}")).status))
        });
        let mut client = gateway.connect();
        for _ in 0..20 {
            assert_eq!(client.get("/a/fine").status, 200);
        }
        for ((name, _), attacker) in ATTACKS.iter().zip(attackers) {
            assert_eq!(attacker.join().unwrap(), [500; 3], "{name}");
        }
    });
    assert_eq!(gateway.get("/a/fine").status, 200);
}
