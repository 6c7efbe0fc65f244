"""`find.py KIND FIRST SECOND`: asks the registrar at an address for actors."""

import sys
import trio
import tractor

import connect


async def call(portal) -> int:
    return await portal.run_from_ns('lab.typed', 'call', plan='ok')


async def main() -> None:
    async with connect.root('pyseeker', sys.argv[1:4], []):
        async with tractor.find_actor('nobody') as found:
            print('nobody is', found, flush=True)
        async with tractor.wait_for_actor('registered') as portal:
            print('waited for', await call(portal), flush=True)
        async with tractor.find_actor('registered') as portal:
            print('found', await call(portal), flush=True)
        sys.stdin.readline()
        async with tractor.find_actor('registered') as found:
            print('then it is', found, flush=True)


trio.run(main)
print('over', flush=True)
