//! Hindi, which the recogniser's alphabet lacks: read by Tesseract, where it is installed.
//!
//! Optional and slow (half a second), so it is asked only when much of a picture could not be read. It is a program of
//! the system, run under limits of memory, time and output; it is handed pixels that we decoded, never a customer's
//! bytes. Only its lines with Devanagari letters are taken: of everything else the recogniser knows more.

use std::{
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use media::Pixels;

use super::{TextLine, worker::Seen};

/// The name in `Analysis::ms` and `Analysis::failed`.
pub const PART: &str = "text.tesseract";

const LANGUAGES: &str = "hin+eng";
const WALL_MS: u64 = 15_000;
const CPU_S: u32 = 20;
const MEMORY_KIB: u32 = 1_000_000;
const OUTPUT_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Of a hundred: below this a word of Tesseract's is a guess.
const WORD_MIN: f32 = 30.0;
/// The recogniser's own lines from here are kept.
const SURE: f32 = 0.8;
/// It is asked when at least so many lines could not be read, and one in so many of all.
const UNREAD_MIN: usize = 2;
const UNREAD_SHARE: usize = 8;

/// The program, with the data for Hindi beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tesseract {
    exe: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum TesseractError {
    #[error("Tesseract cannot be started ({}): {source}", .exe.display())]
    Start { exe: PathBuf, source: io::Error },
    #[error("Tesseract gave no answer within {WALL_MS} ms and was ended")]
    TimedOut,
    #[error("Tesseract failed: {what}")]
    Failed { what: String },
}

impl Tesseract {
    /// The program on the path, when it knows Hindi.
    pub fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let exe =
            std::env::split_paths(&path).map(|dir| dir.join("tesseract")).find(|file| file.is_file())?;
        Self::at(&exe)
    }

    /// `None` when it does not run or does not know Hindi.
    pub fn at(exe: &Path) -> Option<Self> {
        let listed = Command::new(exe).arg("--list-langs").stdin(Stdio::null()).output().ok()?;
        let knows_hindi = String::from_utf8_lossy(&listed.stdout).lines().any(|line| line.trim() == "hin");
        knows_hindi.then(|| Self { exe: exe.to_owned() })
    }

    /// Adds what the recogniser could not read, when there is much of it; a failure is named in `seen`.
    pub fn complete(&self, seen: &mut Seen, pixels: &Pixels) {
        let all = seen.lines.len() + seen.unread;
        if seen.unread < UNREAD_MIN || seen.unread * UNREAD_SHARE < all {
            return;
        }
        let started = Instant::now();
        match self.read(pixels) {
            Ok(lines) => seen.lines = merged(std::mem::take(&mut seen.lines), lines),
            Err(error) => {
                seen.failed.insert(PART.to_owned(), error.to_string());
            }
        }
        let ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        seen.ms.insert(PART.to_owned(), ms);
    }

    /// Everything it reads, in its own order.
    pub fn read(&self, pixels: &Pixels) -> Result<Vec<TextLine>, TesseractError> {
        let mut child = self.start()?;
        let mut picture = format!("P6\n{} {}\n255\n", pixels.width, pixels.height).into_bytes();
        picture.extend_from_slice(&pixels.rgb);
        let output = exchange(&mut child, &picture);
        let status = child.wait();
        let output = output?;
        match status {
            Ok(status) if status.success() => Ok(lines(&String::from_utf8_lossy(&output))),
            Ok(status) => Err(TesseractError::Failed { what: status.to_string() }),
            Err(error) => Err(TesseractError::Failed { what: error.to_string() }),
        }
    }

    /// A shell sets the limits and becomes the program.
    fn start(&self) -> Result<Child, TesseractError> {
        let script = format!("ulimit -v {MEMORY_KIB} -t {CPU_S} 2>/dev/null; exec \"$0\" \"$@\"");
        Command::new("/bin/sh")
            .args(["-c", &script])
            .arg(&self.exe)
            .args(["stdin", "stdout", "-l", LANGUAGES, "--psm", "3", "tsv"])
            .env_clear()
            .env("OMP_THREAD_LIMIT", "1")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| TesseractError::Start { exe: self.exe.clone(), source })
    }
}

