package dev.keralens.applications;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.keralens.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Values of {@code keras.applications.imagenet_utils.preprocess_input}, Keras 3.15. */
class PreprocessingTest {
  /** Two pixels: red, green and blue. */
  private static final Tensor PIXELS = Tensor.of(new float[] {0, 127, 255, 10, 20, 30}, 1, 2, 3);

  @Test
  void tf_scalesToMinusOneToOne() {
    assertValues(
        Preprocessing.TF,
        -1.0,
        -0.003921568393707275,
        1.0,
        -0.9215686321258545,
        -0.843137264251709,
        -0.7647058963775635);
  }

  @Test
  void torch_scalesChannelByChannel() {
    assertValues(
        Preprocessing.TORCH,
        -2.1179039478302,
        0.18767505884170532,
        2.640000104904175,
        -1.9466564655303955,
        -1.6855741739273071,
        -1.2815686464309692);
  }

  @Test
  void caffe_turnsChannelsAroundAndSubtractsMeans() {
    assertValues(
        Preprocessing.CAFFE,
        151.06100463867188,
        10.221000671386719,
        -123.68000030517578,
        -73.93900299072266,
        -96.77899932861328,
        -113.68000030517578);
  }

  @Test
  void none_leavesPixels() {
    assertValues(Preprocessing.NONE, 0, 127, 255, 10, 20, 30);
  }

  @Test
  void grayPicture_isRefusedWhereChannelsDiffer() {
    Tensor gray = Tensor.of(new float[4], 1, 2, 2, 1);
    assertThrows(IllegalArgumentException.class, () -> Preprocessing.CAFFE.apply(gray));
    assertEquals(-1, Preprocessing.TF.apply(gray).get(0, 0, 0, 0));
  }

  private static void assertValues(Preprocessing preprocessing, double... expected) {
    float[] values = new float[expected.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) expected[i];
    }
    assertArrayEquals(values, preprocessing.apply(PIXELS).toFloatArray());
  }
}
