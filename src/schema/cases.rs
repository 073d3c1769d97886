//! What cases are given and what they expect: names and types of the pack they prove.

use serde_json::{Map, Value, json};

use super::names::dedup;
use super::{Writer, date, described, refer, set};
use crate::expr::{NameKind, Type};
use crate::pack::{Column, Limit, Pack, Prevention, SecondLife, Track};

impl Writer<'_> {
    /// Parameters by name.
    pub(super) fn params(&mut self) -> Value {
        let Some(pack) = self.pack else {
            return json!({ "type": "object", "additionalProperties": { "type": ["number", "string", "boolean"] } });
        };
        if !self.others.contains_key("params") {
            let mut properties = Map::new();
            for param in &pack.params {
                let ty = param.value.ty().unwrap_or(Type::Number);
                let help = format!("{} In force: {}.", param.help, param.value.literal());
                properties.insert(param.name.clone(), described(plain(ty), &help, None));
            }
            self.others.insert("params".into(), closed(properties));
        }
        refer("params")
    }

    /// Lists of numbers by criterion of rank.
    pub(super) fn population(&self) -> Value {
        let numbers = json!({ "type": "array", "items": { "type": "number" }, "minItems": 1 });
        match self.pack {
            None => json!({ "type": "object", "additionalProperties": numbers }),
            Some(pack) => {
                let ranked = pack.criteria.iter().filter(|c| matches!(c.method, crate::pack::Method::Rank(..)));
                closed(ranked.map(|c| (c.name.clone(), numbers.clone())).collect())
            }
        }
    }

    /// What is known of a customer: columns, rollups taken as they are, rows of event tables.
    pub(super) fn given(&mut self) -> Value {
        let Some(pack) = self.pack else {
            return json!({
                "type": "object",
                "additionalProperties": {
                    "anyOf": [
                        { "type": ["number", "string", "boolean"] },
                        { "type": "array", "items": { "type": "object" } },
                    ],
                },
            });
        };
        if !self.others.contains_key("given") {
            let mut properties = Map::new();
            let help = "The key of the customer. Default: the name of the case.";
            properties.insert(pack.record.key.clone(), json!({ "type": ["string", "number"], "description": help }));
            for column in &pack.record.columns {
                properties.insert(column.name.clone(), or_missing(of_column(column)));
            }
            for rollup in &pack.rollups {
                let help = format!("Taken as it is, not computed: `{}`", rollup.text);
                let ty = pack.names.get(rollup.slot).ty;
                properties.insert(rollup.name.clone(), or_missing(described(plain(ty), &help, None)));
            }
            for table in pack.tables.values() {
                let columns =
                    table.columns.iter().map(|column| (column.name.clone(), or_missing(of_column(column)))).collect();
                let mut row = closed(columns);
                if let Some(time) = &table.time {
                    set(&mut row, "required", json!([time]));
                }
                let rows = json!({ "type": "array", "items": row });
                properties.insert(table.name.clone(), described(rows, &table.help, None));
            }
            self.others.insert("given".into(), closed(properties));
        }
        refer("given")
    }

    /// What must be decided.
    pub(super) fn expect(&mut self) -> Value {
        if !self.others.contains_key("expect") {
            let schema = self.expectations();
            self.others.insert("expect".into(), schema);
        }
        refer("expect")
    }

    fn expectations(&self) -> Value {
        let mut properties = Map::new();
        let mut add = |name: &str, schema: Value, help: &str| {
            properties.insert(name.to_owned(), described(schema, help, None));
        };
        let pack = self.pack;
        // Without a pack any name will do.
        let names = |list: Option<Vec<&str>>, none: bool| text(list, none);
        let of = |pick: fn(&crate::pack::Pack) -> Vec<&str>| pack.map(pick);
        let state = of(|pack| dedup(pack.states.iter().map(|state| state.state.as_str())));
        add("state", names(state, false), "The state that is decided.");
        let rules = of(|pack| pack.states.iter().map(|state| state.name.as_str()).collect());
        add("rule", names(rules, false), "The rule of `[[states]]` that decides, by its own name.");
        add("track", names(Some(Track::ALL.map(Track::word).to_vec()), true), "The track of the state.");
        let causes = of(|pack| pack.causes.list.iter().map(|c| c.name.as_str()).chain(["unknown"]).collect());
        add("cause", names(causes.map(dedup), true), "The cause that is found.");
        let classes = ["pushed_away", "pulled_away", "bought_away", "moved_away", "involuntary", "unknown"].to_vec();
        add("class", names(Some(classes), true), "The class of the cause.");
        add("confidence", of_type(Type::Number), "How sure the cause is, from 0 to 1.");
        add("priority", of_type(Type::Number), "What the plan sorts by.");
        let grades = of(|pack| pack.grades.iter().map(|grade| grade.name.as_str()).collect());
        add("grade", names(grades, true), "The grade.");
        let suppressions = of(|pack| pack.suppress.iter().map(|suppress| suppress.name.as_str()).collect());
        let suppressed = json!({ "anyOf": [{ "type": "boolean" }, names(suppressions, true)] });
        add("suppressed", suppressed, "Whether she is suppressed, or by which rule.");
        let campaigns = || of(|pack| pack.campaigns.iter().map(|campaign| campaign.name.as_str()).collect());
        add("campaign", names(campaigns(), true), "The campaign that is planned; `none` if there must be none.");
        let help = "Campaigns that must be among the candidates; `{ exactly = […] }`: these and no others.";
        add("candidates", or_exactly(all_of(campaigns())), help);
        add("contact", json!({ "type": "boolean" }), "Whether she may be contacted at all.");
        add(
            "offer",
            names(of(|pack| pack.offers.keys().map(String::as_str).collect()), true),
            "The offer of the campaign.",
        );
        let channels = of(|pack| pack.channels.keys().map(String::as_str).collect());
        add("channel", names(channels, true), "The channel of the campaign.");
        add("speaker", names(of(|pack| pack.people.keys().map(String::as_str).collect()), true), "Who speaks.");
        add("send_on", of_type(Type::Date), "The day the campaign is sent.");
        add("net", of_type(Type::Number), "`success * value - cost` of the campaign.");
        add("reasons", all_of(None), "Texts that must be in the reasons.");
        let help = "Texts that must be in what is said of a person's decision; `none`: nobody decided otherwise.";
        add("overridden", all_of(None), help);
        let followups = of(|pack| pack.followups.iter().map(|followup| followup.name.as_str()).collect());
        let help = "Follow-ups that must be due; `{ exactly = […] }`: these and no others.";
        add("followups", or_exactly(all_of(followups)), help);
        let warnings = of(|pack| pack.prevention.iter().flat_map(|p| &p.warnings).map(|w| w.name.as_str()).collect());
        let help = "Early warnings that must be there; `{ exactly = […] }`: these and no others.";
        add("warnings", or_exactly(all_of(warnings)), help);
        add("money", of_type(Type::Number), "What she is counted with.");
        let losses = pack.map(|pack| pack.prevention.iter().flat_map(Prevention::says).collect());
        group(
            "prevention",
            losses.map(of_types),
            "What `[prevention]` says of her, and whether she is `leaving`.",
            &mut add,
        );
        let lives = pack.map(|pack| pack.second_life.iter().flat_map(SecondLife::says).collect());
        group("second_life", lives.map(of_types), "What `[second_life]` says of her.", &mut add);
        let help =
            "What a plan reads of her for the campaign chosen, and the limits that a contact by it counts against.";
        group("plan", pack.map(plan), help, &mut add);
        let Some(pack) = pack else {
            add(
                "score",
                json!({ "type": "object", "additionalProperties": of_type(Type::Number) }),
                "Scores by criterion.",
            );
            let any: Vec<Value> = [Type::Number, Type::Text, Type::Bool, Type::Date].into_iter().map(of_type).collect();
            return json!({ "type": "object", "properties": properties, "additionalProperties": { "anyOf": any } });
        };
        let mut scores = Map::new();
        for criterion in &pack.criteria {
            let schema = described(of_type(Type::Number), &criterion.question, None);
            scores.insert(criterion.name.clone(), schema.clone());
            add(&format!("score.{}", criterion.name), schema, &criterion.question);
        }
        add("score", closed(scores), "Scores by criterion, from 0 to 10.");
        for dimension in &pack.dimensions {
            add(&dimension.name, of_type(Type::Number), &dimension.label);
        }
        for (_, name) in pack.names.iter().filter(|(_, name)| matches!(name.kind, NameKind::Fact | NameKind::Rollup)) {
            let text = pack.facts.iter().find(|fact| fact.name == name.name).map(|fact| fact.text.as_str());
            let text = text.or_else(|| pack.rollups.iter().find(|r| r.name == name.name).map(|r| r.text.as_str()));
            add(&name.name, of_type(name.ty), &format!("`{}`", text.unwrap_or_default()));
        }
        for column in &pack.record.columns {
            add(&column.name, of_type(column.ty), &column.help);
        }
        closed(properties)
    }
}

