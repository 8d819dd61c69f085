/** README's lines on how the extension is installed, run as they stand; and what is installed then. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { Profile } from "./codeServer";

const profile = new Profile();
after(() => profile.remove());

test("README's lines pack and install the extension for this machine", { timeout: 300_000 }, () => {
  const section = readFileSync("README.md", "utf8").split("## In VS Code")[1] ?? "";
  const lines = /```\w*\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
  assert.match(lines, /npm run package\n.*code --install-extension/s);
  const PATH = `${profile.bin}:${process.env.PATH}`;
  execFileSync("sh", ["-e", "-c", lines], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH },
    timeout: 280_000,
  });
  assert.match(profile.code("--list-extensions"), /^rkv-lens\.rkv-lens$/m);
});

test("what is installed is whole, for this machine alone, and brings its licences", () => {
  const folder = path.join(profile.extensions, extensionFolder());
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const file of [
    "dist/extension.js",
    "dist/engine.js",
    "dist/textWorker.js",
    "dist/webview/chat.js",
    "dist/webview/inspector.js",
    "media/model/onnx/model.onnx",
    "package.nls.json",
    "LICENSE.txt",
    "THIRD_PARTY_NOTICES.txt",
  ])
    assert.ok(existsSync(path.join(folder, file)), file);
  const runtimes = files.filter((file) => file.endsWith(".node"));
  const own = "dist/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/onnxruntime_binding.node";
  assert.deepEqual(runtimes, [own]);
  assert.deepEqual(
    files.filter((file) => /\.map$|\.ts$|cli\.js$|^(src|test)\b/.test(file)),
    [],
  );
  const notices = readFileSync(path.join(folder, "THIRD_PARTY_NOTICES.txt"), "utf8");
  for (const file of files.filter((name) => /node_modules\/[^/]+\/package\.json$/.test(name)))
    assert.ok(notices.includes(`\n- ${path.basename(path.dirname(file))} `), file);
});

function extensionFolder(): string {
  const found = readdirSync(profile.extensions).filter((name) => name.startsWith("rkv-lens."));
  assert.equal(found.length, 1);
  return found[0] ?? "";
}
