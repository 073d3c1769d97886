//! JSON Schemas of pack files and case files, for editors: completion, help and the first errors while one types.
//!
//! They are made of [`crate::pack::format`], the same description the resolver takes its keys from. Draft 7 of JSON Schema,
//! because that is what both TOML language servers (Taplo and Tombi) read in full. With a pack at hand the names it declares are
//! offered, too: its columns, rollups and states in cases, its parameters and offers in an overlay.

mod cases;
mod names;

use serde_json::{Map, Value, json};

use crate::check::LINTS;
use crate::pack::Pack;
use crate::pack::format::{
    AFTER, BAND, BEFORE, CASES, EVIDENCE, IDENTITY, Key, Keys, Kind, LEVELS, LINT, Need, PACK, REMOVE, Things, Word,
};

/// The draft all schemas are written in.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema of a pack's TOML files; with a pack, names it declares are offered where they are referred to.
#[must_use]
pub fn pack(pack: Option<&Pack>) -> Value {
    let title = match pack {
        Some(pack) => format!("a file of the pack `{}`", pack.identity.name),
        None => "a file of a regain pack".to_owned(),
    };
    Writer::new(pack, true).document(&title, "Who is lost, why, what they are worth, and what to offer them.", &PACK)
}

/// The schema of `cases/*.toml`; with a pack, its columns, rollups, tables, parameters, states, grades and campaigns are offered.
#[must_use]
pub fn cases(pack: Option<&Pack>) -> Value {
    let title = match pack {
        Some(pack) => format!("cases of the pack `{}`", pack.identity.name),
        None => "cases of a regain pack".to_owned(),
    };
    Writer::new(pack, false).document(&title, "Sample customers, and what must be decided about them.", &CASES)
}

/// A schema as text.
#[must_use]
pub fn text(schema: &Value) -> String {
    let mut text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text.push('\n');
    text
}

/// State while one schema is written.
struct Writer<'a> {
    pack: Option<&'a Pack>,
    /// Whether what is written may be an overlay, which need not repeat what it extends.
    overlay: bool,
    /// What `$ref` leads to, by name, and the keys it was made of.
    definitions: Vec<(String, &'static Keys, Value)>,
    /// Other things that `$ref` leads to.
    others: Map<String, Value>,
}

impl<'a> Writer<'a> {
    fn new(pack: Option<&'a Pack>, overlay: bool) -> Self {
        Writer { pack, overlay, definitions: Vec::new(), others: Map::new() }
    }

    fn document(mut self, title: &str, description: &str, keys: &'static Keys) -> Value {
        let Value::Object(body) = self.table(keys) else { return Value::Null };
        let mut schema = Map::new();
        // No `$id`: Taplo takes none that is not a whole address.
        schema.insert("$schema".into(), DRAFT.into());
        schema.insert("title".into(), title.into());
        schema.insert("description".into(), description.into());
        schema.extend(body);
        let mut definitions = std::mem::take(&mut self.others);
        definitions.extend(self.definitions.into_iter().map(|(name, _, value)| (name, value)));
        if !definitions.is_empty() {
            schema.insert("definitions".into(), Value::Object(definitions));
        }
        Value::Object(schema)
    }

    /// A table of known keys.
    fn table(&mut self, keys: &'static Keys) -> Value {
        self.keys_of(keys, &[])
    }

