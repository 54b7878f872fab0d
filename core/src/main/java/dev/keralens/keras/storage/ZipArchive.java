package dev.keralens.keras.storage;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The entries of a zip file, each as a region. An entry that is stored plainly, as Keras stores
 * all, is a part of the file's own region; a compressed one is inflated, within bounds.
 *
 * <pre>
 * file       = { local-header data } directory [ zip64-end zip64-locator ] end
 * end        = "PK" 5 6 .. count(u16) size(u32) offset(u32) comment          at the end of the file
 * zip64-end  = "PK" 6 6 .. count(u64) size(u64) offset(u64)                  where a field is all ones
 * directory  = { "PK" 1 2 .. flags method .. crc csize size lengths .. offset name extra comment }
 * local      = "PK" 3 4 .. lengths name extra
 * </pre>
 *
 * <p>The JDK's {@code ZipFile} does not tell where an entry's data lie, which reading parts of it
 * needs.
 */
public final class ZipArchive implements ModelFiles {
  private static final int END = 0x06054b50;
  private static final int END_64 = 0x06064b50;
  private static final int LOCATOR_64 = 0x07064b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int LOCAL = 0x04034b50;
  private static final int END_BYTES = 22;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL_BYTES = 30;
  private static final int MAX_COMMENT = 0xffff;
  private static final int MAX_ENTRIES = 100_000;
  private static final long U32 = 0xffffffffL;

  /** Bytes that may be inflated whatever their ratio. */
  private static final long FREE_BYTES = 64L << 20;

  /** Weights do not shrink to a hundredth; what does is made to exhaust memory. */
  private static final long MAX_RATIO = 100;

  private static final long INFLATED_AT_ONCE = 1 << 20;

  private record Entry(
      String name, int flags, int method, int crc, long packed, long size, long offset) {}

  private final FileRegion file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private ZipArchive(FileRegion file) {
    this.file = file;
  }

  /** {@return whether the region begins as zip files do} */
  public static boolean isZip(FileRegion file) {
    return file.size() >= 4 && file.bytes(0, 4).getInt() == LOCAL;
  }

  /**
   * {@return the archive's entries}
   *
   * @throws InvalidModelException if the region is no zip file, is cut short, or names an entry
   *     that lies outside the archive
   */
  public static ZipArchive open(FileRegion file) {
    ZipArchive archive = new ZipArchive(file);
    archive.readDirectory();
    return archive;
  }

  /** {@return the paths of all entries} */
  public Collection<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  @Override
  public Optional<FileRegion> entry(String name, long limit) {
    Entry entry = entries.get(name);
    if (entry == null) {
      return Optional.empty();
    }
    if (entry.size > limit) {
      throw new InvalidModelException(
          "%s: entry '%s' claims %d bytes, allowed are %d."
              .formatted(file.name(), name, entry.size, limit));
    }
    if ((entry.flags & 1) != 0) {
      throw new UnsupportedModelException(
          "%s: entry '%s' is encrypted; pack the archive without a password."
              .formatted(file.name(), name));
    }
    FileRegion packed = data(entry);
    FileRegion data =
        switch (entry.method) {
          case 0 -> stored(entry, packed);
          case 8 -> inflate(entry, packed);
          default ->
              throw new UnsupportedModelException(
                  "%s: entry '%s' is packed by method %d; use 0 (stored) or 8 (deflated)."
                      .formatted(file.name(), name, entry.method));
        };
    checkSum(entry, data);
    return Optional.of(data);
  }

  private void checkSum(Entry entry, FileRegion data) {
    CRC32 sum = new CRC32();
    data.addTo(sum);
    if ((int) sum.getValue() != entry.crc) {
      throw damaged("entry '" + entry.name + "' does not have the checksum of its directory");
    }
  }

  private void readDirectory() {
    long end = findEnd();
    ByteBuffer record = file.bytes(end, END_BYTES);
    long count = record.getShort(10) & 0xffff;
    long size = record.getInt(12) & U32;
    long offset = record.getInt(16) & U32;
    if (count == 0xffff || size == U32 || offset == U32) {
      ByteBuffer locator = file.bytes(end - 20, 20);
      if (locator.getInt(0) == LOCATOR_64) {
        ByteBuffer record64 = file.bytes(locator.getLong(8), 56);
        if (record64.getInt(0) != END_64) {
          throw damaged("the end record of 64 bits is missing");
        }
        count = record64.getLong(32);
        size = record64.getLong(40);
        offset = record64.getLong(48);
      }
    }
    if (count < 0 || count > MAX_ENTRIES) {
      throw damaged("it claims %d entries, allowed are %d".formatted(count, MAX_ENTRIES));
    }
    ByteBuffer directory = file.bytes(offset, size);
    for (long i = 0; i < count; i++) {
      readEntry(directory);
    }
  }

