"""What the modules of this package share: types, errors, both ends of a dialog.

Nothing here depends on a schema. `Call` and `Stream` are what a caller holds, `Dialog`
and `Stream` what a handler holds; the other modules say which types they carry.
"""

from __future__ import annotations

import contextlib
import enum
import importlib
import inspect
import math
import sys
import types
import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from datetime import datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, ClassVar, Never, Self, cast

import msgspec
from msgspec import Meta

# tractor comes without types, and brings trio.
tractor: Any = importlib.import_module("tractor")
trio: Any = importlib.import_module("trio")

type Portal = Any
"""A `tractor.Portal`."""

I8_RANGE = Meta(ge=-(2**7), le=2**7 - 1)
I16_RANGE = Meta(ge=-(2**15), le=2**15 - 1)
I32_RANGE = Meta(ge=-(2**31), le=2**31 - 1)
I64_RANGE = Meta(ge=-(2**63), le=2**63 - 1)
U8_RANGE = Meta(ge=0, le=2**8 - 1)
U16_RANGE = Meta(ge=0, le=2**16 - 1)
U32_RANGE = Meta(ge=0, le=2**32 - 1)
# msgspec has no bound above 2**63 - 1, and MessagePack no integer above 2**64 - 1.
U64_RANGE = Meta(ge=0)
WITH_ZONE = Meta(tz=True)
WITHOUT_ZONE = Meta(tz=False)

I8 = Annotated[int, I8_RANGE]
I16 = Annotated[int, I16_RANGE]
I32 = Annotated[int, I32_RANGE]
I64 = Annotated[int, I64_RANGE]
U8 = Annotated[int, U8_RANGE]
U16 = Annotated[int, U16_RANGE]
U32 = Annotated[int, U32_RANGE]
U64 = Annotated[int, U64_RANGE]
Timestamp = Annotated[datetime, WITH_ZONE]
Time = Annotated[time, WITHOUT_ZONE]


class PayloadError(TypeError):
    """A value that is not of the type which the schema gives to its place."""


class OpenTextEnum(enum.Enum):
    """An enum of text that keeps values which it does not know."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = object.__new__(cls)
        member._name_ = member._value_ = value
        return member

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.value == cast("Self", other).value

    def __hash__(self) -> int:
        return hash(self.value)


class OpenIntEnum(enum.IntEnum):
    """An enum of integers that keeps values which it does not know."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = str(value)
        member._value_ = value
        return member


# Declared errors --------------------------------------------------------------------

_VALUE_LINE = "scipp-value: "


class DeclaredError[Value: msgspec.Struct](Exception):
    """An error that the schema declares. Its fields are in `value`."""

    value_type: ClassVar[type[msgspec.Struct]]

    def __init__(self, value: Value) -> None:
        super().__init__(value)
        self.value = value

    def __init_subclass__(
        cls, *, value: type[msgspec.Struct], name: str | None = None, **rest: Any
    ) -> None:
        super().__init_subclass__(**rest)
        cls.value_type = value
        # tractor sends the name of the class.
        cls.__name__ = name or cls.__name__
        exceptions: Any = importlib.import_module("tractor._exceptions")
        known = exceptions.get_err_type(cls.__name__)
        # A name that means something to tractor or Python keeps that meaning.
        if known is None or (
            isinstance(known, type) and issubclass(known, DeclaredError)
        ):
            exceptions.reg_err_types([cls])

    @classmethod
    def of(cls, value: msgspec.Struct) -> Self:
        """The error with this value."""
        error = cls.__new__(cls)
        Exception.__init__(error, value)
        error.value = cast("Value", value)
        return error

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).of, (self.value,)

    def __str__(self) -> str:
        return f"{type(self).__name__}: {self.value!r}"

    @property
    def message(self) -> str:
        """What tractor sends as message: the text, and the value in the last line."""
        return f"{self}\n{_VALUE_LINE}{_ENCODER.encode(self.value).hex()}"


def _value_in(message: object) -> bytes | None:
    """The value of a declared error, if the message carries one."""
    if not isinstance(message, str):
        return None
    line = message.rstrip("\n").rpartition("\n")[2]
    if not line.startswith(_VALUE_LINE):
        return None
    try:
        return bytes.fromhex(line.removeprefix(_VALUE_LINE))
    except ValueError:
        return None


