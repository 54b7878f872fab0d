package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presets of KerasHub, and photos that go through a task's own preprocessor. */
class HubCommandTest {
  private static final Path PRESETS = Cli.CORE.resolve("golden/hubpresets");
  private static final Path PHOTO = PRESETS.resolve("photo.png");

  private static String hub(String name) {
    return "hub:" + PRESETS.resolve(name).resolve("preset");
  }

  /** The numbers are those of scores.npy. */
  @Test
  void predict_givesTheScoresOfKerasHub() {
    Cli run = Cli.done("predict", PHOTO, "-m", hub("stretched"));
    assertTrue(run.out().get(1).matches("photo.png +0 +1\\.5094"), run::toString);
    assertTrue(
        String.join(" ", run.err()).contains("stretched to 40 x 36 (nearest), times 0.003922"),
        run::toString);
    run = Cli.done("predict", PHOTO, "-m", PRESETS.resolve("stretched/model.keras"));
    assertTrue(run.out().get(1).matches("photo.png +0 +1\\.5094"), run::toString);
  }

  @Test
  void preprocessing_thatIsNamedGoesBeforeTheTasks() {
    Cli run = Cli.done("predict", PHOTO, "-m", hub("stretched"), "--preprocess", "none");
    assertTrue(!run.out().get(1).matches(".* 1\\.5094"), run::toString);
    assertTrue(
        String.join(" ", run.err()).contains("the task's own preprocessor is left out: stretched"),
        run::toString);
  }

  @Test
  void explain_printsTheWordsOfAPreset() {
    Cli run = Cli.done("explain", "--text", "a good film", "-m", hub("sentence"));
    assertTrue(run.out().get(1).endsWith(" a"), run::toString);
    assertTrue(run.out().get(3).endsWith(" film"), run::toString);
  }

  @Test
  void inspect_showsThePreprocessor() {
    Cli run = Cli.done("inspect", hub("padded"));
    assertTrue(
        run.out().stream().anyMatch(line -> line.contains("padded to 16 x 12 (bicubic, anti")),
        run::toString);
    assertTrue(run.out().contains("Takes: pixels as its preprocessor gives them"), run::toString);
  }

  /** Which of several outputs is explained is said where none is named, and what a unit is. */
  @Test
  void outputs_areNamedAndPlacesAreSummed(@TempDir Path folder) {
    String maps = folder.resolve("maps.npz").toString();
    String detector = Cli.CORE.resolve("golden/hubdetector/model.keras").toString();
    String[] options = {
      "-m", detector, "--preprocess", "none", "--method", "gradients", "-o", maps
    };
    Cli run = Cli.done(explain(options, "--unit-axis", "2"));
    String said = String.join(" ", run.err());
    assertTrue(said.contains("the first of the outputs enc_topk_bboxes"), run::toString);
    assertTrue(said.contains("is summed over its 5 places (--region"), run::toString);
    run = Cli.done(explain(options, "--box", "strongest"));
    assertTrue(!String.join(" ", run.err()).contains("summed"), run::toString);
    run = Cli.done("predict", PHOTO, "-m", detector, "--preprocess", "none");
    assertTrue(run.out().get(0).endsWith("box x1,y1,x2,y2"), run::toString);
  }

  private static Object[] explain(String[] options, String... more) {
    return Stream.of(Stream.of("explain", PHOTO.toString()), Stream.of(options), Stream.of(more))
        .flatMap(each -> each)
        .toArray();
  }

  @Test
  void presets_areNotDownloaded() {
    for (String name : new String[] {"hub:bert_base_en", "hub:", "hub:kaggle://user/bert"}) {
      Cli run = Cli.run("predict", PHOTO, "-m", name);
      assertTrue(run.code() != 0, run::toString);
      assertTrue(String.join(" ", run.err()).contains("nothing is downloaded"), run::toString);
    }
  }

  @Test
  void options_thatThePreprocessorSaysAreRefused() {
    Cli run = Cli.run("predict", PHOTO, "-m", hub("padded"), "--fit", "crop");
    assertTrue(String.join(" ", run.err()).contains("--fit"), run::toString);
  }
}
