"""`check.py PACKAGE < MODEL`: imports a generated package and holds it against the model of its schemas.

Every type that a plain peer reads is given to msgspec, and every value of an example is read from the bytes that the
compiler expects, and written as them. Without tractor a stand-in is enough.
"""

import importlib
import importlib.util
import json
import pathlib
import pkgutil
import sys

import msgspec

if importlib.util.find_spec("tractor") is None:
    sys.path.insert(0, str(pathlib.Path(__file__).parent / "stand_in"))

sys.path.insert(0, str(pathlib.Path.cwd()))
package = importlib.import_module(sys.argv[1])
support = importlib.import_module(f"{sys.argv[1]}.scipp_tractor")

modules = [
    importlib.import_module(it.name)
    for it in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]
endpoints = {
    (it.namespace, it.name): it
    for module in modules
    for it in vars(module).values()
    if isinstance(it, support.Endpoint)
}
types = 0
for endpoint in endpoints.values():
    for phase in ("_arguments", "_started", "_accepts", "_yields", "_returns"):
        held = getattr(endpoint, phase, None)
        if held is not None and held._form is not support.NO_STREAM:
            held._decoder
            types += 1
    if hasattr(endpoint, "pld_spec"):
        msgspec.msgpack.Decoder(endpoint.pld_spec)
    for error in endpoint._raises.values():
        msgspec.msgpack.Decoder(error.value_type)
        assert support.tractor._exceptions.get_err_type(error.__name__) is not None, error

values = 0
wrong = []
for described in json.load(sys.stdin)["packages"]:
    for item in described["items"]:
        for about in item.get("endpoints", ()):
            endpoint = endpoints.get((item.get("namespace"), about["wire"]))
            if endpoint is None:
                assert about["options"]["peers_scipp_only"], f"{item['name']}.{about['name']} is missing"
                continue
            for example in about["examples"]:
                for step in example["steps"]:
                    where = f"{endpoint.namespace}.{endpoint.name}, {example['title']!r}, {step['phase']}"
                    expected = bytes.fromhex(step["bytes"])
                    if step["phase"] == "raises":
                        raised = list(endpoint._raises.values())[step["value"].get("member", 0)]
                        held = support._Type(where, raised.value_type)
                    else:
                        phase = {"call": "arguments"}.get(step["phase"], step["phase"])
                        held = getattr(endpoint, f"_{phase}", None) or support._Type(where, None)
                    value = held.read(expected)
                    came = support._ENCODER.encode(held.exact(value))
                    if came != expected:
                        wrong.append(f"{where}: expected {expected.hex()}, came {came.hex()}")
                    if step["phase"] == "raises":
                        # As tractor carries it.
                        name = raised.__name__
                        error = raised.of(value)
                        assert error.message == f"{error}\nscipp-value: {expected.hex()}", where
                        told = {"boxed_type_str": name, "src_type_str": name, "message": error.message}
                        assert endpoint._declared(told).value == value, where
                        assert endpoint._declared(told | {"src_type_str": "Other"}) is None, where
                        assert endpoint._declared(told | {"message": str(error)}) is None, where
                    values += 1
print("\n".join(wrong) or f"{len(modules)} modules, {len(endpoints)} endpoints, {types} types, {values} values")
sys.exit(bool(wrong))
