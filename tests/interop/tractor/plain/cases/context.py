"""Contexts without streams."""

import tractor
import trio
from lab import loose, typed

from expect import ended, journal, only, raises


async def starts_and_returns(lab):
    async with lab.portal.open_context(typed.quiet, plan='ok') as (ctx, started):
        assert started == 1
        assert await ctx.wait_for_result() == 2


async def returns_at_the_end_of_its_block(lab):
    async with lab.portal.open_context(typed.quiet, plan='ok') as (ctx, started):
        pass
    assert ctx.outcome == 2


async def fails_before_it_has_started(lab):
    with raises('HandlerFailed'):
        async with lab.portal.open_context(typed.quiet, plan='early error'):
            raise AssertionError('started')


async def fails_as_declared_before_it_has_started(lab):
    with raises('Refused', 'refused at 7'):
        async with lab.portal.open_context(typed.quiet, plan='early declared'):
            raise AssertionError('started')


async def panics_before_it_has_started(lab):
    with raises('HandlerPanicked'):
        async with lab.portal.open_context(typed.quiet, plan='early panic'):
            raise AssertionError('started')


async def fails_after_it_has_started(lab):
    with raises('HandlerFailed'):
        async with lab.portal.open_context(typed.quiet, plan='error') as (ctx, _):
            await ctx.wait_for_result()


async def fails_as_declared(lab):
    with raises('Refused', 'refused at 7'):
        async with lab.portal.open_context(typed.quiet, plan='declared') as (ctx, _):
            await ctx.wait_for_result()


async def panics(lab):
    with raises('HandlerPanicked'):
        async with lab.portal.open_context(typed.quiet, plan='panic') as (ctx, _):
            await ctx.wait_for_result()


async def never_starts_and_returns(lab):
    with raises('HandlerFailed'):
        async with lab.portal.open_context(typed.quiet, plan='unstarted'):
            raise AssertionError('started')


async def has_bad_arguments(lab):
    with raises('TypeError', 'plan'):
        async with lab.portal.open_context(typed.quiet, plan=7):
            raise AssertionError('started')


async def is_cancelled_by_the_caller(lab):
    async with lab.portal.open_context(typed.quiet, plan='sleep') as (ctx, _):
        await ctx.cancel()
    assert ctx.cancel_acked
    await ended(lab, 'quiet sleep')


async def is_cancelled_and_does_not_listen(lab):
    async with lab.portal.open_context(typed.quiet, plan='stuck') as (ctx, _):
        await ctx.cancel()
    assert ctx.cancel_acked
    await ended(lab, 'quiet stuck')


async def is_cancelled_before_it_has_started(lab):
    with trio.move_on_after(0.3) as waited:
        async with lab.portal.open_context(typed.quiet, plan='early sleep'):
            raise AssertionError('started')
    assert waited.cancelled_caught


async def is_cancelled_from_around(lab):
    with trio.move_on_after(0.3) as waited:
        async with lab.portal.open_context(typed.quiet, plan='sleep') as (ctx, _):
            await trio.sleep_forever()
    assert waited.cancelled_caught
    await journal(lab, 'quiet sleep')


async def ends_when_its_caller_fails(lab):
    try:
        async with lab.portal.open_context(typed.quiet, plan='sleep') as (ctx, _):
            raise KeyError('the block')
    except (KeyError, BaseExceptionGroup) as error:
        assert isinstance(only(error), KeyError), repr(error)
    else:
        raise AssertionError('the error is gone')
    await ended(lab, 'quiet sleep')


async def cancels_itself(lab):
    try:
        async with lab.portal.open_context(typed.quiet, plan='cancel') as (ctx, _):
            await ctx.wait_for_result()
    except tractor.ContextCancelled as cancelled:
        assert cancelled.canceller[0] == 'rustserver', cancelled.canceller
    else:
        raise AssertionError('it returned')


async def is_cancelled_by_both(lab):
    try:
        async with lab.portal.open_context(typed.quiet, plan='late cancel') as (ctx, _):
            await trio.sleep(0.3)
            await ctx.cancel()
    except tractor.ContextCancelled as cancelled:
        assert cancelled.canceller[0] == 'rustserver', cancelled.canceller


async def starts_with_a_wrong_type(lab):
    try:
        async with lab.portal.open_context(loose.talk, plan='wrong started'):
            raise AssertionError('started')
    except tractor.MsgTypeError:
        pass
    await journal(lab, 'loose wrong started')


async def returns_a_wrong_type(lab):
    try:
        async with lab.portal.open_context(loose.talk, plan='wrong returns') as (ctx, _):
            async with ctx.open_stream():
                pass
            await ctx.wait_for_result()
    except tractor.MsgTypeError:
        pass
    else:
        raise AssertionError('it was taken')
    await journal(lab, 'loose wrong returns')
