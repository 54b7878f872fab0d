package dev.keralens.onnx.data;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.keralens.graph.Constant;
import dev.keralens.graph.InvalidModelException;
import dev.keralens.graph.OnnxTypes;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The constants of a file: their sizes are checked when the file is opened, their elements are read
 * when they are needed. Half-precision numbers become single-precision ones.
 */
public final class TensorData {
  private final ModelSource source;
  private final TensorProto proto;
  private final String name;
  private final int[] shape;
  private final int count;

  private TensorData(ModelSource source, TensorProto proto, String name) {
    this.source = source;
    this.proto = proto;
    this.name = name;
    this.shape = shape();
    this.count = (int) Tensor.elements(shape);
  }

  /**
   * {@return a constant of the file}
   *
   * @param source the files
   * @param proto the constant's message
   * @param name what it is called in messages
   * @throws InvalidModelException if its elements are not as many as its shape says, or lie nowhere
   * @throws UnsupportedModelException if graphs have not its type
   */
  public static Constant read(ModelSource source, TensorProto proto, String name) {
    return new TensorData(source, proto, name).constant();
  }

  private int[] shape() {
    int[] sizes = new int[proto.getDimsCount()];
    long product = 1;
    for (int axis = 0; axis < sizes.length; axis++) {
      long size = proto.getDims(axis);
      if (size < 0 || size > Integer.MAX_VALUE) {
        throw invalid("has an axis of size " + size);
      }
      sizes[axis] = (int) size;
      product = size == 0 ? 0 : product * size;
      if (product > Integer.MAX_VALUE / 8) {
        throw invalid("has more elements than a tensor can hold");
      }
    }
    return sizes;
  }

