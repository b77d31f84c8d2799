#!/usr/bin/env python3
"""Makes golden/grid.npy: make_golden.py CHECKOUT (of github.com/liamdm/FlowTransformer).

Runs the authors' FlowTransformer.build_model, for each encoding with each head, in double
precision. It is written for Keras in TensorFlow; here Keras 3 runs it on PyTorch (set PYTHONPATH
for keras and its requirements), and "tensorflow" is the few of its functions that the authors call,
by Keras's own. Weights and inputs by grid.py, under Keras's paths.
"""
import os
import pathlib
import sys
import types

os.environ["KERAS_BACKEND"] = "torch"
import keras  # noqa: E402
import numpy as np  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import grid  # noqa: E402
from grid import seeded  # noqa: E402

keras.backend.set_floatx("float64")


def stand_in_for_tensorflow():
    tf, ops = types.ModuleType("tensorflow"), keras.ops
    tf.keras, tf.float32 = keras, "float64"
    for name in ("shape", "ones", "zeros", "multiply", "expand_dims", "convert_to_tensor"):
        setattr(tf, name, getattr(ops, name))
    sys.modules["tensorflow"] = tf
    sys.modules["pandas"] = types.ModuleType("pandas")
    sys.modules["pandas"].DataFrame = None


def parts(choice):
    """The authors' three objects for a choice of names."""
    from implementations import classification_heads as heads
    from implementations import input_encodings as encodings
    from implementations.transformers.basic_transformers import BasicTransformer
    from implementations.transformers.named_transformers import (
        BERTSmallTransformer, GPTSmallTransformer)
    fields, layer = encodings.CategoricalFeatureEmbed, encodings.EmbedLayerType
    encoding = {
        "none": lambda: encodings.NoInputEncoder(),
        "record": lambda: encodings.RecordLevelEmbed(grid.SIZES["R"]),
        "record_projection": lambda: encodings.RecordLevelEmbed(grid.SIZES["R"], project=True),
        "dense": lambda: fields(layer.Dense, grid.SIZES["D"]),
        "projection": lambda: fields(layer.Projection, grid.SIZES["D"]),
        "lookup": lambda: fields(layer.Lookup, grid.SIZES["D"]),
    }[choice["encoding"]]()
    head = {
        "last": lambda: heads.LastTokenClassificationHead(),
        "flatten": lambda: heads.FlattenClassificationHead(),
        "average": lambda: heads.GlobalAveragePoolingClassificationHead(),
        "cls": lambda: heads.CLSTokenClassificationHead(),
        "featurewise": lambda: heads.FeaturewiseEmbedding(project=False),
        "featurewise_projection": lambda: heads.FeaturewiseEmbedding(project=True),
    }[choice["head"]]()
    basic = [choice["layers"], grid.SIZES["F"], grid.SIZES["H"]]
    transformer = {
        "encoder": lambda: BasicTransformer(*basic),
        "decoder": lambda: BasicTransformer(*basic, is_decoder=True),
        "bert": lambda: BERTSmallTransformer(),
        "gpt": lambda: GPTSmallTransformer(),
    }[choice["transformer"]]()
    transformer.n_layers, transformer.internal_size, transformer.n_heads = basic
    return encoding, transformer, head


def build(choice):
    import framework.flow_transformer as flow
    from framework.flow_transformer_parameters import FlowTransformerParameters
    from framework.model_input_specification import ModelInputSpecification
    keras.utils.clear_session()
    # CLS asks for the batch's size when the graph is built; TensorFlow knows it only later.
    flow.Input = lambda shape, name, dtype: keras.Input(
        batch_shape=(grid.WINDOWS, *shape), name=name, dtype=dtype)
    encoding, transformer, head = parts(choice)
    numeric = [f"numeric_{i}" for i in range(grid.SIZES["N"])]
    net = flow.FlowTransformer(None, encoding, transformer, head,
                               FlowTransformerParameters(grid.SIZES["W"], grid.SIZES["mlp"]))
    net.model_input_spec = ModelInputSpecification(
        numeric + grid.FIELDS, len(numeric), grid.LEVELS, encoding.required_input_format)
    net.X = True
    model = net.build_model()
    for weight in model.weights:
        weight.assign(seeded(weight.path, tuple(weight.shape)))
    return model, encoding.required_input_format.name == "OneHot"


def main():
    sys.path.insert(0, sys.argv[1])
    stand_in_for_tensorflow()
    from implementations.transformers.basic.decoder_block import TransformerDecoderBlock
    from implementations.transformers.basic.encoder_block import TransformerEncoderBlock
    for block in (TransformerEncoderBlock, TransformerDecoderBlock):
        block.call.__defaults__ = (False, None)  # Keras 3 does not pass `training` by itself

    values = grid.inputs()
    numeric = [values["numeric"][..., i:i + 1] for i in range(grid.SIZES["N"])]
    codes = [values["codes"][..., i] for i in range(len(grid.FIELDS))]
    golden = np.zeros((6, 6, grid.WINDOWS), np.float32)
    for i, j in np.ndindex(6, 6):
        model, one_hot = build(grid.chosen(i, j))
        fields = [np.eye(n, dtype=np.float32)[c] if one_hot else c[..., None]
                  for n, c in zip(grid.LEVELS, codes)]
        golden[i, j] = keras.ops.convert_to_numpy(model(numeric + fields, training=False))[:, 0]
        print(grid.chosen(i, j), golden[i, j])
    (HERE / "golden").mkdir(exist_ok=True)
    np.save(HERE / "golden" / "grid.npy", golden)


main()
