"""Facts about tractor, with tractor on both ends: what our side can do nothing about, and what docs/tractor.md advises."""

import connect
import trio
from lab import typed


def _pair(lab):
    """From this Python to another."""
    return connect.portal(connect.address(lab.further))


async def late_items_hide_the_result(lab):
    async with _pair(lab) as portal:
        async with portal.open_context(typed.talk, plan='leave 10') as (ctx, _):
            await trio.sleep(0.2)
            async with ctx.open_stream() as stream:
                assert await stream.receive() == 0
        # When this fails, tractor has got better, and the advice can go.
        assert getattr(ctx.outcome, '__name__', None) == 'Unresolved', ctx.outcome


async def a_stream_that_is_read_to_its_end_hides_nothing(lab):
    async with _pair(lab) as portal:
        async with portal.open_context(typed.talk, plan='leave 10') as (ctx, _):
            async with ctx.open_stream() as stream:
                assert [n async for n in stream] == list(range(10))
        assert ctx.outcome == 10
