//! The captured click as bytes: what the redirect knew when it answered, nothing looked up later.
//!
//! Layout, version 1, little endian: version u8, click id, link id, workspace id (16 bytes each), time in ms u64, country 2 bytes
//! (zeros where unknown), flags u8, decided-by u16, then destination, user agent and referrer, each with its length as u16.
//! Version 2 has, after decided-by, why the destination meant is down (u8: 1 broken, 2 pinned) and the number of the backup that was
//! served instead (u16 from 1; 0 where it was none). It is only written where one is down: other records stay as they were, and
//! nodes of the version before read them.
//! Written by hand because it is on the redirect path; old versions must stay readable, since a log outlives an upgrade.

use data_ops::{
    routing::{DecidedBy, DownReason},
    types::{ClickId, CountryCode, LinkId, Timestamp, WorkspaceId},
};
use uuid::Uuid;

const AS_MEANT: u8 = 1;
const INSTEAD: u8 = 2;
const FLAG_PREFETCH: u8 = 1;

/// The longest user agent and referrer kept, in bytes. Longer ones are cut: hostile headers must not fill the disk.
pub const TEXT_LIMIT: usize = 512;

/// One click as the redirect saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CapturedClick<'a> {
    /// Unique for ever; replaying a record can be recognised by it.
    pub id: ClickId,
    /// The link that was followed.
    pub link: LinkId,
    /// The link's tenant.
    pub workspace: WorkspaceId,
    /// When the answer was decided.
    pub at: Timestamp,
    /// The visitor's country as routed.
    pub country: Option<CountryCode>,
    /// The browser said it fetches ahead of the visitor.
    pub prefetch: bool,
    /// Which part of the routing program chose the destination.
    pub decided_by: DecidedBy,
    /// Which backup it is, from 0; `None` where it is none.
    pub served_backup: Option<u16>,
    /// Why the visitor was not sent where they were meant to go; `None` where they were.
    pub served_reason: Option<DownReason>,
    /// The destination chosen, without the query the visitor brought.
    pub destination: &'a str,
    /// The `User-Agent` as sent, cut to [`TEXT_LIMIT`].
    pub user_agent: &'a str,
    /// The `Referer` as sent, cut to [`TEXT_LIMIT`].
    pub referrer: &'a str,
}

/// A record that cannot be read: damaged, or written by a newer version.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    /// The first byte names a layout this version does not know.
    #[error(
        "the click record has layout {0}, which this version cannot read; upgrade and replay it from the dead letters"
    )]
    UnknownVersion(u8),
    /// The bytes end early or hold an impossible value.
    #[error("the click record is damaged: {0}")]
    Damaged(&'static str),
}

impl<'a> CapturedClick<'a> {
    /// Appends the record's bytes to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(if self.served_reason.is_some() { INSTEAD } else { AS_MEANT });
        out.extend_from_slice(self.id.as_uuid().as_bytes());
        out.extend_from_slice(self.link.as_uuid().as_bytes());
        out.extend_from_slice(self.workspace.as_uuid().as_bytes());
        out.extend_from_slice(&self.at.as_millis().to_le_bytes());
        let country = self.country.as_ref().map_or("\0\0", CountryCode::as_str);
        out.extend_from_slice(country.as_bytes());
        out.push(if self.prefetch { FLAG_PREFETCH } else { 0 });
        let decided_by: u16 = match self.decided_by {
            DecidedBy::Default => 0,
            DecidedBy::Geo => 1,
            DecidedBy::Rule(index) => index.saturating_add(2),
        };
        out.extend_from_slice(&decided_by.to_le_bytes());
        if let Some(why) = self.served_reason {
            out.push(match why {
                DownReason::Broken => 1,
                DownReason::Pinned => 2,
            });
            let backup = self.served_backup.map_or(0, |backup| backup.saturating_add(1));
            out.extend_from_slice(&backup.to_le_bytes());
        }
        put_text(out, self.destination, usize::from(u16::MAX));
        put_text(out, self.user_agent, TEXT_LIMIT);
        put_text(out, self.referrer, TEXT_LIMIT);
    }

    /// Reads a record written by this or an older version.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut input = Input(bytes);
        let is_as_meant = match input.take::<1>()? {
            [AS_MEANT] => true,
            [INSTEAD] => false,
            [other] => return Err(DecodeError::UnknownVersion(other)),
        };
        let id = ClickId::from_uuid(Uuid::from_bytes(input.take()?));
        let link = LinkId::from_uuid(Uuid::from_bytes(input.take()?));
        let workspace = WorkspaceId::from_uuid(Uuid::from_bytes(input.take()?));
        let at = Timestamp::from_millis(i64::from_le_bytes(input.take()?));
        let country = match input.take::<2>()? {
            [0, 0] => None,
            code => Some(CountryCode::from_bytes(code).ok_or(DecodeError::Damaged("country"))?),
        };
        let [flags] = input.take::<1>()?;
        let decided_by = match u16::from_le_bytes(input.take()?) {
            0 => DecidedBy::Default,
            1 => DecidedBy::Geo,
            index => DecidedBy::Rule(index - 2),
        };
        let (served_reason, served_backup) = if is_as_meant { (None, None) } else { input.instead()? };
        Ok(Self {
            id,
            link,
            workspace,
            at,
            country,
            prefetch: flags & FLAG_PREFETCH != 0,
            decided_by,
            served_backup,
            served_reason,
            destination: input.text()?,
            user_agent: input.text()?,
            referrer: input.text()?,
        })
    }
}

