"""Cuts a safetensors file into shards: shard.py FILE FOLDER COUNT

FOLDER gets model-0000K-of-0000N.safetensors and model.safetensors.index.json, as Hugging Face
writes them. Consecutive tensors of a large file stay together; here they go round, so that
neighbours of one layer lie in different files.
"""
import json
import pathlib
import struct
import sys


def main():
    data = pathlib.Path(sys.argv[1]).read_bytes()
    folder, count = pathlib.Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    weight_map = {}
    for k in range(count):
        file = f"model-{k + 1:05}-of-{count:05}.safetensors"
        part, payload = {"__metadata__": {"format": "pt"}}, b""
        for name in list(header)[k::count]:
            begin, end = header[name]["data_offsets"]
            part[name] = header[name] | {"data_offsets": [len(payload), len(payload) + end - begin]}
            payload += data[8 + length + begin:8 + length + end]
            weight_map[name] = file
        text = json.dumps(part).encode()
        (folder / file).write_bytes(struct.pack("<Q", len(text)) + text + payload)
    index = {"metadata": {"total_size": len(data) - 8 - length}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))


if __name__ == "__main__":
    main()
