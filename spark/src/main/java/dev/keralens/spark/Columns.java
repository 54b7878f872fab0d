package dev.keralens.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of a stage.
 *
 * @param inputs where the inputs stand
 * @param kinds what they hold
 * @param path where the path of a file stands, for messages; -1 for nowhere
 * @param result the columns that come out
 */
record Columns(List<Integer> inputs, List<Kind> kinds, int path, StructType result)
    implements Serializable {
  /** What a column of inputs holds. */
  enum Kind {
    /** The struct of the source {@code image}. */
    IMAGE,
    /** A whole image file. */
    FILE,
    /** Numbers, nested or not. */
    ARRAY,
    /** A vector of Spark ML. */
    VECTOR;

    boolean isPicture() {
      return this == IMAGE || this == FILE;
    }
  }

  private static final List<String> IMAGE_FIELDS =
      List.of("origin", "height", "width", "nChannels", "mode", "data");

  /**
   * The columns.
   *
   * @throws IllegalArgumentException if one is missing, there already, or of no kind that is read
   */
  static Columns of(
      StructType schema, List<String> inputs, String output, String error, ExplainJob job) {
    Columns read = inputs(schema, inputs);
    List<String> names = Arrays.asList(schema.fieldNames());
    if (job.givesOverlays() && !read.kinds().get(0).isPicture()) {
      throw new IllegalArgumentException(
          "Overlays are drawn over images, and '%s' has none; use output maps."
              .formatted(inputs.get(0)));
    }
    StructType result = schema.add(added(names, output), explanation(job), true);
    if (!job.failsAtErrors()) {
      result = result.add(added(names, error), DataTypes.StringType, true);
    }
    return new Columns(read.inputs(), read.kinds(), read.path(), result);
  }

  /**
   * The columns of the inputs; nothing is added.
   *
   * @throws IllegalArgumentException if one is missing, or of no kind that is read
   */
  static Columns inputs(StructType schema, List<String> inputs) {
    List<Integer> positions = new ArrayList<>();
    List<Kind> kinds = new ArrayList<>();
    List<String> names = Arrays.asList(schema.fieldNames());
    for (String input : inputs) {
      int position = names.indexOf(input);
      if (position < 0) {
        throw new IllegalArgumentException(
            "There is no column '%s'; there are %s.".formatted(input, names));
      }
      positions.add(position);
      kinds.add(kind(schema.fields()[position]));
    }
    return new Columns(
        List.copyOf(positions), List.copyOf(kinds), names.indexOf("path"), schema);
  }

  private static String added(List<String> names, String name) {
    if (names.contains(name)) {
      throw new IllegalArgumentException("There is a column '%s' already.".formatted(name));
    }
    return name;
  }

  private static Kind kind(StructField field) {
    DataType type = field.dataType();
    if (type instanceof StructType struct
        && Arrays.asList(struct.fieldNames()).equals(IMAGE_FIELDS)) {
      return Kind.IMAGE;
    } else if (type.equals(DataTypes.BinaryType)) {
      return Kind.FILE;
    } else if (type.equals(SQLDataTypes.VectorType())) {
      return Kind.VECTOR;
    }
    DataType element = type;
    while (element instanceof ArrayType array) {
      element = array.elementType();
    }
    if (type instanceof ArrayType && element instanceof NumericType) {
      return Kind.ARRAY;
    }
    throw new IllegalArgumentException(
        "Column '%s' is %s; inputs are images (struct of the source image), image files (binary),"
                .formatted(field.name(), type.catalogString())
            + " arrays of numbers, or vectors.");
  }

  /** The struct that comes out. */
  private static StructType explanation(ExplainJob job) {
    StructType type =
        new StructType()
            .add("units", DataTypes.createArrayType(DataTypes.IntegerType, false), false)
            .add("scores", DataTypes.createArrayType(DataTypes.FloatType, false), false)
            .add("outputs", DataTypes.createArrayType(DataTypes.FloatType, false), false)
            .add("classes", DataTypes.createArrayType(DataTypes.StringType, false), false)
            .add("height", DataTypes.IntegerType, false)
            .add("width", DataTypes.IntegerType, false);
    DataType floats = DataTypes.createArrayType(DataTypes.FloatType, false);
    return job.givesOverlays()
        ? type.add("overlays", DataTypes.createArrayType(DataTypes.BinaryType, false), false)
        : type.add("maps", DataTypes.createArrayType(floats, false), false);
  }
}
