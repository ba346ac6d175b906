//! Reading a body: decompressed as it comes, and never more of it than is wanted.

use std::io;

use async_compression::{
    tokio::bufread::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder},
    zstd::DParameter,
};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use http::{HeaderMap, header::CONTENT_ENCODING};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio_util::io::StreamReader;

use super::{FetchErrorKind, Limits, TooLarge};
use crate::record::Log;

/// What we can decompress.
pub(super) const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// 8 MiB, the largest window that the web may use with zstd (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;

/// How a body ended.
struct Read {
    bytes: Vec<u8>,
    end: io::Result<Complete>,
}

struct Complete(bool);

/// Reads a body to its end; answers it, and whether it was cut off.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Incoming,
    limits: &Limits,
    log: &Log,
) -> Result<(Bytes, bool), FetchErrorKind> {
    let coding = coding(headers)?;
    let wire = BufReader::new(StreamReader::new(body.into_data_stream().map_err(io::Error::other)));
    let read = decode(coding, wire, limits.body_bytes).await;
    let bytes = Bytes::from(read.bytes);
    if log.is_exceeded() {
        return if limits.truncate { Ok((bytes, true)) } else { Err(FetchErrorKind::TooLarge(TooLarge::Wire)) };
    }
    match read.end {
        Ok(Complete(true)) => Ok((bytes, false)),
        Ok(Complete(false)) if limits.truncate => Ok((bytes, true)),
        Ok(Complete(false)) => Err(FetchErrorKind::TooLarge(TooLarge::Body)),
        Err(error) => Err(match error.get_ref().and_then(|inner| inner.downcast_ref::<hyper::Error>()) {
            Some(error) => FetchErrorKind::from(error),
            None => FetchErrorKind::InvalidResponse(format!("the body cannot be decompressed: {error}")),
        }),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The coding of a body. One at most: nobody compresses twice but who wants to exhaust the reader.
fn coding(headers: &HeaderMap) -> Result<Coding, FetchErrorKind> {
    let mut coding = Coding::Identity;
    let values = headers.get_all(CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or("?"));
    for name in values.flat_map(|value| value.split(',')).map(str::trim).filter(|name| !name.is_empty()) {
        let named = match name.to_ascii_lowercase().as_str() {
            "identity" => continue,
            "gzip" | "x-gzip" => Coding::Gzip,
            "deflate" => Coding::Deflate,
            "br" => Coding::Brotli,
            "zstd" => Coding::Zstd,
            _ => return Err(FetchErrorKind::InvalidResponse("its encoding is not known".to_owned())),
        };
        if coding != Coding::Identity {
            return Err(FetchErrorKind::InvalidResponse("it is compressed more than once".to_owned()));
        }
        coding = named;
    }
    Ok(coding)
}

async fn decode(coding: Coding, mut wire: BufReader<impl AsyncRead + Unpin>, limit: usize) -> Read {
    // A body without a byte is no compressed stream, and common: answers to HEAD, errors, 304.
    let first = match wire.fill_buf().await {
        Ok(bytes) => bytes.first().copied(),
        Err(error) => return Read { bytes: Vec::new(), end: Err(error) },
    };
    let Some(first) = first else { return Read { bytes: Vec::new(), end: Ok(Complete(true)) } };
    match coding {
        Coding::Identity => read_all(wire, limit).await,
        Coding::Gzip => read_all(GzipDecoder::new(wire), limit).await,
        // "deflate" is zlib by the standard, and bare on many servers: a zlib header begins with its method, 8.
        Coding::Deflate if first & 0x8f == 0x08 => read_all(ZlibDecoder::new(wire), limit).await,
        Coding::Deflate => read_all(DeflateDecoder::new(wire), limit).await,
        Coding::Brotli => read_all(BrotliDecoder::new(wire), limit).await,
        Coding::Zstd => {
            let parameters = [DParameter::window_log_max(ZSTD_WINDOW_LOG)];
            read_all(ZstdDecoder::with_params(wire, &parameters), limit).await
        }
    }
}

async fn read_all(mut reader: impl AsyncRead + Unpin, limit: usize) -> Read {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 16 * 1024];
    let end = loop {
        match reader.read(&mut chunk).await {
            Ok(0) => break Ok(Complete(true)),
            Ok(length) => {
                let room = limit - bytes.len();
                bytes.extend_from_slice(&chunk[..length.min(room)]);
                if length > room {
                    break Ok(Complete(false));
                }
            }
            Err(error) => break Err(error),
        }
    };
    Read { bytes, end }
}
