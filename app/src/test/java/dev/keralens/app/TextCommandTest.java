package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.ImageLoader;
import dev.keralens.picture.draw.ColoredText;
import dev.keralens.tensor.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A text in the place of files. */
class TextCommandTest {
  private static final Path HUB = Cli.CORE.resolve("golden/hubtext");
  private static final Path BERT = HUB.resolve("bert_sentence/model.keras");
  private static final Path WORDS = Cli.CORE.resolve("golden/sequences/words/model.keras");

  @TempDir private Path folder;

  @Test
  void predict_saysWhatKerasHubDoes() {
    Cli run = Cli.done("predict", "-m", BERT, "--text", "The ACTORS was actingly good, but not!");
    assertTrue(run.out().get(1).matches("text +2 +0\\.8204"), run::toString);
    assertTrue(run.out().get(2).matches(" +0 +0\\.0362"), run::toString);
  }

  @Test
  void explain_printsANumberForEachWord() {
    Cli run = Cli.done("explain", "-m", BERT, "--text", "a good film", "--units", "2,0");
    List<String> words = run.out().stream().map(line -> line.replaceAll(".* ", "")).toList();
    assertEquals(List.of("a", "good", "film"), words.subList(1, 4));
    assertTrue(run.out().get(0).startsWith("Input x Gradient, unit 2"), run::toString);
    assertTrue(run.out().get(4).startsWith("Input x Gradient, unit 0"), run::toString);
    assertTrue(run.out().stream().noneMatch(line -> line.contains("CLS")), run::toString);
  }

  /** A difference of two units is the difference of their maps: the graph is linear in units. */
  @Test
  void explain_versusIsTheDifference() {
    double[] two = numbers("--units", "2");
    double[] zero = numbers("--units", "0");
    double[] versus = numbers("--units", "2", "--versus", "0");
    for (int i = 0; i < versus.length; i++) {
      assertEquals(two[i] - zero[i], versus[i], 2e-3);
    }
  }

  /** From the text without its words to the text, the score rises by the sum of the map. */
  @Test
  void explain_changesVectorsOfWords() {
    String[] methods = {"integrated_gradients", "guided_ig", "deeplift"};
    double[] first = numbers("--units", "2", "--method", methods[0]);
    assertEquals(3, first.length);
    double[] padding = numbers("--units", "2", "--method", methods[0], "--baseline", "0");
    assertTrue(Math.abs(padding[1] - first[1]) > 1e-4, padding[1] + " and " + first[1]);
    double[] guided = numbers("--units", "2", "--method", methods[1]);
    assertEquals(Arrays.stream(first).sum(), Arrays.stream(guided).sum(), 0.05);
    double[] rescaled = numbers("--units", "2", "--method", methods[2]);
    assertEquals(Arrays.stream(first).sum(), Arrays.stream(rescaled).sum(), 0.05);
    Cli run =
        Cli.done("explain", "-m", BERT, "--text", "a film", "--method", "gradients," + methods[0]);
    assertTrue(run.out().get(0).startsWith("Gradients"), run::toString);
    assertTrue(run.out().get(3).startsWith("Integrated Gradients"), run::toString);
    assertTrue(run.err().toString().contains("vectors of the words"), run::toString);
  }

  /** Each method that hides words gives a number to each, and none to what is added. */
  @Test
  void explain_hidesWords() {
    for (String method : List.of("occlusion", "lime", "kernelshap", "rise")) {
      Cli run =
          Cli.done(
              "explain", "-m", BERT, "--text", "a good film", "--units", "2", "--method", method);
      assertEquals(4, run.out().size(), run::toString);
      assertTrue(run.out().get(3).endsWith("film"), run::toString);
    }
    double[] padding = numbers("--units", "2", "--method", "occlusion", "--baseline", "0");
    double[] mask = numbers("--units", "2", "--method", "occlusion");
    assertEquals(3, padding.length);
    assertTrue(Math.abs(padding[1] - mask[1]) > 1e-4, padding[1] + " and " + mask[1]);
    Cli.fails(
        2,
        List.of("--baseline mean", "token"),
        "explain",
        "-m",
        BERT,
        "--text",
        "a film",
        "--method",
        "occlusion",
        "--baseline",
        "mean");
  }

