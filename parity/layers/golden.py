"""Writes golden cases: a tiny model file, its inputs, and what Keras computes from them.

Needs keras and tensorflow: either environment of parity/README.md. Used by make_layers.py.

A case is a row of a table: a name, the class under test and a function that builds the model. `write` gives the model
seeded random weights, saves it in each format asked for, loads each file back, and asserts that the loaded model gives
the same outputs and gradients before it writes any array.
"""

import contextlib
import dataclasses
import pathlib
import tempfile
import zlib
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

import archive

KERAS3 = keras.__version__.startswith("3.")
BATCH = 2
TABLE: dict[str, "Case"] = {}


@dataclasses.dataclass(frozen=True)
class Case:
    """One row of the table.

    `build` returns the model, or a pair (model, reference): the reference is a model with the same layer names that
    computes the same thing where TensorFlow's CPU kernels cannot run the model itself.
    `lacks` names what TensorFlow cannot run, for the case's notes.
    `inputs` holds one array, or one function of a random generator, per model input; None where standard normal values
    away from zero will do.
    """

    name: str
    layer: str
    build: Callable
    inputs: tuple | None = None
    formats: tuple = ("keras",)
    policy: str | None = None
    custom_objects: dict | None = None
    lacks: str = "channels_first"
    gradients: bool = True
    tolerance: float | None = None
    reason: str | None = None
    notes: str | None = None


def case(name, layer, build, *, only=None, **options):
    """Adds a row. `only` is 2 or 3 where just one major version of Keras has the feature."""
    if only is not None and (only == 3) != KERAS3:
        return
    name = f"{name}-keras{3 if KERAS3 else 2}"
    if name in TABLE:
        raise ValueError(f"Two cases are named {name}.")
    TABLE[name] = Case(name, layer, build, **options)


def variants(prefix, layer_class, shape, arguments, *, inputs=None, notes=None, only=None, h5=None, group=3):
    """Adds rows for one layer class, one per set of constructor arguments.

    Keras 3 gets a `.keras` case per set, the sets named in `h5` (default: the first) an `.h5` as well. Keras 2 gets
    cases with up to `group` sets side by side as the outputs of one model: the first case both as `.h5` and as
    `.keras`, those after it the one or the other in turn.
    Besides the constructor's arguments a set may have `_shape` (instead of `shape`), `_only` (2 or 3) and
    `_inputs`.
    """
    if only is not None and (only == 3) != KERAS3:
        return
    rows = {}
    for variant, given in arguments.items():
        given = dict(given)
        if given.pop("_only", 3 if KERAS3 else 2) == (3 if KERAS3 else 2):
            rows[variant] = (given.pop("_shape", shape), given.pop("_inputs", inputs), given)
    layer = layer_class.__name__
    if KERAS3:
        h5 = tuple(rows)[:1] if h5 is None else h5
        for variant, (of_shape, of_inputs, given) in rows.items():
            case(f"{prefix}_{variant}", layer, lambda s=of_shape, g=given, v=variant: branches(s, {v: layer_class(**g, name=v)}),
                 inputs=of_inputs, notes=notes, formats=("keras", "h5") if variant in h5 else ("keras",))
        return
    groups = {}
    for variant, (of_shape, of_inputs, given) in rows.items():
        groups.setdefault((of_shape, id(of_inputs)), []).append((variant, of_inputs, given))
    parts = [(of_shape, members[start:start + group]) for (of_shape, _), members in groups.items()
             for start in range(0, len(members), group)]
    for index, (of_shape, part) in enumerate(parts):
        case(f"{prefix}_{part[0][0]}" + (f"_and_{len(part) - 1}_more" if len(part) > 1 else ""), layer,
             lambda s=of_shape, p=part: branches(s, {v: layer_class(**g, name=v) for v, _, g in p}),
             inputs=part[0][1], notes=notes, formats=(("h5", "keras"), ("h5",), ("keras",))[index and 2 - index % 2])


def chain(shape, *layers, dtype=None):
    """A functional model that applies the layers one after the other."""
    value = given = keras.Input(shape, dtype=dtype)
    for layer in layers:
        value = layer(value)
    return keras.Model(given, value)


def branches(shape, layers):
    """A functional model with one input and one output per layer; with a channels_last reference if one needs it."""
    given = keras.Input(shape)
    model = keras.Model(given, single([layer(given) for layer in layers.values()]))
    if not any(getattr(layer, "data_format", None) == "channels_first" for layer in layers.values()):
        return model
    given = keras.Input(shape)
    return model, keras.Model(given, single([channels_last(layer)(given) for layer in layers.values()]))


def single(values):
    return values[0] if len(values) == 1 else values


