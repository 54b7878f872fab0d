package dev.keralens.tensor;

import dev.keralens.file.RegularFile;
import dev.keralens.file.WholeFile;
import dev.keralens.text.Printable;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * NumPy's files of several arrays by name, as {@code np.savez} writes and {@code np.load} reads: a
 * zip file of {@code .npy} files.
 *
 * <p>Arrays are those that {@link Npy} reads; arrays of text ({@code <U}) of one axis, or none, are
 * lists. What is neither, such as an array of Python objects, is an error where it is read.
 */
public final class Npz {
  private final Map<String, Tensor> arrays;
  private final Map<String, List<String>> texts;

  /**
   * Takes unmodifiable copies, in the same order.
   *
   * @param arrays the arrays by their names
   * @param texts the arrays of text by their names
   */
  public Npz(Map<String, Tensor> arrays, Map<String, List<String>> texts) {
    arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
    Map<String, List<String>> lists = new LinkedHashMap<>();
    texts.forEach((name, list) -> lists.put(name, List.copyOf(list)));
    texts = Collections.unmodifiableMap(lists);
    for (String name : texts.keySet()) {
      if (arrays.containsKey(name)) {
        throw new IllegalArgumentException("There are two arrays called '%s'.".formatted(name));
      }
    }
    this.arrays = arrays;
    this.texts = texts;
  }

  /** {@return the arrays of numbers, by name, in the order of the file} */
  public Map<String, Tensor> arrays() {
    return arrays;
  }

  /** {@return the arrays of text, by name} */
  public Map<String, List<String>> texts() {
    return texts;
  }

  private static final String ENDING = ".npy";
  private static final Pattern TEXT =
      Pattern.compile("'descr'\\s*:\\s*'([<>])U(\\d{1,6})'.*'shape'\\s*:\\s*\\((\\d{0,9}),?\\)");

  /** A zip file may not shrink more than its method can. */
  private static final long MOST_RATIO = 1040;

  private static final int MOST_ENTRIES = 10_000;

  /**
   * Arrays of numbers alone.
   *
   * @param arrays the arrays, by name
   */
  public Npz(Map<String, Tensor> arrays) {
    this(arrays, Map.of());
  }

  /**
   * {@return an array of numbers}
   *
   * @param name its name
   * @throws IllegalArgumentException if there is none of this name
   */
  public Tensor array(String name) {
    return named(arrays, name);
  }

  /**
   * {@return an array of text}
   *
   * @param name its name
   * @throws IllegalArgumentException if there is none of this name
   */
  public List<String> text(String name) {
    return named(texts, name);
  }

