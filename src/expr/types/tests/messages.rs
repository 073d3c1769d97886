//! What each diagnostic says, where it points, and what it advises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::code::*;
use super::*;

#[test]
fn unknown_names() {
    errors(&[
        ("amoutn > 3", UNKNOWN_NAME, "amoutn", "did you mean `amount`?"),
        ("Amount > 3", UNKNOWN_NAME, "Amount", "did you mean `amount`?"),
        ("3 + umsatz_jahrlich", UNKNOWN_NAME, "umsatz_jahrlich", "did you mean `umsatz_jährlich`?"),
        ("last_order.year > 3", UNKNOWN_NAME, "last_order.year", "write `year(last_order)`"),
        ("amount.eur > 3", UNKNOWN_NAME, "amount.eur", "`amount` is one value"),
        ("completely_different", UNKNOWN_NAME, "completely_different", "`completely_different` is not a name here"),
        ("payment > 3", UNKNOWN_NAME, "payment", "`score.payment`"),
        ("score.paymnt > 3", UNKNOWN_NAME, "score.paymnt", "did you mean `score.payment`?"),
        ("orders.amount > 3", UNKNOWN_NAME, "orders.amount", "'sum(orders.amount)'"),
        ("segment == NULL", UNKNOWN_NAME, "NULL", "a missing value is written `()`"),
        ("segment == None", UNKNOWN_NAME, "None", "a missing value is written `()`"),
        ("vip == True", UNKNOWN_NAME, "True", "write `true`"),
        ("now - last_order", UNKNOWN_NAME, "now", "the as-of date is `today`"),
        ("segment == business", UNKNOWN_NAME, "business", "put it in double quotes: `\"business\"`"),
        ("segment in [\"a\", business]", UNKNOWN_NAME, "business", "put it in double quotes: `\"business\"`"),
        ("abs > 3", UNKNOWN_NAME, "abs", "`abs` is a function: `abs(x: number) -> number`"),
    ]);
}

#[test]
fn names_of_later_stages() {
    says(
        Stage::State,
        None,
        &[
            ("state == \"a\" && grade == \"A\"", TOO_EARLY, "grade", "`grade` is decided by `[[grades]]`"),
            ("worth > 3", TOO_EARLY, "worth", "columns, rollups, parameters, `today`, facts and `state`, `track`"),
            ("score.payment > 3", TOO_EARLY, "score.payment", "decided by `[criteria]`"),
        ],
    );
    says(Stage::Record, None, &[("days_silent", TOO_EARLY, "days_silent", "`days_silent` is a fact")]);
}

#[test]
fn unknown_functions() {
    errors(&[
        ("lowr(segment)", UNKNOWN_FUNCTION, "lowr", "did you mean `lower`?"),
        ("LOWER(segment)", UNKNOWN_FUNCTION, "LOWER", "did you mean `lower`?"),
        ("isnull(amount)", UNKNOWN_FUNCTION, "isnull", "write `amount == ()`"),
        ("iif(vip, 1, 2)", UNKNOWN_FUNCTION, "iif", "write `if vip { 1 } else { 2 }`"),
        ("IF(vip, 1, 2)", SYNTAX, "IF", "write `if condition { a } else { b }`"),
        ("coalesce(amount, 0)", UNKNOWN_FUNCTION, "coalesce", "write `amount ?? 0`"),
        ("ifnull(amount + 1, 0)", UNKNOWN_FUNCTION, "ifnull", "write `(amount + 1) ?? 0`"),
        ("datediff(today, last_order)", UNKNOWN_FUNCTION, "datediff", "`a - b`"),
        ("now() - last_order", UNKNOWN_FUNCTION, "now", "`today`, without parentheses"),
        ("today() - last_order", UNKNOWN_FUNCTION, "today", "`today`, without parentheses"),
        ("amount()", UNKNOWN_FUNCTION, "amount", "`amount` is a name"),
        ("to_float(amount)", UNKNOWN_FUNCTION, "to_float", "declare `amount` with `type = \"number\"`"),
        ("substring(segment, 1, 2)", UNKNOWN_FUNCTION, "substring", "`starts_with`"),
        ("AND(vip, objected)", UNKNOWN_FUNCTION, "AND", "write `vip && objected`"),
        ("sum(orders.amount)", UNKNOWN_FUNCTION, "sum", "`[rollups]`"),
        ("print(amount)", UNKNOWN_FUNCTION, "print", "it belongs in a script"),
        ("image(segment, amount)", UNKNOWN_FUNCTION, "image", "did you mean `prestige::image`?"),
        ("prestige::imag(segment, 1)", UNKNOWN_FUNCTION, "prestige::imag", "did you mean `prestige::image`?"),
        ("prestige::other(segment, 1)", UNKNOWN_FUNCTION, "prestige::other", "`prestige` declares `image`"),
        ("fame::image(segment, 1)", UNKNOWN_FUNCTION, "fame::image", "did you mean `prestige::image`?"),
        ("prestige::imag > 3", UNKNOWN_FUNCTION, "prestige::imag", "did you mean `prestige::image`?"),
        ("x::lower(segment)", UNKNOWN_FUNCTION, "x::lower", "`lower` is built in"),
    ]);
}

