"""`parent.py KIND FIRST SECOND KID`: starts a program that is no Python as a child, uses it, and stops it."""

import sys
import trio
import tractor

import connect


async def main() -> None:
    async with connect.root('pyparent', sys.argv[1:4], ['lab.typed', 'lab.loose']):
        # What tractor starts its children with.
        sys.executable = sys.argv[4]
        async with tractor.open_nursery() as nursery:
            kid = await nursery.start_actor('rustkid', enable_modules=['lab.typed'])
            print('called', await kid.run_from_ns('lab.typed', 'call', plan='ok'), flush=True)
            async with tractor.wait_for_actor('rustkid') as found:
                print('found', await found.run_from_ns('lab.typed', 'call', plan='ok'), flush=True)
            await kid.cancel_actor()
        async with tractor.find_actor('rustkid') as found:
            print('left', found, flush=True)


trio.run(main)
print('over', flush=True)
