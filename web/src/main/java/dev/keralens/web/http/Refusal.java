package dev.keralens.web.http;

import java.io.IOException;
import java.io.Serial;

/** A request that is not answered as it asks. The message is for people, and is sent to them. */
public final class Refusal extends IOException {
  @Serial private static final long serialVersionUID = 1;

  private final int status;

  /**
   * A refusal.
   *
   * @param status the status of the answer, 400 or above
   * @param message what is sent
   */
  public Refusal(int status, String message) {
    super(message);
    this.status = status;
  }

  /** {@return the status of the answer} */
  public int status() {
    return status;
  }
}
