package dev.keralens.explain;

import dev.keralens.filter.Filter;
import dev.keralens.filter.Filters;
import dev.keralens.tensor.CheckReturnValue;

/**
 * What is said of a method: its names, what its maps show, where it is from, and the filter that is
 * usual for them.
 */
@CheckReturnValue
public final class Info {
  private final String name;
  private final String title;
  private final String summary;
  private final String paper;
  private final Filter filter;
  private final boolean ofActivations;
  private final int passes;
  private final boolean ofAllUnits;
  private final boolean ofAttention;

  private Info(
      String name,
      String title,
      String summary,
      String paper,
      Filter filter,
      boolean ofActivations,
      int passes,
      boolean ofAllUnits,
      boolean ofAttention) {
    this.name = name;
    this.title = title;
    this.summary = summary;
    this.paper = paper;
    this.filter = filter;
    this.ofActivations = ofActivations;
    this.passes = passes;
    this.ofAllUnits = ofAllUnits;
    this.ofAttention = ofAttention;
  }

  /**
   * {@return what is said of a method that explains an input, with maps scaled to [0, 1]}
   *
   * @param name the name on the command line, such as {@code gradcam}
   * @param title the name as papers write it, such as Grad-CAM
   */
  public static Info of(String name, String title) {
    return new Info(name, title, "", "", Filters::normalize, false, 1, false, false);
  }

  /**
   * {@return a copy with a line about what the maps show}
   *
   * @param text the line, without a full stop
   */
  public Info summary(String text) {
    return new Info(
        name, title, text, paper, filter, ofActivations, passes, ofAllUnits, ofAttention);
  }

  /**
   * {@return a copy with the paper that the method is from}
   *
   * @param text authors, year, address
   */
  public Info paper(String text) {
    return new Info(
        name, title, summary, text, filter, ofActivations, passes, ofAllUnits, ofAttention);
  }

  /**
   * {@return a copy with another usual filter}
   *
   * @param usual what is applied to maps unless another filter is asked for
   */
  public Info filter(Filter usual) {
    return new Info(
        name, title, summary, paper, usual, ofActivations, passes, ofAllUnits, ofAttention);
  }

  /**
   * {@return a copy for a method whose maps are made of a layer's activations; what is positive in
   * them is usually shown, scaled to [0, 1]}
   */
  public Info ofActivations() {
    return new Info(
        name,
        title,
        summary,
        paper,
        Filters::positiveNormalize,
        true,
        passes,
        ofAllUnits,
        ofAttention);
  }

  /**
   * {@return a copy with other names}
   *
   * @param newName the name on the command line
   * @param newTitle the name as papers write it
   */
  public Info named(String newName, String newTitle) {
    return new Info(
        newName, newTitle, summary, paper, filter, ofActivations, passes, ofAllUnits, ofAttention);
  }

  /**
   * {@return a copy with the number of times that the network runs}
   *
   * @param count for each image, about
   */
  public Info passes(int count) {
    return new Info(
        name, title, summary, paper, filter, ofActivations, count, ofAllUnits, ofAttention);
  }

  /**
   * {@return a copy for a method whose maps do not depend on the unit: all units of an image have
   * the same}
   */
  public Info ofAllUnits() {
    return new Info(name, title, summary, paper, filter, ofActivations, passes, true, ofAttention);
  }

  /** {@return a copy for a method that follows the attention of a transformer} */
  public Info ofAttention() {
    return new Info(name, title, summary, paper, filter, ofActivations, passes, ofAllUnits, true);
  }

  /** {@return the name on the command line} */
  public String name() {
    return name;
  }

  /** {@return the name as papers write it, for captions} */
  public String title() {
    return title;
  }

  /** {@return what the maps show, in one line; empty where nothing is said} */
  public String summary() {
    return summary;
  }

  /** {@return where the method is from: authors, year, address; empty where nothing is said} */
  public String paper() {
    return paper;
  }

  /** {@return the filter that is usual for its maps} */
  public Filter filter() {
    return filter;
  }

  /**
   * {@return whether the maps are made of a layer's activations, so that naming a layer makes
   * sense}
   */
  public boolean explainsActivations() {
    return ofActivations;
  }

  /** {@return whether all units of an image have the same map} */
  public boolean isOfAllUnits() {
    return ofAllUnits;
  }

  /** {@return whether the method follows the attention of a transformer} */
  public boolean isOfAttention() {
    return ofAttention;
  }

  /** {@return how often the network runs for each image, about; 1 where it is not known} */
  public int passes() {
    return passes;
  }
}
