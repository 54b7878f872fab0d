package dev.keralens.app;

import java.nio.file.Path;

/**
 * An image file, or an array.
 *
 * @param path where it is
 * @param within its path within the folder that was named, or the name of a file that was named
 *     itself
 * @param isNamed whether the file was named itself, not found in a folder
 */
record InputFile(Path path, Path within, boolean isNamed) {
  static InputFile named(Path path) {
    Path name = path.getFileName();
    return new InputFile(path, name == null ? path : name, true);
  }
}
