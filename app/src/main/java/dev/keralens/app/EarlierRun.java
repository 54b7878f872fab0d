package dev.keralens.app;

import dev.keralens.picture.PictureNotes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What lies in a folder that pictures are to be written to. Each picture notes how it was made, so
 * that those of this very run can be told from others.
 */
final class EarlierRun {
  /** The notes that say how a picture was made. */
  private static final List<String> MADE = List.of("Software", "Command", "Model");

  private static final int MOST_NAMED = 3;

  private final Set<Integer> done = new HashSet<>();
  private final List<Path> others = new ArrayList<>();

  private EarlierRun() {}

  /**
   * Looks into a folder.
   *
   * @param folder where pictures are to be written
   * @param inputs what is explained
   * @param notes how the pictures are made
   * @param methods what stands for each map in the names of its files
   * @param perImage how many pictures there are of each image and map
   * @param ofLayers whether names of layers stand behind those of methods
   */
  static EarlierRun of(
      Path folder,
      Inputs inputs,
      PictureNotes notes,
      List<String> methods,
      int perImage,
      boolean ofLayers)
      throws IOException {
    EarlierRun found = new EarlierRun();
    Map<Path, List<String>> byFolder = new TreeMap<>();
    for (int i = 0; i < inputs.count(); i++) {
      Path stem = folder.resolve(inputs.stem(i));
      Path parent = stem.toAbsolutePath().normalize().getParent();
      if (parent == null) {
        continue;
      }
      if (!byFolder.containsKey(parent)) {
        byFolder.put(parent, pictures(parent));
      }
      found.look(
          i,
          parent,
          String.valueOf(stem.getFileName()),
          byFolder.get(parent),
          notes,
          methods,
          perImage,
          ofLayers);
    }
    return found;
  }

  private static List<String> pictures(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(".png"))
          .sorted()
          .toList();
    }
  }

  private void look(
      int image,
      Path folder,
      String stem,
      List<String> there,
      PictureNotes notes,
      List<String> methods,
      int perImage,
      boolean ofLayers)
      throws IOException {
    boolean all = true;
    for (String method : methods) {
      String start = stem + "-" + method;
      int own = 0;
      for (String name : there) {
        String rest = name.startsWith(start) ? name.substring(start.length()) : "no";
        boolean isPicture = rest.matches(ofLayers ? "(-[\\w.-]*)?\\.png" : "(-unit\\d+)?\\.png");
        // A folder of that name is for the writer to refuse.
        if (isPicture && Files.isRegularFile(folder.resolve(name))) {
          boolean same = isSame(PictureNotes.read(folder.resolve(name)), notes);
          own += same ? 1 : 0;
          if (!same) {
            others.add(folder.resolve(name));
          }
        }
      }
      all &= own >= perImage;
    }
    if (all) {
      done.add(image);
    }
  }

  private static boolean isSame(PictureNotes one, PictureNotes other) {
    return MADE.stream()
        .allMatch(key -> one.text(key).isPresent() && one.text(key).equals(other.text(key)));
  }

  /** The images whose pictures are all there already, as this run would make them. */
  Set<Integer> done() {
    return done;
  }

  /**
   * Refuses to overwrite pictures of other runs.
   *
   * @throws UsageException if there are some
   */
  void check() {
    if (!others.isEmpty()) {
      throw new UsageException(
          "%s there already, and of another run or none of Keralens: %s%s; --force overwrites, or name another folder."
              .formatted(
                  others.size() == 1 ? "1 picture is" : others.size() + " pictures are",
                  String.join(", ", others.stream().limit(MOST_NAMED).map(Path::toString).toList()),
                  others.size() > MOST_NAMED ? ", ..." : ""));
    }
  }
}
