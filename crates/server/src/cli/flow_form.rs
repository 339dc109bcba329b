//! `sportello flow form`: a native form out of a flow's questions, printed or published at Meta.

use std::process::ExitCode;

use channels::whatsapp::{client::NewForm, forms::render};
use clap::Args;
use flows::format::{Flow, Language};
use serde_json::Value;
use url::Url;

use super::block_on;
use crate::{
    app::Line,
    config::Config,
    forms::plan::{Wanting, plan},
    texts::Texts,
};

#[derive(Args)]
pub struct FormOfFlow {
    /// A flow file, or the name of a shipped flow
    pub flow: String,
    /// The form's name, as the flow says it (`form:`)
    pub form: String,
    /// `en`, `it`, `es`, `pt` or `hi`
    #[arg(long, default_value = "en")]
    pub language: String,
    /// Let WhatsApp post filled forms here first: `https://help.example.org/webhooks/whatsapp/forms`
    #[arg(long)]
    endpoint: Option<Url>,
    /// Make and publish the form at Meta, for this number of ours (its phone_number_id)
    #[arg(long)]
    publish: Option<String>,
}

pub fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    flow: &Flow,
    language: Language,
    args: &FormOfFlow,
) -> anyhow::Result<ExitCode> {
    let texts = Texts::load(language.as_str()).map_err(anyhow::Error::msg)?;
    let has_endpoint = args.endpoint.is_some();
    let definition = render(&plan(&texts, &Wanting { flow, form: &args.form, language, has_endpoint })?)?;
    match &args.publish {
        None => println!("{definition:#}"),
        Some(number) => block_on(publish(&config()?, number, language, args, &definition))?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn publish(
    config: &Config,
    number: &str,
    language: Language,
    args: &FormOfFlow,
    definition: &Value,
) -> anyhow::Result<()> {
    let settings = config.whatsapp.as_ref().ok_or_else(|| anyhow::anyhow!("WhatsApp is not configured"))?;
    let line = Line::open(settings)?;
    let client = &line
        .number(number)
        .ok_or_else(|| anyhow::anyhow!("`{number}` is no phone_number_id of the configuration"))?
        .client;
    let name = format!("{}_{}", args.form, language.as_str());
    let endpoint = args.endpoint.as_ref().map(Url::as_str);
    let id = client.publish_form(&NewForm { name: &name, definition, endpoint }).await?;
    println!("the form was published as {id}; add it below the number in the configuration:\n");
    println!("[whatsapp.numbers.forms.{}]\nflow_ids = {{ {} = \"{id}\" }}", args.form, language.as_str());
    if endpoint.is_some() {
        println!("has_endpoint = true");
    }
    Ok(())
}
