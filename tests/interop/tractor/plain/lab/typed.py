"""The endpoints of `lab.Typed` as plain tractor functions, without payload types."""

import contextlib
import trio
import tractor

import connect

JOURNAL: list[str] = []


class Refused(Exception):
    """The declared error of the schema, as a plain Python exception."""


@contextlib.contextmanager
def noted(name: str):
    try:
        yield
    finally:
        JOURNAL.append(name)


def fail(plan: str) -> None:
    if plan == 'error':
        raise ValueError('said so')
    if plan == 'declared':
        raise Refused('refused at 7')


async def call(plan: str):
    with noted(f'call {plan}'):
        fail(plan)
        if plan == 'sleep':
            await trio.sleep_forever()
        return 'text' if plan == 'wrong' else 42


async def count(plan: str, to: int):
    with noted(f'count {plan}'):
        for n in range(1, to + 1):
            yield 'text' if plan == 'wrong' and n == 2 else n
            if plan == 'sleep':
                await trio.sleep_forever()
        fail(plan)


@tractor.context
async def quiet(ctx: tractor.Context, plan: str):
    with noted(f'quiet {plan}'):
        match plan.split():
            case ['early', 'sleep']:
                await trio.sleep_forever()
            case ['early', how]:
                fail(how)
            case ['unstarted']:
                return 2
        await ctx.started('text' if plan == 'wrong started' else 1)
        match plan:
            case 'sleep':
                await trio.sleep_forever()
            case 'cancel':
                await ctx.cancel()
                await trio.sleep_forever()
            case 'late cancel':
                await trio.sleep(0.3)
                await ctx.cancel()
                await trio.sleep_forever()
        fail(plan)
        return 'text' if plan == 'wrong returns' else 2


@tractor.context
async def talk(ctx: tractor.Context, plan: str):
    with noted(f'talk {plan}'):
        word, *rest = plan.split()
        items = int(rest[0]) if rest else 0
        await ctx.started(1)
        if word == 'deaf':
            # Without a stream what comes is never read.
            await trio.sleep_forever()
        total = 0
        async with ctx.open_stream(**({'msg_buffer_size': items} if word == 'slow' else {})) as stream:
            match word:
                case 'leave' | 'flood':
                    for n in range(items):
                        await stream.send(n)
                    total = items
                case 'linger':
                    # Sends to the end, whatever the caller does.
                    for n in range(items):
                        await stream.send(n)
                        await trio.sleep(0.01)
                    total = items
                case 'item':
                    await stream.send('text')
                    await trio.sleep_forever()
                case 'error' | 'declared':
                    await stream.send(await stream.receive())
                    fail(word)
                case 'cancel':
                    await stream.receive()
                    await ctx.cancel()
                    await trio.sleep_forever()
                case 'sleep':
                    await stream.receive()
                    await trio.sleep_forever()
                case 'slow':
                    await trio.sleep(0.5)
                    async for n in stream:
                        total += n
                case _:
                    async for n in stream:
                        total += n
                        await stream.send(n * 10)
        return total


async def back(plan: str):
    chan = tractor.current_ipc_ctx().chan if hasattr(tractor, 'current_ipc_ctx') else None
    return await tractor.Portal(chan).run(call, plan=plan)


async def relay(to: list[str], plan: str):
    async with connect.portal(connect.address(to)) as portal:
        return await portal.run(call, plan=plan)


async def journal():
    lines = list(JOURNAL)
    JOURNAL.clear()
    return lines
