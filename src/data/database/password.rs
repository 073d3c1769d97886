//! Passwords: from the environment, from a file, from the file PostgreSQL's own tools use. Never from an address, never shown.

use std::env;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::super::error::DataError;
use super::address::PasswordPlace;

/// Who asks whom.
pub(crate) struct Asking<'a> {
    pub host: &'a str,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

/// Finds the password; `None` if none is needed or known. What should be said goes to `notices`.
pub(crate) fn find(
    place: &PasswordPlace,
    asking: &Asking<'_>,
    notices: &mut Vec<String>,
) -> Result<Option<SecretString>, DataError> {
    match place {
        PasswordPlace::Variable(name) => match env::var(name) {
            Ok(text) => Ok(Some(SecretString::from(text))),
            Err(_) => {
                Err(DataError::input(format!("the variable `{name}`, which is to hold the password, is not set"))
                    .help(format!("set it (`export {name}=…`), or take `password_env` out of the address")))
            }
        },
        PasswordPlace::File(path) => {
            let text = read(path)?;
            if open_to_others(path) {
                once(
                    notices,
                    format!(
                        "`{}` holds a password and can be read by others; `chmod 600` keeps it yours",
                        path.display()
                    ),
                );
            }
            let first = text.lines().next().unwrap_or_default();
            if first.is_empty() {
                return Err(DataError::input(format!(
                    "the first line of `{}` is to be the password, and is empty",
                    path.display()
                )));
            }
            Ok(Some(SecretString::from(first.to_owned())))
        }
        PasswordPlace::Usual => {
            if let Some(text) = env::var("PGPASSWORD").ok().filter(|t| !t.is_empty()) {
                return Ok(Some(SecretString::from(text)));
            }
            let Some(path) = usual_file() else { return Ok(None) };
            if !path.is_file() {
                return Ok(None);
            }
            if open_to_others(&path) {
                // As PostgreSQL's own tools do.
                once(
                    notices,
                    format!(
                        "`{}` was not used, because it can be read by others; `chmod 600` keeps it yours",
                        path.display()
                    ),
                );
                return Ok(None);
            }
            Ok(in_file(&read(&path)?, asking).map(SecretString::from))
        }
    }
}

/// Several tables of one database are worth one notice.
fn once(notices: &mut Vec<String>, notice: String) {
    if !notices.contains(&notice) {
        notices.push(notice);
    }
}

fn usual_file() -> Option<PathBuf> {
    match env::var_os("PGPASSFILE").filter(|p| !p.is_empty()) {
        Some(path) => Some(PathBuf::from(path)),
        None => Some(PathBuf::from(env::var_os("HOME")?).join(".pgpass")),
    }
}

fn read(path: &Path) -> Result<String, DataError> {
    std::fs::read_to_string(path)
        .map_err(|e| DataError::io(format!("reading the password in `{}`", path.display()), &e))
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> bool {
    false
}

/// The first line `host:port:database:user:password` that fits; `*` fits everything, `\` takes the next letter as it is.
fn in_file(text: &str, asking: &Asking<'_>) -> Option<String> {
    let port = asking.port.to_string();
    let host = if asking.host.starts_with('/') { "localhost" } else { asking.host };
    text.lines().filter(|line| !line.trim_start().starts_with('#')).find_map(|line| {
        let mut fields = Vec::new();
        let mut field = String::new();
        let mut plain = true;
        let mut letters = line.chars();
        while let Some(letter) = letters.next() {
            match letter {
                // The password is the rest of the line.
                ':' if fields.len() < 4 => {
                    fields.push((std::mem::take(&mut field), std::mem::replace(&mut plain, true)))
                }
                '\\' => {
                    plain = false;
                    field.extend(letters.next());
                }
                _ => field.push(letter),
            }
        }
        let wanted = [host, port.as_str(), asking.database, asking.user];
        let fits = fields.len() == 4
            && fields.iter().zip(wanted).all(|((given, plain), wanted)| (*plain && given == "*") || given == wanted);
        fits.then_some(field)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use secrecy::ExposeSecret;

    const ME: Asking<'_> = Asking { host: "db", port: 5432, database: "crm", user: "me" };

    #[test]
    fn the_file_of_the_usual_tools() {
        let file = "# a comment\nother:5432:crm:me:no\ndb:5433:crm:me:no\ndb:*:crm:me:a\\:b\\\\c:d\n*:*:*:*:last\n";
        assert_eq!(in_file(file, &ME).as_deref(), Some("a:b\\c:d"));
        assert_eq!(in_file(file, &Asking { user: "you", ..ME }).as_deref(), Some("last"));
        assert_eq!(in_file("localhost:5432:crm:me:x", &Asking { host: "/run/postgresql", ..ME }).as_deref(), Some("x"));
        assert_eq!(in_file("\\*:5432:crm:me:x\nhalf:a:line\n", &ME), None);
    }

    #[test]
    fn the_first_line_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "geheim\nsecond\n").unwrap();
        let mut notices = Vec::new();
        let place = PasswordPlace::File(path.clone());
        let found = find(&place, &ME, &mut notices).unwrap().unwrap();
        assert_eq!(found.expose_secret(), "geheim");
        assert!(!format!("{found:?} {notices:?}").contains("geheim"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            notices.clear();
            find(&place, &ME, &mut notices).unwrap();
            assert!(notices[0].contains("chmod 600"), "{notices:?}");
        }
        std::fs::write(&path, "\n").unwrap();
        assert!(find(&place, &ME, &mut notices).unwrap_err().message.contains("empty"));
        let missing = PasswordPlace::Variable("REGAIN_NO_SUCH_VARIABLE".into());
        assert!(find(&missing, &ME, &mut notices).unwrap_err().help[0].contains("export"));
    }
}
