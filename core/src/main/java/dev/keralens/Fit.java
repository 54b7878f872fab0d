package dev.keralens;

import dev.keralens.explain.Method;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether a method fits a model. */
public final class Fit {
  private final Method method;
  private final @Nullable String refusal;

  Fit(Method method, @Nullable String refusal) {
    this.method = method;
    this.refusal = refusal;
  }

  /** {@return the method} */
  public Method method() {
    return method;
  }

  /** {@return whether it fits} */
  public boolean fits() {
    return refusal == null;
  }

  /** {@return why it does not fit; nothing if it does} */
  public Optional<String> refusal() {
    return Optional.ofNullable(refusal);
  }

  /** {@return the method's name, and why it does not fit} */
  @Override
  public String toString() {
    return refusal == null ? method.name() : method.name() + ": " + refusal;
  }
}
