#!/usr/bin/env python3
"""Asks msgspec which values of a type are values of another one, for all pairs of a list of types.

`tests/tests/breaking/pairs.rs` runs it with the interpreter that `SCIPP_MSGSPEC_PYTHON` names. On standard input comes the model
of a package whose last interface names the types, as the results of its endpoints. On standard output goes msgspec's
version, then a line for each type that writes, with a letter for each type that reads:

    a   every value is read, and what both types have of it is the same
    d   every value is read, but something that both types have is another value then
    r   a value is not read

The definitions are those of `stock.py`. `python pairs.py --show 3 7` says why the eighth type refuses values of the fourth.
"""

import json
import sys
import types

import changes
import msgspec
import stock


class Types(stock.Package):
    def arguments(self):
        return []

    def named_types(self):
        (*_, last) = [body for kind, body in map(self.kind, self.items) if kind == "interface"]
        return [it["returns"] for it in last["endpoints"]]


def main():
    print(msgspec.__version__)
    package = Types(json.load(sys.stdin))
    module = types.ModuleType("pairs")
    sys.modules["pairs"] = module
    exec(compile(package.source(), "pairs", "exec"), module.__dict__)
    kinds = package.named_types()
    decoders = [msgspec.msgpack.Decoder(eval(package.type(it), module.__dict__)) for it in kinds]
    shown = [int(it) for it in sys.argv[2:]]
    for at, kind in enumerate(kinds):
        written = [msgspec.msgpack.encode(it) for it in package.samples(kind, module)]
        written = [it for it in written if reads(decoders[at], it)]
        letters = [letter(written, it, shown == [at, to]) for to, it in enumerate(decoders)]
        print("".join(letters), flush=True)


def letter(written, decoder, show):
    found = "a"
    for data in written:
        try:
            came = decoder.decode(data)
        except msgspec.ValidationError as error:
            if show:
                print(f"{changes.plain(data)!r}: {error}", file=sys.stderr)
            return "r"
        if not changes.alike(changes.plain(data), changes.plain(msgspec.msgpack.encode(came))):
            if show:
                print(f"{changes.plain(data)!r} comes as {came!r}", file=sys.stderr)
            found = "d"
    return found


def reads(decoder, data):
    try:
        decoder.decode(data)
    except msgspec.ValidationError:
        return False
    return True


if __name__ == "__main__":
    main()
