//! Which piece may know which: the table of DESIGN's layers, and the check that it holds.

use super::Offence;
use crate::workspace::Package;

/// A crate and the crates of this workspace that it may depend on.
struct Layer {
    name: &'static str,
    may_use: &'static [&'static str],
}

/// What may name any piece, because it puts all of them together.
const ANYTHING: &[&str] = &["*"];

/// What the window and the command line are made of.
const FACE: &[&str] = &[
    "lienthu-domain",
    "lienthu-port",
    "lienthu-desk",
    "lienthu-across",
    "lienthu-api",
    "lienthu-demo",
];

/// The layers, from the pure middle outwards. Development dependencies are free: a service is tested
/// against the embedded site, for instance.
const LAYERS: &[Layer] = &[
    Layer { name: "lienthu-domain", may_use: &[] },
    Layer { name: "lienthu-protocol", may_use: &["lienthu-domain"] },
    Layer { name: "lienthu-port", may_use: &["lienthu-domain", "lienthu-protocol"] },
    // Tools that know the words of the domain, and nothing of lending.
    Layer { name: "lienthu-sqlite", may_use: &["lienthu-domain"] },
    Layer { name: "lienthu-marc", may_use: &["lienthu-domain"] },
    // What implements the ports. Adapters do not know each other.
    Layer {
        name: "lienthu-embedded",
        may_use: &["lienthu-domain", "lienthu-protocol", "lienthu-port", "lienthu-sqlite"],
    },
    Layer {
        name: "lienthu-sqlserver",
        may_use: &["lienthu-domain", "lienthu-protocol", "lienthu-port"],
    },
    Layer { name: "lienthu-store", may_use: &["lienthu-domain", "lienthu-port", "lienthu-sqlite"] },
    // What uses the ports, and no adapter.
    Layer { name: "lienthu-desk", may_use: &["lienthu-domain", "lienthu-port"] },
    Layer {
        name: "lienthu-across",
        may_use: &["lienthu-domain", "lienthu-protocol", "lienthu-port"],
    },
    // What puts services and adapters together, and the demo's data.
    Layer {
        name: "lienthu-api",
        may_use: &[
            "lienthu-domain",
            "lienthu-protocol",
            "lienthu-port",
            "lienthu-sqlite",
            "lienthu-embedded",
            "lienthu-sqlserver",
            "lienthu-store",
            "lienthu-marc",
            "lienthu-desk",
            "lienthu-across",
        ],
    },
    Layer {
        name: "lienthu-demo",
        may_use: &[
            "lienthu-domain",
            "lienthu-port",
            "lienthu-sqlite",
            "lienthu-embedded",
            "lienthu-store",
            "lienthu-marc",
            "lienthu-desk",
            "lienthu-api",
        ],
    },
    // The two faces: thin, over one and the same surface. They show the types of the services and of the
    // ports, and reach its stores and sites through the api alone.
    Layer { name: "lienthu-cli", may_use: FACE },
    Layer { name: "lienthu", may_use: FACE },
    // What tests across pieces.
    Layer {
        name: "lienthu-conformance",
        may_use: &[
            "lienthu-domain",
            "lienthu-protocol",
            "lienthu-port",
            "lienthu-sqlite",
            "lienthu-embedded",
            "lienthu-sqlserver",
        ],
    },
    Layer { name: "lienthu-model", may_use: &["lienthu-domain", "lienthu-protocol"] },
    Layer { name: "lienthu-proofs", may_use: ANYTHING },
    Layer { name: "lienthu-e2e", may_use: ANYTHING },
    Layer { name: "xtask", may_use: &[] },
];

/// Libraries of other people that only some pieces may use, by the beginning of their names.
struct Kept {
    library: &'static str,
    by: &'static [&'static str],
}

const KEPT: &[Kept] = &[
    Kept { library: "tauri", by: &["lienthu"] },
    Kept { library: "wry", by: &["lienthu"] },
    Kept { library: "gtk", by: &["lienthu"] },
    Kept { library: "webkit2gtk", by: &["lienthu"] },
    Kept {
        library: "rusqlite",
        by: &[
            "lienthu-sqlite",
            "lienthu-embedded",
            "lienthu-store",
            // Tests damage files, which the adapters rightly refuse to do.
            "lienthu-conformance",
            "lienthu-proofs",
        ],
    },
    Kept { library: "tiberius", by: &["lienthu-sqlserver", "lienthu-proofs"] },
];

