//! Lists the scripts of `sql/site`, so that a new file is in the program as soon as it is in its folder.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

const FOLDERS: [(&str, &str); 5] = [
    ("schema", "Step"),
    ("functions", "Function"),
    ("procedures", "Procedure"),
    ("triggers", "Trigger"),
    ("roles", "Role"),
];

/// A file of `sql/site`.
struct Script {
    name: String,
    path: PathBuf,
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let crate_folder = env::var("CARGO_MANIFEST_DIR")?;
    let site = Path::new(&crate_folder).join("../../../sql/site").canonicalize()?;
    let mut list = String::from("&[\n");
    for (folder, kind) in FOLDERS {
        let folder = site.join(folder);
        println!("cargo:rerun-if-changed={}", folder.display());
        let mut scripts = scripts(&folder)?;
        if kind == "Function" {
            scripts = each_behind_what_it_names(scripts)?;
        }
        for Script { name, path, .. } in scripts {
            list.push_str(&format!(
                "    Script {{ kind: Kind::{kind}, name: {name:?}, text: include_str!({path:?}) }},\n"
            ));
        }
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("scripts.rs"), list)?;
    Ok(())
}

/// Those of a folder, by name.
fn scripts(folder: &Path) -> Result<Vec<Script>, Box<dyn Error>> {
    let mut scripts = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        if path.extension().is_some_and(|extension| extension == "sql") {
            let text = fs::read_to_string(&path)?;
            scripts.push(Script { name: name.to_owned(), path, text });
        }
    }
    scripts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(scripts)
}

/// The columns of a table-valued function must be known when one that reads it is made. A procedure may name
/// what comes later.
fn each_behind_what_it_names(mut scripts: Vec<Script>) -> Result<Vec<Script>, Box<dyn Error>> {
    let mut ordered: Vec<Script> = Vec::new();
    while !scripts.is_empty() {
        let names_another = |script: &Script| {
            scripts.iter().any(|other| {
                let call = format!("lienthu.{}(", other.name);
                other.name != script.name && script.text.contains(&call)
            })
        };
        let next = scripts.iter().position(|script| !names_another(script));
        let next = next.ok_or("functions of sql/site name each other in a ring")?;
        ordered.push(scripts.remove(next));
    }
    Ok(ordered)
}
