//! `/query`, the Product Finder.

use serde_json::Value;

use crate::app::Call;
use crate::finder::run::Sources;
use crate::finder::selection::Selection;
use crate::json::Json;
use crate::reply::{Failure, Reply};

/// The selection of a request: its JSON body, else its `selection` parameter.
pub(crate) fn selection_value(call: &Call<'_>) -> Result<Value, Failure> {
    let wrong = || Failure::invalid("The queryJSON is missing or invalid.", "");
    if call.params.body_broken {
        return Err(wrong());
    }
    if let Some(body) = &call.params.body {
        return Ok(body.clone());
    }
    let text = call.params.text("selection").ok_or_else(wrong)?;
    serde_json::from_str(text).map_err(|_| wrong())
}

pub(crate) fn query(call: &Call<'_>) -> Result<Reply, Failure> {
    let domain = call.domain()?;
    let value = selection_value(call)?;
    let selection = Selection::read(&value, call.number("page")?, call.number("perPage")?)
        .map_err(|refused| Failure::invalid(&refused.message, &refused.field))?;
    let insights = call.flag("stats", false)?;
    call.admit()?;

    let app = call.app;
    let sources = Sources { world: &app.world, columns: &app.columns, catalog: &app.catalog };
    let found = sources.search(domain, &selection, call.minute());
    let returned = i64::try_from(found.asins.len()).unwrap_or(0);
    let mut cost = 10 + (returned + 99) / 100;
    let mut asins = Json::default();
    asins.texts(&found.asins);
    let mut parts =
        vec![("asinList", asins.into_bytes()), ("totalResults", found.total.to_string().into_bytes())];
    if insights {
        cost += 30 + i64::try_from(found.total.div_ceil(1_000_000)).unwrap_or(0);
        parts.push(("searchInsights", sources.insights(domain, &found.matches, call.minute())));
    }
    Ok(Reply::Payload { parts, cost })
}
