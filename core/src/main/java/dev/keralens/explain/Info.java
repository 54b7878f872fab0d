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
  private String name;
  private String title;
  private String summary = "";
  private String paper = "";
  private Filter filter = Filters::normalize;
  private boolean ofActivations;
  private boolean ofPixels;
  private int passes = 1;
  private boolean ofAllUnits;
  private boolean ofAttention;
  private boolean ofBoxes;
  private boolean ofSeveralLayers;

  private Info(String name, String title) {
    this.name = name;
    this.title = title;
  }

  private Info(Info other) {
    this(other.name, other.title);
    summary = other.summary;
    paper = other.paper;
    filter = other.filter;
    ofActivations = other.ofActivations;
    ofPixels = other.ofPixels;
    passes = other.passes;
    ofAllUnits = other.ofAllUnits;
    ofAttention = other.ofAttention;
    ofBoxes = other.ofBoxes;
    ofSeveralLayers = other.ofSeveralLayers;
  }

  /**
   * {@return what is said of a method that explains an input, with maps scaled to [0, 1]}
   *
   * @param name the name on the command line, such as {@code gradcam}
   * @param title the name as papers write it, such as Grad-CAM
   */
  public static Info of(String name, String title) {
    return new Info(name, title);
  }

  /**
   * {@return a copy with a line about what the maps show}
   *
   * @param text the line, without a full stop
   */
  public Info summary(String text) {
    Info copy = new Info(this);
    copy.summary = text;
    return copy;
  }

  /**
   * {@return a copy with the paper that the method is from}
   *
   * @param text authors, year, address
   */
  public Info paper(String text) {
    Info copy = new Info(this);
    copy.paper = text;
    return copy;
  }

  /**
   * {@return a copy with another usual filter}
   *
   * @param usual what is applied to maps unless another filter is asked for
   */
  public Info filter(Filter usual) {
    Info copy = new Info(this);
    copy.filter = usual;
    return copy;
  }

  /**
   * {@return a copy for a method whose maps are made of a layer's activations; what is positive in
   * them is usually shown, scaled to [0, 1]}
   */
  public Info ofActivations() {
    Info copy = new Info(this);
    copy.filter = Filters::positiveNormalize;
    copy.ofActivations = true;
    return copy;
  }

  /**
   * {@return a copy for a method that explains a layer, but whose maps have the detail of single
   * pixels}
   */
  public Info ofPixels() {
    Info copy = new Info(this);
    copy.ofPixels = true;
    return copy;
  }

  /**
   * {@return a copy with other names}
   *
   * @param newName the name on the command line
   * @param newTitle the name as papers write it
   */
  public Info named(String newName, String newTitle) {
    Info copy = new Info(this);
    copy.name = newName;
    copy.title = newTitle;
    return copy;
  }

  /**
   * {@return a copy with the number of times that the network runs}
   *
   * @param count for each image, about
   */
  public Info passes(int count) {
    Info copy = new Info(this);
    copy.passes = count;
    return copy;
  }

  /**
   * {@return a copy for a method whose maps do not depend on the unit: all units of an image have
   * the same}
   */
  public Info ofAllUnits() {
    Info copy = new Info(this);
    copy.ofAllUnits = true;
    return copy;
  }

  /** {@return a copy for a method that follows the attention of a transformer} */
  public Info ofAttention() {
    Info copy = new Info(this);
    copy.ofAttention = true;
    return copy;
  }

  /** {@return a copy for a method that explains a box that a detector predicts} */
  public Info ofBoxes() {
    Info copy = new Info(this);
    copy.ofBoxes = true;
    return copy;
  }

  /**
   * {@return a copy for a method whose one map is made of the activations of all layers that are
   * named, those of {@link Scene#layers}, not a map of each}
   */
  public Info ofSeveralLayers() {
    Info copy = ofActivations();
    copy.ofSeveralLayers = true;
    return copy;
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

  /**
   * {@return whether the maps have the detail of single pixels, and are no smooth ones of
   * activations or tokens}
   */
  public boolean showsPixels() {
    return ofPixels || !(ofActivations || ofAttention);
  }

  /** {@return whether all units of an image have the same map} */
  public boolean isOfAllUnits() {
    return ofAllUnits;
  }

  /** {@return whether the method follows the attention of a transformer} */
  public boolean isOfAttention() {
    return ofAttention;
  }

  /** {@return whether one map is made of the activations of all layers that are named} */
  public boolean isOfSeveralLayers() {
    return ofSeveralLayers;
  }

  /** {@return whether the method explains a box that a detector predicts} */
  public boolean isOfBoxes() {
    return ofBoxes;
  }

  /** {@return how often the network runs for each image, about; 1 where it is not known} */
  public int passes() {
    return passes;
  }
}
