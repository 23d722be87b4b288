import { type ReactNode, useEffect, useState } from "react";
import { hub } from "../../hub/client.ts";
import { enter } from "../../hub/sign-in.ts";
import { nextPage } from "../../hub/sign-in-address.ts";
import { CodeStep } from "./code-step.tsx";
import { PasswordStep } from "./password-step.tsx";
import { providerFailure } from "./provider-failure.ts";

/** `/sign-in`: by password and code, passkey, or the OIDC provider; then on to `?next=`. */
export function SignInPage(): ReactNode {
  const failure = providerFailure(location.search);
  const [needsCode, setNeedsCode] = useState(false);
  const goOn = (): void => enter(nextPage(location.search));
  useEffect(() => {
    // Who is signed in already goes on, such as after the provider's way back.
    if (failure === undefined && new URLSearchParams(location.search).has("next")) void hub.me().then(goOn, () => {});
  }, [failure]);
  if (needsCode) return <CodeStep onSignedIn={goOn} />;
  return <PasswordStep failure={failure} onSignedIn={goOn} onCodeNeeded={() => setNeedsCode(true)} />;
}
