import { pageCall } from "./page-call.ts";

/** What the password led to: in, or on to the code. */
export type PasswordOutcome = "signed-in" | "code-needed";

export async function signInWithPassword(email: string, password: string): Promise<PasswordOutcome> {
  const answer = await pageCall<{ twoFactorRedirect?: boolean } | undefined>("POST", "/api/auth/sign-in/email", {
    email,
    password,
  });
  return answer?.twoFactorRedirect === true ? "code-needed" : "signed-in";
}

/** Another document, so that nothing of who was here before stays. */
export function enter(address: string): void {
  location.assign(address);
}
