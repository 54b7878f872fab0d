package dev.keralens.picture.draw;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Draws a volume, or a film, as slices along its first axis and as the maximum along each axis,
 * with a map over them. All share one range, so that slices can be compared.
 *
 * <p>Immutable: each setting returns another one.
 */
public final class VolumeOverlay {
  private static final int COLUMNS = 4;
  private static final String[] AXES = {"first", "second", "third"};

  private Overlay overlay = Overlay.create();
  private int slices = 8;
  private int width = 1000;

  private VolumeOverlay() {}

  private VolumeOverlay(VolumeOverlay other) {
    overlay = other.overlay;
    slices = other.slices;
    width = other.width;
  }

  /** {@return a drawing of 8 slices in the colours of {@link Overlay#create}, 1000 pixels wide} */
  public static VolumeOverlay create() {
    return new VolumeOverlay();
  }

  /**
   * {@return a drawing with other colours}
   *
   * @param how colours, opacity, range
   */
  public VolumeOverlay overlay(Overlay how) {
    VolumeOverlay copy = new VolumeOverlay(this);
    copy.overlay = how;
    return copy;
  }

  /**
   * {@return a drawing of so many slices at most, at equal distances}
   *
   * @param count at least 1
   * @throws IllegalArgumentException if it is less
   */
  public VolumeOverlay slices(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("There is at least 1 slice, got " + count + ".");
    }
    VolumeOverlay copy = new VolumeOverlay(this);
    copy.slices = count;
    return copy;
  }

  /** Samples of the volume, its axes in order, and of one channel or three. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Volume(int[] sizes, int channels, float[] values) {
    static Volume of(Tensor volume) {
      boolean plain = volume.rank() == 3;
      if ((!plain && volume.rank() != 4) || volume.elements() == 0) {
        throw new IllegalArgumentException(
            "A volume is (depth, height, width) or has channels behind, got " + volume + ".");
      }
      int channels = plain ? 1 : volume.size(3);
      float[] values = volume.toFloatArray();
      for (float value : values) {
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException("The volume %s holds %s.".formatted(volume, value));
        }
      }
      int[] sizes = {volume.size(0), volume.size(1), volume.size(2)};
      return channels == 1 || channels == 3
          ? new Volume(sizes, channels, values)
          : new Volume(sizes, 1, means(values, channels));
    }

    private static float[] means(float[] values, int channels) {
      float[] means = new float[values.length / channels];
      for (int i = 0; i < values.length; i++) {
        means[i / channels] += values[i] / channels;
      }
      return means;
    }

    float at(int a, int b, int c, int channel) {
      return values[((a * sizes[1] + b) * sizes[2] + c) * channels + channel];
    }

    /** One slice along the first axis, (height, width, channels). */
    float[] slice(int place) {
      int each = sizes[1] * sizes[2] * channels;
      float[] slice = new float[each];
      System.arraycopy(values, place * each, slice, 0, each);
      return slice;
    }

    /** The largest value along an axis, over the two others. */
    float[] maximum(int axis) {
      int[] other = others(axis);
      float[] most = new float[sizes[other[0]] * sizes[other[1]] * channels];
      Arrays.fill(most, Float.NEGATIVE_INFINITY);
      int[] at = new int[3];
      for (at[0] = 0; at[0] < sizes[0]; at[0]++) {
        for (at[1] = 0; at[1] < sizes[1]; at[1]++) {
          for (at[2] = 0; at[2] < sizes[2]; at[2]++) {
            int place = at[other[0]] * sizes[other[1]] + at[other[1]];
            for (int channel = 0; channel < channels; channel++) {
              int i = place * channels + channel;
              most[i] = Math.max(most[i], at(at[0], at[1], at[2], channel));
            }
          }
        }
      }
      return most;
    }

    static int[] others(int axis) {
      return axis == 0 ? new int[] {1, 2} : axis == 1 ? new int[] {0, 2} : new int[] {0, 1};
    }
  }

  /**
   * {@return the volume as a picture}
   *
   * @param volume (depth, height, width), or with channels behind: three are colours, others are
   *     drawn by their mean
   * @param map (depth, height, width); null for none
   * @throws IllegalArgumentException if a shape is another, or a value is NaN or infinite
   */
  public Picture draw(Tensor volume, @Nullable Tensor map) {
    Volume all = Volume.of(volume);
    Volume heat = map == null ? null : Volume.of(map);
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : all.values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    Grid grid = Pictures.grid().overlay(ranged(heat)).columns(COLUMNS);
    for (int place : places(all.sizes[0])) {
      Picture picture =
          picture(all.slice(place), all.sizes[1], all.sizes[2], all.channels, low, high);
      String caption = "%d of %d".formatted(place + 1, all.sizes[0]);
      if (heat == null) {
        grid = grid.add(picture, caption);
      } else {
        int there = Math.min(heat.sizes[0] - 1, place * heat.sizes[0] / all.sizes[0]);
        grid =
            grid.add(picture, Tensor.of(heat.slice(there), heat.sizes[1], heat.sizes[2]), caption);
      }
    }
    for (int axis = 0; axis < 3; axis++) {
      int[] other = Volume.others(axis);
      int height = all.sizes[other[0]];
      int across = all.sizes[other[1]];
      Picture picture = picture(all.maximum(axis), height, across, all.channels, low, high);
      String caption = "maximum along the %s axis".formatted(AXES[axis]);
      grid =
          heat == null
              ? grid.add(picture, caption)
              : grid.add(
                  picture,
                  Tensor.of(heat.maximum(axis), heat.sizes[other[0]], heat.sizes[other[1]]),
                  caption);
    }
    return grid.cellWidth(width / COLUMNS - 8)
        .textSize(Math.round(width * 0.018f))
        .padding(6)
        .draw();
  }

  /** The places of slices, at equal distances. */
  private List<Integer> places(int depth) {
    int count = Math.min(slices, depth);
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      places.add((int) ((i + 0.5) * depth / count));
    }
    return places;
  }

  /** One range for all slices. */
  private Overlay ranged(@Nullable Volume heat) {
    if (heat == null || heat.values.length == 0) {
      return overlay;
    }
    Overlay.Scale scale = overlay.scale(new MapValues(1, heat.values.length, heat.values));
    return overlay.range(scale.low(), scale.high());
  }

  private static Picture picture(
      float[] values, int height, int width, int channels, float low, float high) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) Math.round(high > low ? 255 * (values[i] - low) / (high - low) : 0);
    }
    ColorMode mode = channels == 3 ? ColorMode.RGB : ColorMode.GRAYSCALE;
    return Picture.ofBytes(mode, height, width, bytes);
  }
}
