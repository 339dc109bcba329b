//! Everything the sandbox remembers, behind one lock that is never held across an await.

use std::collections::{BTreeMap, HashMap, VecDeque};

use model::Timestamp;
use serde_json::{Value, json};

use crate::{
    config::Config,
    customer::{self, Customer, Stored},
    forms::Form,
    graph::limits::Limits,
    ids,
    journal::{Journal, Meta, Row},
    media::{Media, MediaBytes, NewMedia},
    templates,
    webhooks::queue::{LogRow, Queue},
};

pub const CUSTOMERS_MAX: usize = 10_000;
/// Older messages of a chat are forgotten.
const CHAT_MAX: usize = 5_000;

pub struct State {
    pub seed: u64,
    pub meta: Meta,
    pub customers: BTreeMap<u64, Customer>,
    chats: HashMap<u64, Vec<Stored>>,
    chat_of: HashMap<String, u64>,
    pub media: BTreeMap<String, Media>,
    pub bytes: MediaBytes,
    pub queue: Queue,
    pub log: VecDeque<LogRow>,
    pub limits: Limits,
    pub handshake: Option<String>,
    journal: Option<Journal>,
}

impl State {
    pub fn open(config: &Config) -> std::io::Result<Self> {
        let mut state = Self {
            seed: config.seed,
            meta: Meta { templates: templates::seeded(), ..Meta::default() },
            customers: BTreeMap::new(),
            chats: HashMap::new(),
            chat_of: HashMap::new(),
            media: BTreeMap::new(),
            bytes: MediaBytes::open(config.dir.as_deref())?,
            queue: Queue::default(),
            log: VecDeque::new(),
            limits: Limits::default(),
            handshake: None,
            journal: None,
        };
        if let Some(dir) = &config.dir {
            let (rows, journal) = Journal::open(dir)?;
            for row in rows {
                state.apply(row);
            }
            state.journal = Some(journal);
            state.rewrite()?;
        }
        if config.webhook_url.is_some() {
            state.meta.webhook_url.clone_from(&config.webhook_url);
        }
        Ok(state)
    }

    fn apply(&mut self, row: Row) {
        match row {
            Row::Meta(meta) => self.meta = *meta,
            Row::Customer(customer) => {
                self.meta.counter = self.meta.counter.max(customer.n);
                self.customers.insert(customer.n, customer);
            }
            Row::Message(stored) => {
                self.meta.counter = self.meta.counter.max(stored.n);
                self.place(*stored);
            }
            Row::Media(media) => {
                self.meta.counter = self.meta.counter.max(media.n);
                self.media.insert(media.id.clone(), media);
            }
            Row::MediaGone(id) => {
                self.media.remove(&id);
            }
            Row::Queued(delivery) => {
                self.meta.counter = self.meta.counter.max(delivery.id);
                self.queue.restore(*delivery);
            }
            Row::Done(id) => self.queue.forget(id),
        }
    }

    fn rewrite(&mut self) -> std::io::Result<()> {
        let Some(mut journal) = self.journal.take() else { return Ok(()) };
        let mut messages: Vec<&Stored> = self.chats.values().flatten().collect();
        messages.sort_by_key(|m| m.n);
        let rows = std::iter::once(Row::Meta(Box::new(self.meta.clone())))
            .chain(self.customers.values().cloned().map(Row::Customer))
            .chain(messages.into_iter().cloned().map(|m| Row::Message(Box::new(m))))
            .chain(self.media.values().cloned().map(Row::Media))
            .chain(self.queue.all().cloned().map(|d| Row::Queued(Box::new(d))));
        let done = journal.rewrite(rows);
        self.journal = Some(journal);
        done
    }

    pub fn record(&mut self, row: &Row) {
        let Some(journal) = &mut self.journal else { return };
        journal.append(row);
        if journal.is_long()
            && let Err(error) = self.rewrite()
        {
            tracing::error!(%error, "the sandbox cannot shorten its journal");
        }
    }

    pub fn record_meta(&mut self) {
        let row = Row::Meta(Box::new(self.meta.clone()));
        self.record(&row);
    }

    pub const fn next(&mut self) -> u64 {
        self.meta.counter += 1;
        self.meta.counter
    }

    /// A published form, by id or name.
    pub fn form(&self, name: &str) -> Option<&Form> {
        self.meta.forms.iter().find(|form| form.id == name || form.name == name)
    }

    pub fn webhook_url(&self) -> Option<&str> {
        self.meta.override_url.as_deref().or(self.meta.webhook_url.as_deref())
    }

    // Customers

    pub fn save_customer(&mut self, customer: Customer) {
        self.record(&Row::Customer(customer.clone()));
        self.customers.insert(customer.n, customer);
    }

    /// `c12`, as the control API names customers.
    pub fn customer(&self, id: &str) -> Option<&Customer> {
        self.customers.get(&id.strip_prefix('c')?.parse().ok()?)
    }

