//! What few expressions ask of an `Encoding`: the list of all, and where mail and browsers use it.
use std::any::Any;

use super::encoding::{ALL, ENCODING, Encoding, named_by, of, shared};
use crate::exception::{Exception, Result};
use crate::member::Call;
use crate::system::to_int;
use crate::table::Builder;
use crate::types::{Type, TypeId};
use crate::utf16;
use crate::value::{Object, Value};

const INFO: TypeId = TypeId("System.Text.EncodingInfo");
const LATIN1: i32 = 28591;
/// `NormalizationForm.FormC`
const FORM_C: i32 = 1;

/// An entry of the list of encodings.
struct Info(Encoding);

impl Object for Info {
    fn net_type(&self) -> Type {
        Type::Simple(INFO)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn equals(&self, other: &Value) -> bool {
        other.as_object::<Info>().is_some_and(|o| o.0 == self.0)
    }
    fn hash_code(&self) -> i32 {
        self.0.code_page()
    }
}

fn info(c: &Call<'_>) -> Result<Encoding> {
    c.arg(0).as_object::<Info>().map(|i| i.0).ok_or_else(Exception::null_reference)
}

/// Adds the members.
pub(super) fn define(b: &mut Builder) {
    b.class(ENCODING)
        .pure("static Encoding UTF7", |_| shared(named_by(65000)))
        .def("static EncodingInfo[] GetEncodings()", |_| {
            let all = ALL.iter().map(|code_page| Value::object(Info(named_by(*code_page)))).collect();
            Ok(crate::collections::new_array(Type::Simple(INFO), all))
        })
        .def("int GetByteCount(string s, int index, int count)", byte_count)
        .def("bool IsAlwaysNormalized()", |c| always_normalized(c, FORM_C))
        .def("bool IsAlwaysNormalized(NormalizationForm form)", |c| always_normalized(c, c.int(1)?))
        .def("int WindowsCodePage", |c| {
            Ok(Value::Int32(if matches!(of(c)?.code_page(), LATIN1 | 20127) { 1252 } else { 1200 }))
        })
        .def("bool IsBrowserDisplay", |c| used(c, &[65001, LATIN1]))
        .def("bool IsBrowserSave", |c| used(c, &[65001, LATIN1, 1200]))
        .def("bool IsMailNewsDisplay", |c| used(c, &[65001, LATIN1, 20127, 65000]))
        .def("bool IsMailNewsSave", |c| used(c, &[65001, LATIN1, 20127, 65000]));
    b.class(INFO)
        .def("int CodePage", |c| Ok(Value::Int32(info(c)?.code_page())))
        .def("string Name", |c| Ok(Value::str(info(c)?.name())))
        .def("string DisplayName", |c| Ok(Value::str(info(c)?.description())))
        .def("Encoding GetEncoding()", |c| shared(info(c)?));
}

fn used(c: &Call<'_>, code_pages: &[i32]) -> Result<Value> {
    Ok(Value::Bool(code_pages.contains(&of(c)?.code_page())))
}

/// No letter of Latin-1 is made of several.
fn always_normalized(c: &Call<'_>, form: i32) -> Result<Value> {
    Ok(Value::Bool(form == FORM_C && of(c)?.code_page() == LATIN1))
}

fn byte_count(c: &mut Call<'_>) -> Result<Value> {
    let text = c.str_arg(1, "s")?;
    let place = |n: usize, name: &str| {
        usize::try_from(c.int(n)?).map_err(|_| Exception::argument_range("Non-negative number required.", name))
    };
    let (index, count) = (place(2, "index")?, place(3, "count")?);
    let part = utf16::slice(&text, index, count).ok_or_else(|| {
        Exception::argument_range("Index and count must refer to a location within the string.", "index")
    })?;
    Ok(Value::Int32(to_int(of(c)?.encode(&part)?.len())))
}
