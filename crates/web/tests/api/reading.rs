//! Reading: lists in pages, entity tags, past moments, and what the resources
//! say.

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

use crate::world::World;

/// Lists that a company has with nothing else running, and an item's key.
const LISTS: &[(&str, &str)] = &[
    ("/api/v1/criteria", "/id"),
    ("/api/v1/controls", "/id"),
    ("/api/v1/tests", "/id"),
    ("/api/v1/populations", "/dataset"),
    ("/api/v1/reconciliations", "/id"),
    ("/api/v1/documents", "/path"),
    ("/api/v1/policies", "/id"),
    ("/api/v1/commitments", "/id"),
    ("/api/v1/risks", "/id"),
    ("/api/v1/vendors", "/id"),
    ("/api/v1/ledger/entries", "/index"),
    ("/api/v1/populations/people/snapshots", "/manifest_sha256"),
];

fn keys(page: &Value, key: &str) -> Vec<String> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.pointer(key).unwrap().to_string())
        .collect()
}

#[tokio::test]
async fn pages_one_after_the_other_are_the_whole_list() {
    let world = World::new();
    for (address, key) in LISTS {
        let mut seen = Vec::new();
        let mut next = String::new();
        loop {
            let page = world
                .get(&format!("{address}?limit=41{next}"))
                .await
                .is(200)
                .json();
            seen.extend(keys(&page, key));
            match page["next"].as_str() {
                Some(cursor) => next = format!("&after={cursor}"),
                None => break,
            }
        }
        assert!(!seen.is_empty(), "{address}");
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "{address}");
        let whole = world
            .get(&format!("{address}?limit=500"))
            .await
            .is(200)
            .json();
        assert!(whole["next"].is_null() || seen.len() > 500, "{address}");
        assert_eq!(keys(&whole, key), seen[..seen.len().min(500)], "{address}");
    }
}

#[tokio::test]
async fn what_a_list_names_can_be_read() {
    let world = World::new();
    for (address, key) in LISTS {
        let page = world
            .get(&format!("{address}?limit=3"))
            .await
            .is(200)
            .json();
        for item in page["items"].as_array().unwrap() {
            let (name, base) = match *address {
                "/api/v1/documents" => (&item["sha256"], (*address).to_owned()),
                it if it.ends_with("/snapshots") => (&item["sha256"], it.to_owned()),
                it => (item.pointer(key).unwrap(), it.to_owned()),
            };
            let name = name
                .as_str()
                .map_or_else(|| name.to_string(), str::to_owned);
            let detail = world.get(&format!("{base}/{name}")).await.is(200).json();
            // The detail repeats what the list says.
            for (field, value) in item
                .as_object()
                .unwrap()
                .iter()
                .filter(|(field, _)| *field != "entry")
            {
                assert_eq!(&detail[field], value, "{base}/{name} {field}");
            }
        }
    }
}

#[tokio::test]
async fn filters_leave_out_the_rest() {
    let world = World::new();
    let count = async |address: &str| {
        world.get(address).await.is(200).json()["items"]
            .as_array()
            .unwrap()
            .len()
    };
    let all = count("/api/v1/controls?limit=500").await;
    let of_criterion = count("/api/v1/controls?limit=500&criterion=CC6.2").await;
    assert!(of_criterion > 0 && of_criterion < all);
    assert_eq!(count("/api/v1/controls?criterion=CC99.9").await, 0);
    let evidenced = count("/api/v1/criteria?evidenced=true&limit=500").await;
    assert_eq!(
        evidenced + count("/api/v1/criteria?evidenced=false&limit=500").await,
        count("/api/v1/criteria?limit=500").await
    );
    assert!(count("/api/v1/tests?control=TM-048&limit=500").await > 0);
    assert_eq!(count("/api/v1/tests?outcome=deviations").await, 0);
    assert!(count("/api/v1/ledger/entries?kind=evidence.snapshot_recorded/1").await > 0);
    assert!(count("/api/v1/documents?control=TM-002").await > 0);
}

#[tokio::test]
async fn rows_of_a_population_are_all_there() {
    let world = World::new();
    let population = world.get("/api/v1/populations/people").await.is(200).json();
    let snapshots = population["current_snapshots"].as_array().unwrap();
    let mut all = 0;
    for snapshot in snapshots {
        all += rows_of(&world, snapshot.as_str().unwrap()).await;
    }
    assert_eq!(population["rows"], all);
}

