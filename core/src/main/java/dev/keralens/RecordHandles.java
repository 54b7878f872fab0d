package dev.keralens;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.runtime.ObjectMethods;

/**
 * Lets the classes of this library be unloaded, as when an application server takes an application
 * down.
 *
 * <p>Java makes {@code equals} and {@code hashCode} of records from method handles of its own. Each
 * of these remembers the last type that it was adapted to (until Java 20 by a reference that is
 * never cleared), and so the last record class that was compared, its loader, and with it the whole
 * application. What is adapted here to a class of Java's takes that place.
 */
final class RecordHandles {
  private RecordHandles() {}

  /** Makes Java's handles remember a class of its own instead of ours. */
  static void release() {
    MethodHandle getter = MethodHandles.identity(String.class);
    try {
      ObjectMethods.bootstrap(
          MethodHandles.publicLookup(),
          "equals",
          MethodType.methodType(boolean.class, String.class, Object.class),
          String.class,
          "value",
          getter);
      ObjectMethods.bootstrap(
          MethodHandles.publicLookup(),
          "hashCode",
          MethodType.methodType(int.class, String.class),
          String.class,
          "value",
          getter);
    } catch (Error e) {
      throw e;
    } catch (Throwable e) {
      return; // A Java that does not do this for strings: it has nothing to let go either.
    }
  }
}
