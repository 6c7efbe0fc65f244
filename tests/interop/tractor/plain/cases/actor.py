"""Whole actors that are asked to stop, or go. Each case has a Rust actor of its own; what it does says the name's end."""

import tractor
import trio
from lab import typed

from expect import only, raises


async def is_not_stopped_by_peers(lab):
    with raises('ModuleNotExposed'):
        await lab.portal.cancel_actor()
    assert await lab.portal.run(typed.call, plan='ok') == 42


async def is_stopped_by_a_peer__stoppable(lab):
    assert await lab.portal.cancel_actor()


async def is_stopped_with_a_context__stoppable(lab):
    async with lab.connection() as other:
        try:
            async with lab.portal.open_context(typed.quiet, plan='sleep') as (ctx, _):
                assert await other.cancel_actor()
                await ctx.wait_for_result()
        except tractor.ContextCancelled as cancelled:
            assert cancelled.canceller is not None


async def _gets_an_end(lab):
    """Dialogs at every stage; each must end, in whatever way."""
    ends = []

    async def call():
        await lab.portal.run(typed.call, plan='sleep')

    async def gen():
        async with lab.portal.open_stream_from(typed.count, plan='sleep', to=5) as stream:
            async for _ in stream:
                pass
        raise tractor.TransportClosed('a gen has no other end than Stop')

    async def opening():
        async with lab.portal.open_context(typed.quiet, plan='early sleep') as (ctx, _):
            await ctx.wait_for_result()

    async def context():
        async with lab.portal.open_context(typed.quiet, plan='sleep') as (ctx, _):
            await ctx.wait_for_result()

    async def stream():
        async with lab.portal.open_context(typed.talk, plan='sleep') as (ctx, _):
            async with ctx.open_stream() as stream:
                await stream.send(1)
                await stream.receive()

    async def stuck():
        async with lab.portal.open_context(typed.quiet, plan='stuck') as (ctx, _):
            await ctx.wait_for_result()

    async def play(dialog):
        try:
            await dialog()
        except (tractor.RemoteActorError, tractor.TransportClosed, BaseExceptionGroup) as error:
            ends.append((dialog.__name__, type(only(error)).__name__))

    async with trio.open_nursery() as nursery:
        for dialog in (call, gen, opening, context, stream, stuck):
            nursery.start_soon(play, dialog)
    assert len(ends) == 6, ends


async def shuts_down__leaving(lab):
    await _gets_an_end(lab)


async def drops_its_server__dropping(lab):
    await _gets_an_end(lab)


async def ends_its_runtime__aborting(lab):
    await _gets_an_end(lab)


async def is_sent_garbage(lab):
    """A peer of another version, say: its connection is closed, and its dialogs end before."""

    async def shout():
        await trio.sleep(0.5)
        await lab.portal.chan.transport.stream.send_all(b'\x05\x00\x00\x00\x85oops')

    async with trio.open_nursery() as nursery:
        nursery.start_soon(shout)
        await _gets_an_end(lab)
