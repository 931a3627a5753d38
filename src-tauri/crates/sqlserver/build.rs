//! Lists the scripts of `sql/site`, so that a new file is in the program as soon as it is in its folder.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

const FOLDERS: [(&str, &str); 5] = [
    ("schema", "Step"),
    ("functions", "Function"),
    ("procedures", "Procedure"),
    ("triggers", "Trigger"),
    ("roles", "Role"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let crate_folder = env::var("CARGO_MANIFEST_DIR")?;
    let site = Path::new(&crate_folder).join("../../../sql/site").canonicalize()?;
    let mut list = String::from("&[\n");
    for (folder, kind) in FOLDERS {
        let folder = site.join(folder);
        println!("cargo:rerun-if-changed={}", folder.display());
        let mut files = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
        files.sort_by_key(fs::DirEntry::file_name);
        for file in files {
            let path = file.path();
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            if path.extension().is_some_and(|extension| extension == "sql") {
                list.push_str(&format!(
                    "    Script {{ kind: Kind::{kind}, name: {name:?}, text: include_str!({path:?}) }},\n"
                ));
            }
        }
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("scripts.rs"), list)?;
    Ok(())
}
