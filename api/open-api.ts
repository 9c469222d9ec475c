import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { ApiSettings } from './context.ts';

/** How the OpenAPI 3.1 document is made from the routes' schemas. */
export function openApi({ version }: ApiSettings): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sealfax',
        version,
        description:
          'Every resource is reached inside a sealed session (POST /sfx1/hello, then POST /sfx1/m; see crypto/SPEC.md). ' +
          'Where the account’s policy is `sealed: optional`, the same resources answer over plain HTTPS with an API key.',
      },
      components: { securitySchemes: { apiKey: { type: 'http', scheme: 'bearer' } } },
      security: [{ apiKey: [] }],
    },
    transform: jsonSchemaTransform,
  };
}