/// Writes and reads at the same time, while a third thread watches the clock.
fn exchange(child: &mut Child, picture: &[u8]) -> Result<Vec<u8>, TesseractError> {
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(TesseractError::Failed { what: "it has no pipes".to_owned() });
    };
    let (done, clock) = mpsc::channel::<()>();
    let (read, is_late) = thread::scope(|scope| {
        scope.spawn(move || {
            // When it ends early its status tells why.
            let _ = stdin.write_all(picture);
        });
        let watch = scope.spawn(move || {
            let is_late =
                clock.recv_timeout(Duration::from_millis(WALL_MS)) == Err(RecvTimeoutError::Timeout);
            // Its output ended because it did, and then this changes nothing to an exit under way.
            if is_late {
                let _ = child.kill();
            }
            is_late
        });
        let mut output = Vec::new();
        let read = stdout.take(OUTPUT_BYTES_MAX).read_to_end(&mut output).map(|_| output);
        let _ = done.send(());
        (read, watch.join().unwrap_or(false))
    });
    if is_late {
        return Err(TesseractError::TimedOut);
    }
    read.map_err(|error| TesseractError::Failed { what: error.to_string() })
}

/// Words of Tesseract's table, put together by line: columns level, page, block, paragraph, line, word, left, top,
/// width, height, certainty, text.
fn lines(table: &str) -> Vec<TextLine> {
    let mut lines: Vec<(String, Vec<Word>)> = Vec::new();
    for row in table.lines() {
        let Some((line, word)) = word(row) else { continue };
        match lines.last_mut() {
            Some((last, words)) if *last == line => words.push(word),
            _ => lines.push((line, vec![word])),
        }
    }
    lines.iter().enumerate().filter_map(|(i, (_, words))| joined(u32::try_from(i).ok()?, words)).collect()
}

struct Word {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
    certainty: f32,
    text: String,
}

fn word(row: &str) -> Option<(String, Word)> {
    let columns: Vec<&str> = row.splitn(12, '\t').collect();
    let &[level, page, block, paragraph, line, _, left, top, width, height, certainty, text] =
        columns.as_slice()
    else {
        return None;
    };
    let number = |text: &str| text.parse::<f32>().ok().filter(|n| n.is_finite() && n.abs() < 1e5);
    let (left, top, certainty) = (number(left)?, number(top)?, number(certainty)?);
    let is_word = level == "5" && certainty >= WORD_MIN && !text.trim().is_empty();
    let word = Word {
        left,
        top,
        right: left + number(width)?,
        bottom: top + number(height)?,
        certainty,
        text: text.trim().to_owned(),
    };
    is_word.then(|| (format!("{page}.{block}.{paragraph}.{line}"), word))
}

fn joined(block: u32, words: &[Word]) -> Option<TextLine> {
    let first = words.first()?;
    let mut place = (first.left, first.top, first.right, first.bottom);
    let (mut sum, mut count) = (0.0, 0.0);
    for word in words {
        place = (
            place.0.min(word.left),
            place.1.min(word.top),
            place.2.max(word.right),
            place.3.max(word.bottom),
        );
        sum += word.certainty;
        count += 100.0;
    }
    let (left, top, right, bottom) = place;
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    Some(TextLine {
        text: texts.join(" "),
        confidence: (sum / count).clamp(0.0, 1.0),
        quad: [[left, top], [right, top], [right, bottom], [left, bottom]],
        block,
    })
}