    pub fn customer_by_phone(&self, phone: &str) -> Option<&Customer> {
        self.customers.values().find(|c| c.phone.as_deref() == Some(phone))
    }

    pub fn customer_by_user_id(&self, user_id: &str) -> Option<&Customer> {
        self.customers.values().find(|c| c.user_id == user_id)
    }

    /// `None` when there are too many customers already.
    pub fn new_customer(
        &mut self,
        phone: Option<String>,
        name: Option<String>,
        username: Option<String>,
    ) -> Option<Customer> {
        if self.customers.len() >= CUSTOMERS_MAX {
            return None;
        }
        let n = self.next();
        let user_id = ids::bsuid(self.seed, phone.as_deref(), n);
        let name = name.unwrap_or_else(|| phone.as_ref().map_or("Customer".to_owned(), |p| format!("+{p}")));
        let customer =
            Customer { n, phone, user_id, name, username, bsuid_only: false, last_inbound_at: None };
        self.save_customer(customer.clone());
        Some(customer)
    }

    pub fn summary(&self, customer: &Customer) -> Value {
        customer::summary(customer, self.chat(customer.n), self.meta.knobs.bsuid_only)
    }

    // Chats

    pub fn chat(&self, customer: u64) -> &[Stored] {
        self.chats.get(&customer).map_or(&[], Vec::as_slice)
    }

    pub fn message(&self, wamid: &str) -> Option<&Stored> {
        let chat = self.chats.get(self.chat_of.get(wamid)?)?;
        chat.iter().rev().find(|m| m.view.id == wamid)
    }

    pub fn save_message(&mut self, stored: Stored) {
        self.record(&Row::Message(Box::new(stored.clone())));
        self.place(stored);
    }

    fn place(&mut self, stored: Stored) {
        let chat = self.chats.entry(stored.customer).or_default();
        self.chat_of.insert(stored.view.id.clone(), stored.customer);
        match chat.iter_mut().rev().find(|m| m.n == stored.n) {
            Some(known) => *known = stored,
            None => chat.push(stored),
        }
        if chat.len() > CHAT_MAX {
            let oldest = chat.remove(0);
            self.chat_of.remove(&oldest.view.id);
        }
    }

    /// Changes one message; answers whose chat it is in.
    pub fn change_message(&mut self, wamid: &str, change: impl FnOnce(&mut Stored)) -> Option<u64> {
        let mut stored = self.message(wamid)?.clone();
        change(&mut stored);
        let customer = stored.customer;
        self.save_message(stored);
        Some(customer)
    }

    // Media

    /// Takes a file in and gives it an id.
    pub fn keep_media(&mut self, now: Timestamp, new: NewMedia, uploaded: bool) -> std::io::Result<Media> {
        let n = self.next();
        let media = Media::new(n, ids::media(self.seed, n), now, &new, uploaded);
        self.bytes.write(&media.id, new.bytes)?;
        self.record(&Row::Media(media.clone()));
        self.media.insert(media.id.clone(), media.clone());
        Ok(media)
    }

    /// A media object that can be used now.
    pub fn alive_media(&self, now: Timestamp, id: &str) -> Option<&Media> {
        self.media.get(id).filter(|m| m.is_alive(now) && !self.meta.knobs.expire_media)
    }

    pub fn remove_media(&mut self, id: &str) {
        if self.media.remove(id).is_some() {
            self.record(&Row::MediaGone(id.to_owned()));
            self.bytes.remove(id);
        }
    }

    /// Forgets everything but the counter, the clock, where webhooks go and the forms: an id that was seen must not come again.
    pub fn reset(&mut self) -> std::io::Result<()> {
        for id in self.media.keys() {
            self.bytes.remove(id);
        }
        self.meta = Meta {
            counter: self.meta.counter,
            webhook_url: self.meta.webhook_url.take(),
            templates: templates::seeded(),
            // What the business set up is no chat.
            encryption_key: self.meta.encryption_key.take(),
            forms: std::mem::take(&mut self.meta.forms),
            ..Meta::default()
        };
        self.customers.clear();
        self.chats.clear();
        self.chat_of.clear();
        self.media.clear();
        self.queue.clear();
        self.log.clear();
        self.limits = Limits::default();
        self.rewrite()
    }

    pub fn overview(&self, now: Timestamp, config: &Config) -> Value {
        let customers: Vec<Value> = self.customers.values().map(|c| self.summary(c)).collect();
        json!({
            "now": now,
            "clock_offset_s": self.meta.clock_offset_s,
            "webhook_url": self.webhook_url(),
            "webhook_state": self.queue.summary(self.handshake.as_deref()),
            "customers": customers,
            "knobs": self.meta.knobs,
            "numbers": [{
                "phone_number_id": config.phone_number_id,
                "display_phone_number": config.display_phone_number,
                "verified_name": config.verified_name,
            }],
        })
    }
}
