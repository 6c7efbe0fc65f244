"""Several connections to one actor, dialogs the other way, and errors from further away."""

import tractor
import trio
from lab import typed

from expect import raises


async def two_to_one_actor(lab):
    async with (
        lab.connection() as second,
        lab.portal.open_context(typed.talk, plan='echo') as (one, _),
        one.open_stream() as first,
    ):
        async with second.open_context(typed.talk, plan='echo') as (two, _):
            async with two.open_stream() as other:
                await other.send(1)
                await first.send(2)
                assert (await first.receive(), await other.receive()) == (20, 10)
                await two.cancel()
        await first.send(3)
        assert await first.receive() == 30


async def is_called_back(lab):
    assert await lab.portal.run(typed.back, plan='ok') == 42


async def is_called_back_and_fails(lab):
    # The error began here: its type and its origin come back as they left.
    with raises('ValueError', 'said so') as failed:
        await lab.portal.run(typed.back, plan='error')
    assert failed.error.src_uid[0] == 'pycaller', failed.error.src_uid
    assert [uid[0] for uid in failed.error.relay_path] == ['pycaller', 'rustserver']


async def passes_a_result_on(lab):
    assert await lab.portal.run(typed.relay, to=lab.further, plan='ok') == 42


async def passes_an_error_on(lab):
    with raises('ValueError', 'said so') as failed:
        await lab.portal.run(typed.relay, to=lab.further, plan='error')
    assert failed.error.boxed_type is ValueError
    assert failed.error.src_uid[0] == 'pyserver', failed.error.src_uid
    assert [uid[0] for uid in failed.error.relay_path] == ['pyserver', 'relay', 'rustserver'] or [
        uid[0] for uid in failed.error.relay_path
    ] == ['pyserver', 'rustserver'], failed.error.relay_path


async def passes_a_cancel_on(lab):
    async with trio.open_nursery() as nursery:

        async def wait():
            async with lab.connection() as portal:
                with trio.move_on_after(0.3):
                    await portal.run(typed.relay, to=lab.further, plan='sleep')

        nursery.start_soon(wait)
    assert await lab.portal.run(typed.call, plan='ok') == 42
