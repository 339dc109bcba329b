//! Children that were taken over, each in its own way.

use std::{
    fs,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::net::{UnixListener, UnixStream},
    process::{Command, ExitCode},
    thread,
    time::Duration,
};

use media::{Limits, confine::confine};

type Attacker = fn() -> ExitCode;

pub fn by_name(name: &str) -> Option<Attacker> {
    const ALL: &[(&str, Attacker)] = &[
        ("hog-memory", hog_memory),
        ("burn-cpu", burn_cpu),
        ("never-answer", never_answer),
        ("never-read", never_read),
        ("answer-for-ever", answer_for_ever),
        ("close-and-live-on", close_and_live_on),
        ("say-nothing", || ExitCode::SUCCESS),
        ("fail", || ExitCode::from(7)),
        ("say-garbage", say_garbage),
        ("say-a-huge-header", say_a_huge_header),
        ("hand-out-html", hand_out_html),
        ("hand-out-too-few-pixels", || hand_out_pixels(100, 50, 100 * 50 * 3 - 1)),
        ("hand-out-too-many-pixels", || hand_out_pixels(100, 50, 100 * 50 * 3 + 1)),
        ("hand-out-no-pixels", || hand_out_pixels(0, 0, 0)),
        ("hand-out-pixels-too-wide", || hand_out_pixels(101, 1, 101 * 3)),
        ("hand-out-sides-that-overflow", || hand_out_pixels(u32::MAX, u32::MAX, 3)),
        ("hand-out-false-copies", hand_out_false_copies),
        ("die-over-pages", die_over_pages),
        ("hand-out-a-page-as-picture", hand_out_a_page_as_picture),
        ("try-every-door", try_every_door),
    ];
    ALL.iter().find(|(n, _)| *n == name).map(|(_, attacker)| *attacker)
}

fn small() -> Limits {
    Limits { memory_bytes: 256 * 1024 * 1024, cpu_s: 1, ..Limits::default() }
}

fn hog_memory() -> ExitCode {
    confine(&small());
    let mut hoard = Vec::new();
    loop {
        hoard.push(vec![1_u8; 1024 * 1024]);
        std::hint::black_box(&hoard);
    }
}

fn burn_cpu() -> ExitCode {
    confine(&small());
    let mut n = 0_u64;
    loop {
        n = std::hint::black_box(n.wrapping_mul(31).wrapping_add(7));
    }
}

fn never_answer() -> ExitCode {
    io::copy(&mut io::stdin(), &mut io::sink()).unwrap();
    loop {
        thread::park();
    }
}

fn never_read() -> ExitCode {
    loop {
        thread::park();
    }
}

fn answer_for_ever() -> ExitCode {
    let block = vec![b'A'; 64 * 1024];
    while io::stdout().write_all(&block).is_ok() {}
    ExitCode::SUCCESS
}

/// The pipe ends, the process does not.
fn close_and_live_on() -> ExitCode {
    let null = fs::File::options().write(true).open("/dev/null").unwrap();
    rustix::stdio::dup2_stdout(null).unwrap();
    loop {
        thread::park();
    }
}

fn say_garbage() -> ExitCode {
    println!("\x10\0\0\0{{\"confinement\":");
    ExitCode::SUCCESS
}

fn say_a_huge_header() -> ExitCode {
    let _ = io::stdout().write_all(&[0xFF; 4_096]);
    ExitCode::SUCCESS
}

/// A well-formed answer whose thumbnail is a page.
fn hand_out_html() -> ExitCode {
    let html = b"<script>alert(1)</script>";
    let header = format!(
        r#"{{"confinement":{{"landlock":"full","seccomp":true,"rlimits":true}},"outcome":{{"report":{{"report":
        {{"sniffed":"image/png","width":1,"height":1,"is_animated":false,"orientation":1,"is_partial":false,
        "renditions":[{{"name":"thumb","mime_type":"image/jpeg","width":1,"height":1}}],"why_none":null}},
        "rendition_bytes":[{}]}}}}}}"#,
        html.len()
    );
    let mut out = io::stdout();
    out.write_all(&u32::try_from(header.len()).unwrap().to_le_bytes()).unwrap();
    out.write_all(header.as_bytes()).unwrap();
    out.write_all(html).unwrap();
    ExitCode::SUCCESS
}

/// A well-formed answer to a request for pixels of at most a hundred a side.
fn hand_out_pixels(width: u32, height: u32, size: usize) -> ExitCode {
    let header = format!(
        r#"{{"confinement":{{"landlock":"full","seccomp":true,"rlimits":true}},
        "outcome":{{"pixels":{{"width":{width},"height":{height}}}}}}}"#
    );
    let mut out = io::stdout();
    out.write_all(&u32::try_from(header.len()).unwrap().to_le_bytes()).unwrap();
    out.write_all(header.as_bytes()).unwrap();
    out.write_all(&vec![7; size]).unwrap();
    ExitCode::SUCCESS
}

