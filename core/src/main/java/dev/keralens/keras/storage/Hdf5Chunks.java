package dev.keralens.keras.storage;

import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.UnsupportedModelException;
import io.jhdf.api.dataset.ChunkedDataset;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Puts an array together that HDF5 stores in chunks of equal shape, each passed through the same
 * filters. Chunks at the end of an axis reach beyond the array; what lies there is left out.
 */
final class Hdf5Chunks {
  private static final int DEFLATE = 1;
  private static final int SHUFFLE = 2;
  private static final int CHECKSUM = 3;
  private static final int CHECKSUM_BYTES = 4;

  private final String where;
  private final ChunkedDataset dataset;
  private final int[] shape;
  private final int[] chunk;
  private final int width;
  private final int chunkBytes;
  private final List<Integer> filters;

  Hdf5Chunks(String where, ChunkedDataset dataset, int[] shape, int width) {
    this.where = where;
    this.dataset = dataset;
    this.shape = shape;
    this.chunk = dataset.getChunkDimensions();
    this.width = width;
    this.filters = Hdf5Data.filters(dataset);
    long bytes = width;
    for (int axis = 0; axis < shape.length; axis++) {
      if (chunk.length != shape.length || chunk[axis] < 1) {
        throw damaged("its chunks have another rank than the array");
      }
      bytes = Math.multiplyExact(bytes, (long) chunk[axis]);
    }
    // HDF5 lets a chunk be larger than the array, but h5py and h5repack do not make such.
    this.chunkBytes = Math.toIntExact(bytes);
  }

  ByteBuffer join(int length) {
    if (chunkBytes > 2L * length + (1 << 20)) {
      throw damaged("a chunk claims %d bytes, the array has %d".formatted(chunkBytes, length));
    }
    ByteBuffer out = ByteBuffer.allocateDirect(length);
    int[] start = new int[shape.length];
    do {
      byte[] part = decode(dataset.getRawChunkBuffer(start));
      if (part.length < chunkBytes) {
        throw damaged("a chunk has %d bytes instead of %d".formatted(part.length, chunkBytes));
      }
      copy(part, out, start);
    } while (next(start));
    return out;
  }

  /** Steps to the next chunk; false behind the last. */
  private boolean next(int[] start) {
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      if (chunk[axis] < shape[axis] - start[axis]) {
        start[axis] += chunk[axis];
        return true;
      }
      start[axis] = 0;
    }
    return false;
  }

  /** Copies the rows of a chunk, a row being a run along the last axis. */
  private void copy(byte[] part, ByteBuffer out, int[] start) {
    int last = shape.length - 1;
    int run = Math.min(chunk[last], shape[last] - start[last]) * width;
    int[] row = new int[shape.length];
    boolean more = true;
    while (more) {
      int from = 0;
      int to = 0;
      for (int axis = 0; axis <= last; axis++) {
        from = from * chunk[axis] + row[axis];
        to = to * shape[axis] + start[axis] + row[axis];
      }
      out.put(to * width, part, from * width, run);
      more = false;
      for (int axis = last - 1; axis >= 0 && !more; axis--) {
        if (row[axis] + 1 < Math.min(chunk[axis], shape[axis] - start[axis])) {
          row[axis]++;
          more = true;
        } else {
          row[axis] = 0;
        }
      }
    }
  }

  private byte[] decode(ByteBuffer raw) {
    byte[] data = new byte[raw.remaining()];
    raw.get(data);
    for (int i = filters.size() - 1; i >= 0; i--) {
      data =
          switch (filters.get(i)) {
            case DEFLATE -> inflate(data);
            case SHUFFLE -> unshuffle(data);
            case CHECKSUM -> Arrays.copyOf(data, Math.max(0, data.length - CHECKSUM_BYTES));
            default ->
                throw new UnsupportedModelException(
                    "%s is packed by the HDF5 filter %d; repack the file: h5repack -f NONE in.h5"
                            .formatted(where, filters.get(i))
                        + " out.h5");
          };
    }
    return data;
  }

  private byte[] inflate(byte[] packed) {
    byte[] out = new byte[chunkBytes + (filters.contains(CHECKSUM) ? CHECKSUM_BYTES : 0)];
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(packed);
      int length = 0;
      while (length < out.length && !inflater.finished()) {
        int step = inflater.inflate(out, length, out.length - length);
        if (step == 0) {
          break;
        }
        length += step;
      }
      return length == out.length ? out : Arrays.copyOf(out, length);
    } catch (DataFormatException e) {
      throw new InvalidModelException(where + " cannot be unpacked; the file is damaged.", e);
    } finally {
      inflater.end();
    }
  }

  /** Undoes the sorting of bytes by their place in an element. */
  private byte[] unshuffle(byte[] data) {
    byte[] out = new byte[data.length];
    int count = data.length / width;
    for (int i = 0; i < count; i++) {
      for (int b = 0; b < width; b++) {
        out[i * width + b] = data[b * count + i];
      }
    }
    int rest = count * width;
    System.arraycopy(data, rest, out, rest, data.length - rest);
    return out;
  }

  private InvalidModelException damaged(String what) {
    return new InvalidModelException("%s is damaged: %s.".formatted(where, what));
  }
}