    fn keys_of(&mut self, keys: &'static Keys, more: &[Key]) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for key in keys.iter().copied().chain(more.iter().copied()) {
            let mut schema = self.key(&key);
            if self.drops(keys, &key) {
                schema = self.or_dropped(schema);
            }
            properties.insert(key.name.to_owned(), schema);
            if key.need == Need::Always || (key.need == Need::Once && !self.overlay) {
                required.push(Value::from(key.name));
            }
        }
        self.offer_names(keys, &mut properties);
        let mut table = json!({ "type": "object", "additionalProperties": false, "properties": properties });
        if !required.is_empty() {
            set(&mut table, "required", Value::Array(required));
        }
        if std::ptr::eq(keys, &EVIDENCE) {
            set(&mut table, "anyOf", json!([{ "required": ["when"] }, { "required": ["plugin"] }]));
        }
        table
    }

    /// Whether an overlay may drop this one key of a thing by `key = { remove = true }`: where packs merge key by key.
    fn drops(&self, keys: &'static Keys, key: &Key) -> bool {
        let whole = [&IDENTITY, &EVIDENCE, &BAND].iter().any(|other| std::ptr::eq(*other, keys));
        let named = matches!(key.kind, Kind::Things(_) | Kind::Listed(_) | Kind::Lints);
        let word = [REMOVE.name, BEFORE.name, AFTER.name].contains(&key.name);
        self.overlay && !whole && !named && !word && key.need != Need::Always && key.name != "pack"
    }

    fn or_dropped(&mut self, schema: Value) -> Value {
        if !self.others.contains_key("dropped") {
            let dropped = json!({
                "type": "object",
                "description": "Drops what the pack that is extended says here.",
                "additionalProperties": false,
                "properties": { "remove": { "const": true } },
                "required": ["remove"],
            });
            self.others.insert("dropped".into(), dropped);
        }
        let Value::Object(mut map) = schema else { return schema };
        let mut outer = Map::new();
        for key in ["description", "default"] {
            if let Some(value) = map.shift_remove(key) {
                outer.insert(key.into(), value);
            }
        }
        outer.insert("anyOf".into(), json!([map, refer("dropped")]));
        Value::Object(outer)
    }

    /// One key: what its value may be, its help, its default.
    fn key(&mut self, key: &Key) -> Value {
        let schema = self.kind(&key.kind);
        let help = match &key.kind {
            Kind::Expression(gives) => format!("{} {}", key.help, gives.words()),
            Kind::Sentence => format!("{} `{{…}}` holds an expression.", key.help),
            _ => key.help.to_owned(),
        };
        described(schema, &help, default(key.default))
    }

    fn kind(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Text | Kind::Expression(_) | Kind::Sentence | Kind::Identifier | Kind::Name => {
                json!({ "type": "string" })
            }
            Kind::Number(min, max) => bounds(json!({ "type": "number" }), *min, *max),
            Kind::Positive => json!({ "type": "number", "exclusiveMinimum": 0 }),
            Kind::Whole(min, max) => json!({ "type": "integer", "minimum": min, "maximum": max }),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::Date => date(),
            Kind::Word(words) => one_of(words),
            Kind::Words(words) => json!({ "type": "array", "items": one_of(words), "uniqueItems": true }),
            Kind::Texts => {
                json!({ "type": "array", "items": { "type": "string", "minLength": 1 }, "uniqueItems": true })
            }
            Kind::Reference(reference) => self.reference(*reference),
            Kind::Any(kinds) => {
                let kinds: Vec<Value> = kinds.iter().map(|kind| self.kind(kind)).collect();
                json!({ "anyOf": kinds })
            }
            Kind::List(kind) => {
                let items = self.kind(kind);
                json!({ "type": "array", "items": items })
            }
            Kind::Point => json!({
                "type": "array",
                "items": [{ "type": "number" }, { "type": "number", "minimum": 0, "maximum": 10 }],
                "additionalItems": false,
                "minItems": 2,
            }),
            Kind::Scores => {
                let score = self.or_dropped(json!({ "type": "number", "minimum": 0, "maximum": 10 }));
                json!({ "type": "object", "additionalProperties": score })
            }
            Kind::Table(keys) => self.named(keys, &[]),
            Kind::Things(things) => self.things(things),
            Kind::Listed(keys) => {
                let each = self.named(keys, &[REMOVE, BEFORE, AFTER]);
                json!({ "type": "array", "items": each })
            }
            Kind::ByChannel(kind) => {
                let each = self.kind(kind);
                json!({ "type": "object", "additionalProperties": each })
            }
            Kind::Lints => self.lints(),
            Kind::Given => self.given(),
            Kind::Params => self.params(),
            Kind::Population => self.population(),
            Kind::Expect => self.expect(),
        }
    }

    /// A reference to the schema of a thing.
    fn named(&mut self, keys: &'static Keys, more: &[Key]) -> Value {
        if let Some((name, ..)) = self.definitions.iter().find(|(_, other, _)| std::ptr::eq(*other, keys)) {
            return refer(name);
        }
        let mut name = keys.noun.trim_matches(|c: char| !c.is_alphanumeric()).replace(' ', "_");
        while self.definitions.iter().any(|(other, ..)| *other == name) {
            name.push('_');
        }
        // Its place comes before the places of what is in it.
        let place = self.definitions.len();
        self.definitions.push((name.clone(), keys, Value::Null));
        let mut schema = self.keys_of(keys, more);
        if more.iter().any(|key| key.name == AFTER.name) {
            // What Taplo writes for a new one.
            let first: Vec<&str> = keys.iter().filter(|key| key.need != Need::May).map(|key| key.name).collect();
            set(&mut schema, "x-taplo", json!({ "initKeys": first }));
        }
        if let Some((_, _, value)) = self.definitions.get_mut(place) {
            *value = schema;
        }
        refer(&name)
    }

    /// Things by name; a bare value may stand for one.
    fn things(&mut self, things: &'static Things) -> Value {
        let mut each = self.named(things.keys, &[REMOVE]);
        if let Some(bare) = &things.bare {
            let bare = self.kind(bare);
            each = json!({ "anyOf": [bare, each] });
        }
        let mut properties = Map::new();
        for (name, help) in self.declared(things.keys) {
            properties.insert(name, described(each.clone(), &help, None));
        }
        let mut table = json!({ "type": "object", "additionalProperties": each });
        if !properties.is_empty() {
            set(&mut table, "properties", Value::Object(properties));
        }
        table
    }

    /// Levels by the names of lints.
    fn lints(&mut self) -> Value {
        let set = self.named(&LINT, &[REMOVE]);
        let each = json!({ "anyOf": [one_of(LEVELS), set] });
        let properties: Map<String, Value> = LINTS
            .iter()
            .map(|lint| {
                let help = format!("{}: {}.", lint.code, lint.what);
                (lint.name.to_owned(), described(each.clone(), &help, None))
            })
            .collect();
        if properties.is_empty() {
            return json!({ "type": "object", "additionalProperties": each });
        }
        json!({ "type": "object", "additionalProperties": false, "properties": properties })
    }
}