#[test]
fn arguments() {
    errors(&[
        ("abs(amount, 3)", ARGUMENTS, "abs(amount, 3)", "`abs` takes 1 argument, and 2 are given"),
        ("today + abs()", ARGUMENTS, "abs()", "`abs(x: number) -> number`"),
        ("round(0,5, 2)", ARGUMENTS, "round(0,5, 2)", "decimals are written with a point: `0.5`"),
        ("max(amount)", ARGUMENTS, "max(amount)", "`max` takes at least 2 arguments, and 1 is given"),
        ("lower(amount)", TYPE, "amount", "`lower` wants a text here, and this is a number"),
        ("year(amount)", TYPE, "amount", "`year(day: date) -> number`"),
        ("min(amount, segment)", TYPE, "segment", "`min` compares numbers or dates, and this is a text"),
        ("min(amount, today)", TYPE, "today", "the arguments of `min` are number and date"),
        (
            "prestige::image(segment)",
            ARGUMENTS,
            "prestige::image(segment)",
            "prestige::image(segment: text, amount: number) -> number",
        ),
        ("prestige::image(segment, vip)", TYPE, "vip", "`prestige::image(segment: text, amount: number) -> number`"),
        ("date(\"2025-02-30\")", BAD_CONSTANT, "\"2025-02-30\"", "`2025-02-30` is not a day"),
        ("date(2025, 1, 31)", ARGUMENTS, "date(2025, 1, 31)", "write `date(\"2025-01-31\")`"),
        ("date(segment) < today", NOT_CONSTANT, "segment", "the day must be written out"),
        ("matches(segment, cause)", NOT_CONSTANT, "cause", "the pattern must be written out"),
        ("matches(segment, \"(\")", BAD_CONSTANT, "\"(\"", "this pattern cannot be used"),
        ("mentions(segment, \"a\", \"b\")", ARGUMENTS, "\"b\"", "write `mentions(segment, [\"a\", \"b\"])`"),
        ("mentions(segment, [])", BAD_CONSTANT, "[]", "the list of words is empty"),
        ("mentions(segment, [\"a\", cause])", NOT_CONSTANT, "cause", "the words must be written out"),
        ("mentions(segment, [\"a\", \" \"])", BAD_CONSTANT, "\" \"", "there is no word in this text"),
    ]);
}

