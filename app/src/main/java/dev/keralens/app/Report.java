package dev.keralens.app;

import java.util.ArrayList;
import java.util.List;

/** Prints images with their units and scores, an image's name once. */
final class Report {
  private final Table table;
  private final ClassNames classes;

  /**
   * An empty report.
   *
   * @param titles what the numbers of each unit are called
   */
  Report(ClassNames classes, List<String> titles) {
    this.classes = classes;
    List<String> all = new ArrayList<>(List.of("image", ">unit"));
    if (!classes.isEmpty()) {
      all.add("class");
    }
    titles.forEach(title -> all.add(">" + title));
    table = new Table(all.toArray(String[]::new));
  }

  /** Adds a unit of an image. */
  void add(String image, int place, int unit, List<Float> numbers) {
    List<String> row = new ArrayList<>(List.of(place == 0 ? image : "", String.valueOf(unit)));
    if (!classes.isEmpty()) {
      row.add(classes.name(unit));
    }
    numbers.forEach(number -> row.add(Numbers.exact(number)));
    table.add(row.toArray(String[]::new));
  }

  Table table() {
    return table;
  }
}
