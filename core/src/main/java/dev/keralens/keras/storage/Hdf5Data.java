package dev.keralens.keras.storage;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.keras.storage.StoredType.Kind;
import io.jhdf.api.Dataset;
import io.jhdf.api.dataset.ChunkedDataset;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.dataset.CompactDataset;
import io.jhdf.filter.PipelineFilterWithData;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.EnumDataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.StringData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of an HDF5 file. jHDF says where an array's bytes lie; they are taken from the file
 * itself, without jHDF's copies. An array in one piece, as Keras writes all, is a part of it. One
 * in chunks, as other programs repack it, is put together.
 *
 * <p>An array may claim more bytes than the file has only where it is compressed, and not more than
 * the best ratio of deflate.
 */
final class Hdf5Data {
  private static final long MAX_RATIO = 1032;

  private Hdf5Data() {}

  static WeightArray array(FileRegion file, Dataset dataset) {
    String name = dataset.getPath().replaceFirst("^/", "");
    String where = file.name() + ":" + name;
    StoredType type = type(where, dataset);
    long[] sizes = dataset.getDimensionsAsLong();
    int[] shape = new int[sizes.length];
    long bytes = type.bytes();
    for (int axis = 0; axis < sizes.length; axis++) {
      if (sizes[axis] < 0 || sizes[axis] > Integer.MAX_VALUE) {
        throw tooLarge(where, sizes);
      }
      shape[axis] = (int) sizes[axis];
      bytes = shape[axis] == 0 ? 0 : Math.multiplyExact(bytes, sizes[axis]);
    }
    long limit = dataset instanceof ChunkedDataset ? file.size() * MAX_RATIO : file.size();
    if (bytes > limit) {
      throw tooLarge(where, sizes);
    }
    if (bytes > Integer.MAX_VALUE) {
      throw new UnsupportedModelException(
          "%s has the shape %s, %d bytes; an array of up to 2 GiB is read."
              .formatted(where, Arrays.toString(sizes), bytes));
    }
    int length = (int) bytes;
    return new WeightArray(
        name,
        shape,
        type,
        new WeightArray.Data() {
          @Override
          public ByteBuffer read() {
            return Hdf5Group.guard(file, () -> data(file, where, dataset, shape, type, length));
          }

          @Override
          public @Nullable FileRegion region() {
            return Hdf5Group.guard(file, () -> Hdf5Data.region(file, where, dataset, length));
          }
        });
  }

  private static InvalidModelException tooLarge(String where, long[] sizes) {
    return new InvalidModelException(
        "%s claims the shape %s, more than the file can hold; it is damaged."
            .formatted(where, Arrays.toString(sizes)));
  }

  private static StoredType type(String where, Dataset dataset) {
    DataType type = dataset.getDataType();
    int bytes = type.getSize();
    StoredType stored = null;
    if (type instanceof FloatingPoint number) {
      boolean brain = bytes == 2 && number.getExponentSize() == 8;
      stored = new StoredType(brain ? Kind.BFLOAT : Kind.FLOAT, bytes, number.getByteOrder());
    } else if (type instanceof FixedPoint number) {
      stored =
          new StoredType(number.isSigned() ? Kind.INT : Kind.UINT, bytes, number.getByteOrder());
    } else if (type instanceof EnumDataType && bytes == 1) {
      stored = new StoredType(Kind.BOOL, 1, ByteOrder.LITTLE_ENDIAN);
    } else if (type instanceof StringData && bytes == 2 && isBrain(dataset)) {
      stored = new StoredType(Kind.BFLOAT, 2, ByteOrder.LITTLE_ENDIAN);
    }
    if (stored == null || !stored.isKnown()) {
      throw new UnsupportedModelException(
          "%s holds %s of %d bytes; read are numbers of 1 to 8 bytes."
              .formatted(where, type.getClass().getSimpleName(), bytes));
    }
    return stored;
  }

  /** See {@link BrainFloats}. */
  private static boolean isBrain(Dataset dataset) {
    var attribute = dataset.getAttributes().get("dtype");
    return attribute != null && "bfloat16".equals(attribute.getData());
  }

  private static ByteBuffer data(
      FileRegion file, String where, Dataset dataset, int[] shape, StoredType type, int length) {
    if (length == 0) {
      return ByteBuffer.allocate(0);
    }
    FileRegion region = region(file, where, dataset, length);
    if (region != null) {
      return region.bytes(0, length);
    }
    if (dataset instanceof ChunkedDataset chunked) {
      return new Hdf5Chunks(where, chunked, shape, type.bytes()).join(length);
    }
    if (dataset instanceof CompactDataset compact) {
      ByteBuffer data = compact.getDataBuffer();
      return data.slice(data.position(), length);
    }
    throw new UnsupportedModelException(
        "%s is stored in a layout that is not read; repack the file: h5repack -l CONTI in.h5 out.h5"
            .formatted(where));
  }

  /** {@return the part of the file that has an array in one piece, or null} */
  private static @Nullable FileRegion region(
      FileRegion file, String where, Dataset dataset, int length) {
    if (length == 0 || !(dataset instanceof ContiguousDataset whole)) {
      return null;
    }
    if (whole.getDataAddress() < 0) {
      throw new InvalidModelException(where + " has a shape but no data; save the model again.");
    }
    long start = whole.getDataAddress() + whole.getHdfFile().getUserBlockSize();
    return file.part(file.name(), start, length);
  }

  /** {@return the ids of an array's filters, in the order in which they were applied} */
  static List<Integer> filters(ChunkedDataset dataset) {
    return dataset.getFilters().stream().map(PipelineFilterWithData::getId).toList();
  }
}
