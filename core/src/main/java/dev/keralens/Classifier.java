package dev.keralens;

import dev.keralens.applications.ClassIndex;
import dev.keralens.applications.Preprocessing;
import dev.keralens.explain.Method;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.inspect.InputScaling;
import dev.keralens.method.GradCam;
import dev.keralens.objective.ResolvedObjective;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model that gives photos classes, with what its photos go through and what its classes are
 * called bound to it once: photos in, names and maps out.
 *
 * <pre>{@code
 * try (Model model = Model.load(file);
 *     Classifier classifier = Classifier.of(model, options)) {
 *   List<ClassScore> best = classifier.predict(photo, 3);
 *   best.forEach(one -> said.add(one.name()));
 *   PictureExplanation why = classifier.explain(photo, Units.top(2));
 *   why.save(out);
 * }
 * }</pre>
 *
 * <p>Which pixels the model takes is found in the model ({@link Model#inputScaling}) or is said in
 * the options; where neither tells, there is no classifier, for its classes might be wrong. A named
 * preprocessing goes before what is found, with a warning in the log {@code dev.keralens}.
 *
 * <p>A photo is a file, a {@link Picture} or an image of Java's. A tensor is taken as the model
 * takes it, after preprocessing, and refused where its numbers are plainly others.
 *
 * <p>Safe for use by several threads. Holds native memory until it is closed; the model stays open.
 */
public final class Classifier implements AutoCloseable {
  private final Model model;
  private final PhotoInput input;
  private final ClassIndex classes;
  private final boolean isNamed;
  private final ResolvedObjective objective;
  private final Explainer explainer;

  private Classifier(Model model, ClassifierOptions options, Method... methods) {
    this.model = model;
    this.input = PhotoInput.of(model, options);
    this.classes = options.classes();
    ExplainOptions explaining = options.explaining();
    ResolvedObjective found = objective(model, input, explaining);
    boolean areUnits = found.isUnits();
    if (areUnits && found.units() == 1 && classes.size() == 2) {
      explaining = explaining.withObjective(explaining.objective().asTwoClasses());
      found = objective(model, input, explaining);
    }
    this.isNamed = areUnits && classes.size() > 0;
    if (isNamed && classes.size() != found.units()) {
      throw new IllegalArgumentException(
          "There are names of %d classes, but %s has %d units."
              .formatted(classes.size(), model.name(), found.units()));
    }
    this.objective = found;
    Method[] chosen = methods.length == 0 ? new Method[] {GradCam.create()} : methods;
    this.explainer = Explainer.of(model, explaining, chosen);
  }

  private static ResolvedObjective objective(
      Model model, PhotoInput input, ExplainOptions explaining) {
    ResolvedObjective objective =
        model.objective(explaining.objective(), List.of(input.format().shape()));
    if (objective.places().length > 0 && objective.region() == null) {
      throw new UnsupportedModelException(
          "%s gives a map of each unit, %s, and no classes of a whole photo; use an Explainer."
              .formatted(model.name(), objective.output().shape()));
    }
    return objective;
  }

  /**
   * {@return a classifier of what the model says of itself, which explains by Grad-CAM}
   *
   * @param model a model of one input that takes pictures
   * @throws IllegalArgumentException if nothing tells which pixels the model takes, or which size
   * @throws UnsupportedModelException if it takes no pictures, or several inputs, or gives no
   *     classes
   */
  public static Classifier of(Model model) {
    return of(model, ClassifierOptions.defaults());
  }

  /**
   * {@return a classifier}
   *
   * @param model a model of one input that takes pictures
   * @param options what is bound to it
   * @param methods the methods that it explains by; none for Grad-CAM
   * @throws IllegalArgumentException if nothing tells which pixels the model takes, or which size,
   *     or there are names of other classes than the model's
   * @throws UnsupportedModelException if it takes no pictures, or several inputs, or gives no
   *     classes
   */
  public static Classifier of(Model model, ClassifierOptions options, Method... methods) {
    return new Classifier(model, options, methods);
  }

  /**
   * {@return the highest classes of a photo, the highest first}
   *
   * @param photo an image file
   * @param top how many, at most all
   * @throws IOException if it cannot be read
   */
  public List<ClassScore> predict(Path photo, int top) throws IOException {
    return predict(input.photo(photo), top);
  }

  /**
   * {@return the highest classes of a photo, the highest first}
   *
   * @param photo an image of Java's
   * @param top how many, at most all
   */
  public List<ClassScore> predict(BufferedImage photo, int top) {
    return predict(Picture.of(photo), top);
  }

  /**
   * {@return the highest classes of a photo, the highest first}
   *
   * @param photo a picture of any size
   * @param top how many, at most all
   */
  public List<ClassScore> predict(Picture photo, int top) {
    return predict(input.photo(photo), top);
  }

  /**
   * {@return the highest classes of one input, the highest first}
   *
   * @param x what the model takes, after preprocessing; the batch's axis may be left out
   * @param top how many, at most all
   * @throws IllegalArgumentException if it is another shape, or holds pixels before preprocessing
   */
  public List<ClassScore> predict(Tensor x, int top) {
    return predict(input.photo(x), top);
  }

  private List<ClassScore> predict(PhotoInput.Photo photo, int top) {
    Scores scores = explainer.scores(List.of(photo.x()), Units.top(top));
    return named(scores.units(), scores.scores(), scores.outputs());
  }

  /**
   * Explains classes of a photo by the one method, at the one layer; {@link #explainAll} with
   * several.
   *
   * @param photo an image file
   * @param units which classes; {@link #unit} has them by name
   * @return why
   * @throws IOException if the photo cannot be read
   * @throws IllegalArgumentException if there is no such unit, or there are several methods
   */
  public PictureExplanation explain(Path photo, Units units) throws IOException {
    return explain(input.photo(photo), units);
  }

  /**
   * Explains classes of a photo by the one method, at the one layer.
   *
   * @param photo an image of Java's
   * @param units which classes; {@link #unit} has them by name
   * @return why
   * @throws IllegalArgumentException if there is no such unit, or there are several methods
   */
  public PictureExplanation explain(BufferedImage photo, Units units) {
    return explain(Picture.of(photo), units);
  }

  /**
   * Explains classes of a photo by the one method, at the one layer.
   *
   * @param photo a picture of any size
   * @param units which classes; {@link #unit} has them by name
   * @return why
   * @throws IllegalArgumentException if there is no such unit, or there are several methods
   */
  public PictureExplanation explain(Picture photo, Units units) {
    return explain(input.photo(photo), units);
  }

  /**
   * Explains classes of one input by the one method, at the one layer.
   *
   * @param x what the model takes, after preprocessing; the batch's axis may be left out
   * @param units which classes; {@link #unit} has them by name
   * @return why
   * @throws IllegalArgumentException if there is no such unit, or there are several methods; if the
   *     input is another shape, or holds pixels before preprocessing
   */
  public PictureExplanation explain(Tensor x, Units units) {
    return explain(input.photo(x), units);
  }

  private PictureExplanation explain(PhotoInput.Photo photo, Units units) {
    return explained(photo, explainer.explain(photo.x(), units));
  }

  /**
   * Explains classes of a photo by every method; they share the forward pass.
   *
   * @param photo an image file
   * @param units which classes; {@link #unit} has them by name
   * @return why, one explanation for each method, and for each layer of several
   * @throws IOException if the photo cannot be read
   * @throws IllegalArgumentException if there is no such unit
   */
  public List<PictureExplanation> explainAll(Path photo, Units units) throws IOException {
    return explainAll(input.photo(photo), units);
  }

  /**
   * Explains classes of a photo by every method; they share the forward pass.
   *
   * @param photo a picture of any size
   * @param units which classes; {@link #unit} has them by name
   * @return why, one explanation for each method, and for each layer of several
   * @throws IllegalArgumentException if there is no such unit
   */
  public List<PictureExplanation> explainAll(Picture photo, Units units) {
    return explainAll(input.photo(photo), units);
  }

  private List<PictureExplanation> explainAll(PhotoInput.Photo photo, Units units) {
    return explainer.explainAll(List.of(photo.x()), units).stream()
        .map(explanation -> explained(photo, explanation))
        .toList();
  }

  private PictureExplanation explained(PhotoInput.Photo photo, Explanation explanation) {
    return new PictureExplanation(
        photo.picture(),
        explanation,
        named(explanation.units(), explanation.scores(), explanation.outputs()));
  }

  private List<ClassScore> named(Tensor units, Tensor scores, Tensor outputs) {
    List<ClassScore> named = new ArrayList<>();
    for (int i = 0; i < units.size(1); i++) {
      int unit = Math.toIntExact(units.getLong(0, i));
      named.add(new ClassScore(unit, name(unit), scores.get(0, i), outputs.get(0, i)));
    }
    return List.copyOf(named);
  }

  private String name(int unit) {
    List<String> own = objective.unitNames();
    return isNamed || unit >= own.size() ? classes.name(unit) : own.get(unit);
  }

  /**
   * {@return the unit of a class, for {@link Units#of}}
   *
   * @param name its name, as {@link ClassIndex#unit} takes it
   * @throws IllegalArgumentException if no class is called so, or several are
   */
  public int unit(String name) {
    return classes.unit(name);
  }

  /**
   * {@return what the model gets of a photo: one image, batch first}
   *
   * @param photo a picture of any size
   */
  public Tensor input(Picture photo) {
    return input.photo(photo).x();
  }

  /**
   * {@return what the model gets of a photo: one image, batch first}
   *
   * @param photo an image file
   * @throws IOException if it cannot be read
   */
  public Tensor input(Path photo) throws IOException {
    return input.photo(photo).x();
  }

  /** {@return what pixels of 0 to 255 go through before the model} */
  public Preprocessing preprocessing() {
    return input.preprocessing();
  }

  /** {@return what the model itself says of its pixels, and on what ground} */
  public Optional<InputScaling> scaling() {
    @Nullable InputScaling scaling = input.scaling();
    return Optional.ofNullable(scaling);
  }

  /** {@return the names of the classes} */
  public ClassIndex classes() {
    return classes;
  }

  /** {@return the model} */
  public Model model() {
    return model;
  }

  /** Frees the native memory, after the work that is under way. The model stays open. */
  @Override
  public void close() {
    explainer.close();
  }

  /** {@return the model, its size, what its pixels go through and how many classes have names} */
  @Override
  public String toString() {
    return "%s: %d x %d %s, preprocessing %s, %d units, %d names"
        .formatted(
            model.name(),
            input.format().height(),
            input.format().width(),
            input.format().colorMode(),
            input.preprocessing().label(),
            objective.units(),
            classes.size());
  }
}
