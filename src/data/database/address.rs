//! Addresses of tables in databases: `sqlite://crm.db?table=customers`, `postgres://user@host:5432/db?table=schema.customers`.

use std::fmt;
use std::path::PathBuf;

use url::Url;

use super::super::error::DataError;
use crate::diag::nearest;

/// Parameters of a SQLite address.
const SQLITE: [&str; 1] = ["table"];
/// Parameters of a PostgreSQL address.
const POSTGRES: [&str; 8] =
    ["table", "host", "port", "user", "sslmode", "sslrootcert", "password_env", "password_file"];
/// The ways of encryption.
const SSL_MODES: [&str; 5] = ["disable", "prefer", "require", "verify-ca", "verify-full"];

/// A table in a database. It never holds a password, only where one is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The database.
    pub(crate) server: Server,
    /// `None` if the address names no table.
    pub(crate) table: Option<TableName>,
}

/// A database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Server {
    /// A file.
    Sqlite(PathBuf),
    /// A server, and who asks.
    Postgres(Postgres),
}

/// How a PostgreSQL server is reached. What the address leaves out comes from the environment, as with every tool of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Postgres {
    /// A name, an internet address, or the folder of a unix socket.
    pub host: Option<String>,
    pub port: Option<u16>,
    pub user: Option<String>,
    pub database: Option<String>,
    /// One of [`SSL_MODES`].
    pub ssl_mode: Option<String>,
    /// The certificate of who may vouch for the server.
    pub ssl_root: Option<String>,
    pub password: PasswordPlace,
}

/// Where the password is found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum PasswordPlace {
    /// `PGPASSWORD`, then the password file of PostgreSQL's own tools.
    #[default]
    Usual,
    /// A variable of the environment.
    Variable(String),
    /// The first line of a file.
    File(PathBuf),
}

/// The name of a table, as it is called in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableName {
    /// `None` if the database is to find it (`search_path`).
    pub schema: Option<String>,
    pub name: String,
}

impl TableName {
    /// Reads `name`, `schema.name`, `"odd.schema"."odd name"`.
    fn parse(text: &str, schemas: bool) -> Option<TableName> {
        let mut parts = Vec::new();
        let mut rest = text;
        loop {
            let part;
            if let Some(quoted) = rest.strip_prefix('"') {
                let mut name = String::new();
                let mut letters = quoted.char_indices();
                let end = loop {
                    match letters.next()? {
                        (_, '"') if letters.as_str().starts_with('"') => {
                            name.push('"');
                            letters.next();
                        }
                        (i, '"') => break i + 1,
                        (_, letter) => name.push(letter),
                    }
                };
                part = name;
                rest = quoted.get(end..)?;
                if !(rest.is_empty() || schemas && rest.starts_with('.')) {
                    return None;
                }
            } else {
                let end = if schemas { rest.find('.').unwrap_or(rest.len()) } else { rest.len() };
                part = rest.get(..end)?.to_owned();
                rest = rest.get(end..)?;
            }
            if part.is_empty() {
                return None;
            }
            parts.push(part);
            match rest.strip_prefix('.') {
                Some(more) => rest = more,
                None => break,
            }
        }
        let name = parts.pop()?;
        let schema = parts.pop();
        parts.is_empty().then_some(TableName { schema, name })
    }

    /// As it stands in SQL.
    pub(crate) fn quoted(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quote(schema), quote(&self.name)),
            None => quote(&self.name),
        }
    }
}

/// As it would be written in an address.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}

/// A name in SQL: in quotes, whatever it is.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text in SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Address {
    /// Whether a text is meant as an address and not as a path. `C:\data` is a path.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        match text.split_once(':') {
            Some((scheme, rest)) => {
                let word = scheme.len() > 1
                    && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                    && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
                word && rest.starts_with("//")
            }
            None => false,
        }
    }

    /// Reads an address.
    ///
    /// # Errors
    /// Another kind of database, an unknown parameter, a password in the address. No error repeats the text as it was
    /// given, because a password may stand in it.
    pub fn parse(text: &str) -> Result<Address, DataError> {
        let (scheme, rest) = text.split_once("://").unwrap_or((text, ""));
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" => sqlite(rest),
            "postgres" | "postgresql" => postgres(text),
            other => {
                let error = DataError::input(format!("`{other}://` is no database that is known"));
                Err(match nearest(other, ["sqlite", "postgres", "postgresql"]) {
                    Some(near) => error.help(format!("did you mean `{near}://`?")),
                    None => error.help(
                        "a table is a path, `sqlite://FILE?table=NAME` or `postgres://USER@HOST/DATABASE?table=NAME`",
                    ),
                })
            }
        }
    }

    /// The same, with a table if it names none.
    #[must_use]
    pub fn with_table(mut self, name: &str) -> Address {
        self.table.get_or_insert_with(|| TableName { schema: None, name: name.to_owned() });
        self
    }

    /// The table.
    ///
    /// # Errors
    /// The address names none.
    pub(crate) fn table(&self) -> Result<&TableName, DataError> {
        self.table.as_ref().ok_or_else(|| {
            DataError::input(format!("`{self}` names no table")).help("add `?table=NAME` to the address")
        })
    }
}

