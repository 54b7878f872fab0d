package dev.keralens.applications;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The networks of {@code keras.applications}, and where their weights lie. Names of files and
 * hashes are those in Keras' source.
 *
 * <p>To add one, add a row here, a method to {@link Applications}, and its layer list to {@code
 * ApplicationLayersTest}'s data, which fails for a row without one.
 */
final class ApplicationTable {
  private static final String STORAGE = "https://storage.googleapis.com/";
  private static final String BASE = STORAGE + "tensorflow/keras-applications/";
  private static final String ORDERING = "_weights_tf_dim_ordering_tf_kernels";

  static final Map<String, Entry> ENTRIES = entries();

  private ApplicationTable() {}

  private static Map<String, Entry> entries() {
    List<Entry> rows = new ArrayList<>();
    classics(rows);
    residual(rows);
    mobile(rows);
    dense(rows);
    efficient(rows);
    convNeXt(rows);
    Map<String, Entry> byName = new LinkedHashMap<>();
    rows.forEach(row -> byName.put(row.name(), row));
    return Collections.unmodifiableMap(byName);
  }

  private static void classics(List<Entry> rows) {
    rows.add(
        new Entry(
            "xception",
            "Xception",
            "xception",
            299,
            71,
            Preprocessing.TF,
            XceptionNetwork::build,
            ordered(
                "xception",
                "xception",
                "0a58e3b7378bc2990ea3b43d5981f1f6",
                "b0042744bf5b25fce3cb969f33bebb97")));
    rows.add(
        new Entry(
            "vgg16",
            "VGG16",
            "vgg16",
            224,
            32,
            Preprocessing.CAFFE,
            Vgg::vgg16,
            ordered(
                "vgg16",
                "vgg16",
                "64373286793e3c8b2b4e3219cbf3544b",
                "6d6bbae143d832006294945121d1f1fc")));
    rows.add(
        new Entry(
            "vgg19",
            "VGG19",
            "vgg19",
            224,
            32,
            Preprocessing.CAFFE,
            Vgg::vgg19,
            ordered(
                "vgg19",
                "vgg19",
                "cbe5617147190e668d6c5d5026f83318",
                "253f8cb515780f3b799900260a226db6")));
    rows.add(
        new Entry(
            "inceptionv3",
            "InceptionV3",
            "inception_v3",
            299,
            75,
            Preprocessing.TF,
            InceptionV3Network::build,
            ordered(
                "inception_v3",
                "inception_v3",
                "9a0d58056eeedaa3f26cb7ebd46da564",
                "bcbd6486424b2319ff4ef7d526e38f63")));
    rows.add(
        new Entry(
            "inceptionresnetv2",
            "InceptionResNetV2",
            "inception_resnet_v2",
            299,
            75,
            Preprocessing.TF,
            InceptionResNetV2Network::build,
            ordered(
                "inception_resnet_v2",
                "inception_resnet_v2",
                "e693bd0210a403b3192acc6073ad2e96",
                "d19885ff4a710c122648d3b5c3b684e4")));
  }

  private static void residual(List<Entry> rows) {
    rows.add(
        resNet(
            "ResNet50",
            ResNet.v1(3, 4, 6, 3),
            "2cb95161c43110f7111970584f804107",
            "4d473c1dd8becc155b73f8504c6f6626"));
    rows.add(
        resNet(
            "ResNet101",
            ResNet.v1(3, 4, 23, 3),
            "f1aeb4b969a6efcfb50fad2f0c20cfc5",
            "88cf7a10940856eca736dc7b7e228a21"));
    rows.add(
        resNet(
            "ResNet152",
            ResNet.v1(3, 8, 36, 3),
            "100835be76be38e30d865e96f2aaae62",
            "ee4c566cf9a93f14d82f913c2dc6dd0c"));
    rows.add(
        resNet(
            "ResNet50V2",
            ResNet.v2(3, 4, 6, 3),
            "3ef43a0b657b3be2300d5770ece849e0",
            "fac2f116257151a9d068a22e544a4917"));
    rows.add(
        resNet(
            "ResNet101V2",
            ResNet.v2(3, 4, 23, 3),
            "6343647c601c52e1368623803854d971",
            "c0ed64b8031c3730f411d2eb4eea35b5"));
    rows.add(
        resNet(
            "ResNet152V2",
            ResNet.v2(3, 8, 36, 3),
            "a49b44d1979771252814e80f8ec446f9",
            "ed17cf2e0169df9d443503ef94b23b33"));
  }

  private static Entry resNet(
      String title, Architecture architecture, String hash, String hashNoTop) {
    String name = lower(title);
    Preprocessing mode = title.endsWith("V2") ? Preprocessing.TF : Preprocessing.CAFFE;
    return new Entry(
        name, title, name, 224, 32, mode, architecture, ordered("resnet", name, hash, hashNoTop));
  }

