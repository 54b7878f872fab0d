package dev.keralens.graph;

import dev.keralens.tensor.ElementType;

/** The element type and shape that an operator's output has. */
record ValueType(ElementType type, Shape shape) {}
