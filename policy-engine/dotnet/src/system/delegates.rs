//! Delegate types: `Func`, `Action`, `Predicate`, `Comparison`, `Converter`. Each has one member, `Invoke`.
use crate::member::Call;
use crate::table::Builder;
use crate::types::{TypeId, ids};
use crate::{Result, Value};

/// Adds the delegate types.
pub(crate) fn define(b: &mut Builder) {
    b.class(ids::DELEGATE).def("object DynamicInvoke(params object[] args)", dynamic_invoke);
    b.delegate(TypeId("System.Action"), &[], "void Invoke()");
    b.delegate(TypeId("System.Predicate`1"), &["T"], "bool Invoke(T obj)");
    b.delegate(TypeId("System.Comparison`1"), &["T"], "int Invoke(T x, T y)");
    b.delegate(TypeId("System.Converter`2"), &["TInput", "out TOutput"], "TOutput Invoke(TInput input)");
    functions(b);
    actions(b);
}

/// Calls the delegate with the items of the argument list.
fn dynamic_invoke(c: &mut Call<'_>) -> Result<Value> {
    let target = c.take(0);
    let mut args = Vec::new();
    if !c.arg(1).is_null() {
        let mut items = c.arg(1).enumerate()?;
        while let Some(item) = items.next(c.cx)? {
            c.cx.charge_bytes(size_of::<Value>())?;
            args.push(item);
        }
    }
    c.invoke(&target, &mut args)
}

fn functions(b: &mut Builder) {
    b.delegate(TypeId("System.Func`1"), &["out TResult"], "TResult Invoke()");
    b.delegate(TypeId("System.Func`2"), &["T", "out TResult"], "TResult Invoke(T arg)");
    b.delegate(TypeId("System.Func`3"), &["T1", "T2", "out TResult"], "TResult Invoke(T1 arg1, T2 arg2)");
    b.delegate(
        TypeId("System.Func`4"),
        &["T1", "T2", "T3", "out TResult"],
        "TResult Invoke(T1 arg1, T2 arg2, T3 arg3)",
    );
    b.delegate(
        TypeId("System.Func`5"),
        &["T1", "T2", "T3", "T4", "out TResult"],
        "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4)",
    );
    b.delegate(
        TypeId("System.Func`6"),
        &["T1", "T2", "T3", "T4", "T5", "out TResult"],
        "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5)",
    );
    b.delegate(
        TypeId("System.Func`7"),
        &["T1", "T2", "T3", "T4", "T5", "T6", "out TResult"],
        "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6)",
    );
    b.delegate(
        TypeId("System.Func`8"),
        &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "out TResult"],
        "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7)",
    );
    b.delegate(
        TypeId("System.Func`9"),
        &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "out TResult"],
        "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8)",
    );
    b.delegate(
        TypeId("System.Func`10"),
        &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "out TResult"],
        "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9)",
    );
    b.delegate(
        TypeId("System.Func`11"),
        &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "out TResult"],
        "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10)",
    );
    b.delegate(TypeId("System.Func`12"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "out TResult"], "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11)");
    b.delegate(TypeId("System.Func`13"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "out TResult"], "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11, T12 arg12)");
    b.delegate(TypeId("System.Func`14"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "out TResult"], "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11, T12 arg12, T13 arg13)");
    b.delegate(TypeId("System.Func`15"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "T14", "out TResult"], "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11, T12 arg12, T13 arg13, T14 arg14)");
    b.delegate(TypeId("System.Func`16"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "T14", "T15", "out TResult"], "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11, T12 arg12, T13 arg13, T14 arg14, T15 arg15)");
    b.delegate(TypeId("System.Func`17"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "T14", "T15", "T16", "out TResult"], "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11, T12 arg12, T13 arg13, T14 arg14, T15 arg15, T16 arg16)");
}

fn actions(b: &mut Builder) {
    b.delegate(TypeId("System.Action`1"), &["T"], "void Invoke(T arg)");
    b.delegate(TypeId("System.Action`2"), &["T1", "T2"], "void Invoke(T1 arg1, T2 arg2)");
    b.delegate(TypeId("System.Action`3"), &["T1", "T2", "T3"], "void Invoke(T1 arg1, T2 arg2, T3 arg3)");
    b.delegate(TypeId("System.Action`4"), &["T1", "T2", "T3", "T4"], "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4)");
    b.delegate(
        TypeId("System.Action`5"),
        &["T1", "T2", "T3", "T4", "T5"],
        "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5)",
    );
    b.delegate(
        TypeId("System.Action`6"),
        &["T1", "T2", "T3", "T4", "T5", "T6"],
        "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6)",
    );
    b.delegate(
        TypeId("System.Action`7"),
        &["T1", "T2", "T3", "T4", "T5", "T6", "T7"],
        "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7)",
    );
    b.delegate(
        TypeId("System.Action`8"),
        &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8"],
        "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8)",
    );
    b.delegate(
        TypeId("System.Action`9"),
        &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9"],
        "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9)",
    );
    b.delegate(
        TypeId("System.Action`10"),
        &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10"],
        "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10)",
    );
    b.delegate(TypeId("System.Action`11"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11"], "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11)");
    b.delegate(TypeId("System.Action`12"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12"], "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11, T12 arg12)");
    b.delegate(TypeId("System.Action`13"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13"], "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11, T12 arg12, T13 arg13)");
    b.delegate(TypeId("System.Action`14"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "T14"], "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11, T12 arg12, T13 arg13, T14 arg14)");
    b.delegate(TypeId("System.Action`15"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "T14", "T15"], "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11, T12 arg12, T13 arg13, T14 arg14, T15 arg15)");
    b.delegate(TypeId("System.Action`16"), &["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11", "T12", "T13", "T14", "T15", "T16"], "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4, T5 arg5, T6 arg6, T7 arg7, T8 arg8, T9 arg9, T10 arg10, T11 arg11, T12 arg12, T13 arg13, T14 arg14, T15 arg15, T16 arg16)");
}
