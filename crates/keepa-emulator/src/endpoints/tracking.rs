//! `/tracking`: a list of trackings per key. Nothing is ever notified.

use serde_json::{Value, json};

use crate::app::Call;
use crate::clock::lock;
use crate::json::Json;
use crate::reply::{Failure, Reply};

pub(crate) fn tracking(call: &Call<'_>) -> Result<Reply, Failure> {
    let kind = call.params.text("type").ok_or_else(|| Failure::parameter("type"))?;
    match kind {
        "add" => add(call),
        "get" => {
            let asin = call.params.text("asin").ok_or_else(|| Failure::parameter("asin"))?;
            let found = lock(&call.app.trackings).get(&(call.key.to_owned(), asin.to_owned())).cloned();
            found.map(|tracking| list("trackings", &[tracking], 0)).ok_or_else(|| Failure::parameter("asin"))
        }
        "list" => {
            let all = lock(&call.app.trackings);
            let own = all.iter().filter(|((key, _), _)| key == call.key);
            if call.flag("asins-only", false)? {
                let asins: Vec<Value> = own.map(|((_, asin), _)| Value::from(asin.clone())).collect();
                return Ok(list("asinList", &asins, 0));
            }
            let trackings: Vec<Value> = own.map(|(_, tracking)| tracking.clone()).collect();
            Ok(list("trackings", &trackings, 0))
        }
        "notification" => Ok(list("notifications", &[], 0)),
        "listNames" => Ok(list("trackingListNames", &[], 0)),
        "remove" => {
            let asin = call.params.text("asin").ok_or_else(|| Failure::parameter("asin"))?;
            let gone = lock(&call.app.trackings).remove(&(call.key.to_owned(), asin.to_owned()));
            gone.map(|_| Reply::bare(0)).ok_or_else(|| Failure::parameter("asin"))
        }
        "removeAll" => {
            lock(&call.app.trackings).retain(|(key, _), _| key != call.key);
            Ok(Reply::bare(0))
        }
        "webhook" => call.params.text("url").map(|_| Reply::bare(0)).ok_or_else(|| Failure::parameter("url")),
        _ => Err(Failure::parameter("type")),
    }
}

fn list(key: &'static str, items: &[Value], cost: i64) -> Reply {
    let mut json = Json::default();
    json.begin_list();
    for item in items {
        json.raw(item.to_string().as_bytes());
    }
    json.end_list();
    Reply::one(key, json, cost)
}

fn add(call: &Call<'_>) -> Result<Reply, Failure> {
    let wrong = || Failure::parameter("tracking");
    let value = match (&call.params.body, call.params.text("tracking")) {
        (Some(body), _) => body.clone(),
        (None, Some(text)) => serde_json::from_str(text).map_err(|_| wrong())?,
        (None, None) => return Err(wrong()),
    };
    let requests = match value {
        Value::Array(requests) => requests,
        one => vec![one],
    };
    if requests.is_empty() || requests.iter().any(|request| !request["asin"].is_string()) {
        return Err(wrong());
    }
    if requests.len() > 1_000 {
        return Err(Failure::range("tracking"));
    }
    call.admit()?;
    let mut added = Vec::new();
    for mut request in requests {
        if let Value::Object(fields) = &mut request {
            fields.insert("createDate".to_owned(), json!(call.minute()));
            fields.insert("isActive".to_owned(), json!(true));
            fields.entry("ttl").or_insert(json!(17_520));
            fields.entry("updateInterval").or_insert(json!(1));
            fields.insert("notificationCSV".to_owned(), Value::Null);
        }
        let asin = request["asin"].as_str().unwrap_or_default().to_owned();
        lock(&call.app.trackings).insert((call.key.to_owned(), asin), request.clone());
        added.push(request);
    }
    let cost = i64::try_from(added.len()).unwrap_or(i64::MAX);
    Ok(list("trackings", &added, cost))
}
