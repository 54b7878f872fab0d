package dev.keralens.tensor;

import dev.keralens.file.RegularFile;
import dev.keralens.file.WholeFile;
import dev.keralens.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * NumPy's files of one array: the magic bytes {@code \x93NUMPY}, a version, the length of the
 * header, the header as a Python dictionary with {@code descr}, {@code fortran_order} and {@code
 * shape}, then the elements.
 *
 * <p>Read are versions 1 to 3, floats of 16, 32 and 64 bits, signed integers of 8, 16, 32 and 64
 * bits, unsigned ones of 8 bits, and truth values, in either byte order. 16-bit floats become
 * 32-bit ones.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST_HEADER = 1 << 16;
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([<>|=]?)([a-z]\\d+)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,]*)\\)");

  private static final Map<String, ElementType> TYPES =
      Map.of(
          "f4", ElementType.FLOAT32,
          "f8", ElementType.FLOAT64,
          "f2", ElementType.FLOAT32,
          "i8", ElementType.INT64,
          "i4", ElementType.INT32,
          "i2", ElementType.INT32,
          "i1", ElementType.INT8,
          "u1", ElementType.UINT8,
          "b1", ElementType.BOOL);

  private Npy() {}

  /**
   * Reads an array.
   *
   * @param path the file
   * @return the array, in row-major order
   * @throws IOException if the file cannot be read, or is no such array; the message names it
   */
  public static Tensor read(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException(path + " is a folder, not a NumPy array.");
    }
    try (FileChannel channel = FileChannel.open(RegularFile.check(path), StandardOpenOption.READ)) {
      return read(NpySource.of(path.toString(), channel));
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(path.toString(), null, "there is no such file");
    }
  }

  /**
   * Reads an array from memory.
   *
   * @param content what a {@code .npy} file holds
   * @param name what messages call it
   * @return the array, in row-major order
   * @throws IOException if it is no such array; the message names it
   */
  public static Tensor read(byte[] content, String name) throws IOException {
    return read(NpySource.of(name, content.clone()));
  }

  static Tensor read(NpySource source) throws IOException {
    return elements(source, header(source));
  }

  /** The header's dictionary; the elements are what is left. */
  static String header(NpySource source) throws IOException {
    ByteBuffer start = source.bytes(10);
    byte[] magic = new byte[6];
    start.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new IOException(source + " is not a NumPy array (.npy).");
    }
    int version = start.get();
    long length = start.getShort(8) & 0xffff;
    if (version >= 2) {
      length |= (long) (source.bytes(2).getShort(0) & 0xffff) << 16;
    }
    if (version < 1 || version > 3 || length > LONGEST_HEADER) {
      throw new IOException(source + " has a header that NumPy does not write.");
    }
    return StandardCharsets.UTF_8.decode(source.bytes((int) length)).toString();
  }

  static Tensor elements(NpySource source, String header) throws IOException {
    Matcher descr = find(source, DESCR, header);
    boolean fortran = find(source, ORDER, header).group(1).equals("True");
    int[] shape = shape(source, find(source, SHAPE, header).group(1));
    ElementType type = TYPES.get(descr.group(2));
    if (type == null) {
      throw new IOException(
          "%s holds elements of type '%s'; read are %s."
              .formatted(source, descr.group(2), TYPES.keySet().stream().sorted().toList()));
    }
    int width = descr.group(2).charAt(1) - '0';
    long available = source.remaining();
    long needed = byteCount(source, width, shape);
    if (needed > available || needed > Integer.MAX_VALUE) {
      throw new IOException(
          "%s claims an array of shape %s, %d bytes, but has %d."
              .formatted(source, Tensor.describe(shape), needed, available));
    }
    ByteBuffer data = source.bytes((int) needed);
    data.order(descr.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    ByteBuffer plain = convert(data, descr.group(2), type);
    if (!fortran) {
      return Tensor.wrap(type, plain, shape);
    }
    int rank = shape.length;
    int[] reversed = new int[rank];
    int[] axes = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      reversed[axis] = shape[rank - 1 - axis];
      axes[axis] = rank - 1 - axis;
    }
    return Tensor.wrap(type, plain, reversed).transpose(axes);
  }

  private static Matcher find(NpySource source, Pattern pattern, String header) throws IOException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new IOException(
          source
              + " holds no plain array: its header is '"
              + Printable.name(header.strip())
              + "'.");
    }
    return matcher;
  }

  private static int[] shape(NpySource source, String text) throws IOException {
    try {
      return Arrays.stream(text.split(","))
          .map(String::strip)
          .filter(size -> !size.isEmpty())
          .mapToInt(Integer::parseInt)
          .toArray();
    } catch (NumberFormatException e) {
      throw new IOException(
          source + " claims an array of shape (" + Printable.name(text) + ").", e);
    }
  }

  private static long byteCount(NpySource source, int width, int[] shape) throws IOException {
    try {
      return Math.multiplyExact(Tensor.elements(shape), (long) width);
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new IOException(
          source + " claims an array of shape " + Tensor.describe(shape) + ".", e);
    }
  }

  /** Brings elements to little-endian ones of the tensor's type. */
  private static ByteBuffer convert(ByteBuffer data, String code, ElementType type) {
    boolean little = data.order() == ByteOrder.LITTLE_ENDIAN;
    int width = code.charAt(1) - '0';
    if (width == type.bytes() && (little || width == 1)) {
      return data;
    }
    int count = data.remaining() / width;
    ByteBuffer out = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (code) {
        case "f2" -> out.putFloat(half(data.getShort(i * 2)));
        case "i2" -> out.putInt(data.getShort(i * 2));
        default -> {
          if (width == 4) {
            out.putInt(data.getInt(i * 4));
          } else {
            out.putLong(data.getLong(i * 8));
          }
        }
      }
    }
    return out.flip();
  }

  /** An IEEE 754 half-precision number as a float. */
  static float half(short bits) {
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    float size;
    if (exponent == 0x1f) {
      size = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else if (exponent == 0) {
      size = Math.scalb(fraction, -24);
    } else {
      size = Math.scalb(fraction + 1024f, exponent - 25);
    }
    return bits < 0 ? -size : size;
  }

  /**
   * Writes an array. The file is written beside its place and moved there, so that a failure leaves
   * an old file as it was.
   *
   * @param path the file
   * @param tensor the array
   * @throws IOException if the file cannot be written; the message names it
   */
  public static void write(Path path, Tensor tensor) throws IOException {
    checkTarget(path);
    WholeFile.write(
        path,
        part -> {
          try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            ByteBuffer[] parts = {header(tensor), tensor.bytes()};
            while (parts[1].hasRemaining()) {
              channel.write(parts);
            }
            while (parts[0].hasRemaining()) {
              channel.write(parts[0]);
            }
          }
        });
  }

  /** Finds out whether a file can be written. */
  static void checkTarget(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new NoSuchFileException(path.toString(), null, "there is no folder to write it to");
    }
    if (Files.isDirectory(path)) {
      throw new IOException(path + " is a folder; name a file to write.");
    }
    if (!Files.isWritable(folder)) {
      throw new AccessDeniedException(path.toString(), null, "the folder cannot be written");
    }
  }

  static ByteBuffer header(Tensor tensor) {
    String descr =
        switch (tensor.type()) {
          case FLOAT32 -> "<f4";
          case FLOAT64 -> "<f8";
          case INT32 -> "<i4";
          case INT64 -> "<i8";
          case INT8 -> "|i1";
          case UINT8 -> "|u1";
          case BOOL -> "|b1";
        };
    return header(descr, tensor.shape());
  }

  /** A header of elements in row-major order. */
  static ByteBuffer header(String descr, int[] shape) {
    String text =
        "{'descr': '%s', 'fortran_order': False, 'shape': %s, }"
            .formatted(descr, Tensor.describe(shape));
    int padding = 63 - (MAGIC.length + 4 + text.length()) % 64;
    byte[] bytes = (text + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(MAGIC.length + 4 + bytes.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) bytes.length)
        .put(bytes)
        .flip();
  }
}
