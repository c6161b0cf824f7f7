//! Scoring suppliers' lists: first what it would cost, then the scores.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use gleaner_core::rules::Rules;
use gleaner_core::{ScoreInput, score};
use gleaner_exchange::codes::{Gtin, Product as Wanted};
use gleaner_exchange::supplier::{AmazonPack, Item, SupplierList};
use gleaner_store::{HistoryPut, OutcomePut, Write};
use keepa::{Asin, CostEstimate};
use serde_json::json;
use uuid::Uuid;

use super::FilesQuestion;
use super::result::{Candidate, Candidates, FileScore, FileScoringResult, RejectedRow};
use crate::answer::TokenUse;
use crate::ledger::{Purpose, saved};
use crate::purchase::Bought;
use crate::scoring::{ScoredProduct, count, off_the_runtime};
use crate::waiting::{Listener, Progress};
use crate::{Engine, EngineError, stored};

/// Products that are decoded at a time: a product with its histories takes up to a megabyte.
const BATCH: usize = 100;

/// What lists need of Keepa.
#[derive(Debug, Clone)]
pub struct ListPlan {
    /// Products of the lists.
    pub products: usize,
    /// Products whose facts have to be bought.
    pub to_buy: usize,
    /// Codes that have to be looked up.
    pub to_look_up: usize,
    /// The tokens that will cost: fewest and most.
    pub estimate: CostEstimate,
    /// What each code is known to lead to.
    known_codes: HashMap<Gtin, Vec<Asin>>,
}

/// One product of a list with its file's name.
type Entry<'a> = (&'a str, &'a Item);

impl Engine {
    /// What scoring lists would cost. Spends nothing.
    pub async fn plan_lists(
        &self,
        lists: &[(String, SupplierList)],
        question: &FilesQuestion,
    ) -> Result<ListPlan, EngineError> {
        let (mut asins, mut codes) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        let items = || lists.iter().flat_map(|(_, list)| &list.items);
        for item in items().filter(|item| seen.insert(item.product)) {
            match item.product {
                Wanted::Asin(asin) => asins.push(asin),
                Wanted::Code(code) => codes.push(code),
            }
        }
        let known_codes = self.known_codes(question.marketplace, &codes, question.code_limit).await?;
        let to_look_up = codes.len() - known_codes.len();
        let mut all: HashSet<Asin> = asins.iter().copied().collect();
        asins.extend(known_codes.values().flatten().filter(|asin| all.insert(**asin)));
        let mut to_buy = asins.len();
        for batch in asins.chunks(BATCH) {
            to_buy -= self.buyer.known(question.marketplace, batch, self.buyer.age(None)).await?.len();
        }
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let lower = number(to_buy);
        let upper = lower.saturating_add(number(to_look_up).saturating_mul(question.code_limit));
        let estimate = CostEstimate::between(lower, upper);
        Ok(ListPlan { products: seen.len(), to_buy, to_look_up, estimate, known_codes })
    }