#[test]
fn types_that_do_not_fit() {
    errors(&[
        ("(amount) + segment", TYPE, "(amount) + segment", "cannot add text to number"),
        ("amount + segment", TYPE, "amount + segment", "also [segment] this is a text"),
        ("amount + segment", TYPE, "amount + segment", "declare the column `segment` with `type = \"number\"`"),
        ("amount - \"5\"", TYPE, "amount - \"5\"", "leave the quotes out: `5`"),
        ("vip + 1", TYPE, "vip + 1", "write `if vip { 1 } else { 0 }`"),
        ("\"a\" + segment", TYPE, "\"a\" + segment", "texts are joined in a `because`"),
        ("last_order + contract_end", TYPE, "last_order + contract_end", "`last_order - contract_end`"),
        ("5 - last_order", TYPE, "5 - last_order", "write `last_order - 5`"),
        ("last_order * 2", TYPE, "last_order * 2", "cannot multiply date by number"),
        ("last_order > 30", TYPE, "last_order > 30", "write `today - last_order > 30`"),
        ("last_order > 2025-01-31", TYPE, "last_order > 2025-01-31", "`date(\"2025-01-31\")`"),
        ("last_order > 31/01/2025", TYPE, "last_order > 31/01/2025", "year first"),
        ("contains(segment, [\"a\"])", TYPE, "[\"a\"]", "`x in ["),
        ("segment == \"a\" || \"b\"", TYPE, "\"b\"", "write `x in ["),
        ("30 < last_order", TYPE, "30 < last_order", "write `30 < today - last_order`"),
        ("last_order > \"2025-01-31\"", TYPE, "last_order > \"2025-01-31\"", "`date(\"2025-01-31\")`"),
        ("vip == 1", TYPE, "vip == 1", "write `vip`"),
        ("vip == \"no\"", TYPE, "vip == \"no\"", "write `!vip`"),
        ("segment == 3", TYPE, "segment == 3", "put it in quotes: `\"3\"`"),
        ("objected < vip", TYPE, "objected < vip", "`<` has no meaning for a bool"),
        ("amount < ()", TYPE, "amount < ()", "write `amount == ()`"),
        ("-vip", TYPE, "vip", "`-` needs a number, and this is a bool"),
        ("!amount", TYPE, "amount", "write `amount == 0`"),
        ("!segment", TYPE, "segment", "write `segment == ()`"),
        ("vip && (amount + 1)", TYPE, "amount + 1", "write a condition, such as `(amount + 1) > 0`"),
        ("if amount { 1 } else { 2 }", TYPE, "amount", "`if` needs a condition, and this is a number"),
        ("if vip { 1 } else { \"a\" }", TYPE, "\"a\"", "the branches of `if` are number and text"),
        ("if vip { 1 } else { \"a\" }", TYPE, "\"a\"", "also [1] this is a number"),
        ("amount ?? \"a\"", TYPE, "\"a\"", "the two sides of `??` are number and text"),
        ("switch amount { 1 => 1, \"a\" => 2 }", TYPE, "\"a\"", "cannot compare number with text"),
        ("switch amount { () => 1 }", TYPE, "()", "a missing value matches no case"),
        ("switch last_order { 1 => 1 }", TYPE, "1", "in an `if`"),
        ("switch amount { 1 => 1, 2 => vip }", TYPE, "vip", "the cases of `switch` are number and bool"),
        ("amount in [1, \"a\"]", TYPE, "\"a\"", "cannot compare number with text"),
        ("amount in [1, ()]", TYPE, "()", "write `amount == () || amount in […]`"),
        ("last_order in [\"2025-01-31\"]", TYPE, "\"2025-01-31\"", "`date(\"2025-01-31\")`"),
        ("\"a\" in segment", NOT_CONSTANT, "segment", "write `contains(segment, \"a\")`"),
        ("amount in 3", NOT_CONSTANT, "3", "write `amount in [3]`"),
        ("[1, 2]", TYPE, "[1, 2]", "a list stands after `in`"),
        ("1e999", BAD_CONSTANT, "1e999", "too large"),
        ("1 && vip", TYPE, "1", "a condition is needed here, and this is a number"),
        ("vip && ()", TYPE, "()", "write `x == ()`"),
    ]);
}

#[test]
fn the_type_a_place_asks_for() {
    let expects = |ty, cases: &[(&str, Code, &str, &str)]| says(Stage::Campaign, Some(ty), cases);
    expects(
        Type::Bool,
        &[
            ("amount + 1", TYPE, "amount + 1", "expected bool, found number"),
            ("amount + 1", TYPE, "amount + 1", "such as `(amount + 1) > 0`"),
            ("last_order", TYPE, "last_order", "write `last_order != ()`"),
            ("\"true\"", TYPE, "\"true\"", "leave the quotes out: `true`"),
        ],
    );
    expects(
        Type::Number,
        &[("vip || objected", TYPE, "vip || objected", "write `if vip || objected { 1 } else { 0 }`")],
    );
    expects(Type::Number, &[("last_order", TYPE, "last_order", "write `today - last_order`")]);
    expects(Type::Date, &[("30", TYPE, "30", "write `today + 30`")]);
    expects(Type::Text, &[("5", TYPE, "5", "put it in quotes: `\"5\"`")]);
}

