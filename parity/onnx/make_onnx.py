"""Makes core/src/test/resources/golden/onnx: small ONNX models of several operator sets with inputs and outputs, an archive for each.

Needs numpy, onnx 1.23 and onnxruntime 1.31 (the packages of requirements-onnx.txt):
    python parity/onnx/make_onnx.py [--only TEXT] [--out FOLDER]
The outputs are what ONNX Runtime computes from the model itself. Running it twice gives the same files.
Models that other exporters wrote come from make_exported.py.
"""

import argparse
import pathlib
import tempfile
import zipfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

OUT = pathlib.Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/onnx"
CASES = {}
FLOAT, INT64, BOOL, HALF = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL, TensorProto.FLOAT16


class Model:
    """A model that is written down node by node; each node's output is named as the node."""

    def __init__(self, opset):
        self.opset = opset
        self.random = np.random.default_rng(7)
        self.nodes, self.inputs, self.constants, self.feeds, self.outputs = [], [], [], [], []

    def input(self, shape, batch=2, kind=FLOAT, free="batch"):
        """An input; its first axis is the batch: a name, or 1 where free is None."""
        name = f"x{len(self.inputs)}"
        dims = [free if free else 1, *shape]
        self.inputs.append(helper.make_tensor_value_info(name, kind, dims))
        size = (batch if free else 1, *(7 if isinstance(d, str) else d for d in shape))
        self.feeds.append(self.numbers(*size) if kind == FLOAT else self.random.integers(0, 5, size).astype(np.int64))
        return name

    def numbers(self, *shape):
        return self.random.normal(size=shape).astype(np.float32)

    def weight(self, *shape, positive=False):
        values = self.numbers(*shape)
        return self.constant(np.abs(values) + 0.5 if positive else values)

    def constant(self, values):
        """A constant: an array, or a list of integers."""
        values = values if isinstance(values, (np.ndarray, np.generic)) else np.asarray(values, np.int64)
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def add(self, op, *inputs, outputs=1, domain="", **attributes):
        name = f"{op}_{len(self.nodes)}"
        names = [name] if outputs == 1 else [f"{name}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, [i or "" for i in inputs], names, name, domain=domain, **attributes))
        return name if outputs == 1 else names

    def output(self, *names):
        self.outputs.extend(names)

    def build(self):
        graph = helper.make_graph(self.nodes, "golden", self.inputs, [onnx.ValueInfoProto(name=n) for n in self.outputs],
                                  self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)],
                                  ir_version=10 if self.opset > 20 else 8, producer_name="make_onnx.py")
        model = onnx.shape_inference.infer_shapes(model)
        return model


def case(*opsets):
    """Registers a case: a function that fills a model. Its name gets each operator set's number."""

    def register(function):
        for opset in opsets:
            CASES[f"{function.__name__}_{opset}"] = (function, opset)
        return function

    return register


@case(11, 13)
def squeeze_unsqueeze(m):
    x = m.input([1, 3, 1])
    old = m.opset < 13
    def axes(op, value, *numbers):
        return m.add(op, value, axes=numbers) if old else m.add(op, value, m.constant(numbers))
    y = axes("Squeeze", x, 1, -1)
    z = axes("Unsqueeze", y, 1, 3)
    m.output(y, z, m.add("Squeeze", m.add("Add", x, m.weight(1, 3, 1))))


@case(11, 13, 18)
def reductions(m):
    x = m.add("Abs", m.input([3, 4, 5]))
    for op in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare"):
        late = m.opset >= 18 or (op == "Sum" and m.opset >= 13)
        for axes, keep in (([2, 3], 1), ([-1], 0)):
            if late:
                m.output(m.add(f"Reduce{op}", x, m.constant(axes), keepdims=keep))
            else:
                m.output(m.add(f"Reduce{op}", x, axes=axes, keepdims=keep))


