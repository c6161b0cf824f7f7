//! `/api/v1/niches`: saved searches, their templates, and files of them

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use gleaner_core::templates::{NicheTemplate, templates as shipped};
use gleaner_engine::export::niches_sheet;
use gleaner_engine::niche::{Niche, NicheDraft, NicheFile, NicheFilter, NicheImport, NicheSummary};
use gleaner_engine::{Engine, EngineError};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::api::export::Wanted;
use crate::body::{JsonBody, wrong_query};
use crate::problem::Problem;

/// Which niches.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NicheQuery {
    /// `active` (the default), `archived` or `all`.
    #[serde(default)]
    #[param(inline)]
    pub show: NicheFilter,
}

/// A change of a niche.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NicheRequest {
    /// The version this edit began from.
    #[schema(value_type = i64)]
    pub based_on: i64,
    /// The niche as it is to be.
    pub niche: NicheDraft,
}

/// A copy of a niche.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NicheCopyRequest {
    /// Its name; the niche's own with `(copy)` when absent.
    pub name: Option<String>,
}

/// The id in a path; what is no id names nothing.
pub(super) fn id(text: &str) -> Result<Uuid, Problem> {
    text.parse().map_err(|_| EngineError::NotFound { what: "niche", id: text.to_owned() }.into())
}

/// The niches by name, each with what its last run came to.
///
/// With `Accept: text/csv`, or that of a spreadsheet, the list comes as a file.
#[utoipa::path(
    get, path = "/api/v1/niches", operation_id = "list_niches", tag = "niches", params(NicheQuery),
    responses(
        (status = 200, body = Vec<NicheSummary>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(
    State(engine): State<Engine>,
    wanted: Wanted,
    query: Result<Query<NicheQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(|rejection| wrong_query(&rejection))?;
    let list = engine.niches(query.show).await?;
    wanted.list(list, engine.now(), |niches, now| niches_sheet(niches, now)).await
}

/// Keep a new niche.
///
/// A category that the catalogue does not have is refused with the names most like it; nothing is
/// searched, no token is spent.
#[utoipa::path(
    post, path = "/api/v1/niches", operation_id = "create_niche", tag = "niches", request_body = NicheDraft,
    responses(
        (status = 201, body = Niche),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn create(
    State(engine): State<Engine>,
    JsonBody(draft): JsonBody<NicheDraft>,
) -> Result<(StatusCode, Json<Niche>), Problem> {
    Ok((StatusCode::CREATED, Json(engine.create_niche(draft).await?)))
}

/// Niches to begin with; each is a valid body for a new niche once its `id` is left out.
#[utoipa::path(
    get, path = "/api/v1/niches/templates", operation_id = "list_niche_templates", tag = "niches",
    responses((status = 200, body = Vec<NicheTemplate>))
)]
pub async fn templates() -> Json<&'static [NicheTemplate]> {
    Json(shipped())
}

/// All niches in use, as a file that `import` takes.
#[utoipa::path(
    get, path = "/api/v1/niches/export", operation_id = "export_niches", tag = "niches",
    responses(
        (status = 200, body = NicheFile),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn export(State(engine): State<Engine>) -> Result<Json<NicheFile>, Problem> {
    Ok(Json(engine.export_niches().await?))
}

/// Keep the niches of a file, all or none; those that are there already, exactly so, are passed over.
#[utoipa::path(
    post, path = "/api/v1/niches/import", operation_id = "import_niches", tag = "niches", request_body = NicheFile,
    responses(
        (status = 200, body = NicheImport),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn import(
    State(engine): State<Engine>,
    JsonBody(file): JsonBody<NicheFile>,
) -> Result<Json<NicheImport>, Problem> {
    Ok(Json(engine.import_niches(file).await?))
}

/// One niche.
#[utoipa::path(
    get, path = "/api/v1/niches/{id}", operation_id = "get_niche", tag = "niches",
    params(("id" = String, Path, description = "The niche's id")),
    responses(
        (status = 200, body = Niche),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(State(engine): State<Engine>, Path(niche): Path<String>) -> Result<Json<Niche>, Problem> {
    Ok(Json(engine.niche(id(&niche)?).await?))
}

/// Change a niche.
///
/// When somebody changed it since `based_on`, the answer is `409 conflict`. Its runs stay.
#[utoipa::path(
    put, path = "/api/v1/niches/{id}", operation_id = "edit_niche", tag = "niches", request_body = NicheRequest,
    params(("id" = String, Path, description = "The niche's id")),
    responses(
        (status = 200, body = Niche),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn edit(
    State(engine): State<Engine>,
    Path(niche): Path<String>,
    JsonBody(request): JsonBody<NicheRequest>,
) -> Result<Json<Niche>, Problem> {
    Ok(Json(engine.edit_niche(id(&niche)?, request.based_on, request.niche).await?))
}

/// Remove a niche with all its runs.
#[utoipa::path(
    delete, path = "/api/v1/niches/{id}", operation_id = "delete_niche", tag = "niches",
    params(("id" = String, Path, description = "The niche's id")),
    responses(
        (status = 204),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn delete(State(engine): State<Engine>, Path(niche): Path<String>) -> Result<StatusCode, Problem> {
    engine.delete_niche(id(&niche)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keep a copy of a niche under another name, without its runs.
#[utoipa::path(
    post, path = "/api/v1/niches/{id}/duplicate", operation_id = "duplicate_niche", tag = "niches",
    request_body = NicheCopyRequest,
    params(("id" = String, Path, description = "The niche's id")),
    responses(
        (status = 201, body = Niche),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn duplicate(
    State(engine): State<Engine>,
    Path(niche): Path<String>,
    request: crate::body::OptionalBody<NicheCopyRequest>,
) -> Result<(StatusCode, Json<Niche>), Problem> {
    let copy = engine.duplicate_niche(id(&niche)?, request.0.name).await?;
    Ok((StatusCode::CREATED, Json(copy)))
}

/// Put a niche aside: it is not listed and cannot be run.
#[utoipa::path(
    post, path = "/api/v1/niches/{id}/archive", operation_id = "archive_niche", tag = "niches",
    params(("id" = String, Path, description = "The niche's id")),
    responses(
        (status = 200, body = Niche),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn archive(
    State(engine): State<Engine>,
    Path(niche): Path<String>,
) -> Result<Json<Niche>, Problem> {
    Ok(Json(engine.archive_niche(id(&niche)?, true).await?))
}

/// Take a niche out of the archive.
#[utoipa::path(
    post, path = "/api/v1/niches/{id}/unarchive", operation_id = "unarchive_niche", tag = "niches",
    params(("id" = String, Path, description = "The niche's id")),
    responses(
        (status = 200, body = Niche),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn unarchive(
    State(engine): State<Engine>,
    Path(niche): Path<String>,
) -> Result<Json<Niche>, Problem> {
    Ok(Json(engine.archive_niche(id(&niche)?, false).await?))
}