#[test]
fn slips() {
    errors(&[
        ("amount = 5", SYNTAX, "=", "to compare, write `==`"),
        ("amount =! 5", SYNTAX, "=!", "write `!=`"),
        ("amount <> 5", SYNTAX, "<>", "write `!=`"),
        ("amount => 5", SYNTAX, "=>", "write `>=`"),
        ("amount =< 5", SYNTAX, "=<", "write `<=`"),
        ("amount === 5", SYNTAX, "===", "write `==`"),
        ("amount ≥ 5", SYNTAX, "≥", "write `>=`"),
        ("amount − 5", SYNTAX, "−", "write `-`"),
        ("vip and objected", SYNTAX, "and", "write `&&`"),
        ("vip OR objected", SYNTAX, "OR", "write `||`"),
        ("not vip", SYNTAX, "not", "write `!vip`"),
        ("amount not in [1]", SYNTAX, "not in", "write `amount !in […]`"),
        ("segment is null", SYNTAX, "is null", "write `segment == ()`"),
        ("(amount) IS NOT NULL", SYNTAX, "IS NOT NULL", "write `(amount) != ()`"),
        ("segment == null", SYNTAX, "null", "a missing value is written `()`"),
        ("segment is \"a\"", SYNTAX, "is", "write `segment == …`"),
        ("amount between 1 and 5 && vip", SYNTAX, "between", "write `amount >= 1 && amount <= 5`"),
        ("segment like \"a\"", SYNTAX, "like", "contains(segment"),
        ("segment contains \"a\"", SYNTAX, "contains", "write `contains(segment, \"a\")`"),
        ("amount mod 2", SYNTAX, "mod", "write `%`"),
        ("segment == 'abc'", SYNTAX, "'abc'", "write `\"abc\"`"),
        ("segment == ''", SYNTAX, "''", "write `\"\"`"),
        ("segment == “abc”", SYNTAX, "“", "straight double quotes"),
        ("segment == \"abc", SYNTAX, "\"abc", "this text is not closed"),
        ("amount > 0,5", SYNTAX, "0,5", "write `0.5`"),
        ("(0,5) * amount", SYNTAX, "0,5", "write `0.5`"),
        ("amount, 5", SYNTAX, ",", "a comma only separates"),
        ("amount > .5", SYNTAX, ".5", "write `0.5`"),
        ("amount > 20% && vip", SYNTAX, "20%", "write `0.2`"),
        ("amount > 30eur", SYNTAX, "30eur", "write `30`"),
        ("amount > 30days", SYNTAX, "30days", "plain numbers"),
        ("today - 3 months", SYNTAX, "3 months", "add_months(today, -3)"),
        ("amount > 1.000,50", SYNTAX, "1.000,50", "write `1000.50`"),
        ("last_order > 31.01.2025", SYNTAX, "31.01.2025", "`date(\"2025-01-31\")`"),
        ("segment in (\"a\", \"b\", \"c\")", SYNTAX, "(\"a\", \"b\", \"c\")", "write `[\"a\", \"b\", \"c\"]`"),
        ("switch segment { \"a\" => 1 \"b\" => 2 }", SYNTAX, "\"b\"", "a comma is missing before `\"b\"`"),
        ("switch segment { \"a\": 1 }", SYNTAX, ":", "write `=>`"),
        ("if vip: 1 else: 2", SYNTAX, ":", "write `if condition { a } else { b }`"),
        ("if vip 1 else 2", SYNTAX, "1", "`{` is missing before `1`"),
        ("if vip { 1 } else 2", SYNTAX, "2", "`{` is missing before `2`"),
        ("1 000 + amount", SYNTAX, "1 000", "`1000`"),
        ("(amount + 1", SYNTAX, "(", "this `(` is never closed"),
        ("max(amount, 3 > 2", SYNTAX, "(", "add `)`"),
        ("amount + 1)", SYNTAX, ")", "this `)` closes nothing"),
        ("amount in [1)", SYNTAX, ")", "also [[] opened here"),
        ("amount margin", SYNTAX, "margin", "an operator is missing between `amount` and `margin`"),
        ("amount +", SYNTAX, "+", "something is missing after `+`"),
        ("amount > > 5", SYNTAX, ">", "a value is missing before `>`"),
        ("&& vip", SYNTAX, "&&", "a condition is missing before `&&`"),
        ("max(amount, , 3)", SYNTAX, ",", "a value is missing before `,`"),
        ("", SYNTAX, "", "the expression is empty"),
        ("  // nothing", SYNTAX, "  // nothing", "the expression is empty"),
        ("if(vip, 1, 2)", SYNTAX, "if(vip, 1, 2)", "write `if condition { a } else { b }`"),
        ("if vip then 1 else 2", SYNTAX, "then", "write `if condition { a } else { b }`"),
        ("if vip { 1 } elif objected { 2 }", SYNTAX, "elif", "write `else if`"),
        ("if vip", SYNTAX, "vip", "something is missing after `vip`"),
        ("case when vip then 1 end", SYNTAX, "case", "write `if condition"),
        ("default > 3", SYNTAX, "default", "`from = [\"default\"]`"),
        ("matches(segment, \"\\d\")", SYNTAX, "\"\\d\"", "write `\\\\` for a backslash"),
        ("amount--5", SYNTAX, "--", "with parentheses"),
        ("amount <-5", SYNTAX, "<-", "`< -`"),
        ("switch amount { 1 => 2, _ => 3, 4 => 5 }", SYNTAX, "_", "`_` must be the last case"),
        ("switch amount { 1, 2 => 3 }", SYNTAX, ",", "`=>` is missing before `,`"),
        ("switch amount { margin => 3 }", NOT_CONSTANT, "margin", "if … else if"),
        ("switch amount { 1 + 1 => 3 }", NOT_CONSTANT, "1 + 1", "if … else if"),
        ("score.", SYNTAX, ".", "something is missing after `.`"),
        ("amount §", SYNTAX, "§", "`§` has no meaning here"),
    ]);
}

