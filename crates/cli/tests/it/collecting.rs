//! Story: a company collects its code from clones with odd names and branches.

use std::process::Command;

use crate::new_user::{acme, at_acme};
use crate::world::World;

/// A repository in `folder` with one commit on `branch`.
fn repository(world: &World, folder: &str, branch: &str, arguments: &[&str]) {
    let folder = world.path(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command
            .current_dir(&folder)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("HOME", world.folder())
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@acme.test"])
            .args(arguments);
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    let init = ["init", "-q", "-b", branch];
    git(&[&init, arguments].concat());
    if !arguments.contains(&"--bare") {
        git(&["commit", "-q", "--allow-empty", "-m", "first"]);
    }
}

#[test]
fn a_repository_of_any_name_gets_a_source_of_its_own() {
    let world = acme();
    repository(&world, "My_App.js", "main", &[]);
    repository(&world, "my-app-js", "main", &[]);
    repository(&world, "bare.git", "main", &["--bare"]);
    let told = at_acme(&world, &["collect", "git", "My_App.js/.git"]).exits(0);
    assert!(
        told.out
            .contains("git-my-app-js-commits: 1 rows into commits"),
        "{}",
        told.out
    );
    let told = at_acme(&world, &["collect", "git", "bare.git"]).exits(0);
    assert!(
        told.out.contains("git-bare-commits: 0 rows"),
        "{}",
        told.out
    );
    let told = at_acme(&world, &["collect", "git", "my-app-js"]).exits(2);
    assert!(
        told.err.starts_with(
            "error: source `git-my-app-js-commits` holds another repository than `my-app-js`"
        ),
        "{}",
        told.err
    );
    assert!(
        told.err.contains("hint: tell the two apart with `--name`"),
        "{}",
        told.err
    );
    at_acme(&world, &["collect", "git", "my-app-js", "--name", "other"]).exits(0);
    at_acme(&world, &["collect", "git", "My_App.js"]).exits(0);
    at_acme(&world, &["package", "package"]).exits(0);
    world.here(&["verify", "package"]).exits(0);
}

#[test]
fn the_branch_that_is_merged_into_can_be_named() {
    let world = acme();
    repository(&world, "relay", "trunk", &[]);
    let at = |branch: &str| at_acme(&world, &["collect", "git", "relay", "--branch", branch]);
    insta::assert_snapshot!(at("main").exits(2).err, @r"
    error: `relay` has no branch `main`
    hint: it has `trunk`
    ");
    at("trunk").exits(0);
}

#[test]
fn what_cannot_be_collected_says_why() {
    let world = acme();
    repository(&world, "large", "main", &["--object-format=sha256"]);
    std::fs::create_dir(world.path("plain")).unwrap();
    let told: Vec<String> = ["large", "plain", "nowhere"]
        .iter()
        .map(|path| at_acme(&world, &["collect", "git", path]).exits(2).err)
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    error: `large` is not a git repository that can be read
      Caused by: its objects are named by SHA-256; repositories with SHA-1 are read
    hint: import what the code host exports with a mapping instead

    error: `plain` is not a git repository that can be read
      Caused by: "plain" does not appear to be a git repository
    hint: name a work tree, its `.git` folder or a bare repository

    error: there is no repository at `nowhere`
      Caused by: No such file or directory (os error 2)
    "#);
}
