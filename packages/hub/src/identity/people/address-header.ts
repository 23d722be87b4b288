/** Tells better-auth whence a request comes; the hub sets it, nobody else. */
export const ADDRESS_HEADER = "x-fairlead-address";
