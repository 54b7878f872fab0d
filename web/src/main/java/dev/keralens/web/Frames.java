package dev.keralens.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keralens.web.http.Refusal;
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

  /** A piece that was sent. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Read(JsonNode head, float[] values) {}

  /**
   * Reads one piece.
   *
   * @throws Refusal if it is none
   */
  static Read read(byte[] piece) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(piece).order(ByteOrder.LITTLE_ENDIAN);
    long text = piece.length < 8 ? -1 : Integer.toUnsignedLong(bytes.getInt(0));
    long data = piece.length < 8 ? -1 : Integer.toUnsignedLong(bytes.getInt(4));
    if (text < 0 || 8 + text + data != piece.length || data % Float.BYTES != 0) {
      throw new Refusal(400, "The question is cut off.");
    }
    JsonNode head;
    try {
      head = JSON.readTree(piece, 8, (int) text);
    } catch (JsonProcessingException e) {
      throw new Refusal(400, "The question is no JSON object.");
    }
    float[] values = new float[(int) (data / Float.BYTES)];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes.getFloat(8 + (int) text + i * Float.BYTES);
    }
    return new Read(head, values);
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
