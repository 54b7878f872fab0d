package dev.keralens.method.pass;

import dev.keralens.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Maps of images and units, made one by one. */
public final class UnitMaps {
  private UnitMaps() {}

  /** Makes one map. */
  @FunctionalInterface
  public interface Maker {
    float[] map(int image, int unit);
  }

  /**
   * All maps: float (images, places..., units).
   *
   * @param places the shape of a map
   * @param maker makes each
   */
  public static Tensor of(int images, int units, int[] places, Maker maker) {
    int[] shape = new int[places.length + 2];
    shape[0] = images;
    System.arraycopy(places, 0, shape, 1, places.length);
    shape[places.length + 1] = units;
    float[] all = new float[Math.toIntExact(Tensor.elements(shape))];
    int area = images == 0 || units == 0 ? 0 : all.length / images / units;
    for (int image = 0; image < images; image++) {
      for (int unit = 0; unit < units; unit++) {
        float[] map = maker.map(image, unit);
        for (int place = 0; place < area; place++) {
          all[(image * area + place) * units + unit] = map[place];
        }
      }
    }
    return Tensor.of(all, shape);
  }

  /**
   * As {@link #of}, with what all units of an image share made once for it.
   *
   * @param makers of each image, what makes the map of a unit
   */
  public static Tensor ofEach(
      int images, int units, int[] places, IntFunction<IntFunction<float[]>> makers) {
    List<Tensor> maps = new ArrayList<>();
    for (int i = 0; i < images; i++) {
      IntFunction<float[]> maker = makers.apply(i);
      maps.add(of(1, units, places, (image, unit) -> maker.apply(unit)));
    }
    return Tensor.concat(maps);
  }
}
