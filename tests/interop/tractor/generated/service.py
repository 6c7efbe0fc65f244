"""`lab.Typed` in Python that was generated. The plans are those of `plain/lab/typed.py`, but for values of wrong types."""

import contextlib
from collections.abc import AsyncGenerator

import connect
import tractor
import trio
from lab_api import lab as api
from lab_api import scipp_tractor as scipp


class Service(api.Typed):
    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextlib.contextmanager
    def noted(self, line: str):
        try:
            yield
        finally:
            self.lines.append(line)

    async def call(self, *, plan: str) -> int:
        with self.noted(f'call {plan}'):
            await act(plan)
            return 42

    async def count(self, *, plan: str, to: int) -> AsyncGenerator[int]:
        with self.noted(f'count {plan}'):
            for n in range(1, to + 1):
                yield n
                if plan == 'sleep':
                    await trio.sleep_forever()
            await act(plan)

    async def quiet(self, dialog: scipp.Dialog[int, scipp.Never, scipp.Never], /, *, plan: str) -> int:
        with self.noted(f'quiet {plan}'):
            early, _, how = plan.partition('early ')
            if how:
                await act(how)
            await dialog.started(1)
            await act(early)
            return 2

    async def talk(self, dialog: scipp.Dialog[int, int, int], /, *, plan: str) -> int:
        with self.noted(f'talk {plan}'):
            word, _, items = plan.partition(' ')
            await dialog.started(1)
            total = 0
            async with dialog.stream() as stream:
                if word == 'leave':
                    for n in range(int(items)):
                        await stream.send(n)
                    return int(items)
                if word != 'echo':
                    await stream.send(await stream.receive())
                    await act(word)
                async for n in stream:
                    total += n
                    await stream.send(n * 10)
            return total

    async def back(self, *, plan: str) -> int:
        portal = tractor.Portal(tractor.current_ipc_ctx().chan)
        return await api.TypedClient(portal).call(plan=plan)

    async def relay(self, *, to: list[str], plan: str) -> int:
        async with connect.portal(connect.address(to)) as portal:
            return await api.TypedClient(portal).call(plan=plan)

    async def journal(self) -> list[str]:
        lines = list(self.lines)
        self.lines.clear()
        return lines


async def act(plan: str) -> None:
    match plan:
        case 'error':
            raise ValueError('said so')
        case 'declared':
            raise api.Refused(at=7)
        case 'sleep':
            await trio.sleep_forever()
