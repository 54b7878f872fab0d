package dev.keralens.network.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.keralens.graph.Attributes;
import dev.keralens.graph.GraphBuilder;
import dev.keralens.graph.Op;
import dev.keralens.graph.Shape;
import dev.keralens.graph.Value;
import dev.keralens.network.KerasTensor;
import dev.keralens.network.Layout;
import dev.keralens.tensor.ElementType;
import dev.keralens.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Channels lie on axis 1 of all values here, unless a test says something else. */
class PlaceTrailTest {
  private static final int BATCH = Shape.BATCH;

  private final GraphBuilder b = new GraphBuilder();
  private final Value x = b.input("x", ElementType.FLOAT32, Shape.of(BATCH, 3, 12, 20));

  private Value conv(Value value, int filters, int stride) {
    float[] kernel = new float[filters * value.shape().size(1) * 9];
    Attributes attributes = Attributes.of("strides", stride, stride).with("pads", 1, 1, 1, 1);
    Tensor weights = Tensor.of(kernel, filters, value.shape().size(1), 3, 3);
    return b.node(Op.CONV, attributes, value, b.constant(weights));
  }

  private Value turned(Value value, int axis) {
    int size = value.shape().size(axis);
    int[] index = new int[size];
    for (int i = 0; i < size; i++) {
      index[i] = size - 1 - i;
    }
    return b.node(Op.GATHER, Attributes.of("axis", axis), value, b.ints(index));
  }

  private Optional<String> contradiction(Value value, Layout layout) {
    PlaceTrail trail =
        new PlaceTrail(b.build(List.of(value)), new KerasTensor(x, Layout.CHANNELS_FIRST));
    return trail.contradiction(new KerasTensor(value, layout));
  }

  private void agrees(Value value, Layout layout) {
    assertEquals(Optional.empty(), contradiction(value, layout));
  }

  private void contradicts(String why, Value value, Layout layout) {
    assertEquals(Optional.of(why), contradiction(value, layout));
  }

  @Test
  void convolutions_keepPlaces() {
    agrees(b.relu(conv(conv(x, 4, 2), 5, 2)), Layout.CHANNELS_FIRST);
  }

  @Test
  void transposedPlaces() {
    Value turned = conv(b.transpose(conv(x, 4, 1), 0, 1, 3, 2), 5, 2);
    contradicts("its axis 3 runs along axis 2 of the input", turned, Layout.CHANNELS_FIRST);
  }

  @Test
  void transposedPlaces_andBack() {
    Value turned = conv(b.transpose(conv(x, 4, 1), 0, 1, 3, 2), 5, 2);
    agrees(b.transpose(turned, 0, 1, 3, 2), Layout.CHANNELS_FIRST);
    agrees(b.transpose(conv(x, 4, 1), 0, 2, 3, 1), Layout.PLAIN);
  }

  @Test
  void placesAsChannels() {
    Value moved = b.transpose(x, 0, 2, 1, 3);
    contradicts(
        "its channels, axis 1, are the places along axis 2 of the input",
        moved,
        Layout.CHANNELS_FIRST);
  }

  @Test
  void turnedPlaces() {
    Value backward = conv(turned(x, 3), 4, 2);
    contradicts("its axis 3 runs backward", backward, Layout.CHANNELS_FIRST);
    agrees(turned(conv(turned(x, 2), 4, 1), 2), Layout.CHANNELS_FIRST);
    agrees(conv(turned(x, 1), 4, 1), Layout.CHANNELS_FIRST);
    Value sliced = b.node(Op.SLICE, x, b.ints(19), b.ints(-21), b.ints(3), b.ints(-1));
    contradicts("its axis 3 runs backward", sliced, Layout.CHANNELS_FIRST);
  }

  /** Both ways at once: neither is wrong, and the axes are known all the same. */
  @Test
  void bothWays() {
    Value both = b.add(x, turned(x, 3));
    agrees(both, Layout.CHANNELS_FIRST);
    contradicts(
        "its axis 3 runs along axis 2 of the input",
        b.transpose(both, 0, 1, 3, 2),
        Layout.CHANNELS_FIRST);
  }

  @Test
  void turnedPlaces_inOneAxisAndApartAgain() {
    Value rows = b.reshape(turned(x, 2), Shape.of(BATCH, 3, 240));
    contradicts("its axis 2 runs backward", rows, Layout.CHANNELS_FIRST);
    Value apart = b.reshape(b.relu(rows), Shape.of(BATCH, 3, 12, 20));
    contradicts("its axis 2 runs backward", apart, Layout.CHANNELS_FIRST);
    agrees(turned(apart, 2), Layout.CHANNELS_FIRST);
    contradicts("its axis 3 runs backward", turned(turned(apart, 2), 3), Layout.CHANNELS_FIRST);
  }

  @Test
  void reshape_toOtherRows() {
    Value other = b.reshape(x, Shape.of(BATCH, 3, 20, 12));
    contradicts(
        "its axis 2 holds places of the input in another order",
        conv(other, 4, 1),
        Layout.CHANNELS_FIRST);
  }

  @Test
  void tokens() {
    Value map = conv(x, 4, 2);
    Value rows = b.reshape(map, Shape.of(BATCH, 4, 60));
    agrees(rows, Layout.CHANNELS_FIRST);
    agrees(b.reshape(b.relu(rows), Shape.of(BATCH, 4, 6, 10)), Layout.CHANNELS_FIRST);
    Value columns = b.reshape(b.transpose(map, 0, 1, 3, 2), Shape.of(BATCH, 4, 60));
    contradicts(
        "its axis 2 holds places of the input in another order", columns, Layout.CHANNELS_FIRST);
    Value wrong = b.reshape(b.relu(rows), Shape.of(BATCH, 4, 10, 6));
    contradicts(
        "its axis 2 holds places of the input in another order", wrong, Layout.CHANNELS_FIRST);
  }

