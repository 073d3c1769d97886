//! Bytes in whatever encoding a client's system wrote, as UTF-8.

use std::io::{BufRead, BufReader, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::DecodeReaderBytesBuilder;

/// The encoding of a file, from parts of it: a byte order mark, the NULs of UTF-16, valid UTF-8, or else Windows-1252.
///
/// A file that is valid UTF-8 beyond ASCII but for a few places stays UTF-8: the lines with those places are set aside.
pub(crate) fn find<'a>(parts: impl Iterator<Item = &'a [u8]> + Clone) -> &'static Encoding {
    let head = parts.clone().next().unwrap_or_default();
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    if let Some(encoding) = utf16(head) {
        return encoding;
    }
    let (mut wide, mut broken) = (0_usize, 0_usize);
    for part in parts {
        // A part may begin and end inside a character.
        let start = part.iter().take(3).take_while(|b| (0x80..0xc0).contains(*b)).count();
        let part = part.get(start..).unwrap_or_default();
        let mut chunks = part.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            wide += chunk.valid().bytes().filter(|b| *b >= 0xc0).count();
            let cut_off = chunks.peek().is_none() && chunk.invalid().len() < 4 && incomplete(chunk.invalid());
            broken += usize::from(!chunk.invalid().is_empty() && !cut_off);
        }
    }
    if broken > wide { WINDOWS_1252 } else { UTF_8 }
}

/// Whether these bytes could be the start of a character.
fn incomplete(bytes: &[u8]) -> bool {
    match bytes {
        [first, rest @ ..] => {
            let length = match first {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => return false,
            };
            bytes.len() < length && rest.iter().all(|b| (0x80..0xc0).contains(b))
        }
        [] => false,
    }
}

/// Every other byte of UTF-16 in a language of the West is NUL.
fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.get(..head.len().min(1 << 12)).unwrap_or(head);
    let (pairs, _) = head.as_chunks::<2>();
    // Beside a NUL stands a sign of text, or it is something else altogether.
    if pairs.len() < 2 || pairs.iter().any(|[a, b]| (*a == 0 && *b < 9) || (*b == 0 && *a < 9)) {
        return None;
    }
    let first = pairs.iter().filter(|[a, _]| *a == 0).count();
    let second = pairs.iter().filter(|[_, b]| *b == 0).count();
    if second * 2 > pairs.len() && first * 10 < pairs.len() {
        Some(UTF_16LE)
    } else if first * 2 > pairs.len() && second * 10 < pairs.len() {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The same as UTF-8, without a byte order mark. Bytes that are no UTF-8 stay as they are in what should be UTF-8 (the
/// lines are found and set aside), and become U+FFFD in every other encoding.
pub(crate) fn reader(raw: Box<dyn Read + Send>, encoding: &'static Encoding) -> Box<dyn Read + Send> {
    let mut builder = DecodeReaderBytesBuilder::new();
    builder.strip_bom(true);
    if encoding == UTF_8 {
        builder.utf8_passthru(true).bom_sniffing(true);
    } else {
        builder.encoding(Some(encoding)).bom_override(true);
    }
    Box::new(builder.build(raw))
}

/// The start of a file as text, for finding things out.
pub(crate) fn head(bytes: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode(bytes).0.into_owned()
}

/// The same for a part from inside a file.
pub(crate) fn part(bytes: &[u8], encoding: &'static Encoding) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Drops so many lines; a line ends at `\n`, `\r\n` or a lone `\r`. Returns how many there were.
pub(crate) fn skip_lines<R: Read>(reader: &mut BufReader<R>, lines: usize) -> std::io::Result<usize> {
    for skipped in 0..lines {
        let mut any = false;
        loop {
            let buffer = reader.fill_buf()?;
            if buffer.is_empty() {
                if any {
                    return Ok(skipped + 1);
                }
                return Ok(skipped);
            }
            any = true;
            let Some(end) = buffer.iter().position(|b| matches!(b, b'\n' | b'\r')) else {
                let all = buffer.len();
                reader.consume(all);
                continue;
            };
            let carriage = buffer.get(end) == Some(&b'\r');
            reader.consume(end + 1);
            if carriage && reader.fill_buf()?.first() == Some(&b'\n') {
                reader.consume(1);
            }
            break;
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    fn found(bytes: &[u8]) -> &'static str {
        find([bytes].into_iter()).name()
    }

    #[test]
    fn encodings_are_told_apart() {
        assert_eq!(found(b"id,name\n1,a\n"), "UTF-8");
        assert_eq!(found(b"\xef\xbb\xbfid\n"), "UTF-8");
        assert_eq!(found("id,name\n1,Müller\n".as_bytes()), "UTF-8");
        assert_eq!(found(b"id,name\n1,M\xfcller\n"), "windows-1252");
        assert_eq!(found(b"\xff\xfei\0d\0"), "UTF-16LE");
        assert_eq!(found(b"\xfe\xff\0i\0d"), "UTF-16BE");
        assert_eq!(found(b"i\0d\0;\0a\0\n\0"), "UTF-16LE");
        assert_eq!(found(b"\0i\0d\0;\0a\0\n"), "UTF-16BE");
        assert_eq!(found(b"i\0d\0;\0\x41\x01\n\0"), "UTF-16LE", "`Ł` has no NUL");
        assert_eq!(found(b""), "UTF-8");
        // Two good names, one line from an old system.
        assert_eq!(found("Müller\nGröße\n".bytes().chain(*b"M\xfcller\n").collect::<Vec<_>>().as_slice()), "UTF-8");
    }

    #[test]
    fn parts_may_be_cut_inside_a_character() {
        let text = "ü".as_bytes();
        assert_eq!(find([b"id\n".as_slice(), &text[1..], &text[..1]].into_iter()), UTF_8);
        assert_eq!(find([b"id\n".as_slice(), b"M\xfcller\n"].into_iter()), WINDOWS_1252);
    }

    fn read(bytes: &[u8], encoding: &'static Encoding) -> Vec<u8> {
        let mut out = Vec::new();
        reader(Box::new(std::io::Cursor::new(bytes.to_vec())), encoding).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn everything_becomes_utf8() {
        assert_eq!(read(b"\xef\xbb\xbfa\xffb", UTF_8), b"a\xffb");
        assert_eq!(read(b"\xff\xfe\xfc\0", UTF_16LE), "ü".as_bytes());
        assert_eq!(read(b"\xfc\0", UTF_16LE), "ü".as_bytes());
        assert_eq!(read(b"\0\xfc", UTF_16BE), "ü".as_bytes());
        assert_eq!(read(b"M\xfcller \x80", WINDOWS_1252), "Müller €".as_bytes());
    }

    #[test]
    fn lines_are_skipped_whatever_ends_them() {
        for (text, lines, rest) in
            [("a\nb\nc", 2, "c"), ("a\r\nb\rc", 2, "c"), ("a", 0, "a"), ("\n\nx", 1, "\nx"), ("a\nb", 2, "")]
        {
            let mut reader = BufReader::with_capacity(2, text.as_bytes());
            assert_eq!(skip_lines(&mut reader, lines).unwrap(), lines, "{text:?}");
            let mut left = String::new();
            reader.read_to_string(&mut left).unwrap();
            assert_eq!(left, rest, "{text:?}");
        }
        assert_eq!(skip_lines(&mut BufReader::new("a\nb\n".as_bytes()), 5).unwrap(), 2);
    }
}
