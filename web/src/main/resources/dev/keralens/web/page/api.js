// Asking the server. What changes something says that the page asks.

const OWN = { "X-Keralens": "page" };

/**
 * Sends a question. Where the connection fails it is sent once more: asked twice, nothing that the
 * page asks does more than asked once.
 */
async function sent(path, options) {
  const all = { credentials: "same-origin", ...options };
  try {
    return await fetch(path, all);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    await new Promise((done) => setTimeout(done, 200));
    try {
      return await fetch(path, all);
    } catch (again) {
      throw again.name === "AbortError" ? again : new Error("The server does not answer; does it still run in the terminal?");
    }
  }
}

async function checked(response) {
  if (response.ok) return response;
  let message = "The server does not answer as it should.";
  try { message = (await response.json()).error; } catch { /* the message above */ }
  const error = new Error(message);
  error.status = response.status;
  throw error;
}

export async function get(path) {
  return (await checked(await sent(path))).json();
}

export async function blobOf(path) {
  return (await checked(await sent(path))).blob();
}

export async function floatsOf(path) {
  return new Float32Array(await (await checked(await sent(path))).arrayBuffer());
}

export async function post(path, body, signal) {
  const content = body instanceof Blob || body instanceof Uint8Array ? body : JSON.stringify(body ?? {});
  return (await checked(await sent(path, { method: "POST", headers: OWN, body: content, signal }))).json();
}

/** Asks with a map: a question and its floats as one piece. */
export async function postMap(path, question, values, signal) {
  const text = new TextEncoder().encode(JSON.stringify(question)), sizes = new DataView(new ArrayBuffer(8));
  sizes.setUint32(0, text.length, true);
  sizes.setUint32(4, values.length * 4, true);
  return post(path, new Blob([sizes.buffer, text, values]), signal);
}

/**
 * Asks for long work: pieces come as it goes on.
 *
 * @param onprogress hears {waiting, done, total}
 * @return {head, data} of the last piece
 */
export async function work(path, body, signal, onprogress) {
  const response = await checked(await sent(path, { method: "POST", headers: OWN, body: JSON.stringify(body), signal }));
  const reader = response.body.getReader();
  let held = new Uint8Array(0), last = null;
  for (;;) {
    const { done, value } = await reader.read();
    if (value) {
      const next = new Uint8Array(held.length + value.length);
      next.set(held);
      next.set(value, held.length);
      held = next;
    }
    while (held.length >= 8) {
      const sizes = new DataView(held.buffer, held.byteOffset);
      const text = sizes.getUint32(0, true), data = sizes.getUint32(4, true);
      if (held.length < 8 + text + data) break;
      const head = JSON.parse(new TextDecoder().decode(held.subarray(8, 8 + text)));
      last = { head, data: held.slice(8 + text, 8 + text + data) };
      held = held.slice(8 + text + data);
      if ("waiting" in head) onprogress?.(head);
    }
    if (done) break;
  }
  if (!last || "waiting" in last.head) throw new Error("The server stopped answering.");
  if (last.head.error) {
    const error = new Error(last.head.error);
    error.status = last.head.status;
    throw error;
  }
  return last;
}