@case(13, 18)
def reduction_of_nothing(m):
    x = m.input([3])
    m.output(m.add("ReduceSum", x, m.constant(np.zeros(0, np.int64)), noop_with_empty_axes=1))


@case(11, 13, 18)
def split(m):
    x = m.input([7, 4])
    sizes = [2, 4, 1]
    if m.opset < 13:
        m.output(*m.add("Split", x, axis=1, split=sizes, outputs=3), *m.add("Split", x, axis=-1, outputs=2))
    else:
        m.output(*m.add("Split", x, m.constant(sizes), axis=1, outputs=3))
        if m.opset < 18:
            m.output(*m.add("Split", x, axis=-1, outputs=2))
        else:
            m.output(*m.add("Split", x, axis=1, num_outputs=4, outputs=4))


@case(11, 12, 13)
def softmax(m):
    x = m.input([3, 4, 5])
    for op in ("Softmax", "LogSoftmax"):
        m.output(m.add(op, x), m.add(op, x, axis=-1), m.add(op, x, axis=2))


@case(11, 12, 13, 22)
def dropout(m):
    x = m.input([4])
    y = m.add("Dropout", x, ratio=0.3) if m.opset < 12 else m.add("Dropout", x, m.constant(np.float32(0.3)))
    m.output(m.add("Neg", y))
    if m.opset >= 12:
        m.output(m.add("Neg", m.add("Dropout", x, m.constant(np.float32(0.3)), m.constant(np.bool_(False)))))


@case(11, 13)
def clip(m):
    x = m.input([6])
    low, high = m.constant(np.float32(-0.3)), m.constant(np.float32(0.4))
    m.output(m.add("Clip", x, low), m.add("Clip", x, None, high), m.add("Clip", x, low, high))


@case(11, 18)
def pad(m):
    x = m.input([2, 5, 6])
    pads = m.constant([0, 0, 1, 2, 0, 0, 3, 1])
    m.output(m.add("Pad", x, pads), m.add("Pad", x, pads, m.constant(np.float32(1.5))))
    m.output(m.add("Pad", x, pads, mode="reflect"), m.add("Pad", x, pads, mode="edge"))
    m.output(m.add("Pad", x, m.constant([0, 0, -1, 2, 0, 0, 1, -2])))
    if m.opset >= 18:
        m.output(m.add("Pad", x, m.constant([1, 2, 3, 0]), None, m.constant([-1, 2])))


@case(11, 13, 18, 19)
def resize(m):
    x = m.input([2, 6, 7])
    roi = m.constant(np.zeros(0, np.float32))
    scales = m.constant(np.array([1, 1, 2, 1.5], np.float32))
    small = m.constant(np.array([1, 1, 0.6, 0.7], np.float32))
    none = m.constant(np.zeros(0, np.float32)) if m.opset < 13 else None
    for mode in ("nearest", "linear", "cubic"):
        for transform in ("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"):
            m.output(m.add("Resize", x, roi, scales, mode=mode, coordinate_transformation_mode=transform))
        m.output(m.add("Resize", x, roi, small, mode=mode))
    sizes = m.add("Concat", m.add("Slice", m.add("Shape", x), m.constant([0]), m.constant([2])), m.constant([9, 4]), axis=0)
    m.output(m.add("Resize", x, roi, none, sizes, mode="linear"))
    for nearest in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        m.output(m.add("Resize", x, roi, scales, mode="nearest", nearest_mode=nearest))
    if m.opset < 13:
        m.output(m.add("Resize", x, roi, scales, mode="nearest", nearest_mode="floor",
                       coordinate_transformation_mode="tf_half_pixel_for_nn"))
    if m.opset >= 18:
        m.output(m.add("Resize", x, None, None, m.constant([3, 3]), mode="linear", antialias=1, axes=[2, 3]))
        m.output(m.add("Resize", x, None, m.constant(np.array([0.5], np.float32)), mode="cubic", axes=[-1]))
    if m.opset >= 19:
        m.output(m.add("Resize", x, roi, small, mode="linear", coordinate_transformation_mode="half_pixel_symmetric"))


