package dev.keralens.method;

import dev.keralens.explain.Info;
import dev.keralens.explain.Method;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The methods by name.
 *
 * <p>To add one: its class, a row in {@link #BY_NAME}, its test beside {@code MethodsTest}.
 */
public final class Methods {
  private static final Map<String, Row> BY_NAME =
      table(
          GradCam::create,
          GradCamPlusPlus::create,
          GradCamPlusPlus::exact,
          GradCamElementwise::create,
          HiResCam::create,
          LayerCam::create,
          XGradCam::create,
          ShapleyCam::create,
          FinerCam::create,
          EigenCam::create,
          EigenGradCam::create,
          EigenCam::kernel,
          Fem::create,
          Cam::create,
          ScoreCam::create,
          ScoreCam::paper,
          AblationCam::create,
          ReciproCam::create,
          FullGradients::create,
          AttentionRollout::create,
          TransformerAttribution::create,
          LeGrad::create,
          VitReciproCam::create,
          Gradients::create,
          InputXGradient::create,
          GuidedBackprop::create,
          Deconvnet::create,
          GuidedGradCam::create,
          IntegratedGradients::create,
          ExpectedGradients::create,
          GuidedIg::create,
          BlurIg::create,
          Xrai::create,
          DeepLift::create,
          Occlusion::create,
          Rise::create,
          DRise::create,
          Lime::create,
          KernelShap::create);

  private Methods() {}

  /** A method as it is chosen by name. */
  public static final class Row {
    private final Info info;
    private final Supplier<Method> factory;

    Row(Info info, Supplier<Method> factory) {
      this.info = info;
      this.factory = factory;
    }

    /** {@return what is said of it} */
    public Info info() {
      return info;
    }

    /** {@return what makes it with its default settings} */
    public Supplier<Method> factory() {
      return factory;
    }

    /** {@return the name, as {@link Method#name} gives it} */
    public String name() {
      return info.name();
    }

    /** {@return what its maps show, in one line} */
    public String summary() {
      return info.summary();
    }

    /** {@return where it is from: authors, year, address} */
    public String paper() {
      return info.paper();
    }

    /** {@return the method with its default settings} */
    public Method create() {
      return factory.get();
    }
  }

  @SafeVarargs
  private static Map<String, Row> table(Supplier<Method>... factories) {
    Map<String, Row> table = new LinkedHashMap<>();
    for (Supplier<Method> factory : factories) {
      Info info = factory.get().info();
      table.put(info.name(), new Row(info, factory));
    }
    return Collections.unmodifiableMap(table);
  }

  /** {@return all methods by their names, in the order in which they are listed} */
  public static Map<String, Row> byNames() {
    return BY_NAME;
  }
}