  /** Windows of 4 x 5, folded into the batch, and back. */
  @Test
  void windows() {
    Value cut = b.reshape(b.transpose(x, 0, 2, 3, 1), Shape.of(BATCH, 3, 4, 4, 5, 3));
    Value apart = b.transpose(cut, 0, 1, 3, 2, 4, 5);
    Value windows = b.relu(b.reshape(apart, Shape.of(12 * BATCH, 4, 5, 3)));
    contradicts("its axis 1 holds places of the input in another order", windows, Layout.PLAIN);
    Value again = b.reshape(windows, Shape.of(BATCH, 3, 4, 4, 5, 3));
    Value back = b.transpose(again, 0, 1, 3, 2, 4, 5);
    agrees(b.reshape(back, Shape.of(BATCH, 12, 20, 3)), Layout.PLAIN);
    Value merged = b.reshape(apart, Shape.of(BATCH, 3, 4, 60));
    agrees(merged, Layout.PLAIN);
  }

  /** Rolled places are rolled back, as windows of attention are. */
  @Test
  void roll() {
    Value rolled =
        b.node(
            Op.GATHER, Attributes.of("axis", 2), x, b.ints(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1));
    agrees(conv(rolled, 4, 1), Layout.CHANNELS_FIRST);
    Value first = b.slice(x, new int[] {2}, new int[] {0}, new int[] {1});
    Value rest = b.slice(x, new int[] {2}, new int[] {1}, new int[] {12});
    agrees(conv(b.concat(2, List.of(rest, first)), 4, 1), Layout.CHANNELS_FIRST);
    Value shuffled = b.node(Op.GATHER, Attributes.of("axis", 2), x, b.ints(2, 0, 5, 1, 3, 4));
    contradicts(
        "its axis 2 holds places of the input in another order",
        conv(shuffled, 4, 1),
        Layout.CHANNELS_FIRST);
  }

  /** What weights make of all places has none of them. */
  @Test
  void decoder() {
    Value flat = b.reshape(x, Shape.of(BATCH, 720));
    Value code = b.matMul(flat, b.constant(Tensor.of(new float[720 * 48], 720, 48)));
    agrees(conv(b.reshape(code, Shape.of(BATCH, 2, 4, 6)), 4, 1), Layout.CHANNELS_FIRST);
  }

  @Test
  void cutPlaces() {
    Value right = b.slice(x, new int[] {3}, new int[] {10}, new int[] {20});
    contradicts(
        "its axis 3 covers the places 10 to 20 of 20 of axis 3 of the input",
        conv(right, 4, 2),
        Layout.CHANNELS_FIRST);
    Value cropped = b.pad(x, new int[] {0, 0, -3, 0}, new int[] {0, 0, -3, 0});
    contradicts(
        "its axis 2 covers the places 3 to 9 of 12 of axis 2 of the input",
        conv(cropped, 4, 1),
        Layout.CHANNELS_FIRST);
    Value again = b.pad(cropped, new int[] {0, 0, 3, 0}, new int[] {0, 0, 3, 0});
    agrees(again, Layout.CHANNELS_FIRST);
    Value upper = b.slice(x, new int[] {2}, new int[] {0}, new int[] {5});
    Value lower = b.slice(x, new int[] {2}, new int[] {5}, new int[] {12});
    agrees(b.concat(2, List.of(upper, lower)), Layout.CHANNELS_FIRST);
  }

  @Test
  void paddedPlaces() {
    Value bars = b.pad(x, new int[] {0, 0, 4, 0}, new int[] {0, 0, 4, 0});
    contradicts(
        "its axis 2 covers the places -4 to 16 of 12 of axis 2 of the input",
        conv(bars, 4, 1),
        Layout.CHANNELS_FIRST);
    agrees(
        b.slice(conv(bars, 4, 1), new int[] {2}, new int[] {4}, new int[] {16}),
        Layout.CHANNELS_FIRST);
    // What a convolution without pads of its own reads: the map covers the picture.
    Value wide = b.pad(x, new int[] {0, 0, 3, 3}, new int[] {0, 0, 3, 3});
    Value kernel = b.constant(Tensor.of(new float[4 * 3 * 49], 4, 3, 7, 7));
    agrees(b.node(Op.CONV, Attributes.of("strides", 2, 2), wide, kernel), Layout.CHANNELS_FIRST);
  }

  /** What comes twice along an axis is not squeezed over the input. */
  @Test
  void repeatedPlaces() {
    String why = "its axis 2 holds places of the input in another order";
    Value twice = conv(b.concat(2, List.of(x, b.relu(x))), 4, 1);
    contradicts(why, twice, Layout.CHANNELS_FIRST);
    Value tiled = b.node(Op.TILE, x, b.ints(1, 1, 2, 1));
    contradicts(why, conv(tiled, 4, 1), Layout.CHANNELS_FIRST);
    contradicts(why, b.concat(2, List.of(x, turned(x, 2))), Layout.CHANNELS_FIRST);
    agrees(conv(b.concat(1, List.of(x, x)), 4, 1), Layout.CHANNELS_FIRST);
    agrees(b.node(Op.TILE, x, b.ints(1, 4, 1, 1)), Layout.CHANNELS_FIRST);
  }
}
