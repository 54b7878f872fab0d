package dev.keralens.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keralens.Scores;
import dev.keralens.Units;
import dev.keralens.picture.ColorMode;
import dev.keralens.picture.Interpolation;
import dev.keralens.picture.Picture;
import dev.keralens.web.http.Refusal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pictures of the folder, and what the model says of each; it is told as it is found out. */
final class Gallery implements AutoCloseable {
  private static final int THUMB = 96;

  /** What the model says of a picture, or why it could not be read. */
  private record Found(@Nullable ObjectNode top, @Nullable String unread) {}

  private final PageOptions options;
  private final Items items;
  private final Workplace place;
  private final List<@Nullable String> ids;
  private final List<@Nullable Found> found;
  private final Thread reader;
  private volatile boolean closed;
  private int generation;

  Gallery(PageOptions options, Items items, Workplace place) {
    this.options = options;
    this.items = items;
    this.place = place;
    int count = options.samples().size();
    this.ids = Collections.synchronizedList(new ArrayList<>(Collections.nCopies(count, null)));
    this.found = Collections.synchronizedList(new ArrayList<>(Collections.nCopies(count, null)));
    this.reader = new Thread(this::read, "keralens-reads");
    reader.setDaemon(true);
  }

  /** Begins to ask the model. */
  void start() {
    reader.start();
  }

  private PageOptions.Sample sample(int number) throws Refusal {
    if (number >= options.samples().size()) {
      throw new Refusal(404, "There is no such picture.");
    }
    return options.samples().get(number);
  }

  /** The input of a picture: read again where it was let go. */
  synchronized Items.Item item(int number) throws IOException {
    PageOptions.Sample sample = sample(number);
    String id = ids.get(number);
    if (id != null) {
      try {
        return items.get(id);
      } catch (Refusal e) {
        // Let go: read again below.
      }
    }
    byte[] content = content(sample);
    if (content.length > options.mostBytes()) {
      throw new Refusal(413, "The file is too large.");
    }
    Items.Item item = items.add(sample.name(), sample.label(), content, "");
    ids.set(number, item.id());
    return item;
  }

  private static byte[] content(PageOptions.Sample sample) throws Refusal {
    try {
      return sample.source().read();
    } catch (IOException e) {
      throw new Refusal(404, sample.name() + " cannot be read any more.");
    }
  }

  /** A small picture. */
  byte[] thumb(int number) throws IOException {
    PageOptions.Sample sample = sample(number);
    PageModel.Read read =
        place.bench().model().read(content(sample), sample.name(), options.mostPixels());
    Picture picture = read.picture();
    if (picture == null) {
      throw new Refusal(404, "This is no picture.");
    }
    double part = (double) THUMB / Math.max(picture.width(), picture.height());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    picture
        .convert(ColorMode.RGB)
        .resize(
            Math.max(1, (int) Math.round(picture.height() * part)),
            Math.max(1, (int) Math.round(picture.width() * part)),
            Interpolation.BICUBIC)
        .write(out, "png");
    return out.toByteArray();
  }

  /** The pictures with what is known of them by now. */
  ObjectNode listed() {
    ObjectNode node = Describe.object();
    ArrayNode all = node.putArray("pictures");
    int known = 0;
    for (int i = 0; i < options.samples().size(); i++) {
      PageOptions.Sample sample = options.samples().get(i);
      ObjectNode one =
          all.addObject().put("number", i).put("name", sample.name()).put("label", sample.label());
      Found said = found.get(i);
      if (said != null) {
        known++;
        if (said.top() != null) {
          one.set("top", said.top());
        } else {
          one.put("unread", said.unread());
        }
      }
    }
    node.put("complete", known == options.samples().size());
    return node;
  }

  /** Forgets what another model said. */
  synchronized void restart() {
    Collections.fill(found, null);
    generation++;
    notifyAll();
  }

  private void read() {
    int done = -1;
    while (!closed) {
      int now;
      synchronized (this) {
        now = generation;
        if (done == now) {
          try {
            wait();
          } catch (InterruptedException e) {
            return;
          }
          continue;
        }
      }
      for (int i = 0; i < options.samples().size() && !closed && now == generation(); i++) {
        Found said = said(options.samples().get(i));
        if (now == generation()) {
          found.set(i, said);
        }
      }
      done = now;
    }
  }

  private synchronized int generation() {
    return generation;
  }

  private Found said(PageOptions.Sample sample) {
    try {
      Bench bench = place.bench();
      PageModel.Read read =
          bench.model().read(sample.source().read(), sample.name(), options.mostPixels());
      Scores scores = bench.scores(read.inputs(), Units.top(1));
      return new Found(
          (ObjectNode)
              Describe.units(bench.model(), scores.units(), scores.scores(), scores.outputs())
                  .get(0),
          null);
    } catch (IOException | RuntimeException e) {
      return new Found(null, Told.text(dev.keralens.text.Printable.reason(e)));
    }
  }

  @Override
  public void close() {
    closed = true;
    reader.interrupt();
  }

  /** Waits until nothing is read any more. */
  void join() {
    try {
      reader.join(5000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
