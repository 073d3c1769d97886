//! What the customers write, and what they are called.

use std::fmt::Write as _;

use super::Rng;

/// What somebody is unhappy about, or leaves for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Topic {
    Price,
    Poached,
    Competitor,
    Assortment,
    Showroom,
    Service,
    Quality,
    Delivery,
    Billing,
    Trust,
    Payment,
    Moved,
    LifeChange,
    NoNeed,
    /// Says nothing that points anywhere.
    Vague,
}

/// A text on a topic, in English or German, with goods and numbers put in.
pub(crate) fn words(rng: &mut Rng, topic: Topic, german: bool) -> String {
    let (english, deutsch) = match topic {
        Topic::Price => PRICE,
        Topic::Poached => POACHED,
        Topic::Competitor => COMPETITOR,
        Topic::Assortment => ASSORTMENT,
        Topic::Showroom => SHOWROOM,
        Topic::Service => SERVICE,
        Topic::Quality => QUALITY,
        Topic::Delivery => DELIVERY,
        Topic::Billing => BILLING,
        Topic::Trust => TRUST,
        Topic::Payment => PAYMENT,
        Topic::Moved => MOVED,
        Topic::LifeChange => LIFE_CHANGE,
        Topic::NoNeed => NO_NEED,
        Topic::Vague => VAGUE,
    };
    let pattern = rng.pick(if german { deutsch } else { english });
    let goods = if german { rng.pick(WAREN) } else { rng.pick(GOODS) };
    let mut text = String::new();
    // Short notes on a phone have no greeting; letters do.
    if rng.chance(0.25) {
        text.push_str(if german { rng.pick(GRUSS) } else { rng.pick(GREETINGS) });
        text.push(' ');
    }
    let number = rng.range(2, 9);
    let order = 500_000 + rng.range(1, 17_000);
    let filled = pattern.replace("{goods}", goods).replace("{n}", &number.to_string());
    let _ = write!(text, "{}", filled.replace("{order}", &format!("A{order}")));
    if rng.chance(0.18) {
        text.push(' ');
        text.push_str(if german { rng.pick(SCHLUSS) } else { rng.pick(CLOSINGS) });
    }
    text
}

const GREETINGS: &[&str] = &["Hello,", "Dear team,", "Good morning,", "Hi there,", "To whom it may concern:"];
const CLOSINGS: &[&str] =
    &["Please confirm.", "I expected better.", "A pity, really.", "Sent from my phone", "I used to recommend you."];
const GRUSS: &[&str] = &["Guten Tag,", "Sehr geehrte Damen und Herren,", "Hallo,", "Liebes Team,"];
const SCHLUSS: &[&str] =
    &["Bitte um Bestätigung.", "Schade eigentlich.", "Ich bin enttäuscht.", "Mit freundlichen Grüßen"];
const GOODS: &[&str] = &[
    "frying pan",
    "bread knife",
    "stand mixer",
    "espresso maker",
    "casserole",
    "cutting board",
    "pepper mill",
    "salad spinner",
    "kettle",
    "baking tray",
    "wok",
    "roasting tin",
    "pasta machine",
    "toaster",
    "knife block",
    "milk frother",
    "scale",
    "tea pot",
];
const WAREN: &[&str] = &[
    "Pfanne",
    "Küchenmaschine",
    "Espressokanne",
    "Pfeffermühle",
    "Salatschleuder",
    "Backform",
    "Nudelmaschine",
    "Auflaufform",
    "Küchenwaage",
    "Teekanne",
    "Messerset",
    "Kaffeemühle",
];

/// English and German texts on one topic.
type Texts = (&'static [&'static str], &'static [&'static str]);

