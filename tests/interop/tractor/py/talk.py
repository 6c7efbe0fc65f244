"""`talk.py KIND FIRST SECOND KIND FIRST SECOND`: an actor at the second address runs `caller.talk` with the actor at the first."""

import sys
import trio

import caller
import connect


async def main() -> None:
    async with connect.root('guide', sys.argv[4:7], []):
        async with connect.portal(connect.address(sys.argv[1:4])) as portal:
            with trio.fail_after(8):
                await caller.talk(portal)


trio.run(main)
print('over', flush=True)