  private static double[] numbers(Object... options) {
    List<Object> all =
        new ArrayList<>(List.of("explain", "-m", BERT, "--text", "a good film", "--method"));
    all.add("input_x_gradient");
    all.addAll(List.of(options));
    if (all.lastIndexOf("--method") != all.indexOf("--method")) {
      all.remove(all.indexOf("--method") + 1);
      all.remove("--method");
    }
    return Cli.done(all.toArray()).out().stream()
        .skip(1)
        .mapToDouble(
            line -> Double.parseDouble(line.trim().replaceAll("^.*?([-+.0-9e]+) .*", "$1")))
        .toArray();
  }

  @Test
  void explain_refusesWhatDoesNothing() {
    for (String option : List.of("--json", "--csv", "--size", "--color-map")) {
      Cli run = Cli.run("explain", "-m", BERT, "--text", "a film", option, "x");
      assertEquals(2, run.code(), run::toString);
      assertTrue(run.toString().contains(option), run::toString);
    }
  }

  @Test
  void explain_writesPicturesPagesAndArrays() throws IOException {
    Path png = folder.resolve("why.png");
    Cli.done("explain", "-m", BERT, "--text", "a good film", "-o", png);
    assertEquals(900, ImageLoader.create().read(png).width());
    Path page = folder.resolve("why.html");
    Cli.done("explain", "-m", BERT, "--text", "a <good> film", "--top", "2", "-o", page);
    String html = Files.readString(page);
    assertEquals(3, html.split("<p class=\"keralens\">", -1).length);
    assertTrue(html.contains(">&lt;</span>"), html);
    Path maps = folder.resolve("why.npy");
    Cli.done("explain", "-m", BERT, "--text", "a film", "--method", "gradients", "-o", maps);
    assertArrayEquals(new int[] {1, 11}, Npy.read(maps).shape());
  }

  @Test
  void text_thatIsCut_isSaid() {
    String text = "a good film a good film a good film a good film";
    Cli run = Cli.done("explain", "-m", BERT, "--text", text);
    assertTrue(
        run.err().stream().anyMatch(line -> line.contains("has 12 tokens, and 3 of them are cut")),
        run::toString);
    Cli whole = Cli.done("explain", "-m", BERT, "--text", "a good film");
    assertTrue(whole.err().stream().noneMatch(line -> line.contains("cut off")), whole::toString);
  }

  @Test
  void words_areThoseOfAList() throws IOException {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      list.append(i == 1 ? "[UNK]" : "w" + i).append('\n');
    }
    Path words = Files.writeString(folder.resolve("words.txt"), list);
    Object[] start = {"explain", "-m", WORDS, "--vocabulary", words, "--text", "w4 w5, unheard"};
    Cli.fails(2, List.of("3 tokens", "12", "--padding"), start);
    Object[] padded = java.util.Arrays.copyOf(start, start.length + 2);
    padded[start.length] = "--padding";
    padded[start.length + 1] = "end";
    Cli run = Cli.done(padded);
    assertEquals(4, run.out().size(), run::toString);
    assertTrue(run.out().get(3).endsWith("unheard"), run::toString);
  }

  @Test
  void modelWithoutATokenizer_isAskedForOne() {
    Cli.fails(2, List.of("no tokenizer", "--vocabulary"), "predict", "-m", WORDS, "--text", "a");
    Cli.fails(2, List.of("--text"), "predict", "-m", BERT, "--pair", "a", "--text", "b", "c.png");
    Cli.fails(2, List.of("--text"), "predict", "-m", BERT, "--pair", "a", "c.png");
  }

  @Test
  void colors_areThoseThatTheTerminalHas() {
    assertNull(TextOutput.depth(Map.of("TERM", "xterm-256color"), false));
    assertNull(TextOutput.depth(Map.of("TERM", "xterm", "NO_COLOR", "1"), true));
    assertNull(TextOutput.depth(Map.of("TERM", "dumb"), true));
    assertEquals(
        ColoredText.Depth.INDEXED, TextOutput.depth(Map.of("TERM", "xterm-256color"), true));
    assertEquals(
        ColoredText.Depth.TRUE_COLOR,
        TextOutput.depth(Map.of("TERM", "xterm", "COLORTERM", "truecolor"), true));
  }
}
