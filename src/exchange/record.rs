//! The recording format: one JSON object a line, as `lancet record` writes it and `lancet replay` reads it. Owns the file it
//! writes; belongs on the disk thread. It must not see a private line: tapping those is the session's to refuse.
//!
//! A line is `{"ts_ns":…,"src":"ws","msg":…}`, for the answer of a REST call `{"ts_ns":…,"src":"rest","url":"…","msg":…}`. `msg` is the
//! venue's own JSON byte for byte (a line break between its tokens becomes a blank, since a line is one message). What is not JSON
//! is kept as a string in `text` instead of `msg`, with bytes that are not UTF-8 replaced.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;
use serde::de::IgnoredAny;

/// A public message as it came, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawLine {
    /// Nanoseconds since 1970 on this host's wall clock.
    pub ts_ns: i64,
    /// The REST address with its query; `None` for a WebSocket message.
    pub url: Option<String>,
    /// The message.
    pub message: Bytes,
}

/// The recording cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the recording {}: {source}", path.display())]
pub struct RecordError {
    path: PathBuf,
    source: io::Error,
}

enum Sink {
    Plain(BufWriter<File>),
    Gzip(GzEncoder<BufWriter<File>>),
}

/// Writes a recording.
pub struct Recorder {
    path: PathBuf,
    sink: Sink,
}

impl Recorder {
    /// Makes the file anew, compressed when its name ends in `.gz`.
    ///
    /// # Errors
    /// When it cannot be made; the error names the file.
    pub fn create(path: &Path) -> Result<Self, RecordError> {
        let file = File::create(path).map_err(|source| RecordError {
            path: path.to_owned(),
            source,
        })?;
        let buffer = BufWriter::new(file);
        let sink = if path.extension().is_some_and(|ending| ending == "gz") {
            Sink::Gzip(GzEncoder::new(buffer, Compression::fast()))
        } else {
            Sink::Plain(buffer)
        };
        Ok(Self {
            path: path.to_owned(),
            sink,
        })
    }

    /// Appends one message.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write(&mut self, line: &RawLine) -> Result<(), RecordError> {
        let written = match &mut self.sink {
            Sink::Plain(to) => write_line(to, line),
            Sink::Gzip(to) => write_line(to, line),
        };
        written.map_err(|source| self.failed(source))
    }

    /// Ends the file. Without this a compressed recording has no end, and the last lines may be missing.
    ///
    /// # Errors
    /// When the disk refuses what was still buffered.
    pub fn finish(self) -> Result<(), RecordError> {
        let Self { path, sink } = self;
        let ended = match sink {
            Sink::Plain(mut buffer) => buffer.flush(),
            Sink::Gzip(encoder) => encoder.finish().and_then(|mut buffer| buffer.flush()),
        };
        ended.map_err(|source| RecordError { path, source })
    }

    fn failed(&self, source: io::Error) -> RecordError {
        RecordError {
            path: self.path.clone(),
            source,
        }
    }
}

fn write_line(to: &mut impl Write, line: &RawLine) -> io::Result<()> {
    write!(to, "{{\"ts_ns\":{},", line.ts_ns)?;
    match &line.url {
        None => to.write_all(b"\"src\":\"ws\",")?,
        Some(url) => {
            to.write_all(b"\"src\":\"rest\",\"url\":")?;
            serde_json::to_writer(&mut *to, url)?;
            to.write_all(b",")?;
        }
    }
    let message = line.message.trim_ascii();
    match std::str::from_utf8(message) {
        Ok(text) if serde_json::from_str::<IgnoredAny>(text).is_ok() => {
            to.write_all(b"\"msg\":")?;
            // In valid JSON a line break stands only between tokens.
            for (index, part) in message
                .split(|byte| matches!(byte, b'\n' | b'\r'))
                .enumerate()
            {
                if index > 0 {
                    to.write_all(b" ")?;
                }
                to.write_all(part)?;
            }
        }
        _ => {
            to.write_all(b"\"text\":")?;
            serde_json::to_writer(&mut *to, &String::from_utf8_lossy(message))?;
        }
    }
    to.write_all(b"}\n")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use serde_json::value::RawValue;

    use super::*;

    #[derive(serde::Deserialize)]
    struct Line<'a> {
        ts_ns: i64,
        src: &'a str,
        url: Option<String>,
        #[serde(borrow)]
        msg: Option<&'a RawValue>,
        text: Option<String>,
    }

    fn line(url: Option<&str>, message: &'static [u8]) -> RawLine {
        RawLine {
            ts_ns: 1_626_992_741_062_170_000,
            url: url.map(str::to_owned),
            message: Bytes::from_static(message),
        }
    }

    fn recorded(name: &str, lines: &[RawLine]) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        let mut recorder = Recorder::create(&path).unwrap();
        for line in lines {
            recorder.write(line).unwrap();
        }
        recorder.finish().unwrap();
        std::fs::read(path).unwrap()
    }

    #[test]
    fn messages_come_back_byte_for_byte_plain_and_compressed() {
        let odd = br#"{"b":[["7.6110","2"], ["1e-7" ,"0.10"]],"u":-0.0,"s":"\u5e01\n"}"#;
        let lines = [
            line(None, odd),
            line(
                Some("https://venue/depth?symbol=A&limit=1000"),
                br#"{"lastUpdateId":1}"#,
            ),
        ];
        let plain = recorded("a.jsonl", &lines);
        let mut unpacked = Vec::new();
        GzDecoder::new(recorded("a.jsonl.gz", &lines).as_slice())
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(plain, unpacked);
        let text = String::from_utf8(plain).unwrap();
        let read: Vec<Line> = text
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].msg.unwrap().get().as_bytes(), odd);
        assert_eq!(
            (read[0].ts_ns, read[0].src),
            (1_626_992_741_062_170_000, "ws")
        );
        assert_eq!(read[1].src, "rest");
        assert_eq!(
            read[1].url.as_deref(),
            Some("https://venue/depth?symbol=A&limit=1000")
        );
    }

    #[test]
    fn k1_what_is_not_json_is_kept_as_text_and_breaks_no_line() {
        let lines = [
            line(None, b"{\"cut"),
            line(None, b"<html>\n\xff</html>"),
            line(None, b"{\n  \"a\": 1\r\n}\n"),
            line(None, b""),
        ];
        let text = String::from_utf8(recorded("b.jsonl", &lines)).unwrap();
        let read: Vec<Line> = text
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        assert_eq!(read[0].text.as_deref(), Some("{\"cut"));
        assert_eq!(read[1].text.as_deref(), Some("<html>\n\u{fffd}</html>"));
        assert_eq!(read[2].msg.unwrap().get(), "{   \"a\": 1  }");
        assert_eq!(read[3].text.as_deref(), Some(""));
    }

    #[test]
    fn a_file_that_cannot_be_made_is_named() {
        let error = Recorder::create(Path::new("/no/such/place/a.jsonl"))
            .err()
            .unwrap();
        assert!(error.to_string().contains("/no/such/place/a.jsonl"));
    }
}
