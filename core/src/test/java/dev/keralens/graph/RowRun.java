package dev.keralens.graph;

import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes and takes apart the tensors that specification rows are run with. */
public final class RowRun {
  private RowRun() {}

  /** {@return elements for each computed operand} */
  public static List<Tensor> sample(List<Operand.Fed> operands, int batch, Random random) {
    List<Tensor> out = new ArrayList<>();
    for (Operand.Fed operand : operands) {
      int[] shape = operand.shape().forBatch(batch);
      float[] values = operand.sampler().sample(random, (int) Tensor.elements(shape));
      out.add(tensor(operand.type(), values, shape));
    }
    return out;
  }

  /** {@return numbers between -1 and 1} */
  public static Tensor uniform(Value value, int batch, Random random) {
    int[] shape = value.shape().forBatch(batch);
    float[] values = Sampler.between(-1, 1).sample(random, (int) Tensor.elements(shape));
    return tensor(value.type(), values, shape);
  }

  /** {@return a tensor of a type} */
  public static Tensor tensor(ElementType type, float[] values, int... shape) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      switch (type) {
        case FLOAT32 -> bytes.putFloat(value);
        case FLOAT64 -> bytes.putDouble(value);
        case INT32 -> bytes.putInt((int) value);
        case INT64 -> bytes.putLong((long) value);
        case INT8, UINT8 -> bytes.put((byte) value);
        case BOOL -> bytes.put((byte) (value != 0 ? 1 : 0));
      }
    }
    return Tensor.wrap(type, bytes.flip(), shape);
  }

  /**
   * {@return the rows of one unit, of a tensor that has several units an image}
   *
   * @param shape the shape of one unit's rows
   */
  public static Tensor unit(Tensor all, Shape shape, int units, int unit) {
    int axis = shape.batchAxis();
    if (axis < 0) {
      return all;
    }
    int[] sizes = all.shape();
    int rows = sizes[axis];
    int multiple = -shape.size(axis);
    int outer = 1;
    int inner = 1;
    for (int i = 0; i < sizes.length; i++) {
      outer *= i < axis ? sizes[i] : 1;
      inner *= i > axis ? sizes[i] : 1;
    }
    float[] from = all.toFloatArray();
    float[] to = new float[from.length / units];
    int at = 0;
    for (int o = 0; o < outer; o++) {
      for (int row = 0; row < rows; row++) {
        if (row / multiple % units == unit) {
          System.arraycopy(from, (o * rows + row) * inner, to, at, inner);
          at += inner;
        }
      }
    }
    sizes[axis] = rows / units;
    return tensor(all.type(), to, sizes);
  }
}