/// What the pure crates may use at most of the world outside: no runtime, no dice, no files.
const NOT_IN_PURE: &[&str] = &["tokio", "rand", "getrandom", "rusqlite", "tempfile", "keyring"];

/// The crates without effects.
const PURE: &[&str] = &["lienthu-domain", "lienthu-protocol", "lienthu-port"];

/// How many rules [`check`] checks.
pub const RULES_COUNT: usize = 2;

/// Checks what the Cargo.toml of every package asks for, and reports each rule's offences.
pub fn check(packages: &[Package], mut report: impl FnMut(&str, &str, &[Offence])) {
    report(
        "Crates depend on each other only as the table in tidy/layers.rs allows.",
        "Layers point one way, and the services do not know which database they speak to: that is what \
         lets one suite test every kind of site, and lets the pure part be the largest.",
        &packages.iter().flat_map(wrong_direction).collect::<Vec<_>>(),
    );
    report(
        "Libraries for the window, for databases, for chance and for runtimes stay in their crates.",
        "A library that spreads cannot be replaced, and brings its system packages along to where \
         nobody expects them.",
        &packages.iter().flat_map(misplaced_libraries).collect::<Vec<_>>(),
    );
}

fn manifest(package: &Package) -> String {
    format!("Cargo.toml of {}", package.name)
}

/// The names of what a package needs when it is used, not only when it is tested.
fn needed(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind.as_deref() != Some("dev"))
        .map(|dependency| dependency.name.as_str())
}

fn is_ours(name: &str) -> bool {
    name.starts_with("lienthu") || name == "xtask"
}

fn wrong_direction(package: &Package) -> Vec<Offence> {
    let Some(layer) = LAYERS.iter().find(|layer| layer.name == package.name) else {
        return vec![Offence::new(&manifest(package), 0, "this crate has no line in the table")];
    };
    needed(package)
        .filter(|name| is_ours(name))
        .filter(|name| layer.may_use != ANYTHING && !layer.may_use.contains(name))
        .map(|name| Offence::new(&manifest(package), 0, format!("may not depend on {name}")))
        .collect()
}

fn misplaced_libraries(package: &Package) -> Vec<Offence> {
    let is_kept_elsewhere = |name: &str| {
        KEPT.iter()
            .any(|kept| name.starts_with(kept.library) && !kept.by.contains(&package.name.as_str()))
    };
    let is_impure =
        |name: &str| PURE.contains(&package.name.as_str()) && NOT_IN_PURE.contains(&name);
    needed(package)
        .filter(|name| !is_ours(name) && (is_kept_elsewhere(name) || is_impure(name)))
        .map(|name| Offence::new(&manifest(package), 0, format!("may not depend on {name}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    /// What is wrong with a package of this name that needs this one library or crate.
    fn found(name: &str, needs: &str, kind: Option<&str>) -> usize {
        let dependency = Dependency { name: needs.into(), kind: kind.map(str::to_owned) };
        let package = Package { name: name.into(), dependencies: vec![dependency] };
        let mut count = 0;
        check(&[package], |_, _, offences| count += offences.len());
        count
    }

    #[test]
    fn layers_point_one_way() {
        assert_eq!(found("lienthu-port", "lienthu-domain", None), 0);
        assert_eq!(found("lienthu-domain", "lienthu-port", None), 1);
        assert_eq!(found("lienthu-desk", "lienthu-embedded", None), 1);
    }

    #[test]
    fn a_service_is_tested_against_a_real_site() {
        assert_eq!(found("lienthu-desk", "lienthu-embedded", Some("dev")), 0);
    }

    #[test]
    fn libraries_stay_in_their_crates() {
        assert_eq!(found("lienthu", "tauri", None), 0);
        assert_eq!(found("lienthu-api", "tauri-specta", None), 1);
        assert_eq!(found("lienthu-desk", "rusqlite", None), 1);
        assert_eq!(found("lienthu-domain", "rand", None), 1);
    }

    #[test]
    fn a_new_crate_must_find_its_layer() {
        assert_eq!(found("lienthu-reports", "serde", None), 1);
    }
}
