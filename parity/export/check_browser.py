"""Opens examples/browser/index.html in headless Chromium, and compares what it explains.

    python3 parity/export/check_browser.py NODE_MODULES WHY.onnx PICTURE FOLDER

FOLDER has page.npy, the maps of the picture's highest units, and units.npy, these units. The page, the modules, the file
and the picture are served on a free port of this machine. Needs chromium on the path, and nothing beside Python.
"""

import array
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading

FRAME = """<!DOCTYPE html><iframe id="page" src="/index.html?picture=/picture.png" width="800" height="600"></iframe>
<pre id="found"></pre><script>
const page = document.getElementById("page");
const timer = setInterval(() => {
  const why = page.contentWindow.explanation;
  const said = page.contentDocument && page.contentDocument.getElementById("status");
  if (why) {
    clearInterval(timer);
    fetch("/found", {method: "POST", body: JSON.stringify({x: [...why.x], units: why.units, scores: [...why.scores],
      maps: why.maps.map(map => [...map]), figures: page.contentDocument.querySelectorAll("figure canvas").length})});
  } else if (said && said.textContent.startsWith("That did not work")) {
    clearInterval(timer);
    fetch("/found", {method: "POST", body: JSON.stringify({error: said.textContent})});
  }
}, 100);
</script>"""


def npy(path, code):
    data = open(path, "rb").read()
    start = 10 + int.from_bytes(data[8:10], "little")
    shape = [int(size) for size in re.search(rb"'shape': \(([^)]*)\)", data).group(1).split(b",") if size.strip()]
    return shape, array.array(code, data[start:])


def main(modules, why, picture, folder):
    page = os.path.join(os.path.dirname(__file__), "../../examples/browser")
    found, done = {}, threading.Event()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            path = path.split("?")[0]
            if path.startswith("/node_modules/"):
                return os.path.join(modules, *path.split("/")[2:])
            return {"/why.onnx": why, "/picture.png": picture}.get(path, os.path.join(page, path.strip("/")))

        def do_GET(self):
            if self.path == "/frame.html":
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(FRAME.encode())
            else:
                super().do_GET()

        def do_POST(self):
            found.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            done.set()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, tempfile.TemporaryDirectory() as profile:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
             "--no-first-run", "--remote-debugging-port=0", f"http://127.0.0.1:{server.server_port}/frame.html"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        done.wait(240)
        browser.terminate()
        browser.wait(30)
        server.shutdown()
    if "maps" not in found:
        sys.exit(f"The page explained nothing: {found}")
    shape, maps = npy(os.path.join(folder, "page.npy"), "f")
    units = list(npy(os.path.join(folder, "units.npy"), "q")[1])
    k = shape[-1]
    assert found["units"] == units, (found["units"], units)
    assert found["figures"] == k, found["figures"]
    largest = max(map(abs, maps))
    by = max(abs(maps[i * k + u] - value) for u in range(k) for i, value in enumerate(found["maps"][u])) / largest
    print(f"chromium: units {units}, probabilities {[round(s, 4) for s in found['scores']]}, largest difference of a map {by:.1e}")
    sys.exit(by > 1e-4)


if __name__ == "__main__":
    main(*sys.argv[1:])