  private static void mobile(List<Entry> rows) {
    rows.add(
        new Entry(
            "mobilenet",
            "MobileNet",
            "mobilenet_%.2f_%s",
            224,
            32,
            Preprocessing.TF,
            MobileNetV1::build,
            MobileNetWeights::v1));
    rows.add(
        new Entry(
            "mobilenetv2",
            "MobileNetV2",
            "mobilenetv2_%.2f_%s",
            224,
            32,
            Preprocessing.TF,
            MobileNetV2::build,
            MobileNetWeights::v2));
    rows.add(
        new Entry(
            "mobilenetv3small",
            "MobileNetV3Small",
            "MobileNetV3Small",
            224,
            32,
            Preprocessing.NONE,
            MobileNetV3::small,
            (o, height) -> MobileNetWeights.v3("small", o)));
    rows.add(
        new Entry(
            "mobilenetv3large",
            "MobileNetV3Large",
            "MobileNetV3Large",
            224,
            32,
            Preprocessing.NONE,
            MobileNetV3::large,
            (o, height) -> MobileNetWeights.v3("large", o)));
    rows.add(
        new Entry(
            "nasnetmobile",
            "NASNetMobile",
            "nasnet_mobile",
            224,
            32,
            Preprocessing.TF,
            NasNet::mobile,
            nasNet(
                "mobile", "020fb642bf7360b370c678b08e0adf61", "1ed92395b5b598bdda52abe5c0dbfd63")));
    rows.add(
        new Entry(
            "nasnetlarge",
            "NASNetLarge",
            "nasnet_large",
            331,
            32,
            Preprocessing.TF,
            NasNet::large,
            nasNet(
                "large", "11577c9a518f0070763c2b964a382f17", "d81d89dc07e6e56530c4e77faddd61b5")));
  }

  private static void dense(List<Entry> rows) {
    rows.add(
        denseNet(
            "121",
            DenseNet.of(6, 12, 24, 16),
            "9d60b8095a5708f2dcce2bca79d332c7",
            "30ee3e1110167f948a6b9946edeeb738"));
    rows.add(
        denseNet(
            "169",
            DenseNet.of(6, 12, 32, 32),
            "d699b8f76981ab1b30698df4c175e90b",
            "b8c4d4c20dd625c148057b9ff1c1176b"));
    rows.add(
        denseNet(
            "201",
            DenseNet.of(6, 12, 48, 32),
            "1ceb130c1ea1b78c3bf6114dbdfd8807",
            "c13680b51ded0fb44dff2d8f86ac8bb1"));
  }

  private static Entry denseNet(
      String depth, Architecture architecture, String hash, String hashNoTop) {
    String name = "densenet" + depth;
    return new Entry(
        name,
        "DenseNet" + depth,
        name,
        224,
        32,
        Preprocessing.TORCH,
        architecture,
        ordered("densenet", name, hash, hashNoTop));
  }

  private static void efficient(List<Entry> rows) {
    rows.add(
        v1(
            "b0",
            224,
            1.0,
            1.0,
            0.2,
            "902e53a9f72be733fc0bcb005b3ebbac",
            "50bc09e76180e00e4465e1a485ddc09d"));
    rows.add(
        v1(
            "b1",
            240,
            1.0,
            1.1,
            0.2,
            "1d254153d4ab51201f1646940f018540",
            "74c4e6b3e1f6a1eea24c589628592432"));
    rows.add(
        v1(
            "b2",
            260,
            1.1,
            1.2,
            0.3,
            "b15cce36ff4dcbd00b6dd88e7857a6ad",
            "111f8e2ac8aa800a7a99e3239f7bfb39"));
    rows.add(
        v1(
            "b3",
            300,
            1.2,
            1.4,
            0.3,
            "ffd1fdc53d0ce67064dc6a9c7960ede0",
            "af6d107764bb5b1abb91932881670226"));
    rows.add(
        v1(
            "b4",
            380,
            1.4,
            1.8,
            0.4,
            "18c95ad55216b8f92d7e70b3a046e2fc",
            "ebc24e6d6c33eaebbd558eafbeedf1ba"));
    rows.add(
        v1(
            "b5",
            456,
            1.6,
            2.2,
            0.4,
            "ace28f2a6363774853a83a0b21b9421a",
            "38879255a25d3c92d5e44e04ae6cec6f"));
    rows.add(
        v1(
            "b6",
            528,
            1.8,
            2.6,
            0.5,
            "165f6e37dce68623721b423839de8be5",
            "9ecce42647a20130c1f39a5d4cb75743"));
    rows.add(
        v1(
            "b7",
            600,
            2.0,
            3.1,
            0.5,
            "8c03f828fec3ef71311cd463b6759d99",
            "cbcfe4450ddf6f3ad90b1b398090fe4a"));
    rows.add(
        v2(
            "b0",
            224,
            EfficientNetV2.of(EfficientNetV2.B, 1.0, 1.0),
            "21ecbf6da12460d5c40bb2f29ceb2188",
            "893217f2bb855e2983157299931e43ff"));
    rows.add(
        v2(
            "b1",
            240,
            EfficientNetV2.of(EfficientNetV2.B, 1.0, 1.1),
            "069f0534ff22adf035c89e2d9547a9dc",
            "0e80663031ca32d657f9caa404b6ec37"));
    rows.add(
        v2(
            "b2",
            260,
            EfficientNetV2.of(EfficientNetV2.B, 1.1, 1.2),
            "424e49f28180edbde1e94797771950a7",
            "1dfe2e7a5d45b6632553a8961ea609eb"));
    rows.add(
        v2(
            "b3",
            300,
            EfficientNetV2.of(EfficientNetV2.B, 1.2, 1.4),
            "1f1fc43bd98a6e4fd8fdfd551e02c7a0",
            "f6abf7b5849ac99a89b50dd3fd532856"));
    rows.add(
        v2(
            "s",
            384,
            EfficientNetV2.of(EfficientNetV2.S, 1, 1),
            "e1d88a8495beba45748fedd0cecbe016",
            "af0682fb74e8c54910f2d4393339c070"));
    rows.add(
        v2(
            "m",
            480,
            EfficientNetV2.of(EfficientNetV2.M, 1, 1),
            "a3bf6aa3276309f4fc6a34aa114c95cd",
            "1b8dc055df72dde80d614482840fe342"));
    rows.add(
        v2(
            "l",
            480,
            EfficientNetV2.of(EfficientNetV2.L, 1, 1),
            "27e6d408b53c7ebc868fefa357689935",
            "b0b66b5c863aef5b46e8608fe1711615"));
  }

