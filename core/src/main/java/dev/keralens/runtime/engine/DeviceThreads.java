package dev.keralens.runtime.engine;

import dev.keralens.runtime.Device;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One thread for each device, which all compiled graphs of the process share: a GPU that is asked
 * by several threads at once is slower than one that is asked by one after the other, and takes
 * memory for each of them.
 */
final class DeviceThreads {
  /**
   * A device, and the how manieth of a list it is: the processors may stand in it several times.
   */
  private record Key(Device device, int ordinal) {}

  private static final Map<Key, Executor> THREADS = new ConcurrentHashMap<>();

  private DeviceThreads() {}

  /**
   * {@return the thread of a device}
   *
   * @param device the device
   * @param ordinal how many equal ones stand before it
   */
  static Executor of(Device device, int ordinal) {
    return THREADS.computeIfAbsent(new Key(device, ordinal), DeviceThreads::create);
  }

  private static Executor create(Key key) {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread created = new Thread(task, "keralens-" + key.device());
              created.setDaemon(true);
              return created;
            });
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }
}
