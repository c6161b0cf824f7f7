//! The buy list: a few lines for each product, which is how one goes shopping.

use gleaner_core::Condition;
use gleaner_engine::sourcing::{BuyList, BuyListItem};

use super::{moment, money, percent, word};
use crate::output::score;
use crate::output::table::{counted, cut, or_missing, width};

/// Below the number of a product.
const INDENT: &str = "     ";

/// Prints it.
pub fn print(list: &BuyList) -> anyhow::Result<()> {
    super::super::demo_notice(list.demo)?;
    super::super::line(format!(
        "Buy list of {} UTC: {} seen since {}",
        moment(list.at),
        counted(list.items.len(), "product"),
        moment(list.seen_since)
    ))?;
    for (index, item) in list.items.iter().enumerate() {
        one(index + 1, item)?;
    }
    if list.left_out > 0 {
        super::super::line(format!("{} more: raise --limit to see them.", list.left_out))?;
    }
    Ok(())
}

fn one(number: usize, item: &BuyListItem) -> anyhow::Result<()> {
    let head = format!(
        "{number:>3}. {}  {}, {} pick, {}{}  ",
        item.asin,
        score::verdict(item.recommendation, item.verdict_basis),
        word(&item.class),
        if item.condition == Condition::New { "buy new" } else { "buy used" },
        if item.verify_first { ", VERIFY FIRST" } else { "" },
    );
    let room = width().saturating_sub(head.chars().count()).max(12);
    super::super::line(format!("{head}{}", cut(&or_missing(item.title.as_deref()), room)))?;
    super::super::line(format!(
        "     sell {}  pay at most {}  profit {} ({} %) at {}",
        money(item.price, item.marketplace),
        money(item.max_cost, item.marketplace),
        money(item.profit, item.marketplace),
        percent(item.roi_percent),
        money(item.cost, item.marketplace),
    ))?;
    let amazon = match item.amazon_in_stock {
        Some(true) => "Amazon sells it",
        Some(false) => "Amazon does not sell it",
        None => "Amazon: not known",
    };
    super::super::line(format!(
        "     rank {}  new offers {}  FBA {}  {amazon}",
        or_missing(item.bsr),
        or_missing(item.offers_new),
        or_missing(item.offers_fba),
    ))?;
    let mut line = String::new();
    for evidence in &item.evidence {
        if !line.is_empty() && INDENT.len() + line.chars().count() + evidence.chars().count() + 2 > width() {
            super::super::line(format!("{INDENT}{line};"))?;
            line.clear();
        }
        line += if line.is_empty() { "" } else { "; " };
        line += evidence;
    }
    super::super::line(format!("{INDENT}{line}"))
}