/// Cuts `text` to at most `limit` bytes at a character's border.
pub fn cut(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

fn put_text(out: &mut Vec<u8>, text: &str, limit: usize) {
    let text = cut(text, limit);
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(DecodeError::Damaged("too short"))?;
        self.0 = rest;
        Ok(*head)
    }

    fn instead(&mut self) -> Result<(Option<DownReason>, Option<u16>), DecodeError> {
        let why = match self.take::<1>()? {
            [1] => DownReason::Broken,
            [2] => DownReason::Pinned,
            _ => return Err(DecodeError::Damaged("why something else was served")),
        };
        Ok((Some(why), u16::from_le_bytes(self.take()?).checked_sub(1)))
    }

    fn text(&mut self) -> Result<&'a str, DecodeError> {
        let length = usize::from(u16::from_le_bytes(self.take()?));
        let (text, rest) = self.0.split_at_checked(length).ok_or(DecodeError::Damaged("too short"))?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| DecodeError::Damaged("text is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_record_reads_back_as_written(
            ids in any::<[u128; 3]>(), at in 0i64..4_000_000_000_000, country in proptest::sample::select(vec![None, Some("DE"), Some("US")]),
            prefetch: bool, rule in 0u16..500, served in any::<Option<(bool, Option<u8>)>>(), destination in "https://[a-z]{1,40}\\.example/[a-z]{0,40}", user_agent in ".{0,400}", referrer in ".{0,300}",
        ) {
            let click = CapturedClick {
                id: ClickId::from_uuid(Uuid::from_u128(ids[0])),
                link: LinkId::from_uuid(Uuid::from_u128(ids[1])),
                workspace: WorkspaceId::from_uuid(Uuid::from_u128(ids[2])),
                at: Timestamp::from_millis(at),
                country: country.map(|code| CountryCode::parse(code).unwrap()),
                prefetch,
                decided_by: match rule { 0 => DecidedBy::Default, 1 => DecidedBy::Geo, other => DecidedBy::Rule(other) },
                served_backup: served.and_then(|(_, backup)| backup).map(u16::from),
                served_reason: served.map(|(broken, _)| if broken { DownReason::Broken } else { DownReason::Pinned }),
                destination: &destination,
                user_agent: cut(&user_agent, TEXT_LIMIT),
                referrer: cut(&referrer, TEXT_LIMIT),
            };
            let mut bytes = Vec::new();
            click.encode(&mut bytes);
            prop_assert_eq!(CapturedClick::decode(&bytes), Ok(click));
        }

        #[test]
        fn damaged_bytes_are_an_error_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = CapturedClick::decode(&bytes);
        }
    }

    /// As the version before wrote it.
    #[test]
    fn a_record_of_the_first_layout_is_read_and_still_written() {
        let mut bytes = vec![1];
        for id in 1..=3_u128 {
            bytes.extend_from_slice(&id.to_be_bytes());
        }
        bytes.extend_from_slice(&1_790_000_000_000_i64.to_le_bytes());
        bytes.extend_from_slice(b"DE\x01\x03\x00");
        for text in ["https://shop.example/", "Firefox", ""] {
            bytes.extend_from_slice(&u16::try_from(text.len()).unwrap().to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
        let click = CapturedClick::decode(&bytes).unwrap();
        assert_eq!((click.decided_by, click.prefetch, click.user_agent), (DecidedBy::Rule(1), true, "Firefox"));
        assert_eq!((click.served_backup, click.served_reason), (None, None));
        let mut again = Vec::new();
        click.encode(&mut again);
        assert_eq!(again, bytes);
    }

    #[test]
    fn a_newer_layout_is_named() {
        assert_eq!(CapturedClick::decode(&[9]), Err(DecodeError::UnknownVersion(9)));
    }
}
