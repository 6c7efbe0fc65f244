"""The endpoints of `lab.Loose` with payload types: integers, and nothing else."""

import trio
import tractor


async def call(plan: str):
    return 'text'


@tractor.context(pld_spec=int | None)
async def talk(ctx: tractor.Context, plan: str):
    match plan:
        case 'wrong started':
            await ctx.started('text')
        case 'unchecked started':
            await ctx.started('text', validate_pld_spec=False)
    await ctx.started(1)
    total = 0
    async with ctx.open_stream() as stream:
        if plan == 'wrong item':
            await stream.send('text')
            await trio.sleep_forever()
        async for n in stream:
            total += n
    return 'text' if plan == 'wrong returns' else total
