// The first script of the page: fetches the two wasm files, starts the app, and makes workers for it.
//
// A worker is a classic one made from a blob, and gets its wasm, compiled once for all of them, with its first message:
// that works from any host and any folder, and under a policy that lets nothing else be loaded. Yew calls `window.exfil`; see
// web/src/loader.rs.
"use strict";
(() => {
  const assets = JSON.parse(document.getElementById("exfil-assets").textContent);

  const get = async (name) => {
    const response = await fetch(name);
    if (!response.ok) throw new Error(`${name}: HTTP ${response.status}`);
    return response;
  };
  // Both are asked for at once; a failure is told by whoever awaits it first.
  const app = get(assets.app);
  const worker = get(assets.worker).then(async (response) => WebAssembly.compile(await response.arrayBuffer()));
  for (const promise of [app, worker]) promise.catch(() => {});

  /** Runs in the worker, behind wasm-bindgen's script: the first message brings the program and its part in the play. */
  function boot() {
    self.onmessage = ({ data: { wasm, role } }) => {
      self.onmessage = null;
      wasm_bindgen.initSync({ module: wasm });
      wasm_bindgen.start(role);
    };
  }

  let scriptUrl;
  const workerScript = () => {
    if (!scriptUrl) {
      const parts = [document.getElementById("exfil-worker").textContent, `\n(${boot})();\n`];
      const url = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
      // Where the browser asks for it, only this policy can name a script to run, and it names only this one.
      const policy = window.trustedTypes?.createPolicy("exfil-worker", { createScriptURL: () => url });
      scriptUrl = policy ? policy.createScriptURL("") : url;
    }
    return scriptUrl;
  };

  window.exfil = {
    styleNonce: assets.styleNonce,

    /** A worker that has been sent its program and its part. */
    async spawnWorker(role) {
      const wasm = await worker;
      const spawned = new Worker(workerScript(), { name: role });
      spawned.postMessage({ wasm, role });
      return spawned;
    },
  };

  document.addEventListener("DOMContentLoaded", async () => {
    try {
      const response = await app;
      // Only a host that names the type lets the browser compile while it reads.
      const streams = response.headers.get("content-type")?.startsWith("application/wasm");
      await wasm_bindgen({ module_or_path: streams ? response : await response.arrayBuffer() });
    } catch (error) {
      const place = document.getElementById("app");
      place.setAttribute("role", "alert");
      place.textContent = `The page could not start: ${error.message ?? error}. Reload it to try again.`;
      throw error;
    }
  });
})();
