//! What companies write, what our people write down after a visit, and what companies are called.

use super::Dice;

/// What somebody is unhappy about, or leaves for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Topic {
    Price,
    Competitor,
    Bundling,
    Neglect,
    Service,
    Quality,
    Delivery,
    Billing,
    Terms,
    Portal,
    NewBuyer,
    Moved,
    TakenOver,
    NoNeed,
    Credit,
    /// Says nothing that points anywhere.
    Vague,
    /// A note after a visit at which nothing happened.
    Nothing,
}

/// A text on a topic, in English or German, with goods and numbers put in.
pub(crate) fn words(dice: &mut Dice, topic: Topic, german: bool) -> String {
    let (english, deutsch) = match topic {
        Topic::Price => PRICE,
        Topic::Competitor => COMPETITOR,
        Topic::Bundling => BUNDLING,
        Topic::Neglect => NEGLECT,
        Topic::Service => SERVICE,
        Topic::Quality => QUALITY,
        Topic::Delivery => DELIVERY,
        Topic::Billing => BILLING,
        Topic::Terms => TERMS,
        Topic::Portal => PORTAL,
        Topic::NewBuyer => NEW_BUYER,
        Topic::Moved => MOVED,
        Topic::TakenOver => TAKEN_OVER,
        Topic::NoNeed => NO_NEED,
        Topic::Credit => CREDIT,
        Topic::Vague => VAGUE,
        Topic::Nothing => NOTHING,
    };
    let pattern = dice.pick(if german { deutsch } else { english });
    let goods = dice.pick(if german { WAREN } else { GOODS });
    let number = dice.range(2, 9).to_string();
    pattern.replace("{goods}", goods).replace("{n}", &number)
}

const GOODS: &[&str] = &[
    "shaft seals",
    "O-rings 32x3",
    "flange gaskets",
    "A4 hex bolts M12",
    "spring washers",
    "PTFE tape",
    "rod wipers",
    "threaded inserts",
    "set screws",
    "copper rings",
];
const WAREN: &[&str] = &[
    "Wellendichtringe",
    "O-Ringe 32x3",
    "Flachdichtungen",
    "Schrauben M12 A4",
    "Federscheiben",
    "Abstreifer",
    "Gewindeeinsätze",
    "Kupferringe",
    "Manschetten",
    "Passschrauben",
];

/// English and German texts on one topic.
type Texts = (&'static [&'static str], &'static [&'static str]);

