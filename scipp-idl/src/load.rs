//! Which sources a run has: reads the inputs and, from there, everything that is imported.
//!
//! The only file that reads others (folder.rs lists them). It reads regular files only, no more of each than the limit, and
//! no file that an import would reach by a link out of its source root.

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disk::{absolute, package_path, read_bytes, strip_end};
use crate::folder;
use crate::level::Levels;
use crate::limits;
use crate::parse::{self, Header};
use crate::scan::{self, Scan};
use crate::source::{Source, SourceId, Sources, Span};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// What to check.
#[derive(Debug, Clone)]
pub enum Input {
    /// A `.scipp` file.
    File(PathBuf),
    /// All `.scipp` files in a folder and below. Hidden folders and links to folders are left out.
    Folder(PathBuf),
    /// A text, such as standard input. It may declare any package, whatever its name.
    Text {
        /// What diagnostics call it.
        name: String,
        /// The text.
        text: String,
    },
}

/// How to check.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Source roots (`-I`), in which imports are looked for. The root of each input file is found from its package
    /// declaration and need not be here.
    pub roots: Vec<PathBuf>,
    /// Texts that take the place of files, by path: unsaved files of an editor, and tests. The file need not exist.
    pub overlay: BTreeMap<PathBuf, String>,
    /// Which warnings are errors, and which are not wanted.
    pub levels: Levels,
}

/// Everything that was read.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) sources: Sources,
    /// By source; `None` for one that cannot be parsed.
    pub(crate) scans: Vec<Option<Scan>>,
    /// Which source has a package. A source that declares another than it was imported for is here by the latter.
    pub(crate) packages: HashMap<String, SourceId>,
    /// Every file that was read, in order.
    pub(crate) files: Vec<PathBuf>,
    /// Where imports were looked for and nothing was.
    pub(crate) absent: Vec<PathBuf>,
}

/// Reads the inputs and their imports.
pub(crate) fn load(inputs: &[Input], options: &Options, diagnostics: &mut Diagnostics) -> Loaded {
    let mut loader = Loader::new(options, diagnostics);
    loader.check_roots();
    for input in inputs {
        loader.input(input);
    }
    loader.imports();
    loader.loaded
}

/// The texts of the inputs, without their imports, wherever they are.
pub(crate) fn texts(inputs: &[Input], diagnostics: &mut Diagnostics) -> Sources {
    let options = Options::default();
    let mut loader = Loader::new(&options, diagnostics);
    for input in inputs {
        match input {
            Input::Text { name, text } if text.len() <= limits::SOURCE_BYTES_MAX => {
                let source = Source::new(name.clone(), None, text.clone());
                loader.loaded.sources.add(source);
            }
            Input::Text { name, .. } => loader.too_large(name, None),
            Input::File(path) => loader.text_of(path),
            Input::Folder(path) => {
                let files = folder::files(path, loader.diagnostics);
                files.iter().for_each(|file| loader.text_of(file));
            }
        }
    }
    loader.loaded.sources
}

