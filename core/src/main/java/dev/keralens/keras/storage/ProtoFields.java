package dev.keralens.keras.storage;

import com.google.protobuf.CodedInputStream;
import dev.keralens.graph.InvalidModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a protocol buffer message, one after another. The few messages of TensorFlow that
 * are read here do not warrant its generated classes.
 */
public final class ProtoFields {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  /**
   * One field.
   *
   * @param number its number in the message
   * @param value its value, where it is a number
   * @param bytes its bytes, where it is a text, bytes or a message; empty otherwise
   */
  public record Field(int number, long value, ByteBuffer bytes) {
    public String text() {
      return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
  }

  private ProtoFields() {}

  /**
   * Visits the fields of a message in their order.
   *
   * @param name what the message is, for messages to people
   * @param message from the position to the limit; not changed
   * @throws InvalidModelException if it is no such message
   */
  public static void read(String name, ByteBuffer message, Consumer<Field> each) {
    ByteBuffer all = message.slice();
    CodedInputStream in = CodedInputStream.newInstance(all);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        int number = tag >>> 3;
        switch (tag & 7) {
          case VARINT -> each.accept(new Field(number, in.readRawVarint64(), empty()));
          case FIXED32 -> each.accept(new Field(number, in.readRawLittleEndian32(), empty()));
          case FIXED64 -> each.accept(new Field(number, in.readRawLittleEndian64(), empty()));
          case BYTES -> {
            int length = in.readRawVarint32();
            int start = in.getTotalBytesRead();
            if (length < 0 || length > all.limit() - start) {
              throw damaged(name, null);
            }
            in.skipRawBytes(length);
            ByteBuffer bytes = all.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
            each.accept(new Field(number, 0, bytes));
          }
          default -> throw damaged(name, null);
        }
      }
    } catch (IOException e) {
      throw damaged(name, e);
    }
  }

  /**
   * {@return the first field of a message that has a number}
   *
   * @param name what the message is, for messages to people
   * @param message from the position to the limit; not changed
   * @param number the field's number
   * @throws InvalidModelException if it is no such message
   */
  public static Optional<Field> first(String name, ByteBuffer message, int number) {
    List<Field> found = new ArrayList<>(1);
    read(
        name,
        message,
        field -> {
          if (field.number == number && found.isEmpty()) {
            found.add(field);
          }
        });
    return found.stream().findFirst();
  }

  private static ByteBuffer empty() {
    return ByteBuffer.allocate(0);
  }

  private static InvalidModelException damaged(String name, @Nullable IOException cause) {
    String message = name + " is cut short or damaged. Copy or save the model again.";
    return cause == null
        ? new InvalidModelException(message)
        : new InvalidModelException(message, cause);
  }
}
