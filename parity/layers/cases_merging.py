"""Merging layers. See golden.py for what the functions do and for the packages needed."""

import keras

from golden import L, case, single


def merged(layer, *shapes):
    given = [keras.Input(shape) for shape in shapes]
    return keras.Model(given, layer(given))


BOTH = ("h5", "keras")
for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"):
    prefix, layer_class = name.lower(), getattr(L, name)
    case(f"{prefix}_two", name, lambda c=layer_class: merged(c(), (3, 4), (3, 4)), formats=BOTH)
    if name != "Subtract":
        case(f"{prefix}_three", name, lambda c=layer_class: merged(c(), (3, 4), (3, 4), (3, 4)))
    case(f"{prefix}_broadcast", name, lambda c=layer_class: merged(c(), (3, 4, 2), (1, 1, 2)))
    case(f"{prefix}_ranks_differ", name, lambda c=layer_class: merged(c(), (2, 3, 4), (3, 4)),
         notes="The shorter input gets an axis of size 1 after the batch.")
for name in ("add", "multiply", "subtract", "maximum", "minimum", "average"):
    case(f"functional_{name}", name.capitalize(), lambda n=name: functional(getattr(L, n), (3, 4), (3, 4)))


def functional(function, *shapes, **arguments):
    given = [keras.Input(shape) for shape in shapes]
    return keras.Model(given, function(given, **arguments))


case("add_same_value_twice", "Add", lambda: twice())


def twice():
    given = keras.Input((3, 4))
    value = L.Dense(4)(given)
    return keras.Model(given, L.Add()([value, value]))


case("concatenate_last", "Concatenate", lambda: merged(L.Concatenate(), (3, 4), (3, 2)), formats=BOTH)
case("concatenate_axis1", "Concatenate", lambda: merged(L.Concatenate(axis=1), (3, 4, 2), (1, 4, 2), (2, 4, 2)))
case("concatenate_axis2", "Concatenate", lambda: merged(L.Concatenate(axis=2), (3, 4, 2), (3, 1, 2)))
case("concatenate_axis_minus2", "Concatenate", lambda: merged(L.Concatenate(axis=-2), (3, 4, 2), (3, 1, 2)))
case("concatenate_vectors", "Concatenate", lambda: merged(L.Concatenate(), (4,), (3,), (2,)))
case("functional_concatenate", "Concatenate", lambda: functional(L.concatenate, (3, 4), (2, 4), axis=1))

case("dot_vectors", "Dot", lambda: merged(L.Dot(axes=1), (5,), (5,)), formats=BOTH)
case("dot_normalized", "Dot", lambda: merged(L.Dot(axes=1, normalize=True), (5,), (5,)))
case("dot_matrices", "Dot", lambda: merged(L.Dot(axes=(2, 1)), (3, 4), (4, 2)), formats=BOTH)
case("dot_matrices_axis1", "Dot", lambda: merged(L.Dot(axes=1), (4, 3), (4, 2)))
case("dot_matrices_last", "Dot", lambda: merged(L.Dot(axes=-1, normalize=True), (3, 4), (2, 4)))
case("dot_matrix_vector", "Dot", lambda: merged(L.Dot(axes=(2, 1)), (3, 4), (4,)))
case("dot_rank4", "Dot", lambda: merged(L.Dot(axes=(3, 1)), (2, 3, 4), (4, 2)))
case("functional_dot", "Dot", lambda: functional(L.dot, (3, 4), (2, 4), axes=2))


def several(shape, *layers):
    given = [keras.Input(shape), keras.Input(shape)]
    return keras.Model(given, single([layer(given) for layer in layers]))


case("all_merges_at_once", "Add", lambda: several(
    (3, 4), L.Add(), L.Subtract(), L.Multiply(), L.Average(), L.Maximum(), L.Minimum(), L.Concatenate(), L.Dot(2)), formats=BOTH)