/// Without who asks and how: this is what stands in messages and in the rejects.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Server::Sqlite(path) => write!(f, "sqlite://{}", path.display())?,
            Server::Postgres(server) => {
                let host = server.host.as_deref().unwrap_or_default();
                let socket = host.starts_with('/');
                write!(f, "postgres://{}", if socket { "" } else { host })?;
                if let (Some(port), false) = (server.port, socket) {
                    write!(f, ":{port}")?;
                }
                write!(f, "/{}", server.database.as_deref().unwrap_or_default())?;
            }
        }
        match &self.table {
            Some(table) => write!(f, "?table={table}"),
            None => Ok(()),
        }
    }
}

fn sqlite(rest: &str) -> Result<Address, DataError> {
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = decoded(path)?;
    if path.is_empty() {
        return Err(DataError::input("the address names no file").help("for example `sqlite://crm.db?table=customers`"));
    }
    if path == ":memory:" {
        return Err(DataError::input("a database in memory holds nothing and keeps nothing").help("name a file"));
    }
    let mut table = None;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "table" => table = Some(table_name(&value, false)?),
            _ => return Err(unknown(&name, &SQLITE)),
        }
    }
    Ok(Address { server: Server::Sqlite(PathBuf::from(path)), table })
}

fn postgres(text: &str) -> Result<Address, DataError> {
    let url = Url::parse(text).map_err(|e| {
        let error = DataError::input(format!("the address of the database cannot be read: {e}"));
        match e {
            url::ParseError::EmptyHost => error.help("write `postgres:///DATABASE?host=/run/postgresql&user=NAME`"),
            _ => error.help("for example `postgres://user@host:5432/database?table=schema.customers`"),
        }
    })?;
    if url.password().is_some() {
        return Err(secret());
    }
    let part = |text: &str| decoded(text).map(|t| Some(t).filter(|t| !t.is_empty()));
    let mut server = Postgres {
        host: part(url.host_str().unwrap_or_default())?.map(|h| h.trim_matches(['[', ']']).to_owned()),
        port: url.port(),
        user: part(url.username())?,
        database: part(url.path().trim_start_matches('/'))?,
        ..Postgres::default()
    };
    let mut table = None;
    for (name, value) in url.query_pairs() {
        let value = value.into_owned();
        match name.as_ref() {
            "table" => table = Some(table_name(&value, true)?),
            "host" => server.host = Some(value),
            "port" => {
                server.port = Some(value.parse().map_err(|_| DataError::input(format!("`port={value}` is no port")))?);
            }
            "user" => server.user = Some(value),
            "sslmode" => {
                if !SSL_MODES.contains(&value.as_str()) {
                    return Err(DataError::input(format!("`sslmode={value}` is not known"))
                        .help(format!("it is one of {}", listed(&SSL_MODES))));
                }
                server.ssl_mode = Some(value);
            }
            "sslrootcert" => server.ssl_root = Some(value),
            "password_env" => server.password = PasswordPlace::Variable(value),
            "password_file" => server.password = PasswordPlace::File(PathBuf::from(value)),
            "password" | "pass" | "pwd" => return Err(secret()),
            _ => return Err(unknown(&name, &POSTGRES)),
        }
    }
    Ok(Address { server: Server::Postgres(server), table })
}

fn secret() -> DataError {
    DataError::input("a password stands in the address of the database, where others can read it").help(
        "take it out, and give it in `PGPASSWORD`, in `~/.pgpass`, with `password_env=NAME` (a variable) or `password_file=PATH`",
    )
}

fn table_name(text: &str, schemas: bool) -> Result<TableName, DataError> {
    TableName::parse(text, schemas).ok_or_else(|| {
        let example =
            if schemas { "`customers`, `crm.customers` or `\"odd.schema\".\"odd name\"`" } else { "`customers`" };
        DataError::input(format!("`table={text}` is no name of a table")).help(format!("write it as {example}"))
    })
}

fn unknown(name: &str, known: &[&str]) -> DataError {
    let error = DataError::input(format!("an address of a database has no parameter `{name}`"));
    match nearest(name, known.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("it has {}", listed(known))),
    }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}

