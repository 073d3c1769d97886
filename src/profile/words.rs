//! What headers say: words of two languages to concepts of the field.
//!
//! `Bestelldatum`, `order_date` and `OrderDate` all say *order* and *date*. A header is split where its case, its signs or
//! its parts (German) say so; each part is looked up in one list.

/// Concept: the stems that mean it. A longer stem wins over a shorter one; a stem of a compound may be followed by a joint.
const CONCEPTS: &[(&str, &[&str])] = &[
    (
        "customer",
        &[
            "customer",
            "client",
            "kunde",
            "kunden",
            "kd",
            "cust",
            "debitor",
            "debitoren",
            "buyer",
            "member",
            "mitglied",
            "mitglieds",
            "account",
            "konto",
            "subscriber",
            "user",
            "party",
            "geschaeftspartner",
            "contact",
        ],
    ),
    ("id", &["id", "number", "nummer", "nr", "no", "num", "key", "code", "ident", "kennung", "schluessel", "ref"]),
    (
        "order",
        &[
            "order",
            "orders",
            "bestell",
            "bestellung",
            "bestellungen",
            "auftrag",
            "auftrags",
            "auftraege",
            "purchase",
            "purchases",
            "kauf",
            "kaeufe",
            "transaction",
            "transactions",
            "sale",
            "einkauf",
            "basket",
            "bon",
        ],
    ),
    ("date", &["date", "datum", "day", "tag", "dt", "time", "timestamp", "zeit", "zeitpunkt"]),
    ("revenue", &["revenue", "umsatz", "umsaetze", "turnover", "sales", "erloes", "erloese", "spend", "spent"]),
    ("amount", &["amount", "betrag", "summe", "sum", "value", "wert", "price", "preis", "netto", "nettobetrag", "net"]),
    ("margin", &["margin", "marge", "deckungsbeitrag", "db", "contribution", "profit", "gewinn", "rohertrag"]),
    (
        "cancel",
        &[
            "cancel",
            "cancelled",
            "canceled",
            "cancellation",
            "kuendigung",
            "kuendigungs",
            "gekuendigt",
            "churn",
            "churned",
            "notice",
            "terminated",
            "termination",
            "storno",
            "austritt",
            "austritts",
            "leaving",
        ],
    ),
    ("reason", &["reason", "grund", "gruende", "why", "cause", "anlass", "ursache"]),
    (
        "contract",
        &["contract", "vertrag", "vertrags", "subscription", "abo", "membership", "mitgliedschaft", "plan", "tarif"],
    ),
    ("end", &["end", "ends", "ende", "until", "bis", "expiry", "expires", "ablauf", "laufzeitende"]),
    (
        "start",
        &[
            "since",
            "seit",
            "start",
            "begin",
            "beginn",
            "created",
            "angelegt",
            "joined",
            "join",
            "signup",
            "registered",
            "registration",
            "eintritt",
            "eintritts",
        ],
    ),
    ("birth", &["birth", "birthday", "geburt", "geburts", "geboren", "geburtstag", "dob"]),
    ("zip", &["zip", "plz", "postcode", "postal", "postleitzahl"]),
    ("city", &["city", "town", "ort", "stadt", "wohnort"]),
    ("region", &["region", "area", "bundesland", "gebiet", "bezirk", "province", "territory"]),
    ("country", &["country", "land", "laender", "nation"]),
    ("segment", &["segment", "gruppe", "group", "tier", "kundengruppe"]),
    ("invoice", &["invoice", "invoices", "rechnung", "rechnungs", "rechnungen", "bill", "bills", "faktura"]),
    ("payment", &["payment", "payments", "paid", "zahlung", "zahlungs", "zahlungen", "pay"]),
    ("late", &["late", "verspaetet", "verzug", "overdue", "delayed"]),
    ("fail", &["failed", "failure", "failures", "ruecklastschrift", "ruecklastschriften", "bounced"]),
    (
        "complaint",
        &[
            "complaint",
            "complaints",
            "beschwerde",
            "beschwerden",
            "reklamation",
            "reklamations",
            "reklamationen",
            "ticket",
            "tickets",
            "claim",
        ],
    ),
    ("return", &["return", "returned", "returns", "retoure", "retouren", "sentback", "ruecksendung"]),
    ("back", &["reactivated", "wonback", "zurueck", "winback", "reactivation"]),
    ("discount", &["discount", "rabatt", "rabatte", "rebate", "nachlass"]),
    ("share", &["share", "anteil", "rate", "quote", "ratio", "percent", "prozent", "pct"]),
    ("count", &["count", "anzahl", "zahl", "qty", "quantity", "menge", "items", "stueck"]),
    ("last", &["last", "letzte", "letzter", "letztes", "letzt", "latest", "recent"]),
    ("first", &["first", "erste", "erster", "erst", "erstes"]),
    ("total", &["total", "gesamt", "overall", "all", "kumuliert", "lifetime"]),
    ("year", &["year", "years", "jahr", "jahre", "annual", "12m", "yearly"]),
    ("month", &["month", "months", "monat", "monate"]),
    ("prior", &["prior", "previous", "vorjahr", "vor"]),
    ("gap", &["gap", "between", "abstand", "interval"]),
    ("consent", &["consent", "optin", "einwilligung", "permission", "erlaubnis", "zustimmung"]),
    ("objection", &["objected", "objection", "optout", "widerspruch", "werbewiderspruch", "unsubscribed"]),
    ("email", &["email", "mail", "newsletter"]),
    ("phone", &["phone", "telefon", "tel", "mobile", "handy", "telephone", "anruf"]),
    ("post", &["post", "letter", "brief"]),
    (
        "referral",
        &[
            "referral",
            "referrals",
            "referred",
            "empfehlung",
            "empfehlungen",
            "recommendation",
            "recommendations",
            "recommend",
        ],
    ),
    ("nps", &["nps", "promoter", "weiterempfehlung"]),
    ("sympathy", &["sympathy", "sympathie"]),
    ("competitor", &["competitor", "wettbewerber", "konkurrent", "konkurrenz", "switched"]),
    ("credit", &["credit", "bonitaet", "bonitaets", "kredit", "solvency"]),
    ("dunning", &["dunning", "mahn", "mahnung", "mahnstufe"]),
    ("level", &["level", "stufe"]),
    (
        "text",
        &[
            "text",
            "message",
            "nachricht",
            "comment",
            "kommentar",
            "description",
            "beschreibung",
            "freitext",
            "bemerkung",
            "notes",
        ],
    ),
    ("kind", &["kind", "type", "art", "typ"]),
    ("status", &["status", "state", "zustand"]),
    ("closed", &["closed", "erledigt", "settled", "resolved", "geschlossen", "abgeschlossen"]),
    ("open", &["open", "opened", "offen", "offene", "eingang", "eingangs", "received"]),
    ("name", &["name", "namen", "firma", "company"]),
    ("service", &["service", "support", "betreuung", "care"]),
    ("hours", &["hours", "stunden", "std"]),
    ("dead", &["deceased", "dead", "verstorben", "tot"]),
    ("fraud", &["fraud", "betrug"]),
    ("blocked", &["blocked", "locked", "gesperrt", "sperre", "sperrkennzeichen"]),
    ("insolvent", &["insolvent", "insolvency", "insolvenz"]),
    ("growth", &["growth", "wachstum"]),
    ("increase", &["increase", "erhoehung", "preiserhoehung"]),
    ("score", &["score", "index", "rating", "punkte", "points"]),
    ("address", &["address", "adresse", "anschrift"]),
    ("invalid", &["invalid", "ungueltig", "undeliverable", "unzustellbar"]),
    ("internal", &["internal", "intern", "employee", "mitarbeiter", "testkunde"]),
    ("erasure", &["erasure", "loeschantrag", "loeschung", "deletion"]),
    ("role", &["role", "rolle", "funktion"]),
    ("outlook", &["outlook", "perspektive", "aussicht"]),
    ("delivery", &["delivery", "deliveries", "lieferung", "liefer", "lieferungen", "versand", "shipping"]),
];

