// Runs files of explainers in the WASM of onnxruntime-web, under Node, and compares their maps.
//
//     node parity/export/check_web.mjs NODE_MODULES FOLDER MODEL..
//
// FOLDER is as check_matrix.py has it.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [modules, folder, ...models] = process.argv.slice(2);
const dist = path.resolve(modules, "onnxruntime-web/dist");
const ort = await import(pathToFileURL(path.join(dist, "ort.wasm.min.mjs")));
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = pathToFileURL(dist + path.sep).href;
ort.env.wasm.wasmBinary = fs.readFileSync(path.join(dist, "ort-wasm-simd-threaded.wasm"));

function npy(file) {
  const bytes = fs.readFileSync(file);
  const length = bytes.readUInt16LE(8);
  const header = bytes.toString("latin1", 10, 10 + length);
  const shape = header.match(/'shape': \(([^)]*)\)/)[1].split(",").map(s => s.trim()).filter(Boolean).map(Number);
  const data = bytes.buffer.slice(bytes.byteOffset + 10 + length, bytes.byteOffset + bytes.length);
  return { shape, data: new Float32Array(data) };
}

let bad = 0;
for (const model of models) {
  const at = name => path.join(folder, model, name);
  const session = await ort.InferenceSession.create(fs.readFileSync(at("why.onnx")), { executionProviders: ["wasm"] });
  const x = npy(at("x.npy"));
  const results = await session.run({ [session.inputNames[0]]: new ort.Tensor("float32", x.data, x.shape) });
  const maps = session.outputNames.filter(name => name.startsWith("saliency_map"));
  const checks = [[session.outputNames[0], "output.npy"], ...maps.map((name, i) => [name, `map${String(i).padStart(2, "0")}.npy`])];
  const kinks = [0, ...npy(at("kinks.npy")).data];
  let worst = 0;
  for (const [i, [name, file]] of checks.entries()) {
    const expected = npy(at(file)).data;
    const actual = results[name].data;
    const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
    const by = expected.reduce((a, b, i) => Math.max(a, Math.abs(b - actual[i])), 0) / largest;
    worst = Math.max(worst, by);
    if (!(by <= Math.max(1e-4, 4 * kinks[i])) || expected.length !== actual.length) {
      console.log(`${model} ${name}: differs by ${by}`);
      bad++;
    }
  }
  console.log(`onnxruntime-web in Node ${process.version}: ${model}, ${checks.length} outputs, largest difference ${worst.toExponential(1)}`);
}
process.exit(bad ? 1 : 0);