/// `%20` is a blank; the rest stays.
fn decoded(text: &str) -> Result<String, DataError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let code = more.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match (first, code.and_then(|code| u8::from_str_radix(code, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = more.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| DataError::input("the address of the database is not UTF-8 once `%` is read"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn server(text: &str) -> Postgres {
        match Address::parse(text).unwrap().server {
            Server::Postgres(server) => server,
            Server::Sqlite(_) => panic!("{text}"),
        }
    }

    #[test]
    fn files() {
        for (text, path) in [
            ("sqlite://crm.db?table=c", "crm.db"),
            ("sqlite:///abs/crm.db?table=c", "/abs/crm.db"),
            ("sqlite://../a%20b/Kundendaten%20f%C3%BCr%3F.db?table=c", "../a b/Kundendaten für?.db"),
            ("SQLite://für dich.db?table=c", "für dich.db"),
            ("sqlite://100%.db?table=c", "100%.db"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.server, Server::Sqlite(PathBuf::from(path)));
            assert_eq!(address.table().unwrap().quoted(), "\"c\"");
        }
        assert!(Address::parse("sqlite://a.db").unwrap().table().unwrap_err().help[0].contains("?table=NAME"));
        assert!(Address::parse("sqlite://:memory:?table=c").unwrap_err().message.contains("in memory"));
        assert!(Address::parse("sqlite://?table=c").unwrap_err().message.contains("no file"));
        assert!(Address::parse("sqlite://a.db?tabel=c").unwrap_err().help[0].contains("`table`"));
        assert_eq!(Address::parse("sqlite://a.db?table=a.b").unwrap().table.unwrap().quoted(), "\"a.b\"");
    }

    #[test]
    fn servers() {
        let given = server("postgresql://j%C3%BCrgen@db.example:5433/crm?table=s.t&sslmode=require");
        assert_eq!(given.host.as_deref(), Some("db.example"));
        assert_eq!((given.port, given.user.as_deref()), (Some(5433), Some("jürgen")));
        assert_eq!((given.database.as_deref(), given.ssl_mode.as_deref()), (Some("crm"), Some("require")));
        let given = server("postgres:///crm?host=/run/postgresql&user=me&table=t&password_env=CRM");
        assert_eq!(given.host.as_deref(), Some("/run/postgresql"));
        assert_eq!(given.password, PasswordPlace::Variable("CRM".into()));
        assert_eq!(server("postgres://me@[::1]/crm").host.as_deref(), Some("::1"));
        assert!(Address::parse("postgres://me@/crm").unwrap_err().help[0].contains("user=NAME"));
        for (wrong, said) in [
            ("postgres://h/d?sslmode=maybe", "`sslmode=maybe`"),
            ("postgres://h/d?schema=x", "`schema`"),
            ("postgres://h/d?table=a.b.c", "`table=a.b.c`"),
            ("postgres://h/d?port=70000", "`port=70000`"),
            ("mysql://h/d", "`mysql://`"),
        ] {
            assert!(Address::parse(wrong).unwrap_err().message.contains(said), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        for text in ["postgres://me:geheim@host/db", "postgres://me@h/d?password=geheim", "postgres://me:gehe@im@h/d"] {
            let error = Address::parse(text).unwrap_err();
            assert!(!format!("{error:?}").contains("gehe"), "{error:?}");
            assert!(error.help[0].contains("password_env"), "{error:?}");
        }
    }

    #[test]
    fn names_of_tables() {
        let quoted = |text: &str| TableName::parse(text, true).map(|t| t.quoted());
        assert_eq!(quoted("t").as_deref(), Some("\"t\""));
        assert_eq!(quoted("s.t").as_deref(), Some("\"s\".\"t\""));
        assert_eq!(quoted("\"a.b\".\"say \"\"x\"\"\"").as_deref(), Some("\"a.b\".\"say \"\"x\"\"\""));
        assert_eq!(quoted("t\"; drop table x").as_deref(), Some("\"t\"\"; drop table x\""));
        for wrong in ["", ".", "a.", ".a", "\"a", "\"a\"b", "a.b.c"] {
            assert_eq!(quoted(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn shown_without_who_asks() {
        let shown = |text: &str| Address::parse(text).unwrap().to_string();
        assert_eq!(shown("postgres://me@h:5433/d?table=s.t&sslmode=disable"), "postgres://h:5433/d?table=s.t");
        assert_eq!(shown("postgres:///d?host=/tmp&user=me&table=t"), "postgres:///d?table=t");
        assert_eq!(shown("sqlite://a%20b.db?table=t"), "sqlite://a b.db?table=t");
    }

    #[test]
    fn paths_are_not_addresses() {
        for path in ["a.csv", "C:\\data\\a.csv", "c:/x", "x:y", "./sqlite://x", "a=b://c"] {
            assert!(!Address::is_meant(path), "{path}");
        }
        for address in ["sqlite://x", "postgres://x", "mysql://x"] {
            assert!(Address::is_meant(address), "{address}");
        }
    }
}