    /// Scores lists and adds them to a result. What is bought is kept at once, so that a list that stops
    /// for want of tokens goes on where it stopped.
    pub async fn score_lists(
        &self,
        lists: &[(String, SupplierList)],
        plan: ListPlan,
        question: &FilesQuestion,
        mut result: FileScoringResult,
        listener: Listener<'_>,
    ) -> Result<FileScoringResult, EngineError> {
        let started = self.now();
        let patience = self.patience(question.caller, listener);
        let rules = self.rules_for(question.strategy, question.marketplace, self.memory.generation()).await?;
        let over_budget = question.budget.or(rules.budget).allow(i64::from(plan.estimate.upper))?;
        let entries: Vec<Entry<'_>> = lists
            .iter()
            .flat_map(|(name, list)| list.items.iter().map(move |item| (name.as_str(), item)))
            .collect();

        let open: Vec<Gtin> =
            codes_of(&entries).filter(|code| !plan.known_codes.contains_key(code)).collect();
        let found = self.look_up(question, &distinct(open), patience).await;
        let mut led_to = plan.known_codes;
        led_to.extend(found.products);
        let mut failure = found.failure;
        let mut charged = found.charged;

        let wanted = wanted_of(&entries, &led_to);
        let mut users: HashMap<Asin, Vec<usize>> = HashMap::new();
        for (at, (_, item)) in entries.iter().enumerate() {
            match item.product {
                Wanted::Asin(asin) => users.entry(asin).or_default().push(at),
                Wanted::Code(code) => {
                    for asin in led_to.get(&code).into_iter().flatten() {
                        users.entry(*asin).or_default().push(at);
                    }
                }
            }
        }
        let mut scores: BTreeMap<usize, Vec<(Option<i64>, FileScore)>> = BTreeMap::new();
        let (mut hits, mut done) = (0, 0);
        // Codes and ASINs that Keepa knows nothing of, whatever else went wrong.
        let mut nothing: HashSet<Wanted> = led_to
            .iter()
            .filter(|(_, asins)| asins.is_empty())
            .map(|(code, _)| Wanted::Code(*code))
            .collect();
        let age = self.buyer.age(None);
        for batch in wanted.chunks(BATCH) {
            let mut facts = self.buyer.known(question.marketplace, batch, age).await?;
            hits += facts.len();
            let missing: Vec<Asin> = batch.iter().copied().filter(|asin| !facts.contains_key(asin)).collect();
            if failure.is_none() {
                let (marketplace, errand) = (question.marketplace, question.caller.errand);
                for purchase in self.buyer.buy(marketplace, &missing, errand, age, patience).await {
                    charged += i64::from(purchase.charged);
                    match purchase.delivery {
                        Ok(Some(bought)) => drop(facts.insert(purchase.asin, bought)),
                        Ok(None) => drop(nothing.insert(Wanted::Asin(purchase.asin))),
                        Err(error) => failure = Some(error),
                    }
                }
            }
            facts.retain(|asin, bought| {
                if bought.product.is_unknown() {
                    nothing.insert(Wanted::Asin(*asin));
                }
                !bought.product.is_unknown()
            });
            for (at, scored) in self.score_batch(&entries, &users, facts, question, &rules).await? {
                scores.entry(at).or_default().push(scored);
            }
            done += batch.len();
            listener(Progress::Done(done));
        }
        let answered = scores.len();
        for (at, entry) in entries.iter().enumerate() {
            let found = scores.remove(&at).unwrap_or_default();
            let error = failure.as_ref().filter(|_| !nothing.contains(&entry.1.product));
            settle(*entry, found, &led_to, error, question, &mut result);
        }
        result.merge_products();
        result.count();
        if let (0, Some(error)) = (answered, failure)
            && result.scores.is_empty()
        {
            return Err(error);
        }
        result.hits += count(hits);
        result.misses = count(result.scores.len()) - result.hits.min(count(result.scores.len()));
        result.tokens = TokenUse {
            estimated: i64::from(plan.estimate.upper),
            charged,
            saved: count(hits),
            balance: self.ledger.last_seen(self.now()),
            over_budget,
        };
        result.demo = self.settings.demo;
        let id = Uuid::now_v7();
        result.history_id = Some(id);
        let names: Vec<&str> = lists.iter().map(|(name, _)| name.as_str()).collect();
        let mut writes = self.lists_history(id, &names, question, &rules, &result, started);
        writes.extend(saved(question.caller.errand, Purpose::Scoring, result.tokens.saved, self.now()));
        self.recorder.record(writes).await?;
        Ok(result)
    }

