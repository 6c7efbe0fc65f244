//! What names mean: from paths in the syntax tree to the items they stand for.
//!
//! Every type of every item is resolved once, into [`Ty`], which the checks read; a name that cannot be resolved is
//! reported once and becomes [`TyKind::Broken`], about which nobody complains any more.

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::imports::Scope;
use crate::limits;
use crate::scalars::scalar;
use crate::schema::Scalar;
use crate::source::{SourceId, Span};
use crate::syntax::{self, File, ItemKind, Name, Path, TypeKind};
use crate::unknown::{Unknown, UnknownKind};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Index of an item in [`Names::items`].
pub(crate) type ItemId = usize;

/// Index of a file, and so of its package.
pub(crate) type FileId = usize;

/// A type whose names are resolved.
#[derive(Debug, Clone)]
pub(crate) struct Ty {
    pub(crate) kind: TyKind,
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
pub(crate) enum TyKind {
    Scalar(Scalar),
    List(Box<Ty>),
    Map(Box<Ty>, Box<Ty>),
    Tuple(Vec<Ty>),
    Optional(Box<Ty>),
    Union(Vec<Ty>),
    Item(ItemId, Vec<Ty>),
    /// The type parameter of that index of the item it stands in.
    Param(usize),
    /// Reported.
    Broken,
}

/// An item with its place.
#[derive(Debug)]
pub(crate) struct Declared<'a, 's> {
    pub(crate) file: FileId,
    pub(crate) syntax: &'a syntax::Item<'s>,
}

/// All names of a run.
pub(crate) struct Names<'a, 's> {
    pub(crate) files: &'a [File<'s>],
    /// Dotted names by file; the path it was imported by is not asked.
    pub(crate) packages: Vec<&'s str>,
    pub(crate) items: Vec<Declared<'a, 's>>,
    by_name: HashMap<&'s str, FileId>,
    pub(crate) own: Vec<HashMap<&'s str, ItemId>>,
    pub(crate) scopes: Vec<Scope<'s>>,
    /// By item: something names it.
    pub(crate) used: Vec<bool>,
}

/// Collects the declarations and imports of all files.
pub(crate) fn names<'a, 's>(
    files: &'a [File<'s>],
    packages: &HashMap<String, SourceId>,
    diagnostics: &mut Diagnostics,
) -> Names<'a, 's> {
    let mut names = Names {
        files,
        packages: files
            .iter()
            .map(|file| file.package.as_ref().map_or("", |it| it.name.text))
            .collect(),
        items: Vec::new(),
        by_name: HashMap::with_capacity(files.len()),
        own: Vec::with_capacity(files.len()),
        scopes: Vec::with_capacity(files.len()),
        used: Vec::new(),
    };
    let mut definitions = 0;
    for (id, file) in files.iter().enumerate() {
        let own = names.declare(id, file, &mut definitions, diagnostics);
        names.own.push(own);
        let package = names.packages.get(id).copied().unwrap_or_default();
        names.by_name.entry(package).or_insert(id);
    }
    let by_source: HashMap<SourceId, FileId> = files
        .iter()
        .enumerate()
        .map(|(id, file)| (file.source, id))
        .collect();
    let by_package: HashMap<&str, Option<FileId>> = packages
        .iter()
        .map(|(name, source)| (name.as_str(), by_source.get(source).copied()))
        .collect();
    for file in files {
        let scope = names.scope(file, &by_package, diagnostics);
        names.scopes.push(scope);
    }
    names.used = vec![false; names.items.len()];
    let scopes = names.scopes.iter().flat_map(|scope| scope.items.values());
    for id in scopes.filter_map(|imported| imported.target) {
        if let Some(used) = names.used.get_mut(id) {
            *used = true;
        }
    }
    names.import_circles(&by_package, diagnostics);
    names
}

