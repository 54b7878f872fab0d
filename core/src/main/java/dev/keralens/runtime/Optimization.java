package dev.keralens.runtime;

/** How far ONNX Runtime rewrites a graph before it runs. */
public enum Optimization {
  /** As it is. */
  NONE,
  /** Constants folded, nodes without effect left out. */
  BASIC,
  /** Operators fused as well. */
  EXTENDED,
  /** The channel-blocked layout of convolutions as well: the fastest. */
  ALL
}