  private void readEntry(ByteBuffer directory) {
    int at = directory.position();
    if (directory.remaining() < CENTRAL_BYTES || directory.getInt(at) != CENTRAL) {
      throw damaged("its directory is broken");
    }
    int nameLength = directory.getShort(at + 28) & 0xffff;
    int extraLength = directory.getShort(at + 30) & 0xffff;
    int commentLength = directory.getShort(at + 32) & 0xffff;
    int total = CENTRAL_BYTES + nameLength + extraLength + commentLength;
    if (directory.remaining() < total) {
      throw damaged("its directory is broken");
    }
    byte[] text = new byte[nameLength];
    directory.get(at + CENTRAL_BYTES, text);
    String name = new String(text, StandardCharsets.UTF_8);
    checkName(name);
    long[] sizes = {
      directory.getInt(at + 24) & U32,
      directory.getInt(at + 20) & U32,
      directory.getInt(at + 42) & U32
    };
    readExtra64(
        directory
            .slice(at + CENTRAL_BYTES + nameLength, extraLength)
            .order(ByteOrder.LITTLE_ENDIAN),
        sizes);
    Entry entry =
        new Entry(
            name,
            directory.getShort(at + 8),
            directory.getShort(at + 10),
            directory.getInt(at + 16),
            sizes[1],
            sizes[0],
            sizes[2]);
    if (entries.put(name, entry) != null) {
      throw damaged("it has two entries '" + name + "'");
    }
    directory.position(at + total);
  }

  /** Replaces the sizes that are all ones by those of the extra field 1. */
  private static void readExtra64(ByteBuffer extra, long[] sizes) {
    while (extra.remaining() >= 4) {
      int id = extra.getShort() & 0xffff;
      int length = Math.min(extra.getShort() & 0xffff, extra.remaining());
      int next = extra.position() + length;
      if (id == 1) {
        for (int i = 0; i < sizes.length; i++) {
          if (sizes[i] == U32 && extra.position() + 8 <= next) {
            sizes[i] = extra.getLong();
          }
        }
      }
      extra.position(next);
    }
  }

  private void checkName(String name) {
    boolean outside =
        name.startsWith("/")
            || name.contains("\\")
            || name.contains(":")
            || Arrays.asList(name.split("/", -1)).contains("..");
    if (outside) {
      throw damaged("its entry '" + name + "' lies outside the archive");
    }
  }

  private long findEnd() {
    if (file.size() >= END_BYTES) {
      int window = (int) Math.min(file.size(), END_BYTES + MAX_COMMENT);
      long base = file.size() - window;
      ByteBuffer tail = file.bytes(base, window);
      for (int at = window - END_BYTES; at >= 0; at--) {
        if (tail.getInt(at) == END
            && (tail.getShort(at + 20) & 0xffff) <= window - at - END_BYTES) {
          return base + at;
        }
      }
    }
    throw damaged("it has no directory at its end");
  }

  private FileRegion data(Entry entry) {
    ByteBuffer local = file.bytes(entry.offset, LOCAL_BYTES);
    if (local.getInt(0) != LOCAL) {
      throw damaged("entry '" + entry.name + "' is not where its directory says");
    }
    long start =
        entry.offset + LOCAL_BYTES + (local.getShort(26) & 0xffff) + (local.getShort(28) & 0xffff);
    return file.part(file.name() + ": " + entry.name, start, entry.packed);
  }

  private FileRegion stored(Entry entry, FileRegion data) {
    if (entry.packed != entry.size) {
      throw damaged(
          "entry '%s' claims %d bytes and stores %d"
              .formatted(entry.name, entry.size, entry.packed));
    }
    return data;
  }

  private FileRegion inflate(Entry entry, FileRegion data) {
    if (entry.size > FREE_BYTES && entry.size / MAX_RATIO > entry.packed) {
      throw damaged(
          "entry '%s' claims to unpack from %d to %d bytes"
              .formatted(entry.name, entry.packed, entry.size));
    }
    if (entry.size > Integer.MAX_VALUE) {
      throw new UnsupportedModelException(
          "%s: entry '%s' has %d bytes compressed; store it uncompressed, as Keras does."
              .formatted(file.name(), entry.name, entry.size));
    }
    ByteBuffer out = ByteBuffer.allocateDirect((int) entry.size);
    Inflater inflater = new Inflater(true);
    try {
      long fed = 0;
      while (out.hasRemaining() && !inflater.finished()) {
        if (inflater.needsInput() && fed < data.size()) {
          long next = Math.min(INFLATED_AT_ONCE, data.size() - fed);
          inflater.setInput(data.bytes(fed, next));
          fed += next;
        }
        if (inflater.inflate(out) == 0
            && (inflater.needsDictionary() || (inflater.needsInput() && fed == data.size()))) {
          break;
        }
      }
    } catch (DataFormatException e) {
      throw new InvalidModelException(
          "%s: entry '%s' cannot be unpacked; the file is damaged."
              .formatted(file.name(), entry.name),
          e);
    } finally {
      inflater.end();
    }
    if (out.hasRemaining()) {
      throw damaged("entry '" + entry.name + "' is shorter than its directory says");
    }
    return FileRegion.of(data.name(), out.flip());
  }

  private InvalidModelException damaged(String what) {
    return new InvalidModelException(
        "%s is no whole zip file: %s. Copy or save the model again.".formatted(file.name(), what));
  }
}
