package dev.keralens.app;

/** Prints images with their units and scores, an image's name once. */
final class Report {
  private final Table table;
  private final ClassNames classes;

  Report(Labels labels) {
    classes = labels.classes();
    table =
        classes.isEmpty()
            ? new Table("image", ">unit", ">" + labels.scoreTitle())
            : new Table("image", ">unit", "class", ">" + labels.scoreTitle());
  }

  /** Adds a unit of an image. */
  void add(String image, int place, int unit, float score) {
    String name = place == 0 ? image : "";
    String index = String.valueOf(unit);
    if (classes.isEmpty()) {
      table.add(name, index, Numbers.exact(score));
    } else {
      table.add(name, index, classes.name(unit), Numbers.exact(score));
    }
  }

  Table table() {
    return table;
  }
}
