//! `sportello flow form`: a native form out of a flow's questions, printed or published at Meta.

use std::process::ExitCode;

use anyhow::Context as _;
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
    /// What it is called at Meta, where no two have the same name [default: FORM_LANGUAGE]
    #[arg(long, requires = "publish")]
    name: Option<String>,
}

pub fn run(
    config: impl FnOnce() -> anyhow::Result<Config>,
    flow: &Flow,
    language: Language,
    args: &FormOfFlow,
) -> anyhow::Result<ExitCode> {
    let endpoint = args.endpoint.as_ref().map(Url::as_str);
    let form = Form { flow, name: &args.form, language, endpoint, called: args.name.as_deref() };
    let Some(number) = &args.publish else {
        println!("{:#}", form.definition()?);
        return Ok(ExitCode::SUCCESS);
    };
    let id = block_on(publish(&config()?, number, &form))?;
    println!("the form was published as {id}; add it below the number in the configuration:\n");
    println!("[whatsapp.numbers.forms.{}]\nflow_ids = {{ {} = \"{id}\" }}", form.name, language.as_str());
    if endpoint.is_some() {
        println!("has_endpoint = true");
    }
    Ok(ExitCode::SUCCESS)
}

/// A form that a flow offers.
#[derive(Clone, Copy)]
pub struct Form<'a> {
    pub flow: &'a Flow,
    /// As the flow says it.
    pub name: &'a str,
    pub language: Language,
    pub endpoint: Option<&'a str>,
    /// Its name at Meta, when it is not the usual one.
    pub called: Option<&'a str>,
}

impl Form<'_> {
    fn definition(&self) -> anyhow::Result<Value> {
        let Self { flow, name, language, endpoint, .. } = *self;
        let texts = Texts::load(language.as_str()).map_err(anyhow::Error::msg)?;
        let wanting = Wanting { flow, form: name, language, has_endpoint: endpoint.is_some() };
        Ok(render(&plan(&texts, &wanting)?)?)
    }
}

/// Makes and publishes it at Meta for a number of ours; answers its id.
pub async fn publish(config: &Config, number: &str, form: &Form<'_>) -> anyhow::Result<String> {
    let settings = config.whatsapp.as_ref().ok_or_else(|| anyhow::anyhow!("WhatsApp is not configured"))?;
    let line = Line::open(settings)?;
    let number = line
        .number(number)
        .ok_or_else(|| anyhow::anyhow!("`{number}` is no phone_number_id of the configuration"))?;
    let usual = format!("{}_{}", form.name, form.language.as_str());
    let (name, definition) = (form.called.unwrap_or(&usual), form.definition()?);
    let new = NewForm { name, definition: &definition, endpoint: form.endpoint };
    number.client.publish_form(&new).await.with_context(|| {
        format!(
            "the form {name} was not published; where Meta has one of this name, choose another with --name"
        )
    })
}
