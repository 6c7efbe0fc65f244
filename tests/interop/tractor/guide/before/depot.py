import tractor

STOCK = {'apple': 12, 'pear': 3}


async def stock(fruit: str):
    return {'fruit': fruit, 'pieces': STOCK[fruit]}


@tractor.context
async def follow(ctx: tractor.Context, fruit: str):
    pieces = STOCK[fruit]
    await ctx.started({'fruit': fruit, 'pieces': pieces})
    async with ctx.open_stream() as stream:
        async for delivery in stream:
            pieces += delivery
            await stream.send({'fruit': fruit, 'pieces': pieces})
    return pieces