/// A table of expectations, and each of them by its whole name; without a pack any table.
fn group(name: &str, keys: Option<Vec<(&str, Value)>>, help: &str, add: &mut dyn FnMut(&str, Value, &str)) {
    let Some(keys) = keys else { return add(name, json!({ "type": "object" }), help) };
    if keys.is_empty() {
        return;
    }
    let mut within = Map::new();
    for (key, schema) in keys {
        within.insert(key.to_owned(), schema.clone());
        add(&format!("{name}.{key}"), schema, &format!("`{key}` of `[{name}]`."));
    }
    add(name, closed(within), help);
}

fn of_types(keys: Vec<(&str, Type)>) -> Vec<(&str, Value)> {
    keys.into_iter().map(|(key, ty)| (key, of_type(ty))).collect()
}

/// What a plan reads of a customer.
fn plan(pack: &Pack) -> Vec<(&'static str, Value)> {
    let mut keys = of_types(pack.terms().collect());
    let limits: Vec<String> = pack.planning.iter().flat_map(|plan| &plan.limits).map(Limit::full_name).collect();
    if !limits.is_empty() {
        let names = limits.iter().map(String::as_str).collect();
        keys.push(("limits", or_exactly(all_of(Some(names)))));
    }
    keys
}

/// A value that may be taken back by `"missing"`, whatever a default of the file says.
fn or_missing(schema: Value) -> Value {
    let Value::Object(mut map) = schema else { return schema };
    let help = map.shift_remove("description");
    let mut outer = json!({ "anyOf": [map, { "const": "missing" }] });
    if let Some(help) = help {
        set(&mut outer, "description", help);
    }
    outer
}

