import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';

/** The request's Idempotency-Key: 1 to 255 visible ASCII characters. @throws ApiError idempotency_key_missing, idempotency_key_invalid */
export function idempotencyKey(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  const pointer = '/idempotency-key';
  if (key === undefined || key === '') throw new ApiError('idempotency_key_missing', undefined, { pointer });
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new ApiError('idempotency_key_invalid', '1 to 255 visible ASCII characters', { pointer });
  }
  return key;
}
