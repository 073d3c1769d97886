//! The stable codes of everything there is to say about a pack. A code never changes its meaning and is never used again.
//!
//! 00xx files and TOML, 01xx names and structure, 02xx expressions, 03xx scripts, 04xx rules that are well-formed but make no
//! sense, 05xx lints, 06xx cases. Each has a manual page in `src/check/manual`, shown by `regain check --explain RG0123`.

/// A stable code such as `RG0102`. The list is this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RG{:04}", self.0)
    }
}

/// A file could not be read.
pub const UNREADABLE: Code = Code(1);
/// The text is not TOML.
pub const TOML: Code = Code(2);
/// The folder holds no pack.
pub const NO_PACK: Code = Code(3);
/// `extends` names no pack, or goes in a circle.
pub const EXTENDS: Code = Code(4);
/// A key the pack format does not have.
pub const UNKNOWN_KEY: Code = Code(101);
/// A value of the wrong TOML type, or out of its range.
pub const BAD_VALUE: Code = Code(102);
/// A key that must be there is not.
pub const MISSING_KEY: Code = Code(103);
/// Two things of the same name.
pub const DUPLICATE_NAME: Code = Code(104);
/// A name that cannot be written in an expression.
pub const BAD_NAME: Code = Code(105);
/// `before`, `after` or `remove` names nothing.
pub const BAD_OVERLAY: Code = Code(106);
/// A fact or rollup that depends on itself.
pub const CYCLE: Code = Code(107);
/// A reference to an offer, channel, person, table, dimension … that is not declared.
pub const UNKNOWN_REFERENCE: Code = Code(108);
/// The expression does not parse.
pub const SYNTAX: Code = Code(201);
/// A part of Rhai that expressions do not have (loops, assignment, closures, …).
pub const NOT_AN_EXPRESSION: Code = Code(202);
/// A name that is not known here.
pub const UNKNOWN_NAME: Code = Code(203);
/// A function that does not exist.
pub const UNKNOWN_FUNCTION: Code = Code(204);
/// Types that do not fit.
pub const TYPE: Code = Code(205);
/// Wrong number of arguments.
pub const ARGUMENTS: Code = Code(206);
/// An argument that must be written out (a pattern, a word list) is computed.
pub const NOT_CONSTANT: Code = Code(207);
/// A constant argument that cannot be used (a broken pattern, an impossible date).
pub const BAD_CONSTANT: Code = Code(208);
/// A name that exists, but is only decided at a later stage.
pub const TOO_EARLY: Code = Code(209);
/// The script does not parse.
pub const SCRIPT_SYNTAX: Code = Code(301);
/// A script function without a signature it can keep.
pub const SCRIPT_SIGNATURE: Code = Code(302);
/// Bands, curves or maps that are out of order or leave the range 0 to 10.
pub const BAD_SCORING: Code = Code(401);
/// No rule is left for some customers.
pub const NO_CATCH_ALL: Code = Code(402);
/// Rules after one that always matches.
pub const UNREACHABLE: Code = Code(403);
/// A rule whose condition no customer can fulfil.
pub const NEVER_MATCHES: Code = Code(501);
/// A rule that earlier rules leave no customer to.
pub const MASKED: Code = Code(502);
/// A condition every customer fulfils.
pub const ALWAYS_MATCHES: Code = Code(503);
/// Two rules with the same condition.
pub const SAME_CONDITION: Code = Code(504);
/// Two rules that both match some customers, where the order alone decides.
pub const OVERLAP: Code = Code(505);
/// A branch of an expression that is never taken.
pub const DEAD_BRANCH: Code = Code(506);
/// A condition outside of what can be decided exactly.
pub const NOT_DECIDED: Code = Code(507);
/// A score that can leave 0 to 10 and is then cut off.
pub const SCORE_OUT_OF_RANGE: Code = Code(521);
/// A criterion whose highest score nothing can reach.
pub const TOP_UNREACHABLE: Code = Code(522);
/// A curve or bands that go up and down, or hold a point that changes nothing.
pub const BAD_CURVE: Code = Code(523);
/// A parameter nothing reads.
pub const UNUSED_PARAMETER: Code = Code(531);
/// A fact or rollup nothing reads.
pub const UNUSED_FACT: Code = Code(532);
/// A column nothing reads.
pub const UNUSED_COLUMN: Code = Code(533);
/// A script function nothing calls.
pub const UNUSED_SCRIPT: Code = Code(534);
/// An offer, channel or person no campaign uses.
pub const UNUSED_PLAN_PART: Code = Code(535);
/// A comparison with a value the column does not have.
pub const UNKNOWN_VALUE: Code = Code(541);
/// `==` or `!=` on a number that comes from a division.
pub const DIVISION_EQUALITY: Code = Code(542);
/// A condition whose outcome depends on a value that may be missing, and that does not say so.
pub const IGNORES_MISSING: Code = Code(543);
/// A comparison of days with a number that looks like months or years, or of dates with numbers.
pub const DATE_UNIT: Code = Code(544);
/// A number that repeats and deserves a parameter.
pub const MAGIC_NUMBER: Code = Code(545);
/// A campaign no customer can get.
pub const UNREACHABLE_CAMPAIGN: Code = Code(551);
/// A channel without a consent rule.
pub const NO_CONSENT: Code = Code(552);
/// A campaign for customers who gave notice that offers nothing.
pub const NO_OFFER: Code = Code(553);
/// An overlay that repeats what it extends.
pub const OVERRIDES_NOTHING: Code = Code(561);
/// A pack that no case proves.
pub const NO_CASES: Code = Code(571);
/// A column that is used but never there in the data.
pub const NOT_IN_DATA: Code = Code(581);
/// The data hold values that the column does not list.
pub const VALUE_NOT_LISTED: Code = Code(582);
/// A rule that decides for none of the customers in the data, or for all.
pub const IDLE_ON_DATA: Code = Code(583);
/// A setting of lints that names no lint, or gives no reason.
pub const BAD_LINT_SETTING: Code = Code(591);
/// A finding is allowed where there is none.
pub const ALLOWS_NOTHING: Code = Code(592);
/// A case that cannot be read.
pub const BAD_CASE: Code = Code(601);
/// A case names a column, table, parameter or expectation that does not exist.
pub const CASE_UNKNOWN_NAME: Code = Code(602);
/// A case that expects nothing, and so proves nothing.
pub const CASE_EXPECTS_NOTHING: Code = Code(603);
/// A case whose customer was decided otherwise than expected.
pub const CASE_FAILED: Code = Code(610);
/// A part of a pack that no case reached.
pub const NOT_COVERED: Code = Code(611);
/// A change of a rule that no case noticed.
pub const MUTANT_SURVIVED: Code = Code(612);
