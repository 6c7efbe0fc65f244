"""Calls: one value back, or an error."""

import tractor
import trio
from lab import loose, typed

from expect import journal, raises


async def returns(lab):
    assert await lab.portal.run(typed.call, plan='ok') == 42


async def returns_many(lab):
    async def one():
        assert await lab.portal.run(typed.call, plan='ok') == 42

    async with trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(one)


async def returns_any_type(lab):
    assert await lab.portal.run(loose.call, plan='ok') == 'text'


async def fails(lab):
    with raises('HandlerFailed'):
        await lab.portal.run(typed.call, plan='error')
    await journal(lab, 'call error')


async def fails_as_declared(lab):
    with raises('Refused', 'refused at 7') as failed:
        await lab.portal.run(typed.call, plan='declared')
    assert failed.error.src_uid[0] == 'rustserver'


async def panics(lab):
    with raises('HandlerPanicked'):
        await lab.portal.run(typed.call, plan='panic')
    await journal(lab, 'call panic')


async def module_is_not_exposed(lab):
    with raises('ModuleNotExposed') as failed:
        await lab.portal.run_from_ns('lab.hidden', 'call', plan='ok')
    assert failed.error.boxed_type is tractor.ModuleNotExposed


async def function_is_unknown(lab):
    with raises('AttributeError'):
        await lab.portal.run_from_ns('lab.typed', 'missing', plan='ok')


async def arguments_are_missing(lab):
    with raises('TypeError', 'plan'):
        await lab.portal.run_from_ns('lab.typed', 'call')


async def arguments_are_of_a_wrong_type(lab):
    with raises('TypeError', 'plan'):
        await lab.portal.run_from_ns('lab.typed', 'call', plan=7)


async def runtime_method_is_unknown(lab):
    with raises('ModuleNotExposed'):
        await lab.portal.run_from_ns('self', 'nothing_like_this')


async def is_cancelled(lab):
    # tractor does not tell the callee of a call that its caller has gone: the connection's end does.
    async with lab.connection() as portal:
        with trio.move_on_after(0.2) as waited:
            await portal.run(typed.call, plan='sleep')
        assert waited.cancelled_caught
    await journal(lab, 'call sleep')
