//! Build script of the desktop app: the window's capabilities, which lie beside this file and not at
//! the root where Tauri would look for them.

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    let attributes =
        tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*");
    // A build script has no other way to fail than this one; the message reaches the terminal.
    if let Err(reason) = tauri_build::try_build(attributes) {
        println!("cargo::error=tauri-build: {reason:#}");
    }
}