  private static <T> T named(Map<String, T> table, String name) {
    T found = table.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "There is no array '%s'; there are %s.".formatted(name, table.keySet()));
    }
    return found;
  }

  /**
   * Reads all arrays.
   *
   * @param path the file
   * @return the arrays, numbers in row-major order
   * @throws IOException if the file cannot be read, or is no such file; the message names it
   */
  public static Npz read(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new IOException(path + " is a folder, not a file of NumPy arrays.");
    } else if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString(), null, "there is no such file");
    }
    long length = Files.size(RegularFile.check(path));
    try (ZipFile zip = open(path)) {
      Map<String, Tensor> arrays = new LinkedHashMap<>();
      Map<String, List<String>> texts = new LinkedHashMap<>();
      for (ZipEntry entry : entries(path, zip)) {
        read(path, zip, entry, length, arrays, texts);
      }
      return new Npz(arrays, texts);
    }
  }

  /** Not all that is wrong with a directory is said by a {@code ZipException}. */
  private static ZipFile open(Path path) throws IOException {
    try {
      return new ZipFile(path.toFile());
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw wrong(path, e);
    }
  }

  private static List<? extends ZipEntry> entries(Path path, ZipFile zip) throws IOException {
    if (zip.size() > MOST_ENTRIES) {
      throw new IOException("%s claims %d arrays.".formatted(path, zip.size()));
    }
    try {
      return Collections.list(zip.entries());
    } catch (IllegalArgumentException e) {
      throw wrong(path, e);
    }
  }

  private static IOException wrong(Path path, Exception e) {
    return new IOException(
        "%s is no file of NumPy arrays (.npz): %s.".formatted(path, Printable.reason(e)), e);
  }

  private static void read(
      Path path,
      ZipFile zip,
      ZipEntry entry,
      long length,
      Map<String, Tensor> arrays,
      Map<String, List<String>> texts)
      throws IOException {
    String name = entry.getName();
    String called = "%s, array '%s',".formatted(path, Printable.name(name));
    if (!name.endsWith(ENDING)) {
      throw new IOException("%s is not a NumPy array (.npy).".formatted(called));
    }
    String plain = name.substring(0, name.length() - ENDING.length());
    NpySource source = NpySource.of(called, bytes(called, zip, entry, length));
    String header = Npy.header(source);
    Matcher text = TEXT.matcher(header);
    boolean twice =
        text.find()
            ? texts.put(plain, texts(source, text)) != null
            : arrays.put(plain, Npy.elements(source, header)) != null;
    if (twice) {
      throw new IOException(called + " is there twice.");
    }
  }

  private static byte[] bytes(String called, ZipFile zip, ZipEntry entry, long length)
      throws IOException {
    long size = entry.getSize();
    long packed = entry.getCompressedSize();
    if (size < 0 || packed < 0 || packed > length || size > MOST_RATIO * (packed + 1)) {
      throw new IOException(
          "%s claims %d bytes, packed into %d of %d.".formatted(called, size, packed, length));
    } else if (size > Integer.MAX_VALUE - 8) {
      throw new IOException("%s has %d bytes; read are 2 GB.".formatted(called, size));
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes((int) size);
      CRC32 sum = new CRC32();
      sum.update(bytes);
      if (bytes.length < size || sum.getValue() != entry.getCrc()) {
        throw new ZipException("its bytes are not those that were written");
      }
      return bytes;
    } catch (IOException e) {
      throw new IOException("%s is damaged: %s.".formatted(called, Printable.reason(e)), e);
    }
  }

  /** Text in 32 bits for each character, filled up with zeros. */
  private static List<String> texts(NpySource source, Matcher header) throws IOException {
    int width = Integer.parseInt(header.group(2));
    long count = header.group(3).isEmpty() ? 1 : Long.parseLong(header.group(3));
    if (4L * width * count > source.remaining() || (width == 0 && count > MOST_ENTRIES)) {
      throw new IOException(
          "%s claims %d texts of %d characters, but has %d bytes."
              .formatted(source, count, width, source.remaining()));
    }
    List<String> texts = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      ByteBuffer characters = source.bytes(4 * width);
      if (header.group(1).equals(">")) {
        characters.order(ByteOrder.BIG_ENDIAN);
      }
      StringBuilder text = new StringBuilder();
      int end = 0;
      for (int k = 0; k < width; k++) {
        int point = characters.getInt(4 * k);
        if (!Character.isValidCodePoint(point)) {
          throw new IOException(source + " holds text that is not Unicode.");
        }
        text.appendCodePoint(point);
        end = point == 0 ? end : text.length();
      }
      texts.add(text.substring(0, end));
    }
    return texts;
  }

  /**
   * Writes all arrays, not compressed. The file is written beside its place and moved there, so
   * that a failure leaves an old file as it was.
   *
   * @param path the file
   * @throws IOException if the file cannot be written; the message names it
   */
  public void write(Path path) throws IOException {
    Npy.checkTarget(path);
    WholeFile.write(
        path,
        part -> {
          try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part));
              ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(1);
            for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
              Tensor tensor = array.getValue();
              write(zip, array.getKey(), Npy.header(tensor), tensor.bytes());
            }
            for (Map.Entry<String, List<String>> text : texts.entrySet()) {
              write(zip, text.getKey(), text.getValue());
            }
          }
        });
  }

  private static void write(ZipOutputStream zip, String name, List<String> texts)
      throws IOException {
    int width =
        Math.max(1, texts.stream().mapToInt(t -> t.codePointCount(0, t.length())).max().orElse(0));
    ByteBuffer elements =
        ByteBuffer.allocate(Math.multiplyExact(4 * width, texts.size()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < texts.size(); i++) {
      elements.position(4 * width * i);
      texts.get(i).codePoints().forEach(elements::putInt);
    }
    write(zip, name, Npy.header("<U" + width, new int[] {texts.size()}), elements.rewind());
  }

  private static void write(
      ZipOutputStream zip, String name, ByteBuffer header, ByteBuffer elements) throws IOException {
    ZipEntry entry = new ZipEntry(name + ENDING);
    entry.setTime(0);
    zip.putNextEntry(entry);
    WritableByteChannel channel = Channels.newChannel(zip); // Not closed: the zip file goes on.
    while (header.hasRemaining()) {
      channel.write(header);
    }
    while (elements.hasRemaining()) {
      channel.write(elements);
    }
    zip.closeEntry();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Npz that && arrays.equals(that.arrays) && texts.equals(that.texts);
  }

  @Override
  public int hashCode() {
    return Objects.hash(arrays, texts);
  }

  @Override
  public String toString() {
    return "Npz[arrays=%s, texts=%s]".formatted(arrays, texts);
  }
}
