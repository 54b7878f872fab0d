package dev.keralens.onnx.read;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a file was written here. */
public final class OwnFile {
  /** What the files that are written here say of their producer. */
  public static final String PRODUCER = "keralens";

  private OwnFile() {}

  /**
   * {@return whether a file is an ONNX file that says it was written here}
   *
   * @param file an existing file
   * @throws IOException if it cannot be read
   */
  public static boolean is(Path file) throws IOException {
    if (!Files.isRegularFile(file) || !OnnxReader.isOnnx(file)) {
      return false;
    }
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(file))) {
      CodedInputStream in = CodedInputStream.newInstance(stream);
      return isProduced(in);
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  /** The producer stands before the graph, which may be long. */
  private static boolean isProduced(CodedInputStream in) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = tag >>> 3;
      if (field == ModelProto.PRODUCER_NAME_FIELD_NUMBER && (tag & 7) == 2) {
        return in.readString().equals(PRODUCER);
      }
      if (field >= ModelProto.GRAPH_FIELD_NUMBER || !in.skipField(tag)) {
        return false;
      }
    }
    return false;
  }
}
