package dev.keralens.method;

import dev.keralens.explain.Method;
import dev.keralens.explain.MethodOption;

/** A method that hides pieces of the input and shows them. */
public interface InPieces {
  /**
   * {@return the same method with other pieces}
   *
   * @param pieces divides an image
   */
  Method superpixels(Superpixels pieces);

  /** {@return into how many pieces the input is divided} */
  default MethodOption pieces() {
    return MethodOption.count(
        "pieces",
        "Pieces",
        "Into how many pieces the image is divided, about.",
        Pieces.USUAL,
        2,
        1000,
        count -> superpixels(Superpixels.slic(count)));
  }
}
