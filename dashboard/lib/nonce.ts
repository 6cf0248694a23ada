/** The nonce that allows the scripts of one answer. Another answer never has the same one. */

export const freshNonce = (): string => crypto.randomUUID();

/** Return the nonce that a content security policy allows, or null when it allows none. */
export function nonceOf(policy: string): string | null {
  return /'nonce-([\w-]+)'/.exec(policy)?.[1] ?? null;
}
