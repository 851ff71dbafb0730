//! The documented members that expressions lack: the list may only change knowingly.
use policy_engine::eval;

#[test]
fn missing_members_are_those_listed() {
    let all = eval::members();
    let missing: String = all.iter().flat_map(|t| t.missing.iter().map(move |m| format!("{} {m}\n", t.name))).collect();
    println!("{missing}");
    assert_eq!(missing, include_str!("coverage/missing.txt"));
}
