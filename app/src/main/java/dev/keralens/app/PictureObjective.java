package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.objective.Box;
import dev.keralens.objective.BoxForm;
import dev.keralens.objective.BoxScores;
import dev.keralens.objective.Objective;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is explained by way of a picture: its similarity to others, or a box in it. */
final class PictureObjective {
  private static final String STRONGEST = "strongest";
  private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)");

  @Option(
      names = "--similar-to",
      split = ",",
      paramLabel = "FILE",
      description =
          "Explain the cosine of the model's output, an embedding, to that of this picture; of"
              + " several, each is a unit. A .npy array holds embeddings, as 'predict -o' writes"
              + " them.")
  private @Nullable List<Path> similarTo;

  @Option(
      names = "--box",
      paramLabel = "X1,Y1,X2,Y2",
      description =
          "Of a detector, explain the score of the prediction that overlaps best with this box, in"
              + " pixels of the picture; or 'strongest', the prediction of the highest score. Units"
              + " are classes.")
  private @Nullable String box;

  @Option(
      names = "--box-form",
      paramLabel = "FORM",
      description =
          "What the numbers of the detector's boxes are: yolo, yolo-objectness, yolox, xyxy,"
              + " yxyx, xywh, cxcywh, retinanet. Default: what the model proves.")
  private @Nullable String form;

  @Option(
      names = "--box-scores",
      paramLabel = "KIND",
      description =
          "What makes probabilities of the detector's scores, which drise weighs masks by:"
              + " probabilities (nothing, they are), sigmoid, softmax. Default: what the model"
              + " proves.")
  private @Nullable String scores;

  @Option(
      names = "--box-background",
      paramLabel = "UNIT",
      description =
          "The class of a detector's boxes that stands for no object, where scores are a softmax: 0"
              + " in SSD, the last in DETR.")
  private @Nullable Integer background;

  private int @Nullable [] pictureSize;
  private @Nullable Box inInput;

  /** Checks what can be checked before a model is read. */
  void check(ObjectiveOptions others) {
    String units = others.ofUnits();
    if (similarTo != null && units != null) {
      throw new UsageException(units + " is of units, and --similar-to compares whole embeddings.");
    } else if (similarTo != null && box != null) {
      throw new UsageException("--similar-to and --box are two objectives; take one.");
    } else if (box != null && (others.ofOutput() || "--unit-axis".equals(units))) {
      throw new UsageException(units + " has no effect with --box: its scores are explained.");
    } else if (form != null && box == null) {
      throw new UsageException("--box-form has no effect without --box.");
    } else if (scores != null && box == null) {
      throw new UsageException("--box-scores has no effect without --box.");
    } else if (background != null && box == null) {
      throw new UsageException("--box-background has no effect without --box.");
    }
    form();
    scores();
    if (box != null && !box.equals(STRONGEST)) {
      numbers(box);
    }
  }

  private @Nullable BoxForm form() {
    return form(form);
  }

  /**
   * The form of a name; null for none.
   *
   * @throws UsageException if there is none of that name
   */
  static @Nullable BoxForm form(@Nullable String name) {
    return name == null
        ? null
        : BoxForm.named(name.strip())
            .orElseThrow(
                () ->
                    Choice.unknown(
                        Arrays.stream(BoxForm.values()).map(BoxForm::label).toList(),
                        "box form",
                        name));
  }

  private @Nullable BoxScores scores() {
    return scores == null
        ? null
        : BoxScores.named(scores.strip())
            .orElseThrow(
                () ->
                    Choice.unknown(
                        Arrays.stream(BoxScores.values()).map(BoxScores::label).toList(),
                        "kind of scores",
                        String.valueOf(scores)));
  }

  private Objective strongest() {
    return with(Objective.strongestBox(form()));
  }

  private Objective with(Objective boxes) {
    return boxes.withBoxScores(scores()).withBoxBackground(background);
  }

  private static double[] numbers(String text) {
    String[] parts = text.split(",", -1);
    boolean fits =
        parts.length == 4
            && Arrays.stream(parts).allMatch(part -> NUMBER.matcher(part.strip()).matches());
    if (!fits) {
      throw new UsageException(
          "--box takes left,top,right,bottom in pixels, such as 40,30,200,180, or strongest; got '%s'."
              .formatted(text));
    }
    double[] n =
        Arrays.stream(parts).mapToDouble(part -> Double.parseDouble(part.strip())).toArray();
    if (n[0] >= n[2] || n[1] >= n[3]) {
      throw new UsageException(
          "--box %s has no area: it is left,top,right,bottom.".formatted(text));
    }
    return n;
  }

  /** Whether a box is explained. */
  boolean isBox() {
    return box != null;
  }

  /** The box that was asked for, in pixels of the input; null where none was, or the strongest. */
  @Nullable Box asked() {
    return inInput;
  }

  /** Whether one of these is asked for. */
  boolean isAsked() {
    return box != null || similarTo != null;
  }

  /** What names of classes are of, where it is not the units of the output. */
  Objective classes(Objective units) {
    return box == null ? units : STRONGEST.equals(box) ? strongest() : with(classes(form()));
  }

  /** Some box of a detector: its units are the classes of all. */
  static Objective classes(@Nullable BoxForm form) {
    return Objective.box(new Box(0, 0, 1, 1), form);
  }

  /**
   * The objective.
   *
   * @throws IOException if a picture cannot be read
   */
  Objective of(Subject subject) throws IOException {
    return similarTo != null ? similarity(subject, similarTo) : boxOf(subject, String.valueOf(box));
  }

  private Objective boxOf(Subject subject, String text) throws IOException {
    if (text.equals(STRONGEST)) {
      return strongest();
    }
    double[] n = numbers(text);
    int[] input = subject.explainedInput().places();
    if (input.length != 2) {
      throw new UsageException("--box is of pictures, and the model takes none.");
    }
    if (subject.inputs() instanceof ImageInputs images && images.fit() != Fit.STRETCH) {
      throw new UsageException(
          "--box is in pixels of the picture as it is, and --fit %s moves them; take --fit stretch, or --box strongest."
              .formatted(images.fit().name().toLowerCase(Locale.ROOT)));
    }
    List<Picture> pictures = subject.inputs().firstBatch().pictures();
    int[] size = pictures.isEmpty() ? input : sizes(pictures.get(0));
    pictureSize = size;
    if (n[0] >= size[1] || n[1] >= size[0] || n[2] <= 0 || n[3] <= 0) {
      throw new UsageException(
          "--box %s lies outside the picture, which is %d wide and %d high."
              .formatted(text, size[1], size[0]));
    }
    double x = (double) input[1] / size[1];
    double y = (double) input[0] / size[0];
    Box asked = new Box(n[0] * x, n[1] * y, n[2] * x, n[3] * y);
    inInput = asked;
    return with(Objective.box(asked, form()));
  }

  private static int[] sizes(Picture picture) {
    return new int[] {picture.height(), picture.width()};
  }

  /**
   * Checks that a box is the same part of all pictures.
   *
   * @throws UsageException if one has another size
   */
  void check(Inputs inputs, Inputs.Batch batch) {
    int[] size = pictureSize;
    for (int i = 0; size != null && i < batch.pictures().size(); i++) {
      int[] own = sizes(batch.pictures().get(i));
      if (!Arrays.equals(own, size)) {
        throw new UsageException(
            "--box is in pixels, of pictures of one size: %s is %d x %d, those before are %d x %d. Explain it apart."
                .formatted(inputs.name(batch.images().get(i)), own[1], own[0], size[1], size[0]));
      }
    }
  }

  private static Objective similarity(Subject subject, List<Path> files) throws IOException {
    List<Tensor> embeddings = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (Path file : files) {
      String name = String.valueOf(file.getFileName());
      Tensor given = InputFiles.isArray(file) ? array(file) : predicted(subject, file);
      embeddings.add(given);
      for (int i = 0; i < given.size(0); i++) {
        names.add(given.size(0) == 1 ? name : name + " " + i);
      }
    }
    List<String> shapes =
        embeddings.stream()
            .map(e -> Tensor.describe(Arrays.copyOfRange(e.shape(), 1, e.rank())))
            .distinct()
            .collect(Collectors.toList());
    if (shapes.size() > 1) {
      throw new UsageException(
          "--similar-to: the embeddings differ in shape: %s.".formatted(String.join(", ", shapes)));
    }
    return Objective.similarity(Tensor.concat(embeddings), names.toArray(String[]::new))
        .withOutput(subject.output());
  }

  private static Tensor array(Path file) throws IOException {
    Tensor given = ArrayFile.read(file);
    if (given.rank() == 0 || given.elements() == 0 || !given.type().isFloating()) {
      throw new IOException(
          "%s has to hold embeddings, (numbers) or (images, numbers), but holds %s."
              .formatted(file, given));
    }
    Tensor floats = Tensor.of(given.toFloatArray(), given.shape());
    return floats.rank() == 1 ? floats.reshape(1, floats.size(0)) : floats;
  }

  private static Tensor predicted(Subject subject, Path file) throws IOException {
    if (!(subject.inputs() instanceof ImageInputs images)) {
      throw new UsageException(
          "--similar-to %s: the inputs are an array; give the embedding as one, as 'keralens predict -o' writes it."
              .formatted(file));
    }
    List<Path> paths = InputFiles.of(List.of(file.toString()), false, false, null).paths();
    Tensor x = images.of(paths.stream().map(InputFile::named).toList()).first();
    return subject.model().predict(List.of(x), ExplainOptions.defaults()).get(subject.output());
  }
}