impl<'a, 's> Names<'a, 's> {
    fn declare(
        &mut self,
        id: FileId,
        file: &'a File<'s>,
        definitions: &mut usize,
        diagnostics: &mut Diagnostics,
    ) -> HashMap<&'s str, ItemId> {
        let mut own: HashMap<&str, ItemId> = HashMap::with_capacity(file.items.len());
        for item in &file.items {
            let endpoints = match &item.kind {
                ItemKind::Interface(interface) => interface.endpoints.len(),
                _ => 0,
            };
            let before = *definitions;
            *definitions += 1 + endpoints;
            if *definitions > limits::DEFINITIONS_MAX {
                if before <= limits::DEFINITIONS_MAX {
                    let message = format!("more than {} definitions", limits::DEFINITIONS_MAX);
                    diagnostics.push(
                        Diagnostic::new(code::TOO_MANY_DEFINITIONS, message)
                            .at(
                                item.name.span,
                                "this one and those after it are not checked",
                            )
                            .note("each item and each endpoint is a definition")
                            .help("check the schema in parts"),
                    );
                }
                continue;
            }
            let index = self.items.len();
            match own.entry(item.name.text) {
                Entry::Vacant(place) => {
                    place.insert(index);
                }
                Entry::Occupied(first) => {
                    let first = self.items.get(*first.get()).map(|it| it.syntax.name.span);
                    diagnostics.push(twice(item.name, first));
                }
            }
            let is_value = matches!(item.kind, ItemKind::Const(..));
            let is_reserved = crate::parse::RESERVED_WORDS.contains(&item.name.text);
            if !is_value
                && !is_reserved
                && (scalar(item.name.text).is_some() || matches!(item.name.text, "list" | "map"))
            {
                let text = item.name.text;
                diagnostics.push(
                    Diagnostic::new(
                        code::BUILT_IN_NAME,
                        format!("`{text}` is a type of the language"),
                    )
                    .at(item.name.span, "it cannot be declared")
                    .help("choose another name"),
                );
            }
            self.items.push(Declared {
                file: id,
                syntax: item,
            });
        }
        own
    }

    /// The item that a path means in a file. `Ok(None)`: it is known not to be there, and reported.
    pub(crate) fn item(
        &mut self,
        file: FileId,
        path: Path<'s>,
    ) -> Result<Option<ItemId>, Unknown<'s>> {
        let found = self.look_up(file, path)?;
        if let Some(used) = found.and_then(|id| self.used.get_mut(id)) {
            *used = true;
        }
        Ok(found)
    }

    fn look_up(&mut self, file: FileId, path: Path<'s>) -> Result<Option<ItemId>, Unknown<'s>> {
        let mut segments = path.segments();
        let (Some(first), second, third) = (segments.next(), segments.next(), segments.next())
        else {
            return Ok(None);
        };
        let unknown = |name, kind| Unknown { file, name, kind };
        let Some(second) = second else {
            if let Some(id) = self.own.get(file).and_then(|own| own.get(first.text)) {
                return Ok(Some(*id));
            }
            let scope = self.scopes.get_mut(file);
            let found = scope.and_then(|scope| {
                let imported = scope.items.get(first.text).copied()?;
                if let Some(import) = scope.imports.get_mut(imported.import) {
                    import.used = true;
                }
                Some(imported.target)
            });
            return found.ok_or(unknown(first, UnknownKind::Item));
        };
        if third.is_some() {
            return Err(unknown(
                Name {
                    text: path.text,
                    span: path.span,
                },
                UnknownKind::LongPath,
            ));
        }
        let scope = self.scopes.get_mut(file);
        let package = scope.and_then(|scope| {
            let imported = scope.packages.get(first.text).copied()?;
            if let Some(import) = scope.imports.get_mut(imported.import) {
                import.used = true;
            }
            Some(imported.target)
        });
        match package {
            None => Err(unknown(first, UnknownKind::Package)),
            Some(None) => Ok(None),
            Some(Some(target)) => match self.own.get(target).and_then(|own| own.get(second.text)) {
                Some(id) => Ok(Some(*id)),
                None => Err(unknown(second, UnknownKind::In(target))),
            },
        }
    }

    /// The item of a name of the model.
    pub(crate) fn find(&self, name: &crate::schema::ItemName) -> Option<ItemId> {
        let file = self.by_name.get(name.package.as_str())?;
        self.own.get(*file)?.get(name.name.as_str()).copied()
    }

    /// Resolves a type that stands in an item of `file` with these type parameters.
    pub(crate) fn ty(
        &mut self,
        file: FileId,
        params: &[Name<'s>],
        ty: &syntax::Type<'s>,
        diagnostics: &mut Diagnostics,
    ) -> Ty {
        let span = ty.span;
        let mut inner = |ty: &syntax::Type<'s>| self.ty(file, params, ty, diagnostics);
        let kind = match &ty.kind {
            TypeKind::Broken => TyKind::Broken,
            TypeKind::Optional(ty) => TyKind::Optional(Box::new(inner(ty))),
            TypeKind::Tuple(types) => TyKind::Tuple(types.iter().map(inner).collect()),
            TypeKind::Union(types) => TyKind::Union(types.iter().map(inner).collect()),
            TypeKind::Named(path, arguments) => {
                let arguments: Vec<Ty> = arguments.iter().map(inner).collect();
                self.named(file, params, *path, arguments, diagnostics)
            }
        };
        Ty { kind, span }
    }

    fn named(
        &mut self,
        file: FileId,
        params: &[Name<'s>],
        path: Path<'s>,
        mut arguments: Vec<Ty>,
        diagnostics: &mut Diagnostics,
    ) -> TyKind {
        let text = path.text;
        let expected = match text {
            "list" => 1,
            "map" => 2,
            _ => 0,
        };
        let built_in = scalar(text);
        let param = params.iter().position(|name| name.text == text);
        if expected > 0 || built_in.is_some() || param.is_some() {
            if arguments.len() != expected {
                diagnostics.push(arity(text, path.span, expected, arguments.len()));
                return TyKind::Broken;
            }
            if let Some(param) = param {
                return TyKind::Param(param);
            }
            if let Some(scalar) = built_in {
                return TyKind::Scalar(scalar);
            }
            return match (arguments.pop(), arguments.pop()) {
                (Some(value), Some(key)) => TyKind::Map(Box::new(key), Box::new(value)),
                (Some(item), None) => TyKind::List(Box::new(item)),
                _ => TyKind::Broken,
            };
        }
        match self.item(file, path) {
            Ok(Some(id)) => self.named_item(id, path, arguments, diagnostics),
            Ok(None) => TyKind::Broken,
            Err(unknown) => {
                let diagnostic = self.explain(&unknown, diagnostics);
                diagnostics.push(diagnostic);
                TyKind::Broken
            }
        }
    }

    fn named_item(
        &self,
        id: ItemId,
        path: Path<'s>,
        arguments: Vec<Ty>,
        diagnostics: &mut Diagnostics,
    ) -> TyKind {
        let Some(item) = self.items.get(id) else {
            return TyKind::Broken;
        };
        let kind = match &item.syntax.kind {
            ItemKind::Broken => return TyKind::Broken,
            ItemKind::Interface(_) => Some("an interface"),
            ItemKind::Const(..) => Some("a constant"),
            _ => None,
        };
        if let Some(kind) = kind {
            diagnostics.push(
                Diagnostic::new(
                    code::NOT_A_TYPE,
                    format!("`{}` is {kind}, not a type", path.text),
                )
                .at(path.span, "a type was expected here")
                .with(item.syntax.name.span, "declared here"),
            );
            return TyKind::Broken;
        }
        let expected = item.syntax.params.len();
        if arguments.len() != expected {
            let diagnostic = arity(path.text, path.span, expected, arguments.len());
            diagnostics.push(diagnostic.with(item.syntax.name.span, "declared here"));
            return TyKind::Broken;
        }
        TyKind::Item(id, arguments)
    }
}

pub(crate) fn twice(name: Name<'_>, first: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        code::DUPLICATE_NAME,
        format!("`{}` is declared twice", name.text),
    )
    .at(name.span, "the second time");
    match first {
        Some(first) => diagnostic.with(first, "the first time"),
        None => diagnostic,
    }
}

fn arity(name: &str, span: Span, expected: usize, came: usize) -> Diagnostic {
    let arguments = |n: usize| match n {
        0 => "no type arguments".to_owned(),
        1 => "1 type argument".to_owned(),
        n => format!("{n} type arguments"),
    };
    let given = match came {
        0 => "none is given".to_owned(),
        1 => "1 is given".to_owned(),
        n => format!("{n} are given"),
    };
    let message = format!("`{name}` takes {}, but {given}", arguments(expected));
    let diagnostic =
        Diagnostic::new(code::GENERIC_ARITY, message).at(span, format!("{} here", arguments(came)));
    match name {
        "list" => diagnostic.help("write `list<str>`"),
        "map" => diagnostic.help("write `map<str, u32>`"),
        _ => diagnostic,
    }
}