def _only(error: BaseException) -> BaseException:
    """The one error in a group, as nurseries raise it."""
    inside: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    return _only(inside[0]) if len(inside) == 1 else error


# Types ------------------------------------------------------------------------------

_ENCODER = msgspec.msgpack.Encoder()


class _Type[T]:
    """A type of the schema while the program runs."""

    def __init__(self, where: str, form: object) -> None:
        self._where = where
        self._form: Any = form

    @cached_property
    def _decoder(self) -> msgspec.msgpack.Decoder[Any]:
        return msgspec.msgpack.Decoder(self._form)

    @cached_property
    def _records(self) -> frozenset[type]:
        """The records that it consists of; none if it has other members."""
        members = list(_members(self._form))
        if all(
            isinstance(it, type) and issubclass(it, msgspec.Struct) for it in members
        ):
            return frozenset(members)
        return frozenset()

    def exact(self, value: object) -> T:
        """The value in this type, with every constraint checked.

        It goes through MessagePack: `msgspec.convert` would take text for bytes.
        """
        try:
            return cast("T", self._decoder.decode(_ENCODER.encode(value)))
        except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
            raise PayloadError(f"{self._where}: {error}") from None

    def read(self, payload: bytes) -> T:
        """The value of these bytes."""
        try:
            return cast("T", self._decoder.decode(payload))
        except msgspec.MsgspecError as error:
            raise PayloadError(f"{self._where}: {error}") from None

    def received(self, value: object) -> T:
        """The same for what tractor has read as some type of the dialog."""
        return cast("T", value) if type(value) in self._records else self.exact(value)


def _members(form: Any) -> Iterator[Any]:
    while isinstance(form, typing.TypeAliasType):
        form = form.__value__
    if isinstance(form, types.UnionType) or typing.get_origin(form) is typing.Union:
        for member in typing.get_args(form):
            yield from _members(member)
    else:
        yield form


def unique(field: str, items: object) -> None:
    """Refuses a list in which a value is there twice; msgspec cannot say that."""
    if isinstance(items, list):
        seen = [_ENCODER.encode(item) for item in cast("list[object]", items)]
        if len(set(seen)) < len(seen):
            raise ValueError(f"{field}: expected values that are there once")


def within(
    field: str,
    value: object,
    *,
    ge: str | None = None,
    le: str | None = None,
    lt: str | None = None,
) -> None:
    """Refuses a decimal out of its range; msgspec cannot say that."""
    if isinstance(value, Decimal) and (
        value.is_nan()
        or (ge is not None and value < Decimal(ge))
        or (le is not None and value > Decimal(le))
        or (lt is not None and value >= Decimal(lt))
    ):
        raise ValueError(f"{field}: {value} is out of range")


class ExtType[T]:
    """A type that travels as an extension value of MessagePack."""

    def __init__(self, code: int, form: object) -> None:
        self.code = code
        self._is_bytes = form is bytes
        self._type = _Type[T](f"extension {code}", form)

    def pack(self, value: T) -> msgspec.msgpack.Ext:
        """The extension value."""
        if self._is_bytes:
            return msgspec.msgpack.Ext(self.code, cast("bytes", value))
        return msgspec.msgpack.Ext(self.code, _ENCODER.encode(self._type.exact(value)))

    def unpack(self, ext: msgspec.msgpack.Ext) -> T:
        """What the extension value holds."""
        if ext.code != self.code:
            raise PayloadError(f"expected extension {self.code}, came {ext.code}")
        data = bytes(ext.data)
        return cast("T", data) if self._is_bytes else self._type.read(data)


# Endpoints --------------------------------------------------------------------------


class _NoStream:
    """No stream in this direction."""


NO_STREAM = _NoStream()