/// Words that say nothing alone.
const EMPTY: [&str; 22] = [
    "of", "the", "in", "am", "on", "der", "die", "das", "des", "a", "an", "for", "und", "and", "is", "has", "to",
    "von", "vom", "by", "at", "zum",
];

/// Words that many columns have: they tell columns apart, but do not make two of them the same.
const COMMON: [&str; 14] = [
    "id", "date", "count", "amount", "total", "last", "name", "score", "kind", "status", "year", "month", "text",
    "start",
];

/// Small letters, accents and umlauts written out.
pub(super) fn plain(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let mut out = String::with_capacity(text.len());
    for c in text.nfc().flat_map(char::to_lowercase) {
        match c {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            c => out.extend(c.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c))),
        }
    }
    out
}

/// The words of a header: at signs and blanks, and where small letters turn to capitals.
fn words(header: &str) -> Vec<String> {
    let mut list = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for c in header.chars() {
        let turn = before.is_lowercase() && c.is_uppercase();
        if (!c.is_alphanumeric() || turn) && !word.is_empty() {
            list.push(plain(&std::mem::take(&mut word)));
        }
        if c.is_alphanumeric() {
            word.push(c);
        }
        before = c;
    }
    if !word.is_empty() {
        list.push(plain(&word));
    }
    list
}

fn concept(word: &str) -> Option<&'static str> {
    CONCEPTS.iter().find(|(_, stems)| stems.contains(&word)).map(|(concept, _)| *concept)
}

