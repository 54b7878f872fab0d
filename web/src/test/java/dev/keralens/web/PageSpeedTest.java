package dev.keralens.web;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.Model;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * How fast the page is, in a real browser. The bars are those of a quiet machine with two cores;
 * they are held with {@code -Dkeralens.page.speed=hold}, and otherwise {@link #PATIENCE} times as
 * high. {@code -Dkeralens.page.launcher=../keralens} measures the first sight, too, of the program
 * as it is started.
 */
class PageSpeedTest {
  private static final double PATIENCE = 30;
  private static final int TIMES = 12;
  private static final int SIDE = 224;
  private static final boolean HELD = "hold".equals(System.getProperty("keralens.page.speed"));

  private static final String SETTLED =
      "globalThis.keralens && keralens.methods && keralens.state.item && !keralens.running"
          + " && !keralens.measuring && !keralens.grid.waiting && keralens.shown().length"
          + " === keralens.rows().length * keralens.columns().length";

  private static double median(JsonNode millis) {
    return part(millis, 0.5);
  }

  private static double part(JsonNode millis, double part) {
    List<Double> all = new ArrayList<>();
    millis.forEach(one -> all.add(one.asDouble()));
    all.sort(null);
    return all.get((int) Math.min(all.size() - 1, part * all.size()));
  }

  private static void told(String what, double found, double bar) {
    System.out.printf(Locale.ROOT, "%-52s %7.0f ms, bar %5.0f%n", what, found, bar);
    double allowed = HELD ? bar : bar * PATIENCE;
    assertTrue(found <= allowed, "%s: %.0f ms, at most %.0f".formatted(what, found, allowed));
  }

  private static void asked() {
    Assumptions.assumeTrue(Chromium.program() != null, "skipped: no chromium");
  }

  private static String scene(int number) throws Exception {
    Picture large =
        Picture.read(ShapesModel.sceneFile(number)).resize(SIDE, SIDE, Interpolation.BICUBIC);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    large.write(out, "png");
    return Base64.getEncoder().encodeToString(out.toByteArray());
  }

  @Test
  void page_isFast() throws Exception {
    asked();
    List<PageOptions.Sample> samples = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Path file = ShapesModel.sceneFile(i);
      samples.add(new PageOptions.Sample("scene " + i, "", () -> Files.readAllBytes(file)));
    }
    try (PageServer server =
            PageServer.start(
                ShapesModel.open(),
                (name, content) -> new ShapesModel(Model.load(name, content)),
                PageOptions.defaults().withSamples(samples),
                Throwable::printStackTrace);
        Chromium browser = Chromium.start()) {
      browser.window(1280, 900, 1, false);
      browser.open(server.url());
      browser.await(SETTLED + " && keralens.gallery.pictures.every((p) => p.top)");
      StringBuilder scenes = new StringBuilder();
      for (int i = 0; i < TIMES; i++) {
        scenes.append(i == 0 ? "" : ",").append('\'').append(scene(i)).append('\'');
      }
      // From the drop of a picture to the frame that shows its map.
      String drop =
          """
          (async () => {
            const times = [];
            for (const [i, text] of [%s].entries()) {
              const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), name = 'dropped ' + i + '.png', data = new DataTransfer();
              data.items.add(new File([bytes], name, { type: 'image/png' }));
              const began = performance.now();
              dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
              while (keralens.state.item.name !== name || keralens.shown().length < 1 || keralens.grid.cells.values().next().value.drawnMap !== keralens.shown()[0].map) await new Promise(requestAnimationFrame);
              times.push(performance.now() - began);
              await new Promise((done) => setTimeout(done, 700));
            }
            return times;
          })()\
          """;
      told(
          "drop of a 224 x 224 picture to its map, median",
          median(browser.eval(drop.formatted(scenes))),
          150);
      browser.await(SETTLED);
      // Another class whose map is there.
      String redraw =
          """
          (async () => {
            const times = [];
            for (let i = 0; i < 24; i++) {
              const unit = keralens.state.item.top[i % 4].unit, began = performance.now();
              document.querySelector(`button[data-unit="${unit}"]`).click();
              while (keralens.state.units[0] !== unit || keralens.grid.waiting || !keralens.grid.cells.values().next().value.drawnMap) await new Promise(requestAnimationFrame);
              if (i > 3) times.push(performance.now() - began);
              await new Promise((done) => setTimeout(done, 100));
            }
            return times;
          })()\
          """;
      told("redraw of another class, median", median(browser.eval(redraw)), 50);
      // What a frame costs while the opacity is moved: no drawing may take longer than a frame.
      String opacity =
          """
          (async () => {
            const slider = document.getElementById('alpha'), times = [];
            for (let i = 0; i < 60; i++) {
              slider.value = i;
              slider.dispatchEvent(new Event('input'));
              const began = performance.now();
              keralens.grid.drawNow();
              times.push(performance.now() - began);
              await new Promise(requestAnimationFrame);
            }
            return times;
          })()\
          """;
      JsonNode frames = browser.eval(opacity);
      told("a frame of another opacity, median", median(frames), 1000 / 60.0);
      told("a frame of another opacity, 95th percentile", part(frames, 0.95), 1000 / 60.0);
    }
  }

  @Test
  void firstSight_isSoon() throws Exception {
    asked();
    String launcher = System.getProperty("keralens.page.launcher");
    Assumptions.assumeTrue(launcher != null, "skipped: -Dkeralens.page.launcher=../keralens");
    try (Chromium browser = Chromium.start()) {
      browser.window(1280, 900, 1, false);
      for (int i = 0; i < 4; i++) {
        long began = System.currentTimeMillis();
        Process process =
            new ProcessBuilder(
                    Path.of(launcher).toAbsolutePath().toString(), "serve", "--no-browser")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
          String url = String.valueOf(out.readLine());
          double served = System.currentTimeMillis() - began;
          browser.open(url);
          browser.await("globalThis.keralens && keralens.grid.firstDrawn");
          double drawn = browser.eval("keralens.grid.firstDrawn").asDouble() - began;
          if (i > 0) { // the first prepares files
            System.out.printf(Locale.ROOT, "%-52s %7.0f ms%n", "start to the address", served);
            told("start of the program to the first map", drawn, 3000);
          }
        } finally {
          process.destroy();
          process.waitFor();
        }
      }
    }
  }
}