def channels_last(layer):
    """A function that computes what a channels_first layer does, with a channels_last layer of the same name."""
    if getattr(layer, "data_format", None) != "channels_first":
        return type(layer).from_config(layer.get_config())
    twin = type(layer).from_config({**layer.get_config(), "data_format": "channels_last"})

    def apply(value):
        spatial = len(value.shape) - 2
        result = twin(L.Permute((*range(2, spatial + 2), 1))(value))
        kept = len(result.shape) - 2
        return result if kept <= 0 else L.Permute((kept + 1, *range(1, kept + 1)))(result)

    return apply


def write(row, target):
    """Makes one case's archive, and leaves an old one that differs only in the dates of saving."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    rng = np.random.default_rng(zlib.crc32(row.name.encode()))
    with policy(row.policy):
        model, reference = pair(row.build())
    randomise(model, rng)
    notes = [row.notes] if row.notes else []
    if row.policy is not None:
        keras.backend.clear_session()
        reference = pair(row.build())[0]
        notes.append(f"Saved under the policy {row.policy}; the arrays are what float32 computes from the same weights.")
    elif reference is not None:
        notes.append(f"TensorFlow's CPU kernels lack {row.lacks}: the arrays come from an equivalent model.")
    if reference is not None:
        copy_weights(model, reference)
    inputs = make_inputs(row, model, rng)
    arrays = compute(reference or model, inputs, row.gradients)
    if row.gradients:
        check_smooth(row, reference or model, inputs, arrays)
    files = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in (f"model.{extension}" for extension in row.formats):
            path = pathlib.Path(scratch) / name
            save(model, path)
            check_file(row, path, reference, inputs, arrays)
            files[name] = path.read_bytes()
    about = {"layer": row.layer, "keras": keras.__version__, "files": sorted(files), "tolerance": row.tolerance,
             "reason": row.reason, "notes": " ".join(notes) or None}
    archive.write(target, {key: value for key, value in about.items() if value is not None}, files, arrays)


def pair(built):
    return built if isinstance(built, tuple) else (built, None)


@contextlib.contextmanager
def policy(name):
    change = keras.config.set_dtype_policy if KERAS3 else keras.mixed_precision.set_global_policy
    if name is not None:
        change(name)
    try:
        yield
    finally:
        change("float32")


def randomise(model, rng):
    """Gives every float weight values that a mistake would show in; those of Normalization come from its data."""
    adapted = {id(w) for layer in flatten(model) if type(layer).__name__ == "Normalization" for w in layer.weights}
    for weight in model.weights:
        kind = weight.dtype if isinstance(weight.dtype, str) else weight.dtype.name
        if id(weight) in adapted or not kind.startswith("float"):
            continue
        leaf = getattr(weight, "path", weight.name).split("/")[-1].split(":")[0]
        shape = tuple(weight.shape)
        if leaf == "moving_variance":
            values = rng.uniform(0.5, 2, shape)
        elif leaf in ("gamma", "scale"):
            values = rng.uniform(0.5, 1.5, shape)
        else:
            values = rng.normal(size=shape) * max(0.25, np.prod(shape[:-1]) ** -0.5)
        weight.assign(values.astype(kind))


def flatten(layer):
    """The layer and all those inside it."""
    if hasattr(layer, "_flatten_layers"):
        return list(layer._flatten_layers())
    return [layer]


def copy_weights(source, target):
    for layer in source.layers:
        if layer.weights:
            twin, weights = target.get_layer(layer.name), layer.get_weights()
            if type(layer).__name__.startswith("CuDNN"):
                weights = keras.saving.legacy.hdf5_format.preprocess_weights_for_loading(twin, weights)
            twin.set_weights(weights)


def make_inputs(row, model, rng):
    arrays = []
    for index, tensor in enumerate(model.inputs):
        given = None if row.inputs is None else row.inputs[index]
        if given is None:
            kind = tensor.dtype if isinstance(tensor.dtype, str) else tensor.dtype.name
            if not kind.startswith("float"):
                raise ValueError(f"{row.name}: input {index} is {kind} and needs given values.")
            given = normal((BATCH, *tensor.shape[1:]))
        array = np.asarray(given(rng) if callable(given) else given)
        arrays.append(array.astype(np.float32 if array.dtype.kind == "f" else np.int32))
    return arrays


def normal(shape, scale=1.0):
    """Standard normal values, moved 0.05 away from zero, times `scale`."""
    def draw(rng):
        values = rng.normal(size=shape)
        return (values + np.copysign(0.05, values)) * scale
    return draw


def uniform(shape, low=0.0, high=1.0):
    return lambda rng: rng.uniform(low, high, size=shape)


def integers(shape, high, low=0):
    return lambda rng: rng.integers(low, high, size=shape)


def reset(model):
    for layer in flatten(model):
        if getattr(layer, "stateful", False):
            (getattr(layer, "reset_state", None) or layer.reset_states)()


def compute(model, inputs, gradients=True):
    """The case's arrays by name: inputs, outputs, seeds and the gradients of sum(output * seed)."""
    reset(model)
    tensors = [tf.constant(array) for array in inputs]
    sources = [tensor for tensor in tensors if tensor.dtype.is_floating]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        given = tensors[0] if len(tensors) == 1 else tensors
        if isinstance(getattr(model, "_inputs_struct", None), dict):
            given = tf.nest.pack_sequence_as(model._inputs_struct, tensors)
        outputs = [tf.convert_to_tensor(value) for value in tf.nest.flatten(model(given, training=False))]
        seeds = [np.random.default_rng(index).normal(size=value.shape).astype(np.float32)
                 for index, value in enumerate(outputs)]
        total = sum(tf.reduce_sum(tf.cast(value, tf.float32) * seed)
                    for value, seed in zip(outputs, seeds) if value.dtype.is_floating)
    arrays = {}
    put(arrays, "in", inputs)
    put(arrays, "out", [value.numpy().astype(np.float32 if value.dtype.is_floating else np.int32) for value in outputs])
    if gradients and sources and any(value.dtype.is_floating for value in outputs):
        found = iter(tape.gradient(total, sources, unconnected_gradients=tf.UnconnectedGradients.ZERO))
        put(arrays, "seed", [seed if value.dtype.is_floating else None for value, seed in zip(outputs, seeds)])
        put(arrays, "grad", [tf.convert_to_tensor(next(found)).numpy() if t.dtype.is_floating else None for t in tensors])
    return arrays


