import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Account } from '../gateway/fax/account.ts';
import type { Principal } from '../gateway/gateway.ts';
import { ApiError } from './errors.ts';

/** The server with schemas that type their handlers. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Who a route is for. `any`: either realm. `login`: the one message that a session without a log-in may send. */
export type RouteAccess = 'api' | 'admin' | 'any' | 'open' | 'login';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    /** The route takes documents; for the OpenAPI document. */
    upload?: 'fax' | 'batch' | 'cover';
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}

/** A principal of the API realm. */
export interface Customer extends Principal {
  readonly account: Account;
}

/** Who sent this request; routes for `api` users have one. */
export function customerOf(request: FastifyRequest): Customer {
  const { principal } = request;
  if (principal === null || principal.account === null) throw new ApiError('login_required');
  return { ...principal, account: principal.account };
}

/** Who sent this request; for routes of any realm. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new ApiError('login_required');
  return request.principal;
}

/** Aborts when the caller has gone or the session has ended: long-polls and uploads stop then. */
export function endOf(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const ended = request.principal?.session?.ended;
  return ended === undefined ? gone.signal : AbortSignal.any([gone.signal, ended]);
}
