//! The fields of a record, found by their configured names; what has no meaning here travels along in `extra`.
//!
//! Moves values, never looks into one beyond whether it says anything.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::settings::RawField;

/// The values of a record sorted by what they mean.
#[derive(Debug, Default)]
pub(super) struct Picked {
    /// Values of the fields that have a meaning here, types unchecked.
    pub values: BTreeMap<RawField, Value>,
    /// Everything else, in the record's order.
    pub extra: Map<String, Value>,
}

/// Takes every mapped field out of `record`; of several names the first that holds anything wins. What remains is extra.
pub(super) fn pick(mut record: Map<String, Value>, names: &BTreeMap<RawField, Vec<String>>) -> Picked {
    let mut values: BTreeMap<RawField, Value> = BTreeMap::new();
    for (field, names) in names {
        for name in names {
            let Some(value) = take(&mut record, name) else { continue };
            if values.get(field).is_none_or(says_nothing) {
                values.insert(*field, value);
            }
        }
    }
    Picked { values, extra: record }
}

/// Takes the value at a dotted path out of an object; objects left empty by that go too. Of a list, the values of its objects,
/// as a list. As deep as the path, which is the operator's, not the record's.
fn take(object: &mut Map<String, Value>, path: &str) -> Option<Value> {
    let Some((first, rest)) = path.split_once('.') else { return object.shift_remove(path) };
    let (value, is_empty) = match object.get_mut(first)? {
        Value::Object(inner) => (take(inner, rest), inner.is_empty()),
        Value::Array(list) => {
            let taken: Vec<Value> =
                list.iter_mut().filter_map(Value::as_object_mut).filter_map(|inner| take(inner, rest)).collect();
            list.retain(|item| item.as_object().is_none_or(|inner| !inner.is_empty()));
            ((!taken.is_empty()).then_some(Value::Array(taken)), list.is_empty())
        }
        _ => (None, false),
    };
    if is_empty && value.is_some() {
        object.shift_remove(first);
    }
    value
}

/// Null, blank strings and empty lists count as absent.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn picked(record: Value, field: RawField, names: &[&str]) -> Picked {
        let Value::Object(record) = record else { panic!("an object") };
        pick(record, &[(field, names.iter().map(|n| (*n).to_owned()).collect())].into())
    }

    #[test]
    fn the_first_name_that_holds_anything_wins_and_none_stays_in_extra() {
        let record = json!({"z": 1, "guid": "g", "nr": 7, "_id": " ", "a": 2});
        let picked = picked(record, RawField::Id, &["uuid", "_id", "guid", "nr"]);
        assert_eq!(picked.values[&RawField::Id], "g");
        assert_eq!(serde_json::to_string(&picked.extra).unwrap(), r#"{"z":1,"a":2}"#, "order kept");
    }

    #[test]
    fn a_dotted_name_descends_and_leaves_the_rest_where_it_was() {
        let record = json!({"article": {"body": {"html": "<p>"}, "desk": "city"}, "n": {"n": {"n": {}}}});
        let taken = picked(record, RawField::Html, &["article.body.html", "n.n.n", "article.desk.x", "missing.x"]);
        assert_eq!(taken.values[&RawField::Html], "<p>");
        assert_eq!(Value::Object(taken.extra), json!({"article": {"desk": "city"}}));
        let record =
            json!({"content": [{"type": "image"}, {"value": "a"}, {"value": "b", "type": "text"}, 7], "n": [{"x": 1}]});
        let taken = picked(record, RawField::Html, &["n.x.y", "n.z", "content.value"]);
        assert_eq!(taken.values[&RawField::Html], json!(["a", "b"]));
        assert_eq!(
            Value::Object(taken.extra),
            json!({"content": [{"type": "image"}, {"type": "text"}, 7], "n": [{"x": 1}]})
        );
    }
}
