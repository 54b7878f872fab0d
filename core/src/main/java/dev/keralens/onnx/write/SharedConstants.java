package dev.keralens.onnx.write;

import dev.keralens.graph.Constant;
import dev.keralens.graph.Graph;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Large constants that are the same: a file has them once, as of a network that is in it twice. */
final class SharedConstants {
  private SharedConstants() {}

  /**
   * {@return for each constant that another one before it equals, that other one}
   *
   * @param graph has them
   * @param read the values that are read; others are left out
   * @param largest constants of up to so many bytes are left as they are
   */
  static Map<Value, Value> of(Graph graph, Set<Value> read, int largest) {
    Map<String, List<Value>> alike = new HashMap<>();
    graph
        .constants()
        .forEach(
            (value, constant) -> {
              long bytes = Tensor.elements(constant.shape()) * constant.type().bytes();
              if (bytes > largest && read.contains(value)) {
                alike.computeIfAbsent(constant.toString(), key -> new ArrayList<>()).add(value);
              }
            });
    Map<Value, Value> same = new HashMap<>();
    for (List<Value> values : alike.values()) {
      Map<ByteBuffer, Value> first = new HashMap<>();
      for (Value value : values.size() > 1 ? values : List.<Value>of()) {
        Value other = first.putIfAbsent(digest(graph, value), value);
        if (other != null) {
          same.put(value, other);
        }
      }
    }
    return same;
  }

  private static ByteBuffer digest(Graph graph, Value value) {
    Constant constant = graph.constants().get(value);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      if (constant != null) {
        digest.update(constant.tensor().bytes());
      }
      return ByteBuffer.wrap(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
