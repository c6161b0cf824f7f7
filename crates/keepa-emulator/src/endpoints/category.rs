//! `/category` and `/search`.

use std::collections::BTreeMap;

use super::product::{options, write_product};
use crate::app::Call;
use crate::json::Json;
use crate::reply::{Failure, Reply};
use crate::world::categories::{self, NODES, Node};
use crate::world::texts::Texts;
use crate::world::{DOMAIN, World};

/// Most ids of one request.
const MOST: usize = 10;
/// Most categories, and products, that a search returns.
const CATEGORIES_FOUND: usize = 50;
const PRODUCTS_FOUND: usize = 20;

pub(crate) fn category(call: &Call<'_>) -> Result<Reply, Failure> {
    let domain = call.domain()?;
    let ids: Vec<i64> = call
        .params
        .list("category")
        .iter()
        .map(|id| id.parse().map_err(|_| Failure::parameter("category")))
        .collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Err(Failure::parameter("category"));
    }
    if ids.len() > MOST {
        return Err(Failure::range("category"));
    }
    let with_parents = call.flag("parents", false)?;
    call.admit()?;

    let mut found: BTreeMap<i64, &Node> = BTreeMap::new();
    let mut parents: BTreeMap<i64, &Node> = BTreeMap::new();
    for id in ids.into_iter().filter(|_| domain == DOMAIN) {
        if id == 0 {
            found.extend(NODES.iter().filter(|node| node.parent == 0).map(|node| (node.id, node)));
        } else if let Some(node) = categories::find(id) {
            found.insert(id, node);
            let path = categories::path(id);
            parents.extend(path[..path.len() - 1].iter().map(|node| (node.id, *node)));
        }
    }
    let mut parts = vec![("categories", map(call, &found, false))];
    if with_parents {
        parts.push(("categoryParents", map(call, &parents, false)));
    }
    Ok(Reply::Payload { parts, cost: 1 })
}

pub(crate) fn search(call: &Call<'_>) -> Result<Reply, Failure> {
    let domain = call.domain()?;
    let kind = call.params.text("type").ok_or_else(|| Failure::parameter("type"))?;
    let term = call.params.text("term").ok_or_else(|| Failure::parameter("term"))?;
    let words: Vec<String> = term.to_lowercase().split_whitespace().map(str::to_owned).collect();
    if words.iter().any(|word| word.chars().count() < 3) {
        return Err(Failure::parameter("term"));
    }
    match kind {
        "category" => {
            call.admit()?;
            let holds = |node: &&Node| {
                let name = node.name.to_lowercase();
                words.iter().all(|word| name.contains(word))
            };
            let found: BTreeMap<i64, &Node> = NODES
                .iter()
                .filter(|_| domain == DOMAIN)
                .filter(holds)
                .take(CATEGORIES_FOUND)
                .map(|node| (node.id, node))
                .collect();
            Ok(Reply::Payload { parts: vec![("categories", map(call, &found, true))], cost: 1 })
        }
        "product" => products(call, domain, &words),
        _ => Err(Failure::parameter("type")),
    }
}

/// Products whose title has all words, those that sell best first.
fn products(call: &Call<'_>, domain: i64, words: &[String]) -> Result<Reply, Failure> {
    let asins_only = call.flag("asins-only", false)?;
    let options = options(call)?;
    call.admit()?;
    let world = &call.app.world;
    let now = call.minute();
    let mut found: Vec<(f64, u32)> = Vec::new();
    for number in (0..world.products).filter(|_| domain == DOMAIN) {
        let traits = world.traits(number);
        if World::exists(&traits, now) {
            let title = Texts::of(&traits).title.to_lowercase();
            if words.iter().all(|word| title.contains(word.as_str())) {
                found.push((traits.demand, number));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    found.truncate(PRODUCTS_FOUND);
    let mut json = Json::default();
    json.begin_list();
    if asins_only {
        for (_, number) in &found {
            json.text(&world.codec.asin(*number));
        }
        json.end_list();
        return Ok(Reply::one("asinList", json, 10));
    }
    for (_, number) in &found {
        write_product(call, *number, &options, now, &mut json);
    }
    json.end_list();
    let rated = if options.rating { i64::try_from(found.len().min(5)).unwrap_or(5) } else { 0 };
    Ok(Reply::one("products", json, 10 + rated))
}

/// Categories by their id as text.
fn map(call: &Call<'_>, nodes: &BTreeMap<i64, &Node>, matched: bool) -> Vec<u8> {
    let counts = call.app.category_counts();
    let mut json = Json::default();
    json.begin();
    for (id, node) in nodes {
        let count = categories::position(*id).map_or(0, |place| counts[place]);
        json.key(&id.to_string());
        write(&mut json, node, count, matched);
    }
    json.end();
    json.into_bytes()
}

fn write(json: &mut Json, node: &Node, products: u32, matched: bool) {
    let path = categories::path(node.id);
    let root = path.first().and_then(|root| categories::root_of(root.id));
    json.begin();
    json.key("catId").int(node.id).key("children");
    if categories::children(node.id).next().is_some() {
        json.begin_list();
        for child in categories::children(node.id) {
            json.int(child.id);
        }
        json.end_list();
    } else {
        json.null();
    }
    json.key("domainId").int(DOMAIN);
    json.key("highestRank").int(root.map_or(-1, |root| root.highest_rank));
    json.key("isBrowseNode").boolean(true);
    json.key("lowestRank").int(if products > 0 { 1 } else { -1 });
    if matched {
        json.key("matched").boolean(true);
    }
    json.key("name").text(node.name).key("parent").int(node.parent);
    json.key("productCount").int(i64::from(products));
    json.key("websiteDisplayGroup").opt_text(root.map(|root| root.group));
    json.end();
}

/// How many products lie in or below each node, in the order of the table.
pub(crate) fn count(world: &World) -> Vec<u32> {
    let mut counts = vec![0_u32; NODES.len()];
    for number in 0..world.products {
        let traits = world.traits(number);
        let mut touched: Vec<i64> = Vec::with_capacity(12);
        for leaf in traits.leaves.iter().filter(|leaf| **leaf != 0) {
            touched.extend(categories::path(*leaf).iter().map(|node| node.id));
        }
        touched.sort_unstable();
        touched.dedup();
        for id in touched {
            if let Some(place) = categories::position(id) {
                counts[place] += 1;
            }
        }
    }
    counts
}
