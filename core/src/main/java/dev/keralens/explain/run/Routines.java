package dev.keralens.explain.run;

import dev.keralens.explain.Ensemble;
import dev.keralens.explain.Formula;
import dev.keralens.explain.PassListener;
import dev.keralens.graph.Graph;
import dev.keralens.graph.UnsupportedModelException;
import dev.keralens.graph.Value;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Prepares methods: all formulas in one graph, each ensemble with graphs of its own. */
public final class Routines implements Routine {
  private final List<Routine> routines;
  private final int[] places;

  private Routines(List<Routine> routines, int[] places) {
    this.routines = routines;
    this.places = places;
  }

  /**
   * Prepares methods.
   *
   * @param parts the methods, at least one
   * @return a routine whose results come in the order of the methods, to be closed by the caller
   * @throws UnsupportedModelException if a method does not apply to the network
   */
  public static Routine of(List<Part> parts) {
    List<Routine> routines = new ArrayList<>();
    int[] places = new int[parts.size()];
    try {
      List<GraphRoutine.Part> formulas = formulas(parts);
      int formula = 0;
      int other = formulas.size();
      if (!formulas.isEmpty()) {
        routines.add(GraphRoutine.prepare(formulas));
      }
      for (int i = 0; i < places.length; i++) {
        Part part = parts.get(i);
        if (part.method() instanceof Ensemble ensemble) {
          routines.add(EnsembleRoutine.prepare(ensemble, part));
          places[i] = other++;
        } else {
          places[i] = formula++;
        }
      }
    } catch (RuntimeException | Error e) {
      routines.forEach(Routine::close);
      throw e;
    }
    return new Routines(List.copyOf(routines), places);
  }

  /**
   * {@return a routine that finds units and their scores, and explains nothing}
   *
   * @param setting the network, and which units
   */
  public static Routine scores(Setting setting) {
    return new ScoreRoutine(setting);
  }

  /**
   * {@return the graph of all formulas among some methods; its last input are the units, unless the
   * highest are taken}
   *
   * @param parts the methods
   * @throws UnsupportedModelException if none of them is a formula, or one does not apply to the
   *     network
   */
  public static Graph graph(List<Part> parts) {
    List<GraphRoutine.Part> formulas = formulas(parts);
    if (formulas.isEmpty()) {
      throw new UnsupportedModelException(
          "Only methods that run the network once can be traced, such as gradcam or gradients.");
    }
    return GraphRoutine.graph(formulas);
  }

  /**
   * {@return the graph that other programs run: some values of the network, the units where the
   * highest are taken, and the maps of each method; the units are its last input where they are
   * given}
   *
   * @param parts the methods, at least one
   * @param own the values of the network
   * @throws UnsupportedModelException if a method has no such graph, has too many passes, or does
   *     not apply to the network
   */
  public static Graph exported(List<Part> parts, List<Value> own) {
    return GraphRoutine.exported(parts, own);
  }

  private static List<GraphRoutine.Part> formulas(List<Part> parts) {
    List<GraphRoutine.Part> formulas = new ArrayList<>();
    for (Part part : parts) {
      if (part.method() instanceof Formula formula) {
        formulas.add(new GraphRoutine.Part(formula, part.setting()));
      }
    }
    return formulas;
  }

  @Override
  public void prepare(int batch) {
    routines.forEach(routine -> routine.prepare(batch));
  }

  @Override
  public List<BatchMaps> run(List<Tensor> inputs, @Nullable Tensor units, PassListener listener) {
    List<BatchMaps> results = new ArrayList<>();
    for (Routine routine : routines) {
      results.addAll(routine.run(inputs, units, listener));
    }
    List<BatchMaps> ordered = new ArrayList<>();
    for (int place : places) {
      ordered.add(Objects.requireNonNull(results.get(place)));
    }
    return ordered;
  }

  @Override
  public void close() {
    routines.forEach(Routine::close);
  }
}
