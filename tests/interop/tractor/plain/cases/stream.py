"""Contexts with streams."""

import tractor
import trio
from lab import loose, typed

from expect import ended, journal, raises


async def caller_stops_first(lab):
    async with lab.portal.open_context(typed.talk, plan='echo') as (ctx, started):
        assert started == 1
        async with ctx.open_stream() as stream:
            for n in (1, 2, 3):
                await stream.send(n)
                assert await stream.receive() == n * 10
        assert await ctx.wait_for_result() == 6


async def callee_stops_first(lab):
    async with lab.portal.open_context(typed.talk, plan='leave 3') as (ctx, _):
        async with ctx.open_stream() as stream:
            assert [n async for n in stream] == [0, 1, 2]
        assert await ctx.wait_for_result() == 3


async def both_stop(lab):
    async with lab.portal.open_context(typed.talk, plan='leave 0') as (ctx, _):
        async with ctx.open_stream():
            pass
        assert await ctx.wait_for_result() == 0


async def result_while_items_come(lab):
    async with lab.portal.open_context(typed.talk, plan='leave 40') as (ctx, _):
        assert await ctx.wait_for_result() == 40


async def items_both_ways_beyond_every_window(lab):
    # Answers pace them: tractor has no other flow control.
    async with lab.portal.open_context(typed.talk, plan='echo') as (ctx, _):
        async with ctx.open_stream() as stream:
            for n in range(1000):
                await stream.send(n)
                if n >= 32:
                    assert await stream.receive() == (n - 32) * 10
            for n in range(968, 1000):
                assert await stream.receive() == n * 10
        assert await ctx.wait_for_result() == 499500


async def items_both_ways_that_nothing_paces(lab):
    # The callee answers each item, and is sent so many that it has no place for them before its answers can leave: what a
    # tractor callee would say at the 65th, ours says after two seconds; unless the caller says so first of our answers.
    with raises('StreamOverrun|ContextCancelled'):
        async with lab.portal.open_context(typed.talk, plan='echo') as (ctx, _):
            async with ctx.open_stream() as stream:
                for n in range(2000):
                    await stream.send(n)
                await trio.sleep(3)


async def callee_reads_late_and_loses_nothing(lab):
    # We keep 64 items and then stop reading from the connection; the sender's transport holds the rest.
    async with lab.portal.open_context(typed.talk, plan='slow') as (ctx, _):
        async with ctx.open_stream() as stream:
            for n in range(500):
                await stream.send(n)
        assert await ctx.wait_for_result() == 124750


async def callee_never_reads(lab):
    with raises('StreamOverrun'):
        async with lab.portal.open_context(typed.talk, plan='deaf') as (ctx, _):
            async with ctx.open_stream() as stream:
                for n in range(100):
                    await stream.send(n)
                await stream.receive()


async def caller_reads_late_and_loses_nothing(lab):
    # We send no more than 48 that are not known to have left the connection; 40 fit whatever happens.
    async with lab.portal.open_context(typed.talk, plan='flood 40') as (ctx, _):
        await trio.sleep(0.3)
        async with ctx.open_stream() as stream:
            assert [n async for n in stream] == list(range(40))
        assert await ctx.wait_for_result() == 40


async def caller_reads_what_floods_it(lab):
    async with lab.portal.open_context(typed.talk, plan='flood 2000', allow_overruns=True) as (ctx, _):
        async with ctx.open_stream() as stream:
            assert [n async for n in stream] == list(range(2000))
        assert await ctx.wait_for_result() == 2000


async def fails(lab):
    with raises('HandlerFailed'):
        async with lab.portal.open_context(typed.talk, plan='error') as (ctx, _):
            async with ctx.open_stream() as stream:
                await stream.send(5)
                assert await stream.receive() == 5
                await stream.receive()


async def fails_as_declared(lab):
    with raises('Refused', 'refused at 7'):
        async with lab.portal.open_context(typed.talk, plan='declared') as (ctx, _):
            async with ctx.open_stream() as stream:
                await stream.send(5)
                assert [n async for n in stream] == [5]


async def panics(lab):
    with raises('HandlerPanicked'):
        async with lab.portal.open_context(typed.talk, plan='panic') as (ctx, _):
            async with ctx.open_stream() as stream:
                await stream.send(5)
                assert [n async for n in stream] == [5]


async def is_cancelled_by_the_caller(lab):
    async with lab.portal.open_context(typed.talk, plan='sleep') as (ctx, _):
        async with ctx.open_stream() as stream:
            await stream.send(1)
            await ctx.cancel()
    assert ctx.cancel_acked
    await ended(lab, 'talk sleep')


async def is_cancelled_and_does_not_listen(lab):
    async with lab.portal.open_context(typed.talk, plan='stuck') as (ctx, _):
        async with ctx.open_stream() as stream:
            await stream.send(1)
            await ctx.cancel()
    assert ctx.cancel_acked
    await ended(lab, 'talk stuck')


async def ends_when_its_caller_fails(lab):
    try:
        async with lab.portal.open_context(typed.talk, plan='sleep') as (ctx, _):
            async with ctx.open_stream() as stream:
                await stream.send(1)
                raise KeyError('the block')
    except KeyError:
        pass
    await ended(lab, 'talk sleep')


async def callee_cancels_itself(lab):
    try:
        async with lab.portal.open_context(typed.talk, plan='cancel') as (ctx, _):
            async with ctx.open_stream() as stream:
                await stream.send(1)
                await stream.receive()
    except tractor.ContextCancelled as cancelled:
        assert cancelled.canceller[0] == 'rustserver', cancelled.canceller
    else:
        raise AssertionError('it returned')


async def item_of_a_wrong_type_for_us(lab):
    with raises('MsgTypeError'):
        async with lab.portal.open_context(typed.talk, plan='echo') as (ctx, _):
            async with ctx.open_stream() as stream:
                await stream.send('text')
                await stream.receive()


async def item_of_a_wrong_type_from_us(lab):
    try:
        async with lab.portal.open_context(loose.talk, plan='wrong item') as (ctx, _):
            async with ctx.open_stream() as stream:
                await stream.receive()
    except tractor.MsgTypeError:
        pass
    else:
        raise AssertionError('it was taken')
    await journal(lab, 'loose wrong item')


async def many_at_once(lab):
    async def one(k):
        async with lab.portal.open_context(typed.talk, plan='echo') as (ctx, _):
            async with ctx.open_stream() as stream:
                for n in range(10):
                    await stream.send(n + k)
                    assert await stream.receive() == (n + k) * 10
            assert await ctx.wait_for_result() == 45 + 10 * k

    async with trio.open_nursery() as nursery:
        for k in range(20):
            nursery.start_soon(one, k)
