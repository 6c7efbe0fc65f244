"""`call.py KIND FIRST SECOND`: an actor that plays cases as a caller. A line of JSON on standard input names a case and the
addresses of the actor to call and of one further away; a line on standard output says how it went."""

import importlib
import inspect
import json
import pkgutil
import sys
import traceback
import trio

import cases
import connect
import modules

DEADLINE = 8
"""Seconds for a case."""


class Lab:
    """What a case gets: a portal to the other actor, its address, and the address of a Python actor further away."""

    def __init__(self, at, portal, further):
        self.at, self.portal, self.further = at, portal, further

    def connection(self):
        """A further connection to the same actor."""
        return connect.portal(self.at)


def every_case():
    for module in sorted(module.name for module in pkgutil.iter_modules(cases.__path__)):
        for name, case in inspect.getmembers(importlib.import_module(f'cases.{module}'), inspect.iscoroutinefunction):
            if case.__module__ == f'cases.{module}' and not name.startswith('_'):
                yield f'{module}.{name}', case


async def play(case, words, further) -> str:
    at = connect.address(words)
    try:
        with trio.fail_after(DEADLINE):
            async with connect.portal(at) as portal:
                await case(Lab(at, portal, further))
        return 'ok'
    except BaseException:
        return traceback.format_exc()


async def main() -> None:
    known = dict(every_case())
    async with connect.root('pycaller', sys.argv[1:4], modules.MODULES):
        print(json.dumps(list(known)), flush=True)
        stdin, rest = trio.lowlevel.FdStream(0), b''
        while came := await stdin.receive_some():
            *lines, rest = (rest + came).split(b'\n')
            for line in lines:
                asked = json.loads(line)
                print(json.dumps(await play(known[asked['case']], asked['at'], asked['further'])), flush=True)


trio.run(main)
