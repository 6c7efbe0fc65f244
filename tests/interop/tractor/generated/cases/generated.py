"""Generated clients: with an actor of ours, and with one that serves generated Python (`further`)."""

import contextlib

import connect
from expect import raises
from lab_api import lab as api


def _client(lab) -> api.TypedClient:
    return api.TypedClient(lab.portal)


@contextlib.asynccontextmanager
async def _further(lab):
    async with connect.portal(connect.address(lab.further)) as portal:
        yield api.TypedClient(portal)


@contextlib.contextmanager
def _refused():
    try:
        yield
    except api.Refused as error:
        assert error.value == api.RefusedValue(at=7), error.value
    else:
        raise AssertionError('nothing was raised')


def _both(play):
    """Two cases: with Rust, and with generated Python."""

    async def ours(lab):
        await play(_client(lab))

    async def theirs(lab):
        async with _further(lab) as client:
            await play(client)

    name = play.__name__.removeprefix('_')
    globals()[f'{name}_with_rust'] = ours
    globals()[f'{name}_with_python'] = theirs
    return play


@_both
async def _returns(client):
    assert await client.call(plan='ok') == 42


@_both
async def _fails_with_a_value(client):
    with _refused():
        await client.call(plan='declared')


@_both
async def _counts(client):
    async with client.count(plan='ok', to=100) as numbers:
        assert [n async for n in numbers] == list(range(1, 101))


@_both
async def _counts_and_fails(client):
    with _refused():
        async with client.count(plan='declared', to=2) as numbers:
            assert [n async for n in numbers] == [1, 2]


@_both
async def _starts_and_returns(client):
    async with client.quiet(plan='ok') as call:
        assert call.started == 1
        assert await call.result() == 2


@_both
async def _fails_before_it_has_started(client):
    with _refused():
        async with client.quiet(plan='early declared'):
            raise AssertionError('started')


@_both
async def _fails_after_it_has_started(client):
    with _refused():
        async with client.quiet(plan='declared') as call:
            await call.result()


@_both
async def _talks(client):
    async with client.talk(plan='echo') as call:
        assert call.started == 1
        async with call.stream() as stream:
            for n in range(100):
                await stream.send(n)
                assert await stream.receive() == n * 10
        assert await call.result() == 4950


@_both
async def _talks_and_the_callee_stops(client):
    async with client.talk(plan='leave 3') as call:
        async with call.stream() as stream:
            assert [n async for n in stream] == [0, 1, 2]
        assert await call.result() == 3


@_both
async def _talks_and_fails(client):
    with _refused():
        async with client.talk(plan='declared') as call:
            async with call.stream() as stream:
                await stream.send(5)
                assert [n async for n in stream] == [5]


@_both
async def _is_cancelled(client):
    async with client.quiet(plan='sleep') as call:
        await call.cancel()
    assert 'quiet sleep' in await client.journal()


@_both
async def _sends_a_wrong_type(client):
    # Items are checked by their reader.
    with raises('MsgTypeError|PayloadError'):
        async with client.talk(plan='echo') as call:
            async with call.stream() as stream:
                await stream.send('text')
                await stream.receive()


async def an_undeclared_error_keeps_its_name(lab):
    with raises('HandlerFailed'):
        await _client(lab).call(plan='error')


async def is_called_back(lab):
    assert await _client(lab).back(plan='ok') == 42


async def passes_a_result_on(lab):
    assert await _client(lab).relay(to=lab.further, plan='ok') == 42
