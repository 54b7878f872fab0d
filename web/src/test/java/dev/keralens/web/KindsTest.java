package dev.keralens.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.keras.build.ModelBuilder;
import dev.keralens.keras.build.SymbolicTensor;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is no picture is shown as what it is. Skipped where there is no Chromium. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KindsTest {
  private static final String SETTLED =
      "globalThis.keralens && keralens.methods && keralens.state.item && !keralens.running"
          + " && keralens.shown().length > 0 && !keralens.grid.waiting";

  private Chromium browser;
  @TempDir Path folder;

  @BeforeAll
  void start() throws Exception {
    Assumptions.assumeTrue(Chromium.program() != null, "skipped: no chromium");
    browser = Chromium.start();
  }

  @AfterAll
  void end() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  private static ArrayModel model(int... sizes) {
    ModelBuilder b = ModelBuilder.create("small");
    SymbolicTensor x = b.input(sizes);
    SymbolicTensor y = b.dense(4).activation("tanh").apply(x);
    y = sizes.length > 1 ? b.flatten().apply(y) : y;
    y = b.dense(3).apply(y);
    int[] shape = new int[sizes.length + 1];
    shape[0] = Shape.BATCH;
    System.arraycopy(sizes, 0, shape, 1, sizes.length);
    return new ArrayModel(Model.of(b.build(y), 7), Shape.of(shape));
  }

  private interface Look {
    void at(Chromium page) throws Exception;
  }

  private void shown(ArrayModel model, Look look) throws Exception {
    int[] sizes = model.shape().sizes();
    sizes[0] = 1;
    float[] values = new float[(int) Tensor.elements(sizes)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * 0.7);
    }
    Path file = folder.resolve("x.npy");
    Npy.write(file, Tensor.of(values, sizes));
    List<Throwable> failures = new ArrayList<>();
    try (PageServer server =
        PageServer.start(
            model,
            (name, content) -> {
              throw new IOException("no models");
            },
            PageOptions.defaults()
                .withSamples(
                    List.of(new PageOptions.Sample("x.npy", "", () -> Files.readAllBytes(file)))),
            failures::add)) {
      browser.complaints().clear();
      browser.window(1280, 900, 1, false);
      browser.open(server.url());
      browser.await(SETTLED);
      look.at(browser);
      assertEquals(
          0, browser.eval("document.querySelectorAll('.class b').length").asInt(), "a name");
      assertEquals(List.of(), browser.complaints());
      browser.open("about:blank");
    }
    assertEquals(List.of(), failures);
  }

  @Test
  void signal_isCurvesOverItsMap() throws Exception {
    shown(
        model(32, 2),
        page -> {
          assertEquals("signal", page.eval("keralens.model.kind").asText());
          assertEquals(2, page.eval("document.querySelectorAll('.cell polyline').length").asInt());
          assertTrue(page.eval("document.querySelectorAll('.cell rect').length").asInt() > 4);
        });
  }

  @Test
  void volume_isSlices() throws Exception {
    shown(
        model(5, 8, 9, 1),
        page -> {
          assertEquals("volume", page.eval("keralens.model.kind").asText());
          page.eval(
              "(() => { const s = document.querySelector('.volume input'); s.value = 4; s.dispatchEvent(new Event('input')); })()");
          assertEquals(
              "slice 5 of 5",
              page.eval("document.querySelector('.volume output').textContent").asText());
          assertEquals(9, page.eval("document.querySelector('.slice').width").asInt());
        });
  }

  @Test
  void table_isColumnsWithBars() throws Exception {
    shown(
        model(6),
        page -> {
          assertEquals("table", page.eval("keralens.model.kind").asText());
          assertEquals(6, page.eval("document.querySelectorAll('.cell tbody tr').length").asInt());
          assertEquals(
              "100%",
              page.eval(
                      "[...document.querySelectorAll('.cell .bar')].map((b) => b.style.width).sort((a, b) => parseFloat(b) - parseFloat(a))[0]")
                  .asText());
        });
  }

  @Test
  void words_areColoured() throws Exception {
    shown(
        model(6),
        page -> {
          String colored =
              page.eval(
                      """
                      (async () => {
                        const { showKind } = await import('./kinds.js');
                        const map = { values: Float32Array.of(0, 1, 0.5), shape: [3], filter: 'normalize' };
                        const p = showKind('words', { values: Float32Array.of(5, 7, 9), words: ['<b>', 'cat', 'sat'], model: { places: [3] }, map, look: { ...keralens.state.look } }, {});
                        return [...p.querySelectorAll('.word')].map((w) => w.textContent + (w.style.backgroundColor ? '+' : '-')).join(' ');
                      })()""")
                  .asText();
          assertEquals("<b>- cat+ sat+", colored);
        });
  }
}
