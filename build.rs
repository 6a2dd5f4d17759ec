//! Bundles the console (`console/`) with npm into `OUT_DIR/graphiql`, from where `src/http/console.rs` embeds it.
//!
//! Without npm, or without a registry to install from, the embedded page loads GraphiQL from a public CDN instead.
//! `ENCIRCLE_CONSOLE=bundled` makes that an error, `ENCIRCLE_CONSOLE=cdn` asks for it.

use std::{
    env,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

type Fallible<T = ()> = Result<T, Box<dyn Error>>;

/// What the bundle is made of. `console/` itself may also hold a developer's `node_modules` and `dist`.
const SOURCES: [&str; 9] = [
    ".npmrc",
    "index.html",
    "package-lock.json",
    "package.json",
    "precompress.ts",
    "public",
    "src",
    "tsconfig.json",
    "vite.config.ts",
];
const CDN_PAGE: &str = "console/cdn.html";

fn main() -> Fallible {
    for source in SOURCES {
        println!("cargo:rerun-if-changed=console/{source}");
    }
    println!("cargo:rerun-if-changed={CDN_PAGE}");
    println!("cargo:rerun-if-env-changed=ENCIRCLE_CONSOLE");

    let out = PathBuf::from(env::var("OUT_DIR")?);
    let source = match env::var("ENCIRCLE_CONSOLE").unwrap_or_default().as_str() {
        "" => bundle(&out).or_else(|failure| fall_back(&out, &failure.to_string()))?,
        "bundled" => bundle(&out)?,
        "cdn" => fall_back(&out, "ENCIRCLE_CONSOLE=cdn asks for it")?,
        other => return Err(format!("ENCIRCLE_CONSOLE is `{other}`; it can be `bundled` or `cdn`").into()),
    };
    println!("cargo:rustc-env=ENCIRCLE_CONSOLE_SOURCE={source}");
    Ok(())
}

/// Runs npm on a copy, so that a build writes nothing into the source tree.
fn bundle(out: &Path) -> Fallible<&'static str> {
    let work = build_folder(out);
    for source in SOURCES {
        remove(&work.join(source))?;
        copy(&Path::new("console").join(source), &work.join(source))?;
    }
    install(&work)?;
    // An absolute path: vite would take a relative one from its own root.
    let page = out.join("graphiql").display().to_string();
    npm(&work, &["run", "build", "--", "--outDir", &page, "--emptyOutDir"])?;
    Ok("bundled")
}

/// One for all builds of a profile: clippy has an `OUT_DIR` of its own and would install everything once more.
/// Cargo's lock on the profile's folder keeps two builds apart.
fn build_folder(out: &Path) -> PathBuf {
    let profile = out.ancestors().nth(3).unwrap_or(out);
    profile.join("console-build")
}

/// Installing takes most of the time and depends on the lock file alone.
fn install(work: &Path) -> Fallible {
    let wanted = fs::read(work.join("package-lock.json"))?;
    let installed = work.join("node_modules/.installed");
    if fs::read(&installed).is_ok_and(|lock| lock == wanted) {
        return Ok(());
    }
    npm(work, &["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"])?;
    Ok(fs::write(installed, wanted)?)
}

fn npm(work: &Path, arguments: &[&str]) -> Fallible {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let run = Command::new(program)
        .args(arguments)
        .current_dir(work)
        .stdin(Stdio::null())
        .output()
        .map_err(|failure| format!("`npm` did not start: {failure}"))?;
    if run.status.success() {
        return Ok(());
    }
    // In the build script's own output for whoever needs all of it; a warning has one line.
    eprintln!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    Err(format!("`npm {}` failed ({})", arguments[0], run.status).into())
}

fn fall_back(out: &Path, reason: &str) -> Fallible<&'static str> {
    // Only now does it matter whether npm turns up later.
    println!("cargo:rerun-if-env-changed=PATH");
    println!("cargo:warning=/graphiql will load GraphiQL from esm.sh instead of this binary: {reason}");
    let page = out.join("graphiql");
    remove(&page)?;
    copy(Path::new("console/public"), &page)?;
    copy(Path::new(CDN_PAGE), &page.join("index.html"))?;
    Ok("cdn")
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.or_else(|failure| if failure.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(failure) })
}

/// Copies a file or a folder with everything in it.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
