"""Errors by their names."""

import builtins

_known = {}


def get_err_type(name):
    return getattr(builtins, name, None) or _known.get(name)


def reg_err_types(types):
    _known.update({it.__name__: it for it in types})
