package dev.keralens.method.pass;

import dev.keralens.explain.Batch;
import dev.keralens.explain.Probe;
import dev.keralens.method.numeric.Blocks;
import java.util.Arrays;
import java.util.List;

/** Passes over images of which some pieces are left: a map has one number for each piece. */
public abstract class PiecePasses extends GivenPasses {
  private final int[] places;
  private final int[][] labels;
  private final int[] counts;

  /**
   * Passes over a batch.
   *
   * @param probe the scores of images under masks of the size of the input
   * @param passes how many passes there are of each image
   * @param labels of each image, the piece of each place
   */
  public PiecePasses(Probe probe, Batch batch, int passes, int[] places, int[][] labels) {
    super(probe, batch, List.of(), passes, places);
    this.places = places;
    this.labels = labels;
    this.counts = Arrays.stream(labels).mapToInt(Blocks::count).toArray();
  }

  /** {@return whether each piece is left in a pass} */
  protected abstract boolean[] leaves(int image, int pass);

  /**
   * {@return the number of each piece}
   *
   * @param pieces how many there are
   */
  protected abstract double[] values(int image, int pieces, double[] scores, double plain);

  public final int pieces(int image) {
    return counts[image];
  }

  @Override
  protected final void give(int image, int pass, float[] out, int at) {
    boolean[] left = leaves(image, pass);
    for (int place = 0; place < labels[image].length; place++) {
      out[at + place] = left[labels[image][place]] ? 1 : 0;
    }
  }

  @Override
  protected final int[] places() {
    return places;
  }

  @Override
  protected final float[] map(int image, double[] scores, double plain) {
    double[] values = values(image, pieces(image), scores, plain);
    float[] map = new float[labels[image].length];
    for (int place = 0; place < map.length; place++) {
      map[place] = (float) values[labels[image][place]];
    }
    return map;
  }

  /** The most pieces that an image of the batch has. */
  public static int most(int[][] labels) {
    return Arrays.stream(labels).mapToInt(Blocks::count).max().orElse(0);
  }
}
