package dev.keralens.app;

import dev.keralens.picture.PictureNotes;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** What becomes of pictures that lie in the folder already. */
final class FolderOptions {
  @Option(
      names = "--resume",
      description =
          "Into a folder: leave out images whose pictures are there already, made by this same"
              + " command with this model.")
  private boolean resume;

  @Option(names = "--force", description = "Into a folder: overwrite pictures of other runs, too.")
  private boolean force;

  /** Refuses what has no effect on what is written. */
  void check(Output target) {
    if ((resume || force) && target.kind() != Output.Kind.FOLDER) {
      throw new UsageException(
          "%s has no effect: -o is no folder.".formatted(resume ? "--resume" : "--force"));
    }
  }

  boolean isResumed() {
    return resume;
  }

  /**
   * The images that are left out, since their pictures are there.
   *
   * @param methods what stands for each map in the names of its files
   * @param perImage how many pictures there are of each image and map
   * @param ofLayers whether names of layers stand behind those of methods
   * @throws UsageException if pictures of another run would be overwritten
   */
  Set<Integer> done(
      Output target,
      Inputs inputs,
      PictureNotes notes,
      List<String> methods,
      int perImage,
      boolean ofLayers,
      PrintWriter err)
      throws IOException {
    if (target.kind() != Output.Kind.FOLDER || (force && !resume)) {
      return Set.of();
    }
    EarlierRun earlier = EarlierRun.of(target.path(), inputs, notes, methods, perImage, ofLayers);
    if (!force) {
      earlier.check();
    }
    if (!resume) {
      return Set.of();
    } else if (!(inputs instanceof ImageInputs)) {
      throw new UsageException("--resume is for image files; arrays are explained as a whole.");
    }
    int count = earlier.done().size();
    err.printf("keralens: --resume: %d of %d images are there already%n", count, inputs.count());
    err.flush();
    return earlier.done();
  }
}
