"""Good and hostile configuration files for config.test."""
import json
import sys

sys.dont_write_bytecode = True
from driver import Driver  # noqa: E402

d = Driver(sys.argv[1])
text = """{
  "hidden_size": 384, "layer_norm_eps": 1e-12, "half": 0.5, "two": 2.0, "big": 9223372036854775807, "over": 9223372036854775808, "over_too": 9223372036854775808.0,
  "use_cache": true, "model_type": "bert", "none": null, "t\\u0065xt": "caf\\u00e9",
  "architectures": ["BertModel", "x"], "sizes": [1, 2, 3], "mixed": [1, "2"], "rates": [1, 0.25], "flags": [true, false], "empty": [],
  "rope": {"scaling": {"factor": 4}, "a.b": 7}, "dotted.key": 8, "rope.scaling": {"odd": 9}
}
"""
path = d.write("config.json", text.encode())


def ask(kind, key, fails=False):
    d.run(kind + " " + key, ["config", path, kind, key], fails)


ask("integer", "hidden_size")
ask("integer", "big")
ask("integer", "two")
ask("number", "layer_norm_eps")
ask("number", "hidden_size")
ask("bool", "use_cache")
ask("string", "model_type")
ask("string", "text")
ask("strings", "architectures")
ask("integers", "sizes")
ask("numbers", "rates")
ask("bools", "flags")
ask("integers", "empty")
ask("integer", "rope.scaling.factor")
ask("integer", "rope.a.b")
ask("integer", "dotted.key")
ask("integer", "rope.scaling.odd")

ask("integer", "hidden_sizes", fails=True)
ask("integer", "scaling.factor", fails=True)
ask("integer", "unlike_any_other", fails=True)
ask("integer", "hidden_size.x", fails=True)
ask("integer", "", fails=True)
ask("integer", "half", fails=True)
ask("integer", "over", fails=True)
ask("integer", "over_too", fails=True)
ask("integer", "model_type", fails=True)
ask("integer", "use_cache", fails=True)
ask("integer", "none", fails=True)
ask("integer", "rope", fails=True)
ask("integer", "sizes", fails=True)
ask("number", "model_type", fails=True)
ask("bool", "hidden_size", fails=True)
ask("string", "hidden_size", fails=True)
ask("integers", "hidden_size", fails=True)
ask("integers", "mixed", fails=True)
ask("integers", "rates", fails=True)
ask("strings", "sizes", fails=True)


def bad(title, contents):
    d.run(title, ["config", d.write(title + ".json", contents), "integer", "a"])


bad("empty-file", b"")
bad("list", b"[1]")
bad("number", b"1")
bad("comment", b'{"a": 1} // why')
bad("trailing-comma", b'{"a": 1,}')
bad("single-quotes", b"{'a': 1}")
bad("unterminated", b'{"a": "x')
bad("ends-in-escape", b'{"a": "\\')
bad("second-line", b'{\n  "a": 1,\n  "b": nope\n}')
bad("key-twice", b'{\n  "a": 1,\n  "b": {"a": 2},\n  "a": 3\n}')
bad("key-twice-escaped", b'{"ab": 1, "\\u0061b": 2}')
bad("deep-lists", b'{"a": ' + b"[" * 100000 + b"}")
bad("deep-objects", b'{"a":' * 65 + b"1" + b"}" * 65)
bad("not-utf8", b'{"a": "\xff"}')
bad("utf16", '{"a": 1}'.encode("utf-16"))
d.run("deep-enough", ["config", d.write("deep-enough.json", b'{"a":' * 64 + b"1" + b"}" * 64), "integer", ".".join("a" * 64)], fails=False)
with open(d.folder + "/large.json", "wb") as file:
    file.truncate((16 << 20) + 1)
d.run("large", ["config", d.folder + "/large.json", "integer", "a"])
d.run("missing", ["config", d.folder + "/none.json", "integer", "a"])
d.end()
