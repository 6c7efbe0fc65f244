#!/usr/bin/env python3
"""Asks msgspec whether a stock peer can hold what an interface carries.

`tests/tests/stock.rs` runs it with the interpreter that `SCIPP_MSGSPEC_PYTHON` names. On standard input comes one case a
line: the model of a package with one interface, as JSON. On standard output goes msgspec's version, then a verdict a line:

    holds      every type can be made, and all values come back the same through the one type of the dialog
    refused    msgspec refuses a type, or the one type of the dialog
    mixed      msgspec takes all types, but in some order of the phases a value comes back as another, or not at all, or the
               process ends by a signal
    untyped    msgspec takes all types, but reads every value as `Any`

`python stock.py --show` writes the Python of each case to standard error as well.

The definitions are those of a stock peer, as `docs/idl.md` gives them: records are `msgspec.Struct` with keyword-only fields,
newtypes `NewType`, enums `enum.Enum`, an extension type is msgspec's `Ext`, bounds are one `Meta` on the bare type.
"""

import datetime as dt
import decimal
import gc
import json
import keyword
import os
import re
import signal
import sys
import traceback
import types
import uuid

import msgspec

SCALARS = {
    "bool": "bool", "f32": "float", "f64": "float", "str": "str", "ref": "str", "bytes": "bytes", "nil": "None",
    "any": "Any", "timestamp": "Annotated[datetime, Meta(tz=True)]", "date": "date",
    "time": "Annotated[time, Meta(tz=False)]", "duration": "timedelta", "uuid": "UUID", "decimal": "Decimal",
}
INT64_MIN, INT64_MAX, UINT64_MAX = -(2**63), 2**63 - 1, 2**64 - 1
HEAD = """
from __future__ import annotations
import enum
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, NewType, TypeVar, Union
from uuid import UUID
import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.msgpack import Ext
"""
# What no type but `Any` takes.
PROBE = msgspec.msgpack.encode({-7: {-7: [msgspec.msgpack.Ext(99, b"")]}})


def int_range(scalar):
    bits = int(scalar[1:])
    return (0, 2**bits - 1) if scalar[0] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def is_int(scalar):
    return scalar[0] in "iu" and scalar[1:].isdigit()


def whole(limits):
    """A range of whole numbers, both ends included."""
    top = limits["max"]
    return limits["min"], top if top is None or limits["max_included"] else top - 1


