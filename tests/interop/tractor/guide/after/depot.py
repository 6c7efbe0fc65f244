from depot_api import depot as api
from depot_api import scipp_tractor as scipp

STOCK = {'apple': 12, 'pear': 3}


class Fruit(api.Depot):
    async def stock(self, *, fruit: str) -> api.Stock:
        return api.Stock(fruit=fruit, pieces=pieces_of(fruit))

    async def follow(
        self,
        dialog: scipp.Dialog[api.Stock, int, api.Stock],
        /,
        *,
        fruit: str,
    ) -> int:
        pieces = pieces_of(fruit)
        await dialog.started(api.Stock(fruit=fruit, pieces=pieces))
        async with dialog.stream() as stream:
            async for delivery in stream:
                pieces += delivery
                await stream.send(api.Stock(fruit=fruit, pieces=pieces))
        return pieces


def pieces_of(fruit: str) -> int:
    if fruit not in STOCK:
        raise api.NoSuchFruit(fruit=fruit)
    return STOCK[fruit]


api.expose_depot(Fruit())
