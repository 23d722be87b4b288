/** What to do about a certificate that does not pass, by the codes of OpenSSL and Node. */
const CERTIFICATE_ADVICE: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      "SELF_SIGNED_CERT_IN_CHAIN",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    ].map((code) => [
      code,
      "no authority that this host trusts signed it; set CA_CERT to the PEM file of the one that did",
    ]),
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for other names; dial one of those, or give the hub a certificate for this one",
  CERT_HAS_EXPIRED: "renew it on the hub, or set this host's clock if that is wrong",
  CERT_NOT_YET_VALID: "set the clock of this host, or of the one that made it",
};

/** Says why a connection could not be made, and what to do where the reason is the hub's certificate. */
export function explainDialFailure(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  // Addresses of both families that fail give an error whose own message is empty.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const reason = (first instanceof Error ? first.message : "") || code || error.name;
  const advice = CERTIFICATE_ADVICE[code ?? ""];
  if (advice === undefined) return reason;
  // Node's own advice is for its command line, not ours.
  return `the hub's certificate is refused (${reason.replace(/; if the root CA is installed locally.*$/, "")}): ${advice}`;
}

/** Says what a proxy's answer to CONNECT means. */
export function explainProxyRefusal(proxy: URL, hub: URL, status: number, text: string): string {
  const variable = hub.protocol === "wss:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const advice =
    status === 407
      ? `it wants a user and a password; set ${variable} to http://USER:PASSWORD@${proxy.host}`
      : `it cannot or may not connect there; ask who runs it, or name the hub in NO_PROXY if it can be reached without`;
  return `the proxy ${proxy.host} answered ${`HTTP ${status} ${text}`.trim()} to CONNECT ${hub.host}: ${advice}`;
}
