"""What cases say about errors and about the journal of the callee."""

import contextlib
import tractor
import trio


class Caught:
    error: tractor.RemoteActorError


def only(error: BaseException) -> BaseException:
    """The error itself, out of groups of one."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


@contextlib.contextmanager
def raises(names: str, *texts: str):
    """The block must end with a remote error of this type, or one of these (`A|B`), which says these texts."""
    caught = Caught()
    try:
        yield caught
    except (tractor.RemoteActorError, BaseExceptionGroup) as error:
        error = only(error)
        assert isinstance(error, tractor.RemoteActorError), repr(error)
        assert error.boxed_type_str in names.split('|'), (error.boxed_type_str, names)
        for text in texts:
            assert text in error.tb_str, (text, error.tb_str)
        caught.error = error
    else:
        raise AssertionError(f'no {names}')


async def journal(lab, line: str) -> None:
    """The callee's handler ends, its cleanup included, soon."""
    seen = []
    for _ in range(150):
        seen += await lab.portal.run_from_ns('lab.typed', 'journal')
        if line in seen:
            return
        await trio.sleep(0.02)
    raise AssertionError(f'no {line!r} but {seen}')


async def ended(lab, line: str) -> None:
    """The callee's handler has ended already."""
    seen = await lab.portal.run_from_ns('lab.typed', 'journal')
    assert line in seen, (line, seen)