/// Reads every page of a snapshot's rows; how many there are.
async fn rows_of(world: &World, snapshot: &str) -> u64 {
    let address = format!("/api/v1/populations/people/snapshots/{snapshot}");
    let said = world.get(&address).await.is(200).json();
    let mut rows = 0;
    let mut next = String::new();
    loop {
        let page = world
            .get(&format!("{address}/rows?limit=500{next}"))
            .await
            .is(200)
            .json();
        for row in page["items"].as_array().unwrap() {
            assert_eq!(row["place"], rows);
            assert!(row["values"]["person_id"].is_string());
            rows += 1;
        }
        match page["next"].as_str() {
            Some(cursor) => next = format!("&after={cursor}"),
            None => break,
        }
    }
    assert_eq!(said["rows"], rows);
    rows
}

#[tokio::test]
async fn a_document_comes_as_it_was_kept() {
    let world = World::new();
    let page = world.get("/api/v1/documents?limit=1").await.json();
    let sha256 = page["items"][0]["sha256"].as_str().unwrap();
    let file = world
        .get(&format!("/api/v1/documents/{sha256}/file"))
        .await
        .is(200);
    assert_eq!(
        tickmark_catalog::Sha256Hex::of(&file.bytes).to_string(),
        sha256
    );
    assert!(file.header("content-disposition").starts_with("attachment"));
}

#[tokio::test]
async fn a_proof_gives_the_root() {
    let world = World::new();
    let head = world.get("/api/v1/ledger").await.is(200).json();
    let proof = world
        .get("/api/v1/ledger/entries/7/proof")
        .await
        .is(200)
        .json();
    assert_eq!(
        (&proof["size"], &proof["root"]),
        (&head["size"], &head["root"])
    );
    let past = world
        .get("/api/v1/ledger/entries/7/proof?at=9")
        .await
        .is(200)
        .json();
    assert_eq!(past["size"], 10);
    world.get("/api/v1/ledger/entries/12?at=9").await.is(404);
}

#[tokio::test]
async fn an_entity_tag_holds_until_something_is_recorded() {
    let world = World::new();
    let ask = async |whose: &str, address: &str, tag: &str| {
        let token = world.token(whose);
        let request = Request::get(address)
            .header("authorization", format!("Bearer {token}"))
            .header("if-none-match", tag);
        world.send(request.body(Body::empty()).unwrap()).await
    };
    let address = "/api/v1/controls?limit=5";
    let first = world.get(address).await.is(200);
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(first.header("cache-control"), "private, no-cache");
    for held in [
        tag.clone(),
        format!("\"x\", {tag}"),
        tag.trim_start_matches("W/").to_owned(),
        "*".to_owned(),
    ] {
        let answer = ask("owner", address, &held).await.is(304);
        assert_eq!(
            (answer.bytes.len(), answer.header("etag")),
            (0, tag.as_str()),
            "{held}"
        );
    }
    ask("owner", address, "\"another\"").await.is(200);
    ask("owner", "/api/v1/controls?limit=6", &tag).await.is(200);
    ask("reader", address, &tag).await.is(200);
    ask("owner", "/api/v1/controls/NO-1", "*").await.is(404);
    // Whoever may not read learns nothing by a tag.
    ask("employee", address, &tag).await.is(403);
    world
        .app()
        .record_events(
            tickmark_access::Side::Company,
            "owner".into(),
            vec![added("later")],
        )
        .await
        .unwrap();
    let after = ask("owner", address, &tag).await.is(200);
    assert_ne!(after.header("etag"), tag);
}

fn added(id: &str) -> tickmark_access::AccessEvent {
    let account = id.parse().unwrap();
    tickmark_access::AccessEvent::AccountAdded(tickmark_access::AccountProfile {
        account,
        name: id.to_owned(),
        email: format!("{id}@company.example"),
        role: tickmark_access::Role::Employee,
        functions: std::collections::BTreeSet::new(),
    })
}

#[tokio::test]
async fn a_past_moment_shows_what_was_recorded_by_then() {
    let world = World::new();
    // Before the program was recorded there is none to read.
    world.get("/api/v1/controls?at=3").await.is(404);
    let entries = world
        .get("/api/v1/ledger/entries?at=3")
        .await
        .is(200)
        .json();
    assert_eq!(entries["items"].as_array().unwrap().len(), 4);
    world.get("/api/v1/controls?at=yesterday").await.is(422);
    world.get("/api/v1/controls?at=99999999").await.is(422);
}
