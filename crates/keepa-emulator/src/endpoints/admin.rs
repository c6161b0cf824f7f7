//! `/_emulator/…`: the handles on time, faults and counters. Only there when the configuration says so.
//!
//! | call | body | does |
//! |---|---|---|
//! | `time` | – | tells the world's time and speed |
//! | `time/advance` | `{"days": 1, "hours": 2, "minutes": 3, "seconds": 4}` | jumps |
//! | `time/set` | `{"now": "2026-11-20T03:00:00Z"}` | jumps there |
//! | `time/rate` | `{"rate": 3600}` | world seconds per second |
//! | `faults` | – | lists them |
//! | `faults/add` | one rule or a list | `{"kind": "latency", "ms": 500, "endpoint": "product", "times": 3}` |
//! | `faults/clear` | – | ends all |
//! | `counts` | – | requests per endpoint |
//! | `tokens` | `{"key": "K", "tokens": 5}` | sets a balance |

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use crate::app::App;
use crate::faults::FaultRule;

pub(crate) fn handle(app: &App, call: &str, body: &Bytes) -> Response<Body> {
    let argument = if body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(body) };
    let done = match argument {
        Ok(argument) => act(app, call, &argument),
        Err(error) => Err(format!("the body is not JSON: {error}")),
    };
    let (status, value) = match done {
        Ok(value) => (StatusCode::OK, value),
        Err(message) => (StatusCode::BAD_REQUEST, json!({"error": message})),
    };
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn act(app: &App, call: &str, argument: &Value) -> Result<Value, String> {
    match call {
        "time" => {}
        "time/advance" => app.time.advance(duration(argument)?),
        "time/set" => {
            let text = argument["now"].as_str().ok_or("now is missing: an RFC 3339 time")?;
            let moment = DateTime::parse_from_rfc3339(text).map_err(|error| format!("now: {error}"))?;
            app.time.set(moment.to_utc());
        }
        "time/rate" => {
            let rate = argument["rate"].as_f64().filter(|rate| (0.0..=1e7).contains(rate));
            app.time.set_rate(rate.ok_or("rate is missing or not between 0 and 10,000,000")?);
        }
        "faults" => return Ok(json!({"faults": app.faults.list()})),
        "faults/add" => {
            let rules = if argument.is_array() { argument.clone() } else { json!([argument]) };
            let rules: Vec<FaultRule> = serde_json::from_value(rules).map_err(|error| error.to_string())?;
            app.faults.add(rules);
            return Ok(json!({"faults": app.faults.list()}));
        }
        "faults/clear" => {
            app.faults.set(Vec::new());
            return Ok(json!({"faults": []}));
        }
        "counts" => return Ok(json!({"counts": app.counts()})),
        "tokens" => {
            let key = argument["key"].as_str().ok_or("key is missing")?;
            let tokens = argument["tokens"].as_i64().ok_or("tokens is missing: a whole number")?;
            app.bucket(key, app.time.now().timestamp_millis(), |bucket| bucket.set_balance(tokens));
            return Ok(json!({"key": key, "tokens": tokens}));
        }
        _ => return Err(format!("no such call: {call}")),
    }
    Ok(json!({"now": app.time.now().to_rfc3339(), "rate": app.time.rate()}))
}

/// The sum of the units given; each may be negative.
fn duration(argument: &Value) -> Result<TimeDelta, String> {
    let mut seconds = 0_i64;
    let mut any = false;
    for (unit, length) in [("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1)] {
        if let Some(value) = argument.get(unit) {
            let value = value.as_i64().ok_or_else(|| format!("{unit} is not a whole number"))?;
            seconds = seconds.saturating_add(value.saturating_mul(length));
            any = true;
        }
    }
    if !any {
        return Err("one of days, hours, minutes, seconds is needed".to_owned());
    }
    TimeDelta::try_seconds(seconds).ok_or_else(|| "too far".to_owned())
}
