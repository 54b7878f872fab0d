package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.network.InputSpec;
import dev.keralens.text.ClosestName;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/**
 * What the inputs of a model get: files for the one input it has, or for each input by its name.
 *
 * @param unnamed what is given without a name; null where each has one
 * @param named what is given by the names of inputs
 * @param explained the name of the input that is to be explained; null where none is named
 * @param explains whether one is to be explained at all
 */
record NamedInputs(
    @Nullable InputFiles unnamed,
    Map<String, InputFiles> named,
    @Nullable String explained,
    boolean explains) {

  /** Where all files are. */
  List<Path> paths() {
    return all().stream().flatMap(files -> files.paths().stream()).toList();
  }

  private List<InputFiles> all() {
    List<InputFiles> all = new ArrayList<>(named.values());
    if (unnamed != null) {
      all.add(unnamed);
    }
    return all;
  }

  /** As {@link InputFiles#print}. */
  void print(PrintWriter err) {
    all().forEach(files -> files.print(err));
  }

  /** As {@link InputFiles#exitCode}. */
  int exitCode() {
    return all().stream().mapToInt(InputFiles::exitCode).max().orElse(ExitCode.OK);
  }

  /**
   * What each input of a model gets, in their order.
   *
   * @throws UsageException if one gets nothing, or a name is that of no input
   */
  List<InputFiles> each(Model model) {
    List<InputSpec> specs = model.inputs();
    List<String> names = specs.stream().map(InputSpec::name).toList();
    for (String name : named.keySet()) {
      if (!names.contains(name)) {
        throw unknown("--input " + name, name, model, names);
      }
    }
    if (unnamed != null) {
      return specs.size() == 1 ? List.of(unnamed) : ofArrays(unnamed, model, names);
    }
    Map<String, InputFiles> found = new LinkedHashMap<>(named);
    List<String> missing = names.stream().filter(name -> !found.containsKey(name)).toList();
    if (!missing.isEmpty()) {
      throw new UsageException(
          "%s takes %s; --input %s=FILE is missing."
              .formatted(model.name(), described(specs), missing.get(0)));
    }
    return names.stream().map(found::get).toList();
  }

  /** One .npz file has the arrays of all inputs, by their names. */
  private static List<InputFiles> ofArrays(InputFiles files, Model model, List<String> names) {
    boolean one = files.files().size() == 1 && ArrayFile.isSeveral(files.paths().get(0));
    if (!one) {
      throw new UsageException(
          "%s takes %s; give each by its name, as %s, or all in an .npz file with these names."
              .formatted(
                  model.name(),
                  described(model.inputs()),
                  names.stream()
                      .map(name -> "--input %s=FILE".formatted(name))
                      .collect(Collectors.joining(" "))));
    }
    return names.stream().map(name -> files).toList();
  }

  private static String described(List<InputSpec> specs) {
    return specs.size() == 1
        ? specs.get(0).toString()
        : "%d inputs, %s"
            .formatted(
                specs.size(),
                specs.stream().map(InputSpec::toString).collect(Collectors.joining(" and ")));
  }

  /**
   * The position of the input that is explained: the one that is named, else the only one that
   * takes pictures, else the first that takes no whole numbers.
   *
   * @throws UsageException if there is none of that name
   */
  int explained(Model model) {
    List<InputSpec> specs = model.inputs();
    List<String> names = specs.stream().map(InputSpec::name).toList();
    boolean every = ExplainedInput.EVERY.equals(explained) && names.size() > 1;
    if (explained != null && (!every || names.contains(explained))) {
      if (!names.contains(explained)) {
        throw unknown("--explain-input " + explained, explained, model, names);
      }
      return names.indexOf(explained);
    }
    List<InputSpec> pictures = specs.stream().filter(spec -> spec.sizes().size() == 3).toList();
    if (pictures.size() == 1) {
      return specs.indexOf(pictures.get(0));
    }
    return specs.stream()
        .filter(spec -> spec.type().isFloating())
        .findFirst()
        .map(specs::indexOf)
        .orElse(0);
  }

  /** Whether nobody said which of several inputs is explained. */
  boolean isChosen(Model model) {
    return explains && explained == null && model.inputs().size() > 1;
  }

  private static UsageException unknown(
      String option, String name, Model model, List<String> names) {
    String closest =
        ClosestName.among(names, name).map(n -> " Did you mean '" + n + "'?").orElse("");
    return new UsageException(
        "%s: %s has no input of this name.%s Its inputs: %s."
            .formatted(option, model.name(), closest, String.join(", ", names)));
  }
}
