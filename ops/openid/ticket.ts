import { z } from 'zod';

const ticket = z.discriminatedUnion('by', [
  /** RFC 6749 §6: while the grant stands, the provider gives new tokens for it. */
  z.object({ by: z.literal('refresh'), subject: z.string(), token: z.string() }),
  /** OpenID Connect Core §5.3, where the provider gave nothing to refresh with. */
  z.object({ by: z.literal('userinfo'), subject: z.string(), token: z.string(), until: z.number() }),
  /** RFC 7662, for tokens of API users. */
  z.object({ by: z.literal('introspection'), subject: z.string(), token: z.string(), until: z.number() }),
  /** UserInfo for tokens of API users: nothing but whether it takes them. */
  z.object({ by: z.literal('access'), subject: z.string(), token: z.string(), until: z.number() }),
  /** Nobody to ask: it stands until it ends. */
  z.object({ by: z.literal('time'), until: z.number() }),
]);

/** What a provider is asked again with. Times are milliseconds since 1970. */
export type Ticket = z.infer<typeof ticket>;

export function writeTicket(one: Ticket): string {
  return JSON.stringify(one);
}

/** @throws SyntaxError, ZodError for what `writeTicket` has not written */
export function readTicket(text: string): Ticket {
  return ticket.parse(JSON.parse(text));
}
