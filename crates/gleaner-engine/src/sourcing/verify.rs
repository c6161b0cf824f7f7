//! Verifying a pick before buying: one token for fresh facts, compared with what the job saw.

use chrono::{DateTime, Utc};
use gleaner_core::verdict::Cap;
use gleaner_core::{Condition, Marketplace};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::figures::Figures;
use super::judge::Judgement;
use super::reopen::moved_percent;
use super::spec::{JobSpec, PickRules};
use super::triage::{StepDocument, TriageAction};
use super::{float, from_word, read, word};
use crate::answer::TokenUse;
use crate::scoring::ScoringQuestion;
use crate::{Caller, Engine, EngineError};

/// A price that moved by so many percent is worth telling.
const PRICE_MOVED: f64 = 3.0;
/// A rank that became worse by so many percent is worth telling.
const RANK_WORSE: f64 = 30.0;
/// So many sellers more are worth telling.
const SELLERS_MORE: i64 = 3;

/// What a verification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerificationResult {
    /// As good as when it was chosen.
    Ok,
    /// Still good enough, but not the same: look before buying.
    Changed,
    /// Not good enough any more.
    Avoid,
}

/// One thing that a verification found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = VerificationFinding)]
pub struct Finding {
    /// A stable word: `unknown_product`, `amazon_entered`, `not_good_enough`, `price_fell`, `price_rose`,
    /// `profit_fell`, `rank_worse`, `more_sellers`, `verify_by_hand`.
    pub code: String,
    /// What it was when it was chosen.
    pub before: Option<f64>,
    /// What it is now.
    pub now: Option<f64>,
    /// A sentence for people.
    pub message: String,
}

/// A pick compared with fresh facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SourcingVerification)]
pub struct Verification {
    /// The answer.
    pub result: VerificationResult,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, what weighs most first.
    pub findings: Vec<Finding>,
    /// The figures when it was chosen.
    pub before: Figures,
    /// The figures now; null when Keepa does not know the product any more.
    pub now: Option<Figures>,
    /// What it cost.
    pub tokens: TokenUse,
}

impl Engine {
    /// Buys fresh facts of a pick (one token) and compares them with what was seen when it was chosen. Kept with the
    /// pick's steps; its state stays.
    pub async fn verify_pick(
        &self,
        pick: &str,
        caller: Caller,
        author: Option<String>,
    ) -> Result<Verification, EngineError> {
        let row = self.pick_row(pick).await?;
        let marketplace = Marketplace::from_id(row.domain).ok_or(EngineError::Internal)?;
        let condition: Condition = from_word("condition", &row.item_condition)?;
        let before: Figures = read("figures", &row.figures)?;
        let (strategy, rules) = match &row.run_id {
            Some(run) => {
                let spec: JobSpec = read("job of a run", &self.run_row(run).await?.document)?;
                (spec.strategy, spec.picks)
            }
            // It was chosen by hand.
            None => (before.strategy, PickRules::default()),
        };
        let question = ScoringQuestion {
            condition: Some(condition),
            // A cost that the search gave holds; one that a rule found is found anew.
            cost: before
                .cost
                .filter(|_| before.verdict_basis == gleaner_core::economics::VerdictBasis::Explicit),
            strategy,
            force_refresh: true,
            ..ScoringQuestion::new(marketplace, vec![row.asin.clone()], caller)
        };
        let answer = Box::pin(self.score(question)).await?;
        let now = answer.scores.first().map(|scored| {
            let judgement = Judgement::of(&scored.score, None, &rules);
            Figures::new(&scored.score, scored.facts_fetched_at, &judgement)
        });
        if now.is_none()
            && let Some(rejected) = answer.rejected.iter().find(|rejected| rejected.code != "unknown_asin")
        {
            return Err(EngineError::refused("not_verified", rejected.message.clone()));
        }
        let (result, findings) = compare(&before, now.as_ref(), &rules);
        let verification =
            Verification { result, at: self.now(), findings, before, now, tokens: answer.tokens };
        let document = StepDocument { verification: Some(verification.clone()), ..StepDocument::default() };
        // When somebody decides at the same moment, the verification is written under the state it left.
        for _ in 0..crate::ATTEMPTS {
            let row = self.pick_row(&row.id).await?;
            let state = from_word("state", &row.state)?;
            if self.put_step(&row, TriageAction::Verified, state, author.clone(), &document).await? {
                return Ok(verification);
            }
        }
        Err(EngineError::Unsettled)
    }
}

