package dev.keralens.onnx.write;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import dev.keralens.file.WholeFile;
import dev.keralens.graph.Constant;
import dev.keralens.tensor.Tensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * Writes a model with its large constants, one of which is in memory at a time.
 *
 * <p>Protobuf cannot read messages of 2 GiB or more. A model that would be as long gets a second
 * file beside it, {@code name.onnx.data}, with the constants one after another, each beginning at a
 * multiple of 4,096 bytes so that readers can map it.
 */
final class OnnxFile {
  private static final int PAGE = 4096;

  private final OnnxModel model;
  private final Path path;

  private OnnxFile(OnnxModel model, Path path) {
    this.model = model;
    this.path = path;
  }

  /**
   * Writes beside the path and then moves into place, so that a failure damages nothing.
   *
   * @param limit the size in bytes from which constants go into a file of their own
   */
  static void write(OnnxModel model, Path path, long limit) throws IOException {
    OnnxFile file = new OnnxFile(model, path.toAbsolutePath());
    if (file.embeddedSize() < limit) {
      WholeFile.write(file.path, file::writeEmbedded);
    } else {
      // Neither takes its place before both are written.
      WholeFile.write(
          file.path,
          part -> {
            file.writeReferring(part);
            WholeFile.write(file.dataPath(), file::writeData);
          });
    }
  }

  /** {@return the bytes of a model in one file} */
  static long embeddedSize(OnnxModel model) {
    return new OnnxFile(model, Path.of("")).embeddedSize();
  }

  /**
   * Finds out whether a disk has room, before anything is written.
   *
   * @throws IOException if it has not
   */
  static void checkRoom(Path path, long bytes) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("Cannot write %s: there is no folder %s.".formatted(path, folder));
    }
    long room = Files.getFileStore(folder).getUsableSpace();
    if (room < bytes) {
      throw new IOException(
          "Cannot write %s: it needs %,d bytes, and its disk has room for %,d."
              .formatted(path, bytes, room));
    }
  }

  private Path dataPath() {
    return dataPath(path);
  }

  /** {@return the file with the constants, beside the one with the messages} */
  static Path dataPath(Path path) {
    return path.resolveSibling(path.getFileName() + ".data");
  }

  private GraphProto graph() {
    return model.proto().getGraph();
  }

  /** The initializer with its elements. */
  private TensorProto filled(TensorProto tensor) {
    Constant constant = model.external().get(tensor.getName());
    if (constant == null) {
      return tensor;
    }
    return declared(tensor)
        .setRawData(UnsafeByteOperations.unsafeWrap(constant.tensor().bytes()))
        .build();
  }

  private static TensorProto.Builder declared(TensorProto tensor) {
    return tensor.toBuilder().clearDataLocation().clearExternalData();
  }

  private static long bytes(Constant constant) {
    return Tensor.elements(constant.shape()) * constant.type().bytes();
  }

  /** The size in bytes of one initializer with its elements, without its tag and length. */
  private long filledSize(TensorProto tensor) {
    Constant constant = model.external().get(tensor.getName());
    if (constant == null) {
      return tensor.getSerializedSize();
    }
    long bytes = bytes(constant);
    return declared(tensor).build().getSerializedSize()
        + CodedOutputStream.computeTagSize(TensorProto.RAW_DATA_FIELD_NUMBER)
        + CodedOutputStream.computeUInt64SizeNoTag(bytes)
        + bytes;
  }

  private GraphProto bareGraph() {
    return graph().toBuilder().clearInitializer().build();
  }

  private long graphSize() {
    long size = bareGraph().getSerializedSize();
    for (TensorProto tensor : graph().getInitializerList()) {
      long filled = filledSize(tensor);
      size +=
          CodedOutputStream.computeTagSize(GraphProto.INITIALIZER_FIELD_NUMBER)
              + CodedOutputStream.computeUInt64SizeNoTag(filled)
              + filled;
    }
    return size;
  }

  private long embeddedSize() {
    return graphSize() + model.proto().toBuilder().clearGraph().build().getSerializedSize() + 16;
  }

  /*
   * The messages are put together by hand at two levels: "graph" with its length, and in it one
   * initializer after another. All their lengths are known from the shapes, so that no more than one
   * constant is in memory.
   */
  private void writeEmbedded(Path target) throws IOException {
    try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
      CodedOutputStream out = CodedOutputStream.newInstance(stream);
      model.proto().toBuilder().clearGraph().build().writeTo(out);
      out.writeTag(ModelProto.GRAPH_FIELD_NUMBER, 2);
      out.writeUInt64NoTag(graphSize());
      bareGraph().writeTo(out);
      for (TensorProto tensor : graph().getInitializerList()) {
        out.writeMessage(GraphProto.INITIALIZER_FIELD_NUMBER, filled(tensor));
      }
      out.flush();
    }
  }

  private void writeData(Path target) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      long offset = 0;
      for (Map.Entry<String, Constant> entry : model.external().entrySet()) {
        ByteBuffer bytes = entry.getValue().tensor().bytes();
        long end = offset + bytes.remaining();
        while (bytes.hasRemaining()) {
          channel.write(bytes, offset + bytes.position());
        }
        offset = nextPage(end);
      }
    }
  }

  private static long nextPage(long offset) {
    return (offset + PAGE - 1) / PAGE * PAGE;
  }

  private void writeReferring(Path target) throws IOException {
    GraphProto.Builder graph = graph().toBuilder().clearInitializer();
    long offset = 0;
    for (TensorProto tensor : graph().getInitializerList()) {
      Constant constant = model.external().get(tensor.getName());
      if (constant == null) {
        graph.addInitializer(tensor);
        continue;
      }
      long bytes = bytes(constant);
      graph.addInitializer(
          declared(tensor)
              .setDataLocation(TensorProto.DataLocation.EXTERNAL)
              .addExternalData(entry("location", String.valueOf(dataPath().getFileName())))
              .addExternalData(entry("offset", String.valueOf(offset)))
              .addExternalData(entry("length", String.valueOf(bytes))));
      offset = nextPage(offset + bytes);
    }
    try (OutputStream stream = new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
      model.proto().toBuilder().setGraph(graph).build().writeTo(stream);
    }
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
