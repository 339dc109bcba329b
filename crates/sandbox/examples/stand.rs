//! A sandbox on its own, for clients and referees from outside.
//!
//! `cargo run -p sandbox --example stand -- 127.0.0.1:8081 [WEBHOOK_URL] [DIR]`

use std::sync::Arc;

use model::SystemClock;
use sandbox::Config;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let listen = args.next().unwrap_or_else(|| "127.0.0.1:8081".to_owned()).parse()?;
    let webhook_url = args.next().filter(|url| !url.is_empty());
    let dir = args.next().map(Into::into);
    let config = Config { listen, webhook_url, dir, ..Config::default() };
    let running = sandbox::start(config, Arc::new(SystemClock)).await?;
    println!("{}", running.base_url);
    tokio::signal::ctrl_c().await?;
    running.shutdown().await;
    Ok(())
}
