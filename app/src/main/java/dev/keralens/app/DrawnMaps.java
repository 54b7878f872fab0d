package dev.keralens.app;

import dev.keralens.method.Methods;
import dev.keralens.picture.PictureNotes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds the pictures that this program drew into a folder: those that say so themselves, and those
 * that are called as an image beside them and a method, such as cat-gradcam.png beside cat.jpg. As
 * input they would be explained as photos.
 */
final class DrawnMaps {
  /** What stands before the name of a method that is wrapped. */
  private static final Pattern WRAPPERS = Pattern.compile("(-smooth|-tta)+$");

  /** Files that can say how they were made. */
  private static final Pattern SAYING =
      Pattern.compile("\\.(png|jpe?g)$", Pattern.CASE_INSENSITIVE);

  private DrawnMaps() {}

  static List<Path> among(List<Path> images) {
    Set<String> stems = new HashSet<>();
    images.forEach(image -> stems.add(stem(image)));
    return images.stream().filter(image -> isMap(stem(image), stems) || saysSo(image)).toList();
  }

  private static boolean saysSo(Path image) {
    try {
      return SAYING.matcher(image.toString()).find()
          && PictureNotes.read(image)
              .text("Software")
              .filter(software -> software.startsWith("Keralens"))
              .isPresent();
    } catch (IOException e) {
      return false; // What cannot be read is reported later.
    }
  }

  private static String stem(Path image) {
    String path = image.toString().toLowerCase(Locale.ROOT);
    int dot = path.lastIndexOf('.');
    return dot > path.lastIndexOf('/') && dot > path.lastIndexOf('\\')
        ? path.substring(0, dot)
        : path;
  }

  private static boolean isMap(String stem, Set<String> stems) {
    return Methods.byNames().keySet().stream()
        .anyMatch(
            method -> {
              int at = stem.lastIndexOf("-" + method);
              String rest = at < 0 ? "" : stem.substring(at + 1 + method.length());
              return at > 0
                  && (rest.isEmpty() || rest.startsWith("-"))
                  && stems.contains(WRAPPERS.matcher(stem.substring(0, at)).replaceAll(""));
            });
  }
}
