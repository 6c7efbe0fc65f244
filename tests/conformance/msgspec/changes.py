#!/usr/bin/env python3
"""Asks msgspec whether values of one version of a schema arrive at another.

`tests/tests/breaking/stock.rs` runs it with the interpreter that `SCIPP_MSGSPEC_PYTHON` names. On standard input comes a pair
of versions a line, as JSON: `case`, and the models `old` and `new`. On standard output goes msgspec's version, then a line
for each part of each endpoint that both versions have, and each direction in which its values travel:

    case <tab> endpoint.part <tab> old-to-new or new-to-old <tab> verdict

    arrives    every value is read, and what both versions have of it is the same
    differs    every value is read, but something that both versions have is another value then
    refused    a value is not read
    impossible msgspec refuses the types of a version

Types that no endpoint uses count as parts of their own: `stored.<name>`. `python changes.py --show` says why, too.

The definitions are those of `stock.py`. Arguments are written twice: all of them, and without those that have their default.
"""

import json
import os
import signal
import sys
import traceback
import types

import msgspec
import stock

IMPOSSIBLE = (TypeError, ValueError, RecursionError, NotImplementedError, NameError)


class Version(stock.Package):
    """The Python of a version: of all its packages, as if they were one."""

    def __init__(self, model, name, omits):
        self.items, self.omits = {}, omits
        for package in model["packages"].values():
            for item in package["items"]:
                # Two items of one name, in two packages: no case of those is asked.
                if self.items.setdefault(item["name"], item) is not item:
                    raise Ambiguous(item["name"])
        self.endpoints = {}
        for item, (kind, body) in ((it, self.kind(it)) for it in list(self.items)):
            if kind == "interface":
                for endpoint in body["endpoints"]:
                    self.endpoints[body["namespace"], endpoint["wire"]] = (item, endpoint)
        self.module = types.ModuleType(name)
        sys.modules[name] = self.module
        exec(compile(self.source(), name, "exec"), self.module.__dict__)

    def arguments(self):
        return [(arguments(key), endpoint["args"]) for key, (_, endpoint) in self.endpoints.items()]

    def record(self, name, body, params):
        # A Python function refuses a keyword that it does not have.
        options = ["forbid_unknown_fields=True"] if name.startswith("Args_") else []
        options += ["omit_defaults=True"] if options and self.omits else []
        text = super().record(name, body, params)
        if options:
            # Of a function, whose defaults are values.
            text = text.replace("default_factory=lambda: ", "default=")
        return text.replace("kw_only=True", ", ".join(["kw_only=True"] + options), 1)

    def parts(self, key):
        """What an endpoint carries: its name, who writes it, the type to write and the type to read."""
        _, endpoint = self.endpoints[key]
        whole = [self.type(endpoint[it]) for it in PHASES if endpoint[it] is not None]
        # A stock peer has one type for a context.
        union = f"Union[{', '.join(whole)}]" if endpoint["kind"] == "context" else None
        named = {"named": {"name": {"package": "", "name": arguments(key)}, "args": []}}
        parts = {"args": (named, arguments(key))}
        for phase in PHASES:
            if endpoint[phase] is not None:
                parts[phase] = (endpoint[phase], union or self.type(endpoint[phase]))
        for error in endpoint["raises"]:
            parts[f"raises {error['name']}"] = ({"named": {"name": error, "args": []}}, error["name"])
        return parts

    def kind(self, name):
        for key in getattr(self, "endpoints", ()):
            if name == arguments(key):
                return "struct", self.endpoints[key][1]["args"]
        return super().kind(name)

    def values(self, ty):
        self.items.update({arguments(it): {"params": []} for it in self.endpoints})
        return self.samples(ty, self.module)

    def reads(self, ty):
        """Whether bytes are a value of a type, as far as msgspec can say."""
        try:
            decoder = self.decoder(self.type(ty))
        except IMPOSSIBLE:
            return lambda data: True

        def reads(data):
            try:
                decoder.decode(data)
            except msgspec.ValidationError:
                return False
            return True

        return reads

    def decoder(self, text):
        return msgspec.msgpack.Decoder(eval(text, self.module.__dict__))


class Ambiguous(Exception):
    """Two items have one name."""


PHASES = ("started", "accepts", "yields", "returns")
TO_CALLEE = ("args", "accepts")


