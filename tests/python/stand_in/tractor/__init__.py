"""What generated modules use of tractor, for a Python without it: enough to be imported."""

from tractor import _exceptions

__all__ = ["Context", "RemoteActorError", "context", "_exceptions"]


class RemoteActorError(Exception):
    """An error of another actor."""

    def __init__(self, msgdata):
        super().__init__(msgdata["boxed_type_str"])
        self.msgdata = msgdata


class Context:
    """A dialog."""


def context(function, *, pld_spec):
    """Marks an endpoint."""
    function.pld_spec = pld_spec
    return function