  private static Entry v1(
      String variant,
      int size,
      double width,
      double depth,
      double dropout,
      String hash,
      String hashNoTop) {
    String name = "efficientnet" + variant;
    return new Entry(
        name,
        "EfficientNet" + variant.toUpperCase(Locale.ROOT),
        name,
        size,
        32,
        Preprocessing.NONE,
        EfficientNet.of(width, depth, dropout),
        plain(STORAGE + "keras-applications/", name, hash, hashNoTop));
  }

  private static Entry v2(
      String variant, int size, Architecture architecture, String hash, String hashNoTop) {
    String kerasName = "efficientnetv2-" + variant;
    return new Entry(
        "efficientnetv2" + variant,
        "EfficientNetV2" + variant.toUpperCase(Locale.ROOT),
        kerasName,
        size,
        32,
        Preprocessing.NONE,
        architecture,
        plain(BASE + "efficientnet_v2/", kerasName, hash, hashNoTop));
  }

  private static void convNeXt(List<Entry> rows) {
    rows.add(
        convNeXt(
            "Tiny",
            9,
            96,
            "8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff",
            "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1"));
    rows.add(
        convNeXt(
            "Small",
            27,
            96,
            "ce1277d8f1ee5a0ef0e171469089c18f5233860ceaf9b168049cb9263fd7483c",
            "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab"));
    rows.add(
        convNeXt(
            "Base",
            27,
            128,
            "52cbb006d3dadd03f6e095a8ca1aca47aecdd75acb4bc74bce1f5c695d0086e6",
            "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45"));
    rows.add(
        convNeXt(
            "Large",
            27,
            192,
            "070c5ed9ed289581e477741d3b34beffa920db8cf590899d6d2c67fba2a198a6",
            "96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd"));
    rows.add(
        convNeXt(
            "XLarge",
            27,
            256,
            "c1f5ccab661354fc3a79a10fa99af82f0fbf10ec65cb894a3ae0815f17a889ee",
            "de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05"));
  }

  private static Entry convNeXt(
      String variant, int deep, int width, String hash, String hashNoTop) {
    String kerasName = "convnext_" + lower(variant);
    return new Entry(
        "convnext" + lower(variant),
        "ConvNeXt" + variant,
        kerasName,
        224,
        32,
        Preprocessing.NONE,
        ConvNeXt.of(kerasName, deep, width),
        plain(BASE + "convnext/", kerasName, hash, hashNoTop));
  }

  /** Files whose names say in which order Theano and TensorFlow once had their axes. */
  private static BiFunction<Options, Integer, PublishedFile> ordered(
      String folder, String name, String hash, String hashNoTop) {
    return (o, height) -> {
      String file = name + ORDERING + (o.includeTop ? ".h5" : "_notop.h5");
      return new PublishedFile(BASE + folder + "/" + file, file, o.includeTop ? hash : hashNoTop);
    };
  }

  private static BiFunction<Options, Integer, PublishedFile> plain(
      String folder, String name, String hash, String hashNoTop) {
    return (o, height) -> {
      String file = name + (o.includeTop ? ".h5" : "_notop.h5");
      return new PublishedFile(folder + file, file, o.includeTop ? hash : hashNoTop);
    };
  }

  private static BiFunction<Options, Integer, PublishedFile> nasNet(
      String variant, String hash, String hashNoTop) {
    return (o, height) ->
        o.includeTop
            ? new PublishedFile(
                BASE + "nasnet/NASNet-" + variant + ".h5", "nasnet_" + variant + ".h5", hash)
            : new PublishedFile(
                BASE + "nasnet/NASNet-" + variant + "-no-top.h5",
                "nasnet_" + variant + "_no_top.h5",
                hashNoTop);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
