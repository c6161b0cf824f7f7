//! What people are told of a run: how it ended, and picks that should not wait. Written with the end of the run.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use gleaner_core::Marketplace;
use gleaner_core::money::Money;
use gleaner_core::verdict::Recommendation;
use gleaner_store::{NoticePut, PickPut, PickRow, Write};
use serde_json::json;
use uuid::Uuid;

use super::classes::PickClass;
use super::drive::Work;
use super::figures::Figures;
use super::progress::candidate_key;
use super::runs::{Outcome, Report};
use super::triage::TriageState;
use super::{read, word};
use crate::{EngineError, stored};

/// The notices of a run that ends.
pub(super) fn of_run(
    work: &Work,
    outcome: Outcome,
    report: &Report,
    picks: &[PickPut],
    before: &HashMap<String, PickRow>,
    now: DateTime<Utc>,
) -> Result<Vec<Write>, EngineError> {
    let mut notices = vec![ended(work, outcome, report, now)];
    for pick in picks {
        notices.extend(urgent(work, pick, before, now)?.map(Write::Notice));
    }
    Ok(notices)
}

/// How the run ended.
fn ended(work: &Work, outcome: Outcome, report: &Report, now: DateTime<Utc>) -> Write {
    let (job, found) = (&work.spec.name, report.funnel.picks);
    let picks = if found == 1 { "1 pick".to_owned() } else { format!("{found} picks") };
    let subject = match outcome {
        Outcome::Done => format!("{job}: {picks}"),
        Outcome::Empty => format!("{job}: nothing found"),
        Outcome::Budget => format!("{job}: stopped by its token budget, {picks} so far"),
        Outcome::Failed => format!("{job}: failed"),
        Outcome::Cancelled => format!("{job}: cancelled"),
    };
    let why = report.error.as_ref().map(|error| error.message.clone()).or(report.funnel.explanation.clone());
    let classes: Vec<String> = report.classes.iter().map(|(class, n)| format!("{n} {class}")).collect();
    let lines = [
        why,
        (!classes.is_empty()).then(|| format!("Picks: {}.", classes.join(", "))),
        Some(format!("Tokens: {}.", work.progress.tokens.charged)),
    ];
    Write::Notice(NoticePut {
        id: Uuid::now_v7(),
        at: stored(now),
        kind: format!("run.{}", outcome.as_str()),
        subject,
        text: lines.into_iter().flatten().collect::<Vec<_>>().join("\n"),
        payload: json!({
            "job_id": work.row.job_id,
            "job": job,
            "run_id": work.row.id,
            "run": work.row.number,
            "outcome": outcome.as_str(),
            "picks": found,
            "classes": report.classes,
            "tokens": work.progress.tokens.charged,
            "error": report.error,
            "explanation": report.funnel.explanation,
        }),
    })
}

/// A pick that has just become a jackpot, or stable with the best verdict, and that nobody decided on.
fn urgent(
    work: &Work,
    pick: &PickPut,
    before: &HashMap<String, PickRow>,
    now: DateTime<Utc>,
) -> Result<Option<NoticePut>, EngineError> {
    let known = before.get(&candidate_key(&pick.asin, &pick.condition));
    let decided = known.is_some_and(|known| known.state != word(&TriageState::Open));
    let told = known.is_some_and(|known| known.class == pick.class && known.active != 0);
    if !pick.active || decided || told {
        return Ok(None);
    }
    let figures: Figures = read("figures", &pick.figures)?;
    let kind = if pick.class == word(&PickClass::Jackpot) {
        "pick.jackpot"
    } else if pick.class == word(&PickClass::Stable) && figures.recommendation == Recommendation::StrongBuy {
        "pick.stable"
    } else {
        return Ok(None);
    };
    let title = figures.title.clone().unwrap_or_else(|| pick.asin.clone());
    let roi = figures.roi_percent.map(|roi| format!("ROI {roi:.0} %"));
    let marketplace = Marketplace::from_id(pick.domain);
    let most = figures
        .max_cost
        .zip(marketplace)
        .map(|(cost, marketplace)| format!("at most {} {}", Money::new(cost, marketplace), figures.currency));
    let verify = (kind == "pick.jackpot").then(|| "verify before buying".to_owned());
    let said: Vec<String> = [roi, most, verify].into_iter().flatten().collect();
    Ok(Some(NoticePut {
        id: Uuid::now_v7(),
        at: stored(now),
        kind: kind.to_owned(),
        subject: format!("{}: {title}", work.spec.name),
        text: said.join(", "),
        payload: json!({
            "job_id": work.row.job_id,
            "job": work.spec.name,
            "run_id": work.row.id,
            "pick_id": pick.id,
            "asin": pick.asin,
            "class": pick.class,
            "figures": figures,
        }),
    }))
}
