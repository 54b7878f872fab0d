package dev.keralens.app;

import dev.keralens.Model;
import dev.keralens.PictureFormat;
import dev.keralens.applications.Preprocessing;
import dev.keralens.converter.ImageConverter;
import dev.keralens.graph.Shape;
import dev.keralens.network.InputSpec;
import dev.keralens.network.Network;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is given to a model, read as far as it must be to know the sizes of its inputs.
 *
 * @param network the model at these sizes
 * @param parts what each input gets
 * @param pixels what pixels of each input go through
 */
record OpenedInputs(Model model, Network network, List<Inputs> parts, List<Pixels> pixels) {

  /** What one input gets: numbers, or pictures in a format. */
  private record Given(
      InputSpec spec,
      List<InputFile> files,
      @Nullable ArrayInput array,
      @Nullable PictureFormat format) {
    Shape shape() {
      return array != null ? array.shape() : format().shape();
    }

    @Override
    public PictureFormat format() {
      if (format == null) {
        throw new IllegalStateException("Numbers have no format.");
      }
      return format;
    }
  }

  /**
   * Opens what is given.
   *
   * @param keepsGoing whether a file that is named and cannot be read is left out
   * @param err is told how images are preprocessed, where the user did not say
   */
  static OpenedInputs of(
      ModelOptions options, NamedInputs named, boolean keepsGoing, Model model, PrintWriter err)
      throws IOException {
    List<InputFiles> each = named.each(model);
    List<Given> given = new ArrayList<>();
    for (int i = 0; i < each.size(); i++) {
      InputSpec spec = model.inputs().get(i);
      List<InputFile> files = each.get(i).files();
      ArrayInput array = ArrayInput.read(files, model, spec, options);
      PictureFormat format = array == null ? InputFormat.of(model, spec, options.size()) : null;
      if (format != null) {
        ImageInputs.checkSize(model.name(), format);
        InputFormat.noteOtherSize(model, spec, options.size(), err);
      }
      given.add(new Given(spec, files, array, format));
    }
    Network network = model.network(given.stream().map(Given::shape).toList());
    List<Inputs> parts = new ArrayList<>();
    List<Pixels> pixels = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      Pixels own = Pixels.of(options, model, network, i);
      pixels.add(own);
      parts.add(inputs(given.get(i), own, options, keepsGoing, given.size() > 1, err));
    }
    return new OpenedInputs(model, network, parts, pixels);
  }

  private static Inputs inputs(
      Given given,
      Pixels pixels,
      ModelOptions options,
      boolean keepsGoing,
      boolean several,
      PrintWriter err) {
    ArrayInput array = given.array();
    if (array != null) {
      // Of several inputs, --preprocess is for those that get pictures.
      return several && !array.areDrawable() ? array : array.preprocessed(pixels, err);
    }
    PictureFormat format = given.format();
    Depth depth = options.depth().depth(pixels, format.type());
    pixels.check(format.channels());
    pixels.print(err);
    Preprocessing after = depth.isSixteen() ? Preprocessing.NONE : pixels.preprocessing();
    ImageConverter converter = pixels.converter(format, options.size() != null);
    if (converter != null) {
      options.checkNotFitted();
    }
    return new ImageInputs(
        given.files(), format, after, converter, depth, options.fit(), keepsGoing);
  }

  /**
   * The inputs, of which one is explained.
   *
   * @param chosen whether nobody said which one, so that it is to be said
   */
  Inputs inputs(int explained, boolean chosen, PrintWriter err) {
    List<String> names = model.inputs().stream().map(InputSpec::name).toList();
    if (parts.size() == 1) {
      return parts.get(0);
    }
    if (chosen) {
      err.printf(
          "keralens: explained is the input %s of %s (--explain-input)%n",
          names.get(explained), String.join(", ", names));
      err.flush();
    }
    return new SeveralInputs(names, parts, explained);
  }
}
