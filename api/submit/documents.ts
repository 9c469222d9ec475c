import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { wipe } from '../../crypto/index.ts';
import type { Submission } from '../../gateway/gateway.ts';
import { ApiError } from '../errors.ts';
import { InlineDocument } from '../schemas/index.ts';
import { bodyBytes, sealedOrigin } from '../transport/inner-request.ts';
import { readForm } from './multipart.ts';
import { type FlatParameters, nested, parseWith } from './parameters.ts';

const FlatQuery = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const InlineDocuments = z.array(InlineDocument).max(20);

/**
 * Takes the documents of a request in whatever form it has, to the end of its body, and answers its parameters, not
 * yet checked. Forms: multipart; JSON (inline documents on plain HTTPS only); any other body is one document, with the
 * parameters in the query.
 *
 * @throws ApiError; whatever the intake throws for a document
 */
export async function takeDocuments(request: FastifyRequest, submission: Submission): Promise<Record<string, unknown>> {
  const query: FlatParameters = FlatQuery.parse(request.query);
  const type = mediaType(request);
  if (type === 'multipart/form-data') {
    const take = submission.document.bind(submission);
    return nested({ ...query, ...(await readForm(request.headers, bodyBytes(request.raw), take)) });
  }
  if (type === 'application/json') return inline(request, submission, nested(query));
  if (type === null) return nested(query);
  const { fileName = null, ...parameters } = query;
  const name = typeof fileName === 'string' ? fileName : null;
  const about = { mediaType: type === 'application/octet-stream' ? null : type, fileName: name };
  await submission.document(about, bodyBytes(request.raw));
  return nested(parameters);
}

/** Essence of the content type, lower case; null without one. */
function mediaType(request: FastifyRequest): string | null {
  const type = request.headers['content-type'];
  return type === undefined ? null : (type.split(';', 1)[0] ?? '').trim().toLowerCase();
}

async function inline(
  request: FastifyRequest,
  submission: Submission,
  query: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { documents = [], ...parameters } = parseWith(z.record(z.string(), z.unknown()), request.body);
  const found = parseWith(InlineDocuments, documents);
  if (found.length > 0 && sealedOrigin(request.raw) !== undefined) throw new ApiError('inline_document_refused');
  for (const { content, mediaType = null, fileName = null } of found) {
    await submission.document({ mediaType, fileName }, once(Buffer.from(content, 'base64')));
  }
  return { ...query, ...parameters };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
  wipe(bytes);
}
