// Asking the server. What changes something says that the page asks.

const OWN = { "X-Keralens": "page" };

async function checked(response) {
  if (response.ok) return response;
  let message = "The server does not answer as it should.";
  try { message = (await response.json()).error; } catch { /* the message above */ }
  const error = new Error(message);
  error.status = response.status;
  throw error;
}

export async function get(path) {
  return (await checked(await fetch(path, { credentials: "same-origin" }))).json();
}

export async function blobOf(path) {
  return (await checked(await fetch(path, { credentials: "same-origin" }))).blob();
}

export async function floatsOf(path) {
  return new Float32Array(await (await checked(await fetch(path, { credentials: "same-origin" }))).arrayBuffer());
}

export async function post(path, body, signal) {
  const sent = body instanceof Blob || body instanceof Uint8Array ? body : JSON.stringify(body ?? {});
  return (await checked(await fetch(path, { method: "POST", credentials: "same-origin", headers: OWN, body: sent, signal }))).json();
}

/**
 * Asks for long work: pieces come as it goes on.
 *
 * @param onprogress hears {waiting, done, total}
 * @return {head, data} of the last piece
 */
export async function work(path, body, signal, onprogress) {
  const response = await checked(await fetch(path, { method: "POST", credentials: "same-origin", headers: OWN, body: JSON.stringify(body), signal }));
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
