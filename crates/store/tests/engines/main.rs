//! Every statement of the store, run on SQLite and on PostgreSQL: the same calls, the same answers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

mod accounts;
mod articles;
mod desk;
mod findings;
mod forms;
mod guided;
mod inbox;
mod people;
mod plans;
mod processes;
mod queue;
mod redactions;
mod search;
mod talk;
mod vault;
mod work;

use std::{path::Path, sync::Arc};

use model::{
    Ids, Timestamp,
    contact::Identity,
    event::Sender,
    ids::{ChannelId, ContactId, MessageId, TicketId},
    message::{Direction, Status},
};
use sqlx::Executor as _;
use store::{
    Db, Tx, channels, contacts,
    conversations::{self, Conversation},
    messages::{self, NewMessage},
    migrate::{self, Schema},
    tickets,
};

const NOON: Timestamp = Timestamp::from_secs(1_795_348_800);

fn later(secs: i64) -> Timestamp {
    Timestamp::from_secs(NOON.secs() + secs)
}

/// A fresh database with both schemas.
struct World {
    db: Db,
    ids: Arc<Ids>,
    url: String,
    dir: tempfile::TempDir,
}

/// Runs the test once on each engine that this run has.
async fn on_each_engine(test: impl AsyncFn(&World)) {
    let postgres = std::env::var("SPORTELLO_TEST_POSTGRES_URL").ok();
    for base in std::iter::once(None).chain(postgres.map(Some)) {
        let dir = tempfile::tempdir().unwrap();
        let url = match &base {
            None => format!("sqlite:{}", dir.path().join("store.db").display()),
            Some(base) => fresh_postgres(base).await,
        };
        let db = Db::open(&url).await.unwrap();
        for schema in [Schema::Desk, Schema::Inbox] {
            migrate::run(&db, schema, NOON).await.unwrap();
        }
        let world = World { db, ids: Arc::new(Ids::from_seed(7)), url, dir };
        test(&world).await;
        world.db.close().await;
    }
}

/// A database of its own that orders text as people do, not by bytes: the store must not care.
async fn fresh_postgres(base: &str) -> String {
    let name = format!("store_{}", Ids::from_os().ulid(NOON).to_lowercase());
    let create = format!("create database {name} template template0 locale_provider icu icu_locale 'en-US'");
    let pool = sqlx::PgPool::connect(base).await.unwrap();
    pool.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
    pool.close().await;
    let (server, _) = base.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

impl World {
    async fn tx(&self) -> Tx {
        self.db.begin().await.unwrap()
    }

    /// A statement that the store itself does not have, such as damage.
    async fn raw(&self, sql: &'static str) {
        match self.url.strip_prefix("sqlite:") {
            Some(path) => {
                let pool = sqlx::SqlitePool::connect(path).await.unwrap();
                pool.execute(sql).await.unwrap();
                pool.close().await;
            }
            None => {
                let pool = sqlx::PgPool::connect(&self.url).await.unwrap();
                pool.execute(sql).await.unwrap();
                pool.close().await;
            }
        }
    }

    /// The channel, the person's conversation and its ticket.
    async fn ticket_of(&self, phone: &str) -> Place {
        let mut tx = self.tx().await;
        let channel =
            channels::of_account(&mut tx, &self.ids, "whatsapp", "7", "Support", NOON).await.unwrap();
        let contact = contacts::recognise(&mut tx, &self.ids, &sender(phone), NOON, NOON).await.unwrap();
        let conversation = conversations::of(&mut tx, &self.ids, &contact, &channel.id, NOON).await.unwrap();
        let hour = std::time::Duration::from_secs(3_600);
        let ticket = tickets::for_message(&mut tx, &self.ids, &conversation, NOON, hour, NOON).await.unwrap();
        tx.commit().await.unwrap();
        Place { channel: channel.id, contact, conversation, ticket }
    }

    /// A message in the ticket; inbound ones bear the channel's id.
    async fn message(
        &self,
        place: &Place,
        direction: Direction,
        external_id: Option<&str>,
        at: Timestamp,
    ) -> MessageId {
        let id = MessageId::new(&self.ids, at);
        let mut tx = self.tx().await;
        let is_new =
            messages::insert(&mut tx, &new_message(place, &id, direction, external_id, at)).await.unwrap();
        assert!(is_new);
        let unread = i64::from(direction == Direction::In);
        tickets::note_message(&mut tx, &place.ticket, at, unread, 0, at).await.unwrap();
        tx.commit().await.unwrap();
        id
    }
}

struct Place {
    channel: ChannelId,
    contact: ContactId,
    conversation: Conversation,
    ticket: TicketId,
}

fn sender(phone: &str) -> Sender {
    Sender { identities: vec![Identity::wa_id(phone)], profile_name: Some(format!("Name of {phone}")) }
}

fn new_message<'a>(
    place: &'a Place,
    id: &'a MessageId,
    direction: Direction,
    external_id: Option<&'a str>,
    at: Timestamp,
) -> NewMessage<'a> {
    NewMessage {
        id,
        ticket_id: &place.ticket,
        conversation_id: &place.conversation.id,
        channel_id: &place.channel,
        direction,
        kind: "text",
        text: Some("hello"),
        content: r#"{"kind":"text","body":"hello"}"#,
        riders: "{}",
        external_id,
        status: if direction == Direction::In { Status::Received } else { Status::Queued },
        error: None,
        author_id: None,
        reply_to: None,
        turn_id: None,
        sent_at: at,
        arrival: None,
        now: at,
    }
}

/// A public call that no test makes could hold a statement that one engine refuses.
#[test]
fn every_public_call_is_made_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |folder: &Path| -> Vec<(String, String)> {
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        files
            .filter(|path| path.extension().is_some_and(|e| e == "rs"))
            .map(|path| {
                let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
                (module, std::fs::read_to_string(path).unwrap())
            })
            .collect()
    };
    let tests: String = read(&root.join("tests/engines")).into_iter().map(|(_, text)| text).collect();
    let mut missing = Vec::new();
    let mut sources = read(&root.join("src"));
    // A part of a module is called by the module's name.
    sources.extend(read(&root.join("src/tickets")).into_iter().map(|(_, text)| ("tickets".to_owned(), text)));
    for (module, text) in sources {
        for part in text.split("pub async fn ").skip(1) {
            let name = part.split(['(', '<']).next().unwrap();
            let is_method = part.split(')').next().unwrap().contains("self");
            let call = if is_method { format!(".{name}(") } else { format!("{module}::{name}(") };
            // Constructors are called on their type.
            let is_made = module == "db" && tests.contains(&format!("Db::{name}("));
            if !is_made && !tests.contains(&call) {
                missing.push(call);
            }
        }
    }
    assert!(missing.is_empty(), "never called here, so never run on both engines; add a test: {missing:#?}");
}
