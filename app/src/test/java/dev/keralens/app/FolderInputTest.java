package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Picture;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of images, and images that cannot be read. */
class FolderInputTest {
  private static final Path MODEL = Cli.PARITY.resolve("conv_mix/model.keras");
  private static final Path PHOTO = Cli.IMAGES.resolve("444.jpg");
  private static final Path OTHER = Cli.IMAGES.resolve("422.jpg");
  private static final String NOTE = "keralens: --preprocess unit, since the model takes";

  @TempDir private Path folder;
  private Path photos;
  private Path maps;

  @BeforeEach
  void layOut() throws IOException {
    photos = Files.createDirectory(folder.resolve("photos"));
    maps = folder.resolve("maps");
    Files.copy(PHOTO, photos.resolve("b.jpg"));
    Files.copy(OTHER, photos.resolve("a.JPG"));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  private Path truncated(String name) throws IOException {
    byte[] whole = Files.readAllBytes(PHOTO);
    return Files.write(photos.resolve(name), Arrays.copyOf(whole, whole.length / 2));
  }

  private Cli explain(int code, Object... arguments) {
    Cli run =
        Cli.run(
            Stream.of(new Object[] {"explain", "-m", MODEL}, arguments)
                .flatMap(Stream::of)
                .toArray());
    assertEquals(code, run.code(), run::toString);
    return run;
  }

  /** The first column of what is printed. */
  private static List<String> explained(Cli run) {
    return run.out().stream().skip(1).map(line -> line.split(" ", 2)[0]).toList();
  }

  @Test
  void folder_allImagesByNameAndContent_inOrder() throws IOException {
    Files.copy(Cli.IMAGES.resolve("gray.png"), photos.resolve("c without ending"));
    Files.copy(PHOTO, photos.resolve(".hidden.jpg"));
    Files.copy(PHOTO, Files.createDirectory(photos.resolve("old")).resolve("d.jpg"));
    Cli run = explain(0, photos, "-o", maps);
    assertEquals(List.of("a.JPG", "b.jpg", "c"), explained(run));
    assertEquals(
        List.of("a-gradcam.png", "b-gradcam.png", "c without ending-gradcam.png"), names(maps));
    assertTrue(run.err().get(0).startsWith(NOTE), run::toString);
    assertEquals(List.of("Wrote " + maps + ": 3 pictures"), run.err().subList(1, run.err().size()));
  }

  @Test
  void folder_sameFileTwice_isSaid() throws IOException {
    Files.createSymbolicLink(photos.resolve("c.jpg"), photos.resolve("b.jpg"));
    Cli run = Cli.done("predict", photos, "-m", MODEL);
    assertEquals(
        "keralens: left out 1 file that is there already: " + photos.resolve("c.jpg"),
        run.err().get(0));
  }

  @Test
  void file_namedTwice_isTakenOnce() {
    Path photo = photos.resolve("b.jpg");
    Path again = photos.resolve("../" + photos.getFileName() + "/b.jpg");
    Cli run = Cli.done("predict", photo, again, photo, "-m", MODEL, "--top", 1);
    assertEquals(List.of("b.jpg"), explained(run));
    assertTrue(
        run.err().get(0).startsWith("keralens: left out 2 files that are there already: "),
        run::toString);
  }

  @Test
  void folder_ownJpeg_isLeftOut() throws IOException {
    Path drawn = photos.resolve("figure.jpg");
    Cli.done("explain", photos.resolve("b.jpg"), "-m", MODEL, "-o", drawn);
    Cli run = Cli.done("predict", photos, "-m", MODEL);
    assertEquals(
        "keralens: left out 1 picture that Keralens drew (name it to take it): " + drawn,
        run.err().get(0));
  }

  @Test
  void folder_ownMapsInIt_areLeftOut() throws IOException {
    for (String map :
        List.of("b-gradcam.png", "b-tta-gradcam-unit3.png", "a-gradients-unit1.png")) {
      Files.copy(Cli.IMAGES.resolve("rgb.png"), photos.resolve(map));
    }
    Files.copy(Cli.IMAGES.resolve("rgb.png"), photos.resolve("c-gradcam.png")); // Of no image here.
    Cli run = Cli.done("predict", photos, "-m", MODEL);
    assertTrue(
        run.err().get(0).startsWith("keralens: left out 3 pictures that Keralens drew"),
        run::toString);
    assertTrue(run.out().toString().contains("c-gradcam.png"), run::toString);
    Cli named = Cli.done("predict", photos.resolve("b-gradcam.png"), "-m", MODEL);
    assertTrue(named.out().toString().contains("b-gradcam.png"), named::toString);
  }

  @Test
  void folder_whatIsNoImage_isLeftOutAndCounted() throws IOException {
    Files.writeString(photos.resolve("BMI.txt"), "BMI of the cats, in kilograms");
    Cli one = explain(0, photos, "-o", maps);
    assertEquals(
        "keralens: left out 1 file that is no image: " + photos.resolve("BMI.txt"),
        one.err().get(0));
    for (int i = 0; i < 4; i++) {
      Files.writeString(photos.resolve(i + ".txt"), "");
    }
    Cli run = Cli.done("predict", photos, "-m", MODEL);
    assertTrue(
        run.err().get(0).startsWith("keralens: left out 5 files that are no images: "),
        run::toString);
    assertTrue(run.err().get(0).endsWith("2.txt, ..."), run::toString);
  }

  @Test
  void folder_withoutImages_isSaid() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Cli.fails(1, List.of(empty + " has no images."), "explain", empty, "-m", MODEL, "-o", maps);
    Files.writeString(empty.resolve("a.txt"), "");
    Files.createDirectory(empty.resolve("cats"));
    Cli.fails(
        1,
        List.of(
            empty
                + " has no images, only 1 other file; --recursive looks into the 1 folder in it."),
        "predict",
        empty,
        "-m",
        MODEL);
  }