def put(arrays, name, values):
    for index, value in enumerate(values):
        if value is not None:
            arrays[name if len(values) == 1 else f"{name}{index}"] = value


def check_smooth(row, model, inputs, arrays):
    """Fails where a small step changes the gradient: the inputs are on a kink, and another program may differ."""
    rng = np.random.default_rng(1)
    moved = [a if a.dtype.kind != "f" else np.where(a == 0, a, a + 1e-5 * rng.choice([-1, 1], a.shape)).astype(np.float32)
             for a in inputs]  # zeros may say what is masked
    after = compute(model, moved)
    for name in after:
        if name.startswith("grad"):
            assert_close(row.name, f"{name} beside the kink", after[name], arrays[name], 5e-3)
    for name, array in arrays.items():
        if not np.all(np.isfinite(array)):
            raise AssertionError(f"{row.name}: {name} is not finite.")


def save(model, path):
    if path.name == "model.keras" and not KERAS3:
        model.save(path, save_format="keras_v3")  # else 2.12 writes HDF5 under this name, too
    else:
        model.save(path)


def load(row, path):
    known = {} if KERAS3 else {"ReLU": RepairedReLU, "log_softmax_v2": tf.nn.log_softmax}
    return keras.models.load_model(path, compile=False, custom_objects={**known, **(row.custom_objects or {})})


class RepairedReLU(L.ReLU):
    """Keras 2.12 writes this layer's numbers into `.keras` as arrays that it does not read; as it does log_softmax_v2."""

    def __init__(self, **config):
        numbers = {key: value["config"]["value"] for key, value in config.items()
                   if isinstance(value, dict) and value["class_name"] == "__numpy__"}
        super().__init__(**{**config, **numbers})


def check_file(row, path, reference, inputs, arrays):
    loaded = load(row, path)
    if reference is None:
        again = compute(loaded, inputs, row.gradients)
    else:
        copy_weights(loaded, reference)
        compare_where_possible(row, loaded, inputs, arrays)
        again = compute(reference, inputs, row.gradients)
    for name, array in again.items():
        assert_close(row.name, f"{name} of {path.name} loaded again", array, arrays[name], 1e-5)


def compare_where_possible(row, model, inputs, arrays):
    """Compares outputs with the reference's, unless TensorFlow lacks the operation on the CPU."""
    try:
        again = compute(model, inputs, gradients=False)
    except (tf.errors.InvalidArgumentError, tf.errors.NotFoundError, tf.errors.UnimplementedError):
        return
    for name, array in again.items():
        assert_close(row.name, f"{name} of the model beside its reference", array, arrays[name], 1e-5 if row.policy is None else 1e-2)


def assert_close(name, what, actual, expected, tolerance):
    if actual.shape != expected.shape:
        raise AssertionError(f"{name}: {what} has shape {actual.shape}, expected {expected.shape}.")
    error = np.max(np.abs(actual.astype(np.float64) - expected) / np.maximum(1, np.abs(expected)), initial=0)
    if not error <= tolerance:
        raise AssertionError(f"{name}: {what} differs by {error:.3g}, allowed {tolerance:.3g}.")