/// A table of these keys and no others.
fn closed(properties: Map<String, Value>) -> Value {
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// A value that is given.
fn plain(ty: Type) -> Value {
    match ty {
        Type::Number => json!({ "type": "number" }),
        Type::Text => json!({ "type": "string" }),
        Type::Bool => json!({ "type": "boolean" }),
        Type::Date => date(),
    }
}

fn of_column(column: &Column) -> Value {
    let mut schema = plain(column.ty);
    if !column.values.is_empty() {
        set(&mut schema, "enum", json!(column.values));
    }
    described(schema, &column.help, None)
}

/// What is expected of a value of a type: itself, a range, or only that it is there or not.
fn of_type(ty: Type) -> Value {
    let word = json!({ "enum": ["any", "missing"] });
    match ty {
        Type::Number | Type::Date => {
            let bound = plain(ty);
            let range = json!({
                "type": "object",
                "additionalProperties": false,
                "minProperties": 1,
                "properties": { "min": bound, "max": bound },
            });
            json!({ "anyOf": [bound, word, range] })
        }
        Type::Bool => json!({ "anyOf": [{ "type": "boolean" }, word] }),
        Type::Text => text(None, false),
    }
}

/// A text, one of several, or only that it is there or not.
fn text(names: Option<Vec<&str>>, none: bool) -> Value {
    let Some(mut names) = names else {
        return json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] });
    };
    let list = json!({ "type": "array", "items": { "enum": names.clone() } });
    names.extend(["any", "missing"]);
    if none {
        names.push("none");
    }
    json!({ "anyOf": [{ "type": "string", "enum": dedup(names) }, list] })
}

/// As [`all_of`], or these and no others.
fn or_exactly(mut schema: Value) -> Value {
    let list = schema.pointer("/anyOf/0").cloned().unwrap_or_default();
    let exactly = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["exactly"],
        "properties": { "exactly": list },
    });
    if let Some(Value::Array(any)) = schema.get_mut("anyOf") {
        any.push(exactly);
    }
    schema
}

/// Texts that must all be among those decided.
fn all_of(names: Option<Vec<&str>>) -> Value {
    let item = match names {
        Some(names) if !names.is_empty() => json!({ "enum": names }),
        _ => json!({ "type": "string" }),
    };
    json!({ "anyOf": [{ "type": "array", "items": item }, { "enum": ["any", "missing", "none"] }] })
}
