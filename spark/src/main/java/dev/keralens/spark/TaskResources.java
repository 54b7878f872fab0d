package dev.keralens.spark;

import dev.keralens.runtime.Device;
import dev.keralens.runtime.RuntimeOptions;
import java.util.concurrent.RejectedExecutionException;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

/** What Spark gave to this task: processors and a GPU. */
final class TaskResources {
  /** As many calls as there are tasks; Spark counts them. */
  private static final int ANY = 1 << 16;

  private TaskResources() {}

  /**
   * How graphs run within this task: on as many threads as it has processors, of which one is its
   * own; on the device that is named, or the GPU that it has.
   *
   * @throws IllegalArgumentException if a GPU is named and the task has none
   */
  static RuntimeOptions options(String device) {
    TaskContext task = TaskContext.get();
    int cpus = task == null ? 1 : Math.max(1, task.cpus());
    RuntimeOptions options =
        RuntimeOptions.defaults()
            .withThreads(cpus)
            .withCallers(ANY)
            .withDevices(device(device, task));
    return cpus > 1
        ? options
        : options.withExecutor(
            work -> {
              throw new RejectedExecutionException("The task has one processor.");
            });
  }

  private static Device device(String name, @Nullable TaskContext task) {
    ResourceInformation gpu = task == null ? null : task.resourcesJMap().get("gpu");
    boolean has = gpu != null && gpu.addresses().length > 0;
    if (gpu != null && has && (name.equals("auto") || name.equals("cuda"))) {
      return Device.cuda(Integer.parseInt(gpu.addresses()[0]));
    } else if (name.equals("cuda")) {
      throw new IllegalArgumentException(
          "device is cuda, and Spark gave no GPU to this task: set spark.executor.resource.gpu.amount"
              + " and spark.task.resource.gpu.amount, or name one, as cuda:0.");
    }
    return name.equals("auto") ? Device.cpu() : Device.parse(name);
  }
}
