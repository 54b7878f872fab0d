package dev.keralens.network.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

class AxisRolesTest {
  private final GraphBuilder b = new GraphBuilder();

  private Value input(int... sizes) {
    return b.input("x", ElementType.FLOAT32, Shape.of(sizes).insert(0, Shape.BATCH));
  }

  private Value conv(Value x, int filters, int size) {
    int channels = x.shape().size(1);
    float[] kernel = new float[filters * channels * size * size];
    return b.node(Op.CONV, x, b.constant(Tensor.of(kernel, filters, channels, size, size)));
  }

  private Value dense(Value x, int units) {
    int features = x.shape().size(-1);
    return b.matMul(x, b.constant(Tensor.of(new float[features * units], features, units)));
  }

  private Value first(Value x) {
    return b.slice(x, new int[] {1}, new int[] {0}, new int[] {1});
  }

  private AxisRoles roles(Value... outputs) {
    return new AxisRoles(b.build(List.of(outputs)));
  }

  private static Layout laid(AxisRoles roles, Value value) {
    return roles.laid(KerasTensor.plain(value)).layout();
  }

  /** As recurrent layers hide steps: each step of the mask is repeated over the features. */
  @Test
  void repeating_aStepOfAMaskDoesNotMakeTimeAFeature() {
    Value x = input(5, 3);
    Value mask = first(b.reduce(Op.REDUCE_MAX, x, false, 2));
    Value step = b.reshape(first(dense(x, 4)), Shape.of(Shape.BATCH, 4));
    AxisRoles roles = roles(b.mul(step, mask));
    assertEquals(Optional.of(2), roles.channelAxis(x));
    assertEquals(Optional.empty(), roles.role(x, 1));
  }

  @Test
  void transposition_ofPlacesKeepsTheChannels() {
    Value x = input(3, 8, 10);
    Value turned = b.node(Op.TRANSPOSE, Attributes.of("perm", 0, 1, 3, 2), conv(x, 7, 3));
    Value relu = b.relu(turned);
    Value flat = b.reshape(relu, Shape.of(Shape.BATCH, 7 * 8 * 6));
    AxisRoles roles = roles(dense(flat, 2));
    assertEquals(Layout.CHANNELS_FIRST, laid(roles, relu));
    assertEquals(Layout.CHANNELS_FIRST, laid(roles, x));
    assertEquals(Optional.of("Conv 'Conv'"), roles.proof(relu, 1));
  }

  @Test
  void transposition_toChannelsLastAndTurned() {
    Value turned = b.transpose(conv(input(3, 8, 10), 7, 3), 0, 3, 2, 1);
    Value relu = b.relu(turned);
    assertEquals(Layout.PLAIN, laid(roles(relu), relu));
    assertEquals(Optional.of(3), roles(relu).channelAxis(relu));
  }

  @Test
  void transposition_toTheMiddle() {
    Value moved = b.relu(b.transpose(conv(input(3, 8, 10), 7, 3), 0, 2, 1, 3));
    assertEquals(Layout.CHANNELS_ON_AXIS_2, laid(roles(moved), moved));
  }

  @Test
  void picture_withoutChannelAxis() {
    Value x = input(8, 10);
    Value scaled = b.mul(x, 2);
    AxisRoles roles = roles(conv(b.unsqueeze(scaled, 1), 4, 3));
    assertTrue(roles.placesOnly(x));
    assertEquals(Layout.NO_CHANNELS, laid(roles, scaled));
  }

  @Test
  void picture_thatIsFlattened() {
    Value x = input(8, 10);
    AxisRoles roles = roles(dense(b.reshape(x, Shape.of(Shape.BATCH, 80)), 4));
    assertEquals(Layout.NO_CHANNELS, laid(roles, x));
    assertEquals(List.of(8, 10), places(roles, x));
  }

  private static List<Integer> places(AxisRoles roles, Value x) {
    return java.util.Arrays.stream(roles.laid(KerasTensor.plain(x)).places()).boxed().toList();
  }

  @Test
  void sequence_hasItsFeaturesLast() {
    Value x = input(8, 10);
    AxisRoles roles = roles(dense(b.relu(dense(x, 4)), 4));
    assertEquals(Layout.PLAIN, laid(roles, x));
    assertEquals(List.of(8), places(roles, x));
  }

  @Test
  void head_flattensPlacesAndThenPoolsThem() {
    Value features = b.relu(conv(input(3, 8, 10), 7, 3));
    Value flat = b.reshape(features, Shape.of(Shape.BATCH, 7, 48));
    Value rows = b.reduceMean(features, false, 3);
    AxisRoles roles = roles(b.reduceMean(flat, false, 2), b.reduceMean(rows, false, 2));
    for (Value value : List.of(flat, rows)) {
      assertEquals(Layout.CHANNELS_FIRST, laid(roles, value));
      assertEquals(Optional.of(AxisRoles.Role.PLACES), roles.role(value, 2));
    }
  }

  @Test
  void flatten_holdsBoth() {
    Value features = conv(input(3, 8, 10), 7, 3);
    Value flat = b.reshape(features, Shape.of(Shape.BATCH, 7 * 48));
    AxisRoles roles = roles(flat);
    assertEquals(Optional.of(AxisRoles.Role.BOTH), roles.role(flat, 1));
    assertFalse(roles.placesOnly(flat));
  }

  @Test
  void input_thatNothingReadsBySpace_isJudgedByItsSizes() {
    Value x = input(3, 8, 10);
    AxisRoles roles = roles(b.reshape(x, Shape.of(Shape.BATCH, 240)));
    assertEquals(Layout.CHANNELS_FIRST, laid(roles, x));
    assertEquals(Optional.empty(), roles.proof(x, 1));
  }

