#!/usr/bin/env python3
"""Writes the files beside it: the bytes that msgspec gives a table of typed values.

    python generate.py             writes them (Python 3.13, msgspec 0.22.0: the files are those of these versions)
    python generate.py --read FILE decodes what the test has written with SCIPP_MSGSPEC_OUT=FILE, typed and strictly,
                                   and compares the values with the table

A case has a name, the bytes, and the value in plain words, made without MessagePack. `again` stands where scipp writes
other bytes than it reads: it has one form for a value where msgspec has several. `refused` is the error where scipp
does not read what msgspec can write.
"""

import datetime as dt
import enum
import json
import pathlib
import struct
import sys
import uuid
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

UTC = dt.timezone.utc


class Side(enum.Enum):
    BUY = "buy"
    SELL = "SELL"


class Venue(enum.IntEnum):
    LIT = 1
    DARK = 200


class Level(Struct):
    px: Decimal
    qty: float


class Quote(Struct, tag=True):
    symbol: str
    bid: Level
    ask: Level
    at: dt.datetime
    venue: Venue = Venue.LIT
    note: str | None = None


class Halt(Struct, tag="HALT"):
    symbol: str
    side: Side


class Row(Struct, array_like=True):
    id: int
    label: str
    weight: float = 1.0


class Marked(Struct, array_like=True, tag=True):
    id: int
    rows: list[Row]


class Kinded(Struct, tag_field="kind", tag="k"):
    type: str


class Patch(Struct):
    id: int
    name: str | UnsetType = UNSET
    nick: str | None | UnsetType = UNSET


class Renamed(Struct, rename={"new_name": "old_name", "class_": "class"}):
    new_name: int
    class_: str


class Empty(Struct):
    pass


class Everything(Struct):
    flag: bool
    nothing: None
    blob: bytes
    day: dt.date
    clock: dt.time
    took: dt.timedelta
    id: uuid.UUID
    pair: tuple[int, str]
    by_name: dict[str, int]
    by_number: dict[int, list[bool]]
    maybe: list[int | None]
    free: Any


class Omits(Struct, omit_defaults=True):
    id: int
    limit: int = 1000
    names: list[str] = []
    note: str | None = None


def moment(*args: int, **more: int) -> dt.datetime:
    return dt.datetime(*args, **more, tzinfo=UTC)


def level(px: str, qty: float) -> Level:
    return Level(Decimal(px), qty)


ID = uuid.UUID("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")
INTS = [0, 1, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1]
NEGATIVES = [-1, -32, -33, -127, -128, -129, -32_768, -32_769, -(2**31), -(2**31) - 1, -(2**63)]
QUOTE = Quote("ACME", level("101.20", 100.0), level("101.22", 80.0), moment(2026, 1, 2, 9, 0, 1, 250_000))

