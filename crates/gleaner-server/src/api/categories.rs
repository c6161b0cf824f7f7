//! `GET /api/v1/categories`

use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use gleaner_core::Marketplace;
use gleaner_core::category::categories;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::body::wrong_query;
use crate::problem::Problem;

/// Whose categories.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CategoryQuery {
    /// Marketplace code, for example `us`.
    #[param(value_type = String, example = "us")]
    pub marketplace: Marketplace,
}

/// A category that searches accept.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryEntry {
    /// Keepa's id.
    #[schema(value_type = i64)]
    pub id: i64,
    /// Its name in the marketplace's language.
    pub name: String,
    /// The id of its root category, its own when it is one.
    #[schema(value_type = i64)]
    pub root: i64,
}

/// The categories that searches accept, roots first.
#[utoipa::path(
    get, path = "/api/v1/categories", operation_id = "list_categories", tag = "products", params(CategoryQuery),
    responses(
        (status = 200, body = Vec<CategoryEntry>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn handler(
    query: Result<Query<CategoryQuery>, QueryRejection>,
) -> Result<Json<Vec<CategoryEntry>>, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let all = categories(query.marketplace).iter();
    Ok(Json(all.map(|c| CategoryEntry { id: c.id.0, name: c.name.clone(), root: c.root.0 }).collect()))
}
