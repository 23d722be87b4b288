import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./run-command.ts";
import { tempDir } from "./temp-dir.ts";

/** Paths of a server's PEM files. */
export interface CertificateFiles {
  readonly certPath: string;
  readonly keyPath: string;
}

/** A certificate authority of one test, and a server certificate that it signed. Paths are of PEM files. */
export interface TestCertificates extends CertificateFiles, AsyncDisposable {
  readonly caPath: string;
  /** The same as PEM text. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Another certificate of the same authority; its files go with the others. @throws Error with what openssl said. */
  issue(this: void, options?: CertificateOptions): Promise<CertificateFiles>;
  /** Removes the files. */
  stop(this: void): Promise<void>;
}

export interface CertificateOptions {
  /** Subject alternative names. Default: those of this machine's loopback. */
  readonly names?: readonly string[];
  /** It ended a day ago. */
  readonly isExpired?: boolean;
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const LOOPBACK = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"];

/**
 * Makes certificates with openssl, valid for a day.
 *
 * @param names Subject alternative names; default those of this machine's loopback.
 * @throws Error with what openssl said.
 */
export async function makeTestCertificates(names: readonly string[] = LOOPBACK): Promise<TestCertificates> {
  const folder = await tempDir();
  const caPath = join(folder.path, "ca.pem");
  const caKeyPath = join(folder.path, "ca.key");
  let issued = 0;
  const issue = async (options: CertificateOptions = {}): Promise<CertificateFiles> => {
    issued += 1;
    const path = (name: string): string => join(folder.path, `${issued}-${name}`);
    const [certPath, keyPath, request, extensions] = [path("cert.pem"), path("key.pem"), path("csr"), path("ext")];
    await openssl(["req", ...CURVE, "-subj", "/CN=test server", "-keyout", keyPath, "-out", request]);
    await writeFile(extensions, `subjectAltName=${(options.names ?? LOOPBACK).join(",")}\n`);
    const signer = ["-CA", caPath, "-CAkey", caKeyPath, "-CAcreateserial", "-extfile", extensions];
    const days = options.isExpired ? "-1" : "1";
    await openssl(["x509", "-req", "-in", request, ...signer, "-days", days, "-out", certPath]);
    return { certPath, keyPath };
  };
  try {
    const subject = ["-days", "1", "-subj", "/CN=test CA"];
    await openssl(["req", "-x509", ...CURVE, ...subject, "-keyout", caKeyPath, "-out", caPath]);
    const { certPath, keyPath } = await issue({ names });
    const [ca = "", cert = "", key = ""] = await Promise.all(
      [caPath, certPath, keyPath].map((file) => readFile(file, "utf8")),
    );
    const { stop } = folder;
    return { caPath, certPath, keyPath, ca, cert, key, issue, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await folder.stop();
    throw error;
  }
}

async function openssl(args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand("openssl", args);
  if (code !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr.toString().trim()}`);
}
