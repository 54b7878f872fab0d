package dev.keralens.web;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.Model;
import dev.keralens.Resize;
import dev.keralens.Units;
import dev.keralens.explain.Method;
import dev.keralens.filter.Filters;
import dev.keralens.method.GradCam;
import dev.keralens.method.Gradients;
import dev.keralens.picture.Picture;
import dev.keralens.picture.draw.ColorMap;
import dev.keralens.picture.draw.Overlay;
import dev.keralens.picture.draw.PixelOverlay;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, used as a person would. Skipped where there is no Chromium. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageTest {
  private static final String SETTLED =
      "globalThis.keralens && keralens.methods && keralens.state.item && !keralens.running"
          + " && !keralens.grid.waiting && keralens.shown().length"
          + " === keralens.rows().length * keralens.columns().length";

  private Chromium browser;
  private PageServer server;
  private final List<Throwable> failures = new ArrayList<>();
  @TempDir Path folder;

  @BeforeAll
  void start() throws Exception {
    Assumptions.assumeTrue(Chromium.program() != null, "skipped: no chromium");
    browser = Chromium.start();
  }

  @BeforeEach
  void serve() throws Exception {
    List<PageOptions.Sample> samples = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int number = i;
      samples.add(
          new PageOptions.Sample(
              String.valueOf(ShapesModel.sceneFile(i).getFileName()),
              "cross",
              () -> ShapesModel.scene(number)));
    }
    server =
        PageServer.start(
            ShapesModel.open(),
            (name, content) -> new ShapesModel(Model.load(name, content)),
            PageOptions.defaults().withSamples(samples),
            failures::add);
    browser.complaints().clear();
    browser.window(1280, 900, 1, false);
    browser.open(server.url());
    browser.await(SETTLED);
  }

  @AfterEach
  void stop() throws Exception {
    if (server != null) {
      browser.open("about:blank");
      server.close();
      assertEquals(List.of(), failures);
      assertEquals(List.of(), browser.complaints());
    }
  }

  @AfterAll
  void end() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  private byte[] canvas(String method, int unit) throws Exception {
    String text =
        browser
            .eval(
                "(() => { const c = keralens.grid.cells.get('%d %s').canvas; const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let s = ''; for (let i = 0; i < d.length; i += 8192) s += String.fromCharCode(...d.subarray(i, i + 8192)); return btoa(s); })()"
                    .formatted(unit, method))
            .asText();
    return Base64.getDecoder().decode(text);
  }

  private int unit() throws Exception {
    return browser.eval("keralens.state.units[0]").asInt();
  }

  private static void assertSame(Picture wanted, byte[] rgba, String what) {
    byte[] expected = bytes(wanted);
    assertEquals(expected.length / 3 * 4, rgba.length, what);
    int worst = 0;
    for (int i = 0; i < expected.length; i++) {
      int drawn = rgba[i / 3 * 4 + i % 3] & 0xFF;
      worst = Math.max(worst, Math.abs((expected[i] & 0xFF) - drawn));
    }
    assertTrue(worst <= 1, what + ": differs by " + worst);
  }

  private static byte[] bytes(Picture picture) {
    float[] samples = picture.toTensor().toFloatArray();
    byte[] bytes = new byte[samples.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (int) samples[i];
    }
    return bytes;
  }

  private static Tensor map(Method method, ExplainOptions options, int unit) throws Exception {
    try (ShapesModel shapes = ShapesModel.open();
        Explainer explainer = Explainer.of(shapes.model(), options, method)) {
      Tensor x = shapes.read(ShapesModel.scene(0), "scene", 1 << 20).inputs().get(0);
      Explanation why = explainer.explain(x, Units.of(unit));
      return why.map(0, 0);
    }
  }

  private static Picture scene() throws Exception {
    return Items.shown(Picture.read(ShapesModel.FOLDER.resolve("samples/scene-000.png")));
  }

  @Test
  void canvas_isTheLibrarysPicture() throws Exception {
    Tensor map = map(GradCam.create(), ExplainOptions.defaults(), unit());
    assertSame(Overlay.create().draw(scene(), map), canvas("gradcam", unit()), "Grad-CAM");
    browser.click("#m-gradients");
    browser.await(SETTLED + " && keralens.columns().length === 2");
    Tensor gradients = map(Gradients.create(), ExplainOptions.defaults(), unit());
    assertSame(
        PixelOverlay.create().draw(scene(), gradients), canvas("gradients", unit()), "Gradients");
  }

  @Test
  void controls_redrawFromTheSameFloats() throws Exception {
    int unit = unit();
    Tensor raw = map(GradCam.create(), ExplainOptions.defaults().withFilter(Filters::none), unit);
    browser.eval("performance.clearResourceTimings()");
    choose("sign", "signed");
    assertSame(
        Overlay.create().colorMap(ColorMap.COOLWARM).draw(scene(), raw),
        canvas("gradcam", unit),
        "signed");
    choose("sign", "absolute");
    choose("color", "viridis");
    browser.eval(
        "(() => { const a = document.getElementById('alpha'); a.value = 90; a.dispatchEvent(new"
            + " Event('input')); })()");
    browser.await("!keralens.grid.waiting");
    Tensor absolute =
        map(GradCam.create(), ExplainOptions.defaults().withFilter(Filters::absolute), unit);
    assertSame(
        Overlay.create().colorMap(ColorMap.VIRIDIS).alpha(0.9).draw(scene(), absolute),
        canvas("gradcam", unit),
        "absolute");
    assertEquals(
        0,
        browser
            .eval(
                "performance.getEntriesByType('resource').filter((e) =>"
                    + " e.name.includes('/api/explain')).length")
            .asInt(),
        "maps are sent once");
    String address = browser.eval("location.hash").asText();
    assertTrue(address.contains("sign=absolute") && address.contains("alpha=0.9"), address);
  }

  private void choose(String id, String value) throws Exception {
    browser.eval(
        "(() => { const s = document.getElementById('%s'); s.value = '%s'; s.dispatchEvent(new Event('change')); })()"
            .formatted(id, value));
    browser.await("!keralens.grid.waiting");
  }

  @Test
  void firstSight_isExplained() throws Exception {
    assertEquals("scene-000.png", browser.eval("keralens.state.item.name").asText());
    assertEquals(8, browser.eval("document.querySelectorAll('.thumb').length").asInt());
    JsonNode classes =
        browser.eval("[...document.querySelectorAll('.class .name')].map((e) => e.textContent)");
    assertTrue(classes.size() >= 8, classes::toString);
    assertTrue(browser.eval("document.title").asText().contains("shapes.keras"));
    assertEquals("", browser.eval("location.search").asText(), "the token is gone");
  }

  @Test
  void classes_areChosenComparedAndLeaveNoStaleMap() throws Exception {
    browser.click(".classes li:nth-child(2) .class");
    browser.await(SETTLED + " && keralens.state.units.length === 1");
    assertEquals(
        browser.eval("keralens.state.item.top[1].unit").asInt(), unit(), "the second class");
    browser.click(".classes li:nth-child(3) input");
    browser.await(SETTLED + " && keralens.rows().length === 2");
    assertEquals(2, browser.eval("document.querySelectorAll('.maps .cell').length").asInt());
    browser.eval(
        "(async () => { const all = keralens.state.item.top.map((t) => t.unit); for (let i = 0; i <"
            + " 50; i++) { keralens.state.units = [all[i % all.length]]; keralens.buildClasses();"
            + " keralens.refresh(true); await new Promise((r) => setTimeout(r, i % 3)); } })()");
    browser.await(SETTLED);
    Tensor map = map(GradCam.create(), ExplainOptions.defaults(), unit());
    assertSame(Overlay.create().draw(scene(), map), canvas("gradcam", unit()), "the last class");
    assertEquals(1, browser.eval("document.querySelectorAll('.maps .cell').length").asInt());
  }

  @Test
  void pictures_arePickedDroppedAndPasted() throws Exception {
    Path file = folder.resolve("<img src=x onerror=alert(1)>.png");
    Files.write(file, ShapesModel.scene(9));
    browser.pick("#pick", file);
    browser.await(SETTLED + " && keralens.state.item.name.includes('onerror')");
    assertEquals(
        0, browser.eval("document.querySelectorAll('img[onerror]').length").asInt(), "a script");
    String drop =
        "(async () => { const bytes = Uint8Array.from(atob('%s'), (c) => c.charCodeAt(0)); const"
            + " data = new DataTransfer(); data.items.add(new File([bytes], '%s', {type:"
            + " 'image/png'})); dispatchEvent(new %s('%s', {%s: data, bubbles: true, cancelable:"
            + " true})); })()";
    String scene = Base64.getEncoder().encodeToString(ShapesModel.scene(10));
    browser.eval(drop.formatted(scene, "dropped.png", "DragEvent", "drop", "dataTransfer"));
    browser.await(SETTLED + " && keralens.state.item.name === 'dropped.png'");
    browser.eval(drop.formatted(scene, "pasted.png", "ClipboardEvent", "paste", "clipboardData"));
    browser.await(SETTLED + " && keralens.state.item.name === 'pasted.png'");
    assertEquals(3 + 8, browser.eval("document.querySelectorAll('.thumb').length").asInt());
    browser.eval("keralens.take([new File(['no picture'], 'no.png')])");
    browser.await("!document.getElementById('notice').hidden");
    String said = browser.eval("document.getElementById('notice').textContent").asText();
    assertTrue(said.contains("no.png") && !said.contains("/tmp"), said);
    browser.complaints().clear(); // the status 422, which the console shows
  }

  @Test
  void pointer_readsTheValueInEveryMap() throws Exception {
    JsonNode box =
        browser.eval(
            "(() => { const b ="
                + " keralens.grid.cells.values().next().value.canvas.getBoundingClientRect();"
                + " return [b.left, b.top, b.width, b.height]; })()");
    browser.mouse(
        "mouseMoved",
        box.get(0).asDouble() + box.get(2).asDouble() * 0.505,
        box.get(1).asDouble() + box.get(3).asDouble() * 0.255);
    browser.await("document.querySelector('.cross') && !document.querySelector('.cross').hidden");
    float wanted = map(GradCam.create(), ExplainOptions.defaults(), unit()).get(24, 48);
    double shown = browser.eval("Number(document.querySelector('.cross').textContent)").asDouble();
    assertEquals(wanted, shown, 6e-4);
    assertTrue(
        browser.eval("document.getElementById('readout').textContent").asText().contains("row 24"));
  }

  @Test
  void settings_areAFormAndSayTheCost() throws Exception {
    browser.click("[data-name='integrated_gradients']");
    String cost = browser.eval("document.querySelector('.cost').textContent").asText();
    assertTrue(cost.contains("50 runs"), cost);
    browser.click("#m-integrated_gradients");
    browser.eval(
        "(() => { const f = document.querySelector('#settings input'); f.value = '7';"
            + " f.dispatchEvent(new Event('change')); })()");
    browser.await(SETTLED + " && keralens.columns().length === 2");
    cost = browser.eval("document.querySelector('.cost').textContent").asText();
    assertTrue(cost.contains("7 runs"), cost);
    Tensor map =
        map(
            dev.keralens.method.IntegratedGradients.create().steps(7),
            ExplainOptions.defaults(),
            unit());
    assertSame(
        PixelOverlay.create().draw(scene(), map),
        canvas("integrated_gradients", unit()),
        "seven steps");
  }

  @Test
  void longWork_showsProgressAndIsCancelled() throws Exception {
    browser.click("#m-rise");
    browser.await("document.getElementById('progress').value > 0 && keralens.running");
    String told = browser.eval("document.getElementById('worktext').textContent").asText();
    assertTrue(told.contains("passes") && told.contains("4,000 runs"), told);
    browser.click("#cancel");
    browser.await("!keralens.running");
    browser.await(
        "[...document.querySelectorAll('.status')].some((e) =>"
            + " e.textContent.startsWith('Cancelled'))");
    browser.click("#m-rise");
    browser.await(SETTLED);
  }

  @Test
  void layers_giveAColumnEach() throws Exception {
    browser.click("#layerbox summary");
    browser.eval(
        "[...document.querySelectorAll('#layers input')].slice(-2).forEach((e) => e.click())");
    browser.await(SETTLED + " && keralens.columns().length === 2");
    assertEquals(2, browser.eval("document.querySelectorAll('.colname').length").asInt());
    JsonNode layers = browser.eval("keralens.state.layers");
    Tensor map =
        map(GradCam.create(), ExplainOptions.defaults().withLayers(layers.get(0).asText()), unit());
    assertSame(
        Overlay.create().draw(scene(), map),
        canvas("gradcam:" + layers.get(0).asText(), unit()),
        "a layer");
  }

  @Test
  void address_bringsTheViewBack() throws Exception {
    browser.click(".thumbs li:nth-child(4) .thumb");
    browser.await(SETTLED + " && keralens.state.sample === 3");
    browser.click(".classes li:nth-child(2) .class");
    browser.click("#m-layercam");
    browser.await(SETTLED + " && keralens.columns().length === 2");
    String address = browser.eval("location.hash").asText();
    int unit = unit();
    browser.eval("globalThis.before = true");
    browser.eval("location.reload()");
    browser.await("!globalThis.before && " + SETTLED + " && keralens.columns().length === 2");
    assertEquals(address, browser.eval("location.hash").asText());
    assertEquals(unit, unit());
    assertEquals(3, browser.eval("keralens.state.sample").asInt());
    browser.eval("history.back()");
    browser.await(SETTLED + " && keralens.state.methods.length === 1");
    assertEquals(
        1, browser.eval("document.querySelectorAll('#methods input:checked').length").asInt());
  }

  @Test
  void keyboard_reachesClassesAndMaps() throws Exception {
    browser.eval("document.querySelector('.class').focus()");
    browser.key("Tab");
    browser.key("Tab");
    browser.key("Enter");
    browser.await(SETTLED + " && keralens.state.units[0] === keralens.state.item.top[1].unit");
    browser.eval("document.querySelector('.maps .cell canvas').focus()");
    browser.key("ArrowRight");
    browser.await("!document.querySelector('.cross').hidden");
  }

  @Test
  void numbers_areTheLibrarysFile() throws Exception {
    String npy =
        browser
            .eval(
                "(async () => { const { npy } = await import('./numbers.js'); const { shownMap } ="
                    + " await import('./draw.js'); const one = keralens.shown()[0]; const b ="
                    + " npy(shownMap(one.map, keralens.state.look, keralens.model.places), [1, 96,"
                    + " 96, 1]); let s = ''; for (const v of b) s += String.fromCharCode(v); return"
                    + " btoa(s); })()")
            .asText();
    Tensor read = Npy.read(Base64.getDecoder().decode(npy), "page.npy");
    Tensor map = map(GradCam.create(), ExplainOptions.defaults(), unit());
    assertArrayEquals(new int[] {1, 96, 96, 1}, read.shape());
    assertArrayEquals(map.toFloatArray(), read.toFloatArray(), 1e-5f);
  }

  @Test
  void everyTab_opensAndFilesComeOut() throws Exception {
    for (String tab : List.of("files", "curves", "change", "code", "history", "model")) {
      browser.click("#tab-" + tab);
      browser.await("document.getElementById('panel').textContent.length > 20");
    }
    String head =
        browser
            .eval(
                "(async () => { const { work } = await import('./api.js'); const r = await"
                    + " work('/api/report', { ...keralens.request(), pictures:"
                    + " keralens.reported('this') }); return new TextDecoder().decode(r.data);"
                    + " })()")
            .asText();
    assertTrue(head.startsWith("<!doctype html>"), head);
    int size =
        browser
            .eval(
                "(async () => { const { work } = await import('./api.js'); const r = await"
                    + " work('/api/export', keralens.request()); return r.data.length; })()")
            .asInt();
    assertTrue(size > 10_000, "ONNX of " + size);
    browser.click("#tab-code");
    String code = browser.eval("document.getElementById('panel').textContent").asText();
    assertTrue(
        code.contains("keralens explain scene-000.png --model shapes.keras --method gradcam"),
        code);
    assertTrue(code.contains("GradCam.create()"), code);
  }

  @Test
  void curves_riseAndFall() throws Exception {
    browser.click("#tab-curves");
    browser.click("#panel button");
    browser.await("document.querySelectorAll('.curve').length === 1");
    browser.await("!document.querySelector('#panel button').disabled");
    String told = browser.eval("document.querySelector('.curve .number').textContent").asText();
    assertTrue(told.contains("deletion") && told.contains("insertion"), told);
  }

  @Test
  void erasing_changesTheScore() throws Exception {
    double before = browser.eval("keralens.state.item.top[0].output").asDouble();
    browser.click("#tab-change");
    browser.eval("document.querySelector('.brush').focus()");
    String changed =
        browser
            .eval(
                "(async () => { const { post } = await import('./api.js'); const r = await"
                    + " post('/api/erase', {item: keralens.state.item.id, filling: 'mean', spots:"
                    + " [[0.5, 0.5, 0.7]]}); await keralens.open({item: r.id, units:"
                    + " keralens.state.units}); return r.top.find((t) => t.unit ==="
                    + " keralens.state.units[0]).output; })()")
            .asText();
    assertTrue(Double.parseDouble(changed) < before, changed + " of " + before);
    browser.await(SETTLED + " && keralens.state.item.name.endsWith('changed')");
  }

  @Test
  void report_hasTheWholeFolder() throws Exception {
    browser.click(".classes li:nth-child(3) input");
    browser.await(SETTLED + " && keralens.rows().length === 2");
    String html =
        browser
            .eval(
                "(async () => { const { work } = await import('./api.js'); const r = await"
                    + " work('/api/report', { ...keralens.request(), pictures:"
                    + " keralens.reported('all') }); return new TextDecoder().decode(r.data); })()")
            .asText();
    Path file = folder.resolve("all.html");
    Files.writeString(file, html);
    browser.open(file.toUri().toString());
    browser.await("document.documentElement.dataset.ready === 'true'");
    assertEquals(8, browser.eval("document.querySelectorAll('.report section').length").asInt());
    assertEquals(16, browser.eval("document.querySelectorAll('.cell canvas.map').length").asInt());
    String row = browser.eval("document.querySelector('.rowname .number').textContent").asText();
    assertTrue(row.matches("[<\\d. ]+ %, logit -?[\\d.]+"), row);
  }

  @Test
  void gallery_isSortedByWhatItsMapsAre() throws Exception {
    browser.await("keralens.gallery.pictures.every((p) => p.top)");
    browser.eval(
        "(() => { const s = document.querySelector('.filters [aria-label=Order]');"
            + " s.value = 'gathered'; s.dispatchEvent(new Event('change')); })()");
    browser.await("document.querySelector('#gallery [role=status]').textContent.startsWith('by ')");
    List<Double> sparse = new ArrayList<>();
    for (JsonNode title :
        browser.eval("[...document.querySelectorAll('.thumb')].map((one) => one.title)")) {
      sparse.add(Double.parseDouble(title.asText().replaceAll(".*sparseness ", "")));
    }
    assertEquals(8, sparse.size());
    assertEquals(sparse.stream().sorted(Comparator.reverseOrder()).toList(), sparse);
    // What stands beside the map that is shown is the same measure.
    String facts = browser.eval("document.querySelector('.facts').textContent").asText();
    String shown = facts.replace('\u00a0', ' ').replaceAll(".*sparseness (\\S+).*", "$1");
    String title = browser.eval("document.querySelector('.thumb[aria-current]').title").asText();
    assertTrue(title.endsWith(shown), title + " and " + facts);
    assertEquals("scene-000.png", browser.eval("keralens.state.item.name").asText());
  }

  @Test
  void map_saysHowSparseItIsAndWhatItKeeps() throws Exception {
    browser.await("document.querySelector('.facts').textContent.includes('drop')");
    String told =
        browser
            .eval("document.querySelector('.facts').textContent")
            .asText()
            .replace('\u00a0', ' ');
    int unit = unit();
    Tensor small = map(GradCam.create(), ExplainOptions.defaults().withResize(Resize.none()), unit);
    float[] values = small.toFloatArray();
    java.util.Arrays.sort(values);
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < values.length; i++) {
      sum += values[i];
      weighted += (2.0 * (i + 1) - values.length - 1) * values[i];
    }
    String sparse = String.format(java.util.Locale.ROOT, "%.2f", weighted / (values.length * sum));
    float[] shares = map(GradCam.create(), ExplainOptions.defaults(), unit).toFloatArray();
    try (ShapesModel shapes = ShapesModel.open()) {
      Tensor x = shapes.read(ShapesModel.scene(0), "scene", 1 << 20).inputs().get(0);
      float[] kept = x.toFloatArray().clone();
      for (int i = 0; i < kept.length; i++) {
        kept[i] *= shares[i / 3];
      }
      float before = shapes.model().predict(x).get(0, unit);
      float after = shapes.model().predict(Tensor.of(kept, x.shape())).get(0, unit);
      String drop =
          after > before
              ? "0 %, rises"
              : "%d %%".formatted(Math.round((before - after) / before * 100));
      assertEquals("sparseness %s · drop %s".formatted(sparse, drop), told);
    }
  }

  @Test
  void shuffledWeights_giveAnotherMap() throws Exception {
    browser.click("#tab-change");
    browser.click("#shuffle");
    browser.await("document.querySelectorAll('.shuffled figure').length === 1");
    browser.await("!document.getElementById('shuffle').disabled");
    String told = browser.eval("document.querySelector('.shuffled').textContent").asText();
    assertTrue(told.contains("rank correlation") && told.contains("shuffled, output"), told);
    double known =
        browser
            .eval(
                "(async () => { const { rankCorrelation } = await import('./measures.js'); return"
                    + " rankCorrelation([1, 2, 2, 4], [3, 1, 2, 0]); })()")
            .asDouble();
    assertEquals(-0.9486832980505138, known, 1e-9); // as scipy.stats.spearmanr
  }

  @Test
  void thirtyPictures_stayInBoundedMemory() throws Exception {
    byte[] scene = ShapesModel.scene(4);
    browser.eval(
        "keralens.state.methods = ['gradcam', 'gradcampp', 'layercam', 'gradients',"
            + " 'inputxgradient', 'hirescam'].filter((m) => keralens.method(m)?.fits)");
    String drop =
        "(async () => { const bytes = Uint8Array.from(atob('%s'), (c) => c.charCodeAt(0)); for (let"
            + " i = 0; i < 30; i++) { await keralens.take([new File([bytes], 'many-' + i +"
            + " '.png')]); } })()";
    browser.eval(drop.formatted(Base64.getEncoder().encodeToString(scene)));
    browser.await(SETTLED + " && keralens.state.item.name === 'many-29.png'");
    assertTrue(browser.eval("keralens.floats").asLong() < 24_000_000);
    assertTrue(browser.eval("keralens.maps.size").asInt() > 6);
  }

  @Test
  void window_hasNoSidewaysScrollAtAnySize() throws Exception {
    for (int width : new int[] {360, 800, 1280, 3840}) {
      browser.window(width, 900, 1, width == 800);
      browser.await("innerWidth === " + width);
      int wide = browser.eval("document.documentElement.scrollWidth").asInt();
      assertTrue(wide <= width, width + " wide, but " + wide);
    }
  }

  @Test
  void text_hasContrastInLightAndDark() throws Exception {
    for (boolean dark : new boolean[] {false, true}) {
      browser.window(1280, 900, 1, dark);
      JsonNode low =
          browser.eval(
              """
              (() => {
                const lum = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
                const parse = (t) => { const m = t.match(/[\\d.]+/g).map(Number); return m.length === 4 && m[3] === 0 ? null : m.slice(0, 3); };
                const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c) return c; } return [255, 255, 255]; };
                const bad = [];
                for (const e of document.querySelectorAll('body *')) {
                  if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility() || e.closest('.hidden, .skip, svg, :disabled')) continue;
                  const a = lum(parse(getComputedStyle(e).color)), b = lum(ground(e));
                  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                  if (ratio < 4.5) bad.push(e.className + ' ' + e.textContent.slice(0, 20) + ' ' + ratio.toFixed(2));
                }
                return bad;
              })()\
              """);
      assertEquals(0, low.size(), low::toString);
    }
  }

  @Test
  void report_looksAsThePageDoes() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Tensor raw = map(GradCam.create(), ExplainOptions.defaults().withFilter(Filters::none), 0);
    Report report =
        new Report(
            new Report.About(
                "</script><script>alert(1)</script>",
                "",
                "none",
                "output shapes, one of shapes, sizes: <i>",
                "keralens explain <b>",
                true,
                List.of(96, 96),
                List.of(
                    new Report.Column(
                        "gradcam",
                        "Grad-CAM",
                        "",
                        Report.filterName(GradCam.create().usualFilter()),
                        false))),
            1,
            1);
    report.add(
        "<img src=x>",
        Picture.read(ShapesModel.FOLDER.resolve("samples/scene-000.png")),
        List.of(new Report.Cell(0, "<i>class</i>", 1, 0.5f, "gradcam", raw)));
    out.write(report.html());
    Path file = folder.resolve("report.html");
    Files.write(file, out.toByteArray());
    browser.open(file.toUri().toString());
    browser.await("document.documentElement.dataset.ready === 'true'");
    browser.await(
        "document.querySelector('.cell canvas').width === 384 || document.querySelector('.cell"
            + " canvas').width === 320");
    assertEquals(0, browser.eval("document.querySelectorAll('i, b, main img').length").asInt());
    assertTrue(
        browser.eval("document.querySelector('h1').textContent").asText().contains("</script>"));
    JsonNode drawn =
        browser.eval(
            "(() => { const c = document.querySelector('.cell canvas'); const d ="
                + " c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return"
                + " [...d].some((v, i) => i % 4 === 0 && v > 200); })()");
    assertTrue(drawn.asBoolean());
    browser.eval(
        "(() => { const s = document.getElementById('sign'); s.value = 'signed';"
            + " s.dispatchEvent(new Event('change')); })()");
    browser.await("document.querySelector('.legend .number').textContent.startsWith('-')");
  }
}