/// Aborts as if its memory were used up, unless only the text is asked for.
fn die_over_pages() -> ExitCode {
    let mut asked = Vec::new();
    io::stdin().read_to_end(&mut asked).unwrap();
    let with_pages = b"\"is_text_only\":false";
    if asked.windows(with_pages.len()).any(|w| w == with_pages) {
        std::process::abort();
    }
    answer_document("only words", "[]", &[])
}

/// Copied places that no look at a picture can have seen.
fn hand_out_false_copies() -> ExitCode {
    let header = r#"{"confinement":{"landlock":"full","seccomp":true,"rlimits":true},"outcome":{"forensics":
        {"why_not":null,"compression":null,"copies":[{"here":[[0,0],[1e30,0],[1,1]],"there":[[0,0],[1,0],[1,1]],
        "shift":[1,1],"share":0.5,"correlation":0.9}]}}}"#;
    let mut out = io::stdout();
    out.write_all(&u32::try_from(header.len()).unwrap().to_le_bytes()).unwrap();
    out.write_all(header.as_bytes()).unwrap();
    ExitCode::SUCCESS
}

/// A well-formed answer whose picture is markup.
fn hand_out_a_page_as_picture() -> ExitCode {
    answer_document("", r#"[{"name":"a.svg"}]"#, b"<svg onload='alert(1)'/>")
}

fn answer_document(text: &str, images: &str, image: &[u8]) -> ExitCode {
    let description = format!(
        r#"{{"sniffed":"application/pdf","page_count":1,"pages":[],"text":"{text}","previews":[],"images":{images},
        "attachments":[],"findings":[],"is_encrypted":false,"left_out":[],"why_none":null}}"#
    );
    let parts = if image.is_empty() { String::new() } else { image.len().to_string() };
    let header = format!(
        r#"{{"confinement":{{"landlock":"full","seccomp":true,"rlimits":true}},"outcome":{{"document":
        {{"description_bytes":{},"part_bytes":[{parts}]}}}}}}"#,
        description.len()
    );
    let mut out = io::stdout();
    out.write_all(&u32::try_from(header.len()).unwrap().to_le_bytes()).unwrap();
    out.write_all(header.as_bytes()).unwrap();
    out.write_all(description.as_bytes()).unwrap();
    out.write_all(image).unwrap();
    ExitCode::SUCCESS
}

/// Prints a line a door: its name, then `open` or the error number.
fn try_every_door() -> ExitCode {
    let before = Command::new("/bin/true").status().is_ok();
    let own_parent = rustix::process::getppid();
    let confinement = confine(&Limits::default());
    let tell = |what: &str, result: io::Result<()>| match result {
        Ok(()) => println!("{what}: open"),
        Err(e) => println!("{what}: {}", e.raw_os_error().unwrap_or(0)),
    };
    println!("confined: {}", confinement.is_full());
    println!("could start a process before: {before}");
    tell("read a file", fs::read("/etc/passwd").map(drop));
    tell("read own memory map", fs::read("/proc/self/maps").map(drop));
    tell("list a folder", fs::read_dir("/").map(drop));
    tell("look at a file", fs::metadata("/etc/passwd").map(drop));
    tell("create a file", fs::write("/tmp/sportello-escape", "x"));
    tell("create a folder", fs::create_dir("/tmp/sportello-escape"));
    tell("remove a file", fs::remove_file("/tmp/sportello-escape-not-there"));
    tell("change folder", std::env::set_current_dir("/tmp"));
    tell(
        "connect",
        TcpStream::connect_timeout(&([127, 0, 0, 1], 9).into(), Duration::from_secs(1)).map(drop),
    );
    tell("listen", TcpListener::bind("127.0.0.1:0").map(drop));
    tell("send datagrams", UdpSocket::bind("127.0.0.1:0").map(drop));
    tell("pair sockets", UnixStream::pair().map(drop));
    tell("listen at a path", UnixListener::bind("/tmp/sportello-escape-socket").map(drop));
    tell("make a pipe", io::pipe().map(drop));
    tell("start a process", Command::new("/bin/true").spawn().map(drop));
    tell("start a thread", thread::Builder::new().spawn(|| ()).map(drop));
    tell("signal the parent", signal(own_parent));
    tell("raise a limit", raise_limit());
    let mut rest = Vec::new();
    tell("read what is piped", io::stdin().read_to_end(&mut rest).map(drop));
    ExitCode::SUCCESS
}

fn signal(pid: Option<rustix::process::Pid>) -> io::Result<()> {
    let Some(pid) = pid else { return Err(io::Error::from_raw_os_error(1)) };
    Ok(rustix::process::kill_process(pid, rustix::process::Signal::CONT)?)
}

fn raise_limit() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(1), maximum: Some(1) })?)
}
