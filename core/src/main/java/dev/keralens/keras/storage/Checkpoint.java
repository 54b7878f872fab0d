package dev.keralens.keras.storage;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.storage.ProtoFields.Field;
import dev.keralens.keras.storage.StoredType.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The variables of a TensorFlow checkpoint.
 *
 * <pre>
 * index  = sorted table of "" header, key entry, ..            see SortedTable
 * header = message { 1: shards, 2: endianness (0 little) }
 * entry  = message { 1: type, 2: shape, 3: shard, 4: offset, 5: size, 6: checksum, 7: slices }
 * shape  = message { 2: { 1: size }, 3: unknown rank }
 * shard  = "variables.data-00000-of-00001": the elements of one tensor after another
 * </pre>
 */
public final class Checkpoint {
  private static final int STRING = 7;
  private static final int MAX_SHARDS = 10_000;

  /** TensorFlow's numbers of types. */
  private static final Map<Integer, StoredType> TYPES =
      Map.ofEntries(
          type(1, Kind.FLOAT, 4),
          type(2, Kind.FLOAT, 8),
          type(3, Kind.INT, 4),
          type(4, Kind.UINT, 1),
          type(5, Kind.INT, 2),
          type(6, Kind.INT, 1),
          type(9, Kind.INT, 8),
          type(10, Kind.BOOL, 1),
          type(14, Kind.BFLOAT, 2),
          type(17, Kind.UINT, 2),
          type(19, Kind.FLOAT, 2),
          type(22, Kind.UINT, 4),
          type(23, Kind.UINT, 8));

  private record Entry(
      int type, List<Long> shape, int shard, long offset, long size, int checksum) {}

  private final String name;
  private final Map<String, ByteBuffer> index;
  private final List<FileRegion> shards = new ArrayList<>();

  private Checkpoint(String name, Map<String, ByteBuffer> index) {
    this.name = name;
    this.index = index;
  }

  private static Map.Entry<Integer, StoredType> type(int number, Kind kind, int bytes) {
    return Map.entry(number, new StoredType(kind, bytes, ByteOrder.LITTLE_ENDIAN));
  }

  /**
   * {@return the checkpoint in a folder}
   *
   * @param name the folder, for messages
   * @param files the folder's files
   * @param prefix what the names of its files begin with
   */
  public static Checkpoint open(String name, ModelFiles files, String prefix) throws IOException {
    String indexName = prefix + ".index";
    FileRegion index =
        files.entry(indexName, Integer.MAX_VALUE).orElseThrow(() -> missing(name, indexName));
    Checkpoint checkpoint = new Checkpoint(name, SortedTable.read(index));
    int count = checkpoint.header();
    for (int i = 0; i < count; i++) {
      String shard = "%s.data-%05d-of-%05d".formatted(prefix, i, count);
      checkpoint.shards.add(
          files.entry(shard, Long.MAX_VALUE).orElseThrow(() -> missing(name, shard)));
    }
    return checkpoint;
  }

  private static InvalidModelException missing(String name, String file) {
    return new InvalidModelException(
        "%s is not whole: there is no file '%s'. Copy the whole folder.".formatted(name, file));
  }

  private int header() {
    ByteBuffer header = index.get("");
    if (header == null) {
      throw new InvalidModelException(name + " has a checkpoint without a header; it is damaged.");
    }
    long shardCount = ProtoFields.first(name, header, 1).map(Field::value).orElse(0L);
    boolean bigEndian = ProtoFields.first(name, header, 2).map(Field::value).orElse(0L) != 0;
    if (bigEndian) {
      throw new UnsupportedModelException(
          name + " was written on a big-endian machine; save the model as .keras instead.");
    }
    if (shardCount < 1 || shardCount > MAX_SHARDS) {
      throw new InvalidModelException(
          "%s claims %d files of variables; it is damaged.".formatted(name, shardCount));
    }
    return (int) shardCount;
  }

