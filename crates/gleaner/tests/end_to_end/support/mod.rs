//! Starting programs, servers, marketplaces and databases, and asking them.

mod database;
mod http;
pub(crate) mod load;
mod market;
mod program;
mod tables;
mod wire;

pub(crate) use database::Db;
pub(crate) use http::{Answer, Http, Visitor};
pub(crate) use market::{KEY, Local, Market, at};
pub(crate) use program::{Home, Server};
pub(crate) use tables::{differences, moment_of, real_products, rows, synthetic_folder};
pub(crate) use wire::{Pooler, Wire};
