//! What can be chosen, as text for people and as JSON for programs.

use anyhow::Context as _;
use protocol::{Kind, Parameter};

/// Prints the presets.
pub fn presets(json: bool) -> anyhow::Result<()> {
    let catalogue = lab::catalogue();
    if json {
        println!("{}", serde_json::to_string_pretty(&catalogue.presets).context("the presets have no JSON form")?);
        return Ok(());
    }
    for preset in catalogue.presets {
        println!("{:<18} {}\n{:<18} {}", preset.id, preset.name, "", preset.summary);
    }
    Ok(())
}

/// Prints the methods.
pub fn methods(json: bool) -> anyhow::Result<()> {
    let catalogue = lab::catalogue();
    if json {
        println!("{}", serde_json::to_string_pretty(&catalogue.methods).context("the methods have no JSON form")?);
        return Ok(());
    }
    let mut kind = None;
    for card in catalogue.methods {
        if kind.replace(card.kind) != Some(card.kind) {
            println!("# {}: {}", card.kind.title(), card.kind.about());
        }
        println!("{:<16} {}: {}", card.id, card.name, card.summary);
        if !card.paper.is_empty() {
            println!("{:<16} {}", "", card.paper);
        }
        println!("{:<16}   needs {}", "", card.needs.in_words());
        for parameter in &card.parameters {
            println!(
                "{:<16}   {} = {} ({}): {}",
                "",
                parameter.id,
                parameter.default,
                range(parameter),
                parameter.help
            );
        }
        for claim in &card.claims {
            println!("{:<16}   claim, {}: {}", "", claim.name, claim.text);
        }
    }
    Ok(())
}

/// The allowed values in words.
fn range(parameter: &Parameter) -> String {
    match &parameter.kind {
        Kind::Real { min, max, .. } => format!("{min} to {max}"),
        Kind::Integer { min, max } => format!("whole, {min} to {max}"),
        Kind::Flag => "0 or 1".to_owned(),
        Kind::Options { labels } => {
            let named: Vec<String> =
                labels.iter().enumerate().map(|(index, label)| format!("{index}: {label}")).collect();
            named.join(", ")
        }
    }
}