  @Test
  void frames_haveTheirChannelsAfterTime() {
    Value x = input(5, 3, 8, 10);
    Value frames = b.reshape(x, Shape.of(-5, 3, 8, 10));
    assertEquals(Layout.CHANNELS_ON_AXIS_2, laid(roles(conv(frames, 4, 3)), x));
  }

  @Test
  void groups_ofChannelsAreNoPlaces() {
    Value x = input(4, 8, 10);
    Value groups = b.reshape(x, Shape.of(Shape.BATCH, 1, 320));
    Value one = b.constant(Tensor.of(new float[] {1}, 1));
    Value normal = b.node(Op.INSTANCE_NORMALIZATION, groups, one, one);
    Value back = b.reshape(normal, x.shape());
    AxisRoles roles = roles(conv(back, 4, 3));
    assertEquals(Layout.CHANNELS_FIRST, laid(roles, x));
  }

  /** Rows of similarities are pooled and weighed: that does not make features of places. */
  @Test
  void similarities_ofAllPairsSayNothingOfTheirAxis() {
    Value x = input(6, 3);
    Value pairs = b.matMul(x, b.transpose(x, 0, 2, 1));
    AxisRoles roles = roles(dense(b.reduce(Op.REDUCE_MAX, pairs, false, 1), 2));
    assertEquals(Optional.empty(), roles.role(x, 1));
    assertEquals(Layout.NO_CHANNELS, laid(roles, x));
  }

  @Test
  void similarities_underAConvolutionAreBothItsChannelsAndItsPlaces() {
    Value x = input(6, 3);
    Value pairs = b.matMul(x, b.transpose(x, 0, 2, 1));
    Value kernel = b.constant(Tensor.of(new float[24], 2, 6, 2));
    AxisRoles roles = roles(b.node(Op.CONV, pairs, kernel));
    assertEquals(Optional.empty(), roles.role(x, 1));
  }

  /** Batch normalization of rows, before a convolution that reads channels. */
  @Test
  void convolution_outweighsANormalization() {
    Value x = input(8, 10, 3);
    Value ones = b.constant(Tensor.of(new float[] {1, 1, 1, 1, 1, 1, 1, 1}, 8));
    Value normal = b.node(Op.BATCH_NORMALIZATION, x, ones, ones, ones, ones);
    AxisRoles roles = roles(conv(b.transpose(normal, 0, 3, 1, 2), 4, 3));
    assertEquals(Optional.of(3), roles.channelAxis(x));
  }

  @Test
  void similarities_ofChannelsAreThoseOfTheConvolution() {
    Value maps = conv(input(3, 8, 8), 5, 3);
    Value rows = b.reshape(maps, Shape.of(Shape.BATCH, 5, 36));
    Value mixed = b.matMul(b.matMul(rows, b.transpose(rows, 0, 2, 1)), rows);
    AxisRoles roles = roles(dense(b.reshape(mixed, Shape.of(Shape.BATCH, 180)), 2));
    assertEquals(Optional.of(AxisRoles.Role.CHANNELS), roles.role(mixed, 1));
  }

  /** LocalResponseNorm as PyTorch writes it: an axis put in, and an average along the channels. */
  private Value localResponse(Value x) {
    int[] sizes = x.shape().sizes();
    Value squared = b.mul(x, x);
    Value cube = b.reshape(squared, Shape.of(sizes[0], 1, sizes[1], sizes[2], sizes[3]));
    Value sums =
        b.node(
            Op.AVERAGE_POOL,
            Attributes.of("kernel_shape", 3, 1, 1).with("pads", 1, 0, 0, 1, 0, 0),
            cube);
    return b.div(x, b.reshape(sums, Shape.of(sizes)));
  }

  @Test
  void poolingOverChannels_isNoProofOfPlaces() {
    Value x = input(4, 10, 12);
    Value normal = localResponse(x);
    Value pooled = b.reduce(Op.REDUCE_MEAN, conv(normal, 5, 3), false, 2, 3);
    AxisRoles roles = roles(dense(pooled, 2));
    assertEquals(Layout.CHANNELS_FIRST, laid(roles, x));
    assertEquals(Layout.CHANNELS_FIRST, laid(roles, normal));
  }

  @Test
  void poolingOverChannels_alone_leavesTheSizesToJudge() {
    Value x = input(4, 10, 12);
    Value normal = localResponse(x);
    AxisRoles roles = roles(dense(b.reshape(normal, Shape.of(Shape.BATCH, 480)), 2));
    assertEquals(Layout.CHANNELS_FIRST, laid(roles, x));
  }

  @Test
  void convolutionAlongChannels_comesAfterThatOfSeveral() {
    // Efficient channel attention, before the first convolution of the picture.
    Value x = input(3, 10, 12);
    Value means = b.reduce(Op.REDUCE_MEAN, x, false, 2, 3);
    Value row = b.reshape(means, Shape.of(Shape.BATCH, 1, 3));
    Value kernel = b.constant(Tensor.of(new float[3], 1, 1, 3));
    Value weights = b.node(Op.CONV, Attributes.of("pads", 1, 1), row, kernel);
    Value scale = b.reshape(weights, Shape.of(Shape.BATCH, 3, 1, 1));
    Value y = b.mul(x, scale);
    AxisRoles roles = roles(b.reduce(Op.REDUCE_MEAN, conv(y, 5, 3), false, 2, 3));
    assertEquals(Layout.CHANNELS_FIRST, laid(roles, x));
    assertEquals(Layout.CHANNELS_FIRST, laid(roles, y));
  }
}
