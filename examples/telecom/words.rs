//! What the customers write, and what they are called.

use super::{Rng, chance, pick};

/// Why somebody leaves, or complains.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Topic {
    Price,
    Poached,
    Competitor,
    Devices,
    More,
    Service,
    Network,
    Installation,
    Fibre,
    Billing,
    Trust,
    Moved,
    LifeChange,
    NoNeed,
    /// Says nothing that points anywhere.
    Vague,
}

/// A text on a topic, in English or German, or the code a call centre notes.
pub(crate) fn words(rng: &mut Rng, topic: Topic, german: bool) -> String {
    let (english, deutsch, code) = match topic {
        Topic::Price => PRICE,
        Topic::Poached => POACHED,
        Topic::Competitor => COMPETITOR,
        Topic::Devices => DEVICES,
        Topic::More => MORE,
        Topic::Service => SERVICE,
        Topic::Network => NETWORK,
        Topic::Installation => INSTALLATION,
        Topic::Fibre => FIBRE,
        Topic::Billing => BILLING,
        Topic::Trust => TRUST,
        Topic::Moved => MOVED,
        Topic::LifeChange => LIFE_CHANGE,
        Topic::NoNeed => NO_NEED,
        Topic::Vague => VAGUE,
    };
    if chance(rng, 0.2) {
        return code.to_owned();
    }
    let pattern = pick(rng, if german { deutsch } else { english });
    let mut text = String::new();
    if chance(rng, 0.25) {
        text.push_str(pick(rng, if german { GRUSS } else { GREETINGS }));
        text.push(' ');
    }
    text.push_str(&pattern.replace("{n}", &rng.i64(2..=9).to_string()));
    if chance(rng, 0.2) {
        text.push(' ');
        text.push_str(pick(rng, if german { SCHLUSS } else { CLOSINGS }));
    }
    text
}

type Texts = (&'static [&'static str], &'static [&'static str], &'static str);

const GREETINGS: &[&str] = &["Hello,", "Dear Draht & Licht,", "To whom it may concern:", "Hi there,"];
const GRUSS: &[&str] = &["Guten Tag,", "Sehr geehrte Damen und Herren,", "Hallo,", "Moin,"];
const CLOSINGS: &[&str] = &["Please confirm.", "I expected better.", "Kind regards", "Nothing more to add."];
const SCHLUSS: &[&str] =
    &["Bitte um Bestätigung.", "Ich bin enttäuscht.", "Mit freundlichen Grüßen", "Von Rückrufen bitte ich abzusehen."];