  /** {@return a variable by its key, where there is one} */
  public Optional<WeightArray> array(String key) {
    return entry(key).map(entry -> array(key, entry));
  }

  /** {@return the text under a key, where there is one} A text has its length before it. */
  public Optional<ByteBuffer> text(String key) {
    return entry(key)
        .filter(entry -> entry.type == STRING && entry.shape.isEmpty())
        .map(
            entry -> {
              ByteBuffer data = shard(entry).bytes(entry.offset, entry.size);
              while (data.hasRemaining() && data.get() < 0) {
                // the length in base 128, which the entry's size tells as well
              }
              data.position(Math.min(data.limit(), data.position() + Integer.BYTES));
              return data.slice().order(ByteOrder.LITTLE_ENDIAN);
            });
  }

  private WeightArray array(String key, Entry entry) {
    StoredType type = TYPES.get(entry.type);
    if (type == null) {
      throw new UnsupportedModelException(
          "%s: variable '%s' is of TensorFlow's type %d, which is not read."
              .formatted(name, key, entry.type));
    }
    int[] shape = new int[entry.shape.size()];
    long bytes = type.bytes();
    for (int axis = 0; axis < shape.length; axis++) {
      long size = entry.shape.get(axis);
      shape[axis] = (int) Math.max(0, Math.min(size, Integer.MAX_VALUE));
      bytes = shape[axis] == size && bytes <= entry.size ? bytes * size : Long.MAX_VALUE;
    }
    if (bytes != entry.size) {
      throw new InvalidModelException(
          "%s: variable '%s' has the shape %s of %s, but %d bytes; the file is damaged."
              .formatted(name, key, entry.shape, type, entry.size));
    }
    return new WeightArray(key, shape, type, data(entry, name + ": variable '" + key + "'"));
  }

  private WeightArray.Data data(Entry entry, String variable) {
    return new WeightArray.Data() {
      @Override
      public ByteBuffer read() {
        ByteBuffer data = shard(entry).bytes(entry.offset, entry.size);
        Checksums.check(variable, data, entry.checksum);
        return data;
      }

      @Override
      public @Nullable FileRegion region() {
        if (entry.size == 0) {
          return null;
        }
        FileRegion region = shard(entry).part(name, entry.offset, entry.size);
        Checksums.check(variable, region, entry.checksum);
        return region;
      }
    };
  }

  private FileRegion shard(Entry entry) {
    if (entry.shard < 0 || entry.shard >= shards.size()) {
      throw new InvalidModelException(
          "%s names file %d of %d; it is damaged.".formatted(name, entry.shard, shards.size()));
    }
    return shards.get(entry.shard);
  }

  private Optional<Entry> entry(String key) {
    ByteBuffer value = index.get(key);
    if (value == null) {
      return Optional.empty();
    }
    Map<Integer, Long> numbers = new HashMap<>();
    List<Long> shape = new ArrayList<>();
    ProtoFields.read(
        name,
        value,
        field -> {
          if (field.number() == 2) {
            ProtoFields.read(name, field.bytes(), dim -> readSize(dim, shape));
          } else if (field.number() == 7) {
            throw new UnsupportedModelException(
                "%s: variable '%s' is stored in slices; save the model as .keras instead."
                    .formatted(name, key));
          } else {
            numbers.put(field.number(), field.value());
          }
        });
    return Optional.of(
        new Entry(
            numbers.getOrDefault(1, 0L).intValue(),
            shape,
            numbers.getOrDefault(3, 0L).intValue(),
            numbers.getOrDefault(4, 0L),
            numbers.getOrDefault(5, 0L),
            numbers.getOrDefault(6, 0L).intValue()));
  }

  private void readSize(Field dim, List<Long> shape) {
    if (dim.number() == 2) {
      shape.add(ProtoFields.first(name, dim.bytes(), 1).map(Field::value).orElse(0L));
    }
  }
}
