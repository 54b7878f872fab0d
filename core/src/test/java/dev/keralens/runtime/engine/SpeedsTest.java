package dev.keralens.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** How batches are divided among devices. */
class SpeedsTest {
  private static final long SECOND = 1_000_000_000;

  private static boolean[] all(int devices) {
    boolean[] able = new boolean[devices];
    Arrays.fill(able, true);
    return able;
  }

  /** Twice, since the first run of a device does not count. */
  private static void measure(Speeds speeds, int device, int rowsInASecond) {
    speeds.measured(device, 1, SECOND);
    speeds.measured(device, rowsInASecond, SECOND);
  }

  @Test
  void unmeasured_haveEqualShares() {
    assertArrayEquals(new int[] {3, 2, 2}, new Speeds(3).shares(all(3), 7));
  }

  @Test
  void measured_haveSharesBySpeed() {
    Speeds speeds = new Speeds(2);
    measure(speeds, 0, 10);
    measure(speeds, 1, 30);
    assertArrayEquals(new int[] {4, 12}, speeds.shares(all(2), 16));
    assertArrayEquals(new int[] {0, 1}, speeds.shares(all(2), 1));
  }

  @Test
  void firstRun_isNotMeasured() {
    Speeds speeds = new Speeds(2);
    measure(speeds, 0, 10);
    speeds.measured(1, 1, 100 * SECOND);
    assertArrayEquals(new int[] {5, 5}, speeds.shares(all(2), 10));
  }

  @Test
  void failed_hasNone() {
    Speeds speeds = new Speeds(3);
    measure(speeds, 0, 10);
    measure(speeds, 1, 1000);
    measure(speeds, 2, 10);
    assertArrayEquals(new int[] {4, 0, 4}, speeds.shares(new boolean[] {true, false, true}, 8));
  }

  @Test
  void slowRun_countsLittleByLittle() {
    Speeds speeds = new Speeds(2);
    measure(speeds, 0, 10);
    measure(speeds, 1, 10);
    speeds.measured(1, 1, 1000 * SECOND);
    assertArrayEquals(new int[] {56, 44}, speeds.shares(all(2), 100));
    for (int i = 0; i < 100; i++) {
      speeds.measured(1, 1, SECOND);
    }
    assertArrayEquals(new int[] {10, 1}, speeds.shares(all(2), 11));
    speeds.measured(1, 10, SECOND);
    assertArrayEquals(new int[] {5, 5}, speeds.shares(all(2), 10));
  }

  @Test
  void unused_isMeasuredAgain() {
    Speeds speeds = new Speeds(2);
    measure(speeds, 0, 1000);
    measure(speeds, 1, 1);
    int used = 0;
    for (int i = 0; i < 60; i++) {
      int[] shares = speeds.shares(all(2), 8);
      assertEquals(8, shares[0] + shares[1]);
      if (shares[1] > 0) {
        used++;
        measure(speeds, 1, 1000);
        break;
      }
    }
    assertTrue(used == 1);
    assertArrayEquals(new int[] {4, 4}, speeds.shares(all(2), 8));
  }
}