/// What fresh figures say beside those that were saved.
fn compare(before: &Figures, now: Option<&Figures>, rules: &PickRules) -> (VerificationResult, Vec<Finding>) {
    let finding = |code: &str, before: Option<f64>, now: Option<f64>, message: String| Finding {
        code: code.to_owned(),
        before,
        now,
        message,
    };
    let Some(now) = now else {
        let message = "Keepa does not know this product any more".to_owned();
        return (VerificationResult::Avoid, vec![finding("unknown_product", None, None, message)]);
    };
    let (mut avoid, mut changed, mut told) = (Vec::new(), Vec::new(), Vec::new());
    if now.amazon_in_stock == Some(true) && before.amazon_in_stock != Some(true) {
        let message = "Amazon sells it now itself".to_owned();
        avoid.push(finding("amazon_entered", None, None, message));
    }
    if let Some(missed) = &now.missed {
        // What was chosen by hand need not have been good enough.
        let ever = if before.missed.is_none() { "not good enough any more" } else { "still not good enough" };
        let message = format!("it is {ever}: {}", missed.replace('_', " "));
        avoid.push(finding("not_good_enough", before.roi_percent, now.roi_percent, message));
    }
    let number = |amount: Option<i64>| amount.map(float);
    if let (Some(then), Some(price)) = (before.sell_price, now.sell_price) {
        let percent = moved_percent(then, price);
        if percent >= PRICE_MOVED {
            let (code, verb) = if price < then { ("price_fell", "fallen") } else { ("price_rose", "risen") };
            let message = format!("the price has {verb} by {percent:.0} %");
            changed.push(finding(code, number(before.sell_price), number(now.sell_price), message));
        }
    }
    if let (Some(then), Some(profit)) = (before.profit, now.profit)
        && profit < then
        && moved_percent(then, profit) >= 10.0
    {
        let message = format!("the profit has fallen by {:.0} %", moved_percent(then, profit));
        changed.push(finding("profit_fell", number(before.profit), number(now.profit), message));
    }
    if let (Some(then), Some(rank)) = (before.bsr, now.bsr)
        && rank > then
        && moved_percent(then, rank) >= RANK_WORSE
    {
        let message = format!("the sales rank went from {then} to {rank}");
        changed.push(finding("rank_worse", number(before.bsr), number(now.bsr), message));
    }
    if let (Some(then), Some(sellers)) = (before.offers_new, now.offers_new)
        && sellers - then >= SELLERS_MORE
    {
        let message = format!("{} sellers more than when it was chosen", sellers - then);
        changed.push(finding("more_sellers", number(before.offers_new), number(now.offers_new), message));
    }
    let too_good = now.roi_percent.is_some_and(|roi| roi > rules.jackpot_roi_percent);
    if too_good || now.caps.contains(&Cap::RoiOutlier) {
        let message = "this ROI is too good to be taken on trust: check edition, pack size and price by hand";
        told.push(finding("verify_by_hand", before.roi_percent, now.roi_percent, message.to_owned()));
    }
    let result = match (avoid.is_empty(), changed.is_empty()) {
        (false, _) => VerificationResult::Avoid,
        (true, false) => VerificationResult::Changed,
        (true, true) => VerificationResult::Ok,
    };
    let findings = avoid.into_iter().chain(changed).chain(told).collect();
    (result, findings)
}

/// The word in JSON, for people's texts.
impl std::fmt::Display for VerificationResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&word(self))
    }
}
