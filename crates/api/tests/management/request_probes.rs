//! Bodies derived from the schema of a request: ones that fit it in every way it documents, and
//! ones that miss it in one place.

use serde_json::{Map, Value, json};

/// How deep probes go into objects and lists.
const DEEPEST: usize = 6;

/// A body, and what must be said of it.
#[derive(Debug)]
pub struct Probe {
    pub body: Value,
    /// None when the body fits its schema; otherwise the pointer and the code of the one fault.
    pub fault: Option<(String, &'static str)>,
}

/// Everything to be sent to an operation whose body has this schema.
pub fn probes(document: &Value, schema: &Value) -> Vec<Probe> {
    let schemas = Schemas(document);
    let mut all = Vec::new();
    for case in schemas.cases(schema) {
        let base = schemas.sample(case);
        all.push(Probe { body: base.clone(), fault: None });
        schemas.probe_object(case, &base, "", &mut |body, fault| all.push(Probe { body, fault }));
    }
    all
}

struct Schemas<'d>(&'d Value);

type Emit<'e> = dyn FnMut(Value, Option<(String, &'static str)>) + 'e;

impl<'d> Schemas<'d> {
    fn resolve<'s>(&self, schema: &'s Value) -> &'s Value
    where
        'd: 's,
    {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolve(self.0.pointer(&reference[1..]).unwrap()),
            None => schema,
        }
    }

    /// The alternatives of a schema, without null.
    fn cases<'s>(&self, schema: &'s Value) -> Vec<&'s Value>
    where
        'd: 's,
    {
        let schema = self.resolve(schema);
        let of = ["oneOf", "anyOf"].into_iter().find_map(|key| schema[key].as_array());
        match of {
            Some(items) => items
                .iter()
                .flat_map(|item| self.cases(item))
                .filter(|case| case["type"] != "null")
                .collect(),
            None => vec![schema],
        }
    }

    fn is_nullable(&self, schema: &Value) -> bool {
        let schema = self.resolve(schema);
        let is_null = |kind: &Value| {
            kind == "null" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("null")))
        };
        let of = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema[key].as_array());
        let is_any = schema.get("type").is_none() && schema.get("oneOf").is_none();
        is_any || is_null(&schema["type"]) || of.flatten().any(|item| self.is_nullable(item))
    }

    fn kind(schema: &Value) -> &str {
        match &schema["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|k| *k != "null"),
            kind => kind.as_str(),
        }
        .unwrap_or("any")
    }

    /// The least value that fits.
    fn sample(&self, schema: &Value) -> Value {
        let schema = self.cases(schema)[0];
        if let Some(words) = schema["enum"].as_array() {
            return words[0].clone();
        }
        match Self::kind(schema) {
            "boolean" => json!(true),
            "integer" => schema["minimum"].clone().as_i64().map_or(json!(1), |least| json!(least)),
            "number" => json!(schema["minimum"].as_f64().unwrap_or(0.0).ceil() as i64),
            "string" => text_of(schema, schema["minLength"].as_u64().unwrap_or(0)),
            "array" => {
                let least = schema["minItems"].as_u64().unwrap_or(0);
                (0..least).map(|_| self.sample(&schema["items"])).collect()
            }
            "object" => {
                let none = Vec::new();
                let names = schema["required"].as_array().unwrap_or(&none);
                let members = names.iter().map(|name| {
                    let name = name.as_str().unwrap();
                    (name.to_owned(), self.sample(&schema["properties"][name]))
                });
                Value::Object(members.collect::<Map<_, _>>())
            }
            _ => json!("any"),
        }
    }

    /// Goes through the members of an object: `emit` gets the object with one of them changed.
    fn probe_object(&self, schema: &Value, base: &Value, at: &str, emit: &mut Emit<'_>) {
        if at.matches('/').count() > DEEPEST || !base.is_object() {
            return;
        }
        let with = |name: &str, value: Value| {
            let mut changed = base.clone();
            changed[name] = value;
            changed
        };
        let none = Map::new();
        for (name, member) in schema["properties"].as_object().unwrap_or(&none) {
            let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
            self.probe_value(member, &place, &mut |value, fault| emit(with(name, value), fault));
            if schema["required"].as_array().is_some_and(|all| all.contains(&json!(name))) {
                let mut lacking = base.clone();
                lacking.as_object_mut().unwrap().remove(name);
                emit(lacking, Some((place, "required")));
            }
        }
        match &schema["additionalProperties"] {
            Value::Bool(false) => {
                emit(with("noSuchKey", json!(1)), Some((format!("{at}/noSuchKey"), "unknown_key")));
            }
            values @ Value::Object(_) => {
                let place = format!("{at}/aKey");
                self.probe_value(values, &place, &mut |value, fault| {
                    emit(with("aKey", value), fault);
                });
            }
            _ => {}
        }
    }

    /// Values for one place: some that fit, some that do not.
    fn probe_value(&self, schema: &Value, at: &str, emit: &mut Emit<'_>) {
        let fault = |code| Some((at.to_owned(), code));
        let nullable = self.is_nullable(schema);
        emit(Value::Null, if nullable { None } else { fault("invalid_type") });
        for case in self.cases(schema) {
            emit(self.sample(case), None);
            if let Some(words) = case["enum"].as_array() {
                words.iter().for_each(|word| emit(word.clone(), None));
                if words.len() > 1 && words.iter().all(|word| word.is_string() || word.is_null()) {
                    emit(json!("no-such-word"), fault("invalid_enum"));
                }
                continue;
            }
            match Self::kind(case) {
                "boolean" => emit(json!(1), fault("invalid_type")),
                "integer" => self.probe_integer(case, at, emit),
                "number" => emit(json!("1"), fault("invalid_type")),
                "string" => self.probe_text(case, at, emit),
                "array" => self.probe_list(case, at, emit),
                "object" => {
                    self.probe_object(case, &self.sample(case), at, emit);
                    if self.cases(schema).len() == 1 {
                        emit(json!([]), fault("invalid_type"));
                    }
                }
                _ => {}
            }
        }
    }

    fn probe_integer(&self, schema: &Value, at: &str, emit: &mut Emit<'_>) {
        let fault = |code| Some((at.to_owned(), code));
        emit(json!(true), fault("invalid_type"));
        if let Some(least) = schema["minimum"].as_i64() {
            emit(json!(least), None);
            if least > i64::MIN {
                emit(json!(least - 1), fault("out_of_range"));
            }
        }
        if let Some(most) = schema["maximum"].as_i64() {
            emit(json!(most), None);
            if most < i64::MAX {
                emit(json!(most + 1), fault("out_of_range"));
            }
        }
    }

    fn probe_text(&self, schema: &Value, at: &str, emit: &mut Emit<'_>) {
        let fault = |code| Some((at.to_owned(), code));
        emit(json!(1), fault("invalid_type"));
        if schema["format"].is_string() {
            return;
        }
        let least = schema["minLength"].as_u64().unwrap_or(0);
        if least > 0 {
            emit(
                text_of(schema, least - 1),
                fault(if least == 1 { "empty" } else { "invalid_length" }),
            );
        }
        if let Some(most) = schema["maxLength"].as_u64() {
            emit(text_of(schema, most), None);
            emit(text_of(schema, most + 1), fault("invalid_length"));
        }
    }

    fn probe_list(&self, schema: &Value, at: &str, emit: &mut Emit<'_>) {
        let fault = |code| Some((at.to_owned(), code));
        emit(json!({}), fault("invalid_type"));
        if schema["minItems"].as_u64().is_some_and(|least| least > 0) {
            emit(json!([]), fault("empty"));
        }
        self.probe_value(&schema["items"], &format!("{at}/0"), &mut |item, fault| {
            emit(json!([item]), fault);
        });
    }
}

/// A text of so many characters in the schema's form.
fn text_of(schema: &Value, length: u64) -> Value {
    match schema["format"].as_str() {
        Some("email") => json!("ada@example.org"),
        Some("uri") => json!("https://example.org/hook"),
        _ => json!("x".repeat(usize::try_from(length).unwrap())),
    }
}
