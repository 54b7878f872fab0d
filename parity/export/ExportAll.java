import dev.keralens.ExportOptions;
import dev.keralens.Model;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Exports every golden model of the layer table, each archive to {@code OUT/<case>.onnx}.
 *
 * <pre>java -cp CLASSPATH parity/export/ExportAll.java core/src/test/resources/golden/layers OUT</pre>
 */
final class ExportAll {
  private ExportAll() {}

  public static void main(String[] arguments) throws IOException {
    Path out = Files.createDirectories(Path.of(arguments[1]));
    List<Path> archives;
    try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
      archives = files.filter(file -> file.toString().endsWith(".zip")).sorted().toList();
    }
    int done = 0;
    long start = System.nanoTime();
    for (Path archive : archives) {
      String name = archive.getFileName().toString().replace(".zip", "");
      try {
        export(archive, out.resolve(name + ".onnx"));
        done++;
      } catch (IOException | RuntimeException e) {
        System.out.println(name + ": " + e.getMessage());
      }
    }
    System.out.printf(
        "%d of %d exported in %.0f s%n", done, archives.size(), (System.nanoTime() - start) / 1e9);
  }

  private static void export(Path archive, Path target) throws IOException {
    Path folder = Files.createTempDirectory("model");
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      Path found = null;
      Enumeration<? extends ZipEntry> entries = zip.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        String name = entry.getName();
        if (name.endsWith(".keras") || name.endsWith(".h5")) {
          Path file = folder.resolve(name);
          try (InputStream in = zip.getInputStream(entry)) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
          }
          found = found == null || name.endsWith(".keras") ? file : found;
        }
      }
      if (found == null) {
        throw new IOException("no model in the archive");
      }
      try (Model model = Model.load(found)) {
        model.export(target, ExportOptions.defaults().withReplacing(true));
      }
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted((a, b) -> b.compareTo(a)).forEach(ExportAll::delete);
      }
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