    /// Scores each product for every entry that wants it, on that entry's cost.
    async fn score_batch(
        &self,
        entries: &[Entry<'_>],
        users: &HashMap<Asin, Vec<usize>>,
        facts: HashMap<Asin, Arc<Bought>>,
        question: &FilesQuestion,
        rules: &Rules,
    ) -> Result<Vec<(usize, (Option<i64>, FileScore))>, EngineError> {
        let mut work = Vec::new();
        for (asin, bought) in facts {
            let at = self.evaluation_time(&bought.product);
            for user in users.get(&asin).into_iter().flatten() {
                let (name, item) = entries[*user];
                work.push((*user, name.to_owned(), item.clone(), at, bought.clone()));
            }
        }
        let cards = self.cards_at(self.memory.generation()).await?;
        let (question, rules) = (*question, rules.clone());
        off_the_runtime(move || {
            work.into_iter()
                .map(|(user, name, item, at, bought)| {
                    let product = &bought.product;
                    let (cost, notes) = item.cost_of(AmazonPack::of(product), question.marketplace);
                    let score = score(&ScoreInput {
                        product,
                        marketplace: question.marketplace,
                        condition: question.condition.unwrap_or(rules.condition),
                        cost: cost.or(question.cost),
                        price: None,
                        at,
                        rules: &rules,
                        cards: &cards,
                    });
                    let scored = FileScore {
                        product: ScoredProduct {
                            score,
                            cache_hit: false,
                            stale: false,
                            facts_fetched_at: Some(bought.fetched_at),
                        },
                        file: name,
                        rows: item.lines,
                        input: Some(item.given),
                        notes: notes.into_iter().map(Into::into).collect(),
                    };
                    (user, (product.package_quantity, scored))
                })
                .collect()
        })
        .await
    }

    fn lists_history(
        &self,
        id: Uuid,
        names: &[&str],
        question: &FilesQuestion,
        rules: &Rules,
        result: &FileScoringResult,
        started: chrono::DateTime<chrono::Utc>,
    ) -> Vec<Write> {
        let now = self.now();
        vec![
            Write::History(HistoryPut {
                id,
                user_id: question.caller.user_column(),
                search_type: "scoring".to_owned(),
                filters: json!({
                    "marketplace": question.marketplace.code(),
                    "files": names,
                    "condition": question.condition.unwrap_or(rules.condition).as_str(),
                    "cost": question.cost,
                    "strategy": rules.strategy.as_str(),
                }),
                results_count: count(result.scores.len()),
                source: Some(question.caller.source_column()),
                created_at: stored(now),
            }),
            Write::Outcome(OutcomePut {
                history_id: id,
                hits: result.hits,
                misses: result.misses,
                tokens_estimated: result.tokens.estimated,
                tokens_charged: result.tokens.charged,
                tokens_saved: result.tokens.saved,
                verdicts: json!(result.verdicts),
                milliseconds: (now - started).num_milliseconds(),
                error: None,
            }),
        ]
    }
}

/// The products that entries name themselves or by their codes, each once.
fn wanted_of(entries: &[Entry<'_>], led_to: &HashMap<Gtin, Vec<Asin>>) -> Vec<Asin> {
    let mut wanted: Vec<Asin> = Vec::new();
    for (_, item) in entries {
        match item.product {
            Wanted::Asin(asin) => wanted.push(asin),
            Wanted::Code(code) => wanted.extend(led_to.get(&code).into_iter().flatten()),
        }
    }
    distinct(wanted)
}

fn codes_of<'a>(entries: &'a [Entry<'_>]) -> impl Iterator<Item = Gtin> + 'a {
    entries.iter().filter_map(|(_, item)| match item.product {
        Wanted::Code(code) => Some(code),
        Wanted::Asin(_) => None,
    })
}

fn distinct<T: Copy + Eq + std::hash::Hash>(mut all: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::new();
    all.retain(|one| seen.insert(*one));
    all
}

/// What becomes of one entry: a score, candidates, or a reason.
fn settle(
    (name, item): Entry<'_>,
    mut found: Vec<(Option<i64>, FileScore)>,
    led_to: &HashMap<Gtin, Vec<Asin>>,
    failure: Option<&EngineError>,
    question: &FilesQuestion,
    result: &mut FileScoringResult,
) {
    // Rows of one product were merged; each of them is told.
    let reject = |code: &str, message: String| -> Vec<RejectedRow> {
        let row = |line: &_| RejectedRow {
            file: name.to_owned(),
            row: Some(*line),
            input: item.given.clone(),
            code: code.to_owned(),
            message: message.clone(),
        };
        item.lines.iter().map(row).collect()
    };
    let place = format!("amazon.{}", question.marketplace.tld());
    // A code that belongs to several products stays ambiguous when one of them could not be bought.
    let several = match item.product {
        Wanted::Asin(_) => false,
        Wanted::Code(code) => led_to.get(&code).is_some_and(|asins| asins.len() > 1),
    };
    match (found.pop(), failure, item.product) {
        (Some((_, score)), _, _) if !several => result.add(score),
        (Some(last), _, Wanted::Code(code)) => {
            found.push(last);
            let order = |asin: &str| led_to[&code].iter().position(|a| a.as_str() == asin);
            found.sort_by_key(|(_, score)| order(&score.product.score.asin));
            let products: Vec<Candidate> = found.into_iter().map(candidate).collect();
            result.candidates.push(Candidates {
                marketplace: question.marketplace,
                file: name.to_owned(),
                rows: item.lines.clone(),
                input: item.given.clone(),
                maybe_more: products.len() >= question.code_limit as usize,
                products,
            });
            let message =
                format!("{code} belongs to several products on {place}: choose one of the candidates");
            result.reject(reject("several_products", message));
        }
        (_, Some(error), _) => result.reject(reject(error.code(), error.to_string())),
        (_, None, Wanted::Code(code)) => {
            result.reject(reject(
                "unknown_code",
                format!("Keepa knows no product with the code {code} on {place}"),
            ));
        }
        (_, None, Wanted::Asin(asin)) => {
            let message = format!("Keepa knows no product {asin} on {place}");
            result.reject(reject("unknown_asin", message));
        }
    }
}

fn candidate((package_quantity, score): (Option<i64>, FileScore)) -> Candidate {
    let score = score.product.score;
    Candidate {
        asin: score.asin,
        title: score.title,
        package_quantity,
        sell_price: score.sell_price,
        roi_percent: score.roi_percent,
        max_cost: score.max_cost,
        recommendation: score.recommendation,
    }
}
