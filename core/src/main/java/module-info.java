/**
 * Explains what Keras models see.
 *
 * <p>Exported is what users touch. Five packages are experimental, and may change with any release:
 * methods and layers of users' own are written with {@code explain}, {@code grad}, {@code graph},
 * {@code inspect.attention} and {@code keras}. What is not exported may change, too; our own
 * programs use some of it on the class path.
 */
module dev.keralens.core {
  requires com.fasterxml.jackson.databind;
  requires com.google.protobuf;
  requires com.microsoft.onnxruntime;
  requires io.jhdf;
  requires java.logging;
  requires java.net.http;
  requires transitive java.desktop;
  requires org.tribuo.util.onnx;
  requires static transitive org.jspecify;

  // What jhdf needs; it has no module descriptor that could say so.
  requires com.ning.compress.lzf;
  requires org.apache.commons.lang3;
  requires org.slf4j;

  uses org.slf4j.spi.SLF4JServiceProvider;

  exports dev.keralens;
  exports dev.keralens.applications;
  exports dev.keralens.converter;
  exports dev.keralens.filter;
  exports dev.keralens.inspect;
  exports dev.keralens.keras.build;
  exports dev.keralens.method;
  exports dev.keralens.network;
  exports dev.keralens.objective;
  exports dev.keralens.picture;
  exports dev.keralens.picture.draw;
  exports dev.keralens.runtime;
  exports dev.keralens.tensor;
  exports dev.keralens.tokenize;

  // Experimental: for methods and layers of users' own.
  exports dev.keralens.explain;
  exports dev.keralens.grad;
  exports dev.keralens.graph;
  exports dev.keralens.inspect.attention;
  exports dev.keralens.keras;
}