/// Sets a key of a schema.
fn set(schema: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = schema {
        map.insert(key.to_owned(), value);
    }
}

/// A schema with a description. Draft 7 reads nothing beside a `$ref`, so that one is wrapped.
fn described(schema: Value, help: &str, default: Option<Value>) -> Value {
    let mut schema = match schema {
        Value::Object(map) if map.contains_key("$ref") => json!({ "allOf": [map] }),
        other => other,
    };
    if !help.is_empty() {
        set(&mut schema, "description", help.into());
    }
    if let Some(default) = default {
        set(&mut schema, "default", default);
    }
    schema
}

/// A default, written as TOML, as JSON.
fn default(text: &str) -> Option<Value> {
    if text.is_empty() {
        return None;
    }
    let table: toml::Table = format!("x = {text}").parse().ok()?;
    serde_json::to_value(table.get("x")?).ok()
}

fn refer(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A day. TOML's dates and texts such as `2026-01-31` both are texts to a schema.
fn date() -> Value {
    json!({ "type": "string", "format": "date" })
}

/// One of a few words, with their meanings.
fn one_of(words: &[Word]) -> Value {
    let names: Vec<&str> = words.iter().map(|word| word.word).collect();
    let help: Vec<&str> = words.iter().map(|word| word.help).collect();
    json!({ "type": "string", "enum": names, "x-taplo": { "docs": { "enumValues": help } } })
}

fn bounds(mut schema: Value, min: Option<f64>, max: Option<f64>) -> Value {
    if let Some(min) = min {
        set(&mut schema, "minimum", number(min));
    }
    if let Some(max) = max {
        set(&mut schema, "maximum", number(max));
    }
    schema
}

/// Whole numbers without a fraction.
fn number(x: f64) -> Value {
    if x.fract() == 0.0 && x.abs() < 1e15 { Value::from(x as i64) } else { Value::from(x) }
}

/// Texts that are offered, where any other will do, too: what is written may declare a new name.
fn suggest<'n>(names: impl IntoIterator<Item = &'n str>) -> Value {
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() {
        return json!({ "type": "string" });
    }
    json!({ "anyOf": [{ "type": "string", "enum": names }, { "type": "string" }] })
}