/// A word as parts that are all in the list: `bestelldatum`, `kundennummer`.
fn parts(word: &str) -> Option<Vec<&'static str>> {
    const SHORTEST: usize = 2;
    if let Some(one) = concept(word) {
        return Some(vec![one]);
    }
    if word.len() < 2 * SHORTEST || word.len() > 40 {
        return None;
    }
    // The longest first part that leaves something known; `s`, `n`, `en` and `e` may join them.
    for at in (SHORTEST..=word.len() - SHORTEST).rev() {
        let (Some(head), Some(tail)) = (word.get(..at), word.get(at..)) else { continue };
        let head = ["", "s", "n", "en", "e"].iter().find_map(|joint| concept(head.strip_suffix(joint)?));
        if let (Some(head), Some(mut rest)) = (head, parts(tail)) {
            rest.insert(0, head);
            return Some(rest);
        }
    }
    None
}

/// What a header says, in order, each once. Words that are not known stand for themselves.
#[must_use]
pub(super) fn concepts(header: &str) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    let spoken = words(header);
    let mut add = |concept: &str| {
        if !list.iter().any(|c| c == concept) {
            list.push(concept.to_owned());
        }
    };
    let mut i = 0;
    while let Some(word) = spoken.get(i) {
        // `opt out`, `e-mail`, `won back`: two words, one meaning.
        let pair = spoken.get(i + 1).and_then(|next| concept(&format!("{word}{next}")).filter(|_| word.len() <= 4));
        if let Some(pair) = pair {
            add(pair);
            i += 2;
            continue;
        }
        i += 1;
        if word == "number" && spoken.get(i).is_some_and(|next| next == "of") {
            add("count");
            continue;
        }
        if EMPTY.contains(&word.as_str()) {
            continue;
        }
        match parts(word) {
            Some(known) => known.into_iter().for_each(&mut add),
            None => add(word),
        }
    }
    list
}

/// How much two lists of concepts say the same, from 0 to 1. Of dates the word "date" itself says nothing.
#[must_use]
pub(super) fn likeness(a: &[String], b: &[String], date: bool) -> f64 {
    let weight = |c: &String| match c.as_str() {
        "date" if date => 0.0,
        c if COMMON.contains(&c) => 0.3,
        _ => 1.0,
    };
    let same = |x: &String, y: &String| x == y || (x.len() > 4 && strsim::jaro_winkler(x, y) > 0.94);
    let sum = |list: &[String]| list.iter().map(weight).sum::<f64>();
    let all = sum(a) + sum(b);
    if all <= 0.0 {
        return 0.0;
    }
    let shared: f64 = a.iter().filter(|x| b.iter().any(|y| same(x, y))).map(weight).sum();
    (2.0 * shared / all).min(1.0)
}

/// Whether the language of expressions takes a name for something else than a name.
fn is_word(name: &str) -> bool {
    let whole = crate::diag::Span::new(crate::diag::FileId(0), 0, name.len());
    let anchor = crate::expr::Anchor::somewhere(whole);
    let names = crate::expr::parse(name, &anchor, &mut Vec::new()).map(|ast| ast.names());
    !names.is_some_and(|names| names.len() == 1 && names.iter().all(|(read, _)| read == name))
}

/// A header as a name in a pack: `Number of Referrals` is `number_of_referrals`.
#[must_use]
pub(super) fn name(header: &str) -> String {
    let joined = words(header).join("_");
    let bare: String = joined.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    match bare.chars().next() {
        None => "column".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("c_{bare}"),
        Some(_) if !rhai::is_valid_identifier(&bare) || is_word(&bare) => format!("{bare}_"),
        Some(_) => bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_languages_say_the_same() {
        for (header, expected) in [
            ("Kundennummer", "customer id"),
            ("KdNr", "customer id"),
            ("Kd.-Nr.", "customer id"),
            ("Customer ID", "customer id"),
            ("customerId", "customer id"),
            ("Bestelldatum", "order date"),
            ("order_date", "order date"),
            ("Kündigungsgrund", "cancel reason"),
            ("Churn Reason", "cancel reason"),
            ("Geburtsdatum", "birth date"),
            ("PLZ", "zip"),
            ("Vertragsende", "contract end"),
            ("Rechnungsbetrag", "invoice amount"),
            ("Umsatz", "revenue"),
            ("Number of Referrals", "count referral"),
            ("opt_out", "objection"),
            ("xyz", "xyz"),
        ] {
            assert_eq!(concepts(header).join(" "), expected, "{header}");
        }
    }

    #[test]
    fn likeness_is_of_what_matters() {
        let like = |a: &str, b: &str, date| likeness(&concepts(a), &concepts(b), date);
        assert!((like("Kundennummer", "customer_id", false) - 1.0).abs() < 1e-9);
        assert!((like("Kündigung am", "cancellation date", true) - 1.0).abs() < 1e-9);
        assert!(like("satisfaction score", "recommend_score", false) < 0.5);
        assert!(like("", "", true) < 0.5);
    }

    #[test]
    fn names() {
        assert_eq!(name("Number of Referrals"), "number_of_referrals");
        assert_eq!(name("Straße / Nr."), "strasse_nr");
        assert_eq!(name("12 Monate"), "c_12_monate");
        assert_eq!(name("客户"), "column");
        assert_eq!(name("if"), "if_");
        assert_eq!(name("Call"), "call_");
    }
}
