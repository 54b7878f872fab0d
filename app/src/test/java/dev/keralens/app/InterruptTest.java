package dev.keralens.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves behind that does not come to its end. */
class InterruptTest {
  private static final Path MODEL = Cli.PARITY.resolve("conv_mix/model.keras");

  @TempDir private Path folder;

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void interrupt_whilePicturesAreWritten_leavesWholeOnesOnly() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    Picture large =
        Picture.read(Cli.IMAGES.resolve("444.jpg")).resize(1500, 1500, Interpolation.BICUBIC);
    large.save(photos.resolve("0.jpg"));
    for (int i = 1; i < 40; i++) {
      Files.copy(photos.resolve("0.jpg"), photos.resolve(i + ".jpg"));
    }
    Path maps = Files.createDirectory(folder.resolve("maps"));
    Process run =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "explain",
                photos.toString(),
                "-m",
                MODEL.toString(),
                "-o",
                maps.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      while (files(maps).size() < 4 && run.isAlive()) {
        Thread.sleep(10);
      }
      assertTrue(run.isAlive(), "It had ended before it was interrupted.");
      run.destroy(); // A signal, which Java takes as it takes Ctrl-C.
      assertTrue(run.waitFor(1, TimeUnit.MINUTES));
    } finally {
      run.destroyForcibly();
    }
    List<Path> left = files(maps);
    assertTrue(!left.isEmpty() && left.size() < 40, left::toString);
    for (Path picture : left) {
      assertTrue(picture.toString().endsWith(".png"), left::toString);
      assertEquals(1500, Picture.read(picture).width());
    }
  }

  /** The last of the pictures cannot be written while those before it are. */
  @Test
  void failure_whilePicturesAreWritten_leavesWholeOnesOnly() throws IOException {
    List<Path> photos = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      photos.add(Files.copy(Cli.IMAGES.resolve("444.jpg"), folder.resolve(name + ".jpg")));
    }
    Path maps = Files.createDirectory(folder.resolve("maps"));
    Files.createDirectory(maps.resolve("c-gradcam.png"));
    Cli run =
        Cli.run("explain", photos.get(0), photos.get(1), photos.get(2), "-m", MODEL, "-o", maps);
    assertEquals(1, run.code());
    String last = run.err().get(run.err().size() - 1);
    assertTrue(last.contains("c-gradcam.png: it is a folder."), run::toString);
    for (Path file : files(maps)) {
      assertTrue(file.toString().endsWith(".png"), file::toString);
    }
  }
}