class Package:
    """The Python of a model."""

    def __init__(self, model):
        (self.package,) = [it for it in model["packages"].values() if it["name"] == "stock"]
        self.items = {it["name"]: it for it in self.package["items"]}

    def kind(self, name):
        ((kind, body),) = self.items[name]["kind"].items()
        return kind, body

    def unaliased(self, ty):
        while "named" in ty and self.kind(ty["named"]["name"]["name"])[0] == "alias":
            ty = self.kind(ty["named"]["name"]["name"])[1]
        return ty

    # Types

    def type(self, ty, quoted=frozenset()):
        """The Python of a type. `quoted`: names that are not defined yet."""
        ((kind, body),) = ty.items()
        inner = lambda it: self.type(it, quoted)
        if kind == "scalar":
            return self.annotated(body, []) if is_int(body) else SCALARS[body]
        if kind == "list":
            return f"list[{inner(body)}]"
        if kind == "map":
            return f"dict[{inner(body[0])}, {inner(body[1])}]"
        if kind == "tuple":
            return f"tuple[{', '.join(map(inner, body))}]"
        if kind == "optional":
            return f"Union[{inner(body)}, None]"
        if kind == "union":
            return f"Union[{', '.join(map(inner, body))}]"
        if kind == "param":
            return body
        name = body["name"]["name"]
        if self.kind(name)[0] == "ext":
            return "Ext"
        if self.kind(name)[0] == "alias":
            return inner(self.kind(name)[1])
        text = name if not body["args"] else f"{name}[{', '.join(map(inner, body['args']))}]"
        return repr(text) if name in quoted else text

    def constrained(self, ty, constraints, quoted=frozenset()):
        """The Python of a type with constraints on it: one `Meta` for all, on the bare type."""
        if not any((constraints["range"], constraints["len"], constraints["pattern"])):
            return self.type(ty, quoted)
        chain = [constraints]
        while True:
            ty = self.unaliased(ty)
            if "optional" in ty:
                return f"Union[{self.chained(ty['optional'], chain, quoted)}, None]"
            if "named" in ty and self.kind(ty["named"]["name"]["name"])[0] == "newtype":
                newtype = self.kind(ty["named"]["name"]["name"])[1]
                chain.append(newtype["constraints"])
                ty = newtype["ty"]
                continue
            return self.chained(ty, chain, quoted)

    def chained(self, ty, chain, quoted):
        ty = self.unaliased(ty)
        while "named" in ty and self.kind(ty["named"]["name"]["name"])[0] == "newtype":
            newtype = self.kind(ty["named"]["name"]["name"])[1]
            chain = chain + [newtype["constraints"]]
            ty = self.unaliased(newtype["ty"])
        if "scalar" in ty:
            return self.annotated(ty["scalar"], chain)
        return self.lengths(self.type(ty, quoted), chain)

    def annotated(self, scalar, chain):
        if is_int(scalar):
            low, high = int_range(scalar)
            least = low
            for limits in (it["range"] for it in chain if it["range"]):
                start, end = whole(limits)
                low = low if start is None else max(low, start)
                high = high if end is None else min(high, end)
            # Bounds that msgspec cannot have are left out.
            bounds = [f"ge={low if low <= INT64_MAX else least}"]
            bounds += [f"le={high}"] if high <= INT64_MAX else []
            return f"Annotated[int, Meta({', '.join(bounds)})]"
        base = SCALARS[scalar]
        if scalar in ("f32", "f64"):
            low, high = None, None
            for limits in (it["range"] for it in chain if it["range"]):
                if limits["min"] is not None:
                    start = float(limits["min"])
                    low = start if low is None else max(low, start)
                if limits["max"] is not None:
                    end = (float(limits["max"]), limits["max_included"])
                    high = end if high is None else min(high, end)
            bounds = [] if low is None else [f"ge={low!r}"]
            bounds += [] if high is None else [f"{'le' if high[1] else 'lt'}={high[0]!r}"]
            return f"Annotated[{base}, Meta({', '.join(bounds)})]" if bounds else base
        return self.lengths(base, chain)

    def lengths(self, base, chain):
        low, high = 0, None
        for limits in (it["len"] for it in chain if it["len"]):
            start, end = whole(limits)
            low = max(low, start or 0)
            high = end if high is None else high if end is None else min(high, end)
        bounds = [f"min_length={low}"] if low else []
        bounds += [f"max_length={high}"] if high is not None else []
        metas = [f"Meta({', '.join(bounds)})"] if bounds else []
        metas += [f"Meta(pattern={it['pattern']!r})" for it in chain if it["pattern"]]
        return f"Annotated[{', '.join([base] + metas)}]" if metas else base

    # Declarations

    def source(self):
        parts = [HEAD]
        names = {it for item in self.items.values() for it in item["params"]}
        parts += [f"{it} = TypeVar({it!r})" for it in sorted(names)]
        later = []
        for name, item in self.items.items():
            kind, body = self.kind(name)
            if kind == "enum":
                parts.append(self.enum(name, body))
            elif kind in ("struct", "message"):
                parts.append(self.record(name, body, item["params"]))
            elif kind == "error":
                parts.append(self.record(name, body["record"], []))
            elif kind in ("newtype", "union"):
                later.append(name)
        # Each after those it names; what comes back to itself has the name in quotes.
        done = []
        while later:
            ready = [it for it in later if not self.named(it) & set(later)]
            parts += [self.definition(it, frozenset(later) - set(ready)) for it in ready or later]
            done += ready or later
            later = [it for it in later if it not in done]
        parts += [self.record(name, body, []) for name, body in self.arguments()]
        return "\n".join(parts) + "\n"

    def arguments(self):
        """The records of arguments, by the names of their classes."""
        return [("Args", self.endpoint()["args"])]

    def named(self, name):
        """The newtypes and unions that an item names, however deep inside."""
        found = set()

        def walk(it):
            if isinstance(it, dict) and set(it) == {"named"}:
                inner = it["named"]["name"]["name"]
                kind, body = self.kind(inner)
                if kind == "alias":
                    walk(body)
                elif kind in ("newtype", "union"):
                    found.add(inner)
                walk(it["named"]["args"])
            elif isinstance(it, (dict, list)):
                for value in it.values() if isinstance(it, dict) else it:
                    walk(value)

        walk(self.kind(name)[1])
        return found

    def definition(self, name, quoted):
        kind, body = self.kind(name)
        if kind == "union":
            members = ", ".join(self.type(it, quoted) for it in body["members"])
            return f"{name} = Union[{members}]"
        return f"{name} = NewType({name!r}, {self.constrained(body['ty'], body['constraints'], quoted)})"

    def enum(self, name, body):
        base = "enum.Enum" if body["repr"] == "text" else "enum.IntEnum"
        lines = [f"class {name}({base}):"]
        for member in body["members"]:
            (value,) = member["wire"].values()
            lines.append(f"    {member['name'].upper()} = {value!r}")
        if body["open"]:
            new = "object.__new__(cls)" if body["repr"] == "text" else "int.__new__(cls, value)"
            lines += [
                "    @classmethod",
                "    def _missing_(cls, value):",
                f"        member = {new}",
                "        member._name_, member._value_ = None, value",
                "        return member",
            ]
        return "\n".join(lines)

    def record(self, name, body, params):
        bases = ["Struct"] + ([f"Generic[{', '.join(params)}]"] if params else [])
        options = ["kw_only=True"]
        if body["tag"]:
            options.append(f"tag={body['tag']['value']!r}")
            # The key of an array's tag is not written.
            if not body["array"] and body["tag"]["key"] != "type":
                options.append(f"tag_field={body['tag']['key']!r}")
        if body["array"]:
            options.append("array_like=True")
        lines = [f"class {name}({', '.join(bases + options)}):"]
        taken = set()
        for field in body["fields"]:
            attribute = python_name(field["name"], taken)
            taken.add(attribute)
            python = self.constrained(field["ty"], field["constraints"])
            arguments = []
            if attribute != field["wire"] and not body["array"]:
                arguments.append(f"name={field['wire']!r}")
            presence = field["presence"]
            if presence == "omittable":
                python = f"Union[{python}, UnsetType]"
                arguments.append("default=UNSET")
            elif presence != "required":
                arguments.append(f"default_factory=lambda: {self.value(presence['default'], field['ty'])}")
            elif "optional" in self.unaliased(field["ty"]):
                arguments.append("default=None")
            default = f" = field({', '.join(arguments)})" if arguments else ""
            lines.append(f"    {attribute}: {python}{default}")
        return "\n".join(lines + ["    pass"])

    def value(self, value, ty):
        """The Python of a default."""
        return f"msgspec.convert({self.plain(value, ty)!r}, {self.type(ty)})"

    def plain(self, value, ty):
        """A default as msgspec converts it."""
        ((kind, body),) = value.items() if isinstance(value, dict) else ((value, None),)
        if kind == "list":
            return [self.plain(it, None) for it in body]
        if kind == "map":
            return {self.plain(key, None): self.plain(it, None) for key, it in body}
        if kind == "record":
            return {name: self.plain(it, None) for name, it in body}
        if kind == "member":
            members = self.kind(body["of"]["name"])[1]["members"]
            ((_, wire),) = next(it["wire"] for it in members if it["name"] == body["member"]).items()
            return wire
        if kind == "const":
            return self.plain(self.kind(body["name"])[1]["value"], None)
        if kind == "variant":
            member = self.alternatives(ty)[body["member"]] if ty else None
            inner = self.plain(body["value"], member)
            # A record among others says which it is.
            name = member.get("named", {}).get("name", {}).get("name") if member else None
            item = self.kind(name)[1] if name else {}
            tag = item.get("tag") if isinstance(item, dict) else None
            return {tag["key"]: tag["value"], **inner} if tag and isinstance(inner, dict) else inner
        if kind == "duration":
            return msgspec.to_builtins(dt.timedelta(microseconds=body // 1000))
        if kind == "bytes":
            return bytes(body)
        return body

    def alternatives(self, ty):
        """The members of a union, by whatever name it goes."""
        ((kind, body),) = ty.items()
        if kind != "named":
            return body
        kind, item = self.kind(body["name"]["name"])
        return self.alternatives(item) if kind == "alias" else item["members"]

    # Values

    def samples(self, ty, module, params=None, depth=0, chain=()):
        """Some values of a type. What contains itself ends after a few rounds."""
        params = params or {}
        ((kind, body),) = ty.items()
        inner = lambda it, deeper=1: self.samples(it, module, params, depth + deeper)
        if kind == "scalar":
            return self.scalars(body, chain)
        if kind == "list":
            low = max([whole(it["len"])[0] or 0 for it in chain if it["len"]] or [0])
            values = inner(body) if depth < 6 else []
            return [values[:1] * low] + ([[it] for it in values] if low < 2 else [])
        if kind == "map":
            keys, values = inner(body[0]), inner(body[1]) if depth < 6 else []
            return [{}] + [{key: value} for key, value in zip(keys, values)]
        if kind == "tuple":
            return [tuple(it) for it in zip(*map(inner, body))]
        if kind == "optional":
            return [None] + (self.samples(body, module, params, depth + 1, chain) if depth < 6 else [])
        if kind == "union":
            return [value for it in body for value in inner(it)]
        if kind == "param":
            return params[body](depth)
        name = body["name"]["name"]
        kind, item = self.kind(name)
        if kind == "alias":
            return self.samples(item, module, params, depth, chain)
        if kind == "newtype":
            return self.samples(item["ty"], module, params, depth + 1, chain + (item["constraints"],))
        if kind == "union":
            # Those without members of their own first, so that there is an end.
            return [value for it in item["members"] for value in (inner(it) if depth < 7 or "scalar" in it else [])]
        if kind == "enum":
            return list(getattr(module, name))
        if kind == "ext":
            return [msgspec.msgpack.Ext(item["code"], b"\x01")]
        body_ = item["record"] if kind == "error" else item
        names = self.items[name]["params"]
        outer = dict(params)
        arguments = {
            it: (lambda deep, argument=argument: self.samples(argument, module, outer, deep + 1))
            for it, argument in zip(names, body["args"])
        }
        # Each value of each field comes up once, as long as there are few; the first round has none of the optional fields.
        taken, columns = set(), []
        for field in body_["fields"]:
            attribute = python_name(field["name"], taken)
            taken.add(attribute)
            values = self.samples(field["ty"], module, arguments, depth + 1, (field["constraints"],))
            columns.append((attribute, field["presence"] == "required", values))
        rounds = min(max([len(values) for _, _, values in columns] + [1]) + 1, 12 if depth < 4 else 2)
        make = getattr(module, name)
        made = []
        for round in range(rounds):
            filled = [it for it in columns if it[2] and (round > 0 or it[1])]
            made.append(make(**{attribute: values[round % len(values)] for attribute, _, values in filled}))
        return made

    def scalars(self, scalar, chain):
        if is_int(scalar):
            low, high = int_range(scalar)
            for limits in (it["range"] for it in chain if it["range"]):
                start, end = whole(limits)
                low = low if start is None else max(low, start)
                high = high if end is None else min(high, end)
            return sorted({low, high, max(low, min(high, 7))})
        if scalar in ("f32", "f64"):
            ends = [it["range"] for it in chain if it["range"]]
            tops = [float(it["max"]) for it in ends if it["max"] is not None and it["max_included"]]
            return [0.0, 0.5] + tops if ends else [0.0, 0.5, -1e300, float("inf")]
        if scalar in ("str", "bytes", "ref"):
            low, high = 0, 40
            for limits in (it["len"] for it in chain if it["len"]):
                start, end = whole(limits)
                low, high = max(low, start or 0), min(high, end or high)
            if scalar == "ref":
                return ["a:b", "a" * 60 + ":b"]
            pattern = any(it["pattern"] for it in chain)
            texts = ["A" * low, "A" * high] + ([] if pattern else ["z" * high])
            return [it.encode() for it in texts] if scalar == "bytes" else texts
        moment = dt.datetime(2025, 2, 3, 4, 5, 6, 7000, dt.timezone.utc)
        return {
            "bool": [True, False],
            "nil": [None],
            "any": [None, True, 1, "x", [1], {"a": 1}],
            "timestamp": [moment],
            "date": [moment.date()],
            "time": [moment.time()],
            "duration": [dt.timedelta(days=-1, seconds=2)],
            "uuid": [uuid.UUID(int=7)],
            "decimal": [decimal.Decimal("12.50"), decimal.Decimal("3")],
        }[scalar]

    # The dialog

    def endpoint(self):
        (interface,) = [it for it in map(self.kind, self.items) if it[0] == "interface"]
        (endpoint,) = interface[1]["endpoints"]
        return endpoint

    def unions(self):
        """The unions inside of records, each a type of its own."""
        found = []

        def walk(it):
            if isinstance(it, dict) and set(it) == {"union"} and '"param"' not in json.dumps(it):
                found.append(self.type(it))
            if isinstance(it, dict) and set(it) == {"named"}:
                name = it["named"]["name"]["name"]
                kind, body = self.kind(name)
                if kind == "union" and name not in found:
                    found.append(name)
                    walk(body["members"])
                elif kind == "alias":
                    walk(body)
            if isinstance(it, (dict, list)):
                for value in it.values() if isinstance(it, dict) else it:
                    walk(value)

        # What extension types hold stays bytes.
        for name in self.items:
            kind, body = self.kind(name)
            if kind in ("struct", "message", "error", "newtype"):
                walk(body)
        walk(self.endpoint())
        return found

    def phases(self):
        """What a stock peer has in its one type: nil where a context says nothing."""
        endpoint = self.endpoint()
        return [endpoint[it] for it in ("started", "accepts", "yields", "returns") if endpoint[it] is not None]


def python_name(name, taken):
    """What a field is called in Python: msgspec and Python keep some names for themselves."""
    own = name in dir(msgspec.Struct) or name in ("field", "int", "str", "bool", "float", "bytes", "list", "dict", "tuple")
    if keyword.iskeyword(name) or name.startswith("__") or own:
        name = name.strip("_") + "_"
    while name in taken:
        name += "_"
    return name


def same(one, other):
    """Values are equal, and of the same types."""
    plain = lambda it: re.sub(r" at 0x[0-9a-f]+", "", repr(it))
    return type(one) is type(other) and plain(one) == plain(other) and encode(one) == encode(other)


encode = msgspec.msgpack.encode


def verdict(model, show):
    package = Package(model)
    name = "stock_case"
    module = types.ModuleType(name)
    sys.modules[name] = module
    source = package.source()
    if show:
        print(source, file=sys.stderr)
    try:
        try:
            exec(compile(source, name, "exec"), module.__dict__)
            make = lambda text: msgspec.msgpack.Decoder(eval(text, module.__dict__))
            phases = package.phases()
            texts = [package.type(it) for it in phases]
            alone = [make(it) for it in texts]
            endpoint = package.endpoint()
            for other in ["Args"] + [it["name"] for it in endpoint["raises"]] + package.unions():
                make(other)
            together = []
            if endpoint["kind"] == "context":
                turns = [texts[at:] + texts[:at] for at in range(len(texts))]
                turns += [it[::-1] for it in turns]
                together = [make(f"Union[{', '.join(it)}]") for it in dict.fromkeys(map(tuple, turns))]
        except (TypeError, ValueError, RecursionError, NotImplementedError, NameError) as error:
            return "refused", error
        for ty, decoder in zip(phases, alone):
            for value in package.samples(ty, module):
                data = encode(value)
                for other in [decoder] + together:
                    try:
                        read = other.decode(data)
                    except msgspec.ValidationError as error:
                        return "mixed", f"{value!r}: {error}"
                    if not same(read, value) and not takes_all(other):
                        return "mixed", f"{value!r} comes back as {read!r}"
        typed = [it for it in alone if not takes_all(it) and not takes_nil_only(it)]
        if typed and any(map(takes_all, together)):
            return "untyped", None
        return "holds", None
    finally:
        del sys.modules[name]


def takes_all(decoder):
    try:
        decoder.decode(PROBE)
    except msgspec.ValidationError:
        return False
    return True


def takes_nil_only(decoder):
    return decoder.type in (None, type(None)) or getattr(decoder.type, "__supertype__", 0) is None


def apart(models, show):
    """The verdicts of a process of its own, as far as it comes: there are unions on which msgspec 0.22.0 crashes."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        if not show:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        for model in models:
            try:
                word, why = verdict(json.loads(model), show)
                # What has been freed wrongly shows now at the latest.
                gc.collect()
                if show:
                    print(why, file=sys.stderr, flush=True)
            except BaseException:
                os.write(writer, traceback.format_exc().encode())
                os._exit(1)
            os.write(writer, f"{word}\n".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        words = pipe.read().splitlines()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT):
        return words + ["mixed"]
    if status != 0:
        sys.exit("\n".join(words))
    return words


def main():
    if os.environ.get("PYTHONMALLOC") != "debug":
        # Python's own checks of its memory end a process that has damaged it, where else it might go on for a while.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONMALLOC": "debug"})
    print(msgspec.__version__, flush=True)
    models = sys.stdin.readlines()
    while models:
        words = apart(models[:200], "--show" in sys.argv)
        print("\n".join(words), flush=True)
        models = models[len(words):]


if __name__ == "__main__":
    main()