# (file, type in the test, Python type, values)
TABLE: list[tuple[str, str, Any, list[Any]]] = [
    ("scalars", "bool", bool, [False, True]),
    ("scalars", "nil", None, [None]),
    ("scalars", "u8", int, [n for n in INTS if n < 2**8]),
    ("scalars", "u16", int, [n for n in INTS if n < 2**16]),
    ("scalars", "u32", int, [n for n in INTS if n < 2**32]),
    ("scalars", "u64", int, [*INTS, 2**63, 2**64 - 1]),
    ("scalars", "i8", int, [n for n in INTS + NEGATIVES if -(2**7) <= n < 2**7]),
    ("scalars", "i16", int, [n for n in INTS + NEGATIVES if -(2**15) <= n < 2**15]),
    ("scalars", "i32", int, [n for n in INTS + NEGATIVES if -(2**31) <= n < 2**31]),
    ("scalars", "i64", int, INTS + NEGATIVES),
    ("scalars", "f64", float, [0.0, -0.0, 1.0, -1.5, 0.1, 1e300, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan")]),
    ("scalars", "f32", float, [0.0, 1.5, -0.25, 16_777_216.0]),
    ("scalars", "str", str, ["", "a", "x" * 31, "x" * 32, "x" * 255, "x" * 256, "äöü", "日本", "👍\n\x00\u202e"]),
    ("scalars", "bytes", bytes, [b"", b"\x00\xff", b"z" * 255, b"z" * 256]),
    ("scalars", "uuid", uuid.UUID, [ID, uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)]),
    ("scalars", "decimal", Decimal, [Decimal(text) for text in ["0", "12.3400", "-0.5", "0.00", "79228162514264337593543950335", "-0.0000000000000000000000000001", "1234567.89"]]),
    ("moments", "timestamp", dt.datetime, [
        moment(1970, 1, 1),
        moment(2025, 2, 3, 4, 5, 6),
        moment(2106, 2, 7, 6, 28, 15),
        moment(2106, 2, 7, 6, 28, 16),
        moment(2025, 2, 3, 4, 5, 6, 789_012),
        moment(2025, 2, 3, 4, 5, 6, 1),
        moment(2514, 5, 30, 1, 53, 3),
        moment(2514, 5, 30, 1, 53, 4),
        moment(2514, 5, 30, 1, 53, 4, 999_999),
        moment(1969, 12, 31, 23, 59, 59),
        moment(1969, 12, 31, 23, 59, 59, 500_000),
        moment(1969, 12, 31, 23, 59, 58, 1),
        moment(1900, 3, 1),
        moment(1, 1, 1),
        moment(9999, 12, 30, 22, 0, 0, 999_999),
        dt.datetime(2025, 2, 3, 4, 5, 6, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
    ]),
    ("moments", "date", dt.date, [dt.date(2025, 2, 3), dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(2024, 2, 29)]),
    ("moments", "time", dt.time, [dt.time(0), dt.time(4, 5, 6), dt.time(4, 5, 6, 7_000), dt.time(23, 59, 59, 999_999), dt.time(0, 0, 0, 1), dt.time(12, 0, 0, 100_000)]),
    ("moments", "duration", dt.timedelta, [
        dt.timedelta(),
        dt.timedelta(days=1, seconds=2, milliseconds=300),
        dt.timedelta(days=1),
        dt.timedelta(seconds=90_000),
        dt.timedelta(seconds=1),
        dt.timedelta(seconds=60),
        dt.timedelta(microseconds=1),
        dt.timedelta(milliseconds=10),
        -dt.timedelta(seconds=1, milliseconds=500),
        -dt.timedelta(microseconds=1),
        -dt.timedelta(days=3),
        -dt.timedelta(days=2, seconds=1),
        dt.timedelta.max,
        dt.timedelta.min,
    ]),
    ("enums", "Side", Side, list(Side)),
    ("enums", "Venue", Venue, list(Venue)),
    ("structs", "Level", Level, [level("1.50", 2.0), level("-0.001", float("inf"))]),
    ("structs", "Quote", Quote, [
        QUOTE,
        msgspec.structs.replace(QUOTE, venue=Venue.DARK, note="half day", at=moment(1969, 7, 20, 20, 17, 40)),
    ]),
    ("structs", "Renamed", Renamed, [Renamed(7, "c")]),
    ("structs", "Empty", Empty, [Empty()]),
    ("structs", "Kinded", Kinded, [Kinded("t")]),
    ("structs", "Patch", Patch, [Patch(1), Patch(2, name="a"), Patch(3, nick=None), Patch(4, "a", "b")]),
    ("structs", "Row", Row, [Row(1, "a", 0.5), Row(-1, "", 1.0)]),
    ("structs", "Marked", Marked, [Marked(1, []), Marked(2, [Row(1, "a"), Row(2, "b", -0.0)])]),
    ("structs", "Everything", Everything, [
        Everything(
            True, None, b"\x01", dt.date(2025, 2, 3), dt.time(4, 5), dt.timedelta(seconds=-1), ID, (1, "one"),
            {"z": 1, "a": 2}, {3: [True], -1: []}, [1, None, 3], {"deep": [1, {"er": b"\x00"}, None, 1.5]},
        ),
        Everything(False, None, b"", dt.date(1, 1, 1), dt.time(0), dt.timedelta(), ID, (0, ""), {}, {}, [], None),
    ]),
    ("structs", "Omits", Omits, [Omits(1), Omits(2, 5), Omits(3, names=["a"], note="b")]),
    ("unions", "Tick", Quote | Halt, [QUOTE, Halt("ACME", Side.SELL)]),
    ("unions", "Loose", None | bool | int | float | str | list[int] | Halt, [None, True, -5, 1.5, "s", [1, 2], Halt("X", Side.BUY)]),
]

# Other forms of a value that msgspec can be told to write: (type in the test, value, bytes that it is written in, case)
OTHER_FORMS = [
    ("uuid", ID, msgspec.msgpack.Encoder(uuid_format="bytes").encode(ID), "16 bytes"),
    ("uuid", ID, msgspec.msgpack.Encoder(uuid_format="hex").encode(ID), "without dashes"),
    ("decimal", Decimal("1.5"), msgspec.msgpack.Encoder(decimal_format="number").encode(Decimal("1.5")), "as a number"),
    ("decimal", Decimal("100000"), msgspec.msgpack.encode(Decimal("1E+5")), "with an exponent"),
    ("decimal", Decimal("0.0000001"), msgspec.msgpack.encode(Decimal("1E-7")), "with a negative exponent"),
    ("f64", 3.0, msgspec.msgpack.encode(3), "an int for a float"),
    ("timestamp", moment(2025, 2, 3, 2, 5, 6), msgspec.msgpack.encode("2025-02-03T04:05:06+02:00"), "a str with an offset"),
]

# What scipp does not take.
REFUSED = [
    ("decimal", Decimal("NaN"), 'expected decimal (of at most 28 digits), came str "NaN"'),
    ("decimal", Decimal("-Infinity"), 'expected decimal (of at most 28 digits), came str "-Infinity"'),
    ("decimal", Decimal(10**29), 'expected decimal (of at most 28 digits), came str "100000000000000000000000000000"'),
    ("timestamp", dt.datetime(2025, 2, 3, 4, 5, 6), 'expected timestamp, came str "2025-02-03T04:05:06"'),
    ("timestamp", moment(9999, 12, 31), "expected timestamp, came ext -1 of 12"),
    ("time", dt.time(4, 5, 6, tzinfo=UTC), 'expected time without an offset (`04:05:06`), came str "04:05:06Z"'),
]


def plain(value: Any, *, fields_of: type | None = None) -> Any:
    """The value in JSON, exactly: what has no place in JSON becomes a number of its smallest unit, or a text."""
    match value:
        case enum.Enum():
            return value.name
        case None | bool() | str():
            return value
        case int():
            return str(value)
        case float():
            return {"bits": struct.pack(">d", value).hex()}
        case bytes():
            return {"bytes": value.hex()}
        case dt.datetime():
            since = value - dt.datetime(1970, 1, 1, tzinfo=UTC)
            return {"micros since 1970": str(since // dt.timedelta(microseconds=1))}
        case dt.timedelta():
            return {"micros": str(value // dt.timedelta(microseconds=1))}
        case dt.date():
            return {"date": [value.year, value.month, value.day]}
        case dt.time():
            return {"time": [value.hour, value.minute, value.second, value.microsecond]}
        case uuid.UUID():
            return {"uuid": str(value.int)}
        case Decimal():
            return {"decimal": f"{value:f}"}
        case list() | tuple():
            return [plain(item) for item in value]
        case dict():
            return [[plain(key), plain(item)] for key, item in value.items()]
        case Struct():
            return {name: plain(getattr(value, name)) for name in value.__struct_fields__ if getattr(value, name) is not UNSET}
        case _:
            raise TypeError(type(value))


def cases() -> dict[str, list[dict[str, Any]]]:
    files: dict[str, list[dict[str, Any]]] = {}
    for file, name, _, values in TABLE:
        for index, value in enumerate(values):
            case = {"type": name, "case": str(index + 1), "hex": msgspec.msgpack.encode(value).hex(), "value": plain(value)}
            if isinstance(value, Omits):
                case["again"] = msgspec.msgpack.encode(msgspec.structs.asdict(value)).hex()
            files.setdefault(file, []).append(case)
    for name, value, written, case in OTHER_FORMS:
        again = msgspec.msgpack.encode(value).hex()
        files.setdefault("other_forms", []).append(
            {"type": name, "case": case, "hex": written.hex(), "value": plain(value), "again": again}
        )
    for name, value, error in REFUSED:
        files.setdefault("refused", []).append(
            {"type": name, "case": str(value), "hex": msgspec.msgpack.encode(value).hex(), "refused": error}
        )
    return files


def write() -> None:
    for file, rows in cases().items():
        path = pathlib.Path(__file__).with_name(f"{file}.json")
        lines = ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows)
        path.write_text(f"[\n{lines}\n]\n")
        print(f"{path.name}: {len(rows)} cases")


def read(path: str) -> None:
    types = {name: kind for _, name, kind, _ in TABLE}
    known = {(row["type"], row["case"]): row["value"] for rows in cases().values() for row in rows if "value" in row}
    rows = json.loads(pathlib.Path(path).read_text())
    wrong = 0
    for row in rows:
        value = msgspec.msgpack.decode(bytes.fromhex(row["hex"]), type=types[row["type"]])
        if plain(value) != known.pop((row["type"], row["case"])):
            wrong += 1
            print(f"{row['type']} {row['case']}: {value!r}")
    print(f"msgspec {msgspec.__version__} read {len(rows)} values into their types, {wrong} wrong, {len(known)} not written")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(sys.argv[2])
    else:
        write()
