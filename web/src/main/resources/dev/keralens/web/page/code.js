// The same in the terminal and in Java.

/** A word of a command line, quoted where a shell would take it apart. */
export function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'";
}

function methodWords(method, settings) {
  const words = [];
  for (const [name, value] of Object.entries(settings)) {
    if (name === "noise") continue;
    if (name === "smooth") words.push(`--smooth=${value}:${settings.noise ?? 10}%`);
    else if (name === "tta") words.push("--tta=0.5,1.5,2");
    else words.push(`--${name} ${quoted(value)}`);
  }
  return words;
}

/** Command lines: one for all methods whose settings are the usual ones, one for each other. */
export function commands({ model, names, text, files, methods, units, layers, look }) {
  const given = text ? ["--text", quoted(text)] : files ? Object.entries(files).map(([name, file]) => "--input " + quoted(`${name}=${file}`)) : names.map(quoted);
  if (model.parts.length) given.push("--explain-input", quoted(model.parts[model.explainedInput]));
  const groups = new Map();
  for (const { method, settings } of methods) {
    const words = methodWords(method, settings).join(" ");
    groups.set(words, [...(groups.get(words) ?? []), method.name]);
  }
  const all = [];
  for (const [words, list] of groups) {
    const explains = methods.some(({ method }) => list.includes(method.name) && method.layers);
    const line = ["keralens explain", ...given, "--model", quoted(model.given) + model.options, "--method", list.join(",")];
    if (words) line.push(words);
    if (units.length) line.push("--units", units.join(","));
    if (layers.length && explains) line.push("--layer", layers.map(quoted).join(","));
    if (look.sign === "signed") line.push("--filter none");
    if (look.sign === "absolute") line.push("--filter absolute");
    if (look.color !== "auto") line.push("--colormap", look.color);
    if (look.alpha !== 0.65) line.push("--alpha", look.alpha);
    line.push("-o", groups.size > 1 ? `why-${all.length + 1}.png` : "why.png");
    all.push(line.join(" "));
  }
  return all.join("\n");
}

const literal = (value) => JSON.stringify(value);

const NUMBERS = { steps: "steps", window: "window", stride: "stride", "max-channels": "maxChannels", seed: "seed" };

/** What makes a method, where that is not called create. */
const FACTORIES = { "gradcampp:exact": "exact", "scorecam:paper": "paper", "kpcacam": "kernel" };

/** Methods whose samples are called masks. */
const MASKING = ["Rise", "DRise"];

function methodCode(method, settings) {
  let code = `${method.java}.${FACTORIES[method.name] ?? "create"}()`;
  for (const [name, value] of Object.entries(settings)) {
    if (name in NUMBERS) code += `.${NUMBERS[name]}(${value})`;
    else if (name === "samples") code += `.${MASKING.includes(method.java) ? "masks" : "samples"}(${value})`;
    else if (name === "pieces") code += `.superpixels(Superpixels.slic(${value}))`;
    else if (name === "rule") code += `.rule(IntegratedGradients.Rule.${value.toUpperCase()})`;
    else if (name === "baseline") code += `.baseline(${{ mean: "Baseline.mean()", blur: "Baseline.blur()" }[value] ?? (value === "zero" ? "Baseline.ZERO" : `Baseline.of(${value}Pixels)`)})`;
  }
  if (settings.tta === "on") code = `Tta.of(${code}).scales(0.5, 1.5, 2)`;
  if (settings.smooth) code = `Smooth.of(${code}).repetitions(${settings.smooth}).relativeNoise(${(settings.noise ?? 10) / 100})`;
  return code;
}

/** A name as Java has variables. */
const variable = (name) => name.replace(/\W+/g, "_").replace(/^(?=\d)/, "_");

/** The same as a piece of Java. */
export function javaCode({ model, names, text, files, methods, units, layers, look }) {
  const [height, width, channels] = model.input;
  const options = [];
  if (layers.length) options.push(`.withLayers(${layers.map(literal).join(", ")})`);
  if (look.sign === "signed") options.push(".withFilter(Filters::none)");
  if (look.sign === "absolute") options.push(".withFilter(Filters::absolute)");
  if (model.explainedInput > 0) options.push(`.withInputs(${model.explainedInput})`);
  const scaling = (model.preprocessing || "").split(",")[0];
  const lines = [`try (Model model = Model.load(Path.of(${literal(model.given)}));`];
  lines.push(`    Explainer explainer = Explainer.of(model, ${options.length ? "ExplainOptions.defaults()" + options.join("") + ", " : ""}${methods.map(({ method, settings }) => methodCode(method, settings)).join(", ")})) {`);
  if (files) {
    for (const [name, file] of Object.entries(files)) lines.push(`  Tensor ${variable(name)} = Npy.read(Path.of(${literal(file.replace(/\.[^.]*$/, "") + ".npy")}));`);
  } else if (model.kind === "picture" && model.input.length === 3) {
    lines.push(`  Picture picture = Picture.read(Path.of(${literal(names[0] ?? "picture.png")}));`);
    lines.push(`  Tensor pixels = ImageLoader.create().size(${height}, ${width}).apply(picture).toTensor();`);
    lines.push(`  Tensor x = ${scaling && scaling !== "none" ? `Preprocessing.named(${literal(scaling)}).orElseThrow().apply(pixels)` : "pixels"}.reshape(1, ${height}, ${width}, ${channels});`);
  } else if (text) {
    lines.push(`  Sentence sentence = Tokenizer.find(Path.of(${literal(model.given)})).orElseThrow().encode(${literal(text)});`);
  } else if (!files) {
    lines.push(`  Tensor x = Npy.read(Path.of(${literal(names[0] ?? "x.npy")}));`);
  }
  lines.push(`  for (Explanation why : explainer.explainAll(${text ? "sentence.inputs(model.inputs())" : files ? `List.of(${Object.keys(files).map(variable).join(", ")})` : "List.of(x)"}, Units.of(${units.join(", ")}))) {`);
  lines.push(model.kind === "picture" && !files ? `    Picture.overlay(picture, why.map(0, 0)).save(Path.of(why.method() + ".png"));` : "    why.maps();");
  lines.push("  }", "}");
  return lines.join("\n");
}