@case(11, 14, 15)
def batch_normalization(m):
    x = m.input([4, 5, 5])
    parameters = [m.weight(4, positive=True), m.weight(4), m.weight(4), m.weight(4, positive=True)]
    m.output(m.add("BatchNormalization", x, *parameters), m.add("BatchNormalization", x, *parameters, epsilon=0.1))


@case(11, 22)
def convolution(m):
    x = m.input([4, 9, 10])
    kernel, bias = m.weight(6, 4, 3, 3), m.weight(6)
    for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        m.output(m.add("Conv", x, kernel, bias, auto_pad=auto, strides=[2, 3]))
        m.output(m.add("Conv", x, kernel, auto_pad=auto))
    m.output(m.add("Conv", x, kernel, bias, pads=[0, 1, 2, 3], kernel_shape=[3, 3], dilations=[2, 1]))
    m.output(m.add("Conv", x, m.weight(8, 1, 2, 4), group=4, auto_pad="SAME_UPPER"))
    m.output(m.add("Conv", x, m.weight(2, 2, 3, 2), group=2, strides=[2, 2]))


@case(11)
def convolution_1d_3d(m):
    x, y = m.input([3, 8]), m.input([2, 4, 5, 6])
    m.output(m.add("Conv", x, m.weight(4, 3, 3), auto_pad="SAME_LOWER", strides=[2]))
    m.output(m.add("Conv", y, m.weight(3, 2, 2, 3, 2), auto_pad="SAME_UPPER", strides=[1, 2, 2]))


@case(11, 22)
def convolution_transposed(m):
    x = m.input([3, 5, 6])
    kernel, bias = m.weight(3, 4, 3, 3), m.weight(4)
    m.output(m.add("ConvTranspose", x, kernel, bias))
    m.output(m.add("ConvTranspose", x, kernel, strides=[2, 3], output_padding=[1, 1], pads=[1, 0, 1, 2]))
    m.output(m.add("ConvTranspose", x, kernel, strides=[2, 2], output_shape=[10, 12]))
    m.output(m.add("ConvTranspose", x, kernel, strides=[2, 2], auto_pad="SAME_UPPER"))
    m.output(m.add("ConvTranspose", x, kernel, strides=[2, 2], auto_pad="SAME_LOWER"))
    m.output(m.add("ConvTranspose", x, kernel, bias, strides=[2, 2], auto_pad="VALID"))
    m.output(m.add("ConvTranspose", x, m.weight(3, 2, 2, 2), group=3, dilations=[2, 1]))


@case(11, 19, 22)
def pooling(m):
    x = m.input([3, 9, 10])
    for op in ("MaxPool", "AveragePool"):
        for auto in ("SAME_UPPER", "SAME_LOWER", "VALID"):
            m.output(m.add(op, x, kernel_shape=[3, 2], strides=[2, 2], auto_pad=auto))
        m.output(m.add(op, x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 1], ceil_mode=1))
    m.output(m.add("AveragePool", x, kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1))
    m.output(m.add("MaxPool", x, kernel_shape=[3, 2], dilations=[2, 3]))
    if m.opset >= 19:
        m.output(m.add("AveragePool", x, kernel_shape=[3, 2], dilations=[2, 3], pads=[1, 1, 1, 1]))
    m.output(m.add("LpPool", x, kernel_shape=[2, 2], strides=[2, 2], p=3))
    m.output(m.add("GlobalAveragePool", x), m.add("GlobalMaxPool", x))
    if m.opset < 22:  # ONNX Runtime has no later one
        m.output(m.add("GlobalLpPool", x, p=1))


