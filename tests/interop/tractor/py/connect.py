"""Addresses on the command line, and portals to actors at an address."""

import contextlib
import tractor
from tractor.ipc import _connect_chan
from tractor.runtime._portal import open_portal


def address(words: list[str]):
    """`tcp HOST PORT` or `uds FOLDER FILE`."""
    kind, first, second = words
    return (first, int(second)) if kind == 'tcp' else (first, second)


@contextlib.asynccontextmanager
async def portal(at):
    """A connection of its own to the actor at an address."""
    async with _connect_chan(at) as chan, open_portal(chan) as portal:
        yield portal


def root(name: str, words: list[str], modules: list[str]):
    """This process as an actor that listens at an address, with no other registrar than itself."""
    return tractor.open_root_actor(
        name=name,
        registry_addrs=[address(words)],
        enable_transports=[words[0]],
        enable_modules=modules,
        loglevel='critical',
    )