  @Test
  void recursive_keepsTheFolders() throws IOException {
    Path cats = Files.createDirectories(photos.resolve("cats/young"));
    Files.copy(PHOTO, cats.resolve("b.jpg"));
    Files.copy(PHOTO, Files.createDirectory(photos.resolve(".thumbnails")).resolve("b.jpg"));
    Cli run = explain(0, photos, "--recursive", "-o", maps);
    assertEquals(List.of("a.JPG", "b.jpg", "cats/young/b.jpg"), explained(run));
    assertEquals(
        List.of("a-gradcam.png", "b-gradcam.png", "cats/young/b-gradcam.png"), names(maps));
  }

  @Test
  void names_sharedByFiles_arePaths() throws IOException {
    Path b = Files.copy(PHOTO, folder.resolve("b.jpg"));
    Cli run = explain(0, b, photos, "-o", maps);
    assertEquals(
        List.of(b.toString(), "a.JPG", photos.resolve("b.jpg").toString()), explained(run));
    assertEquals(List.of("a-gradcam.png", "b-2-gradcam.png", "b-gradcam.png"), names(maps));
  }

  @Test
  void recursive_linkInACircle_ends() throws IOException {
    Files.createSymbolicLink(photos.resolve("again"), photos);
    assertEquals(2, explained(explain(0, photos, "--recursive", "-o", maps)).size());
  }

  @Test
  void mixed_filesStayInOrder_foldersAddWhatIsNotThere() throws IOException {
    Path a = photos.resolve("a.JPG");
    Cli run = explain(0, photos, a, PHOTO, a, photos.resolve("../photos"), "-o", maps);
    assertEquals(List.of("b.jpg", "a.JPG", "444.jpg"), explained(run));
    assertEquals(List.of("444-gradcam.png", "a-gradcam.png", "b-gradcam.png"), names(maps));
  }

  @Test
  void output_isNotTakenFromTheFolder() throws IOException {
    Path why = photos.resolve("why.png");
    for (int i = 0; i < 2; i++) {
      assertEquals(List.of("a.JPG", "b.jpg"), explained(explain(0, photos, "-o", why)));
    }
    Files.delete(why);
    Path within = photos.resolve("maps");
    for (int i = 0; i < 2; i++) {
      Cli run = explain(0, photos, "--recursive", "-o", within);
      assertEquals(List.of("a.JPG", "b.jpg"), explained(run));
    }
    Cli.fails(
        2, List.of("is a folder that is read"), "explain", photos, "-m", MODEL, "-o", photos + "/");
  }

  @Test
  void unreadable_inAFolder_isReportedAfterTheOthersAreWritten() throws IOException {
    Path half = truncated("aa.jpg");
    Path text = Files.writeString(photos.resolve("text.jpg"), "no picture");
    Path empty = Files.writeString(photos.resolve("empty.png"), "");
    for (int batch = 1; batch <= 8; batch += 7) {
      Cli run = explain(1, photos, "--batch-size", batch, "--method", "all", "-o", maps);
      assertEquals(List.of("a.JPG", "b.jpg"), explained(run));
      int last = run.err().size();
      assertTrue(run.err().get(last - 5).startsWith("Wrote " + maps), run::toString);
      assertEquals("keralens: 3 of 5 images could not be read:", run.err().get(last - 4));
      assertTrue(run.err().get(last - 3).startsWith("  " + half + " (JPEG) is "), run::toString);
      assertTrue(run.err().get(last - 2).startsWith("  " + empty + " is not an"), run::toString);
      assertTrue(run.err().get(last - 1).startsWith("  " + text + " is not an"), run::toString);
      assertEquals(0, names(maps).size() % 2);
    }
    Path why = folder.resolve("why.png");
    explain(1, photos, "-o", why);
    assertTrue(Picture.read(why).height() > 100);
  }

