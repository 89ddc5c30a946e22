//! A store as large as the published model, built once, and how long its answers take: one line of JSON for each measure.
//! Measures the store alone, no server and no wire; asserts no target.
//!
//! `cargo run --release -p store --example at_size -- --data DIR [--rooms 33077] [--people 80000] [--posts 10000000]`
//! builds in DIR what is not there and measures what is there; a folder that holds a store of other numbers is refused.

use std::path::PathBuf;
use std::sync::Arc;

use chat::{Domain, RoomId};
use store::{Founding, Store};
use tokio::time::Instant;

mod build;
mod measure;
mod model;
mod texts;

use model::{Counter, Model};

/// What whoever calls it gets wrong, or what the store says.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failed> {
    let (data, model) = asked(std::env::args().skip(1))?;
    std::fs::create_dir_all(&data)?;
    let (file, note) = (data.join("store.db"), data.join("built.txt"));
    let numbers = format!("{model:?}");
    match std::fs::read_to_string(&note) {
        Ok(built) if built == numbers => {}
        Ok(built) => return Err(format!("{} holds {built}; name another folder", data.display()).into()),
        Err(_) if file.exists() => {
            return Err(
                format!("{} was not built to its end; remove it, or name another", data.display()).into()
            );
        }
        Err(_) => {
            let store = open(&file)?;
            build::build(&store, &model).await?;
            store.close().await;
            std::fs::write(&note, numbers)?;
        }
    }
    let began = Instant::now();
    let store = open(&file)?;
    measure::measure(&store, &model, began, &file).await?;
    store.close().await;
    Ok(())
}

fn open(file: &std::path::Path) -> Result<Store, Failed> {
    let founding = Founding {
        domain: Domain::parse(model::DOMAIN)?,
        pool_name: "bench".into(),
        pool_guid: uuid::Uuid::nil(),
        site: "Default".into(),
        chat: true,
    };
    Ok(Store::open(&file.to_path_buf(), &founding, Arc::new(Counter::new()))?)
}

fn asked(mut words: impl Iterator<Item = String>) -> Result<(PathBuf, Model), Failed> {
    let (mut data, mut rooms, mut people, mut posts) = (None, 33_077, 80_000, 10_000_000);
    while let Some(option) = words.next() {
        let value = words.next().ok_or_else(|| format!("{option} needs a value"))?;
        match option.as_str() {
            "--data" => data = Some(PathBuf::from(value)),
            "--rooms" => rooms = value.parse()?,
            "--people" => people = value.parse()?,
            "--posts" => posts = value.parse()?,
            _ => return Err(format!("{option} is none of --data, --rooms, --people, --posts").into()),
        }
    }
    let data = data.ok_or("name a folder for the store: --data DIR")?;
    Ok((data, Model::of(rooms, people, posts)?))
}

/// Rooms are numbered in the order in which they were made, from 1 on.
fn room(index: u64) -> RoomId {
    RoomId(index.cast_signed() + 1)
}
