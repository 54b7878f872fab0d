package dev.keralens.web;

import dev.keralens.Model;
import dev.keralens.graph.Shape;
import dev.keralens.objective.Objective;
import dev.keralens.tensor.Npy;
import dev.keralens.tensor.Tensor;
import java.io.IOException;

/** A model that takes arrays. */
record ArrayModel(Model model, Shape shape) implements PageModel {
  @Override
  public String given() {
    return model.name();
  }

  @Override
  public String sha256() {
    return "";
  }

  @Override
  public Objective objective() {
    return Objective.logits();
  }

  @Override
  public String unitName(int unit) {
    return "<b>unit " + unit + "</b>";
  }

  @Override
  public boolean hasNames() {
    return false;
  }

  @Override
  public boolean takesPictures() {
    return false;
  }

  @Override
  public String preprocessing() {
    return "";
  }

  @Override
  public String options() {
    return "";
  }

  @Override
  public Read read(byte[] content, String name, long mostPixels) throws IOException {
    int[] sizes = shape.sizes();
    sizes[0] = 1;
    Tensor read = Npy.read(content, name);
    return new Read(null, read.reshape(sizes).to(model.inputs().get(0).type()));
  }

  @Override
  public Tensor ofPixels(float value) {
    throw new IllegalArgumentException("There are no pixels.");
  }

  @Override
  public void close() {
    model.close();
  }
}