const PRICE: Texts = (
    &[
        "I am cancelling the club. The new price is simply too high for what I order.",
        "The same {goods} is {n} euros cheaper at the supermarket. Sorry, but you have become expensive.",
        "With the last price increase the membership no longer pays for me.",
        "Everything has become so expensive. I can not afford {n} parcels a year any more.",
        "Nice things, but overpriced. I only buy when there is a sale.",
        "Please end my membership, the yearly fee costs too much.",
    ],
    &[
        "Der neue Beitrag ist mir zu teuer, bitte kündigen Sie meine Mitgliedschaft.",
        "Die {goods} kostet woanders {n} Euro weniger, Ihre Preise sind leider zu hoch.",
        "Nach der Preiserhöhung lohnt sich der Club für mich nicht mehr.",
    ],
);
const POACHED: Texts = (
    &[
        "I was offered a welcome bonus of {n}0 euros to sign up with ChefDirect, so I am cancelling.",
        "PanPalace gives new members {n} free months. I will take that.",
        "Got a gift card for changing over, so this is goodbye. Nothing against you.",
        "I have a better offer for my club membership, please cancel.",
    ],
    &[
        "Ich habe ein besseres Angebot mit {n}0 Euro Prämie bekommen und kündige hiermit.",
        "Bei Kochwelt24 gibt es {n}0 Euro Neukundenrabatt, deshalb beende ich die Mitgliedschaft.",
    ],
);
const COMPETITOR: Texts = (
    &[
        "We now buy our kitchen supplies from another supplier who has everything in one place.",
        "I switched to PanPalace last month and am very happy there. Please close my account.",
        "Thank you for the years, but I have found another shop that suits me better.",
        "I order elsewhere now, their app is so much easier.",
    ],
    &[
        "Ich habe zu einem anderen Anbieter gewechselt, der mir besser gefällt.",
        "Wir kaufen inzwischen bei der Konkurrenz, dort bekommen wir alles aus einer Hand.",
        "Ich bestelle jetzt woanders. Bitte löschen Sie mein Kundenkonto.",
    ],
);
const ASSORTMENT: Texts = (
    &[
        "The {goods} I wanted has been out of stock for {n} weeks now. When will it come back?",
        "You dropped the enamel series from your range. That was the reason I came to you.",
        "Sold out again! This is the third {goods} I could not get.",
        "There is nothing new in your catalogue, the selection gets smaller each year.",
    ],
    &[
        "Die {goods} ist seit {n} Wochen ausverkauft, wann kommt sie wieder?",
        "Ihr Sortiment wird immer kleiner, ich finde nichts mehr.",
        "Die Emaille-Serie ist nicht mehr im Programm, sehr schade.",
    ],
);
const SHOWROOM: Texts = (
    &[
        "Since you closed the showroom in Hamburg I can not try anything before I buy.",
        "I loved to visit your showroom. A website is not the same.",
    ],
    &[
        "Seit Ihre Ausstellung in Hamburg geschlossen ist, kaufe ich lieber vor Ort.",
        "Ohne den Showroom sehe ich keinen Grund mehr, Mitglied zu sein.",
    ],
);
const SERVICE: Texts = (
    &[
        "I called your hotline {n} times and nobody answered. {n} times!",
        "The lady on the phone was rude and hung up on me when I asked about my {goods}.",
        "I wrote {n} e-mails about order {order} and got no reply at all.",
        "Your customer service told me three different things. In the end I was ignored.",
        "Half an hour on hold, only to hear that somebody will call back. Nobody did.",
    ],
    &[
        "Ich habe {n} Mal angerufen und hing jedes Mal in der Warteschleife.",
        "Auf meine E-Mails zur Bestellung {order} bekomme ich keine Antwort.",
        "Ihr Mitarbeiter am Telefon war sehr unfreundlich, so etwas habe ich noch nicht erlebt.",
        "Der Kundendienst fühlt sich nicht zuständig, niemand hilft mir weiter.",
    ],
);
const QUALITY: Texts = (
    &[
        "The handle of the {goods} broke after {n} weeks of normal use.",
        "The {goods} is defective, it does not even switch on.",
        "Poor quality: the coating of the {goods} came off the first time I washed it.",
        "The {goods} arrived with a crack and smells of plastic. It is not as described.",
        "Second {goods} in a row that is faulty. I am sending it back.",
    ],
    &[
        "Die {goods} ist nach {n} Wochen kaputt gegangen.",
        "Die Qualität hat stark nachgelassen, die {goods} ist schon wieder defekt.",
        "Die {goods} kam beschädigt an, der Griff ist abgebrochen.",
    ],
);
const DELIVERY: Texts = (
    &[
        "My parcel was promised for Monday and came {n} days late. The birthday was over.",
        "Order {order} never arrived, the tracking has not moved for {n} days.",
        "The courier left the {goods} in the rain. Again.",
        "Delivery took {n} weeks, and then half of the order was missing.",
        "The package went to a neighbour I do not know. Where is my {goods}?",
    ],
    &[
        "Meine Bestellung {order} ist nach {n} Tagen immer noch nicht angekommen.",
        "Die Lieferung kam {n} Tage zu spät und unvollständig.",
        "Der Paketdienst hat die {goods} einfach vor die Tür gestellt, im Regen.",
        "Das Paket wurde beim falschen Nachbarn abgegeben.",
    ],
);
const BILLING: Texts = (
    &[
        "I sent the {goods} back {n} weeks ago and still have no refund.",
        "You charged me twice for order {order}. I was charged twice, and the wrong amount too.",
        "The invoice shows {n} items, I ordered one. Please correct it.",
        "I got a reminder fee although I paid the invoice in time.",
    ],
    &[
        "Die Rechnung zu {order} ist falsch, ich habe nur ein Stück bestellt.",
        "Ich warte seit {n} Wochen auf die Erstattung für die {goods}.",
        "Trotz Zahlung habe ich eine Mahnung bekommen.",
    ],
);
const TRUST: Texts = (
    &[
        "I get {n} newsletters a week from you. That is spam.",
        "How did the letting agent get my address? I am worried about my personal data.",
        "Too many emails. I unsubscribed and they keep coming.",
    ],
    &[
        "Ich bekomme ständig Werbung, obwohl ich mich abgemeldet habe.",
        "Wie gehen Sie mit meinen Daten um? Ich bitte um Auskunft zum Datenschutz.",
        "Das sind einfach zu viele Mails, {n} in einer Woche!",
    ],
);
const PAYMENT: Texts = (
    &[
        "My card expired and your website does not take the new one.",
        "The payment failed {n} times, so the order was dropped. Not my fault.",
        "Your direct debit was returned because I changed my bank.",
    ],
    &[
        "Die Lastschrift ging zurück, weil ich die Bank gewechselt habe.",
        "Meine Karte ist abgelaufen und die neue wird nicht angenommen. Karte abgelaufen, Konto gesperrt, was nun?",
    ],
);
const MOVED: Texts = (
    &[
        "We are moving abroad in {n} weeks, so please end the membership.",
        "I have moved to a small flat and have a new address far from any of your pick-up points.",
        "We relocated to Canada. It was nice with you!",
    ],
    &[
        "Wir sind umgezogen, ins Ausland liefern Sie leider nicht.",
        "Wegen Umzug kündige ich zum nächstmöglichen Termin.",
    ],
);
const LIFE_CHANGE: Texts = (
    &[
        "I am closing my shop at the end of the year and retire.",
        "My mother is in a nursing home now and will not cook any more. Please cancel for her.",
        "I lost my job and have to save where I can.",
        "For health reasons I gave up my cooking classes.",
    ],
    &[
        "Ich gehe in Rente und gebe das Lokal auf.",
        "Wegen Krankheit muss ich leider kündigen.",
        "Nach der Trennung brauche ich das Abo nicht.",
    ],
);
const NO_NEED: Texts = (
    &[
        "My kitchen is complete, I have everything I could want.",
        "I hardly use the club, {n} orders in a year at most. No need for it.",
        "We do not need it any more, thank you.",
    ],
    &[
        "Ich habe keinen Bedarf mehr, die Küche ist voll.",
        "Die Mitgliedschaft brauche ich nicht mehr, ich nutze es kaum.",
    ],
);
const VAGUE: Texts = (
    &[
        "Please cancel my membership at the next possible date.",
        "I would like to end my contract.",
        "Personal reasons.",
    ],
    &["Hiermit kündige ich fristgerecht.", "Bitte beenden Sie meine Mitgliedschaft zum nächstmöglichen Zeitpunkt."],
);

