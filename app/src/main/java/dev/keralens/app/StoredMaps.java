package dev.keralens.app;

import dev.keralens.ExplainOptions;
import dev.keralens.Explainer;
import dev.keralens.Explanation;
import dev.keralens.ExportedExplainer;
import dev.keralens.Units;
import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Info;
import dev.keralens.explain.Method;
import dev.keralens.explain.Plan;
import dev.keralens.explain.Probes;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.method.Methods;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The maps of a file that is an exported explainer. */
final class StoredMaps {
  /** What an exported file says itself. */
  private static final List<String> FIXED =
      List.of("methodOptions", "mapOptions", "objectiveOptions", "pictureObjective");

  private StoredMaps() {}

  /** Gives maps: an explainer that is made here, or one that was exported. */
  interface Giver extends AutoCloseable {
    /** The maps of each method, or of each output of the file. */
    List<Explanation> explainAll(List<Tensor> inputs, Units units);

    @Override
    void close();
  }

  /** A method as a file names it. */
  private record Stored(Info info) implements Ensemble {
    @Override
    public Plan plan(Probes probes) {
      throw new UnsupportedModelException("%s is in the file only.".formatted(name()));
    }
  }

  /**
   * The maps that are shown: those of the file where it is an exported explainer, else the choice.
   *
   * @throws UsageException if an option says otherwise than the file
   */
  static MethodChoice choice(
      MethodChoice given, @Nullable ExportedExplainer exported, CommandSpec spec) {
    if (exported == null) {
      return given;
    }
    List<OptionSpec> fixed = new ArrayList<>();
    spec.mixins()
        .forEach(
            (name, mixin) -> {
              if (FIXED.contains(name)) {
                fixed.addAll(mixin.options());
              }
            });
    fixed.add(spec.findOption("--method"));
    for (OptionSpec option : fixed) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new UsageException(
            "%s has no effect: %s is an exported explainer, whose maps are as they were exported."
                .formatted(option.longestName(), exported.model().name()));
      }
    }
    List<Method> methods = new ArrayList<>();
    for (ExportedExplainer.StoredMap map : exported.maps()) {
      Methods.Row row = Methods.byNames().get(map.method());
      Info info = row == null ? Info.of(map.method(), map.method()) : row.info();
      methods.add(new Stored(map.ofLayer() ? info.ofActivations() : info));
    }
    return new MethodChoice(List.copyOf(methods), false);
  }

  /** Whether maps come from a file. */
  static boolean are(MethodChoice choice) {
    return choice.methods().stream().anyMatch(Stored.class::isInstance);
  }

  /** What gives the maps. */
  static Giver giver(Subject subject, MethodChoice choice, ExplainOptions options) {
    ExportedExplainer exported = subject.exported();
    if (exported != null) {
      return new Giver() {
        @Override
        public List<Explanation> explainAll(List<Tensor> inputs, Units units) {
          try {
            return exported.explainAll(inputs, units);
          } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
          }
        }

        @Override
        public void close() {
          // The subject closes it.
        }
      };
    }
    Explainer explainer = choice.explainer(subject.model(), options);
    return new Giver() {
      @Override
      public List<Explanation> explainAll(List<Tensor> inputs, Units units) {
        return explainer.explainAll(inputs, units);
      }

      @Override
      public void close() {
        explainer.close();
      }
    };
  }
}