const PRICE: Texts = (
    &[
        "Your last price increase is {n} % above the index. We cannot pass that on.",
        "The {goods} are too expensive compared with imports, by {n} euros a hundred.",
        "We have to bring costs down this year and got cheaper {goods} from Poland.",
        "The energy surcharge was to end in March. It did not.",
    ],
    &[
        "Nach der Preiserhöhung liegen Sie {n} % über dem Markt.",
        "Die {goods} sind uns zu teuer geworden.",
        "Ihr Teuerungszuschlag ist nicht mehr zeitgemäß, andere sind günstiger.",
    ],
);
const COMPETITOR: Texts = (
    &[
        "We have found another supplier who keeps a stock in our plant.",
        "Since spring we buy the {goods} elsewhere. Nothing against you.",
        "Qualified a second supplier for {goods}; the volume goes there for now.",
    ],
    &[
        "Wir haben einen Zweitlieferanten aufgebaut, der Konsignationslager anbietet.",
        "Beziehen {goods} seit {n} Monaten von einem anderen Lieferanten.",
        "Muster von der Konkurrenz lagen auf dem Tisch, {goods} laufen jetzt dort.",
    ],
);
const BUNDLING: Texts = (
    &[
        "Our group cuts the supplier base by half. A preferred supplier must hold all C-parts.",
        "From July we order through a buying group. Please send no more quotes.",
    ],
    &[
        "Der Konzerneinkauf hat entschieden: nur noch {n} Lieferanten für C-Teile.",
        "Wir sind jetzt im Einkaufsverband, Direktbestellungen entfallen.",
    ],
);
const NEGLECT: Texts = (
    &[
        "This is the {n}th new contact person. Now there is nobody responsible for us at all.",
        "We get the feeling that we are too small for you. No visit in two years.",
    ],
    &[
        "Seit Herr Tamm weg ist, haben wir keinen Ansprechpartner mehr.",
        "In {n} Jahren kein Besuch. Offenbar sind wir zu klein.",
    ],
);
const SERVICE: Texts = (
    &[
        "We asked {n} times for the material certificates and got no reply.",
        "Nobody answers the phone after three o'clock. Our second shift needs somebody then.",
    ],
    &[
        "Auf unsere Anfrage zu {goods} kam {n} Wochen keine Antwort.",
        "Ihr Innendienst ist nicht erreichbar, wir hängen in der Warteschleife.",
    ],
);
const QUALITY: Texts = (
    &[
        "The last batch of {goods} is out of tolerance, {n} % scrap on our line.",
        "Cracks in the {goods} after {n} weeks. We need an 8D report.",
        "Wrong hardness: the {goods} are not to specification, the whole batch is blocked.",
    ],
    &[
        "Charge gesperrt: {goods} außerhalb der Toleranz.",
        "Die {goods} sind nach {n} Wochen undicht, die Qualität war früher besser.",
        "{n} % Ausschuss bei den letzten Lieferscheinen, bitte um Stellungnahme.",
    ],
);
const DELIVERY: Texts = (
    &[
        "The {goods} came {n} days late, and our line stopped for a shift.",
        "Confirmed lead time two weeks, delivered after {n}. Again.",
        "Only half of the call-off was delivered. We had to borrow {goods} from a neighbour.",
    ],
    &[
        "Liefertermin um {n} Tage überzogen, Bandstillstand in der Montage.",
        "Die {goods} wurden unvollständig geliefert, zum zweiten Mal.",
        "Lieferzeiten von {n} Wochen sind für uns nicht tragbar.",
    ],
);
const BILLING: Texts = (
    &[
        "Invoice shows {n} boxes, delivered were fewer. We wait for the credit note since March.",
        "You billed the old price list. Please correct the last {n} invoices.",
    ],
    &[
        "Die Rechnung weist {n} Kartons zu viel aus, Gutschrift fehlt noch.",
        "Falsche Preise auf den letzten {n} Rechnungen.",
    ],
);
const TERMS: Texts = (
    &[
        "With the new minimum order of 250 euros we buy our {goods} from the dealer round the corner.",
        "{n}0 euros small order surcharge for one box of {goods} is not serious.",
    ],
    &[
        "Der Mindermengenzuschlag frisst unseren Vorteil auf.",
        "Mindestbestellwert 250 Euro passt nicht zu uns, wir brauchen {n} Schachteln im Monat.",
    ],
);
const PORTAL: Texts = (
    &[
        "Your new order portal does not take our article numbers. We type everything twice.",
        "Since the portal came our EDI orders get lost.",
    ],
    &[
        "Das neue Bestellportal kennt unsere Artikelnummern nicht.",
        "Seit der Umstellung auf das Portal fehlen EDI-Bestätigungen.",
    ],
);
const NEW_BUYER: Texts = (
    &[
        "Mrs Adler has left the company, her successor brings her own list.",
        "A new head of purchasing since spring, wants all C-parts quoted again.",
    ],
    &[
        "Neuer Einkaufsleiter, kennt uns nicht und fragt überall neu an.",
        "Herr Brodersen ist nicht mehr im Unternehmen, Nachfolgerin noch nicht getroffen.",
    ],
);
const MOVED: Texts = (
    &["The assembly was relocated to Ostrava, orders are placed there.", "We are closing the plant in autumn."],
    &["Die Fertigung wird nach Tschechien verlagert.", "Standort geschlossen, Aufträge laufen aus."],
);
const TAKEN_OVER: Texts = (
    &[
        "We were acquired by a group from Turin, which has its own sources.",
        "The founder retired, new owner since January.",
    ],
    &["Wurden zum Jahreswechsel übernommen.", "Geschäftsaufgabe aus Altersgründen, kein Nachfolger im Haus."],
);
const NO_NEED: Texts = (
    &["We now turn the rings in house.", "The series was discontinued, product discontinued since May."],
    &["Wir stellen das inzwischen selbst her, Eigenfertigung seit Herbst.", "Serie ausgelaufen, kein Bedarf mehr."],
);
const CREDIT: Texts = (
    &[
        "You ask for prepayment after twelve years. So we order where we have {n} weeks.",
        "Our credit limit with you is a joke.",
    ],
    &[
        "Vorkasse nach zwölf Jahren Zusammenarbeit, das machen wir nicht mit.",
        "Lieferstopp wegen {n} Tagen Verzug war ein Fehler.",
    ],
);
const VAGUE: Texts = (
    &["We hereby give notice to the end of the term.", "Decision of the management."],
    &["Wir kündigen den Rahmenvertrag fristgerecht.", "Entscheidung der Geschäftsführung."],
);
const NOTHING: Texts = (
    &["Stock checked, all in order.", "Showed samples of {goods}."],
    &[
        "Bestand geprüft, alles in Ordnung.",
        "Muster {goods} dagelassen.",
        "Jahresplanung durchgesprochen.",
        "Werksrundgang, Montage braucht {n} Kanban-Behälter mehr.",
        "Kurzer Besuch, Kaffee, nichts Neues.",
        "Zeichnung für {goods} abgestimmt.",
    ],
);

