package dev.keralens.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClosestNameTest {
  private static final List<String> NAMES =
      List.of("bilinear", "bicubic", "nearest", "png", "GradCAM");

  @ParameterizedTest
  @CsvSource({
    "bilinaer, bilinear",
    "bicubik, bicubic",
    "near, nearest",
    "pgn, png",
    "gradcam, GradCAM",
    "grdcam, GradCAM"
  })
  void among_aSlip_isTheNameThatWasMeant(String given, String meant) {
    assertEquals(Optional.of(meant), ClosestName.among(NAMES, given));
  }

  @ParameterizedTest
  @CsvSource({"lanczos", "jpg", "''", "b"})
  void among_anotherName_isNone(String given) {
    assertEquals(Optional.empty(), ClosestName.among(NAMES, given));
  }

  @Test
  void among_severalClose_isTheClosest() {
    assertEquals(
        Optional.of("conv2_relu"),
        ClosestName.among(List.of("conv1_relu", "conv2_relu", "conv12_relu"), "conv2_rleu"));
  }
}