  @Test
  void unreadable_linkToNothing_isReported() throws IOException {
    Path link = Files.createSymbolicLink(photos.resolve("c.jpg"), folder.resolve("gone.jpg"));
    Cli run = explain(1, photos, "-o", maps);
    assertEquals(List.of("a.JPG", "b.jpg"), explained(run));
    String last = run.err().get(run.err().size() - 1);
    assertTrue(last.startsWith("  " + link + ": no such file"), run::toString);
  }

  @Test
  void unreadable_keepsItsRowInAnArray_ofNaN() throws IOException {
    Path rows = folder.resolve("rows.npy");
    explain(0, photos, "-o", rows);
    Tensor whole = Npy.read(rows);
    truncated("aa.jpg");
    Cli run = explain(1, photos, "-o", rows);
    Tensor all = Npy.read(rows);
    assertArrayEquals(new int[] {3, 33, 29, 1}, all.shape());
    assertArrayEquals(whole.row(0).toFloatArray(), all.row(0).toFloatArray(), 1e-5f);
    assertTrue(Float.isNaN(all.row(1).toFloatArray()[0]));
    assertArrayEquals(whole.row(1).toFloatArray(), all.row(2).toFloatArray(), 1e-5f);
    String wrote = ": maps (3, 33, 29, 1), NaN in the row of what could not be read";
    assertTrue(run.err().contains("Wrote " + rows + wrote), run::toString);
    Path scores = folder.resolve("scores.npy");
    assertEquals(1, Cli.run("predict", photos, "-m", MODEL, "-o", scores).code());
    Tensor predicted = Npy.read(scores);
    assertArrayEquals(new int[] {3, 7}, predicted.shape());
    assertTrue(Float.isNaN(predicted.get(1, 0)));
    assertFalse(Float.isNaN(predicted.get(2, 0)));
  }

  /** The units of an image stay its own where one before it is left out. */
  @Test
  void unreadable_unitsOfTheOthersStayTheirs() throws IOException {
    truncated("aa.jpg");
    Path units = folder.resolve("units.npy");
    Npy.write(units, Tensor.of(new long[] {1, 2, 3}, 3, 1));
    Cli run = explain(1, photos, "--units-from", units, "-o", maps);
    assertTrue(run.out().get(1).matches("a.JPG +1 .*"), run::toString);
    assertTrue(run.out().get(2).matches("b.jpg +3 .*"), run::toString);
  }

  @Test
  void unreadable_all_isAFailure() throws IOException {
    Path bad = Files.createDirectory(folder.resolve("bad"));
    Files.writeString(bad.resolve("a.jpg"), "no picture");
    Files.writeString(bad.resolve("b.jpg"), "no picture");
    for (String method : List.of("gradcam", "all")) {
      Cli run = explain(1, bad, "--method", method, "-o", maps);
      String last = run.err().get(run.err().size() - 1);
      assertTrue(last.contains("None of the 2 images could be read. The first: "), run::toString);
      assertTrue(last.contains("a.jpg is not an image"), run::toString);
    }
    assertTrue(Files.notExists(maps));
  }

  @Test
  void unreadable_named_endsTheRunUnlessItKeepsGoing() throws IOException {
    Path half = truncated("aa.jpg");
    Path text = Files.writeString(folder.resolve("text.jpg"), "no picture");
    Path why = folder.resolve("why.png");
    Cli.fails(
        1,
        List.of(text + " is not an image that can be read", "--keep-going leaves it out."),
        "explain",
        PHOTO,
        text,
        "-m",
        MODEL,
        "-o",
        why);
    Cli run = explain(1, PHOTO, half, "-o", why);
    String last = run.err().get(run.err().size() - 1);
    assertTrue(last.startsWith("keralens: " + half + " (JPEG) is "), run::toString);
    assertTrue(last.endsWith("--keep-going leaves it out."), run::toString);
    assertTrue(Files.notExists(why));
    Cli kept = explain(1, PHOTO, half, text, OTHER, "--keep-going", "-o", why);
    assertEquals(List.of("444.jpg", "422.jpg"), explained(kept));
    assertTrue(kept.err().contains("keralens: 2 of 4 images could not be read:"), kept::toString);
    assertTrue(Files.exists(why));
    assertEquals(0, explain(0, PHOTO, OTHER, "--keep-going", "-o", why).code());
  }
}
