package dev.keralens.runtime.engine;

import java.util.Arrays;

/**
 * How many rows each device computes in a second, as measured, and how a batch is divided by it.
 *
 * <p>The first run of a device is not measured: it loads kernels and fills caches. What is faster
 * than before counts at once, what is slower little by little, since a single slow run is often the
 * machine's fault. A device that gets no row for a while gets one, to be measured again.
 */
final class Speeds {
  private static final int UNUSED_RUNS = 50;
  private static final double OF_SLOWER = 0.2;

  private final double[] rates;
  private final boolean[] warm;
  private final int[] unused;

  Speeds(int devices) {
    this.rates = new double[devices];
    this.warm = new boolean[devices];
    this.unused = new int[devices];
  }

  /** A device has computed rows. */
  synchronized void measured(int device, int rows, long nanos) {
    unused[device] = 0;
    if (!warm[device]) {
      warm[device] = true;
      return;
    }
    double rate = rows / (Math.max(1, nanos) / 1e9);
    double before = rates[device];
    boolean faster = before == 0 || rate > before;
    rates[device] = faster ? rate : before + OF_SLOWER * (rate - before);
  }

  /**
   * {@return the number of rows for each device; together they are the batch}
   *
   * @param able which devices may have any, at least one
   * @param batch the number of rows
   */
  synchronized int[] shares(boolean[] able, int batch) {
    double[] weights = weights(able);
    double sum = Arrays.stream(weights).sum();
    int[] shares = new int[weights.length];
    double[] rest = new double[weights.length];
    int left = batch;
    for (int i = 0; i < shares.length; i++) {
      double ideal = batch * weights[i] / sum;
      shares[i] = (int) ideal;
      rest[i] = able[i] ? ideal - shares[i] : -1;
      left -= shares[i];
    }
    for (; left > 0; left--) {
      int most = largest(rest);
      shares[most]++;
      rest[most] -= 1;
    }
    for (int i = 0; i < shares.length; i++) {
      if (able[i] && shares[i] == 0 && batch > 1 && ++unused[i] > UNUSED_RUNS) {
        shares[largest(Arrays.stream(shares).asDoubleStream().toArray())]--;
        shares[i]++;
      }
    }
    return shares;
  }

  /** A device that was not measured yet is thought to be as fast as the others are on average. */
  private double[] weights(boolean[] able) {
    double sum = 0;
    int known = 0;
    for (int i = 0; i < rates.length; i++) {
      if (able[i] && rates[i] > 0) {
        sum += rates[i];
        known++;
      }
    }
    double[] weights = new double[rates.length];
    for (int i = 0; i < rates.length; i++) {
      weights[i] = !able[i] ? 0 : rates[i] > 0 ? rates[i] : known == 0 ? 1 : sum / known;
    }
    return weights;
  }

  private static int largest(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }
}