class Endpoint[Args: msgspec.Struct]:
    """What is common to all kinds of endpoint."""

    def __init__(
        self,
        namespace: str,
        name: str,
        arguments: type[Args],
        raises: Iterable[type[DeclaredError[Any]]],
        deadline: float,
    ) -> None:
        self.namespace = namespace
        self.name = name
        self._arguments = _Type[Args](self._where("arguments"), arguments)
        self._raises = {kind.__name__: kind for kind in raises}
        self._deadline = deadline

    def _where(self, phase: str) -> str:
        return f"{self.namespace}.{self.name}, {phase}"

    def _named(self, function: Callable[..., Any]) -> Any:
        """The function under the name that tractor calls it by."""
        function.__module__ = self.namespace
        function.__name__ = function.__qualname__ = self.name
        return function

    def _plain(self, arguments: Args) -> dict[str, Any]:
        """The arguments as tractor sends them: values by their names."""
        plain = msgspec.msgpack.decode(
            _ENCODER.encode(self._arguments.exact(arguments))
        )
        return cast("dict[str, Any]", plain)

    def _by_name(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a handler."""
        try:
            arguments = self._arguments.exact(plain)
        except PayloadError as error:
            # What tractor raises itself for wrong arguments.
            raise TypeError(str(error)) from None
        return {name: getattr(arguments, name) for name in arguments.__struct_fields__}

    @contextlib.contextmanager
    def _calling(self) -> Generator[None]:
        """Turns what tractor raises for a declared error into that error."""
        try:
            yield
        except tractor.RemoteActorError as error:
            declared = self._declared(error.msgdata)
            if declared is None:
                raise
            raise declared from error

    def _declared(self, message: Mapping[str, Any]) -> DeclaredError[Any] | None:
        name = message.get("boxed_type_str")
        kind = self._raises.get(name) if isinstance(name, str) else None
        value = _value_in(message.get("message"))
        # An error that was passed on by another actor was declared to that one.
        if kind is None or value is None or message.get("src_type_str") != name:
            return None
        where = self._where(f"raises {name}")
        return kind.of(_Type[msgspec.Struct](where, kind.value_type).read(value))

    @contextlib.contextmanager
    def _handling(self) -> Generator[None]:
        """Checks the declared error of a handler, also one out of a nursery."""
        try:
            yield
        except BaseException as error:
            declared = _only(error)
            if not isinstance(declared, DeclaredError):
                raise
            declared = cast("DeclaredError[msgspec.Struct]", declared)
            where = self._where(f"raises {type(declared).__name__}")
            _Type[msgspec.Struct](where, declared.value_type).exact(declared.value)
            if declared is error:
                raise
            raise declared from error

    def serve(self, handler: Callable[..., Any]) -> Any:
        """The function that tractor calls, around the method of a handler."""
        raise NotImplementedError


class Fn[Args: msgspec.Struct, Returns](Endpoint[Args]):
    """A `fn`: one answer."""

    def __init__(
        self,
        namespace: str,
        name: str,
        *,
        arguments: type[Args],
        returns: object = None,
        raises: Iterable[type[DeclaredError[Any]]] = (),
        deadline: float = math.inf,
    ) -> None:
        super().__init__(namespace, name, arguments, raises, deadline)
        self._returns = _Type[Returns](self._where("returns"), returns)

    async def call(self, portal: Portal, arguments: Args) -> Returns:
        """Calls it and waits for its answer. A cancel reaches the handler, too."""
        plain = self._plain(arguments)
        with self._calling(), trio.fail_after(self._deadline):
            # What `Portal.run_from_ns` does; but that leaves a handler behind, and
            # takes no arguments that are called like its own parameters.
            ctx = await portal.actor.start_remote_task(
                portal.channel,
                nsf=tractor.msg.NamespacePath(f"{self.namespace}:{self.name}"),
                kwargs=plain,
                portal=portal,
            )
            try:
                answer = tractor.msg.types.Return
                value = await ctx._pld_rx.recv_pld(ipc=ctx, expect_msg=answer)
            except trio.Cancelled:
                with trio.CancelScope(shield=True):
                    await ctx.cancel()
                raise
        return self._returns.exact(value)

    def serve(self, handler: Callable[..., Awaitable[Returns]]) -> Any:
        """The function that tractor calls, around the method of a handler."""

        async def answer(arguments: dict[str, Any]) -> Returns:
            with self._handling():
                return self._returns.exact(await handler(**arguments))

        # Not an async def: wrong arguments are refused before it is said to run.
        def endpoint(**plain: Any) -> Coroutine[Any, Any, Returns]:
            return answer(self._by_name(plain))

        return self._named(inspect.markcoroutinefunction(endpoint))


class Gen[Args: msgspec.Struct, Yields](Endpoint[Args]):
    """A `gen`: a stream to the caller."""

    def __init__(
        self,
        namespace: str,
        name: str,
        *,
        arguments: type[Args],
        yields: object,
        raises: Iterable[type[DeclaredError[Any]]] = (),
        deadline: float = math.inf,
    ) -> None:
        super().__init__(namespace, name, arguments, raises, deadline)
        self._yields = _Type[Yields](self._where("yields"), yields)

        async def endpoint() -> AsyncGenerator[None]:
            yield

        self._stub = self._named(endpoint)

    @contextlib.asynccontextmanager
    async def open(
        self, portal: Portal, arguments: Args
    ) -> AsyncGenerator[AsyncIterator[Yields]]:
        """Opens its stream. Leaving the block ends it."""
        plain = self._plain(arguments)
        with self._calling(), trio.fail_after(self._deadline):
            async with portal.open_stream_from(self._stub, **plain) as stream:
                yield Stream[Never, Yields](self, stream, self._yields)

    def serve(self, handler: Callable[..., AsyncGenerator[Yields]]) -> Any:
        """The function that tractor calls, around the method of a handler."""

        async def items(arguments: dict[str, Any]) -> AsyncGenerator[Yields]:
            with self._handling():
                async with contextlib.aclosing(handler(**arguments)) as stream:
                    async for item in stream:
                        yield item

        def endpoint(**plain: Any) -> AsyncGenerator[Yields]:
            return items(self._by_name(plain))

        return self._named(inspect.markcoroutinefunction(endpoint))


class Context[Args: msgspec.Struct, Started, Accepts, Yields, Returns](Endpoint[Args]):
    """A `context`: a first value, streams both ways, a result."""

    def __init__(
        self,
        namespace: str,
        name: str,
        *,
        arguments: type[Args],
        started: object = None,
        accepts: object = NO_STREAM,
        yields: object = NO_STREAM,
        returns: object = None,
        raises: Iterable[type[DeclaredError[Any]]] = (),
        deadline: float = math.inf,
    ) -> None:
        super().__init__(namespace, name, arguments, raises, deadline)
        self._starts_with_nil = started is None
        self._started = _Type[Started](self._where("started"), started)
        self._accepts = _Type[Accepts](self._where("accepts"), accepts)
        self._yields = _Type[Yields](self._where("yields"), yields)
        self._returns = _Type[Returns](self._where("returns"), returns)
        phases = [
            it for it in (started, accepts, yields, returns) if it is not NO_STREAM
        ]
        # tractor has one type for all phases of a dialog.
        union: Any = typing.Union
        self.pld_spec: Any = union[tuple(phases)]

        async def endpoint(ctx: Any) -> None: ...

        self._stub = self._context(endpoint, "ctx")

    def _context(self, function: Callable[..., Any], ctx: str) -> Any:
        function.__annotations__ = {ctx: tractor.Context}
        return tractor.context(self._named(function), pld_spec=self.pld_spec)

    @contextlib.asynccontextmanager
    async def open(
        self, portal: Portal, arguments: Args
    ) -> AsyncGenerator[Call[Started, Accepts, Yields, Returns]]:
        """Opens a dialog. Leaving the block waits for its end, an error cancels it."""
        plain = self._plain(arguments)
        with self._calling(), trio.fail_after(self._deadline):
            async with portal.open_context(self._stub, **plain) as (ctx, first):
                yield Call(
                    self,
                    ctx,
                    self._started.received(first),
                    (self._accepts, self._yields, self._returns),
                )

    def serve(self, handler: Callable[..., Awaitable[Returns]]) -> Any:
        """The function that tractor calls, around the method of a handler."""

        async def run(ctx: Any, arguments: dict[str, Any]) -> Returns:
            phases = (self._started, self._accepts, self._yields)
            dialog = Dialog(self, ctx, self._starts_with_nil, phases)
            with self._handling():
                value = await handler(dialog, **arguments)
                await dialog.ready()
                return self._returns.exact(value)

        def endpoint(_scipp_ctx: Any, **plain: Any) -> Coroutine[Any, Any, Returns]:
            return run(_scipp_ctx, self._by_name(plain))

        return self._context(inspect.markcoroutinefunction(endpoint), "_scipp_ctx")


class Stream[Out, In]:
    """The stream of a dialog: `async for` what comes, `send` what goes."""

    def __init__(
        self, endpoint: Endpoint[Any], stream: Any, incoming: _Type[In]
    ) -> None:
        self._endpoint = endpoint
        self._stream = stream
        self._incoming = incoming

    async def send(self, item: Out) -> None:
        """Sends an item."""
        await self._stream.send(item)

    async def receive(self) -> In:
        """The next item; `trio.EndOfChannel` after the last one."""
        with self._endpoint._calling():  # pyright: ignore[reportPrivateUsage]
            return self._incoming.received(await self._stream.receive())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> In:
        with self._endpoint._calling():  # pyright: ignore[reportPrivateUsage]
            return self._incoming.received(await anext(self._stream))


class Call[Started, Accepts, Yields, Returns]:
    """The caller's end of a context."""

    def __init__(
        self,
        endpoint: Endpoint[Any],
        ctx: Any,
        started: Started,
        phases: tuple[_Type[Accepts], _Type[Yields], _Type[Returns]],
    ) -> None:
        self.ctx = ctx
        """The `tractor.Context`."""
        self.started = started
        """The first value."""
        self._endpoint = endpoint
        _, self._yields, self._returns = phases

    @contextlib.asynccontextmanager
    async def stream(
        self, *, allow_overruns: bool = False
    ) -> AsyncGenerator[Stream[Accepts, Yields]]:
        """Opens the stream. Leaving the block says that no more is sent or taken."""
        async with self.ctx.open_stream(allow_overruns=allow_overruns) as stream:
            yield Stream[Accepts, Yields](self._endpoint, stream, self._yields)

    async def result(self) -> Returns:
        """Waits for the result. What is still in the stream is dropped."""
        with self._endpoint._calling():  # pyright: ignore[reportPrivateUsage]
            value: object = await self.ctx.wait_for_result()
        if isinstance(value, BaseException):
            raise value
        return self._returns.received(value)

    async def cancel(self) -> None:
        """Asks the handler to stop. The end of the block waits until it has."""
        await self.ctx.cancel()


class Dialog[Started, Accepts, Yields]:
    """The handler's end of a context."""

    def __init__(
        self,
        endpoint: Endpoint[Any],
        ctx: Any,
        starts_with_nil: bool,
        phases: tuple[_Type[Started], _Type[Accepts], _Type[Yields]],
    ) -> None:
        self.ctx = ctx
        """The `tractor.Context`."""
        self._endpoint = endpoint
        self._starts_with_nil = starts_with_nil
        self._has_started = False
        self._started, self._accepts, _ = phases

    async def started(self, value: Started) -> None:
        """Says the first value, for which the caller waits before all else."""
        await self.ctx.started(self._started.exact(value))
        self._has_started = True

    async def ready(self) -> None:
        """Says the first value if it is nil and was not said.

        A caller without one would wait for ever, so that is a mistake of the handler.
        """
        if not self._has_started:
            if not self._starts_with_nil:
                name = f"{self._endpoint.namespace}.{self._endpoint.name}"
                raise RuntimeError(f"{name}: `started` was not called")
            await self.started(cast("Started", None))

    @contextlib.asynccontextmanager
    async def stream(
        self, *, allow_overruns: bool = False
    ) -> AsyncGenerator[Stream[Yields, Accepts]]:
        """Opens the stream. Leaving the block says that no more is sent or taken."""
        await self.ready()
        async with self.ctx.open_stream(allow_overruns=allow_overruns) as stream:
            yield Stream[Yields, Accepts](self._endpoint, stream, self._accepts)


def expose(
    namespace: str, endpoints: Iterable[tuple[Endpoint[Any], Callable[..., Any]]]
) -> str:
    """Makes endpoints callable in this process, under the namespace of their interface.

    tractor looks for them in a module of that name. One that is imported already, or is
    being imported, gets them as functions; otherwise a module is made. Returns the
    namespace, for `enable_modules`.
    """
    module = sys.modules.get(namespace)
    if module is None:
        module = types.ModuleType(namespace, f"Endpoints of `{namespace}`.")
        # tractor adds the folder of each exposed module to the import path.
        module.__file__ = __file__
        sys.modules[namespace] = module
    for endpoint, handler in endpoints:
        function = endpoint.serve(handler)
        function.__scipp__ = True
        there = getattr(module, endpoint.name, None)
        if there is not None and not getattr(there, "__scipp__", False):
            raise RuntimeError(
                f"the module `{namespace}` has a `{endpoint.name}` of its own"
            )
        setattr(module, endpoint.name, function)
    return namespace
