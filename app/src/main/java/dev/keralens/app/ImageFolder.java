package dev.keralens.app;

import dev.keralens.picture.ImageLoader;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the image files of a folder. Hidden files are passed over.
 *
 * <p>A file is an image by what it holds, or else by its name: a photo that cannot be read, as one
 * that is cut off or of a kind that is not read, shall be reported, not passed over.
 */
final class ImageFolder extends SimpleFileVisitor<Path> {
  /** How names of images end, also of kinds that are not read. */
  private static final Set<String> ENDINGS =
      Set.of(
          "jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "tif", "tiff", "webp", "heic", "heif",
          "avif", "jp2", "jxl");

  private final Path folder;
  private final @Nullable Path output;
  private final List<Path> images = new ArrayList<>();
  private final List<Path> others = new ArrayList<>();
  private final List<String> unread = new ArrayList<>();
  private int folders;

  private ImageFolder(Path folder, @Nullable Path output) {
    this.folder = folder;
    this.output = output == null ? null : output.toAbsolutePath().normalize();
  }

  /**
   * Looks through a folder.
   *
   * @param recursive whether to look into the folders in it
   * @param output a file or folder that is left out, since it is written
   * @throws IOException if a folder cannot be read
   */
  static ImageFolder of(Path folder, boolean recursive, @Nullable Path output) throws IOException {
    ImageFolder found = new ImageFolder(folder, output);
    Files.walkFileTree(
        folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), recursive ? Integer.MAX_VALUE : 1, found);
    // By the names of the folders, then of the files, each as Python sorts them.
    Comparator<Path> order =
        Comparator.comparing(file -> file.toString().replace(separator(file), "\0"));
    found.images.sort(order);
    found.others.sort(order);
    return found;
  }

  private static String separator(Path file) {
    return file.getFileSystem().getSeparator();
  }

  /** The image files in the order of their names, those in a folder together. */
  List<Path> images() {
    return images;
  }

  /** The files that are no images. */
  List<Path> others() {
    return others;
  }

  /** Why folders, or files that could not be looked at, were left out. */
  List<String> unread() {
    return unread;
  }

  /** How many folders are in this one, where they were not looked into. */
  int folders() {
    return folders;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
      throws IOException {
    boolean passed = !path.equals(folder) && (Files.isHidden(path) || isOutput(path));
    return passed ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
    if (Files.isHidden(path) || isOutput(path)) {
      return FileVisitResult.CONTINUE;
    }
    if (attributes.isDirectory()) {
      folders++;
    } else if (attributes.isRegularFile() || attributes.isSymbolicLink()) { // A link to nothing.
      (isImage(path) ? images : others).add(path);
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
    if (e instanceof FileSystemLoopException) {
      return FileVisitResult.CONTINUE; // A link to a folder around it, which is being read.
    }
    if (path.equals(folder)) {
      throw e;
    }
    unread.add(Failures.message(e));
    return FileVisitResult.CONTINUE;
  }

  /** A folder that could be read to some of its files only. */
  @Override
  public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e) throws IOException {
    return e == null ? FileVisitResult.CONTINUE : visitFileFailed(path, e);
  }

  private boolean isOutput(Path path) {
    return path.toAbsolutePath().normalize().equals(output);
  }

  private static boolean isImage(Path file) {
    String name = String.valueOf(file.getFileName());
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    if (ENDINGS.contains(ending)) {
      return true;
    }
    try {
      return ImageLoader.recognizes(file);
    } catch (IOException e) {
      return false;
    }
  }
}
