//! Field by field against documented messages: everything documented is there with the same JSON type, and nothing else.

use serde_json::Value;

/// What may differ from an older document, each with its reason beside the call.
#[derive(Default)]
pub struct Allowed<'a> {
    pub gone: &'a [&'a str],
    pub new: &'a [&'a str],
    /// Fields whose JSON type has changed since the document.
    pub retyped: &'a [&'a str],
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Writes down where `ours` differs from what is documented. `absent` says which fields are of things that are not here.
pub fn differences(
    at: &str,
    (theirs, ours): (&Value, &Value),
    allowed: &Allowed,
    absent: fn(&str, &str) -> bool,
    out: &mut Vec<String>,
) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (name, value) in theirs {
                let here = format!("{at}.{name}");
                match ours.get(name) {
                    None if absent(at, name) => {}
                    _ if allowed.gone.contains(&name.as_str()) => {
                        if ours.contains_key(name) {
                            out.push(format!("{here} is there but was dropped"));
                        }
                    }
                    None => out.push(format!("{here} is missing")),
                    Some(_) if allowed.retyped.contains(&name.as_str()) => {}
                    Some(mine) => differences(&here, (value, mine), allowed, absent, out),
                }
            }
            for name in ours.keys().filter(|name| !theirs.contains_key(*name)) {
                if !allowed.new.contains(&name.as_str()) {
                    out.push(format!("{at}.{name} is not documented"));
                }
            }
        }
        (Value::Array(theirs), Value::Array(ours)) => {
            if let Some(first) = theirs.first() {
                match ours.first() {
                    Some(mine) => {
                        differences(&format!("{at}[]"), (first, mine), allowed, absent, out)
                    }
                    None => out.push(format!("{at} is empty")),
                }
            }
        }
        _ if word(theirs) != word(ours) => out.push(format!(
            "{at} is {} but documented as {}",
            word(ours),
            word(theirs)
        )),
        _ => {}
    }
}
