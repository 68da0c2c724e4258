import type { PolicyOptions } from '../../fork/policy.ts';
import type { CommitOptions } from './scene.ts';
import { openpgpSigner } from './signers.ts';

/** What a policy needs to know a key of GitHub's, played by `web-flow`, whose certificate lies beside the others. */
export function knowsGitHub(options: PolicyOptions): [PolicyOptions, CommitOptions['files']] {
  const { key } = openpgpSigner('web-flow');
  if (key.kind !== 'openpgp') throw new Error('no certificate');
  const { fingerprint, certificate } = key;
  const files = { [`.countersign/keys/${fingerprint}.asc`]: Buffer.from(certificate).toString('latin1') };
  return [{ ...options, extra: `${options.extra ?? ''}web-flow: [${fingerprint}]\n` }, files];
}
