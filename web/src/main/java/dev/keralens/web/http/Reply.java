package dev.keralens.web.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer.
 *
 * @param status its status
 * @param type its content type
 * @param headers headers beside those that every answer has
 * @param body what is sent
 */
public record Reply(int status, String type, Map<String, String> headers, Body body) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What is sent. */
  public sealed interface Body {}

  /**
   * Bytes that are at hand.
   *
   * @param bytes the bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Bytes(byte[] bytes) implements Body {}

  /**
   * What comes bit by bit.
   *
   * @param writer writes it; what it throws ends the connection
   */
  public record Stream(Writer writer) implements Body {}

  /** Writes an answer bit by bit. */
  @FunctionalInterface
  public interface Writer {
    /**
     * Writes.
     *
     * @param out where to; a failure says that nobody listens any more
     * @throws IOException if nobody listens
     */
    void write(OutputStream out) throws IOException;
  }

  /**
   * {@return an answer of bytes}
   *
   * @param type the content type
   * @param bytes the bytes
   */
  public static Reply bytes(String type, byte[] bytes) {
    return new Reply(200, type, Map.of(), new Bytes(bytes));
  }

  /**
   * {@return an answer of JSON}
   *
   * @param node what is sent
   */
  public static Reply json(JsonNode node) {
    try {
      return bytes("application/json", JSON.writeValueAsBytes(node));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * {@return an answer that comes bit by bit}
   *
   * @param type the content type
   * @param writer writes it
   */
  public static Reply stream(String type, Writer writer) {
    return new Reply(200, type, Map.of(), new Stream(writer));
  }

  /** An answer that says what is wrong. */
  static Reply refusal(int status, String message) {
    Reply reply = json(JSON.createObjectNode().put("error", message));
    return new Reply(status, reply.type(), Map.of(), reply.body());
  }

  /** An answer of text for people who open an address that is not for them. */
  static Reply text(int status, String type, String text) {
    return new Reply(status, type, Map.of(), new Bytes(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * {@return this answer with one more header}
   *
   * @param name its name
   * @param value its value
   */
  public Reply with(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put(name, value);
    return new Reply(status, type, all, body);
  }
}
