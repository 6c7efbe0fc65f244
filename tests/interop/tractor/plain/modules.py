"""Plain tractor functions: what `serve.py` and `call.py` offer."""

MODULES = ['lab.typed', 'lab.loose']
