/** `npm run check`: everything that reads the sources without running them, side by side. */
import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const bin = join(root, "node_modules", ".bin");

const checks: Record<string, string[]> = {
  types: ["tsc", "-p", "."],
  "types of the protocol, without Node": ["tsc", "-p", "packages/protocol"],
  "types of the web page": ["tsc", "-p", "packages/web"],
  lint: ["oxlint", "--quiet"],
  format: ["oxfmt", "--check", "."],
  "unused code and dependencies": ["knip"],
  "generated schemas": ["node", "packages/protocol/scripts/generate.ts", "--check"],
};

function runCheck(name: string, [command = "", ...args]: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(join(bin, command), args, {
      cwd: root,
      env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}` },
    });
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    child.on("error", (error) => (output += error.message));
    child.on("close", (code) => {
      console.log(`${code === 0 ? "ok    " : "FAILED"} ${name}`);
      if (code !== 0) console.log(output.trimEnd());
      resolve(code === 0);
    });
  });
}

const results = await Promise.all(Object.entries(checks).map(([name, command]) => runCheck(name, command)));
process.exitCode = results.every(Boolean) ? 0 : 1;
