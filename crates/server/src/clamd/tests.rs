//! Against a small daemon that speaks clamd's protocol, on TCP and on a Unix socket.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, UnixListener},
};

use super::{Address, Clamd, ClamdError, Scan, finding};

const STREAM_BYTES_MAX: usize = 300_000;
const BAD: &[u8] = b"a signature made for this test";

/// What clamd does with one connection.
async fn serve_one(mut socket: impl AsyncRead + AsyncWrite + Unpin) {
    let mut command = Vec::new();
    while let Ok(byte) = socket.read_u8().await {
        command.push(byte);
        if byte == 0 {
            break;
        }
    }
    let answer: &[u8] = match command.as_slice() {
        b"zVERSION\0" => b"ClamAV 1.4.3/27600/Sun Nov 22 10:00:00 2026\0",
        b"zINSTREAM\0" => instream(&mut socket).await,
        _ => b"UNKNOWN COMMAND\0",
    };
    let _ = socket.write_all(answer).await;
    let _ = socket.shutdown().await;
}

async fn instream(socket: &mut (impl AsyncRead + Unpin)) -> &'static [u8] {
    let mut stream = Vec::new();
    loop {
        let length = usize::try_from(socket.read_u32().await.unwrap()).unwrap();
        if length == 0 {
            break;
        }
        if stream.len() + length > STREAM_BYTES_MAX {
            return b"INSTREAM size limit exceeded. ERROR\0";
        }
        let start = stream.len();
        stream.resize(start + length, 0);
        socket.read_exact(&mut stream[start..]).await.unwrap();
    }
    if stream.windows(BAD.len()).any(|w| w == BAD) {
        b"stream: Test.Signature-1 FOUND\0"
    } else if stream.starts_with(b"nonsense") {
        b"hello\0"
    } else {
        b"stream: OK\0"
    }
}

async fn daemon() -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::Tcp(listener.local_addr().unwrap().to_string());
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(serve_one(socket));
        }
    });
    address
}

fn client(address: Address) -> Clamd {
    Clamd::new(address, Duration::from_secs(20), 100_000_000)
}

#[tokio::test]
async fn three_states_and_their_findings() {
    let clamd = client(daemon().await);
    let version = clamd.version().await.unwrap();
    assert!(version.starts_with("ClamAV 1.4.3"), "{version}");
    for bytes in [&b""[..], b"a photo", &[7; STREAM_BYTES_MAX]] {
        assert_eq!(clamd.scan(bytes).await.unwrap(), Scan::Clean);
    }
    // The signature stands across the border of two chunks.
    let mut bad = vec![1; super::CHUNK_BYTES - 10];
    bad.extend_from_slice(BAD);
    let found = clamd.scan(&bad).await;
    assert_eq!(*found.as_ref().unwrap(), Scan::Found { signature: "Test.Signature-1".to_owned() });
    let said = finding(&found, &version);
    assert!(said.kind == "file.malware" && said.value["state"] == "found" && said.version == version);
    let refused = clamd.scan(&vec![7; 4_000_000]).await;
    assert!(matches!(&refused, Err(ClamdError::Refused(why)) if why.contains("size limit")), "{refused:?}");
    let said = finding(&refused, &version);
    assert!(said.value["state"] == "error" && said.why.contains("nobody looked"), "{}", said.why);
    assert!(matches!(clamd.scan(b"nonsense").await, Err(ClamdError::Nonsense(_))));
}

#[tokio::test]
async fn a_unix_socket_is_spoken_to_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("clamd.ctl");
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move { serve_one(listener.accept().await.unwrap().0).await });
    let clamd = client(format!("unix:{}", path.display()).parse().unwrap());
    assert_eq!(clamd.scan(b"a photo").await.unwrap(), Scan::Clean);
}

#[tokio::test]
async fn who_does_not_answer_is_an_error_and_never_clean() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = Address::Tcp(listener.local_addr().unwrap().to_string());
    let clamd = Clamd { timeout: Duration::from_millis(50), ..client(silent.clone()) };
    assert!(matches!(clamd.scan(b"x").await, Err(ClamdError::TimedOut(_))));
    drop(listener);
    assert!(matches!(client(silent).scan(b"x").await, Err(ClamdError::Unreachable(_))));
    let closing = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::Tcp(closing.local_addr().unwrap().to_string());
    tokio::spawn(async move { drop(closing.accept().await) });
    assert!(matches!(client(address).scan(b"x").await, Err(ClamdError::Broken(_))));
    let small = Clamd { size_bytes_max: 3, ..client(daemon().await) };
    assert!(matches!(small.scan(b"four").await, Err(ClamdError::TooLarge { size_bytes: 4, limit_bytes: 3 })));
}

#[test]
fn addresses_are_checked_when_they_are_read() {
    assert_eq!("tcp:clamd:3310".parse(), Ok(Address::Tcp("clamd:3310".to_owned())));
    assert_eq!("tcp:[::1]:3310".parse(), Ok(Address::Tcp("[::1]:3310".to_owned())));
    for wrong in
        ["", "clamd", "/run/clamd.ctl", "unix:clamd.ctl", "tcp:3310", "tcp::3310", "tcp:host:0", "http://x"]
    {
        assert!(wrong.parse::<Address>().unwrap_err().contains("unix:/"), "{wrong}");
    }
}