// ---------------------------------------------------------------- names

pub(crate) const RIVALS: &[&str] = &["Fixtura", "Nordring", "SealWorks", "Kettler & Lohse", "Bolt Direct"];

pub(crate) const LOST_REASONS: &[&str] = &[
    "price",
    "price 4 % above the winner",
    "lead time",
    "no stock in the plant",
    "zu teuer",
    "",
    "certificates",
    "Preis",
];

/// Industry, words for its companies, and how it is weighted.
pub(crate) const INDUSTRIES: &[(f64, (&str, &[&str]))] = &[
    (24.0, ("machine building", &["Maschinenbau", "Machinery", "Anlagenbau", "Engineering"])),
    (14.0, ("pumps and valves", &["Pumpen", "Armaturen", "Valves", "Hydraulik"])),
    (12.0, ("vehicles", &["Fahrzeugbau", "Trailer", "Nutzfahrzeuge", "Mobility"])),
    (10.0, ("shipbuilding", &["Werft", "Marine", "Schiffstechnik"])),
    (12.0, ("energy", &["Windkraft", "Energietechnik", "Power"])),
    (12.0, ("food machines", &["Abfülltechnik", "Food Systems", "Molkereitechnik"])),
    (16.0, ("workshop", &["Werkstatt", "Metallbau", "Reparaturen", "Service"])),
];

pub(crate) const FOUNDERS: &[&str] = &[
    "Adler",
    "Brodersen",
    "Carstens",
    "Dobler",
    "Ehlers",
    "Feddersen",
    "Greif",
    "Hinrichs",
    "Iversen",
    "Jessen",
    "Kordes",
    "Lüders",
    "Maaß",
    "Nissen",
    "Oberländer",
    "Petersen",
    "Quast",
    "Rickmers",
    "Sievers",
    "Thomsen",
    "Uhl",
    "Voß",
    "Wulff",
    "Zander",
    "Nowak",
    "Dvořák",
    "Lindqvist",
    "van Dijk",
    "Moreau",
    "Bianchi",
    "Hansen",
    "Koskinen",
];

pub(crate) const PLACES: &[(f64, (&str, &[&str]))] = &[
    (64.0, ("DE", &["Lübeck", "Kiel", "Hamburg", "Bremen", "Hannover", "Kassel", "Dortmund", "Stuttgart", "Chemnitz"])),
    (8.0, ("DK", &["Aarhus", "Odense", "Kolding"])),
    (7.0, ("NL", &["Rotterdam", "Eindhoven", "Zwolle"])),
    (7.0, ("PL", &["Gdansk", "Poznan", "Szczecin"])),
    (6.0, ("CZ", &["Brno", "Ostrava"])),
    (5.0, ("SE", &["Malmö", "Gothenburg"])),
    (3.0, ("AT", &["Linz", "Graz"])),
];