// ---------------------------------------------------------------- names

pub(crate) const TRADES: &[&str] =
    &["Restaurant", "Café", "Bistro", "Hotel", "Bakery", "Catering", "Cooking School", "Canteen", "Deli"];

pub(crate) type Country = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

pub(crate) const COUNTRIES: &[(f64, Country)] = &[
    (
        38.0,
        (
            "DE",
            &[
                "Berlin",
                "Hamburg",
                "Munich",
                "Cologne",
                "Leipzig",
                "Kassel",
                "Bremen",
                "Stuttgart",
                "Freiburg",
                "Rostock",
            ],
            &[
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
            ],
            &[
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
            ],
        ),
    ),
    (
        8.0,
        (
            "AT",
            &["Vienna", "Graz", "Linz", "Salzburg"],
            &["Elisabeth", "Johannes", "Theresa", "Florian", "Christa"],
            &["Gruber", "Huber", "Wagner", "Pichler", "Steiner", "Moser"],
        ),
    ),
    (
        11.0,
        (
            "NL",
            &["Amsterdam", "Utrecht", "Rotterdam", "Groningen"],
            &["Sanne", "Daan", "Lotte", "Bram", "Fleur", "Joost"],
            &["de Jong", "Jansen", "de Vries", "van den Berg", "Bakker", "Visser"],
        ),
    ),
    (
        12.0,
        (
            "FR",
            &["Paris", "Lyon", "Nantes", "Lille", "Toulouse"],
            &["Camille", "Hugo", "Élodie", "Mathieu", "Sylvie", "Youssef"],
            &["Martin", "Bernard", "Dubois", "Petit", "Moreau", "Lefèvre", "Benali"],
        ),
    ),
    (
        12.0,
        (
            "UK",
            &["London", "Leeds", "Bristol", "Glasgow", "Cardiff"],
            &["Emily", "Oliver", "Priya", "George", "Hannah", "Callum"],
            &["Smith", "Jones", "Taylor", "Patel", "O'Connor", "Evans", "Baker"],
        ),
    ),
    (
        7.0,
        (
            "SE",
            &["Stockholm", "Malmö", "Gothenburg", "Uppsala"],
            &["Astrid", "Erik", "Maja", "Nils", "Ingrid"],
            &["Andersson", "Johansson", "Lindgren", "Nyström", "Berg"],
        ),
    ),
    (
        7.0,
        (
            "PL",
            &["Warsaw", "Gdansk", "Kraków", "Poznan"],
            &["Zofia", "Jakub", "Katarzyna", "Piotr", "Maria"],
            &["Nowak", "Kowalska", "Wisniewski", "Zielinska", "Lewandowski"],
        ),
    ),
    (
        5.0,
        (
            "IT",
            &["Rome", "Milan", "Turin", "Bologna"],
            &["Giulia", "Marco", "Francesca", "Luca", "Paola"],
            &["Rossi", "Russo", "Ferrari", "Bianchi", "Romano"],
        ),
    ),
];
