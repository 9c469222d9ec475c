import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { UploadKind } from './app.ts';
import type { ApiSettings } from './context.ts';
import { AdminSubmitFax, InlineDocument, Problem, SubmitBatch, SubmitFax } from './schemas/index.ts';

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>;
type Transformed = ReturnType<Transform>;

/** How the OpenAPI 3.1 document is made from the routes' schemas. */
export function openApi({ version }: ApiSettings): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sealfax',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        description:
          'Every resource is reached inside a sealed session (POST /sfx1/hello, then POST /sfx1/m; see crypto/SPEC.md). ' +
          'Where the account’s policy is “sealed: optional”, the same resources answer over plain HTTPS with an API key.',
      },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
      security: [{ apiKey: [] }],
    },
    transform: documented,
  };
}

/** The schemas' own document, with what schemas cannot say: uploads, their key, problems, open resources. */
const documented: Transform = (input) => {
  const plain = jsonSchemaTransform(input);
  const { config, method } = input.route;
  if (plain.schema === undefined || plain.schema.hide === true) return plain;
  const schema: Record<string, unknown> = { ...plain.schema };
  schema.response = { ...fileResponse(schema.produces), ...(schema.response ?? {}), '4xx': problemResponse };
  if (config?.access === 'open') schema.security = [];
  if (method === 'POST' && config?.upload !== undefined) Object.assign(schema, uploadSchema(config.upload));
  return { ...plain, schema: schema as Transformed['schema'] };
};

const jsonOf = (schema: z.ZodType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
};

const problemResponse = {
  description: 'A problem (RFC 9457); its codes are in ERRORS.md',
  content: { 'application/problem+json': { schema: jsonOf(Problem) } },
};

/** Resources that answer with a file or a stream have no schema, only media types. */
function fileResponse(produces: unknown): Record<string, unknown> {
  if (!Array.isArray(produces)) return {};
  const file = { schema: { type: 'string', format: 'binary' } };
  return {
    200: { description: 'The file or stream', content: Object.fromEntries(produces.map((type) => [type, file])) },
  };
}

/** Parameters of what is sent with documents. */
const PARAMETERS = { fax: SubmitFax, batch: SubmitBatch, fax_for: AdminSubmitFax } as const;

/** Documents come in three forms, which one schema per media type cannot express in the router. */
function uploadSchema(kind: UploadKind): Record<string, unknown> {
  if (kind === 'cover') return { consumes: ['application/pdf'], body: { type: 'string', format: 'binary' } };
  const parameters = jsonOf(PARAMETERS[kind]);
  const documents = {
    document: { type: 'string', format: 'binary', description: 'Multipart: one part for each document, in order' },
    documents: {
      type: 'array',
      items: jsonOf(InlineDocument),
      description: 'JSON on plain HTTPS only; sealed sessions send documents as multipart or raw body',
    },
  };
  return {
    description:
      'Send a multipart form (parts named document, and these parameters as fields; tag.NAME and cover.FIELD name members), ' +
      'JSON, or one document as the raw body with the parameters in the query.',
    consumes: ['multipart/form-data', 'application/json'],
    headers: {
      type: 'object',
      required: ['idempotency-key'],
      properties: {
        'idempotency-key': { type: 'string', maxLength: 255, description: 'Names this request; kept 48 hours' },
      },
    },
    body: { ...parameters, properties: { ...(parameters.properties ?? {}), ...documents } },
  };
}