  private Constant constant() {
    ElementType type = type(proto.getDataType());
    if (type == null) {
      throw new UnsupportedModelException(
          "Constant '%s' of %s has elements of the type %s, which is not supported."
              .formatted(name, source.name(), typeName(proto.getDataType())));
    }
    boolean half = isHalf(proto.getDataType());
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      ModelSource.Region region = region((long) count * storedBytes());
      return Constant.deferred(type, shape, half ? () -> widened(region) : new Plain(type, region));
    }
    Supplier<ByteBuffer> bytes = bytes();
    return Constant.deferred(
        type, shape, () -> Tensor.wrap(type, half ? widened(bytes.get()) : bytes.get(), shape));
  }

  /** What a file stores as graphs take it: it can be read into its place, and in parts. */
  private final class Plain implements Constant.Source {
    private final ElementType type;
    private final ModelSource.Region region;

    Plain(ElementType type, ModelSource.Region region) {
      this.type = type;
      this.region = region;
    }

    @Override
    public Tensor read() {
      return Tensor.wrap(type, region.bytes(0, region.length()), shape);
    }

    @Override
    public boolean readInto(ByteBuffer to) {
      region.file().read(region.offset(), to);
      return true;
    }

    @Override
    public boolean visitRows(int rows, Constant.RowVisitor visitor) {
      if (shape.length == 0) {
        return false;
      }
      int[] part = shape.clone();
      long row = region.length() / Math.max(1, shape[0]);
      for (int first = 0; first < shape[0]; first += rows) {
        part[0] = Math.min(rows, shape[0] - first);
        visitor.visit(first, Tensor.wrap(type, region.bytes(row * first, row * part[0]), part));
      }
      return true;
    }
  }

  private Tensor widened(ModelSource.Region region) {
    return Tensor.wrap(ElementType.FLOAT32, widened(region.bytes(0, region.length())), shape);
  }

  /** The type that graphs use for a type of ONNX, or null where they have none. */
  public static @Nullable ElementType type(int onnxType) {
    if (isHalf(onnxType)) {
      return ElementType.FLOAT32;
    }
    for (ElementType type : ElementType.values()) {
      if (OnnxTypes.code(type) == onnxType) {
        return type;
      }
    }
    return null;
  }

  /** {@return ONNX's name of a type} */
  public static String typeName(int onnxType) {
    DataType type = DataType.forNumber(onnxType);
    return type == null ? "number " + onnxType : type.name();
  }

  static boolean isHalf(int onnxType) {
    return onnxType == DataType.FLOAT16_VALUE || onnxType == DataType.BFLOAT16_VALUE;
  }

  private int storedBytes() {
    int type = proto.getDataType();
    ElementType stored = type(type);
    return isHalf(type) || stored == null ? 2 : stored.bytes();
  }

  /** The elements as little-endian bytes, as they are stored. */
  private Supplier<ByteBuffer> bytes() {
    long size = (long) count * storedBytes();
    if (proto.hasRawData()) {
      if (proto.getRawData().size() != size) {
        throw invalid(
            "has %d bytes for a shape of %s and the type %s, which needs %d"
                .formatted(
                    proto.getRawData().size(),
                    Tensor.describe(shape),
                    typeName(proto.getDataType()),
                    size));
      }
      return () -> proto.getRawData().asReadOnlyByteBuffer();
    }
    int listed = listed();
    if (listed != count) {
      throw invalid("has %d elements for a shape of %s".formatted(listed, Tensor.describe(shape)));
    }
    return this::fromList;
  }

  private ModelSource.Region region(long size) {
    Map<String, String> entries = new HashMap<>();
    for (StringStringEntryProto entry : proto.getExternalDataList()) {
      entries.put(entry.getKey(), entry.getValue());
    }
    try {
      long offset = Long.parseLong(entries.getOrDefault("offset", "0"));
      long length = Long.parseLong(entries.getOrDefault("length", String.valueOf(size)));
      if (length != size) {
        throw invalid(
            "has %d bytes of external data for a shape of %s, which needs %d"
                .formatted(length, Tensor.describe(shape), size));
      }
      return source.external(entries.getOrDefault("location", ""), offset, length, name);
    } catch (NumberFormatException e) {
      throw invalid("has an offset or a length of external data that is no number");
    }
  }

  private int listed() {
    return switch (proto.getDataType()) {
      case DataType.FLOAT_VALUE -> proto.getFloatDataCount();
      case DataType.DOUBLE_VALUE -> proto.getDoubleDataCount();
      case DataType.INT64_VALUE -> proto.getInt64DataCount();
      default -> proto.getInt32DataCount();
    };
  }

  private ByteBuffer fromList() {
    int width = storedBytes();
    ByteBuffer out = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (proto.getDataType()) {
        case DataType.FLOAT_VALUE -> out.putFloat(proto.getFloatData(i));
        case DataType.DOUBLE_VALUE -> out.putDouble(proto.getDoubleData(i));
        case DataType.INT64_VALUE -> out.putLong(proto.getInt64Data(i));
        case DataType.INT32_VALUE -> out.putInt(proto.getInt32Data(i));
        case DataType.FLOAT16_VALUE, DataType.BFLOAT16_VALUE ->
            out.putShort((short) proto.getInt32Data(i));
        default -> out.put((byte) proto.getInt32Data(i));
      }
    }
    return out.flip();
  }

  private ByteBuffer widened(ByteBuffer halves) {
    boolean brain = proto.getDataType() == DataType.BFLOAT16_VALUE;
    ByteBuffer from = halves.order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer out = ByteBuffer.allocate(count * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      short bits = from.getShort();
      out.putFloat(brain ? Float.intBitsToFloat(bits << 16) : half(bits));
    }
    return out.flip();
  }

  /** A number of half precision: one bit sign, five exponent, ten fraction. */
  static float half(short bits) {
    int exponent = (bits >> 10) & 0x1f;
    int fraction = bits & 0x3ff;
    float size =
        switch (exponent) {
          case 0 -> fraction * 0x1p-24f;
          case 31 -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
          default -> (0x400 + fraction) * (float) Math.pow(2, exponent - 25);
        };
    return bits < 0 ? -size : size;
  }

  private InvalidModelException invalid(String problem) {
    return new InvalidModelException(
        "Constant '%s' of %s %s.".formatted(name, source.name(), problem));
  }
}
