"""One-way streams."""

import trio
from lab import typed

from expect import journal, raises


async def _read(lab, plan, to):
    async with lab.portal.open_stream_from(typed.count, plan=plan, to=to) as stream:
        return [n async for n in stream]


async def is_read_to_its_end(lab):
    assert await _read(lab, 'ok', 5) == [1, 2, 3, 4, 5]


async def is_longer_than_every_window(lab):
    assert await _read(lab, 'ok', 1000) == list(range(1, 1001))


async def is_empty(lab):
    assert await _read(lab, 'ok', 0) == []


async def is_left_early(lab):
    async with lab.portal.open_stream_from(typed.count, plan='sleep', to=5) as stream:
        assert await stream.receive() == 1
    await journal(lab, 'count sleep')


async def is_left_early_and_does_not_listen(lab):
    async with lab.portal.open_stream_from(typed.count, plan='stuck', to=5) as stream:
        assert await stream.receive() == 1
    await journal(lab, 'count stuck')


async def is_left_while_items_come(lab):
    async with lab.portal.open_stream_from(typed.count, plan='ok', to=1000) as stream:
        assert await stream.receive() == 1
    assert await lab.portal.run(typed.call, plan='ok') == 42


async def fails(lab):
    with raises('HandlerFailed'):
        await _read(lab, 'error', 2)


async def fails_as_declared(lab):
    with raises('Refused', 'refused at 7'):
        await _read(lab, 'declared', 2)


async def panics(lab):
    with raises('HandlerPanicked'):
        await _read(lab, 'panic', 2)


async def has_bad_arguments(lab):
    with raises('TypeError', 'to'):
        async with lab.portal.open_stream_from(typed.count, plan='ok', to='text') as stream:
            await stream.receive()
