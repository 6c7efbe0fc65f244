"""`serve.py KIND FIRST SECOND`: serves the `modules` of its folder at an address until its standard input ends, or somebody cancels it."""

import sys
import trio

import connect
import modules


async def until_input_ends(over: trio.CancelScope) -> None:
    stdin = trio.lowlevel.FdStream(0)
    while await stdin.receive_some():
        pass
    over.cancel()


async def main() -> None:
    async with connect.root('pyserver', sys.argv[1:4], modules.MODULES) as actor:
        print('ready', flush=True)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(until_input_ends, nursery.cancel_scope)
            # A root actor that a peer has cancelled takes no more calls; to end is up to its program.
            while not actor.cancel_complete:
                await trio.sleep(0.05)
            nursery.cancel_scope.cancel()


trio.run(main)
print('over', flush=True)
