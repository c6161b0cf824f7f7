//! Alerts.

use gleaner_engine::alerts::Alert;

use super::table;

/// Prints alerts.
pub fn list(alerts: &[Alert]) -> anyhow::Result<()> {
    if alerts.is_empty() {
        return super::line("Nothing is wrong.");
    }
    let mut rows = table::new(&["SINCE (UTC)", "STATE", "ALERT"]);
    for alert in alerts {
        let since = alert.raised_at.format("%Y-%m-%d %H:%M").to_string();
        rows.add([since, alert.state.clone(), alert.message.clone()]);
    }
    rows.print()?;
    for alert in alerts.iter().filter(|alert| alert.cleared_at.is_none()) {
        super::line(format!("{}  {}", alert.id, alert.kind))?;
    }
    Ok(())
}
