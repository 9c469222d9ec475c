import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AwsV4Signer } from 'aws4fetch';
import { refusalOf } from '../../emulators/s3/sigv4.ts';

// Amazon S3 API reference, "Signature Calculations for the Authorization Header": its examples, with its example keys.
const SECRETS = {
  keyId: 'AKIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const NOW = Date.UTC(2013, 4, 24);
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const SCOPE = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';

interface Example {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signed: string;
  readonly body: string;
  readonly signature: string;
}

const EXAMPLES: readonly Example[] = [
  {
    name: 'GET object',
    method: 'GET',
    target: '/test.txt',
    headers: { range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY },
    signed: 'host;range;x-amz-content-sha256;x-amz-date',
    body: '',
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT object',
    method: 'PUT',
    target: '/test%24file.text',
    headers: {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    },
    signed: 'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    body: 'Welcome to Amazon S3.',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET bucket lifecycle',
    method: 'GET',
    target: '/?lifecycle',
    headers: { 'x-amz-content-sha256': EMPTY },
    signed: 'host;x-amz-content-sha256;x-amz-date',
    body: '',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'GET bucket (list objects)',
    method: 'GET',
    target: '/?max-keys=2&prefix=J',
    headers: { 'x-amz-content-sha256': EMPTY },
    signed: 'host;x-amz-content-sha256;x-amz-date',
    body: '',
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

describe('Signature Version 4', () => {
  for (const example of EXAMPLES) {
    const { method, target, signed, signature } = example;
    const headers = {
      ...example.headers,
      host: 'examplebucket.s3.amazonaws.com',
      'x-amz-date': '20130524T000000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${SCOPE},SignedHeaders=${signed},Signature=${signature}`,
    };
    const request = { method, target, headers, body: Buffer.from(example.body) };

    test(`the emulator takes the example ${example.name}, and nothing that differs from it`, () => {
      assert.equal(refusalOf(request, SECRETS, NOW), null);
      assert.equal(refusalOf({ ...request, method: 'DELETE' }, SECRETS, NOW), 'SignatureDoesNotMatch');
      assert.equal(refusalOf({ ...request, target: `${target}x` }, SECRETS, NOW), 'SignatureDoesNotMatch');
      assert.equal(refusalOf({ ...request, body: Buffer.from('x') }, SECRETS, NOW), 'XAmzContentSHA256Mismatch');
      assert.equal(refusalOf(request, { ...SECRETS, secret: 'other' }, NOW), 'SignatureDoesNotMatch');
      assert.equal(refusalOf(request, SECRETS, NOW + 16 * 60_000), 'RequestTimeTooSkewed');
    });

    test(`what signs our requests comes to the signature of the example ${example.name}`, async () => {
      const signer = new AwsV4Signer({
        method,
        url: `https://${headers.host}${target}`,
        headers: example.headers,
        ...(example.body === '' ? {} : { body: example.body }),
        accessKeyId: SECRETS.keyId,
        secretAccessKey: SECRETS.secret,
        ...{ service: 's3', region: SECRETS.region, datetime: '20130524T000000Z', allHeaders: true },
      });
      const { headers: made } = await signer.sign();
      assert.match(made.get('authorization') ?? '', new RegExp(`Signature=${signature}$`));
    });
  }
});
