import depot


async def talk(portal):
    there = await portal.run(depot.stock, fruit='apple')
    assert there['pieces'] == 12
    async with portal.open_context(depot.follow, fruit='pear') as (ctx, first):
        assert first['pieces'] == 3
        async with ctx.open_stream() as stream:
            await stream.send(4)
            assert (await stream.receive())['pieces'] == 7
        assert await ctx.wait_for_result() == 7
