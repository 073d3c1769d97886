//! Currencies before and behind amounts: an explicit list, so that not any letters beside a number pass.

/// Signs and words, as they are written; longer ones before those they begin or end with.
const SIGNS: &[&str] = &[
    "R$", "US$", "USD$", "AU$", "CA$", "A$", "C$", "NZ$", "HK$", "NT$", "S$", "MX$", "€", "$", "£", "¥", "￥", "₹",
    "₽", "₺", "₩", "₴", "₪", "₫", "฿", "₦", "₱", "₡", "₲", "₵", "₸", "₼", "₾", "kr.", "kr", "Kr.", "Kr", "zł", "zl",
    "Kč", "Kc", "Ft", "SFr.", "sFr.", "Fr.", "fr.", "lei", "лв.", "лв", "руб.", "руб", "ден", "дин", "KM", "Euro",
    "euro", "EURO", "Eur", "eur", "usd", "gbp", "chf", "pln", "sek", "nok", "dkk", "czk", "huf",
];

/// The codes of ISO 4217 in use, in order.
const CODES: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF",
    "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC",
    "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS",
    "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HRK", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK",
    "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD",
    "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN",
    "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON",
    "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC",
    "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS",
    "VES", "VND", "VUV", "WST", "XAF", "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWL",
];

/// The currency a text starts with, if no letter follows it.
pub(crate) fn before(text: &str) -> Option<&str> {
    let length = SIGNS.iter().find(|s| text.starts_with(**s)).map(|s| s.len()).or_else(|| code(text.get(..3)?))?;
    let (sign, rest) = text.split_at_checked(length)?;
    (!rest.starts_with(char::is_alphabetic)).then_some(sign)
}

/// The currency a text ends with, if no letter stands before it.
pub(crate) fn behind(text: &str) -> Option<&str> {
    let start = || text.len().checked_sub(3);
    let length = SIGNS.iter().find(|s| text.ends_with(**s)).map(|s| s.len()).or_else(|| code(text.get(start()?..)?))?;
    let (rest, sign) = text.split_at_checked(text.len().checked_sub(length)?)?;
    (!rest.ends_with(char::is_alphabetic)).then_some(sign)
}

fn code(text: &str) -> Option<usize> {
    CODES.binary_search(&text).is_ok().then_some(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order() {
        assert!(CODES.is_sorted());
        assert!(CODES.iter().all(|c| c.len() == 3));
    }

    #[test]
    fn before_and_behind() {
        assert_eq!(before("€ 12"), Some("€"));
        assert_eq!(before("EUR12"), Some("EUR"));
        assert_eq!(before("R$ 5"), Some("R$"));
        assert_eq!(before("EURX 12"), None);
        assert_eq!(before("X 12"), None);
        assert_eq!(behind("12 zł"), Some("zł"));
        assert_eq!(behind("12 kr."), Some("kr."));
        assert_eq!(behind("12 NZ$"), Some("NZ$"));
        assert_eq!(behind("12 XEUR"), None);
        assert_eq!(behind("ä"), None);
        assert_eq!(behind(""), None);
    }
}
