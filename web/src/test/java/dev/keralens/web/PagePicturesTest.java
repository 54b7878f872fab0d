package dev.keralens.web;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Makes the pictures of docs/page.md from the real page: {@code -Dkeralens.page.pictures=true}.
 * {@code -Dkeralens.page.sizes=FOLDER} writes three sizes, light and dark, to be looked at.
 */
class PagePicturesTest {
  private static final String READY =
      "globalThis.keralens && keralens.methods && keralens.state.item && !keralens.running"
          + " && keralens.shown().length === keralens.rows().length * keralens.columns().length"
          + " && keralens.gallery.pictures.every((p) => p.top)"
          + " && [...document.images].every((i) => i.complete)";
  private static final String VIEW = "#g=0&u=%s&m=gradcam~layercam~gradients";

  @Test
  void pictures_areMade() throws Exception {
    Assumptions.assumeTrue(
        Boolean.getBoolean("keralens.page.pictures"), "skipped: -Dkeralens.page.pictures=true");
    List<PageOptions.Sample> samples = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Path file = ShapesModel.sceneFile(i);
      samples.add(
          new PageOptions.Sample(
              String.valueOf(file.getFileName()), "", () -> Files.readAllBytes(file)));
    }
    String units = ShapesModel.NAMES.indexOf("cross") + "~" + ShapesModel.NAMES.indexOf("heart");
    try (PageServer server =
            PageServer.start(
                ShapesModel.open(),
                (name, content) -> new ShapesModel(Model.load(name, content)),
                PageOptions.defaults().withSamples(samples),
                Throwable::printStackTrace);
        Chromium browser = Chromium.start()) {
      browser.window(1280, 860, 1, false);
      browser.open(server.url());
      browser.await(READY);
      browser.eval("location.hash = '" + VIEW.formatted(units) + "'");
      browser.await(READY + " && keralens.columns().length === 3");
      Path docs = Path.of("../docs");
      take(browser, docs.resolve("page.png"), 1280, 980, false);
      take(browser, docs.resolve("page-narrow.png"), 360, 900, true);
      String sizes = System.getProperty("keralens.page.sizes");
      if (sizes != null) {
        for (int[] size : new int[][] {{360, 800}, {1280, 900}, {3840, 2160}}) {
          for (boolean dark : new boolean[] {false, true}) {
            String name = "%d-%s.png".formatted(size[0], dark ? "dark" : "light");
            take(browser, Path.of(sizes, name), size[0], size[1], dark);
          }
        }
      }
    }
  }

  private static void take(Chromium browser, Path file, int width, int height, boolean dark)
      throws Exception {
    browser.window(width, height, 1, dark);
    browser.eval("scrollTo(0, 0)");
    Thread.sleep(600); // bars grow for a moment
    browser.await(READY);
    Files.write(file, browser.screenshot(false));
    assertTrue(Files.size(file) < 5_000_000, file::toString);
  }
}
