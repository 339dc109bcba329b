//! What a new demonstration has to show: a few articles in their folder, two technicians whose times can be booked,
//! payments that can be disputed, and native forms for customers who speak Italian.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use flows::{format::Language, library};
use model::ids::TechnicianId;
use store::visits::{self, NewTechnician};

use super::{flow_form, kept::Kept};
use crate::{
    app::App,
    config::{Config, Form},
};

/// The files, by their path in the folder of articles.
const ARTICLES: [(&str, &[u8]); 7] = [
    ("washer-does-not-drain/en.md", include_bytes!("../../demo/articles/washer-does-not-drain/en.md")),
    ("washer-does-not-drain/it.md", include_bytes!("../../demo/articles/washer-does-not-drain/it.md")),
    ("washer-does-not-drain/door.png", include_bytes!("../../demo/articles/washer-does-not-drain/door.png")),
    (
        "washer-does-not-drain/filter.png",
        include_bytes!("../../demo/articles/washer-does-not-drain/filter.png"),
    ),
    ("router-red-light/en.md", include_bytes!("../../demo/articles/router-red-light/en.md")),
    ("parcel-damaged/en.md", include_bytes!("../../demo/articles/parcel-damaged/en.md")),
    ("parcel-damaged/it.md", include_bytes!("../../demo/articles/parcel-damaged/it.md")),
];

/// Forms of shipped flows: the flow, and what it calls the form.
const FORMS: [(&str, &str); 2] = [("product_defect", "defect"), ("retail_return", "return")];

const PAYMENTS: &[u8] = include_bytes!("../../demo/payments.jsonl");

struct Example {
    name: &'static str,
    areas: &'static [&'static str],
    skills: &'static [&'static str],
    hours: &'static str,
}

const TECHNICIANS: [Example; 2] = [
    Example {
        name: "Gino Bassi",
        areas: &["20", "Monza"],
        skills: &["wash", "dryer", "lavatrice"],
        hours: "mon-fri 09:00-17:00",
    },
    Example { name: "Lucia Ferri", areas: &[], skills: &[], hours: "mon-sat 08:00-14:00" },
];

/// Lays the examples out at the first start of a folder. What somebody changed or removed stays so: the folder of
/// articles, which comes whole and last, says that it was done.
pub async fn lay_out(app: &App) -> anyhow::Result<()> {
    let dir = app.config.articles_dir();
    if dir.exists() {
        return Ok(());
    }
    if visits::technicians(&app.db).await?.is_empty() {
        add_technicians(app).await?;
    }
    if let Some(ledger) = &app.config.flows.payments {
        std::fs::write(ledger, PAYMENTS).with_context(|| ledger.display().to_string())?;
    }
    write_articles(&dir).with_context(|| dir.display().to_string())
}

async fn add_technicians(app: &App) -> anyhow::Result<()> {
    let now = app.clock.now();
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut tx = app.db.begin().await?;
    for Example { name, areas, skills, hours } in TECHNICIANS {
        let new = NewTechnician {
            name,
            areas: &owned(areas),
            skills: &owned(skills),
            hours: &[hours.to_owned()],
            user_id: None,
        };
        let (id, secret) = (TechnicianId::new(&app.ids, now), hex::encode(app.ids.bytes::<16>()));
        visits::put_technician(&mut tx, &id, &new, &secret, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn write_articles(dir: &Path) -> std::io::Result<()> {
    let fresh = dir.with_extension("new");
    for (path, bytes) in ARTICLES {
        let path = fresh.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, bytes)?;
    }
    std::fs::rename(fresh, dir)
}

/// Publishes the forms in the sandbox, once a folder: customers who speak Italian are offered them, and all others are
/// asked in the chat, so that a demonstration shows both.
pub async fn publish_forms(config: &mut Config, dir: &Path) -> anyhow::Result<()> {
    let mut kept = Kept::read(dir)?;
    let account = sandbox::Config::default().phone_number_id;
    for (flow, name) in FORMS {
        let known = library::flow(flow).and_then(Result::ok).filter(|_| !kept.forms.contains_key(name));
        let Some(flow) = known else { continue };
        let form =
            flow_form::Form { flow: &flow, name, language: Language::It, endpoint: None, called: None };
        match flow_form::publish(config, &account, &form).await {
            Ok(id) => _ = kept.forms.insert(name.to_owned(), id),
            // A start that was killed in between published it already; the chat asks the same.
            Err(error) => {
                tracing::warn!(%error, form = name, "a form of the demonstration was not published")
            }
        }
        kept.write(dir)?;
    }
    let numbers = config.whatsapp.iter_mut().flat_map(|settings| &mut settings.numbers);
    for number in numbers.filter(|number| number.phone_number_id == account) {
        number.forms = kept.forms.iter().map(|(name, id)| (name.clone(), in_italian(id))).collect();
    }
    Ok(())
}

fn in_italian(id: &str) -> Form {
    let flow_ids = BTreeMap::from([(Language::It.as_str().to_owned(), id.to_owned())]);
    Form { flow_ids, has_endpoint: false }
}
