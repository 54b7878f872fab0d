package dev.keralens.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An answer in pieces. Each is, in little-endian order: the number of bytes of JSON, the number of
 * bytes behind it, both as uint32; the JSON; the bytes, which are floats.
 */
final class Frames {
  static final String TYPE = "application/x-keralens-frames";

  private static final ObjectMapper JSON = new ObjectMapper();

  private Frames() {}

  /** Writes one piece, and sends it. */
  static void write(OutputStream out, JsonNode head, byte[] data) throws IOException {
    byte[] text = JSON.writeValueAsBytes(head);
    ByteBuffer sizes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    sizes.putInt(text.length).putInt(data.length);
    out.write(sizes.array());
    out.write(text);
    out.write(data);
    out.flush();
  }

  /** Floats as bytes. */
  static byte[] bytes(float[]... parts) {
    int count = 0;
    for (float[] part : parts) {
      count += part.length;
    }
    ByteBuffer bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float[] part : parts) {
      bytes.asFloatBuffer().put(part);
      bytes.position(bytes.position() + part.length * Float.BYTES);
    }
    return bytes.array();
  }
}