def arguments(key):
    return "Args_" + "_".join(key).replace(".", "_")


def alike(written, read):
    """Whether two plain values are the same in all that both have."""
    if isinstance(written, dict) and isinstance(read, dict):
        return all(alike(it, read[key]) for key, it in written.items() if key in read)
    if isinstance(written, (list, tuple)) and isinstance(read, (list, tuple)):
        return all(map(alike, written, read))
    if isinstance(written, bool) or isinstance(read, bool):
        return written is read
    # A decimal is text that may have been a number.
    return written == read or {type(written), type(read)} == {int, str} and str(written) == str(read)


plain = msgspec.msgpack.Decoder().decode


def travel(writers, text, reader, read, show):
    """The verdict on values of `text` from one version to the other."""
    verdict = "arrives"
    try:
        decoder = reader.decoder(read)
    except IMPOSSIBLE as error:
        if show:
            print(f"    {error}", file=sys.stderr)
        return "refused"
    for writer in writers:
        own = writer.reads(text)
        for value in writer.values(text):
            data = msgspec.msgpack.encode(value)
            if not own(data):
                # Not a value of the type: it breaks a pattern.
                continue
            try:
                came = decoder.decode(data)
            except msgspec.ValidationError as error:
                if show:
                    print(f"    {value!r}: {error}", file=sys.stderr)
                return "refused"
            if not alike(plain(data), plain(msgspec.msgpack.encode(came))):
                if show:
                    print(f"    {value!r} comes as {came!r}", file=sys.stderr)
                verdict = "differs"
    return verdict


def lines(case, models, show):
    try:
        versions = {
            side: [Version(models[side], f"{side}_{omits}", omits) for omits in (False, True)]
            for side in ("old", "new")
        }
    except IMPOSSIBLE as error:
        if show:
            print(f"{case}: {error}", file=sys.stderr)
        return [("-", "-", "impossible")]
    old, new = versions["old"][0], versions["new"][0]
    found = []
    used = set()
    pairs = []
    for key in sorted(set(old.endpoints) & set(new.endpoints)):
        (interface, one), (_, other) = old.endpoints[key], new.endpoints[key]
        if one["kind"] == other["kind"]:
            from_parts, to_parts = old.parts(key), new.parts(key)
            name = f"{interface}.{one['name']}"
            pairs += [(f"{name}.{it}", from_parts[it], to_parts[it]) for it in from_parts if it in to_parts]
    if not old.endpoints and not new.endpoints:
        for item in sorted(set(old.items) & set(new.items)):
            # A newtype or an alias alone is a type as well.
            ty = {"named": {"name": {"package": "", "name": item}, "args": []}}
            if all(it.kind(item)[0] in KINDS and not it.items[item]["params"] for it in (old, new)):
                pairs.append((f"stored.{item}", (ty, old.type(ty)), (ty, new.type(ty))))
    for name, (from_type, from_text), (to_type, to_text) in pairs:
        if show:
            print(f"{case} {name}", file=sys.stderr)
        for direction, writers, ty, reader, text in (
            ("old-to-new", versions["old"], from_type, new, to_text),
            ("new-to-old", versions["new"], to_type, old, from_text),
        ):
            try:
                verdict = travel(writers, ty, reader, text, show)
            except IMPOSSIBLE as error:
                if show:
                    print(f"    {error}", file=sys.stderr)
                verdict = "impossible"
            found.append((name, direction, verdict))
    return found


KINDS = ("struct", "message", "error", "enum", "union", "newtype", "alias")


def apart(line, show):
    """The lines of a case from a process of its own: there are types on which msgspec 0.22.0 crashes."""
    models = json.loads(line)
    case = models["case"]
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            text = "".join("\t".join((case, *it)) + "\n" for it in lines(case, models, show))
        except Ambiguous as error:
            text = f"{case}\t-\t-\ttwo items are called {error}\n"
        except BaseException:
            os.write(writer, traceback.format_exc().encode())
            os._exit(1)
        os.write(writer, text.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT):
        return f"{case}\t-\t-\timpossible\n"
    if status != 0:
        sys.exit(f"{case}: {text}")
    return text


def main():
    print(msgspec.__version__, flush=True)
    for line in sys.stdin:
        print(apart(line, "--show" in sys.argv), end="", flush=True)


if __name__ == "__main__":
    main()
