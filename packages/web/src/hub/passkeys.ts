import { FairleadError } from "@fairlead/protocol";
import { pageCall } from "./page-call.ts";

/** False where the browser has none, or hides them: pages over plain http that are not on localhost. */
export function hasPasskeys(): boolean {
  return typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";
}

/** Asks the device for a passkey of this hub. @throws FairleadError when it gives none, or the hub refuses it. */
export async function signInWithPasskey(): Promise<void> {
  const options = await pageCall<PublicKeyCredentialRequestOptionsJSON>(
    "GET",
    "/api/auth/passkey/generate-authenticate-options",
  );
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await asked(navigator.credentials.get({ publicKey }));
  await pageCall("POST", "/api/auth/passkey/verify-authentication", { response: credential.toJSON() });
}

/** Has the device make a passkey for this hub. */
export async function addPasskey(name: string): Promise<void> {
  const options = await pageCall<PublicKeyCredentialCreationOptionsJSON>(
    "GET",
    "/api/auth/passkey/generate-register-options",
  );
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const credential = await asked(navigator.credentials.create({ publicKey }));
  await pageCall("POST", "/api/auth/passkey/verify-registration", { response: credential.toJSON(), name });
}

async function asked(asking: Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await asking.catch((error: unknown) => {
    // The prompt was closed, or waited too long; other reasons the browser names.
    const closed = error instanceof DOMException && error.name === "NotAllowedError";
    throw new FairleadError("cancelled", closed ? "No passkey was given." : String(error), { cause: error });
  });
  if (credential instanceof PublicKeyCredential) return credential;
  throw new FairleadError("cancelled", "No passkey was given.");
}
