import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Account } from '../gateway/fax/account.ts';
import type { AccountId } from '../gateway/fax/ids.ts';
import type { Role } from '../gateway/fax/role.ts';
import type { Scope } from '../gateway/fax/scope.ts';
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

/**
 * How an administrator who is bound to one account may use a route; not at all when it does not say. `path`, `query`: it
 * names the account as `account`, and must name the own one; left out of a query it is filled in. `user`: its `id` is a
 * user of the own account. `own`: the handler itself asks `boundTo`.
 */
export type BoundUse = 'path' | 'query' | 'user' | 'own';

/** What a route takes with its documents; `fax_for`: a fax that an administrator sends for an account. */
export type UploadKind = 'fax' | 'batch' | 'fax_for' | 'cover';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    /** Least role of an administrator who may use it; a route of the admin realm without one answers nobody. */
    role?: Role;
    bound?: BoundUse;
    /** What an API user must be allowed to do; a route of the API without it answers nobody. `any`: every one may. */
    needs?: Scope | 'any';
    /** Who asks has to have proven who it is within ten minutes; `again`: within two. */
    stepUp?: boolean | 'again';
    /** The route takes documents; for the OpenAPI document. */
    upload?: UploadKind;
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

/** The one account that the administrator who asks is for; null: all of them. */
export function boundTo(request: FastifyRequest): AccountId | null {
  return principalOf(request).user.scope;
}

/** Aborts when the caller has gone or the session has ended: long-polls and uploads stop then. */
export function endOf(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const ended = request.principal?.session?.ended;
  return ended === undefined ? gone.signal : AbortSignal.any([gone.signal, ended]);
}
