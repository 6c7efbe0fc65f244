"""`lab.Typed`, filled in: what `serve.py` and `call.py` offer."""

from service import Service
from lab_api import lab as api

MODULES = [api.expose_typed(Service())]
