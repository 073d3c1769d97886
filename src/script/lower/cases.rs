//! The values of a `switch`: Rhai keeps nothing of them but a hash.
//!
//! Every literal of the script is put into a `switch` of our own, and its hash is read from that.

use std::collections::HashMap;
use std::fmt::Write as _;

use rhai::{ASTNode, Engine, Stmt, Token};

/// What a case may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Bool(bool),
    Whole(i64),
    Float(f64),
}

/// The literals of a text, by hash. Empty if they cannot be found: no `switch` is lowered then.
pub(super) fn literals(engine: &Engine, text: &str) -> HashMap<u64, Literal> {
    let mut found = vec![Literal::Bool(true), Literal::Bool(false)];
    let texts = [text];
    let (tokens, _) = engine.lex(&texts);
    for (token, _) in tokens {
        let literal = match token {
            Token::StringConstant(text) => Literal::Text(text.to_string()),
            Token::IntegerConstant(n) => Literal::Whole(n),
            Token::FloatConstant(x) => Literal::Float(*x.0),
            Token::LexError(_) => return HashMap::new(),
            // The tokens go on with this for ever.
            Token::EOF => break,
            _ => continue,
        };
        let negative = match literal {
            Literal::Whole(n) => n.checked_neg().map(Literal::Whole),
            Literal::Float(x) => Some(Literal::Float(-x)),
            _ => None,
        };
        found.push(literal);
        found.extend(negative);
    }
    let mut probe = String::from("switch x { ");
    for (at, literal) in found.iter().enumerate() {
        let _ = match literal {
            Literal::Text(text) => write!(probe, "{} => {at}, ", crate::expr::Value::text(text.as_str()).literal()),
            Literal::Bool(b) => write!(probe, "{b} => {at}, "),
            Literal::Whole(n) => write!(probe, "{n} => {at}, "),
            Literal::Float(x) => write!(probe, "{x:?} => {at}, "),
        };
    }
    probe.push('}');
    let mut hashes = HashMap::new();
    let mut plain = Engine::new_raw();
    plain.set_optimization_level(rhai::OptimizationLevel::None);
    let Ok(tree) = plain.compile(probe) else { return hashes };
    tree.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Switch(switch, _))) = path.last() {
            // The blocks stand in the order of the cases.
            let cases = switch.1.cases.iter();
            hashes.extend(cases.filter_map(|(hash, case)| Some((*hash, found.get(*case.blocks.first()?)?.clone()))));
        }
        true
    });
    hashes
}