const PRICE: Texts = (
    &[
        "After {n} years the same line costs more than new customers pay. Too expensive.",
        "I can get this cheaper, and I will.",
        "The price increase was the last straw.",
        "With {n} mouths to feed we cannot afford it any longer.",
    ],
    &[
        "Hiermit kündige ich, der Tarif ist mir zu teuer geworden.",
        "Die Preiserhöhung akzeptiere ich nicht und kündige zum nächstmöglichen Termin.",
        "Andere sind {n} Euro günstiger im Monat.",
    ],
    "Price too high",
);
const POACHED: Texts = (
    &[
        "Somebody pays me a switching bonus and {n} free months. Sorry.",
        "I found a better offer on a comparison site.",
        "They give a welcome bonus, you give nothing to those who stay.",
    ],
    &["Beim Vergleichsportal gab es {n} Monate gratis und eine Prämie dazu.", "Der Wechselbonus war einfach zu gut."],
    "Competitor made better offer",
);
const COMPETITOR: Texts = (
    &[
        "I am switching to another provider, please send the porting code.",
        "The whole family is with somebody else now, so we go elsewhere, too.",
    ],
    &["Ich wechsle zu einem anderen Anbieter.", "Bitte bestätigen Sie die Rufnummernmitnahme, ich bin dann woanders."],
    "Competitor",
);
const DEVICES: Texts = (
    &["My phone is {n} years old, and elsewhere a new phone comes with the contract.", "They have the newer phone."],
    &["Woanders bekomme ich ein neues Handy dazu.", "Das neue Smartphone gibt es bei Ihnen nicht."],
    "Competitor had better devices",
);
const MORE: Texts = (
    &[
        "They offer {n} times more data for the same money.",
        "There is fibre in our street now, but not from you.",
        "I need faster internet for the home office.",
    ],
    &["Für dasselbe Geld bekomme ich anderswo mehr Datenvolumen.", "Ein anderer legt Glasfaser, Sie leider nicht."],
    "Competitor offered higher download speeds",
);
const SERVICE: Texts = (
    &[
        "I spent {n} hours on hold and nobody called back.",
        "Rude on the telephone, and no answer to {n} letters.",
        "Your support told me {n} different things.",
    ],
    &[
        "{n} Mal angerufen, immer nur Warteschleife.",
        "Die Hotline war unfreundlich und auf meine Briefe kam keine Antwort.",
    ],
    "Attitude of support person",
);
const NETWORK: Texts = (
    &[
        "No signal in the kitchen, dropped calls in the living room.",
        "The {n}th outage this year. I work from home.",
        "The line is slower than promised: {n} instead of 100.",
    ],
    &[
        "Schon wieder eine Störung, die {n}. in diesem Jahr.",
        "Im ganzen Tal ist ein Funkloch, ich habe kein Netz.",
        "Das Internet bricht ab, sobald {n} Leute im Haus sind.",
    ],
    "Network reliability",
);
const INSTALLATION: Texts = (
    &[
        "The technician did not come, for the {n}th time. I took a day off for each of them.",
        "Ordered {n} weeks ago and still not connected.",
    ],
    &["Der Techniker kam wieder nicht. {n} Urlaubstage sind weg.", "Seit {n} Wochen nicht angeschlossen."],
    "Installation",
);
const FIBRE: Texts = (
    &[
        "The trench in front of my house has been open for {n} months, and there is no date for the fibre.",
        "The roll-out was promised for last autumn. I will not wait any longer.",
    ],
    &[
        "Der Ausbau war für letztes Jahr versprochen, der Bagger steht noch immer da.",
        "Seit {n} Monaten ist der Graben offen, und vom Ausbau keine Spur.",
    ],
    "Roll-out delayed",
);
const BILLING: Texts = (
    &[
        "The bill is wrong for the {n}th month in a row.",
        "You charged me roaming for a holiday at home.",
        "I still wait for my refund.",
    ],
    &[
        "Die Rechnung stimmt seit {n} Monaten nicht.",
        "Ein Drittanbieter steht auf der Rechnung, den ich nicht kenne.",
        "Auf die Gutschrift warte ich seit {n} Wochen.",
    ],
    "Wrong bill",
);
const TRUST: Texts = (
    &[
        "A man at the doorstep talked my mother into a contract she never ordered.",
        "{n} advertising calls in a month. Enough.",
    ],
    &["An der Haustür wurde mir ein Vertrag untergeschoben.", "Ständig Werbeanrufe, {n} in einem Monat."],
    "Personal data",
);
const MOVED: Texts = (
    &[
        "We are moving in with my parents, they have a line already.",
        "I have moved, and you are not available at the new address.",
        "Moving abroad in {n} weeks.",
    ],
    &["Wegen Umzug kündige ich zum Monatsende.", "Wir ziehen um und die neue Wohnung hat schon einen Anschluss."],
    "Moved",
);
const LIFE_CHANGE: Texts = (
    &[
        "My father passed away, please end his contract.",
        "I lost my job and have to save where I can.",
        "We closed the business at the end of the year.",
    ],
    &["Meine Mutter lebt jetzt im Pflegeheim.", "Wir geben den Laden auf, Ruhestand."],
    "Health reasons",
);
const NO_NEED: Texts = (
    &["I use my work phone and do not need a second contract.", "I hardly use it, {n} calls a month."],
    &["Ich habe ein Diensthandy und keinen Bedarf mehr.", "Den Zweitvertrag brauche ich nicht."],
    "No need",
);
const VAGUE: Texts = (
    &["Please cancel my contract at the next possible date.", "Personal reasons."],
    &["Hiermit kündige ich fristgerecht.", "Bitte beenden Sie den Vertrag zum nächstmöglichen Zeitpunkt."],
    "Don't know",
);

/// What somebody asks for who thinks about leaving.
pub(crate) const LEAVING: &[&str] = &[
    "Asks for the porting code.",
    "Wants to know the last day of the contract.",
    "Where does the notice go to?",
    "Fragt nach der Kündigungsfrist.",
    "Möchte die Rufnummer mitnehmen.",
];

pub(crate) const QUESTIONS: &[&str] = &[
    "How do I set up the mailbox?",
    "Can the bill come by e-mail?",
    "New bank account.",
    "Wie ändere ich mein Passwort?",
    "Zählerstand durchgegeben.",
];

// ---------------------------------------------------------------- names

pub(crate) const CITIES: &[&str] = &[
    "Kassel",
    "Marburg",
    "Fulda",
    "Göttingen",
    "Freiburg",
    "Konstanz",
    "Ulm",
    "Kempten",
    "Rostock",
    "Flensburg",
    "Lübeck",
    "Bregenz",
    "Innsbruck",
    "Linz",
    "Graz",
    "Vienna",
];

pub(crate) const FIRST: &[&str] = &[
    "Anna",
    "Lukas",
    "Sabine",
    "Jürgen",
    "Leonie",
    "Maximilian",
    "Ute",
    "Katrin",
    "Stefan",
    "Fatma",
    "Mehmet",
    "Heike",
    "Elif",
    "Jonas",
    "Birgit",
    "Werner",
    "Aylin",
    "Dragan",
    "Milena",
    "Piotr",
    "Chiara",
    "Theresa",
    "Florian",
    "Ingrid",
];

pub(crate) const LAST: &[&str] = &[
    "Müller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Becker",
    "Hoffmann",
    "Krüger",
    "Yilmaz",
    "Schäfer",
    "Vogel",
    "Lorenz",
    "Gruber",
    "Huber",
    "Pichler",
    "Steiner",
    "Moser",
    "Kowalski",
    "Jovanović",
    "Rossi",
    "Demir",
    "Brandt",
];

pub(crate) const TRADES: &[&str] = &[
    "Hotel",
    "Bakery",
    "Dental Practice",
    "Carpentry",
    "Law Office",
    "Pharmacy",
    "Garage",
    "Brewery",
    "Architects",
    "Florist",
];
