from depot_api import depot as api


async def talk(portal):
    depot = api.DepotClient(portal)
    there = await depot.stock(fruit='apple')
    assert there == api.Stock(fruit='apple', pieces=12)
    try:
        await depot.stock(fruit='plum')
    except api.NoSuchFruit as error:
        assert error.value.fruit == 'plum'
    else:
        raise AssertionError('plums are new')
    async with depot.follow(fruit='pear') as call:
        assert call.started.pieces == 3
        async with call.stream() as stream:
            await stream.send(4)
            assert (await stream.receive()).pieces == 7
        assert await call.result() == 7
