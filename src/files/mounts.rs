//! Which file systems tell nobody of changes made elsewhere: those of other machines.

use std::path::{Path, PathBuf};

/// Where Linux lists what is mounted.
const MOUNTS: &str = "/proc/self/mounts";

/// The kinds whose changes from another machine no watcher hears of.
const REMOTE: [&str; 22] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "davfs",
    "fuse.cephfs",
    "fuse.davfs2",
    "fuse.gcsfuse",
    "fuse.glusterfs",
    "fuse.osxfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.sshfs",
    "fuse.vmhgfs-fuse",
    "glusterfs",
    "lustre",
    "ncpfs",
    "prl_fs",
    "smb3",
    "smbfs",
    "vboxsf",
];

/// The kind of network file system a path is on, if it is on one. Only Linux is asked.
pub(super) fn remote(path: &Path) -> Option<String> {
    let table = std::fs::read_to_string(MOUNTS).ok()?;
    let kind = kind(&table, &super::canonical(&std::path::absolute(path).ok()?))?;
    is_remote(&kind).then_some(kind)
}

fn is_remote(kind: &str) -> bool {
    kind == "nfs" || kind == "nfs4" || REMOTE.contains(&kind)
}

/// The kind of the file system a path is on: of all mount points above it the nearest, and of equal ones the last, which hides the
/// others.
fn kind(table: &str, path: &Path) -> Option<String> {
    let mounts = table.lines().filter_map(|line| {
        let mut fields = line.split(' ');
        let point = PathBuf::from(unescape(fields.nth(1)?));
        Some((point, fields.next()?))
    });
    let above = mounts.filter(|(point, _)| path.starts_with(point));
    above.max_by_key(|(point, _)| point.components().count()).map(|(_, kind)| kind.to_owned())
}

/// `\040` as a blank: how the table writes blanks, tabs, line breaks and backslashes.
fn unescape(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let sign = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match (sign, part.get(3..)) {
            (Some(sign), Some(rest)) => {
                out.push(char::from(sign));
                out.push_str(rest);
            }
            _ => {
                out.push('\\');
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "/dev/sda1 / ext4 rw 0 0\n\
        server:/rules /mnt/our\\040rules nfs4 rw 0 0\n\
        tmpfs /mnt/our\\040rules/local tmpfs rw 0 0\n\
        me@host: /home/me/far fuse.sshfs rw 0 0\n\
        old /over ext4 rw 0 0\n\
        new /over cifs rw 0 0\n";

    #[test]
    fn the_nearest_mount_decides() {
        for (path, expected) in [
            ("/mnt/our rules/retail", "nfs4"),
            ("/mnt/our rules/local/x", "tmpfs"),
            ("/mnt/other", "ext4"),
            ("/home/me/far", "fuse.sshfs"),
            ("/home/me/farther", "ext4"),
            ("/over/x", "cifs"),
        ] {
            assert_eq!(kind(TABLE, Path::new(path)).as_deref(), Some(expected), "{path}");
        }
        assert!(is_remote("nfs4") && is_remote("fuse.sshfs") && !is_remote("ext4") && !is_remote("tmpfs"));
    }
}
