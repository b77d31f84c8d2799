"""explained.py EXPLAIN.json BENCH.json: checks what explain says against bench and itself."""

import json
import sys

explained = json.load(open(sys.argv[1]))
bench = json.load(open(sys.argv[2]))
(entry,) = explained["entries"]
names = {kernel["name"] for kernel in explained["kernels"]}
assert entry["dims"] and all(call["kernel"] in names for call in entry["calls"])
flop = sum(call["flop"]["value"] for call in entry["calls"])
assert abs(flop / 1e9 - bench["gflop"]) < 1e-12, (flop, bench["gflop"])
assert {k["name"]: k["calls"] for k in bench["kernels"]} == {
    name: sum(call["kernel"] == name for call in entry["calls"]) for name in names}
total = sum(buffer["bytes"]["value"] for buffer in entry["buffers"])
assert total == entry["workspace_bytes"]["value"]
assert all(0 <= at < len(entry["calls"]) for buffer in entry["buffers"] for at in buffer["calls"])
for call in entry["calls"]:
    assert call["read_bytes"]["value"] > 0 and call["written_bytes"]["value"] > 0
    assert all(place["line"].count(":") >= 1 for place in call["places"]) and call["places"]
for kernel in explained["kernels"]:
    assert kernel["kind"] in ("contraction", "rows", "pointwise") and kernel["loops"] and kernel["ops"], kernel
assert {m["category"] for m in entry["missed"]} >= {"fusion"}
assert all(m["reason"] and m["suggestion"] and m["at"] for m in entry["missed"])
assert explained["weights"] == [] and explained["code_bytes"] > 0 and explained["target"].startswith("x86-64")
print(len(entry["calls"]), "calls of", len(names), "kernels")
