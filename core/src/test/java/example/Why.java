package example;

import dev.keralens.ClassScore;
import dev.keralens.Classifier;
import dev.keralens.ClassifierOptions;
import dev.keralens.Model;
import dev.keralens.PictureExplanation;
import dev.keralens.Units;
import java.io.IOException;
import java.nio.file.Path;

/** Says what a model sees in a photo, and draws where: model, class names, photo, picture. */
public final class Why {
  private Why() {}

  public static void main(String[] args) throws IOException {
    ClassifierOptions options = ClassifierOptions.defaults().withClasses(Path.of(args[1]));
    try (Model model = Model.load(Path.of(args[0]));
        Classifier classifier = Classifier.of(model, options)) {
      PictureExplanation why = classifier.explain(Path.of(args[2]), Units.top(2));
      for (ClassScore one : why.classes()) {
        System.out.println(one.name() + " " + one.output());
      }
      why.save(Path.of(args[3]));
    }
  }
}
