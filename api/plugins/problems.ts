import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { ApiError, problemOf } from '../errors.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Every error leaves as RFC 9457 problem+json with a code of the table; what we did not foresee says nothing. */
export function addProblems(app: App, { gateway }: ApiContext): void {
  app.setErrorHandler((error, request, reply) => {
    const { status, headers, body } = problemOf(refused(error));
    if (status === 500) {
      const { name, stack } = error instanceof Error ? error : new Error(typeof error);
      gateway.log.error(
        { route: request.routeOptions.url ?? null, error: name, code: codeOf(error), at: firstFrames(stack) },
        'request failed',
      );
    }
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="sealfax"');
    return reply.status(status).headers(headers).serializer(JSON.stringify).send(body);
  });
  app.setNotFoundHandler((_request, _reply) => {
    throw new ApiError('route_not_found');
  });
}

/** What the router refuses before any route or hook: the answer must not repeat the path. */
export function answerBadUrl(_error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  const { status, headers, body } = problemOf(new ApiError('route_not_found'));
  reply
    .status(status)
    .headers({ ...SECURITY_HEADERS, ...headers })
    .serializer(JSON.stringify)
    .send(body);
}

/** Schema violations become `request_invalid` with a pointer to each field. */
function refused(error: unknown): unknown {
  if (!hasZodFastifySchemaValidationErrors(error)) return error;
  const errors = error.validation.map((issue) => ({
    pointer: issue.instancePath,
    detail: issue.message ?? 'not valid',
  }));
  return new ApiError('request_invalid', 'one or more fields are not valid', { errors });
}

/** SQLSTATE or the system's code, the word that tells an operator most: names of faults, nothing of the request. */
function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code) ? code : undefined;
}

/** Where a fault of ours happened: file and line only. The message may quote what a caller sent. */
function firstFrames(stack: string | undefined): string[] {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.slice(0, 4).map((line) => line.trim());
}
