import { DialGuard } from "./dial-guard.ts";

/** For tests, whose engines are on this machine. */
export const ANY_ADDRESS = new DialGuard({ allow: ["0.0.0.0/0", "::/0"], deny: [], loopback: true });