@case(11)
def pooling_1d_3d(m):
    m.output(m.add("MaxPool", m.input([3, 8]), kernel_shape=[3], auto_pad="SAME_UPPER", strides=[2]))
    m.output(m.add("AveragePool", m.input([2, 4, 5, 6]), kernel_shape=[2, 3, 2], auto_pad="SAME_LOWER"))


@case(11, 13)
def matrix_products(m):
    x = m.input([6])
    m.output(m.add("Gemm", x, m.weight(6, 4), m.weight(4), alpha=0.5, beta=2.0))
    m.output(m.add("Gemm", x, m.weight(4, 6), transB=1))
    m.output(m.add("MatMul", m.input([3, 6]), m.weight(6, 5)))


@case(12)
def einsum(m):
    x, y = m.input([3, 4]), m.input([4, 5])
    m.output(m.add("Einsum", x, y, equation="bij,bjk->bik"), m.add("Einsum", x, y, equation="...ij, ...jk"))
    m.output(m.add("Einsum", x, m.weight(4, 6), equation="...i,ij->...j"))
    m.output(m.add("Einsum", x, m.weight(4, 6), equation="...i,ij"))


@case(11)
def constants(m):
    x = m.input([4])
    value = m.add("Constant", value=numpy_helper.from_array(np.arange(4, dtype=np.float32)))
    m.output(m.add("Add", x, value))


@case(12, 13)
def constants_of_every_kind(m):
    x = m.input([3])
    one = m.add("Constant", value_float=1.5)
    many = m.add("Constant", value_floats=[1.0, 2.0, 3.0])
    shape = m.add("Constant", value_ints=[-1, 1, 3])
    y = m.add("Mul", m.add("Add", x, one), many)
    m.output(m.add("Reshape", y, shape))
    m.output(m.add("Gather", y, m.add("Constant", value_int=1), axis=1))


@case(11, 15)
def shape_arithmetic(m):
    """Flattening as PyTorch writes it: the batch is taken from the shape and put before -1."""
    x = m.input([4, 3, 5])
    shape = m.add("Shape", x)
    rows = m.add("Gather", shape, m.constant(np.array(0)), axis=0)
    wide = m.add("Gather", shape, m.constant(np.array(3)))
    half = m.add("Div", m.add("Mul", wide, m.constant(np.array(12))), m.constant(np.array(2)))
    def as_list(value):
        return m.add("Unsqueeze", value, axes=[0]) if m.opset < 13 else m.add("Unsqueeze", value, m.constant([0]))
    target = m.add("Concat", as_list(rows), m.constant([2]), as_list(half), axis=0)
    y = m.add("Reshape", x, target)
    m.output(y)
    flat = m.add("Concat", as_list(rows), m.constant([-1]), axis=0)
    m.output(m.add("Reshape", y, flat), m.add("Flatten", x), m.add("Flatten", x, axis=3))
    total = m.add("Size", x)
    per_row = m.add("Div", total, rows)
    m.output(m.add("Reshape", x, m.add("Concat", m.constant([-1]), as_list(per_row), axis=0)))
    if m.opset >= 15:
        m.output(m.add("Reshape", x, m.add("Concat", m.add("Shape", x, end=2), m.constant([15]), axis=0)))


@case(11, 13)
def merged_batch(m):
    """Attention heads go into the batch and come back."""
    x = m.input([6, 8])
    y = m.add("Reshape", x, m.constant([0, 6, 2, 4]))
    heads = m.add("Reshape", m.add("Transpose", y, perm=[0, 2, 1, 3]), m.constant([-1, 6, 4]))
    product = m.add("MatMul", heads, m.add("Transpose", heads, perm=[0, 2, 1]))
    m.output(m.add("Reshape", product, m.constant([-1, 2, 6, 6])))


