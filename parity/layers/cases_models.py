"""Whole models: nesting, sharing, several inputs and outputs. See golden.py for the packages needed."""

import keras

from golden import L, case, integers

BOTH = ("h5", "keras")


def backbone(shape=(9, 8, 3), name="backbone", pooled=False):
    given = keras.Input(shape)
    value = L.Conv2D(4, 3, strides=2, padding="same", use_bias=False, name="conv")(given)
    value = L.BatchNormalization(name="bn")(value)
    value = L.ReLU(name="relu")(value)
    if pooled:
        value = L.GlobalAveragePooling2D(name="pool")(value)
    return keras.Model(given, value, name=name)


def nested():
    given = keras.Input((9, 8, 3))
    value = L.GlobalAveragePooling2D()(backbone()(given))
    return keras.Model(given, L.Dense(3)(value))


def nested_sequential():
    return keras.Sequential([keras.Input((9, 8, 3)), backbone(pooled=True), L.Dense(3, activation="softmax")])


def nested_deep():
    inner = keras.Sequential([keras.Input((5, 4, 4)), L.Conv2D(3, 1, name="inner_conv"), L.ReLU()], name="inner")
    given = keras.Input((9, 8, 3))
    middle = keras.Model(given, inner(backbone()(given)), name="middle")
    outer = keras.Sequential([keras.Input((9, 8, 3)), L.Rescaling(0.5), middle, L.Flatten()], name="outer")
    given = keras.Input((9, 8, 3))
    return keras.Model(given, L.Dense(2)(outer(given)))


def model_used_twice():
    first, second = keras.Input((9, 8, 3)), keras.Input((9, 8, 3))
    shared = backbone(pooled=True)
    return keras.Model([first, second], L.Dense(2)(L.Concatenate()([shared(first), shared(second)])))


def layer_used_twice():
    given = keras.Input((6, 5, 3))
    shared = L.Conv2D(3, 3, padding="same", activation="tanh")
    value = shared(shared(given))
    return keras.Model(given, L.Dense(2)(L.Flatten()(value)))


def several_inputs_and_outputs():
    image, table = keras.Input((6, 5, 3), name="image"), keras.Input((4,), name="table")
    features = L.GlobalMaxPooling2D()(L.Conv2D(4, 3, name="conv")(image))
    joined = L.Concatenate()([features, L.Dense(3, activation="relu")(table)])
    return keras.Model([image, table], [L.Dense(2, name="first")(joined), L.Dense(3, name="second")(joined), features])


def model_with_several_outputs_nested():
    given = keras.Input((6, 5, 3))
    value = L.Conv2D(4, 3)(given)
    inner = keras.Model(given, [L.GlobalMaxPooling2D()(value), L.GlobalAveragePooling2D()(value)], name="two_heads")
    given = keras.Input((6, 5, 3))
    first, second = inner(given)
    return keras.Model(given, L.Dense(2)(L.Subtract()([first, second])))


def model_with_several_inputs_nested():
    left, right = keras.Input((4,)), keras.Input((3,))
    inner = keras.Model([left, right], L.Concatenate()([L.Dense(2)(left), L.Dense(2)(right)]), name="join")
    left, right = keras.Input((4,)), keras.Input((3,))
    return keras.Model([left, right], L.Dense(2)(inner([left, right])))


def output_is_an_input():
    given = keras.Input((4,))
    return keras.Model(given, [given, L.Dense(2)(given)])


def output_inside():
    given = keras.Input((4,))
    hidden = L.Dense(3, activation="relu")(given)
    return keras.Model(given, [L.Dense(2)(hidden), hidden])


def sequential_without_input():
    model = keras.Sequential([L.Conv2D(2, 3, activation="relu"), L.Flatten(), L.Dense(3)])
    model.build((None, 6, 5, 3))
    return model


def dictionary_inputs():
    given = {"b": keras.Input((4,), name="b"), "a": keras.Input((3,), name="a")}
    value = L.Concatenate()([L.Dense(2)(given["a"]), given["b"]])
    return keras.Model(given, {"y": L.Dense(2, name="y")(value), "x": value})


case("sequential_plain", "Sequential", lambda: keras.Sequential(
    [keras.Input((6, 5, 3)), L.Conv2D(2, 3, activation="relu"), L.MaxPooling2D(), L.Flatten(), L.Dropout(0.5), L.Dense(3)]),
    formats=BOTH)
case("sequential_without_input", "Sequential", sequential_without_input, formats=BOTH)
case("model_nested", "Model", nested, formats=BOTH)
case("model_nested_sequential", "Model", nested_sequential, formats=BOTH)
case("model_nested_deep", "Model", nested_deep, formats=BOTH)
case("model_used_twice", "Model", model_used_twice, formats=BOTH)
case("model_layer_used_twice", "Model", layer_used_twice, formats=BOTH)
case("model_several_inputs_and_outputs", "Model", several_inputs_and_outputs, formats=BOTH)
case("model_several_outputs_nested", "Model", model_with_several_outputs_nested, formats=BOTH)
case("model_several_inputs_nested", "Model", model_with_several_inputs_nested, formats=BOTH)
case("model_output_is_an_input", "Model", output_is_an_input, formats=BOTH)
case("model_output_inside", "Model", output_inside, formats=BOTH)
case("model_dictionary_inputs", "Model", dictionary_inputs, formats=BOTH)
case("model_hdf5_named_keras", "Sequential", lambda: keras.Sequential([keras.Input((4,)), L.Dense(3), L.LeakyReLU()]),
     formats=("hdf5.keras",), only=2, notes="Keras 2.12 writes HDF5 where the name ends in .keras, unless asked for keras_v3.")
