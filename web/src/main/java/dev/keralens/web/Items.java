package dev.keralens.web;

import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.tensor.Tensor;
import dev.keralens.text.Printable;
import dev.keralens.web.http.Refusal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The inputs that the page holds, in bounded memory: the one that was used least recently goes. */
final class Items {
  /** The longest side of a picture on the page. */
  private static final int LARGEST = 640;

  /** Smaller pictures are enlarged before maps are drawn over them. */
  private static final int SMALLEST = 384;

  /**
   * An input.
   *
   * @param id its number
   * @param name what it is called
   * @param label its class where that is known; else empty
   * @param content its file
   * @param parts its files by the names of the model's inputs, where each has one
   * @param of the input that it was made of by a change; empty for none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Item(
      String id,
      String name,
      String label,
      byte[] content,
      Map<String, PageModel.Given> parts,
      String of) {
    long bytes() {
      return content.length
          + parts.values().stream().mapToLong(part -> part.content().length).sum();
    }

    /** Reads it as a model does. */
    PageModel.Read read(PageModel model, long mostPixels) throws IOException {
      return parts.isEmpty()
          ? model.read(content, name, mostPixels)
          : model.read(parts, mostPixels);
    }
  }

  /**
   * An input as a model reads it.
   *
   * @param by the model
   * @param inputs its inputs, of one row each
   * @param words of a text, what stands at each place
   * @param shown what is drawn on the page; null where it is no picture
   * @param png the same as a file
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Ready(
      PageModel by, List<Tensor> inputs, List<String> words, @Nullable Picture shown, byte[] png) {
    /** The explained input. */
    Tensor x() {
      return inputs.get(by.explained());
    }

    long bytes() {
      long elements = inputs.stream().mapToLong(x -> Tensor.elements(x.shape())).sum();
      long samples = shown == null ? 0 : (long) shown.height() * shown.width() * 3;
      return elements * Float.BYTES + samples + png.length;
    }
  }

  private final Map<String, Item> items = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Ready> ready = new LinkedHashMap<>(16, 0.75f, true);
  private final long most;
  private long held;
  private int count;

  /**
   * Holds nothing yet.
   *
   * @param most how many bytes are held; what was used last is held in any case
   */
  Items(long most) {
    this.most = most;
  }

  /** Adds an input. */
  Item add(String name, String label, byte[] content, String of) {
    return add(name, label, content, Map.of(), of);
  }

  /** Adds an input of several files. */
  synchronized Item add(
      String name, String label, byte[] content, Map<String, PageModel.Given> parts, String of) {
    Item item = new Item("p" + ++count, name, label, content, parts, of);
    items.put(item.id(), item);
    held += item.bytes();
    trim(item.id());
    return item;
  }

  /**
   * The input of a number.
   *
   * @throws Refusal if it is not held any more
   */
  synchronized Item get(String id) throws Refusal {
    Item item = items.get(id);
    if (item == null) {
      throw new Refusal(404, "This picture is not held any more; add it again.");
    }
    return item;
  }

  /** Lets go of an input. */
  synchronized void remove(String id) {
    Item item = items.remove(id);
    held -= item == null ? 0 : item.bytes();
    Ready read = ready.remove(id);
    held -= read == null ? 0 : read.bytes();
  }

  /** All inputs. */
  synchronized List<Item> all() {
    List<Item> all = new ArrayList<>(items.values());
    all.sort(Comparator.comparingInt(item -> Integer.parseInt(item.id().substring(1))));
    return all;
  }

  /** How many bytes are held. */
  synchronized long held() {
    return held;
  }

  /** Reads an input as a model does. */
  Ready ready(String id, PageModel model, long mostPixels) throws IOException {
    Item item = get(id);
    synchronized (this) {
      Ready known = ready.get(id);
      if (known != null && known.by() == model) {
        return known;
      }
    }
    Ready made = read(item, model, mostPixels);
    synchronized (this) {
      Ready before = ready.put(id, made);
      held += made.bytes() - (before == null ? 0 : before.bytes());
      trim(id);
    }
    return made;
  }

  private static Ready read(Item item, PageModel model, long mostPixels) throws IOException {
    PageModel.Read read;
    try {
      read = item.read(model, mostPixels);
    } catch (IOException e) {
      throw new Refusal(422, Told.text(Printable.reason(e)));
    }
    Picture picture = read.picture();
    if (picture == null) {
      return new Ready(model, read.inputs(), read.words(), null, new byte[0]);
    }
    Picture shown = shown(picture);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    shown.write(out, "png");
    return new Ready(model, read.inputs(), read.words(), shown, out.toByteArray());
  }

  /** What is drawn of a picture on the page: in colours, neither very large nor very small. */
  static Picture shown(Picture picture) {
    Picture rgb = picture.convert(ColorMode.RGB);
    int side = Math.max(rgb.width(), rgb.height());
    if (side > LARGEST) {
      double part = (double) LARGEST / side;
      return rgb.resize(
          Math.max(1, (int) Math.round(rgb.height() * part)),
          Math.max(1, (int) Math.round(rgb.width() * part)),
          Interpolation.BICUBIC);
    }
    int times = (SMALLEST + side - 1) / side;
    return side <= SMALLEST / 2
        ? rgb.resize(rgb.height() * times, rgb.width() * times, Interpolation.BICUBIC)
        : rgb;
  }

  /** Lets go of what was used least recently, first of what can be read again. */
  private void trim(String kept) {
    for (var all = ready.entrySet().iterator(); held > most && all.hasNext(); ) {
      Map.Entry<String, Ready> oldest = all.next();
      if (!oldest.getKey().equals(kept)) {
        held -= oldest.getValue().bytes();
        all.remove();
      }
    }
    for (var all = items.entrySet().iterator(); held > most && all.hasNext(); ) {
      Map.Entry<String, Item> oldest = all.next();
      if (!oldest.getKey().equals(kept)) {
        held -= oldest.getValue().bytes();
        all.remove();
      }
    }
  }
}
