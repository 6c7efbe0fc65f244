"""Programs that use a generated package, for type checkers: each phase has exactly the type that the schema gives it."""

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import assert_type

from market_api import scipp_tractor as scipp
from market_api.market import feed
from market_api.market.common import Money, Symbol


def quote(symbol: Symbol) -> feed.Quote:
    """A quote with all that has no default."""
    level = feed.Level(px=Decimal("99.50"), qty=1.0)
    fee = Money(amount=Decimal(1), currency="EUR")
    return feed.Quote(symbol=symbol, bid=level, ask=level, at=datetime.now(UTC), fee=fee)


async def call(portal: scipp.Portal) -> None:
    """Holds a dialog of each kind."""
    market = feed.FeedClient(portal)
    symbol = Symbol("ACME")
    try:
        assert_type(await market.last(symbol=symbol), feed.Quote)
    except feed.UnknownSymbol as error:
        assert_type(error.value.symbol, Symbol)
    async with market.replay(symbol=symbol, since=datetime.now(UTC)) as quotes:
        assert_type(quotes, AsyncIterator[feed.Quote])
        async for item in quotes:
            assert_type(item.venue, feed.Venue)
    async with market.watch(symbols=[symbol]) as dialog:
        assert_type(dialog.started, feed.Snapshot)
        async with dialog.stream() as stream:
            await stream.send(feed.Drop(symbols=[symbol]))
            await stream.send(feed.Halt(symbol=symbol, reason=feed.HaltReason.news))  # wrong
            async for tick in stream:
                assert_type(tick, feed.Quote | feed.Halt)
        assert_type(await dialog.result(), feed.Summary)


class Book(feed.Feed):
    """A handler."""

    async def last(self, *, symbol: Symbol) -> feed.Quote:
        """A quote."""
        if symbol == "NONE":
            raise feed.UnknownSymbol(symbol=symbol)
        return quote(symbol)

    async def replay(
        self, *, symbol: Symbol, since: datetime, limit: int
    ) -> AsyncGenerator[feed.Quote]:
        """Quotes."""
        assert_type(limit, int)
        yield quote(symbol)

    async def watch(
        self,
        dialog: scipp.Dialog[feed.Snapshot, feed.Follow | feed.Drop, feed.Tick],
        /,
        *,
        symbols: list[Symbol],
    ) -> feed.Summary:
        """Ticks."""
        await dialog.started(feed.Snapshot(quotes={it: quote(it) for it in symbols}))
        async with dialog.stream() as stream:
            await stream.send(quote(Symbol("ACME")))
            async for item in stream:
                assert_type(item, feed.Follow | feed.Drop)
        return feed.Summary(ticks=1, took=timedelta(seconds=1))


def serve() -> str:
    """The namespace that tractor is told."""
    return feed.expose_feed(Book())


def unfinished() -> feed.Feed:
    """A handler without its methods is none."""

    class Unfinished(feed.Feed):
        """Nothing."""

    return Unfinished()  # wrong
