package dev.keralens.app;

import dev.keralens.network.InputSpec;
import dev.keralens.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Volumes of NIfTI-1 in one file (.nii, .nii.gz), as nibabel's {@code get_fdata} gives them: axes
 * x, y, z, values times {@code scl_slope} plus {@code scl_inter}. Nothing is turned or resampled.
 */
final class Nifti {
  private static final int HEADER = 348;
  private static final int MOST_BYTES = 1 << 30;

  private Nifti() {}

  /** Whether a file is such a volume by its name. */
  static boolean is(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".nii") || name.endsWith(".nii.gz");
  }

  /**
   * Reads a volume as one example, (1, x, y, z) or with one channel behind, as the input takes it.
   *
   * @throws IOException if it is damaged, of a kind that is not read, or of other axes
   */
  static DataFile read(Path file, InputSpec spec) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        InputStream in = isZipped(file) ? new GZIPInputStream(raw) : raw) {
      ByteBuffer header = ByteBuffer.wrap(in.readNBytes(HEADER));
      if (header.capacity() < HEADER) {
        throw cut(file);
      }
      header.order(ByteOrder.LITTLE_ENDIAN);
      if (header.getInt(0) != HEADER) {
        header.order(ByteOrder.BIG_ENDIAN);
      }
      boolean single = header.get(344) == 'n' && header.get(345) == '+';
      if (header.getInt(0) != HEADER || !single) {
        throw new IOException(
            file + " is no NIfTI-1 in one file (.hdr with .img and NIfTI-2 are not read).");
      }
      List<Integer> axes = axes(header, file);
      Type type = Type.of(header.getShort(70), file);
      long count = axes.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
      if (count <= 0 || count > MOST_BYTES / type.bytes) {
        throw new IOException(
            "%s claims a volume of %s, which is larger than 1 GB or empty.".formatted(file, axes));
      }
      long skipped = Math.round((double) header.getFloat(108)) - HEADER;
      if (skipped < 0 || skipped > MOST_BYTES || in.readNBytes((int) skipped).length < skipped) {
        throw cut(file);
      }
      byte[] bytes = in.readNBytes(Math.toIntExact(count * type.bytes));
      if (bytes.length < count * type.bytes) {
        throw cut(file);
      }
      float slope = header.getFloat(112);
      float shift = header.getFloat(116);
      boolean scaled = slope != 0 && Float.isFinite(slope) && Float.isFinite(shift);
      float[] values = new float[(int) count];
      ByteBuffer data = ByteBuffer.wrap(bytes).order(header.order());
      int[] back = places(axes);
      for (int i = 0; i < values.length; i++) {
        float value = type.at(data, i);
        values[back[i]] = scaled ? value * slope + shift : value;
      }
      return new DataFile(shaped(values, axes, spec, file));
    } catch (EOFException | ZipException e) {
      throw new IOException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static boolean isZipped(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
  }

  private static IOException cut(Path file) {
    return new IOException(file + " is cut off: the end of its volume is missing.");
  }

  /** The sizes of the axes; those of one at the end are left out. */
  private static List<Integer> axes(ByteBuffer header, Path file) throws IOException {
    int count = header.getShort(40);
    if (count < 1 || count > 7) {
      throw new IOException(file + " claims " + count + " axes; NIfTI has 1 to 7.");
    }
    List<Integer> axes = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      int size = header.getShort(40 + 2 * i);
      if (size < 1) {
        throw new IOException("%s claims an axis of %d.".formatted(file, size));
      }
      axes.add(size);
    }
    while (axes.size() > 3 && axes.get(axes.size() - 1) == 1) {
      axes.remove(axes.size() - 1);
    }
    return axes;
  }

  /**
   * Of each element in the file, where the first axis runs fastest, its place where the last does.
   */
  private static int[] places(List<Integer> axes) {
    int count = axes.stream().reduce(1, (a, b) -> a * b);
    int[] places = new int[count];
    int[] at = new int[axes.size()];
    for (int i = 0; i < count; i++) {
      int place = 0;
      for (int axis = 0; axis < at.length; axis++) {
        place = place * axes.get(axis) + at[axis];
      }
      places[i] = place;
      for (int axis = 0; axis < at.length && ++at[axis] == axes.get(axis); axis++) {
        at[axis] = 0;
      }
    }
    return places;
  }

  private static Tensor shaped(float[] values, List<Integer> axes, InputSpec spec, Path file)
      throws IOException {
    List<Integer> shape = new ArrayList<>(List.of(1));
    shape.addAll(axes);
    Integer last = spec.sizes().isEmpty() ? null : spec.sizes().get(spec.sizes().size() - 1);
    if (spec.sizes().size() == axes.size() + 1 && (last == null || last == 1)) {
      shape.add(1);
    } else if (spec.sizes().size() != axes.size()) {
      throw new IOException(
          "%s is a volume of %s, but the model takes %s.".formatted(file, axes, spec));
    }
    return Tensor.of(values, shape.stream().mapToInt(Integer::intValue).toArray());
  }

  /** The types of elements that are read, by NIfTI's numbers. */
  private enum Type {
    UINT8(2, 1),
    INT16(4, 2),
    INT32(8, 4),
    FLOAT32(16, 4),
    FLOAT64(64, 8),
    INT8(256, 1),
    UINT16(512, 2);

    private final int code;
    private final int bytes;

    Type(int code, int bytes) {
      this.code = code;
      this.bytes = bytes;
    }

    static Type of(int code, Path file) throws IOException {
      for (Type type : values()) {
        if (type.code == code) {
          return type;
        }
      }
      throw new IOException(
          "%s holds elements of NIfTI's type %d; read are whole numbers of 8 to 32 bits and floats."
              .formatted(file, code));
    }

    float at(ByteBuffer data, int i) {
      int at = i * bytes;
      return switch (this) {
        case UINT8 -> data.get(at) & 0xFF;
        case INT8 -> data.get(at);
        case INT16 -> data.getShort(at);
        case UINT16 -> data.getShort(at) & 0xFFFF;
        case INT32 -> data.getInt(at);
        case FLOAT32 -> data.getFloat(at);
        case FLOAT64 -> (float) data.getDouble(at);
      };
    }
  }
}
