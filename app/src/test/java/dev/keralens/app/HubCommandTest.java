package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

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