pub(crate) struct Loader<'a> {
    pub(crate) loaded: Loaded,
    pub(crate) overlay: HashMap<PathBuf, &'a str>,
    pub(crate) given: Vec<PathBuf>,
    pub(crate) derived: Vec<PathBuf>,
    /// Absolute paths of the files that were read.
    seen: HashSet<PathBuf>,
    /// Imports that were not looked for yet, with the root of the file that has them.
    pending: Vec<(String, Span, Option<PathBuf>)>,
    imported: usize,
    inputs: usize,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl<'a> Loader<'a> {
    fn new(options: &'a Options, diagnostics: &'a mut Diagnostics) -> Self {
        let overlay = options.overlay.iter();
        Self {
            loaded: Loaded::default(),
            overlay: overlay
                .map(|(path, text)| (absolute(path), text.as_str()))
                .collect(),
            given: options.roots.clone(),
            derived: Vec::new(),
            seen: HashSet::new(),
            pending: Vec::new(),
            imported: 0,
            inputs: 0,
            diagnostics,
        }
    }

    /// A source root that does not exist is a mistake in the call, not a place without packages.
    fn check_roots(&mut self) {
        for root in self.given.clone() {
            let full = absolute(&root);
            if root.is_dir() || self.overlay.keys().any(|path| path.starts_with(&full)) {
                continue;
            }
            let message = format!("the source root {} is not a folder", root.display());
            self.diagnostics.push(
                Diagnostic::new(code::UNREADABLE_FILE, message)
                    .help("give the folder that holds the packages"),
            );
        }
    }

    fn input(&mut self, input: &Input) {
        match input {
            Input::File(path) => self.input_file(path),
            Input::Folder(path) => {
                for file in folder::files(path, self.diagnostics) {
                    self.input_file(&file);
                }
            }
            Input::Text { name, text } => {
                if text.len() > limits::SOURCE_BYTES_MAX {
                    return self.too_large(name, None);
                }
                let source = Source::new(name.clone(), None, text.clone());
                let (id, header) = self.add(source);
                if let Some(package) = header.package {
                    self.declare(package, id);
                }
                self.queue(header.imports, None);
            }
        }
    }

    /// Whether an input file is one to read: not too many, and not read before.
    fn is_new_input(&mut self, path: &Path) -> bool {
        self.inputs += 1;
        if self.inputs > limits::INPUTS_MAX {
            if self.inputs == limits::INPUTS_MAX + 1 {
                let message = format!("more than {} input files", limits::INPUTS_MAX);
                self.diagnostics.push(
                    Diagnostic::new(code::TOO_MANY_FILES, message)
                        .help("check them in several runs"),
                );
            }
            return false;
        }
        self.seen.insert(absolute(path))
    }

    fn text_of(&mut self, path: &Path) {
        if self.is_new_input(path)
            && let Some(source) = self.read(path, None)
        {
            self.loaded.sources.add(source);
        }
    }

    fn input_file(&mut self, path: &Path) {
        if !self.is_new_input(path) {
            return;
        }
        let Some(source) = self.read(path, None) else {
            return;
        };
        let (id, header) = self.add(source);
        let mut root = None;
        if let Some(package) = header.package {
            root = self.place(path, &package.0, package.1);
            self.declare(package, id);
        }
        self.queue(header.imports, root);
    }

    /// Takes a text in, and finds what it declares and imports.
    fn add(&mut self, source: Source) -> (SourceId, Header) {
        let id = self.loaded.sources.add(source);
        let text = self.loaded.sources.get(id).map_or("", Source::text);
        let scan = scan::scan(id, text, self.diagnostics);
        let header = parse::header(text, &scan);
        self.loaded.scans.push(Some(scan));
        (id, header)
    }

    fn declare(&mut self, (package, span): (String, Span), id: SourceId) {
        let first = *self.loaded.packages.entry(package.clone()).or_insert(id);
        if first == id {
            return;
        }
        let other = Span::new(first, 0, 0);
        let name = self.loaded.sources.get(first).map_or("", Source::name);
        self.diagnostics.push(
            Diagnostic::new(
                code::DUPLICATE_PACKAGE,
                format!("package `{package}` is declared by two files"),
            )
            .at(span, "declared again here")
            .with(other, format!("{name} declares it too"))
            .help("a package is one file"),
        );
    }

    fn queue(&mut self, imports: Vec<(String, Span)>, root: Option<PathBuf>) {
        self.pending.extend(
            imports
                .into_iter()
                .map(|(package, span)| (package, span, root.clone())),
        );
    }

    /// Finds the root of an input file, or says where the file belongs.
    fn place(&mut self, path: &Path, package: &str, span: Span) -> Option<PathBuf> {
        let full = absolute(path);
        let relative = package_path(package);
        let given = self
            .given
            .iter()
            .find(|root| full.starts_with(absolute(root)))
            .cloned();
        if let Some(root) = given {
            // Roots may lie in each other; the file need fit one.
            let fits = self
                .given
                .iter()
                .find(|root| absolute(root).join(&relative) == full);
            if let Some(root) = fits {
                return Some(root.clone());
            }
            let belongs = root.join(&relative);
            self.misplaced(package, span, path, &belongs);
            return Some(root);
        }
        // As it was given, so that messages show it like that.
        if let Some(root) = strip_end(path, &relative).or_else(|| strip_end(&full, &relative)) {
            if !self.derived.contains(&root) {
                self.derived.push(root.clone());
            }
            return Some(root);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        // `market/` often exists already: do not propose `market/market/feed.scipp`.
        let parent = relative.parent().unwrap_or(Path::new(""));
        let belongs = match strip_end(&absolute(folder), parent) {
            Some(_) => folder.join(relative.file_name().unwrap_or_default()),
            None => folder.join(&relative),
        };
        self.misplaced(package, span, path, &belongs);
        None
    }

    fn misplaced(&mut self, package: &str, span: Span, path: &Path, belongs: &Path) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut diagnostic = Diagnostic::new(
            code::WRONG_PLACE,
            format!("the file of package `{package}` is outside of its place"),
        )
        .at(span, format!("this file belongs at {}", belongs.display()))
        .note(format!(
            "a package `a.b` is the file `a/b.scipp` below a source root; this file is {}",
            path.display()
        ));
        diagnostic = if package.rsplit('.').next() == Some(&*stem) {
            diagnostic.help("move the file, or give the right source root with `-I`")
        } else {
            diagnostic.help("move or rename the file, or change the declaration")
        };
        self.diagnostics.push(diagnostic);
    }

    fn imports(&mut self) {
        let mut next = 0;
        let mut missing: HashSet<String> = HashSet::new();
        while let Some((package, span, root)) = self.pending.get(next).cloned() {
            next += 1;
            if self.loaded.packages.contains_key(&package) || missing.contains(&package) {
                continue;
            }
            if let Some((path, root)) = self.find(&package, span, root.as_deref(), &mut missing) {
                self.import(&package, span, &path, root);
            }
        }
    }

    fn import(&mut self, package: &str, span: Span, path: &Path, root: PathBuf) {
        self.imported += 1;
        if self.imported > limits::IMPORTS_MAX {
            if self.imported == limits::IMPORTS_MAX + 1 {
                let message = format!("more than {} files are imported", limits::IMPORTS_MAX);
                self.diagnostics.push(
                    Diagnostic::new(code::TOO_MANY_FILES, message)
                        .at(span, "this one is not read")
                        .help("check the schema in parts"),
                );
            }
            return;
        }
        if self.leads_out(path, &root) {
            let message = format!(
                "the file of package `{package}` is a link that leads out of its source root"
            );
            return self.diagnostics.push(
                Diagnostic::new(code::LINK_OUT_OF_ROOT, message)
                    .at(
                        span,
                        format!("{} leads out of {}", path.display(), root.display()),
                    )
                    .help("give the folder of the real file with `-I`"),
            );
        }
        self.seen.insert(absolute(path));
        let Some(source) = self.read(path, Some(span)) else {
            return;
        };
        let (id, header) = self.add(source);
        self.loaded.packages.insert(package.to_owned(), id);
        if let Some((declared, place)) = header.package
            && declared != package
        {
            self.diagnostics.push(
                Diagnostic::new(
                    code::WRONG_PLACE,
                    format!("the file of package `{declared}` is outside of its place"),
                )
                .at(
                    place,
                    format!(
                        "this file belongs at {}",
                        root.join(package_path(&declared)).display()
                    ),
                )
                .with(
                    span,
                    format!("it was read because this imports `{package}`"),
                )
                .help(format!("move the file, or declare `package {package};`")),
            );
        }
        self.queue(header.imports, Some(root));
    }

    fn leads_out(&self, path: &Path, root: &Path) -> bool {
        if self.overlay.contains_key(&absolute(path)) {
            return false;
        }
        match (path.canonicalize(), root.canonicalize()) {
            (Ok(path), Ok(root)) => !path.starts_with(root),
            // Reading it gives the better message.
            _ => false,
        }
    }

    /// The text of a file, `None` with a diagnostic where that is not possible.
    fn read(&mut self, path: &Path, span: Option<Span>) -> Option<Source> {
        let name = path.display().to_string();
        if let Some(text) = self.overlay.get(&absolute(path)) {
            if text.len() > limits::SOURCE_BYTES_MAX {
                self.too_large(&name, span);
                return None;
            }
            let text = (*text).to_owned();
            return Some(Source::new(name, Some(path.to_path_buf()), text));
        }
        let bytes = match read_bytes(path) {
            Ok(bytes) => bytes,
            Err(why) => {
                self.unreadable(&name, span, &why);
                return None;
            }
        };
        self.loaded.files.push(path.to_path_buf());
        if bytes.len() > limits::SOURCE_BYTES_MAX {
            self.too_large(&name, span);
            return None;
        }
        match String::from_utf8(bytes) {
            Ok(text) => Some(Source::new(name, Some(path.to_path_buf()), text)),
            Err(error) => {
                self.not_utf8(path, name, &error);
                None
            }
        }
    }

    fn not_utf8(&mut self, path: &Path, name: String, error: &std::string::FromUtf8Error) {
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(at).copied().unwrap_or_default();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        // Kept for its lines only.
        let id = self
            .loaded
            .sources
            .add(Source::new(name, Some(path.to_path_buf()), text));
        self.loaded.scans.push(None);
        let span = Span::new(id, at, at + '\u{fffd}'.len_utf8());
        self.diagnostics.push(
            Diagnostic::new(code::NOT_UTF8, "the file is not UTF-8")
                .at(
                    span,
                    format!("the byte 0x{byte:02x} at offset {at} is the first wrong one"),
                )
                .help("save the file as UTF-8"),
        );
    }

    fn unreadable(&mut self, name: &str, span: Option<Span>, why: &str) {
        let diagnostic =
            Diagnostic::new(code::UNREADABLE_FILE, format!("cannot read {name}: {why}"));
        self.diagnostics.push(match span {
            Some(span) => diagnostic.at(span, "imported here"),
            None => diagnostic,
        });
    }

    fn too_large(&mut self, name: &str, span: Option<Span>) {
        let message = format!("{name} is larger than {} bytes", limits::SOURCE_BYTES_MAX);
        let diagnostic = Diagnostic::new(code::SOURCE_TOO_LARGE, message)
            .help("divide it into several packages");
        self.diagnostics.push(match span {
            Some(span) => diagnostic.at(span, "imported here"),
            None => diagnostic,
        });
    }
}
