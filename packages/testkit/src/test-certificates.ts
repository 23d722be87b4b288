import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";
import { tempDir } from "./temp-dir.ts";

/** A certificate authority of one test, and a server certificate that it signed. Paths are of PEM files. */
export interface TestCertificates extends AsyncDisposable {
  readonly caPath: string;
  readonly certPath: string;
  readonly keyPath: string;
  /** The same as PEM text. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Removes the files. */
  stop(): Promise<void>;
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/**
 * Makes certificates with openssl, valid for a day.
 *
 * @param names Subject alternative names; default those of this machine's loopback.
 * @throws Error with what openssl said.
 */
export async function makeTestCertificates(
  names: readonly string[] = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"],
): Promise<TestCertificates> {
  const folder = await tempDir();
  const path = (name: string): string => join(folder.path, name);
  const [ca, cert, key] = [path("ca.pem"), path("cert.pem"), path("key.pem")];
  try {
    await openssl([
      "req",
      "-x509",
      ...CURVE,
      "-days",
      "1",
      "-subj",
      "/CN=test CA",
      "-keyout",
      path("ca.key"),
      "-out",
      ca,
    ]);
    await openssl(["req", ...CURVE, "-subj", "/CN=test server", "-keyout", key, "-out", path("request.pem")]);
    await writeFile(path("extensions"), `subjectAltName=${names.join(",")}\n`);
    const signer = ["-CA", ca, "-CAkey", path("ca.key"), "-CAcreateserial", "-extfile", path("extensions")];
    await openssl(["x509", "-req", "-in", path("request.pem"), ...signer, "-days", "1", "-out", cert]);
    const [caText, certText, keyText] = await Promise.all([ca, cert, key].map((file) => readFile(file, "utf8")));
    return {
      caPath: ca,
      certPath: cert,
      keyPath: key,
      ca: caText ?? "",
      cert: certText ?? "",
      key: keyText ?? "",
      stop: folder.stop,
      [Symbol.asyncDispose]: folder.stop,
    };
  } catch (error) {
    await folder.stop();
    throw error;
  }
}

async function openssl(args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand("openssl", args);
  if (code !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr.toString().trim()}`);
}
