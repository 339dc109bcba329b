//! What a new demonstration has to show: a few articles in their folder, two technicians whose times can be booked,
//! and payments that can be disputed.

use std::path::Path;

use anyhow::Context as _;
use model::ids::TechnicianId;
use store::visits::{self, NewTechnician};

use crate::app::App;

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
        let new =
            NewTechnician { name, areas: &owned(areas), skills: &owned(skills), hours: &[hours.to_owned()] };
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
