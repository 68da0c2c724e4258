import { readdirSync, readFileSync } from 'node:fs';
import { parseArmorBlocks, parseSignatureArmor } from '../src/core/signature/armor.ts';
import type { SignatureVector } from '../test/vectors/vector.ts';
import { armored, readSpecimens, type Specimen } from '../test/properties/specimen.ts';
import { flakeTargets } from './flake.ts';
import { objectTargets } from './objects.ts';
import { parserTargets } from './parsers.ts';
import type { Target } from './target.ts';
import { textTargets } from './texts.ts';
import { trustTargets } from './trust.ts';
import { armoredCertificate, distinct, verifierTargets } from './verifiers.ts';

/** All targets, with the specimens of the properties and the vectors as seeds. */
export async function openTargets(): Promise<Target[]> {
  const vectors = readVectors();
  const own = readSpecimens();
  const specimens = [...own, ...vectors.flatMap(specimenOf)];
  const armors = own.map((one) => armored(one, one.signature));
  const strays = distinct(vectors.map(({ armor }) => Buffer.from(armor)));
  const certificates = distinct(vectors.flatMap((one) => one.certificates).map((text) => Buffer.from(text)));
  const files = [
    ...own.flatMap(({ certificate }) =>
      certificate.length === 0 ? [] : [certificate, armoredCertificate(certificate)],
    ),
    ...certificates,
  ];
  return [
    ...parserTargets(specimens),
    ...objectTargets(armors),
    ...textTargets(armors),
    ...trustTargets(),
    ...flakeTargets(),
    ...(await verifierTargets(specimens, strays, files)),
  ];
}

/** The vectors of `test/vectors/signatures`; seeds more, the better. */
function readVectors(): SignatureVector[] {
  const folder = new URL('../test/vectors/signatures/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().flatMap((name) => {
    const text: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    return (Array.isArray(text) ? text : [text]) as SignatureVector[];
  });
}

/** A good vector as a specimen: what a changed signature must still mean to be good. */
function specimenOf(vector: SignatureVector): Specimen[] {
  const { expect, form, namespace, certificates } = vector;
  const kind = expect.kind;
  if (expect.status !== 'good' || form !== 'detached' || namespace !== 'git') return [];
  if (kind !== 'openpgp' && kind !== 'ssh') return [];
  const blocks = certificates
    .map((text) => parseArmorBlocks(Buffer.from(text), 'PGP PUBLIC KEY BLOCK'))
    .flat();
  const label = kind === 'ssh' ? 'SSH SIGNATURE' : 'PGP SIGNATURE';
  return [
    {
      name: vector.name,
      kind,
      payload: Buffer.from(vector.payload, 'base64'),
      signature: Buffer.from(parseSignatureArmor(Buffer.from(vector.armor), label)),
      certificate: Buffer.concat(blocks),
      key: Buffer.alloc(0),
      fingerprint: expect.fingerprint ?? '',
    },
  ];
}
