import type { FastifyRequest } from 'fastify';
import { canonicalAddress } from '../../gateway/index.ts';
import { sealedOrigin } from './inner-request.ts';

/** The caller's address: of the socket, or what a trusted proxy says; `unknown` when that is no address. */
export function addressOf(request: FastifyRequest): string {
  return sealedOrigin(request.raw)?.address ?? canonicalAddress(request.ip) ?? 'unknown';
}