/// Devanagari lines take the place of what the recogniser made of them, where they stand in the reading order.
///
/// Of a line that the recogniser read surely only the Devanagari words are added before it: Tesseract's numbers are
/// often wrong when it reads Hindi.
fn merged(mut lines: Vec<TextLine>, others: Vec<TextLine>) -> Vec<TextLine> {
    for mut other in others.into_iter().filter(|line| line.text.chars().any(is_devanagari)) {
        let [[left, top], [right, _], [_, bottom], _] = other.quad;
        let is_under = |line: &TextLine| {
            let [x, y] = centre(line);
            (left..=right).contains(&x) && (top..=bottom).contains(&y)
        };
        lines.retain(|line| !is_under(line) || line.confidence >= SURE);
        if lines.iter().any(is_under) {
            let words = other.text.split(' ').filter(|word| word.chars().any(is_devanagari));
            other.text = words.collect::<Vec<_>>().join(" ");
        }
        let middle = f32::midpoint(top, bottom);
        let is_above = |line: &TextLine| centre(line)[1] < middle && !is_under(line);
        let at = lines.iter().rposition(is_above).map_or(0, |i| i + 1);
        // A number of its own: no other line is known to belong to it.
        other.block = lines.iter().map(|line| line.block).max().map_or(0, |block| block.saturating_add(1));
        lines.insert(at, other);
    }
    lines
}

fn is_devanagari(c: char) -> bool {
    ('\u{900}'..='\u{97f}').contains(&c)
}

fn centre(line: &TextLine) -> [f32; 2] {
    line.quad.iter().fold([0.0, 0.0], |[x, y], [px, py]| [x + px / 4.0, y + py / 4.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str =
        "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext
1\t1\t0\t0\t0\t0\t0\t0\t600\t400\t-1\t
4\t1\t1\t1\t1\t0\t10\t20\t200\t30\t-1\t
5\t1\t1\t1\t1\t1\t10\t20\t90\t30\t91.5\tमेरा
5\t1\t1\t1\t1\t2\t110\t22\t100\t28\t88.5\tरिचार्ज
5\t1\t1\t1\t2\t1\t10\t70\t90\t30\t12.0\tगलत
5\t1\t2\t1\t1\t1\t10\t120\t90\t30\t96.0\tUTR
not a row
5\t1\t2\t1\t1\t1\tnan\t120\t90\t30\t96.0\tx";

    fn line(text: &str, top: f32) -> TextLine {
        let quad = [[10.0, top], [200.0, top], [200.0, top + 30.0], [10.0, top + 30.0]];
        TextLine { text: text.to_owned(), confidence: 0.6, quad, block: 0 }
    }

    #[test]
    fn words_become_lines() {
        let lines = lines(TABLE);
        let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["मेरा रिचार्ज", "UTR"]);
        assert_eq!(lines[0].quad, [[10.0, 20.0], [210.0, 20.0], [210.0, 50.0], [10.0, 50.0]]);
        assert!((lines[0].confidence - 0.9).abs() < 1e-6);
    }

    #[test]
    fn only_hindi_is_taken_and_stands_in_its_place() {
        let known = vec![line("10:41", 0.0), line("RTRT", 22.0), line("UTR 5321", 120.0)];
        let texts = |lines: Vec<TextLine>| lines.into_iter().map(|line| line.text).collect::<Vec<_>>();
        assert_eq!(texts(merged(known, lines(TABLE))), ["10:41", "मेरा रिचार्ज", "UTR 5321"]);
        // What the recogniser is sure of stays, with its numbers.
        let sure = TextLine { confidence: 0.96, ..line("UTR 532144870912", 20.0) };
        let mixed = TextLine { text: "कटे हैं, UTR 53214".to_owned(), ..line("", 18.0) };
        assert_eq!(
            texts(merged(vec![line("10:41", 0.0), sure], vec![mixed])),
            ["10:41", "कटे हैं,", "UTR 532144870912"]
        );
    }

    #[test]
    fn what_the_recogniser_could_not_read_is_completed() {
        let tesseract = Tesseract::find().expect("install tesseract-ocr-hin, as `cargo dev test` does");
        let blank = Pixels { width: 200, height: 100, rgb: vec![255; 200 * 100 * 3] };
        for (lines, unread, is_asked) in [(20, 0, false), (20, 1, false), (60, 3, false), (3, 2, true)] {
            let mut seen = Seen { lines: vec![line("x", 0.0); lines], unread, ..Seen::default() };
            tesseract.complete(&mut seen, &blank);
            assert_eq!(seen.ms.contains_key(PART), is_asked, "{lines} lines, {unread} unread");
            assert_eq!((seen.lines.len(), seen.failed.len()), (lines, 0));
        }
    }
}
