import * as net from "node:net";
import { writeFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { startProgram } from "./program.ts";
import { tempDir } from "./temp-dir.ts";

/** A running nginx of its own. */
export interface Nginx extends AsyncDisposable {
  /** Where it listens on 127.0.0.1. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Another program may take a port that was just found free: nginx cannot be given port 0. */
const TRIES = 5;

/**
 * Starts a private nginx, with what Debian's has as defaults, and waits until it listens.
 *
 * @param context The block that the configuration is for: requests, or TCP connections.
 * @param text The configuration for a port of 127.0.0.1.
 * @throws Error with nginx's own words when it does not take the configuration, or is not installed.
 * @example await using nginx = await startNginx("http", (port) => `server { listen 127.0.0.1:${port}; return 204; }`);
 */
export async function startNginx(context: "http" | "stream", text: (port: number) => string): Promise<Nginx> {
  for (let left = TRIES; ; left -= 1) {
    const port = await freePort();
    try {
      return await startOn(port, context, text(port));
    } catch (error) {
      if (left === 0 || !String(error).includes("Address already in use")) throw error;
    }
  }
}

async function startOn(port: number, context: "http" | "stream", text: string): Promise<Nginx> {
  const folder = await tempDir();
  const config = join(folder.path, "nginx.conf");
  await writeFile(config, configuration(folder.path, context, text));
  try {
    // Debian has it in /usr/sbin, which is not on everyone's path.
    const program = await startProgram("/usr/sbin/nginx", ["-p", folder.path, "-e", "stderr", "-c", config], {
      ready: () => accepts(port),
    });
    const stop = async (): Promise<void> => {
      // Its workers end their connections at once on this signal, unlike on QUIT.
      await program.stop("SIGTERM");
      await folder.stop();
    };
    return { port, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await folder.stop();
    throw error;
  }
}

/** All that nginx would keep in the system's folders is in its own. */
function configuration(folder: string, context: "http" | "stream", text: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const http = ["access_log off;", ...temporary].join("\n");
  return `
daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
pid ${folder}/pid;
error_log stderr;
${context === "stream" ? "load_module /usr/lib/nginx/modules/ngx_stream_module.so;" : ""}
events {}
${context} {
${context === "http" ? http : ""}
${text}
}
`;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function accepts(port: number): Promise<boolean> {
  const socket = net.connect({ port, host: "127.0.0.1" });
  try {
    await once(socket, "connect");
    return true;
  } finally {
    socket.destroy();
  }
}
