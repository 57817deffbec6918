//! Long lists: every page of the ledger is what the whole of it holds there,
//! and what a picture keeps from the one before is never old.

use tickmark_access::Role;
use tickmark_realm::Edits;

use crate::world::World;

/// The indexes a page of the ledger links to, in its order.
fn indexes(body: &str) -> Vec<u64> {
    let links = body.split("class=\"tag\" href=\"/ledger/").skip(1);
    links
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect()
}

/// Every page of a list, one after the other, joined.
async fn all_pages(world: &World, cookie: &str, query: &str, count: usize) -> Vec<u64> {
    let mut found = Vec::new();
    for page in 1..=count.div_ceil(50).max(1) {
        let told = world
            .get(&format!("/ledger?{query}&page={page}"), cookie)
            .await;
        found.extend(indexes(&told.body));
    }
    found
}

#[tokio::test]
async fn pages_of_the_ledger_leave_nothing_out_in_any_order() {
    let world = World::new();
    let owner = world.sign_in(Role::Owner).await;
    let state = world.state();
    let lines: Vec<(u64, String)> = state
        .journal
        .lines()
        .map(|it| (it.index, it.kind.to_owned()))
        .collect();
    assert!(lines.len() > 120, "too few entries for several pages");
    let kind = "program.file_set/1";
    let of_kind: Vec<u64> = lines
        .iter()
        .filter(|(_, it)| it == kind)
        .map(|(index, _)| *index)
        .collect();
    let all: Vec<u64> = lines.iter().map(|(index, _)| *index).collect();
    let newest = |list: &[u64]| list.iter().rev().copied().collect::<Vec<_>>();
    for (query, expected) in [
        ("", newest(&all)),
        ("sort=-index", newest(&all)),
        ("sort=at", all.clone()),
        ("kind=program.file_set/1", newest(&of_kind)),
        ("kind=program.file_set/1&sort=index", of_kind.clone()),
        (
            "kind=program.file_set/1&kind=program.file_set/1",
            newest(&of_kind),
        ),
        // Looked for in all entries, not on the way of the others.
        ("q=program.file_set+file", Vec::new()),
        ("q=set+file", newest(&of_kind)),
        ("kind=none/1", Vec::new()),
    ] {
        let found = all_pages(&world, &owner, query, expected.len()).await;
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn what_a_command_changed_is_found_and_what_it_did_not_stays() {
    let world = World::new();
    let owner = world.sign_in(Role::Owner).await;
    let host = world.app.company().unwrap();
    let path = "controls/TM-001.md";
    let before = host.picture();
    let text = &before.state.program.files().get(path).unwrap().text;
    let title = "title = \"Zanzibar keeps the register\"";
    let lines = text.lines().map(|line| match line.starts_with("title = ") {
        true => title,
        false => line,
    });
    let edited = lines.collect::<Vec<_>>().join("\n") + "\n";
    let edits = Edits::from([(path.to_owned(), Some(edited))]);
    let told = world.get("/search?q=zanzibar", &owner).await;
    assert!(!told.body.contains("Zanzibar keeps"), "{}", told.body);
    host.command_now(|company| company.edit("owner", &edits))
        .unwrap();
    for page in ["/search?q=zanzibar", "/controls/TM-001"] {
        let told = world.get(page, &owner).await;
        assert!(
            told.body.contains("Zanzibar keeps"),
            "{page}: {}",
            told.body
        );
    }
    let between = host.picture();
    let policy = "policies/access-control.md";
    let sha256 = &between.state.program.files().get(policy).unwrap().sha256;
    host.command_now(|company| company.acknowledge_policy("owner", policy, sha256))
        .unwrap();
    let told = world.get("/search?q=zanzibar", &owner).await;
    assert!(told.body.contains("Zanzibar keeps"), "{}", told.body);
    // Whoever still reads an old picture reads what stood then.
    assert_eq!(between.state.program.acknowledged(sha256).count(), 0);
    let after = host.picture();
    assert_eq!(after.state.program.acknowledged(sha256).count(), 1);
    assert_ne!(before.state.program.texts(), after.state.program.texts());
}
