//! Random changes of a schema: what people do to schemas, and some that nobody should. It is one file because it is one
//! table, and what its entries share.

use scipp_smith::*;

/// A change of a tree; `false` where there is nothing to change.
pub type Edit = fn(&mut Schema, &mut Choices<'_>) -> bool;

pub const EDITS: &[(&str, Edit)] = &[
    ("add an optional field", |s, c| {
        add_field(s, c, |it| it.ty = optional(Type::Scalar(Scalar::U8)))
    }),
    ("add a required field", |s, c| add_field(s, c, |_| {})),
    ("add a field with a default", |s, c| {
        add_field(s, c, |it| it.presence = Presence::Default(Value::Int(3)))
    }),
    ("add an omittable field", |s, c| {
        add_field(s, c, |it| it.presence = Presence::Omittable)
    }),
    ("insert a field", insert_field),
    ("remove a field", |s, c| {
        on_fields(s, c, |fields, c| {
            let at = c.below(fields.len());
            fields.remove(at);
            true
        })
    }),
    ("rename a field, keep its key", |s, c| {
        on_field(s, c, |field, _| {
            if !field.options.iter().any(|it| matches!(it, Opt::Wire(_))) {
                field.options.push(Opt::Wire(field.name.clone()));
            }
            field.name = "renamed_here".to_owned();
            true
        })
    }),
    ("rename a field", |s, c| {
        on_field(s, c, |field, _| {
            field.name = "renamed".to_owned();
            true
        })
    }),
    ("change a key", |s, c| {
        on_field(s, c, |field, _| {
            field.options.retain(|it| !matches!(it, Opt::Wire(_)));
            field.options.push(Opt::Wire("another key".to_owned()));
            true
        })
    }),
    ("reorder fields", |s, c| {
        on_fields(s, c, |fields, c| {
            c.shuffle(fields);
            fields.len() > 1
        })
    }),
    ("make a field optional", |s, c| {
        on_field(s, c, |field, _| {
            field.presence = Presence::Required;
            if matches!(field.ty, Type::Optional(_)) {
                return false;
            }
            field.ty = optional(field.ty.clone());
            true
        })
    }),
    ("make a field not optional", |s, c| {
        on_field(s, c, |field, _| match field.ty.clone() {
            Type::Optional(inner) => {
                field.ty = *inner;
                true
            }
            _ => false,
        })
    }),
    ("make a field omittable", |s, c| {
        on_field(s, c, |field, _| {
            let before = std::mem::replace(&mut field.presence, Presence::Omittable);
            before != Presence::Omittable
        })
    }),
    ("make a field required", |s, c| {
        on_field(s, c, |field, _| {
            let before = std::mem::replace(&mut field.presence, Presence::Required);
            before != Presence::Required
        })
    }),
    ("give a default", |s, c| {
        on_field(s, c, |field, _| match &field.ty {
            Type::Scalar(scalar) if scalar.integers().is_some() => {
                field.presence = Presence::Default(Value::Int(5));
                true
            }
            Type::Scalar(Scalar::Str) => {
                field.presence = Presence::Default(Value::Text("abc".to_owned()));
                true
            }
            _ => false,
        })
    }),
    ("change a scalar", |s, c| {
        on_type(s, c, |ty, c| match ty {
            Type::Scalar(scalar) => {
                let before = *scalar;
                *scalar = c.of(&Scalar::ALL).copied().unwrap_or(before);
                *scalar != before
            }
            _ => false,
        })
    }),
    ("change an integer", |s, c| {
        on_type(s, c, |ty, c| match ty {
            Type::Scalar(scalar) if scalar.integers().is_some() => {
                let before = *scalar;
                *scalar = c.of(&Scalar::INTEGERS).copied().unwrap_or(before);
                *scalar != before
            }
            _ => false,
        })
    }),
    ("an integer becomes a float", |s, c| {
        on_type(s, c, |ty, c| match ty {
            Type::Scalar(scalar) if scalar.integers().is_some() => {
                *scalar = if c.one_in(2) {
                    Scalar::F64
                } else {
                    Scalar::F32
                };
                true
            }
            _ => false,
        })
    }),
    ("text becomes str", |s, c| {
        on_type(s, c, |ty, _| match ty {
            Type::Scalar(
                scalar @ (Scalar::Date
                | Scalar::Time
                | Scalar::Duration
                | Scalar::Uuid
                | Scalar::Decimal
                | Scalar::Ref),
            ) => {
                *scalar = Scalar::Str;
                true
            }
            _ => false,
        })
    }),
    ("a type becomes any", |s, c| {
        on_type(s, c, |ty, _| {
            *ty = Type::Scalar(Scalar::Any);
            true
        })
    }),
    ("a type becomes a list", |s, c| {
        on_type(s, c, |ty, _| {
            *ty = Type::List(Box::new(ty.clone()));
            true
        })
    }),
    ("a tuple grows", |s, c| {
        on_type(s, c, |ty, _| match ty {
            Type::Tuple(types) => {
                types.push(Type::Scalar(Scalar::U8));
                true
            }
            _ => false,
        })
    }),
    ("another declared type", |s, c| {
        let names = names(s);
        on_type(s, c, |ty, c| match ty {
            Type::Named(name, args) if args.is_empty() => {
                let before = name.clone();
                *name = c.of(&names).cloned().unwrap_or_else(|| before.clone());
                *name != before
            }
            _ => false,
        })
    }),
    ("a union instead of a type", |s, c| {
        let names = messages(s);
        on_type(s, c, |ty, c| match c.of(&names) {
            Some(name) => {
                let member = Type::Named(name.clone(), Vec::new());
                match ty {
                    Type::Union(members) => members.push(member),
                    Type::Optional(_) | Type::Param(_) => return false,
                    _ => *ty = Type::Union(vec![ty.clone(), member]),
                }
                true
            }
            None => false,
        })
    }),
    ("add a scalar to a union", |s, c| {
        on_members(s, c, |members, c| {
            members.push(Type::Scalar(
                c.of(&Scalar::ALL).copied().unwrap_or(Scalar::Bool),
            ));
            true
        })
    }),
    ("add a message to a union", |s, c| {
        let names = messages(s);
        on_members(s, c, |members, c| match c.of(&names) {
            Some(name) => {
                members.push(Type::Named(name.clone(), Vec::new()));
                true
            }
            None => false,
        })
    }),
    ("remove a member of a union", |s, c| {
        on_members(s, c, |members, c| {
            let at = c.below(members.len());
            members.len() > 2 && {
                members.remove(at);
                true
            }
        })
    }),
    ("reorder a union", |s, c| {
        on_members(s, c, |members, c| {
            c.shuffle(members);
            true
        })
    }),
    ("open or close a union", |s, c| {
        let names = messages(s);
        on_kind(s, c, |kind, c| match kind {
            Kind::Union { open, members } => {
                *open = !*open;
                // An open union needs a message, and so does one that was open and has a single member.
                if let Some(name) = c.one_in(2).then(|| c.of(&names)).flatten() {
                    members.retain(|it| matches!(it, Type::Named(name, _) if names.contains(name)));
                    members.push(Type::Named(name.clone(), Vec::new()));
                }
                true
            }
            _ => false,
        })
    }),
    ("add an open union", |s, c| {
        let names = messages(s);
        let Some(first) = c.of(&names).cloned() else {
            return false;
        };
        let name = "ANewUnion".to_owned();
        let package = first.package.clone();
        let union = Item {
            docs: Vec::new(),
            options: Vec::new(),
            name: name.clone(),
            kind: Kind::Union {
                open: true,
                members: vec![Type::Named(first.clone(), Vec::new())],
            },
        };
        let done = on_type(s, c, |ty, _| match ty {
            Type::Named(it, _) if *it == first => {
                *ty = Type::Named(
                    Name {
                        package: package.clone(),
                        item: name.clone(),
                    },
                    Vec::new(),
                );
                true
            }
            _ => false,
        });
        if let Some(it) = s.packages.iter_mut().find(|it| it.name == package) {
            it.items.push(union);
        }
        done
    }),
    ("change a range", |s, c| {
        on_options(s, c, |options, number, c| {
            if !number {
                return false;
            }
            options.retain(|it| !matches!(it, Opt::Range(_)));
            let from = [None, Some(0), Some(1), Some(-5), Some(100)];
            let to = [None, Some(100), Some(127), Some(1000), Some(200)];
            let bound = |it: Option<&Option<i128>>| it.copied().flatten().map(Bound::Int);
            let (from, to) = (bound(c.of(&from)), bound(c.of(&to)));
            if from.is_none() && to.is_none() {
                return true;
            }
            let included = to.is_some() && c.one_in(2);
            options.push(Opt::Range(Bounds { from, to, included }));
            true
        })
    }),
    ("change a length", |s, c| {
        on_options(s, c, |options, _, c| {
            options.retain(|it| !matches!(it, Opt::Len(_)));
            let least = c.below(3);
            let most = least + 1 + c.below(6);
            let number = |it: usize| i128::try_from(it).ok().map(Bound::Int);
            options.push(Opt::Len(Bounds {
                from: number(least),
                to: number(most),
                included: true,
            }));
            true
        })
    }),
    ("change a pattern", |s, c| {
        on_options(s, c, |options, _, c| {
            options.retain(|it| !matches!(it, Opt::Pattern(_)));
            if c.one_in(2) {
                options.push(Opt::Pattern("^[a-zA-Z0-9]*$".to_owned()));
            }
            true
        })
    }),
    ("no constraints", |s, c| {
        on_options(s, c, |options, _, _| {
            let before = options.len();
            options.retain(|it| {
                !matches!(
                    it,
                    Opt::Len(_) | Opt::Range(_) | Opt::Pattern(_) | Opt::Unique
                )
            });
            options.len() != before
        })
    }),
    ("unique or not", |s, c| {
        on_options(s, c, |options, _, _| {
            let before = options.len();
            options.retain(|it| *it != Opt::Unique);
            if options.len() == before {
                options.push(Opt::Unique);
            }
            true
        })
    }),
    ("add a member to an enum", |s, c| {
        on_enum(s, c, |it, _| {
            let value = it.repr.map(|_| Value::Int(77));
            it.members.push(Member {
                docs: Vec::new(),
                options: Vec::new(),
                name: "a_new_one".to_owned(),
                value,
            });
            true
        })
    }),
    ("remove a member of an enum", |s, c| {
        on_enum(s, c, |it, c| {
            let at = c.below(it.members.len());
            it.members.len() > 1 && {
                it.members.remove(at);
                true
            }
        })
    }),
    ("rename a member", |s, c| {
        on_enum(s, c, |it, c| {
            let at = c.below(it.members.len());
            let text = it.repr.is_none();
            it.members.get_mut(at).is_some_and(|member| {
                if text && member.value.is_none() {
                    member.value = Some(Value::Text(member.name.clone()));
                }
                member.name = "another_name".to_owned();
                true
            })
        })
    }),
    ("swap values of members", |s, c| {
        on_enum(s, c, |it, _| match it.members.as_mut_slice() {
            [a, b, ..] => {
                std::mem::swap(&mut a.name, &mut b.name);
                a.value.is_some() && b.value.is_some()
            }
            _ => false,
        })
    }),
    ("change the value of a member", |s, c| {
        on_enum(s, c, |it, c| {
            let at = c.below(it.members.len());
            let value = if it.repr.is_some() {
                Value::Int(99)
            } else {
                Value::Text("other".to_owned())
            };
            it.members.get_mut(at).is_some_and(|member| {
                member.value = Some(value);
                true
            })
        })
    }),
    ("open or close an enum", |s, c| {
        on_enum(s, c, |it, _| {
            it.open = !it.open;
            true
        })
    }),
    ("change the type of an enum", |s, c| {
        on_enum(s, c, |it, c| match &mut it.repr {
            Some(repr) => {
                let before = *repr;
                *repr = c.of(&Scalar::INTEGERS).copied().unwrap_or(before);
                *repr != before
            }
            None => {
                it.repr = Some(Scalar::U8);
                for (at, member) in it.members.iter_mut().enumerate() {
                    member.value = i128::try_from(at).ok().map(Value::Int);
                }
                true
            }
        })
    }),
    ("struct or message", |s, c| {
        on_kind(s, c, |kind, _| {
            *kind = match kind {
                Kind::Struct(record) => Kind::Message(std::mem::take(record)),
                Kind::Message(record) => Kind::Struct(std::mem::take(record)),
                _ => return false,
            };
            true
        })
    }),
    ("array or map", |s, c| {
        on_item(s, c, |item, _| {
            let before = item.options.len();
            item.options.retain(|it| *it != Opt::Array);
            if item.options.len() == before {
                item.options.push(Opt::Array);
            }
            matches!(
                item.kind,
                Kind::Struct(_) | Kind::Message(_) | Kind::Error(_)
            )
        })
    }),
    ("another tag", |s, c| {
        on_item(s, c, |item, c| {
            item.options.retain(|it| !matches!(it, Opt::Tag(..)));
            item.options.push(match c.one_in(2) {
                true => Opt::Tag("type".to_owned(), Some("Retagged".to_owned())),
                false => Opt::Tag("other kind".to_owned(), None),
            });
            matches!(item.kind, Kind::Message(_))
        })
    }),
    ("another code", |s, c| {
        on_kind(s, c, |kind, _| match kind {
            Kind::Ext { code, .. } => {
                *code = 126;
                true
            }
            _ => false,
        })
    }),
    ("alias or newtype", |s, c| {
        on_item(s, c, |item, _| {
            item.kind = match &item.kind {
                Kind::Alias(ty) => Kind::Newtype(ty.clone()),
                Kind::Newtype(ty) => Kind::Alias(ty.clone()),
                _ => return false,
            };
            true
        })
    }),
    ("reorder items", |s, c| match s.packages.first_mut() {
        Some(package) => {
            c.shuffle(&mut package.items);
            true
        }
        None => false,
    }),
    ("change a clause", |s, c| {
        on_endpoint(s, c, |it, c| {
            let ty = Type::Scalar(c.of(&Scalar::ALL).copied().unwrap_or(Scalar::Str));
            match &mut it.kind {
                EndpointKind::Fn { returns } => {
                    *returns = if returns.is_some() { None } else { Some(ty) }
                }
                EndpointKind::Gen { yields } => *yields = ty,
                EndpointKind::Context {
                    started,
                    accepts,
                    yields,
                    returns,
                } => {
                    let clauses = [started, accepts, yields, returns];
                    let at = c.below(4);
                    for (_, clause) in clauses.into_iter().enumerate().filter(|(it, _)| *it == at) {
                        *clause = if clause.is_some() {
                            None
                        } else {
                            Some(ty.clone())
                        };
                    }
                }
            }
            true
        })
    }),
    ("raise less", |s, c| {
        on_endpoint(s, c, |it, c| {
            let at = c.below(it.raises.len());
            !it.raises.is_empty() && {
                it.raises.remove(at);
                true
            }
        })
    }),
    ("raise more", |s, c| {
        let mut errors = Vec::new();
        for package in &s.packages {
            errors.extend(
                package
                    .items
                    .iter()
                    .filter(|item| matches!(item.kind, Kind::Error(_)))
                    .map(|item| Name {
                        package: package.name.clone(),
                        item: item.name.clone(),
                    }),
            );
        }
        on_endpoint(s, c, |it, c| match c.of(&errors) {
            Some(name) if !it.raises.contains(name) => {
                it.raises.push(name.clone());
                true
            }
            _ => false,
        })
    }),
];

/// Adds endpoints that send and get each type that is declared, so that each travels both ways.
pub fn use_all(schema: &mut Schema) {
    let endpoint = |name: String, params: Vec<Field>, returns: Option<Type>| Endpoint {
        docs: Vec::new(),
        options: Vec::new(),
        name,
        params,
        kind: EndpointKind::Fn { returns },
        raises: Vec::new(),
    };
    for package in &mut schema.packages {
        let mut endpoints = Vec::new();
        for (at, item) in package.items.iter().enumerate() {
            let is_type = match &item.kind {
                Kind::Struct(it) | Kind::Message(it) => it.params.is_empty(),
                Kind::Enum(_) | Kind::Union { .. } | Kind::Newtype(_) | Kind::Ext { .. } => true,
                _ => false,
            };
            if is_type {
                let name = Name {
                    package: package.name.clone(),
                    item: item.name.clone(),
                };
                let ty = Type::Named(name, Vec::new());
                let mut field = a_field();
                (field.name, field.ty) = ("value".to_owned(), ty.clone());
                endpoints.push(endpoint(format!("send_{at}"), vec![field], None));
                endpoints.push(endpoint(format!("get_{at}"), Vec::new(), Some(ty)));
            }
        }
        if !endpoints.is_empty() {
            package.items.push(Item {
                docs: Vec::new(),
                options: Vec::new(),
                name: "UsesAllOfIt".to_owned(),
                kind: Kind::Interface(Interface {
                    extends: Vec::new(),
                    endpoints,
                }),
            });
        }
    }
}

fn optional(ty: Type) -> Type {
    Type::Optional(Box::new(ty))
}

fn a_field() -> Field {
    Field {
        docs: Vec::new(),
        options: Vec::new(),
        name: "a_new_field".to_owned(),
        ty: Type::Scalar(Scalar::U8),
        presence: Presence::Required,
    }
}

fn add_field(schema: &mut Schema, choices: &mut Choices<'_>, change: impl Fn(&mut Field)) -> bool {
    on_fields(schema, choices, |fields, _| {
        let mut field = a_field();
        change(&mut field);
        fields.push(field);
        true
    })
}

fn insert_field(schema: &mut Schema, choices: &mut Choices<'_>) -> bool {
    on_fields(schema, choices, |fields, choices| {
        let mut field = a_field();
        field.presence = Presence::Default(Value::Int(9));
        fields.insert(choices.below(fields.len()), field);
        true
    })
}

/// All lists of fields: of records and of parameters.
fn lists(schema: &mut Schema) -> Vec<&mut Vec<Field>> {
    let mut all = Vec::new();
    for item in schema
        .packages
        .iter_mut()
        .flat_map(|package| &mut package.items)
    {
        match &mut item.kind {
            Kind::Struct(it) | Kind::Message(it) | Kind::Error(it) => all.push(&mut it.fields),
            Kind::Ext {
                body: ExtBody::Record(it),
                ..
            } => all.push(&mut it.fields),
            Kind::Interface(it) => all.extend(it.endpoints.iter_mut().map(|it| &mut it.params)),
            _ => {}
        }
    }
    all
}

fn on_fields(
    schema: &mut Schema,
    choices: &mut Choices<'_>,
    edit: impl Fn(&mut Vec<Field>, &mut Choices<'_>) -> bool,
) -> bool {
    let mut all: Vec<_> = lists(schema)
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect();
    let at = choices.below(all.len());
    all.get_mut(at).is_some_and(|fields| edit(fields, choices))
}

fn on_field(
    schema: &mut Schema,
    choices: &mut Choices<'_>,
    edit: impl Fn(&mut Field, &mut Choices<'_>) -> bool,
) -> bool {
    on_fields(schema, choices, |fields, choices| {
        let at = choices.below(fields.len());
        fields.get_mut(at).is_some_and(|field| edit(field, choices))
    })
}

fn on_item(
    schema: &mut Schema,
    choices: &mut Choices<'_>,
    edit: impl Fn(&mut Item, &mut Choices<'_>) -> bool,
) -> bool {
    let mut all: Vec<&mut Item> = schema
        .packages
        .iter_mut()
        .flat_map(|package| &mut package.items)
        .collect();
    let first = choices.below(all.len());
    let count = all.len();
    (0..count).any(|step| {
        all.get_mut((first + step) % count)
            .is_some_and(|item| edit(item, choices))
    })
}

fn on_kind(
    schema: &mut Schema,
    choices: &mut Choices<'_>,
    edit: impl Fn(&mut Kind, &mut Choices<'_>) -> bool,
) -> bool {
    on_item(schema, choices, |item, choices| {
        edit(&mut item.kind, choices)
    })
}

fn on_enum(
    schema: &mut Schema,
    choices: &mut Choices<'_>,
    edit: impl Fn(&mut Enum, &mut Choices<'_>) -> bool,
) -> bool {
    on_kind(schema, choices, |kind, choices| match kind {
        Kind::Enum(it) => edit(it, choices),
        _ => false,
    })
}

fn on_endpoint(
    schema: &mut Schema,
    choices: &mut Choices<'_>,
    edit: impl Fn(&mut Endpoint, &mut Choices<'_>) -> bool,
) -> bool {
    on_kind(schema, choices, |kind, choices| match kind {
        Kind::Interface(it) => {
            let at = choices.below(it.endpoints.len());
            it.endpoints.get_mut(at).is_some_and(|it| edit(it, choices))
        }
        _ => false,
    })
}

/// All types, and the types in them.
fn types(schema: &mut Schema) -> Vec<&mut Type> {
    let mut all: Vec<&mut Type> = Vec::new();
    for item in schema
        .packages
        .iter_mut()
        .flat_map(|package| &mut package.items)
    {
        match &mut item.kind {
            Kind::Struct(it) | Kind::Message(it) | Kind::Error(it) => {
                all.extend(it.fields.iter_mut().map(|it| &mut it.ty))
            }
            Kind::Ext {
                body: ExtBody::Record(it),
                ..
            } => all.extend(it.fields.iter_mut().map(|it| &mut it.ty)),
            Kind::Ext {
                body: ExtBody::Type(ty),
                ..
            }
            | Kind::Alias(ty)
            | Kind::Newtype(ty) => all.push(ty),
            Kind::Union { members, .. } => all.extend(members),
            Kind::Interface(it) => {
                for endpoint in &mut it.endpoints {
                    all.extend(endpoint.params.iter_mut().map(|it| &mut it.ty));
                    match &mut endpoint.kind {
                        EndpointKind::Fn { returns } => all.extend(returns),
                        EndpointKind::Gen { yields } => all.push(yields),
                        EndpointKind::Context {
                            started,
                            accepts,
                            yields,
                            returns,
                        } => {
                            all.extend([started, accepts, yields, returns].into_iter().flatten());
                        }
                    }
                }
            }
            Kind::Enum(_) | Kind::Const { .. } => {}
        }
    }
    all
}

fn on_type(
    schema: &mut Schema,
    choices: &mut Choices<'_>,
    edit: impl Fn(&mut Type, &mut Choices<'_>) -> bool,
) -> bool {
    fn inside(
        ty: &mut Type,
        choices: &mut Choices<'_>,
        edit: &impl Fn(&mut Type, &mut Choices<'_>) -> bool,
    ) -> bool {
        if choices.one_in(2) && edit(ty, choices) {
            return true;
        }
        let done = match ty {
            Type::List(inner) | Type::Optional(inner) => inside(inner, choices, edit),
            Type::Map(key, value) => inside(value, choices, edit) || inside(key, choices, edit),
            Type::Tuple(types) | Type::Union(types) | Type::Named(_, types) => {
                types.iter_mut().any(|ty| inside(ty, choices, edit))
            }
            Type::Scalar(_) | Type::Param(_) => false,
        };
        done || edit(ty, choices)
    }
    let mut all = types(schema);
    let (first, count) = (choices.below(all.len()), all.len());
    (0..count).any(|step| {
        all.get_mut((first + step) % count)
            .is_some_and(|ty| inside(ty, choices, &edit))
    })
}

fn on_members(
    schema: &mut Schema,
    choices: &mut Choices<'_>,
    edit: impl Fn(&mut Vec<Type>, &mut Choices<'_>) -> bool,
) -> bool {
    if choices.one_in(2) {
        let done = on_kind(schema, choices, |kind, choices| match kind {
            Kind::Union { members, .. } => edit(members, choices),
            _ => false,
        });
        if done {
            return true;
        }
    }
    on_type(schema, choices, |ty, choices| match ty {
        Type::Union(members) => edit(members, choices),
        _ => false,
    })
}

/// Options where constraints can stand: of fields and newtypes; whether the type is a number.
fn on_options(
    schema: &mut Schema,
    choices: &mut Choices<'_>,
    edit: impl Fn(&mut Vec<Opt>, bool, &mut Choices<'_>) -> bool,
) -> bool {
    let number = |ty: &Type| match ty {
        Type::Scalar(scalar) => {
            scalar.integers().is_some()
                || matches!(scalar, Scalar::F32 | Scalar::F64 | Scalar::Decimal)
        }
        _ => false,
    };
    let mut all: Vec<(&mut Vec<Opt>, bool)> = Vec::new();
    for item in schema
        .packages
        .iter_mut()
        .flat_map(|package| &mut package.items)
    {
        match &mut item.kind {
            Kind::Struct(it) | Kind::Message(it) | Kind::Error(it) => {
                all.extend(
                    it.fields
                        .iter_mut()
                        .map(|it| (&mut it.options, number(&it.ty))),
                );
            }
            Kind::Newtype(ty) => {
                let number = number(ty);
                all.push((&mut item.options, number));
            }
            Kind::Interface(it) => {
                for endpoint in &mut it.endpoints {
                    all.extend(
                        endpoint
                            .params
                            .iter_mut()
                            .map(|it| (&mut it.options, number(&it.ty))),
                    );
                }
            }
            _ => {}
        }
    }
    let (first, count) = (choices.below(all.len()), all.len());
    (0..count).any(|step| {
        all.get_mut((first + step) % count)
            .is_some_and(|(options, number)| edit(options, *number, choices))
    })
}

fn names(schema: &Schema) -> Vec<Name> {
    named(schema, |kind| {
        !matches!(kind, Kind::Const { .. } | Kind::Interface(_))
    })
}

fn messages(schema: &Schema) -> Vec<Name> {
    named(schema, |kind| matches!(kind, Kind::Message(_)))
}

fn named(schema: &Schema, wanted: impl Fn(&Kind) -> bool) -> Vec<Name> {
    let mut all = Vec::new();
    for package in &schema.packages {
        all.extend(
            package
                .items
                .iter()
                .filter(|item| wanted(&item.kind))
                .map(|item| Name {
                    package: package.name.clone(),
                    item: item.name.clone(),
                }),
        );
    }
    all
}