@case(11, 13)
def class_token(m):
    """A learned token is repeated for every image and put before its patches."""
    x = m.input([4, 3])
    rows = m.add("Slice", m.add("Shape", x), m.constant([0]), m.constant([1]))
    shape = m.add("Concat", rows, m.constant([1, 3]), axis=0)
    ones = m.add("ConstantOfShape", m.constant([3]), value=numpy_helper.from_array(np.array([1])))
    chosen = m.add("Where", m.add("Equal", shape, m.add("Mul", ones, m.constant([-1]))), ones, shape)
    token = m.add("Expand", m.weight(1, 1, 3), chosen)
    m.output(m.add("Concat", token, x, axis=1))
    zeros = m.add("ConstantOfShape", m.add("Concat", rows, m.constant([2, 3]), axis=0))
    m.output(m.add("Concat", x, zeros, axis=1))


@case(11)
def fixed_batch(m):
    x = m.input([3, 6, 6], free=None)
    y = m.add("Relu", m.add("Conv", x, m.weight(4, 3, 3, 3), pads=[1, 1, 1, 1]))
    y = m.add("Reshape", m.add("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2]), m.constant([1, 36]))
    y = m.add("Gemm", y, m.weight(36, 8))
    y = m.add("Concat", m.weight(1, 1, 8), m.add("Reshape", y, m.constant([1, 1, -1])), axis=1)
    m.output(m.add("Reshape", y, m.constant([1, -1])))


@case(11, 13)
def choice(m):
    """A branch that is decided by sizes."""
    x = m.input([3, 4])
    rank = m.add("Size", m.add("Shape", x))
    condition = m.add("Equal", rank, m.constant(np.array(3)))
    def branch(op):
        out = helper.make_tensor_value_info(f"{op}_out", FLOAT, None)
        return helper.make_graph([helper.make_node(op, [x], [f"{op}_out"], op)], op, [], [out])
    m.output(m.add("If", condition, then_branch=branch("Neg"), else_branch=branch("Abs")))


@case(11, 13)
def slices(m):
    x = m.input([6, 7])
    def cut(starts, ends, axes, steps=None):
        rest = [m.constant(steps)] if steps else []
        m.output(m.add("Slice", x, m.constant(starts), m.constant(ends), m.constant(axes), *rest))
    cut([1], [2**63 - 1], [1])
    cut([-3], [-1], [2])
    cut([5, 6], [-(2**63), 0], [1, 2], [-2, -1])
    cut([0, 0, 1], [2**31 - 1, 4, 7], [0, 1, 2], [1, 3, 2])


@case(11, 13)
def gathering(m):
    x = m.input([5, 4])
    m.output(m.add("Gather", x, m.constant([[0, -1], [2, 2]]), axis=1))
    m.output(m.add("GatherElements", x, m.add("Cast", m.add("Clip", m.add("Abs", x), None, m.constant(np.float32(3))), to=INT64), axis=2))
    m.output(m.add("Gather", m.weight(9, 3), m.input([4], kind=INT64)))
    m.output(*m.add("TopK", x, m.constant([2]), axis=-1, outputs=2))
    m.output(m.add("ArgMax", x, axis=-1), m.add("ArgMin", x, axis=1, keepdims=0))


@case(11, 13)
def rearranging(m):
    x = m.input([8, 2, 3])
    m.output(m.add("DepthToSpace", x, blocksize=2), m.add("DepthToSpace", x, blocksize=2, mode="CRD"))
    m.output(m.add("SpaceToDepth", m.input([2, 4, 6]), blocksize=2))
    m.output(m.add("Tile", x, m.constant([1, 2, 1, 3])), m.add("Expand", m.add("Transpose", x, perm=[3, 0, 1, 2]), m.constant([2, 1, 1, 1, 1])))
    m.output(m.add("OneHot", m.input([3], kind=INT64), m.constant([6]), m.constant(np.array([-1, 2], np.float32))))
    m.output(m.add("CumSum", x, m.constant(np.array(2)), reverse=1))
    m.output(m.add("Transpose", x))


@case(16, 20)
def elementwise(m):
    x = m.input([3, 5])
    small = m.add("Mul", m.add("Tanh", x), m.constant(np.float32(0.9)))
    for op in ("Abs", "Ceil", "Cos", "Elu", "Erf", "Exp", "Floor", "HardSigmoid", "HardSwish", "LeakyRelu", "Neg", "Reciprocal",
               "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin", "Softplus", "Softsign", "Tan", "Celu", "ThresholdedRelu", "Shrink"):
        m.output(m.add(op, x))
    for op in ("Acos", "Asin", "Atan", "Atanh", "Asinh", "Cosh", "Sinh"):
        m.output(m.add(op, small))
    positive = m.add("Add", m.add("Abs", x), m.constant(np.float32(0.1)))
    m.output(m.add("Log", positive), m.add("Sqrt", positive), m.add("Pow", positive, m.constant(np.array(3))))
    m.output(m.add("PRelu", x, m.weight(5)), m.add("Mod", x, m.constant(np.float32(0.7)), fmod=1))
    m.output(m.add("Max", x, small, m.weight(1)), m.add("Min", x, small), m.add("Mean", x, small), m.add("Sum", x, small, x))
    above = m.add("Greater", x, small)
    m.output(m.add("Where", above, x, small), m.add("Cast", m.add("Not", above), to=FLOAT))
    if m.opset >= 20:
        m.output(m.add("Gelu", x), m.add("Gelu", x, approximate="tanh"), m.add("Mish", x))


@case(11, 13)
def normalization(m):
    x = m.input([6, 4, 5])
    m.output(m.add("InstanceNormalization", x, m.weight(6), m.weight(6)), m.add("LRN", x, size=3, alpha=0.01, beta=0.6, bias=2.0))
    m.output(m.add("LpNormalization", x, axis=1, p=2), m.add("MeanVarianceNormalization", x, axes=[2, 3]))


@case(17, 18, 21, 23)
def layer_group_normalization(m):
    x = m.input([6, 4, 5])
    m.output(m.add("LayerNormalization", x, m.weight(5), m.weight(5)))
    m.output(m.add("LayerNormalization", x, m.weight(4, 5), axis=-2, epsilon=0.01))
    if m.opset == 18:
        m.output(m.add("GroupNormalization", x, m.weight(3), m.weight(3), num_groups=3))
    if m.opset >= 21:
        m.output(m.add("GroupNormalization", x, m.weight(6), m.weight(6), num_groups=2, epsilon=0.01))
    if m.opset >= 23:
        m.output(m.add("RMSNormalization", x, m.weight(5)))


@case(11, 14)
def recurrent(m):
    steps, inputs, units = 4, 3, 5
    x = m.add("Transpose", m.input([steps, inputs]), perm=[1, 0, 2])
    for op, gates, state in (("LSTM", 4, 2), ("GRU", 3, 1), ("RNN", 1, 1)):
        for direction in ("forward", "reverse", "bidirectional"):
            count = 2 if direction == "bidirectional" else 1
            weights = [m.weight(count, gates * units, inputs), m.weight(count, gates * units, units), m.weight(count, 2 * gates * units)]
            more = {"linear_before_reset": 1} if direction == "reverse" and op == "GRU" else {}
            m.output(*m.add(op, x, *weights, hidden_size=units, direction=direction, outputs=1 + state, **more))
    weights = [m.weight(1, 4 * units, inputs), m.weight(1, 4 * units, units)]
    rows = m.add("Slice", m.add("Shape", x), m.constant([1]), m.constant([2]))
    start = m.add("Expand", m.weight(1, 1, units), m.add("Concat", m.constant([1]), rows, m.constant([units]), axis=0))
    lengths = m.add("Expand", m.constant(np.array([steps], np.int32)), rows)
    m.output(m.add("LSTM", x, *weights, None, lengths, start, start, hidden_size=units, activations=["HardSigmoid", "Tanh", "Softsign"],
                   activation_alpha=[0.3], activation_beta=[0.4]))
    m.output(m.add("ReverseSequence", x, m.add("Cast", lengths, to=INT64), batch_axis=1, time_axis=0))


@case(11)
def channels_last(m):
    """As TensorFlow's exporter writes networks: channels move to the front, and back before flattening."""
    x = m.input([8, 9, 3])
    y = m.add("Transpose", x, perm=[0, 3, 1, 2])
    y = m.add("Relu", m.add("Conv", y, m.weight(4, 3, 3, 3), m.weight(4), auto_pad="SAME_UPPER", strides=[2, 2]))
    y = m.add("Transpose", y, perm=[0, 2, 3, 1])
    m.output(m.add("MatMul", m.add("Reshape", y, m.constant([-1, 80])), m.weight(80, 3)))


@case(13)
def half_precision(m):
    x = m.input([4])
    weights = m.constant(m.numbers(4, 3).astype(np.float16))
    y = m.add("MatMul", m.add("Cast", x, to=HALF), weights)
    m.output(m.add("Cast", y, to=FLOAT))


@case(13)
def weights_transposed(m):
    """Kernels that are brought to their shape by nodes."""
    x = m.input([3, 6, 6])
    kernel = m.add("Transpose", m.weight(3, 3, 3, 4), perm=[3, 2, 0, 1])
    y = m.add("Conv", x, kernel)
    z = m.add("Conv", y, m.add("Reshape", m.weight(2, 2, 4), m.constant([4, 1, 2, 2])), group=4)
    m.output(z)


@case(13)
def symbolic_size(m):
    x = m.input([3, "height", "width"])
    y = m.add("Conv", x, m.weight(4, 3, 3, 3), auto_pad="SAME_UPPER", strides=[2, 2])
    size = m.add("Slice", m.add("Shape", x), m.constant([2]), m.constant([4]))
    back = m.add("Concat", m.add("Slice", m.add("Shape", y), m.constant([0]), m.constant([2])), size, axis=0)
    m.output(m.add("Resize", y, None, None, back, mode="linear"), m.add("ReduceMean", y, axes=[2, 3], keepdims=0))


@case(17)
def unsorted(m):
    """As programs that halve the precision write models: what converts the input comes last."""
    x = m.input([3, 6, 6])
    y = m.add("Relu", m.add("Conv", m.add("Cast", x, to=FLOAT), m.weight(4, 3, 3, 3)))
    y = m.add("Concat", y, m.add("Neg", y), axis=1)
    m.output(m.add("ReduceMean", y, axes=[2, 3], keepdims=0))
    m.nodes.reverse()


@case(13)
def weights_in_whole_numbers(m):
    """Weights that were quantized and are taken as floats: by tensor and by channel, with and without a zero point."""
    x = m.input([3, 6, 6])
    kernel = m.constant(m.random.integers(-127, 127, (4, 3, 3, 3)).astype(np.int8))
    scales = m.constant(np.abs(m.numbers(4)) / 100)
    bias = m.constant(m.random.integers(-9000, 9000, 4).astype(np.int32))
    y = m.add("Conv", x, m.add("DequantizeLinear", kernel, scales, axis=0), m.add("DequantizeLinear", bias, m.constant(np.float32(1e-4))))
    y = m.add("GlobalAveragePool", m.add("Relu", y))
    matrix = m.constant(m.random.integers(0, 255, (4, 3)).astype(np.uint8))
    matrix = m.add("DequantizeLinear", matrix, m.constant(np.float32(0.02)), m.constant(np.uint8(131)))
    m.output(m.add("MatMul", m.add("Flatten", y), matrix))


@case(17)
def known_numbers_joined(m):
    """A grid of positions, as detectors add it to what they predict."""
    x = m.input([2, 3, 4])
    shape = m.add("Shape", x)
    rows, columns = (m.add("Gather", shape, m.constant(np.int64(axis))) for axis in (2, 3))
    zero, one = m.constant(np.int64(0)), m.constant(np.int64(1))
    first = m.add("Reshape", m.add("Range", zero, rows, one), m.constant([-1, 1, 1]))
    second = m.add("Reshape", m.add("Range", zero, columns, one), m.constant([1, -1, 1]))
    size = m.add("Concat", m.add("Unsqueeze", rows, m.constant([0])), m.add("Unsqueeze", columns, m.constant([0])), m.constant([1]), axis=0)
    grid = m.add("Concat", m.add("Expand", second, size), m.add("Expand", first, size), axis=-1)
    grid = m.add("Transpose", m.add("Cast", m.add("Concat", grid, grid, axis=0), to=FLOAT), perm=[2, 0, 1])
    m.output(m.add("Add", m.add("Concat", x, x, axis=2), grid))


@case(17)
def slices_to_the_end(m):
    x = m.input([3, 5])
    m.output(m.add("Slice", x, m.constant([0, 1]), m.constant([1000000000, 1000000000]), m.constant([0, 2])))


@case(13)
def pad_filled(m):
    x = m.input([2, 5, 6])
    pads = m.constant([0, 0, 1, 2, 0, 0, 3, 1])
    for fill in (-np.inf, -1e9, 1e30):
        m.output(m.add("MaxPool", m.add("Pad", x, pads, m.constant(np.float32(fill))), kernel_shape=[3, 3]))
    whole = m.add("Pad", m.add("Cast", x, to=INT64), pads, m.constant(np.int64(2000000001)))
    m.output(m.add("Cast", whole, to=FLOAT))


@case(13)
def turned_twice(m):
    x = m.input([3, 5, 6])
    y = m.add("Transpose", m.add("Conv", x, m.weight(4, 3, 2, 2)), perm=[0, 2, 3, 1])
    y = m.add("Dropout", m.add("Identity", y))
    y = m.add("Transpose", m.add("Identity", y), perm=[0, 3, 1, 2])
    m.output(m.add("Flatten", m.add("GlobalMaxPool", m.add("Cast", y, to=FLOAT))))


@case(24)
def newest(m):
    x = m.input([3])
    m.output(m.add("Swish", x, alpha=1.5))


def write(name, model, feeds, folder, **saving):
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch)
        onnx.save(model, path / "model.onnx", **saving)
        options = onnxruntime.SessionOptions()
        if "whole_numbers" in name:  # ONNX Runtime would round what comes to such weights as well
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(str(path / "model.onnx"), options, providers=["CPUExecutionProvider"])
        outputs = session.run(None, dict(zip([i.name for i in session.get_inputs()], feeds)))
        for i, array in enumerate(feeds):
            np.save(path / f"in{i}.npy", array)
        for i, array in enumerate(outputs):
            np.save(path / f"out{i}.npy", np.ascontiguousarray(array))
        pack(path, folder / f"{name}.zip")


def pack(folder, target):
    """Packs the files of a folder; the same files give the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes(), zipfile.ZIP_DEFLATED)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="make just the cases whose name contains this text")
    parser.add_argument("--out", type=pathlib.Path, default=OUT)
    arguments = parser.parse_args()
    for name, (function, opset) in CASES.items():
        if arguments.only in name:
            model = Model(opset)
            function(model)
            try:
                write(name, model.build(), model.feeds, arguments.out)
            except Exception as error:  # the operator set's checker names the node
                raise SystemExit(f"{name}: {error}") from error
    if arguments.only in "external_data":
        model = Model(13)
        y = model.add("Gemm", model.input([6]), model.weight(6, 300), model.weight(300))
        model.output(model.add("Relu", y))
        write("external_data", model.build(), model.feeds, arguments.out, save_as_external_data=True, all_tensors_to_one_file=True,
              location="weights.bin", size_threshold=1024)


if __name__ == "__main__":
    main()