#[test]
fn parts_of_rhai_that_expressions_do_not_have() {
    errors(&[
        ("let x = 3; x", NOT_AN_EXPRESSION, "let", "`[facts]`"),
        ("amount += 5", NOT_AN_EXPRESSION, "+=", "expressions cannot assign"),
        ("amount; margin", NOT_AN_EXPRESSION, ";", "one value"),
        ("while vip { 1 }", NOT_AN_EXPRESSION, "while", "script::name"),
        ("|x| x + 1", NOT_AN_EXPRESSION, "|", "script::name"),
        ("segment.len() > 3", NOT_AN_EXPRESSION, ".len()", "write `len(segment)`"),
        ("score.payment.round(2)", NOT_AN_EXPRESSION, ".round(2)", "write `round(score.payment, 2)`"),
        ("segment[0] == 'a'", NOT_AN_EXPRESSION, "[0]", "starts_with(segment"),
        ("#{ a: 1 }", NOT_AN_EXPRESSION, "#{ a: 1 }", "`switch`"),
        ("amount in 1..5", NOT_AN_EXPRESSION, "..", "x >= 1 && x <= 5"),
        ("`a ${amount}`", NOT_AN_EXPRESSION, "`a ${amount}`", "`because`"),
        ("amount & 3", NOT_AN_EXPRESSION, "&", "write `&&`"),
        ("amount | 3", NOT_AN_EXPRESSION, "|", "write `||`"),
        ("amount ^ 2", NOT_AN_EXPRESSION, "^", "`**`"),
        ("amount << 2", NOT_AN_EXPRESSION, "<<", "bit operators"),
        ("this > 3", NOT_AN_EXPRESSION, "this", "name of a column"),
        ("a::b::c > 3", NOT_AN_EXPRESSION, "a::b::c", "script::name(…)"),
        ("a::b::c(3) > 3", NOT_AN_EXPRESSION, "a::b::c", "script::name(…)"),
        ("a.b.c > 3", NOT_AN_EXPRESSION, "a.b.c", "at most one dot"),
        ("abs(amount).x", NOT_AN_EXPRESSION, ".x", "this value has no parts"),
        ("vip ? 1 : 2", NOT_AN_EXPRESSION, "?", "`if condition { a } else { b }`"),
        ("{ amount }", NOT_AN_EXPRESSION, "{ amount }", "parentheses"),
        ("switch amount { 1 if vip => 2 }", NOT_AN_EXPRESSION, "if", "if … else if"),
        ("return amount", NOT_AN_EXPRESSION, "return", "leave `return` out"),
        ("abs!(amount)", NOT_AN_EXPRESSION, "abs!(amount)", "leave the `!` out"),
        ("import \"x\" as y", NOT_AN_EXPRESSION, "import", "script"),
    ]);
}

#[test]
fn several_errors_at_once() {
    let (expr, diagnostics, sources) = run(
        "vip && 5 > \"a\" && amount + segment > 3 && lowr(amuont) && switch amount { \"a\" => 1, 2 => last_order } > 1",
        Stage::Campaign,
        None,
    );
    assert_eq!(expr, None);
    let at: Vec<&str> = diagnostics.iter().map(|d| sources.text(d.primary.as_ref().unwrap().span)).collect();
    assert_eq!(at, ["5 > \"a\"", "amount + segment", "lowr", "amuont", "\"a\"", "last_order"]);
    let (_, diagnostics, _) = run("amount = 5 and vip or segment is null", Stage::Campaign, None);
    assert_eq!(diagnostics.len(), 4);
}

#[test]
fn a_case_that_is_there_already_is_a_warning() {
    let (expr, diagnostics, sources) = run("switch amount { 1 => 1, 2 | 1.0 => 2 }", Stage::Campaign, None);
    assert!(expr.is_some());
    assert_eq!(diagnostics.len(), 1);
    assert_eq!((diagnostics[0].severity, diagnostics[0].code), (Severity::Warning, UNREACHABLE));
    assert_eq!(sources.text(diagnostics[0].primary.as_ref().unwrap().span), "1.0");
}
